// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
)

// AddEnded implements report.DeskStore. What is ended, opened and ended again
// on a day was counted twice, and is kept twice.
func (s *Store) AddEnded(ctx context.Context, programme id.ID, e report.Ended) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO report_ended (programme, desk, day, report, again, channel, reason)
		SELECT ?, ?, ?, ?, coalesce(max(again), 0) + 1, ?, ? FROM report_ended WHERE programme = ? AND desk = ? AND day = ? AND report = ?`,
		programme, e.Desk, e.Day, e.Report, string(e.Channel), string(e.Reason), programme, e.Desk, e.Day, e.Report)
	if err != nil {
		return fmt.Errorf("keep what ended: %w", err)
	}
	return nil
}

func list(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Ended implements report.DeskStore.
func (s *Store) Ended(ctx context.Context, programme id.ID, f report.EndedFilter) ([]report.Ended, bool, error) {
	if len(f.Desks) == 0 {
		return nil, false, nil
	}
	where, args := ``, []any{programme}
	and := func(condition string, values ...any) {
		where += ` AND ` + condition
		args = append(args, values...)
	}
	desks := make([]any, len(f.Desks))
	for i, d := range f.Desks {
		desks[i] = d
	}
	and(`desk IN (`+list(len(desks))+`)`, desks...)
	if !f.Desk.IsZero() {
		and(`desk = ?`, f.Desk)
	}
	if f.Channel != "" {
		and(`channel = ?`, string(f.Channel))
	}
	if len(f.Reasons) > 0 {
		reasons := make([]any, len(f.Reasons))
		for i, r := range f.Reasons {
			reasons[i] = string(r)
		}
		and(`reason IN (`+list(len(reasons))+`)`, reasons...)
	}
	if f.From != 0 {
		and(`day >= ?`, f.From)
	}
	if f.To != 0 {
		and(`day <= ?`, f.To)
	}
	if !f.After.Report.IsZero() {
		and(`(day, report, again) < (?, ?, ?)`, f.After.Day, f.After.Report, f.After.Again)
	}
	found, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (e report.Ended, err error) {
		return e, rows.Scan(&e.Report, &e.Desk, &e.Day, &e.Again, &e.Channel, &e.Reason)
	}, `SELECT report, desk, day, again, channel, reason FROM report_ended WHERE programme = ?`+where+` ORDER BY day DESC, report DESC, again DESC LIMIT ?`, append(args, f.Limit+1)...)
	if err != nil {
		return nil, false, fmt.Errorf("list ended contacts: %w", err)
	}
	return found[:min(f.Limit, len(found))], len(found) > f.Limit, nil
}

// Times implements report.DeskStore.
func (s *Store) Times(ctx context.Context, programme id.ID, do func(report.Report) error) (err error) {
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT `+columns+`, place FROM report WHERE programme = ? AND (first_read > 0 OR first_answer > 0)`, programme)
	if err != nil {
		return fmt.Errorf("read reports: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scanRow(rows.Scan)
		if err != nil {
			return fmt.Errorf("read report: %w", err)
		}
		if err := do(r.Report); err != nil {
			return err
		}
	}
	return rows.Err()
}
