// SPDX-License-Identifier: AGPL-3.0-or-later

// Package programmestore keeps programmes and their signed rosters: it
// implements programme.Store. It must never change a roster once kept. It is
// safe for concurrent use.
package programmestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store keeps programmes in a database.
type Store struct{ db *store.DB }

var _ programme.Store = (*Store)(nil)

// New returns the store of programmes in db.
func New(db *store.DB) *Store { return &Store{db} }

// Programmes implements programme.Store.
func (s *Store) Programmes(ctx context.Context) ([]programme.Programme, error) {
	return store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (p programme.Programme, err error) {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return p, err
		}
		if err := json.Unmarshal(body, &p); err != nil {
			return p, fmt.Errorf("read programme: %w", err)
		}
		return p, nil
	}, `SELECT body FROM programme ORDER BY founded`)
}

// Save implements programme.Store. A programme that is replaced keeps its
// place in the order.
func (s *Store) Save(ctx context.Context, p programme.Programme) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write programme: %w", err)
	}
	_, err = q.Exec(ctx, `INSERT INTO programme (id, founded, body) VALUES (?, (SELECT coalesce(max(founded), 0) + 1 FROM programme), ?)
		ON CONFLICT (id) DO UPDATE SET body = excluded.body`, p.ID, body)
	if err != nil {
		return fmt.Errorf("save programme: %w", err)
	}
	return nil
}

// Rosters implements programme.Store.
func (s *Store) Rosters(ctx context.Context, of id.ID, limit int) ([]programme.Roster, error) {
	return store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (programme.Roster, error) {
		r := programme.Roster{Programme: of}
		return r, rows.Scan(&r.Version, &r.Bytes, &r.Signature, &r.Entry)
	}, `SELECT version, roster, signature, entry FROM programme_roster WHERE programme = ? ORDER BY version DESC LIMIT ?`, of, limit)
}

// SaveRoster implements programme.Store.
func (s *Store) SaveRoster(ctx context.Context, r programme.Roster) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO programme_roster (programme, version, roster, signature, entry) VALUES (?, ?, ?, ?, ?)`,
		r.Programme, r.Version, r.Bytes, r.Signature, r.Entry)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "A roster with this number is published already.", err)
	}
	if err != nil {
		return fmt.Errorf("save roster: %w", err)
	}
	return nil
}
