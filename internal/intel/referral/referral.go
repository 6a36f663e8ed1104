// SPDX-License-Identifier: AGPL-3.0-or-later

// Package referral hands approved items to partners and keeps what they
// answer: the partners with their agreements, the referrals with their frozen
// packages, the questions that partners ask, and the clocks of all of it.
//
// What it promises, each proved by a law in its tests:
//   - an item has at most one primary partner who has neither declined nor been
//     recalled from; copies for information never count as acted on;
//   - nothing is accepted before it was acknowledged, nothing happens after a
//     recall, and history is only ever added to;
//   - nothing leaves against its handling code, its conditions or the partner's
//     agreement; what leaves is a package frozen from the approved version,
//     without ids of sealed reports and without anybody's name;
//   - a partner sees its own referrals and nothing else of the house; a one-time
//     link shows nothing until a person clicks, and works once.
//
// It must never read a sealed report, never tell a partner whether a reporter is
// still there, and never send content in clear. Every change is one transaction
// with its ledger entry. A Service is safe for concurrent use.
package referral

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Role says what a referral asks of its partner.
type Role string

// The roles of a partner in a referral.
const (
	Primary     Role = "primary"     // owns the outcome
	Information Role = "information" // a copy, which never counts as acted on
)

// State is where a referral is.
type State string

// The states of a referral.
const (
	Sent         State = "sent"
	Acknowledged State = "acknowledged"
	Accepted     State = "accepted"
	Declined     State = "declined"
	Closed       State = "closed" // the partner is done with it
	Recalled     State = "recalled"
)

// States lists the states in the order of their lives.
var States = []State{Sent, Acknowledged, Accepted, Declined, Closed, Recalled}

// Act is something that is done with a referral.
type Act string

// The acts. Those of the partner come from an account, a link or the desk that
// types in what it was told; the others are the desk's own.
const (
	Refer       Act = "referred"
	Acknowledge Act = "acknowledged"
	Accept      Act = "accepted"
	Decline     Act = "declined"
	Progress    Act = "progress"
	Outcome     Act = "outcome"
	Close       Act = "closed"
	Ask         Act = "asked"
	Recall      Act = "recalled"
	Renew       Act = "renewed" // a new version was sent
	Chase       Act = "chased"
	Notify      Act = "notified" // a mail went out
	Linked      Act = "link-made"
	Unsent      Act = "not-mailed" // it could not be sent
	Revoke      Act = "link-revoked"
	Open        Act = "opened" // the one-time link was used
	Answered    Act = "question-answered"
	Refused     Act = "question-refused"
)

// OfPartner reports whether a is the partner's to do.
func (a Act) OfPartner() bool {
	switch a {
	case Acknowledge, Accept, Decline, Progress, Outcome, Close, Ask:
		return true
	}
	return false
}

// Way says how an answer reached the house.
type Way string

// The ways.
const (
	ByAccount Way = "account" // a liaison, logged in
	ByLink    Way = "link"    // the one-time link
	ByDesk    Way = "desk"    // typed in on behalf of the partner
	ByHouse   Way = "house"   // the desk's own act, or the platform's
)

// Referral is one item handed to one partner.
type Referral struct {
	Programme   id.ID
	ID          id.ID
	Number      string // what both sides call it: "R-2026-4F7K-9QXZ"
	Item        id.ID
	ItemNumber  string
	Title       string // of the item as it was referred
	Version     int    // of the item in the newest package
	Desk        id.ID
	Compartment id.ID
	Category    string
	Channel     string
	Partner     id.ID
	Role        Role
	State       State
	Reason      string // why this partner, in the desk's words
	Permission  string // whose leave was asked, where the handling wants it
	By          id.ID
	SentAt      time.Time
	Acknowledge time.Time // when; zero until it was
	Decided     time.Time // accepted or declined
	Why         string    // code of the reason for declining
	Acted       time.Time // the first progress or outcome that the partner told of
	Ended       time.Time // closed or recalled
	Heard       time.Time // the partner's newest word
	Due         time.Time // of the clock that runs now; zero when none does
	ChasedAt    time.Time
	Chases      int
	Escalated   bool // the director was told of the clock that runs now
	Revision    int  // grows with each change, so that none is overwritten
}

// Live reports whether the referral still binds its partner: of the primary
// ones an item has at most one that does.
func (r Referral) Live() bool { return r.State != Declined && r.State != Recalled }

// Step is one entry of a referral's history. Steps are only ever added.
type Step struct {
	Programme id.ID
	ID        id.ID
	Referral  id.ID
	At        time.Time // when it was recorded
	Act       Act
	Way       Way
	By        id.ID  // account; zero for a link
	Said      string // who said it at the partner, where the desk typed it in
	How       string // how the desk was told: telephone, letter, in person
	When      string // the day on which it was said, as the desk was told
	Code      string // reason for declining
	Text      string
}

// Sealed is one frozen package: the bytes that the partner gets.
type Sealed struct {
	Programme id.ID
	Referral  id.ID
	Version   int // of the item
	Body      []byte
	Made      time.Time
}

// Items is what this room asks of the room that owns items.
type Items interface {
	// Approved returns the newest approved version of an item that by may
	// refer; fault.NotFound for anything else.
	Approved(ctx context.Context, by authz.Subject, programme, item id.ID) (intel.Item, error)
	// Named returns the accounts inside a closed compartment.
	Named(ctx context.Context, programme, compartment id.ID) ([]id.ID, error)
	// Inside returns the closed compartments in which account is named.
	Inside(ctx context.Context, programme, account id.ID) ([]id.ID, error)
}

// Words puts grades into words; what it doesn't know stays a code.
type Words interface {
	// Grade returns what a grade's codes mean in lang.
	Grade(g grading.Grade, lang string) (source, information string)
}

// Result is an outcome as a partner reported it, for the room that keeps them.
type Result struct {
	Programme id.ID
	Item      id.ID
	Referral  id.ID
	Partner   id.ID
	By        id.ID // account that reported or typed it in; zero for a link
	Kind      string
	Quantity  string // as typed: "12.5"
	Unit      string
	Of        string // what the quantity is of
	Value     string // as typed: "40000"
	Currency  string // ISO 4217
	Day       string // 2006-01-02
	Reference string // the partner's
	Text      string
}

// OutcomeSink takes what partners report, inside the change that records it,
// and refuses what can't be with a fault that says why.
type OutcomeSink interface {
	Report(ctx context.Context, rec *tx.Recorder, r Result) error
}
