// SPDX-License-Identifier: AGPL-3.0-or-later

// Package dangerstore keeps what the room danger declares: alarms with their
// clocks, a programme's policy and its directory of responders.
//
// It must never decide who may see a row, and never ask without a programme
// but for what is due, which the platform itself asks. It is safe for
// concurrent use; writes happen inside tx.Runner.Do.
package dangerstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store keeps alarms in a database.
type Store struct{ db *store.DB }

var (
	_ danger.Store        = (*Store)(nil)
	_ danger.SettingStore = (*Store)(nil)
)

// New returns the store of alarms in db.
func New(db *store.DB) *Store { return &Store{db} }

const columns = `programme, id, desk, dedup, state, hour, version, step, due, body`

func scan(rows *sql.Rows) (danger.Alarm, error) {
	var a danger.Alarm
	var key, body []byte
	var due, hour int64
	if err := rows.Scan(&a.Programme, &a.ID, &a.Desk, &key, &a.State, &hour, &a.Version, &a.Step, &due, &body); err != nil {
		return a, err
	}
	copy(a.Key[:], key)
	a.Hour = clock.Hour(hour)
	a.Due = store.Moment(due)
	return a, json.Unmarshal(body, &a.Body)
}

func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return 0, err
	}
	return q.Exec(ctx, query, args...)
}

// Insert implements danger.Store.
func (s *Store) Insert(ctx context.Context, a danger.Alarm) error {
	body, err := json.Marshal(a.Body)
	if err != nil {
		return fmt.Errorf("keep alarm: %w", err)
	}
	_, err = s.exec(ctx, `INSERT INTO danger_alarm (programme, id, desk, dedup, state, hour, version, step, due, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.Programme, a.ID, a.Desk, a.Key[:], string(a.State), int64(a.Hour), a.Version, a.Step, store.Seconds(a.Due), body)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "There is such an alarm already.", fmt.Errorf("keep alarm: %w", err))
	}
	if err != nil {
		return fmt.Errorf("keep alarm: %w", err)
	}
	return nil
}

func (s *Store) one(ctx context.Context, query string, args ...any) (danger.Alarm, error) {
	found, err := store.Collect(ctx, s.db.Reader(ctx), scan, query, args...)
	if err != nil {
		return danger.Alarm{}, fmt.Errorf("read alarm: %w", err)
	}
	if len(found) == 0 {
		return danger.Alarm{}, fault.New(fault.NotFound, "There is no such alarm here, or it is not for you.")
	}
	return found[0], nil
}

// ByKey implements danger.Store.
func (s *Store) ByKey(ctx context.Context, programme id.ID, key danger.Key) (danger.Alarm, error) {
	return s.one(ctx, `SELECT `+columns+` FROM danger_alarm WHERE programme = ? AND dedup = ?`, programme, key[:])
}

// Alarm implements danger.Store.
func (s *Store) Alarm(ctx context.Context, programme, alarm id.ID) (danger.Alarm, error) {
	return s.one(ctx, `SELECT `+columns+` FROM danger_alarm WHERE programme = ? AND id = ?`, programme, alarm)
}

// Save implements danger.Store.
func (s *Store) Save(ctx context.Context, a danger.Alarm) error {
	body, err := json.Marshal(a.Body)
	if err != nil {
		return fmt.Errorf("keep alarm: %w", err)
	}
	n, err := s.exec(ctx, `UPDATE danger_alarm SET state = ?, version = ?, step = ?, due = ?, body = ? WHERE programme = ? AND id = ? AND version = ?`,
		string(a.State), a.Version, a.Step, store.Seconds(a.Due), body, a.Programme, a.ID, a.Version-1)
	if err != nil {
		return fmt.Errorf("keep alarm: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "Somebody else was faster. Load the page again; nothing was overwritten.")
	}
	return nil
}

// List implements danger.Store.
func (s *Store) List(ctx context.Context, programme id.ID, desks []id.ID, f danger.Filter) ([]danger.Alarm, error) {
	if desks != nil && len(desks) == 0 {
		return nil, nil
	}
	if !f.Closed {
		var all []danger.Alarm
		for _, state := range []danger.State{danger.Ringing, danger.Acknowledged, danger.HandedOver} {
			found, err := store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT `+columns+` FROM danger_alarm WHERE programme = ? AND state = ? AND `+at(desks)+` ORDER BY hour, id LIMIT ?`,
				append(values(desks, programme, string(state)), f.Limit-len(all))...)
			if err != nil {
				return nil, fmt.Errorf("read alarms: %w", err)
			}
			all = append(all, found...)
		}
		return all, nil
	}
	before := f.Before
	if before == (danger.Cursor{}) {
		before.Hour = 1 << 40
	}
	args := append(values(desks, programme, string(danger.Closed)), int64(before.Hour), int64(before.Hour), before.ID, f.Limit)
	found, err := store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT `+columns+` FROM danger_alarm WHERE programme = ? AND state = ? AND `+at(desks)+
		` AND (hour < ? OR (hour = ? AND id > ?)) ORDER BY hour DESC, id LIMIT ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("read alarms: %w", err)
	}
	return found, nil
}

// maxDesks is how many desks of one reader are told apart; the queries are
// few, one for each number of desks.
const maxDesks = 50

// at is the condition on desks, with a place for each.
func at(desks []id.ID) string {
	if desks == nil {
		return `1 = 1`
	}
	return `desk IN (?` + strings.Repeat(`, ?`, min(len(desks), maxDesks)-1) + `)`
}

func values(desks []id.ID, first ...any) []any {
	out := slices.Clone(first)
	for _, d := range desks[:min(len(desks), maxDesks)] {
		out = append(out, d)
	}
	return out
}

// Ringing implements danger.Store.
func (s *Store) Ringing(ctx context.Context, programme id.ID, desks []id.ID) (int, error) {
	if desks != nil && len(desks) == 0 {
		return 0, nil
	}
	var n int
	err := s.db.Reader(ctx).Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM danger_alarm WHERE programme = ? AND state = ? AND `+at(desks)+` LIMIT 1000) AS some`,
		values(desks, programme, string(danger.Ringing)), &n)
	if err != nil {
		return 0, fmt.Errorf("count alarms: %w", err)
	}
	return n, nil
}

// Due implements danger.Store.
func (s *Store) Due(ctx context.Context, now, horizon time.Time, limit int) ([]danger.Alarm, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scan, `SELECT `+columns+` FROM danger_alarm WHERE state = 'ringing' AND (due <= ? OR due > ?) ORDER BY due, id LIMIT ?`,
		now.Unix(), horizon.Unix(), limit)
}

// Rang implements danger.Store.
func (s *Store) Rang(ctx context.Context, a danger.Alarm, was time.Time) (bool, error) {
	n, err := s.exec(ctx, `UPDATE danger_alarm SET step = ?, due = ? WHERE programme = ? AND id = ? AND state = 'ringing' AND due = ?`,
		a.Step, store.Seconds(a.Due), a.Programme, a.ID, store.Seconds(was))
	if err != nil {
		return false, fmt.Errorf("keep the alarm's clock: %w", err)
	}
	return n == 1, nil
}

// Note implements danger.Store.
func (s *Store) Note(ctx context.Context, a danger.Alarm, hour clock.Hour) error {
	a.Noted = hour
	body, err := json.Marshal(a.Body)
	if err != nil {
		return fmt.Errorf("keep alarm: %w", err)
	}
	_, err = s.exec(ctx, `UPDATE danger_alarm SET body = ? WHERE programme = ? AND id = ? AND version = ? AND state = 'ringing'`, body, a.Programme, a.ID, a.Version)
	if err != nil {
		return fmt.Errorf("keep alarm: %w", err)
	}
	return nil
}
