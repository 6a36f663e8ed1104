// SPDX-License-Identifier: AGPL-3.0-or-later

package dangerstore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Policy implements danger.SettingStore.
func (s *Store) Policy(ctx context.Context, programme id.ID) ([]byte, error) {
	var body []byte
	err := s.db.Reader(ctx).Row(ctx, `SELECT body FROM danger_policy WHERE programme = ?`, []any{programme}, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return body, nil
}

// SavePolicy implements danger.SettingStore.
func (s *Store) SavePolicy(ctx context.Context, programme id.ID, body []byte) error {
	_, err := s.exec(ctx, `INSERT INTO danger_policy (programme, body) VALUES (?, ?) ON CONFLICT (programme) DO UPDATE SET body = excluded.body`, programme, body)
	if err != nil {
		return fmt.Errorf("keep policy: %w", err)
	}
	return nil
}

// Responders implements danger.SettingStore.
func (s *Store) Responders(ctx context.Context, programme id.ID) ([]danger.Responder, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (danger.Responder, error) {
		r := danger.Responder{Programme: programme}
		var body []byte
		if err := rows.Scan(&r.ID, &body); err != nil {
			return r, err
		}
		kept := r
		err := json.Unmarshal(body, &r)
		r.ID, r.Programme = kept.ID, kept.Programme
		return r, err
	}, `SELECT id, body FROM danger_responder WHERE programme = ? ORDER BY id LIMIT 1000`, programme)
	if err != nil {
		return nil, fmt.Errorf("read responders: %w", err)
	}
	slices.SortStableFunc(all, func(a, b danger.Responder) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

// SaveResponder implements danger.SettingStore.
func (s *Store) SaveResponder(ctx context.Context, r danger.Responder) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep responder: %w", err)
	}
	if _, err := s.exec(ctx, `INSERT INTO danger_responder (programme, id, body) VALUES (?, ?, ?)`, r.Programme, r.ID, body); err != nil {
		return fmt.Errorf("keep responder: %w", err)
	}
	return nil
}

// DropResponder implements danger.SettingStore.
func (s *Store) DropResponder(ctx context.Context, programme, responder id.ID) error {
	n, err := s.exec(ctx, `DELETE FROM danger_responder WHERE programme = ? AND id = ?`, programme, responder)
	if err != nil {
		return fmt.Errorf("remove responder: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "There is no such responder.")
	}
	return nil
}
