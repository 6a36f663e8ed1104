// SPDX-License-Identifier: AGPL-3.0-or-later

// Package outcome is what came of it: arrests, seizures, people made safe,
// money confiscated and given back, each recorded once, confirmed by somebody
// who stands for it, corrected without losing what was said before, and
// counted once however many items led to it.
//
// It must never count what nobody confirmed, never add amounts of different
// currencies, quantities of different dimensions, or stages of the same thing
// (seized, restrained, confiscated, returned; arrest, charge, conviction), and
// never show or count an outcome of a compartment that the reader is outside
// of. Nothing is overwritten: each version stays with its reason.
//
// The laws, which the tests try:
//
//   - The totals depend only on what is confirmed at the end: the order of
//     entry, duplicates that were merged, corrections and withdrawals in
//     between leave no trace in them.
//   - Merging a duplicate twice is merging it once.
//   - The figures that a reader gets are those of a database without the
//     records that the reader may not see.
//   - The rollups are what a full count of the records gives.
//
// A Service is safe for concurrent use.
package outcome

import (
	"context"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// State is where an outcome is.
type State string

// The states. Only confirmed and corrected outcomes count.
const (
	Recorded  State = "recorded"  // waits for somebody who stands for it
	Confirmed State = "confirmed" // counts
	Corrected State = "corrected" // counts, and says something else than it once did
	Withdrawn State = "withdrawn" // was never so
	Merged    State = "merged"    // the same as another, which counts for both
)

// said is the state inside of a sentence.
func (s State) said() error {
	switch s {
	case Recorded:
		return fault.Phrase("recorded")
	case Confirmed:
		return fault.Phrase("confirmed")
	case Corrected:
		return fault.Phrase("corrected")
	case Withdrawn:
		return fault.Phrase("withdrawn")
	case Merged:
		return fault.Phrase("merged")
	}
	return fault.Phrase("not known")
}

// States lists all states in the order in which pages show them.
var States = []State{Recorded, Confirmed, Corrected, Withdrawn, Merged}

// The bases of a link.
const (
	LedTo       = "led-to"
	Contributed = "contributed"
	Known       = "known" // it was known already: nothing came of the item
)

// Bases lists the bases of a link.
var Bases = []string{LedTo, Contributed, Known}

// Link says what an item has to do with an outcome.
type Link struct {
	Item  id.ID  `json:"item"`
	Basis string `json:"basis"`
	Share int    `json:"share,omitempty"` // in per cent, as stated; 0: nobody stated one
}

// Quantity is how much, as it was written and in whole base units.
type Quantity struct {
	Written string `json:"written"`
	Unit    string `json:"unit"`
	Base    int64  `json:"base"`
}

// Value is what it is worth, by whom and when.
type Value struct {
	Currency string `json:"currency"`
	Minor    int64  `json:"minor"` // in the currency's smallest unit
	Source   string `json:"source"`
	Day      int    `json:"day"` // of the valuation
}

// Outcome is one version of an outcome. Days are counted since the Unix epoch.
type Outcome struct {
	Programme   id.ID             `json:"programme"`
	ID          id.ID             `json:"id"`
	Version     int               `json:"version"`
	State       State             `json:"state"`
	Kind        string            `json:"kind"`
	Day         int               `json:"day"` // on which it happened
	Desk        id.ID             `json:"desk"`
	Compartment id.ID             `json:"compartment"` // zero: open
	Category    string            `json:"category"`
	Channel     string            `json:"channel"`
	Partner     id.ID             `json:"partner"`
	Referral    id.ID             `json:"referral"` // on which the partner reported it; zero when nobody did
	By          string            `json:"by"`       // who told us that it is so
	Reference   string            `json:"reference"`
	Key         string            `json:"key"` // of the import it came with
	Quantity    *Quantity         `json:"quantity,omitempty"`
	Of          string            `json:"of,omitempty"`
	Value       *Value            `json:"value,omitempty"`
	Details     map[string]string `json:"details,omitempty"`
	Follows     id.ID             `json:"follows"` // the earlier stage of the same thing
	Links       []Link            `json:"links"`
	Note        string            `json:"note"`
	MergedInto  id.ID             `json:"merged_into"`

	Author    id.ID     `json:"author"`
	Written   time.Time `json:"written"`
	Confirmer id.ID     `json:"confirmer"`
	What      string    `json:"what"`   // that made this version: recorded, reported, confirmed, corrected, linked, moved, withdrawn, merged
	Reason    string    `json:"reason"` // why
}

// Counts reports whether an outcome is in the figures: somebody stands for it,
// and not all its items were known already.
func (o Outcome) Counts() bool {
	if o.State != Confirmed && o.State != Corrected {
		return false
	}
	return len(o.Links) == 0 || slices.ContainsFunc(o.Links, func(l Link) bool { return l.Basis != Known })
}

// Source is what the room needs to know of an item.
type Source struct {
	Item        id.ID
	Number      string
	Desk        id.ID
	Compartment id.ID
	Category    string
	Channel     string
	Language    string
	Day         int     // of its first version
	Reports     []id.ID // that it rests on
	Gone        []id.ID // of those that it rested on: their reporters deleted them
}

// Items is how the room asks for items; app makes one of intel's.
type Items interface {
	// Source returns an item that s may read, by id; fault.NotFound.
	Source(ctx context.Context, s authz.Subject, programme, item id.ID) (Source, error)
	// Numbered returns an item that s may read, by its number; fault.NotFound.
	Numbered(ctx context.Context, s authz.Subject, programme id.ID, number string) (Source, error)
	// Any returns an item with all its reports, whoever may read it: for what
	// the room does by itself and shows to nobody; fault.NotFound.
	Any(ctx context.Context, programme, item id.ID) (Source, error)
	// Wall returns the compartment that hides what came of an item, zero for
	// none, also after its disposal; fault.NotFound for one that never was. It
	// answers the room, not a reader.
	Wall(ctx context.Context, programme, item id.ID) (id.ID, error)
}

// Compartments says where people are inside.
type Compartments interface {
	// Inside returns the closed compartments of a programme in which account is.
	Inside(ctx context.Context, programme, account id.ID) ([]id.ID, error)
}

// Store keeps outcomes.
type Store interface {
	// Save adds a version; fault.Conflict when it isn't the next one, or when
	// another outcome has the key already.
	Save(ctx context.Context, o Outcome) error
	// Outcome returns the newest version; fault.NotFound.
	Outcome(ctx context.Context, programme, outcome id.ID) (Outcome, error)
	// Versions returns all versions, newest first.
	Versions(ctx context.Context, programme, outcome id.ID) ([]Outcome, error)
	// Followers returns the outcomes that are a later stage of one.
	Followers(ctx context.Context, programme, outcome id.ID) ([]Outcome, error)
	// OfItem returns the outcomes linked to an item, newest first, at most 200.
	OfItem(ctx context.Context, programme, item id.ID, inside []id.ID) ([]Outcome, error)
	// Linked returns all outcomes linked to an item, wherever they lie.
	Linked(ctx context.Context, programme, item id.ID) ([]Outcome, error)
	// List returns a page, newest day first, and whether there are more.
	List(ctx context.Context, programme id.ID, f Filter) ([]Outcome, bool, error)
	// ByKey returns the outcome of an import's key; fault.NotFound.
	ByKey(ctx context.Context, programme id.ID, key string) (Outcome, error)
	// Each calls do with the newest version of every outcome of a programme.
	Each(ctx context.Context, programme id.ID, do func(Outcome) error) error
	// Walls returns the joined compartments: those of outcomes of items in several.
	Walls(ctx context.Context, programme id.ID) (map[id.ID][]id.ID, error)
	// SaveWall keeps one; again is no error.
	SaveWall(ctx context.Context, programme, wall id.ID, of []id.ID) error
}

// Filter chooses a page of outcomes. Empty fields choose all.
type Filter struct {
	Inside   []id.ID // compartments that the reader is inside of, the open one included; empty finds nothing
	Kind     string
	Of       string
	State    State // empty: all but withdrawn and merged ones
	Category string
	Channel  string
	Partner  id.ID
	Desk     id.ID
	Currency string
	From, To int  // days, inclusive; 0: open
	Counting bool // only those that are in the figures
	Roots    bool // only those that are no later stage of one in the figures
	After    Cursor
	Limit    int // at most 500
}

// Cursor is the place after which a page begins: the last row of the one before.
type Cursor struct {
	Day int
	ID  id.ID
}

// Tally is where figures are counted.
type Tally = intel.Tally
