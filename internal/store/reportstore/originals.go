// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
)

var _ report.OriginalStore = (*Store)(nil)

func scanOriginal(rows *sql.Rows) (report.Original, error) {
	var o report.Original
	var asked, agreed int64
	err := rows.Scan(&o.Programme, &o.Report, &o.Blob, &o.Half, &o.Asked.Who, &asked, &o.Reason, &o.Agreed.Who, &agreed)
	o.Asked.At, o.Agreed.At = timeOf(asked), timeOf(agreed)
	return o, err
}

// Originals implements report.OriginalStore.
func (s *Store) Originals(ctx context.Context, programme, rep id.ID) ([]report.Original, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scanOriginal,
		`SELECT programme, report, blob, half, asked_by, asked_at, reason, agreed_by, agreed_at FROM report_original WHERE programme = ? AND report = ? ORDER BY blob`, programme, rep)
}

// AddOriginal implements report.OriginalStore.
func (s *Store) AddOriginal(ctx context.Context, o report.Original) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO report_original (programme, report, blob, half, asked_by, asked_at, reason, agreed_by, agreed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.Programme, o.Report, o.Blob, o.Half, o.Asked.Who, numberOf(o.Asked.At), o.Reason, o.Agreed.Who, numberOf(o.Agreed.At))
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "This original is here already. Nothing was changed.", err)
	}
	if err != nil {
		return fmt.Errorf("keep original: %w", err)
	}
	return nil
}

// SaveOriginal implements report.OriginalStore.
func (s *Store) SaveOriginal(ctx context.Context, o report.Original) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	n, err := q.Exec(ctx, `UPDATE report_original SET asked_by = ?, asked_at = ?, reason = ?, agreed_by = ?, agreed_at = ? WHERE programme = ? AND report = ? AND blob = ?`,
		o.Asked.Who, numberOf(o.Asked.At), o.Reason, o.Agreed.Who, numberOf(o.Agreed.At), o.Programme, o.Report, o.Blob)
	if err != nil {
		return fmt.Errorf("keep who asked for an original: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "There is no such original.")
	}
	return nil
}
