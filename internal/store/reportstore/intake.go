// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Insert implements report.IntakeStore with two rows: one small, one with all
// ciphertext. The arrival has exactly the cover and message 1, both of epoch 0
// and of the hour of arrival.
func (s *Store) Insert(ctx context.Context, a report.Arrival) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	if err := checkArrival(a); err != nil {
		return err
	}
	r, m, place := a.Report, a.Report.Marks, randomPlace()
	_, err = q.Exec(ctx, `INSERT INTO report (`+columns+`, place, login, alarm, unanswered)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Programme, r.ID, r.Desk, hours(r.Arrived), string(r.Channel), flag(r.Danger), r.Size, r.Epoch, r.Roster[:], r.Head.Seq, r.Head.Hash[:], r.Digest[:], r.Slot, flag(r.Hold),
		m.Version, string(m.State), string(m.Urgency), accountOf(m.Assigned), flag(m.Restricted), string(m.Reason), numberOf(m.FirstRead), hours(m.Replied), numberOf(m.Answered), numberOf(m.FirstAnswer),
		place, a.Login[:], flag(alarm(r.Danger, m)), 0)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "This report is here already.", err)
	}
	if err != nil {
		return fmt.Errorf("keep report: %w", err)
	}
	cover, first := a.Envelopes[0], a.Envelopes[1]
	_, err = q.Exec(ctx, `INSERT INTO report_sealed (place, programme, role, hashes, cover, grants, first) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		place, r.Programme, cover.Role, append(cover.Hash[:], first.Hash[:]...), cover.Body, packGrants(a.Grants), first.Body)
	if err != nil {
		return fmt.Errorf("keep sealed report: %w", err)
	}
	return nil
}

func checkArrival(a report.Arrival) error {
	if len(a.Envelopes) != 2 {
		return fmt.Errorf("keep report: %d messages, want the cover and message 1", len(a.Envelopes))
	}
	for i, e := range a.Envelopes {
		if e.Seq != i || e.Epoch != 0 || e.Hour != a.Report.Arrived || e.Role != a.Envelopes[0].Role {
			return fmt.Errorf("keep report: message %d is not one of an arrival", i)
		}
	}
	return nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Envelopes implements report.IntakeStore.
func (s *Store) Envelopes(ctx context.Context, programme, rep id.ID) ([]report.Envelope, error) {
	r, err := s.row(ctx, programme, rep)
	if err != nil {
		return nil, err
	}
	var role string
	var hashes, cover, first []byte
	err = s.db.Reader(ctx).Row(ctx, `SELECT role, hashes, cover, first FROM report_sealed WHERE place = ? AND programme = ?`,
		[]any{r.place, programme}, &role, &hashes, &cover, &first)
	if err != nil {
		return nil, fmt.Errorf("read sealed report: %w", missing(err))
	}
	if len(hashes) != 2*len(seal.Hash{}) {
		return nil, fmt.Errorf("read sealed report: %d bytes are not two hashes", len(hashes))
	}
	all := []report.Envelope{
		{Seq: 0, Role: role, Hash: seal.Hash(hashes[:32]), Hour: r.Arrived, Body: cover},
		{Seq: 1, Role: role, Hash: seal.Hash(hashes[32:]), Hour: r.Arrived, Body: first},
	}
	if r.Head.Seq == 1 {
		return all, nil
	}
	later, err := store.Collect(ctx, s.db.Reader(ctx), scanEnvelope,
		`SELECT seq, epoch, role, hash, hour, body FROM report_message WHERE programme = ? AND report = ? ORDER BY seq`, programme, rep)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return append(all, later...), nil
}

func scanEnvelope(rows *sql.Rows) (report.Envelope, error) {
	var e report.Envelope
	var hash []byte
	if err := rows.Scan(&e.Seq, &e.Epoch, &e.Role, &hash, &e.Hour, &e.Body); err != nil {
		return report.Envelope{}, err
	}
	return e, setHash(&e.Hash, hash)
}

// Grants implements report.IntakeStore.
func (s *Store) Grants(ctx context.Context, programme, rep id.ID, to string) ([]report.Grant, error) {
	var packed []byte
	err := s.db.Reader(ctx).Row(ctx, `SELECT s.grants FROM report r JOIN report_sealed s ON s.place = r.place AND s.programme = r.programme
		WHERE r.programme = ? AND r.id = ?`, []any{programme, rep}, &packed)
	if err != nil {
		return nil, fmt.Errorf("read grants: %w", missing(err))
	}
	grants, err := unpackGrants(packed)
	if err != nil {
		return nil, fmt.Errorf("read grants: %w", err)
	}
	return slices.DeleteFunc(grants, func(g report.Grant) bool { return g.To != to }), nil
}

// Append implements report.IntakeStore.
func (s *Store) Append(ctx context.Context, programme, rep id.ID, prev report.Hash, e report.Envelope) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	byReporter := flag(e.Role == string(seal.RoleReporter))
	moved, err := q.Exec(ctx, `UPDATE report SET head_seq = ?, head_hash = ?, unanswered = ?, replied = CASE WHEN ? = 1 THEN ? ELSE replied END
		WHERE programme = ? AND id = ? AND head_hash = ? AND head_seq = ?`,
		e.Seq, e.Hash[:], byReporter, byReporter, hours(e.Hour), programme, rep, prev[:], e.Seq-1)
	if err != nil {
		return fmt.Errorf("move the head: %w", err)
	}
	if moved == 0 {
		if _, err := s.row(ctx, programme, rep); err != nil {
			return err
		}
		return fault.New(fault.Conflict, "There is a newer message. Load the conversation again.")
	}
	_, err = q.Exec(ctx, `INSERT INTO report_message (place, programme, report, seq, epoch, role, hash, hour, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		randomPlace(), programme, rep, e.Seq, e.Epoch, e.Role, e.Hash[:], hours(e.Hour), e.Body)
	if err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	return nil
}

// Delete implements report.IntakeStore. The history of what members did stays.
func (s *Store) Delete(ctx context.Context, programme, rep id.ID) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	r, err := s.row(ctx, programme, rep)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM report_sealed WHERE place = ? AND programme = ?`, []any{r.place, programme}},
		{`DELETE FROM report_message WHERE programme = ? AND report = ?`, []any{programme, rep}},
		{`DELETE FROM report_token WHERE programme = ? AND report = ?`, []any{programme, rep}},
		{`DELETE FROM report_ended WHERE programme = ? AND report = ?`, []any{programme, rep}},
		{`DELETE FROM report_file WHERE programme = ? AND report = ?`, []any{programme, rep}},
		{`DELETE FROM report_original WHERE programme = ? AND report = ?`, []any{programme, rep}},
		{`DELETE FROM report WHERE programme = ? AND id = ?`, []any{programme, rep}},
	} {
		if _, err := q.Exec(ctx, step.query, step.args...); err != nil {
			return fmt.Errorf("delete report: %w", err)
		}
	}
	return nil
}
