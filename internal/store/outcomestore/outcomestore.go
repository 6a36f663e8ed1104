// SPDX-License-Identifier: AGPL-3.0-or-later

// Package outcomestore keeps outcomes with all their versions, and the rollups
// of figures: it implements the store interfaces of the room outcome.
//
// It must never ask anything without its programme, never list what lies in a
// compartment that the room did not name, and never change a version once
// kept. It is safe for concurrent use.
package outcomestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store keeps outcomes in a database.
type Store struct{ db *store.DB }

var (
	_ outcome.Store = (*Store)(nil)
	_ stats.Rollups = (*Rollups)(nil)
)

// New returns the store of outcomes in db.
func New(db *store.DB) *Store { return &Store{db} }

const changed = "A colleague changed this outcome meanwhile. Load it again."

// Save implements outcome.Store.
func (s *Store) Save(ctx context.Context, o outcome.Outcome) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("write outcome: %w", err)
	}
	var had int
	err = q.Row(ctx, `SELECT version FROM outcome WHERE programme = ? AND id = ?`, []any{o.Programme, o.ID}, &had)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read version: %w", err)
	}
	if o.Version != had+1 {
		return fault.New(fault.Conflict, changed)
	}
	if had > 0 {
		if _, err := q.Exec(ctx, `DELETE FROM outcome WHERE programme = ? AND id = ?`, o.Programme, o.ID); err != nil {
			return fmt.Errorf("replace outcome: %w", err)
		}
		if _, err := q.Exec(ctx, `DELETE FROM outcome_link WHERE programme = ? AND outcome = ?`, o.Programme, o.ID); err != nil {
			return fmt.Errorf("replace links: %w", err)
		}
	}
	var key any
	if o.Key != "" {
		key = o.Key
	}
	currency := ""
	if o.Value != nil {
		currency = o.Value.Currency
	}
	counting := 0
	if o.Counts() {
		counting = 1
	}
	_, err = q.Exec(ctx, `INSERT INTO outcome (programme, id, version, state, counting, kind, of, day, compartment, desk, category, channel, partner, currency, follows, importkey, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.Programme, o.ID, o.Version, string(o.State), counting, o.Kind, o.Of, o.Day, o.Compartment, o.Desk, o.Category, o.Channel, o.Partner, currency, o.Follows, key, body)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "Another outcome was imported under this key already.", err)
	}
	if err != nil {
		return fmt.Errorf("save outcome: %w", err)
	}
	if _, err := q.Exec(ctx, `INSERT INTO outcome_version (programme, id, version, body) VALUES (?, ?, ?, ?)`, o.Programme, o.ID, o.Version, body); err != nil {
		return fmt.Errorf("save version: %w", err)
	}
	for _, l := range o.Links {
		if _, err := q.Exec(ctx, `INSERT INTO outcome_link (programme, item, outcome) VALUES (?, ?, ?)`, o.Programme, l.Item, o.ID); err != nil {
			return fmt.Errorf("save link: %w", err)
		}
	}
	return nil
}

func scan(rows *sql.Rows) (o outcome.Outcome, err error) {
	var body []byte
	if err := rows.Scan(&body); err != nil {
		return o, err
	}
	return o, json.Unmarshal(body, &o)
}

func (s *Store) one(ctx context.Context, query string, args ...any) (o outcome.Outcome, err error) {
	var body []byte
	err = s.db.Reader(ctx).Row(ctx, query, args, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return o, fault.Wrap(fault.NotFound, "There is no such outcome.", err)
	}
	if err != nil {
		return o, fmt.Errorf("read outcome: %w", err)
	}
	return o, json.Unmarshal(body, &o)
}

// Outcome implements outcome.Store.
func (s *Store) Outcome(ctx context.Context, programme, of id.ID) (outcome.Outcome, error) {
	return s.one(ctx, `SELECT body FROM outcome WHERE programme = ? AND id = ?`, programme, of)
}

// ByKey implements outcome.Store.
func (s *Store) ByKey(ctx context.Context, programme id.ID, key string) (outcome.Outcome, error) {
	return s.one(ctx, `SELECT body FROM outcome WHERE programme = ? AND importkey = ?`, programme, key)
}

// Versions implements outcome.Store.
func (s *Store) Versions(ctx context.Context, programme, of id.ID) ([]outcome.Outcome, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT body FROM outcome_version WHERE programme = ? AND id = ? ORDER BY version DESC`, programme, of)
}

// Followers implements outcome.Store.
func (s *Store) Followers(ctx context.Context, programme, of id.ID) ([]outcome.Outcome, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT body FROM outcome WHERE programme = ? AND follows = ? ORDER BY id`, programme, of)
}

// OfItem implements outcome.Store. CROSS JOIN keeps the order: links first.
func (s *Store) OfItem(ctx context.Context, programme, item id.ID, inside []id.ID) ([]outcome.Outcome, error) {
	if len(inside) == 0 {
		return nil, nil
	}
	args := append([]any{programme, item}, ids(inside)...)
	return store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT o.body FROM outcome_link l CROSS JOIN outcome o
		WHERE l.programme = ? AND l.item = ? AND o.programme = l.programme AND o.id = l.outcome AND o.compartment IN (`+places(len(inside))+`) ORDER BY o.day DESC, o.id DESC LIMIT 200`, args...)
}

// Linked implements outcome.Store.
func (s *Store) Linked(ctx context.Context, programme, item id.ID) ([]outcome.Outcome, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT o.body FROM outcome_link l CROSS JOIN outcome o
		WHERE l.programme = ? AND l.item = ? AND o.programme = l.programme AND o.id = l.outcome ORDER BY o.id`, programme, item)
}

// places are n question marks.
func places(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func ids(all []id.ID) []any {
	out := make([]any, len(all))
	for i, v := range all {
		out[i] = v
	}
	return out
}

// List implements outcome.Store.
func (s *Store) List(ctx context.Context, programme id.ID, f outcome.Filter) ([]outcome.Outcome, bool, error) {
	if len(f.Inside) == 0 {
		return nil, false, nil
	}
	where, args := `WHERE o.programme = ? AND o.compartment IN (`+places(len(f.Inside))+`)`, append([]any{programme}, ids(f.Inside)...)
	and := func(condition string, values ...any) {
		where += ` AND ` + condition
		args = append(args, values...)
	}
	for _, c := range []struct {
		column, value string
	}{{"kind", f.Kind}, {"of", f.Of}, {"category", f.Category}, {"channel", f.Channel}, {"currency", f.Currency}} {
		if c.value != "" {
			and(`o.`+c.column+` = ?`, c.value)
		}
	}
	switch {
	case f.Counting:
		and(`o.counting = 1`)
	case f.State != "":
		and(`o.state = ?`, string(f.State))
	default:
		and(`o.state IN ('recorded', 'confirmed', 'corrected')`)
	}
	if f.Roots {
		and(`NOT EXISTS (SELECT 1 FROM outcome e WHERE e.programme = o.programme AND e.id = o.follows AND e.counting = 1)`)
	}
	if !f.Partner.IsZero() {
		and(`o.partner = ?`, f.Partner)
	}
	if !f.Desk.IsZero() {
		and(`o.desk = ?`, f.Desk)
	}
	if f.From != 0 {
		and(`o.day >= ?`, f.From)
	}
	if f.To != 0 {
		and(`o.day <= ?`, f.To)
	}
	if !f.After.ID.IsZero() {
		and(`(o.day, o.id) < (?, ?)`, f.After.Day, f.After.ID)
	}
	found, err := store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT o.body FROM outcome o `+where+` ORDER BY o.day DESC, o.id DESC LIMIT ?`, append(args, f.Limit+1)...)
	if err != nil {
		return nil, false, err
	}
	if len(found) > f.Limit {
		return found[:f.Limit], true, nil
	}
	return found, false, nil
}

// Each implements outcome.Store.
func (s *Store) Each(ctx context.Context, programme id.ID, do func(outcome.Outcome) error) (err error) {
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT body FROM outcome WHERE programme = ?`, programme)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		o, err := scan(rows)
		if err != nil {
			return fmt.Errorf("read outcome: %w", err)
		}
		if err := do(o); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Walls implements outcome.Store.
func (s *Store) Walls(ctx context.Context, programme id.ID) (map[id.ID][]id.ID, error) {
	walls := map[id.ID][]id.ID{}
	_, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (struct{}, error) {
		var wall, of id.ID
		err := rows.Scan(&wall, &of)
		walls[wall] = append(walls[wall], of)
		return struct{}{}, err
	}, `SELECT id, compartment FROM outcome_wall WHERE programme = ?`, programme)
	return walls, err
}

// SaveWall implements outcome.Store.
func (s *Store) SaveWall(ctx context.Context, programme, wall id.ID, of []id.ID) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	for _, c := range of {
		if _, err := q.Exec(ctx, `INSERT INTO outcome_wall (programme, id, compartment) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, programme, wall, c); err != nil {
			return fmt.Errorf("save joined compartment: %w", err)
		}
	}
	return nil
}
