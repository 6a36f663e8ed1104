// SPDX-License-Identifier: AGPL-3.0-or-later

// Package reportstore keeps sealed reports: it implements the store interfaces
// of the room report. Small rows hold what the server may know, in the order
// of random ids; ciphertext lies apart from them, under integers drawn at
// random, so that no key tells anything of an arrival.
//
// It must never ask anything without its programme, never keep a time of a
// reporter finer than the hour, and never look into a body. It is safe for
// concurrent use.
package reportstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store keeps reports in a database.
type Store struct{ db *store.DB }

var (
	_ report.IntakeStore = (*Store)(nil)
	_ report.DeskStore   = (*Store)(nil)
	_ report.ActStore    = (*Store)(nil)
)

// New returns the store of reports in db.
func New(db *store.DB) *Store { return &Store{db} }

const columns = `programme, id, desk, arrived, channel, danger, size, epoch, roster, head_seq, head_hash, digest, slot, hold,
	version, state, urgency, assigned, restricted, reason, first_read, replied, answered, first_answer`

// row is a report with what only the store knows of it.
type row struct {
	report.Report
	place int64
}

func scanRow(scan func(dest ...any) error) (row, error) {
	var r row
	var roster, head, digest, assigned []byte
	var first, answered, firstAnswer int64
	m := &r.Marks
	err := scan(&r.Programme, &r.ID, &r.Desk, &r.Arrived, &r.Channel, &r.Danger, &r.Size, &r.Epoch, &roster, &r.Head.Seq, &head, &digest, &r.Slot, &r.Hold,
		&m.Version, &m.State, &m.Urgency, &assigned, &m.Restricted, &m.Reason, &first, &m.Replied, &answered, &firstAnswer, &r.place)
	if err != nil {
		return row{}, err
	}
	m.FirstRead, m.Answered, m.FirstAnswer = timeOf(first), timeOf(answered), timeOf(firstAnswer)
	copy(m.Assigned[:], assigned)
	return r, errors.Join(setHash(&r.Roster, roster), setHash(&r.Head.Hash, head), setHash(&r.Digest, digest))
}

// Report implements report.DeskStore.
func (s *Store) Report(ctx context.Context, programme, rep id.ID) (report.Report, error) {
	r, err := s.row(ctx, programme, rep)
	return r.Report, err
}

func (s *Store) row(ctx context.Context, programme, rep id.ID) (row, error) {
	return s.one(ctx, `SELECT `+columns+`, place FROM report WHERE programme = ? AND id = ?`, programme, rep)
}

// ByLogin implements report.IntakeStore.
func (s *Store) ByLogin(ctx context.Context, programme id.ID, login report.Hash) (report.Report, error) {
	r, err := s.one(ctx, `SELECT `+columns+`, place FROM report WHERE programme = ? AND login = ?`, programme, login[:])
	return r.Report, err
}

func (s *Store) one(ctx context.Context, query string, args ...any) (row, error) {
	r, err := scanRow(func(dest ...any) error { return s.db.Reader(ctx).Row(ctx, query, args, dest...) })
	if err != nil {
		return row{}, fmt.Errorf("read report: %w", missing(err))
	}
	return r, nil
}

// Digest implements report.IntakeStore.
func (s *Store) Digest(ctx context.Context, programme, rep id.ID) (report.Hash, error) {
	r, err := s.row(ctx, programme, rep)
	return r.Digest, err
}

// missing words that a row is not there; it says nothing about why.
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(fault.NotFound, "There is no such report.", err)
	}
	return err
}

// randomPlace draws the key of a row of ciphertext: 63 random bits, so that the
// order of rows tells nothing. Two draws meet with a chance of 1 in 18 million
// when there are a million rows; the change then fails and is tried again.
func randomPlace() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never returns an error since Go 1.24
	return int64(binary.BigEndian.Uint64(b[:]) >> 1)
}

func setHash(h *seal.Hash, b []byte) error {
	if len(b) != len(h) {
		return fmt.Errorf("a stored hash has %d bytes", len(b))
	}
	copy(h[:], b)
	return nil
}

// Times of members' acts are kept to the nanosecond, zero as 0.
func timeOf(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func numberOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// accountOf returns the stored form of an account: NULL for nobody.
func accountOf(v id.ID) any {
	if v.IsZero() {
		return nil
	}
	return v
}

// alarm reports whether a report stands first in the inbox: visible danger or
// the desk's mark, until it is closed.
func alarm(danger bool, m report.Marks) bool {
	return (danger || m.Urgency == report.UrgencyDanger) && m.State != report.StateClosed
}

func hours(h clock.Hour) int64 { return int64(h) }
