// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tx is the word for one change: what a room writes, the entry that
// the ledger keeps of it and the events that tell others are committed
// together or not at all.
//
// A room calls Runner.Do and inside it the methods of its own store with the
// context that it is handed; the context carries the transaction, and stores
// refuse to write with any other. A change must never be acknowledged before
// Do has returned nil: then it is durable.
//
// A Recorder belongs to one call of Do and is not safe for concurrent use.
package tx

import (
	"context"
	"errors"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Runner runs changes. Implementations may put the changes of several callers
// into one durable commit (group commit), each in a savepoint of its own.
type Runner interface {
	// Do calls change once and commits what it wrote and recorded. When
	// change returns an error nothing of it is kept and Do returns that error.
	// Do returns nil only after the commit is durable.
	Do(ctx context.Context, change func(ctx context.Context, rec *Recorder) error) error
}

// errRehearsed takes back what a rehearsal did.
var errRehearsed = errors.New("tx: a rehearsal keeps nothing")

// Rehearse is r.Do when dry is false. When it is true change runs all the same,
// with everything that would be refused, and nothing of it is kept.
func Rehearse(ctx context.Context, r Runner, dry bool, change func(ctx context.Context, rec *Recorder) error) error {
	err := r.Do(ctx, func(ctx context.Context, rec *Recorder) error {
		if err := change(ctx, rec); err != nil || !dry {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// Entry is what the ledger is to keep of a change. Payload is committed to
// with a salt, so it can be erased later without harm to the tree.
type Entry struct {
	ID        id.ID  // names the entry, for its proof later; Recorder.Entry makes one when it is zero
	Programme id.ID  // zero for the installation itself
	Kind      string // roster, script, membership, release, audit, arrivals
	Payload   []byte // JSON that names the person, the act, the object and the reason
}

// Event is news for other rooms, delivered at least once after the commit.
// It never carries content, nor a time finer than the hour of a reporter.
type Event struct {
	Programme id.ID
	Topic     string // "report.arrived"
	Body      []byte // JSON
}

// Recorder collects the entries and events of one change.
type Recorder struct {
	entries []Entry
	events  []Event
}

// Entry adds an entry for the ledger and returns its id.
func (r *Recorder) Entry(e Entry) id.ID {
	if e.ID.IsZero() {
		e.ID = id.New()
	}
	r.entries = append(r.entries, e)
	return e.ID
}

// Event adds an event for the outbox.
func (r *Recorder) Event(e Event) { r.events = append(r.events, e) }

// Entries returns what was recorded for the ledger, in order.
func (r *Recorder) Entries() []Entry { return r.entries }

// Events returns what was recorded for the outbox, in order.
func (r *Recorder) Events() []Event { return r.events }
