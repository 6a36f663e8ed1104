// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Event is an event of the outbox on its way. ID is random, stays the same at
// each attempt, and lets a receiver recognise what it had before.
type Event struct {
	ID id.ID
	tx.Event
}

// Dispatcher takes events out of the house; bus implements it.
type Dispatcher interface {
	// Dispatch returns nil when the event is in good hands. An event is
	// dispatched at least once, and again after an error, in no order.
	Dispatch(ctx context.Context, e Event) error
}

// Outbox keeps events between their commit and their delivery. Its rows have
// random ids and no time, so they tell nothing of when or in which order
// something arrived. It is safe for concurrent use; one Run at a time.
type Outbox struct {
	db   *DB
	bell chan struct{}
	// Pause is the wait after a failed delivery and between looks without a
	// wake-up (other processes write too).
	Pause time.Duration
}

const (
	outboxBatch = 256
	outboxPause = 2 * time.Second
)

// NewOutbox returns the outbox of db.
func NewOutbox(db *DB) *Outbox {
	return &Outbox{db: db, bell: make(chan struct{}, 1), Pause: outboxPause}
}

func (o *Outbox) put(ctx context.Context, events []tx.Event) error {
	if len(events) == 0 {
		return nil
	}
	q, err := o.db.Writer(ctx)
	if err != nil {
		return err
	}
	for _, e := range events {
		_, err := q.Exec(ctx, `INSERT INTO outbox (id, programme, topic, body) VALUES (?, ?, ?, ?)`, id.New(), e.Programme, e.Topic, append([]byte{}, e.Body...))
		if err != nil {
			return fmt.Errorf("put event %s into the outbox: %w", e.Topic, err)
		}
	}
	return nil
}

func (o *Outbox) wake() {
	select {
	case o.bell <- struct{}{}:
	default: // it rings already
	}
}

// Run dispatches events until ctx ends, and returns ctx's error. What could
// not be dispatched stays and is tried again after Pause; it holds up nothing
// else.
func (o *Outbox) Run(ctx context.Context, to Dispatcher, onError func(error)) error {
	for {
		if err := o.Flush(ctx, to); err != nil && ctx.Err() == nil {
			onError(err)
			if !o.sleep(ctx, nil) {
				return ctx.Err()
			}
			continue
		}
		if !o.sleep(ctx, o.bell) {
			return ctx.Err()
		}
	}
}

// sleep waits for the bell or Pause, and reports false when ctx ended.
func (o *Outbox) sleep(ctx context.Context, bell <-chan struct{}) bool {
	t := time.NewTimer(o.Pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-bell:
	case <-t.C:
	}
	return ctx.Err() == nil
}

// Flush tries once to dispatch every event that waits, and returns the errors
// of those that stay.
func (o *Outbox) Flush(ctx context.Context, to Dispatcher) error {
	var errs []error
	var after id.ID
	for {
		events, err := o.page(ctx, after)
		if err != nil || len(events) == 0 {
			return errors.Join(append(errs, err)...)
		}
		after = events[len(events)-1].ID
		var gone []id.ID
		for _, e := range events {
			if err := to.Dispatch(ctx, e); err != nil {
				errs = append(errs, fmt.Errorf("dispatch %s: %w", e.Topic, err))
				continue
			}
			gone = append(gone, e.ID)
		}
		if err := o.drop(ctx, gone); err != nil {
			return errors.Join(append(errs, err)...)
		}
	}
}

func (o *Outbox) page(ctx context.Context, after id.ID) ([]Event, error) {
	events, err := Collect(ctx, o.db.Reader(ctx), func(rows *sql.Rows) (e Event, err error) {
		return e, rows.Scan(&e.ID, &e.Programme, &e.Topic, &e.Body)
	}, `SELECT id, programme, topic, body FROM outbox WHERE id > ? ORDER BY id LIMIT ?`, after, outboxBatch)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return events, nil
}

// drop forgets events that were dispatched. When it can't, they are dispatched
// again: at least once.
func (o *Outbox) drop(ctx context.Context, ids []id.ID) error {
	if len(ids) == 0 {
		return nil
	}
	err := o.db.writer.do(ctx, func(ctx context.Context) error {
		q, err := o.db.Writer(ctx)
		if err != nil {
			return err
		}
		for _, v := range ids {
			if _, err := q.Exec(ctx, `DELETE FROM outbox WHERE id = ?`, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("empty the outbox: %w", err)
	}
	return nil
}
