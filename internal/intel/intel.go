// SPDX-License-Identifier: AGPL-3.0-or-later

// Package intel is the right side of the wall: intelligence items, which a
// reviewer writes beside a sealed report so that they can't identify its
// source, with grades, handling and compartment. Only items are linked,
// searched, ranked and shared.
//
// It must never receive what a reporter wrote, and never point to who said it:
// an item names sealed reports by id alone, and only to readers who may list
// those reports. It must never show, count, rank or hint at an item that authz
// denies the reader. Every change is one transaction with its ledger entry;
// nothing is overwritten: each version of an item stays until it is disposed
// of.
//
// Items is safe for concurrent use.
package intel

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// State is where an item is on its way.
type State string

// The states of an item. Draft and Submitted are authz.Draft, Approved is
// authz.Item; a disposed item has left nothing but its certificate.
const (
	Draft     State = "draft"     // being written, or sent back
	Submitted State = "submitted" // waits for a second person
	Approved  State = "approved"
)

// Independence says how the sources of an item count.
type Independence string

// Anonymous reports are one source until an analyst records why they are not.
const (
	OneSource   Independence = "one-source"
	Independent Independence = "independent"
)

// Item is one version of an intelligence item.
type Item struct {
	Programme   id.ID
	ID          id.ID
	Number      string // what people call it: the desk's year and a number without gaps' meaning, "2026-4F7K"
	Version     int    // 1 for the first; a change names the version that it saw
	State       State
	Desk        id.ID // that wrote it and answers for it
	Compartment id.ID // zero: open to all who may read items of the desk
	Title       string
	Category    string // of domain.md, as recorded right of the wall
	Seriousness string // low, medium, high, critical: data of the retention schedule
	Channel     string // web, phone, partner, import
	Language    string // of title and statements, BCP 47
	Handling    grading.Handling
	Statements  []Statement
	Reports     []id.ID // sealed reports it rests on; cut for readers who may not list them
	Sources     Sources
	Remarks     []Remark // why marks of the leak check were left standing
	Author      id.ID    // account that wrote this version
	Written     time.Time
	Approver    id.ID // zero until approved
	Approved    time.Time
	Review      time.Time // when it must be reviewed, retained or disposed of
}

// Statement is one thing that is said, rewritten, with what it is worth.
type Statement struct {
	ID        id.ID
	Text      string
	Grade     grading.Grade
	Selectors []Selector
}

// Remark is why a writer left a mark of the leak check standing. It never
// repeats what was marked.
type Remark struct {
	Kind   string `json:"kind"` // of the mark
	Reason string `json:"reason"`
	By     id.ID  `json:"by"`
}

// Selector is a thing that a statement names, by which statements can be
// connected; a reviewer has confirmed it.
type Selector struct {
	Kind  string `json:"kind"`  // of engine/extract: phone, email, url, iban, plate, wallet
	Value string `json:"value"` // normalised: equal things have equal values
	Shown string `json:"shown"` // as it is written
}

// Sources says how many voices stand behind an item.
type Sources struct {
	Independence Independence
	Reason       string // why they are independent, in the analyst's words
	By           id.ID  // who judged; zero while nobody has
	Malicious    bool   // malice is suspected; it travels with the item
	OneVoice     bool   // a burst of reports against one person: may be one voice
}

// Fact is something that statistics count: one more, or one less, of a
// measure on a day.
type Fact struct {
	Programme   id.ID
	Record      id.ID // that is counted: an item, a referral, a report; zero where no list shows it
	Compartment id.ID
	Desk        id.ID
	Day         int    // days since the Unix epoch, UTC
	Measure     string // items, disposed, referred, acknowledged, accepted, declined, acted-on, first-read/8, …
	Category    string
	Channel     string
	Partner     id.ID // zero: none
	N           int64
}

// Tally takes facts inside the change that makes them true, so that a figure
// never disagrees with its records.
type Tally interface {
	Count(ctx context.Context, facts ...Fact) error
	// Settle makes facts the whole of what a record counts for: what it
	// counted for before is taken back.
	Settle(ctx context.Context, programme, record id.ID, facts ...Fact) error
}
