// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/store"
)

var _ outcome.TellStore = (*Store)(nil)

// AddTell implements outcome.TellStore.
func (s *Store) AddTell(ctx context.Context, programme, of, item, compartment id.ID) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO outcome_tell (programme, outcome, item, compartment, told) VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`, programme, of, item, compartment)
	if err != nil {
		return fmt.Errorf("queue whom to tell: %w", err)
	}
	return nil
}

// MoveTells implements outcome.TellStore.
func (s *Store) MoveTells(ctx context.Context, programme, of, compartment id.ID) error {
	return s.exec(ctx, `UPDATE outcome_tell SET compartment = ? WHERE programme = ? AND outcome = ?`, compartment, programme, of)
}

// DropTells implements outcome.TellStore.
func (s *Store) DropTells(ctx context.Context, programme, item id.ID) error {
	return s.exec(ctx, `DELETE FROM outcome_tell WHERE programme = ? AND item = ?`, programme, item)
}

func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, query, args...)
	return err
}

// Tells implements outcome.TellStore. What was withdrawn or merged meanwhile is
// left out.
func (s *Store) Tells(ctx context.Context, programme id.ID, inside []id.ID, limit int) ([]outcome.Waiting, error) {
	if len(inside) == 0 {
		return nil, nil
	}
	args := append([]any{programme}, ids(inside)...)
	return store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (w outcome.Waiting, err error) {
		return w, rows.Scan(&w.Outcome, &w.Item, &w.Kind)
	}, `SELECT t.outcome, t.item, o.kind FROM outcome_tell t JOIN outcome o ON o.programme = t.programme AND o.id = t.outcome
		WHERE t.programme = ? AND t.told = 0 AND o.counting = 1 AND o.compartment IN (`+places(len(inside))+`) ORDER BY t.outcome, t.item LIMIT ?`, append(args, limit)...)
}

// Told implements outcome.TellStore.
func (s *Store) Told(ctx context.Context, programme, of, item id.ID) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	n, err := q.Exec(ctx, `UPDATE outcome_tell SET told = 1 WHERE programme = ? AND outcome = ? AND item = ? AND told = 0`, programme, of, item)
	if err != nil {
		return fmt.Errorf("note who was told: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "The reporters behind this item have been told already.")
	}
	return nil
}
