// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// PartnerStore keeps partners and a programme's own times. What isn't there is
// fault.NotFound.
type PartnerStore interface {
	// Partner returns one.
	Partner(ctx context.Context, programme, partner id.ID) (Partner, error)
	// Partners returns all of a programme, by name.
	Partners(ctx context.Context, programme id.ID) ([]Partner, error)
	// SavePartner inserts one of revision 1, or replaces the one of the
	// revision before; fault.Conflict otherwise.
	SavePartner(ctx context.Context, p Partner) error
	// Settings returns a programme's times, Usual when it has none.
	Settings(ctx context.Context, programme id.ID) (Settings, error)
	// SaveSettings replaces those of the revision before; fault.Conflict otherwise.
	SaveSettings(ctx context.Context, programme id.ID, s Settings) error
}

// Filter chooses a page of referrals, newest first.
type Filter struct {
	Desks        []id.ID // the reader's; empty finds nothing
	Compartments []id.ID // the reader's, the zero one for open items included
	States       []State // none: all
	Partner      id.ID   // zero: all
	Offset       int
	Limit        int // at most 200
}

// Store keeps referrals with their history and packages.
type Store interface {
	// Referral returns one; fault.NotFound.
	Referral(ctx context.Context, programme, referral id.ID) (Referral, error)
	// OfItem returns those of an item, oldest first.
	OfItem(ctx context.Context, programme, item id.ID) ([]Referral, error)
	// List returns a page and whether there are more.
	List(ctx context.Context, programme id.ID, f Filter) ([]Referral, bool, error)
	// OfPartner returns a page of what a partner received, newest first, and
	// whether there are more.
	OfPartner(ctx context.Context, programme, partner id.ID, states []State, offset, limit int) ([]Referral, bool, error)
	// Each calls do with every referral of a programme.
	Each(ctx context.Context, programme id.ID, do func(Referral) error) error
	// Save inserts one of revision 1, or replaces the one of the revision
	// before; fault.Conflict otherwise, and for a second live primary of an item.
	Save(ctx context.Context, r Referral) error
	// AddStep adds to the history.
	AddStep(ctx context.Context, s Step) error
	// Steps returns the history of a referral, oldest first.
	Steps(ctx context.Context, programme, referral id.ID) ([]Step, error)
	// AddPackage keeps a package; fault.Conflict when the version is there.
	AddPackage(ctx context.Context, s Sealed) error
	// Packages returns those of a referral, newest version first.
	Packages(ctx context.Context, programme, referral id.ID) ([]Sealed, error)
	// Forget blanks titles, texts and packages of all referrals of an item that
	// is disposed of; numbers, states and times stay for the figures.
	Forget(ctx context.Context, programme, item id.ID) error
}

// Count counts what is overdue with one partner or desk.
type Count struct {
	Of     id.ID // partner or desk
	N      int
	Oldest time.Time // when the oldest was due
}

// DueStore finds what is overdue.
type DueStore interface {
	// Due returns a page of referrals due before now, the longest overdue first,
	// and whether there are more. Filter.States is ignored.
	Due(ctx context.Context, programme id.ID, f Filter, now time.Time) ([]Referral, bool, error)
	// DueCounts counts those due before now by partner, across the programme;
	// it looks at no more than 10,000, the longest overdue first.
	DueCounts(ctx context.Context, programme id.ID, now time.Time) ([]Count, error)
	// ToEscalate returns referrals due before now of which the director has not
	// been told, at most limit, the longest overdue first.
	ToEscalate(ctx context.Context, programme id.ID, now time.Time, limit int) ([]Referral, error)
	// Digested returns the day of the last weekly digest, "" when there was none.
	Digested(ctx context.Context, programme id.ID) (string, error)
	// SaveDigested replaces it.
	SaveDigested(ctx context.Context, programme id.ID, day string) error
}

// Hash is a keyed hash of a token.
type Hash [32]byte

// Link is a one-time link, or the token of the next step on its page.
type Link struct {
	Programme id.ID
	Token     Hash
	Referral  id.ID
	Step      bool // a token of the page, made when the link or the step before was used
	Made      time.Time
	Expires   time.Time
	Used      time.Time // zero: not yet
	Revoked   time.Time // zero: not
	Steps     int       // how many steps led here
}

// LinkStore keeps links by the hash of their tokens.
type LinkStore interface {
	// Link finds one; fault.NotFound.
	Link(ctx context.Context, token Hash) (Link, error)
	// AddLink adds one.
	AddLink(ctx context.Context, l Link) error
	// UseLink marks one as used and returns how many were open: of two browsers
	// with one token, one finds none.
	UseLink(ctx context.Context, token Hash, at time.Time) (int64, error)
	// RevokeLinks closes all open links of a referral and returns how many.
	RevokeLinks(ctx context.Context, programme, referral id.ID, at time.Time) (int64, error)
	// Links returns those of a referral that are no page tokens, newest first.
	Links(ctx context.Context, programme, referral id.ID) ([]Link, error)
}

// QuestionStore keeps what partners asked.
type QuestionStore interface {
	// Question returns one; fault.NotFound.
	Question(ctx context.Context, programme, question id.ID) (Question, error)
	// Questions returns those of a referral, oldest first.
	Questions(ctx context.Context, programme, referral id.ID) ([]Question, error)
	// Waiting returns open questions of a desk, oldest first, at most limit.
	Waiting(ctx context.Context, programme, desk id.ID, limit int) ([]Question, error)
	// PutTo returns the questions that wait for the answer to one report.
	PutTo(ctx context.Context, programme, report id.ID) ([]Question, error)
	// SaveQuestion inserts or replaces one.
	SaveQuestion(ctx context.Context, q Question) error
}
