// SPDX-License-Identifier: AGPL-3.0-or-later

// Package editing is how a programme writes what its public reads. A text is
// a file of package prevent's content by its name, such as
// "cards/overdose.da.md"; what an editor writes is a version of it, and another
// person lets it be shown, at once or from a day and hour on.
//
// The laws, which the tests hold it to:
//
//   - Nothing is shown but what comes with the installation or what somebody
//     other than its writer approved; an undo shows only what was shown before.
//   - A version that was sent for approval is never altered, and none is lost.
//   - What is shown always loads: a version that would break the content at the
//     hour from which it is to be shown, or later, is refused.
//   - What one programme writes is shown to its own public only.
//   - What is shown at an hour depends on the versions alone, so that every
//     process of the installation shows the same.
//
// It must never know a report, a person's name or an item of intelligence, and
// the portal must never reach it: a draft is nobody's but the editors'.
//
// Texts and Shelf are safe for concurrent use.
package editing

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Sort says what a version does to its text.
type Sort string

// The sorts.
const (
	Words    Sort = "words"    // it has words of the programme's own
	Original Sort = "original" // what comes with the installation is shown again
	Away     Sort = "away"     // the text is taken away: a card or quiz is not shown, a translation is shown in English
)

// State is where a version stands.
type State string

// The states, and where they lead: a draft is sent and waits, or is given up;
// what waits is taken back by its writer (given up), sent back or approved; what was approved for later
// may be called off. Nothing leads on from the last three.
const (
	Draft    State = "draft"
	Waiting  State = "waiting"
	Approved State = "approved" // shown from Shows on, until the next one
	Returned State = "returned" // sent back with a reason
	GivenUp  State = "given-up" // by its writer, or called off before it was shown
)

// Version is one version of a text. Only a draft's Body, Note and Revision
// change.
type Version struct {
	Programme id.ID
	Text      string // name of the text
	Number    int    // of the versions of this text in this programme, from 1
	Sort      Sort
	Body      []byte // of Words
	Note      string // what the writer says about it
	Base      int    // the version that the writer began from; 0: what comes with the installation
	Undoes    bool   // whether it shows Base again

	State    State
	Revision int // counts the times that a draft was saved
	Writer   id.ID
	Written  time.Time // when it was saved last
	Judge    id.ID     // who approved it, sent it back or called it off; zero: nobody yet
	Judged   time.Time
	Reason   string    // of the judge
	Shows    time.Time // from when on it is shown; zero unless it is approved
}

// Shown reports whether v is one of those that may be shown at that time: the
// one with the latest Shows is, and of two the one with the greater number.
func (v Version) Shown(at time.Time) bool { return v.State == Approved && !v.Shows.After(at) }

// Scheduled reports whether v will be shown later.
func (v Version) Scheduled(now time.Time) bool { return v.State == Approved && v.Shows.After(now) }

// Act is one thing that somebody did to a version.
type Act struct {
	Number int64 // of all acts of the installation, from 1
	Text   string
	Of     int    // number of the version
	Did    string // wrote, sent, took back, gave up, approved, returned, called off, undid
	By     id.ID
	At     time.Time
	Reason string
}

// Store keeps versions and what was done to them.
type Store interface {
	// Last returns the number of the last act of the installation, 0 before the first.
	Last(ctx context.Context) (int64, error)
	// Approved returns the approved versions of all programmes that are shown now
	// or later, by programme, text and number; those that others have taken the
	// place of are left out.
	Approved(ctx context.Context, now time.Time) ([]Version, error)
	// Open returns the versions of a programme that are drafts, wait or were
	// sent back, and those that are shown after now, by text and number,
	// without their bodies.
	Open(ctx context.Context, programme id.ID, now time.Time) ([]Version, error)
	// Of returns the versions of a text, the newest first, without their bodies;
	// at most limit.
	Of(ctx context.Context, programme id.ID, text string, limit int) ([]Version, error)
	// One returns one version; fault.NotFound.
	One(ctx context.Context, programme id.ID, text string, number int) (Version, error)
	// Acts returns what was done to a text, the newest first; at most limit.
	Acts(ctx context.Context, programme id.ID, text string, limit int) ([]Act, error)

	// Add adds a version under the next number of its text, which it returns.
	Add(ctx context.Context, v Version) (int, error)
	// Change writes v in the place of the version with its number, if that one
	// still has the state and revision; otherwise fault.Conflict.
	Change(ctx context.Context, v Version, state State, revision int) error
	// Did keeps an act; its number is the store's.
	Did(ctx context.Context, programme id.ID, a Act) error
}
