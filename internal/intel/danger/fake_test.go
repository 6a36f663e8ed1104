// SPDX-License-Identifier: AGPL-3.0-or-later

package danger_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// world is a database in memory with a clock and a bell; it can die.
type world struct {
	now        time.Time
	alarms     map[id.ID]danger.Alarm
	responders []danger.Responder
	policy     []byte
	entries    []tx.Entry
	calls      []danger.Call
	unreached  bool // the mail server is down
	dieAt      int  // the change that is not kept any more, counted down; 0: none
}

var errKilled = errors.New("killed")

func newWorld() *world {
	return &world{now: time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC), alarms: map[id.ID]danger.Alarm{}}
}

func (w *world) service() *danger.Service {
	return &danger.Service{Store: w, Settings: w, Tx: w, Clock: w, Ringer: w}
}

func (w *world) Now() time.Time { return w.now }

func (w *world) Do(ctx context.Context, change func(ctx context.Context, rec *tx.Recorder) error) error {
	if w.dieAt > 0 {
		if w.dieAt--; w.dieAt == 0 {
			return errKilled
		}
	}
	before, rec := maps.Clone(w.alarms), &tx.Recorder{}
	if err := change(ctx, rec); err != nil {
		w.alarms = before
		return err
	}
	w.entries = append(w.entries, rec.Entries()...)
	return nil
}

func (w *world) Ring(_ context.Context, c danger.Call) error {
	if w.unreached {
		return errors.New("nobody was reached")
	}
	w.calls = append(w.calls, c)
	return nil
}

func (w *world) Insert(ctx context.Context, a danger.Alarm) error {
	if _, err := w.ByKey(ctx, a.Programme, a.Key); err == nil {
		return fault.New(fault.Conflict, "exists")
	}
	w.alarms[a.ID] = a
	return nil
}

func (w *world) ByKey(_ context.Context, programme id.ID, key danger.Key) (danger.Alarm, error) {
	for _, a := range w.alarms {
		if a.Programme == programme && a.Key == key {
			return a, nil
		}
	}
	return danger.Alarm{}, fault.New(fault.NotFound, "none")
}

func (w *world) Alarm(_ context.Context, programme, alarm id.ID) (danger.Alarm, error) {
	a, ok := w.alarms[alarm]
	if !ok || a.Programme != programme {
		return danger.Alarm{}, fault.New(fault.NotFound, "none")
	}
	return a, nil
}

func (w *world) Save(_ context.Context, a danger.Alarm) error {
	if w.alarms[a.ID].Version != a.Version-1 {
		return fault.New(fault.Conflict, "stale")
	}
	w.alarms[a.ID] = a
	return nil
}

func (w *world) List(_ context.Context, programme id.ID, desks []id.ID, f danger.Filter) ([]danger.Alarm, error) {
	var out []danger.Alarm
	for _, a := range w.alarms {
		if a.Programme == programme && (desks == nil || slices.Contains(desks, a.Desk)) && (a.State == danger.Closed) == f.Closed {
			out = append(out, a)
		}
	}
	return out, nil
}

func (w *world) Ringing(ctx context.Context, programme id.ID, desks []id.ID) (int, error) {
	all, err := w.List(ctx, programme, desks, danger.Filter{})
	return len(slices.DeleteFunc(all, func(a danger.Alarm) bool { return a.State != danger.Ringing })), err
}

func (w *world) Due(_ context.Context, now, horizon time.Time, limit int) ([]danger.Alarm, error) {
	var out []danger.Alarm
	for _, a := range w.alarms {
		if a.State == danger.Ringing && (!a.Due.After(now) || a.Due.After(horizon)) && len(out) < limit {
			out = append(out, a)
		}
	}
	return out, nil
}

func (w *world) Rang(_ context.Context, a danger.Alarm, was time.Time) (bool, error) {
	known, ok := w.alarms[a.ID]
	if !ok || known.State != danger.Ringing || !known.Due.Equal(was) {
		return false, nil
	}
	known.Step, known.Due = a.Step, a.Due
	w.alarms[a.ID] = known
	return true, nil
}

func (w *world) Note(_ context.Context, a danger.Alarm, hour clock.Hour) error {
	known := w.alarms[a.ID]
	known.Noted = hour
	w.alarms[a.ID] = known
	return nil
}

func (w *world) Policy(context.Context, id.ID) ([]byte, error) { return w.policy, nil }

func (w *world) SavePolicy(_ context.Context, _ id.ID, body []byte) error {
	w.policy = body
	return nil
}

func (w *world) Responders(context.Context, id.ID) ([]danger.Responder, error) {
	return w.responders, nil
}

func (w *world) SaveResponder(_ context.Context, r danger.Responder) error {
	w.responders = append(w.responders, r)
	return nil
}

func (w *world) DropResponder(_ context.Context, _, responder id.ID) error {
	w.responders = slices.DeleteFunc(w.responders, func(r danger.Responder) bool { return r.ID == responder })
	return nil
}

// acts lists what the ledger says was done.
func (w *world) acts() []string {
	var out []string
	for _, e := range w.entries {
		var r struct{ Act string }
		if json.Unmarshal(e.Payload, &r) == nil {
			out = append(out, r.Act)
		}
	}
	return out
}
