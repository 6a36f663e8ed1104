// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/store"
)

var _ outcome.TellStore = (*Store)(nil)

// AddTell implements outcome.TellStore.
func (s *Store) AddTell(ctx context.Context, programme id.ID, w outcome.Waiting) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO outcome_tell (programme, outcome, item, desk, since, told) VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
		programme, w.Outcome, w.Item, w.Desk, w.Since.Unix())
	if err != nil {
		return fmt.Errorf("queue whom to tell: %w", err)
	}
	return nil
}

// DropTells implements outcome.TellStore.
func (s *Store) DropTells(ctx context.Context, programme, item id.ID) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	for _, table := range []string{"outcome_tell", "outcome_told"} {
		if _, err := q.Exec(ctx, `DELETE FROM `+table+` WHERE programme = ? AND item = ?`, programme, item); err != nil {
			return fmt.Errorf("forget whom to tell: %w", err)
		}
	}
	return nil
}

// waits is what all questions about the queue have in common. What was
// withdrawn or merged meanwhile is left out.
const waits = ` FROM outcome_tell t CROSS JOIN outcome o WHERE t.programme = ? AND o.programme = t.programme AND o.id = t.outcome AND t.told = 0 AND o.counting = 1`

const waiting = `SELECT t.outcome, t.item, t.desk, t.since, o.kind, o.day` + waits

func scanWaiting(rows *sql.Rows) (w outcome.Waiting, err error) {
	var since int64
	err = rows.Scan(&w.Outcome, &w.Item, &w.Desk, &since, &w.Kind, &w.Day)
	w.Since = time.Unix(since, 0).UTC()
	return w, err
}

// Tell implements outcome.TellStore.
func (s *Store) Tell(ctx context.Context, programme, of, item id.ID) (outcome.Waiting, error) {
	found, err := store.Collect(ctx, s.db.Reader(ctx), scanWaiting, waiting+` AND t.outcome = ? AND t.item = ?`, programme, of, item)
	if err != nil {
		return outcome.Waiting{}, err
	}
	if len(found) == 0 {
		return outcome.Waiting{}, fault.New(fault.NotFound, "Nobody waits to be told of this.")
	}
	return found[0], nil
}

// at narrows a question to desks and compartments.
func at(programme id.ID, desks, inside []id.ID) (where string, args []any) {
	args = append(append([]any{programme}, ids(desks)...), ids(inside)...)
	return ` AND t.desk IN (` + places(len(desks)) + `) AND o.compartment IN (` + places(len(inside)) + `)`, args
}

// Tells implements outcome.TellStore.
func (s *Store) Tells(ctx context.Context, programme id.ID, desks, inside []id.ID, limit int) ([]outcome.Waiting, error) {
	if len(desks) == 0 || len(inside) == 0 {
		return nil, nil
	}
	where, args := at(programme, desks, inside)
	return store.Collect(ctx, s.db.Reader(ctx), scanWaiting, waiting+where+` ORDER BY t.since, t.outcome, t.item LIMIT ?`, append(args, limit)...)
}

// CountTells implements outcome.TellStore.
func (s *Store) CountTells(ctx context.Context, programme id.ID, desks, inside []id.ID, most int) (n int, err error) {
	if len(desks) == 0 || len(inside) == 0 {
		return 0, nil
	}
	where, args := at(programme, desks, inside)
	if err := s.db.Reader(ctx).Row(ctx, `SELECT COUNT(*) FROM (SELECT 1`+waits+where+` LIMIT ?)`, append(args, most), &n); err != nil {
		return 0, fmt.Errorf("count whom to tell: %w", err)
	}
	return n, nil
}

// SaveTelling implements outcome.TellStore.
func (s *Store) SaveTelling(ctx context.Context, programme id.ID, t outcome.Telling) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO outcome_told (programme, outcome, item, report, ending, who, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		programme, t.Outcome, t.Item, t.Report, string(t.Ending), t.By, t.At.Unix(), t.Reason)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "A colleague has dealt with this reporter already.", err)
	}
	if err != nil {
		return fmt.Errorf("keep who was told: %w", err)
	}
	return nil
}

// Tellings implements outcome.TellStore.
func (s *Store) Tellings(ctx context.Context, programme, of id.ID) ([]outcome.Telling, error) {
	return store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (t outcome.Telling, err error) {
		var at int64
		err = rows.Scan(&t.Outcome, &t.Item, &t.Report, &t.Ending, &t.By, &at, &t.Reason)
		t.At = time.Unix(at, 0).UTC()
		return t, err
	}, `SELECT outcome, item, report, ending, who, at, reason FROM outcome_told WHERE programme = ? AND outcome = ? ORDER BY at, report`, programme, of)
}

// Settle implements outcome.TellStore.
func (s *Store) Settle(ctx context.Context, programme, of, item id.ID) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	if _, err := q.Exec(ctx, `UPDATE outcome_tell SET told = 1 WHERE programme = ? AND outcome = ? AND item = ?`, programme, of, item); err != nil {
		return fmt.Errorf("take whom to tell off the queue: %w", err)
	}
	return nil
}
