// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/store"
)

// SaveMarks implements report.DeskStore.
func (s *Store) SaveMarks(ctx context.Context, programme, rep id.ID, m report.Marks) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	r, err := s.row(ctx, programme, rep)
	if err != nil {
		return err
	}
	if m.Version != r.Marks.Version+1 {
		return fault.New(fault.Conflict, "A colleague changed this report meanwhile. Load it again.")
	}
	_, err = q.Exec(ctx, `UPDATE report SET version = ?, state = ?, urgency = ?, assigned = ?, restricted = ?, reason = ?,
		first_read = ?, replied = ?, answered = ?, first_answer = ?, alarm = ? WHERE programme = ? AND id = ?`,
		m.Version, string(m.State), string(m.Urgency), accountOf(m.Assigned), flag(m.Restricted), string(m.Reason),
		numberOf(m.FirstRead), hours(m.Replied), numberOf(m.Answered), numberOf(m.FirstAnswer), flag(alarm(r.Danger, m)), programme, rep)
	if err != nil {
		return fmt.Errorf("save marks: %w", err)
	}
	return nil
}

// Reseal implements report.DeskStore.
func (s *Store) Reseal(ctx context.Context, programme, rep id.ID, epoch int, grants []report.Grant) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	r, err := s.row(ctx, programme, rep)
	if err != nil {
		return err
	}
	if _, err := q.Exec(ctx, `UPDATE report SET epoch = ? WHERE programme = ? AND id = ?`, epoch, programme, rep); err != nil {
		return fmt.Errorf("move to epoch %d: %w", epoch, err)
	}
	if _, err := q.Exec(ctx, `UPDATE report_sealed SET grants = ? WHERE place = ? AND programme = ?`, packGrants(grants), r.place, programme); err != nil {
		return fmt.Errorf("replace grants: %w", err)
	}
	return nil
}

// Covers implements report.DeskStore.
func (s *Store) Covers(ctx context.Context, programme id.ID, reports []id.ID) ([]report.Cover, error) {
	q := s.db.Reader(ctx)
	var covers []report.Cover
	for _, rep := range reports {
		found, err := store.Collect(ctx, q, scanCover, `SELECT r.id, r.slot, r.arrived, s.role, s.hashes, s.cover, s.grants
			FROM report r JOIN report_sealed s ON s.place = r.place AND s.programme = r.programme WHERE r.programme = ? AND r.id = ?`, programme, rep)
		if err != nil {
			return nil, fmt.Errorf("read cover: %w", err)
		}
		covers = append(covers, found...)
	}
	return covers, nil
}

func scanCover(rows *sql.Rows) (report.Cover, error) {
	var c report.Cover
	var hashes, packed []byte
	if err := rows.Scan(&c.Report, &c.Slot, &c.Envelope.Hour, &c.Envelope.Role, &hashes, &c.Envelope.Body, &packed); err != nil {
		return report.Cover{}, err
	}
	if err := setHash(&c.Envelope.Hash, hashes[:min(len(hashes), len(seal.Hash{}))]); err != nil {
		return report.Cover{}, err
	}
	grants, err := unpackGrants(packed)
	if err != nil {
		return report.Cover{}, err
	}
	c.Grants = slices.DeleteFunc(grants, func(g report.Grant) bool { return g.To != report.ToDesk && g.To != report.ToMember })
	return c, nil
}

// SaveTokens implements report.DeskStore.
func (s *Store) SaveTokens(ctx context.Context, programme, rep id.ID, tokens []report.Hash) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	if _, err := s.row(ctx, programme, rep); err != nil {
		return err
	}
	if _, err := q.Exec(ctx, `DELETE FROM report_token WHERE programme = ? AND report = ?`, programme, rep); err != nil {
		return fmt.Errorf("replace tokens: %w", err)
	}
	for _, t := range tokens {
		_, err := q.Exec(ctx, `INSERT INTO report_token (programme, token, report) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, programme, t[:], rep)
		if err != nil {
			return fmt.Errorf("replace tokens: %w", err)
		}
	}
	return nil
}

// Mentions implements report.DeskStore. CROSS JOIN keeps the order: the
// report's own few tokens first.
func (s *Store) Mentions(ctx context.Context, programme, rep id.ID, limit int) ([]id.ID, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scanID, `SELECT DISTINCT other.report FROM report_token own CROSS JOIN report_token other
		WHERE own.programme = ? AND own.report = ? AND other.programme = own.programme AND other.token = own.token AND other.report <> own.report LIMIT ?`, programme, rep, limit)
}

func scanID(rows *sql.Rows) (v id.ID, err error) { return v, rows.Scan(&v) }

// Count implements report.DeskStore.
func (s *Store) Count(ctx context.Context, programme, desk id.ID, day int, channel report.Channel, reason report.Reason) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO report_count (programme, desk, day, channel, reason, n) VALUES (?, ?, ?, ?, ?, 1)
		ON CONFLICT (programme, desk, day, channel, reason) DO UPDATE SET n = report_count.n + 1`, programme, desk, day, string(channel), string(reason))
	if err != nil {
		return fmt.Errorf("count contact: %w", err)
	}
	return nil
}

// Counts implements report.DeskStore.
func (s *Store) Counts(ctx context.Context, programme id.ID, desks []id.ID, from, to int) (map[report.Channel]map[report.Reason]int, error) {
	type count struct {
		channel report.Channel
		reason  report.Reason
		n       int
	}
	sums := map[report.Channel]map[report.Reason]int{}
	for _, desk := range desks {
		counts, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (c count, err error) {
			return c, rows.Scan(&c.channel, &c.reason, &c.n)
		}, `SELECT channel, reason, sum(n) FROM report_count WHERE programme = ? AND desk = ? AND day >= ? AND day <= ? GROUP BY channel, reason`,
			programme, desk, from, to)
		if err != nil {
			return nil, fmt.Errorf("sum contacts: %w", err)
		}
		for _, c := range counts {
			if sums[c.channel] == nil {
				sums[c.channel] = map[report.Reason]int{}
			}
			sums[c.channel][c.reason] += c.n
		}
	}
	return sums, nil
}
