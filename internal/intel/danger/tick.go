// SPDX-License-Identifier: AGPL-3.0-or-later

package danger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

const (
	// lease is how long a worker has to make its calls. One that dies in
	// between leaves its alarms to the others after it.
	lease = time.Minute
	// retry is the wait after a call that reached nobody.
	retry = time.Minute
	// batch is how many alarms one change claims.
	batch = 200
)

// horizon is later than any alarm may be due.
const horizon = maxMinutes*time.Minute + lease

// Tick rings every alarm that is due, and returns how many rang. Any number of
// workers may tick at once: who claims an alarm first calls. A worker that dies
// between claim and call is followed by the next after the lease, so that
// people may be called twice, never not at all.
func (s *Service) Tick(ctx context.Context) (int, error) {
	rang := 0
	for ctx.Err() == nil {
		now := s.Clock.Now()
		due, err := s.Store.Due(ctx, now, now.Add(horizon), batch)
		if err != nil {
			return rang, fmt.Errorf("look for alarms that are due: %w", err)
		}
		claimed, err := s.claim(ctx, due, now)
		if err != nil || len(claimed) == 0 {
			return rang, err
		}
		rang += len(claimed)
		if err := s.ring(ctx, claimed, now); err != nil {
			return rang, err
		}
	}
	return rang, ctx.Err()
}

// claim takes alarms for the length of the lease.
func (s *Service) claim(ctx context.Context, due []Alarm, now time.Time) ([]Alarm, error) {
	if len(due) == 0 {
		return nil, nil
	}
	var mine []Alarm
	err := s.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		mine = nil
		for _, a := range due {
			was := a.Due
			a.Due = second(now).Add(lease)
			ok, err := s.Store.Rang(ctx, a, was)
			if err != nil {
				return err
			}
			if ok {
				mine = append(mine, a)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim alarms: %w", err)
	}
	return mine, nil
}

// ring calls each circle once, however many alarms it is for, and stores when
// they ring next.
func (s *Service) ring(ctx context.Context, mine []Alarm, now time.Time) error {
	policies, reached := map[id.ID]Policy{}, map[Call]error{}
	calls := make([]Call, len(mine))
	for i, a := range mine {
		p, ok := policies[a.Programme]
		if !ok {
			var err error
			if p, err = s.PolicyOf(ctx, a.Programme); err != nil {
				return err
			}
			policies[a.Programme] = p
		}
		calls[i] = Call{Programme: a.Programme, Desk: a.Desk, Who: p.step(a.Step + 1).Who}
		if _, done := reached[calls[i]]; !done {
			reached[calls[i]] = s.Ringer.Ring(ctx, calls[i])
		}
	}
	err := s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		for i, a := range mine {
			next := a.rung(policies[a.Programme], now, reached[calls[i]] == nil)
			ok, err := s.Store.Rang(ctx, next, a.Due)
			if err != nil {
				return err
			}
			if !ok || a.Origin == FromReport {
				continue // acknowledged meanwhile; or its entry would tell when it came
			}
			r := record{At: stamp(now), Act: "danger-rang", Object: a.ID.String(), Detail: strconv.Itoa(next.Step) + " " + string(calls[i].Who)}
			if err := entry(rec, a.Programme, r); err != nil {
				return err
			}
		}
		return nil
	})
	faults := []error{err}
	for _, fault := range reached {
		faults = append(faults, fault)
	}
	return errors.Join(faults...)
}

// NoteHours writes into the ledger which alarms of reports rang through the
// end of an hour. It is called when an hour is over, so that an entry's place
// tells nothing of when in the hour the report came.
func (s *Service) NoteHours(ctx context.Context, programme id.ID) error {
	last := clock.HourOf(s.Clock.Now()) - 1
	open, err := s.Store.List(ctx, programme, nil, Filter{Limit: 1000})
	if err != nil {
		return fmt.Errorf("list alarms: %w", err)
	}
	return s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		for _, a := range open {
			if a.State != Ringing || a.Origin != FromReport || a.Hour > last || a.Noted >= last {
				continue
			}
			if err := s.Store.Note(ctx, a, last); err != nil {
				return err
			}
			if err := entry(rec, programme, record{Act: "danger-not-acknowledged", Object: a.ID.String(), Hour: int64(last)}); err != nil {
				return err
			}
		}
		return nil
	})
}
