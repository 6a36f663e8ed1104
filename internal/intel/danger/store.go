// SPDX-License-Identifier: AGPL-3.0-or-later

package danger

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Store keeps alarms. Writes happen inside tx.Runner.Do.
type Store interface {
	// Insert keeps a new alarm; fault.Conflict when its key is there.
	Insert(ctx context.Context, a Alarm) error
	// ByKey and Alarm are fault.NotFound when there is none.
	ByKey(ctx context.Context, programme id.ID, key Key) (Alarm, error)
	Alarm(ctx context.Context, programme, alarm id.ID) (Alarm, error)
	// Save replaces the alarm whose version is one lower; fault.Conflict when
	// another one is stored.
	Save(ctx context.Context, a Alarm) error
	// List returns alarms of the desks, all desks when nil: open ones, those
	// that ring first, or closed ones, the latest hour first.
	List(ctx context.Context, programme id.ID, desks []id.ID, f Filter) ([]Alarm, error)
	// Ringing counts the alarms of the desks that ring, up to 1,000.
	Ringing(ctx context.Context, programme id.ID, desks []id.ID) (int, error)
	// Due returns alarms of all programmes that ring and whose time is now, or
	// lies beyond the horizon, where only a clock that was put back can leave it.
	Due(ctx context.Context, now, horizon time.Time, limit int) ([]Alarm, error)
	// Rang stores step and due of an alarm that still rings and whose due is
	// as given; false when it is not.
	Rang(ctx context.Context, a Alarm, was time.Time) (bool, error)
	// Note stores through which hour the ledger says it rang.
	Note(ctx context.Context, a Alarm, hour clock.Hour) error
}

// Filter chooses alarms. Before continues a list of closed ones.
type Filter struct {
	Closed bool
	Before Cursor
	Limit  int
}

// Cursor is a place in the list of closed alarms; zero is its beginning.
type Cursor struct {
	Hour clock.Hour
	ID   id.ID
}

// SettingStore keeps what a programme decides.
type SettingStore interface {
	// Policy returns the policy's JSON, nil when the programme has none.
	Policy(ctx context.Context, programme id.ID) ([]byte, error)
	SavePolicy(ctx context.Context, programme id.ID, body []byte) error
	Responders(ctx context.Context, programme id.ID) ([]Responder, error)
	SaveResponder(ctx context.Context, r Responder) error
	DropResponder(ctx context.Context, programme, responder id.ID) error
}

// Ringer calls people; the platform's alerts implement it. It must never be
// told what the alarm is about.
type Ringer interface {
	// Ring returns an error when nobody was reached.
	Ring(ctx context.Context, c Call) error
}

// Call is one call to a circle of a desk, for one alarm or for many.
type Call struct {
	Programme, Desk id.ID
	Who             Who
}
