// SPDX-License-Identifier: AGPL-3.0-or-later

// Package intelstore keeps intelligence items: it implements the store
// interfaces of the room intel. Lists walk one ordered stream for each desk
// and compartment that the reader may see and merge them, and searches ask the
// word index for the reader's own tokens, so that what is hidden costs nothing
// and tells nothing.
//
// It must never ask anything without its programme, and never answer a count,
// an order or a hit that depends on an item outside of the scope. It is safe
// for concurrent use.
package intelstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store keeps items in a database.
type Store struct{ db *store.DB }

var (
	_ intel.Store            = (*Store)(nil)
	_ intel.ActStore         = (*Store)(nil)
	_ intel.CompartmentStore = (*Store)(nil)
)

// New returns the store of items in db.
func New(db *store.DB) *Store { return &Store{db} }

// kept is a row of the table.
type kept struct {
	place    int64
	created  time.Time
	newest   intel.Item
	approved *intel.Item // the newest approved version; nil where there is none
}

const columns = `place, created, body, standing`

func scan(rows interface{ Scan(dest ...any) error }) (kept, error) {
	var k kept
	var created int64
	var body, standing []byte
	if err := rows.Scan(&k.place, &created, &body, &standing); err != nil {
		return k, err
	}
	return fill(k, created, body, standing)
}

func fill(k kept, created int64, body, standing []byte) (kept, error) {
	k.created = time.Unix(created, 0).UTC()
	if err := json.Unmarshal(body, &k.newest); err != nil {
		return k, fmt.Errorf("read item: %w", err)
	}
	switch {
	case k.newest.State == intel.Approved:
		k.approved = &k.newest
	case len(standing) > 0:
		k.approved = &intel.Item{}
		if err := json.Unmarshal(standing, k.approved); err != nil {
			return k, fmt.Errorf("read approved item: %w", err)
		}
	}
	return k, nil
}

// row is what a scope shows of it.
func (k kept) row(s intel.Scope) (intel.Row, bool) {
	sees, only := s.Sees(k.newest, k.approved != nil)
	if !sees {
		return intel.Row{}, false
	}
	if only && k.newest.State != intel.Approved {
		return intel.Row{Item: *k.approved, Created: k.created}, true
	}
	return intel.Row{Item: k.newest, Created: k.created, Pending: k.approved != nil && k.newest.State != intel.Approved}, true
}

func (s *Store) one(ctx context.Context, programme, item id.ID) (kept, error) {
	var k kept
	var created int64
	var body, standing []byte
	err := s.db.Reader(ctx).Row(ctx, `SELECT `+columns+` FROM intel_item WHERE programme = ? AND id = ?`, []any{programme, item}, &k.place, &created, &body, &standing)
	if errors.Is(err, sql.ErrNoRows) {
		return k, fault.Wrap(fault.NotFound, "There is no such item.", err)
	}
	if err != nil {
		return k, fmt.Errorf("read item: %w", err)
	}
	return fill(k, created, body, standing)
}

// Item implements intel.Store.
func (s *Store) Item(ctx context.Context, programme, item id.ID) (intel.Row, *intel.Item, error) {
	k, err := s.one(ctx, programme, item)
	if err != nil {
		return intel.Row{}, nil, err
	}
	return intel.Row{Item: k.newest, Created: k.created, Pending: k.approved != nil && k.newest.State != intel.Approved}, k.approved, nil
}

// Versions implements intel.Store.
func (s *Store) Versions(ctx context.Context, programme, item id.ID) ([]intel.Item, error) {
	read := func(rows *sql.Rows) (intel.Item, error) {
		var body []byte
		var it intel.Item
		if err := rows.Scan(&body); err != nil {
			return it, err
		}
		return it, json.Unmarshal(body, &it)
	}
	return store.Collect(ctx, s.db.Reader(ctx), read,
		`SELECT body FROM intel_version WHERE programme = ? AND item = ? ORDER BY version DESC`, programme, item)
}

// Each implements intel.Store.
func (s *Store) Each(ctx context.Context, programme id.ID, do func(versions []intel.Item) error) (err error) {
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT body FROM intel_version WHERE programme = ? ORDER BY item, version DESC`, programme)
	if err != nil {
		return fmt.Errorf("read versions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var one []intel.Item
	for rows.Next() {
		var body []byte
		var it intel.Item
		if err := rows.Scan(&body); err != nil {
			return fmt.Errorf("read version: %w", err)
		}
		if err := json.Unmarshal(body, &it); err != nil {
			return fmt.Errorf("read version: %w", err)
		}
		if len(one) > 0 && one[0].ID != it.ID {
			if err := do(one); err != nil {
				return err
			}
			one = one[:0]
		}
		one = append(one, it)
	}
	if err := rows.Err(); err != nil || len(one) == 0 {
		return err
	}
	return do(one)
}

const ofTombstone = `SELECT item, number, compartment, desk, category, channel, approved, disposed FROM intel_tombstone WHERE programme = ?`

func (s *Store) tombstones(ctx context.Context, programme id.ID, query string, args ...any) ([]intel.Tombstone, error) {
	return store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (intel.Tombstone, error) {
		t := intel.Tombstone{Programme: programme}
		return t, rows.Scan(&t.Item, &t.Number, &t.Compartment, &t.Desk, &t.Category, &t.Channel, &t.Approved, &t.Disposed)
	}, query, append([]any{programme}, args...)...)
}

// Tombstone implements intel.Store.
func (s *Store) Tombstone(ctx context.Context, programme, item id.ID) (intel.Tombstone, error) {
	found, err := s.tombstones(ctx, programme, ofTombstone+` AND item = ?`, item)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "There is no such item.")
	}
	if err != nil {
		return intel.Tombstone{}, fmt.Errorf("read tombstone: %w", err)
	}
	return found[0], nil
}

// Tombstones implements intel.Store.
func (s *Store) Tombstones(ctx context.Context, programme id.ID) ([]intel.Tombstone, error) {
	return s.tombstones(ctx, programme, ofTombstone)
}

// CategoryOf implements intel.Store.
func (s *Store) CategoryOf(ctx context.Context, programme, report id.ID) (string, error) {
	var category string
	err := s.db.Reader(ctx).Row(ctx, `SELECT category FROM intel_report WHERE programme = ? AND report = ? ORDER BY place LIMIT 1`, []any{programme, report}, &category)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read category: %w", err)
	}
	return category, nil
}

// AddAct implements intel.ActStore.
func (s *Store) AddAct(ctx context.Context, programme id.ID, a intel.Act) error {
	return s.exec(ctx, "history", `INSERT INTO intel_act (programme, item, id, who, at, seq, what, detail)
		SELECT ?, ?, ?, ?, ?, COALESCE(MAX(seq), 0) + 1, ?, ? FROM intel_act WHERE programme = ? AND item = ?`,
		programme, a.Item, a.ID, a.Who, a.At.Unix(), a.What, a.Detail, programme, a.Item)
}

// Acts implements intel.ActStore.
func (s *Store) Acts(ctx context.Context, programme, item id.ID) ([]intel.Act, error) {
	read := func(rows *sql.Rows) (intel.Act, error) {
		a := intel.Act{Item: item}
		var at int64
		err := rows.Scan(&a.ID, &a.Who, &at, &a.What, &a.Detail)
		a.At = time.Unix(at, 0).UTC()
		return a, err
	}
	return store.Collect(ctx, s.db.Reader(ctx), read,
		`SELECT id, who, at, what, detail FROM intel_act WHERE programme = ? AND item = ? ORDER BY seq DESC`, programme, item)
}

// Compartments implements intel.CompartmentStore.
func (s *Store) Compartments(ctx context.Context, programme id.ID) ([]intel.Compartment, error) {
	read := func(rows *sql.Rows) (intel.Compartment, error) {
		c := intel.Compartment{Programme: programme}
		var members string
		if err := rows.Scan(&c.ID, &c.Name, &members); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(members), &c.Members)
	}
	return store.Collect(ctx, s.db.Reader(ctx), read,
		`SELECT id, name, members FROM intel_compartment WHERE programme = ? ORDER BY name, id`, programme)
}

// SaveCompartment implements intel.CompartmentStore.
func (s *Store) SaveCompartment(ctx context.Context, c intel.Compartment) error {
	members, err := json.Marshal(c.Members)
	if err != nil {
		return fmt.Errorf("write compartment: %w", err)
	}
	return s.exec(ctx, "compartment", `INSERT INTO intel_compartment (programme, id, name, members) VALUES (?, ?, ?, ?)
		ON CONFLICT (programme, id) DO UPDATE SET name = excluded.name, members = excluded.members`, c.Programme, c.ID, c.Name, string(members))
}

func (s *Store) exec(ctx context.Context, what, query string, args ...any) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	_, err = q.Exec(ctx, query, args...)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "This exists already.", fmt.Errorf("write %s: %w", what, err))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}
