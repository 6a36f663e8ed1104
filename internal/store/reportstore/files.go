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

var _ report.FileStore = (*Store)(nil)

const fileColumns = `programme, report, blob, bytes, hour, seq`

func scanFile(rows *sql.Rows) (report.StoredFile, error) {
	var f report.StoredFile
	err := rows.Scan(&f.Programme, &f.Report, &f.Blob, &f.Bytes, &f.Hour, &f.Seq)
	return f, err
}

// Files implements report.FileStore.
func (s *Store) Files(ctx context.Context, programme, rep id.ID) ([]report.StoredFile, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scanFile,
		`SELECT `+fileColumns+` FROM report_file WHERE programme = ? AND report = ? ORDER BY blob`, programme, rep)
}

// FileBytes implements report.FileStore.
func (s *Store) FileBytes(ctx context.Context, programme id.ID) (int64, error) {
	var n int64
	err := s.db.Reader(ctx).Row(ctx, `SELECT COALESCE(SUM(bytes), 0) FROM report_file WHERE programme = ?`, []any{programme}, &n)
	if err != nil {
		return 0, fmt.Errorf("measure files: %w", err)
	}
	return n, nil
}

// AddFile implements report.FileStore.
func (s *Store) AddFile(ctx context.Context, f report.StoredFile) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO report_file (programme, report, blob, bytes, hour, seq) VALUES (?, ?, ?, ?, ?, ?)`,
		f.Programme, f.Report, f.Blob, f.Bytes, hours(f.Hour), f.Seq)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "This file is here already. Nothing was changed.", err)
	}
	if err != nil {
		return fmt.Errorf("keep file: %w", err)
	}
	return nil
}

// CommitFile implements report.FileStore.
func (s *Store) CommitFile(ctx context.Context, f report.StoredFile) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	n, err := q.Exec(ctx, `UPDATE report_file SET seq = ? WHERE programme = ? AND report = ? AND blob = ? AND seq = 0`, f.Seq, f.Programme, f.Report, f.Blob)
	if err != nil {
		return fmt.Errorf("commit file: %w", err)
	}
	if n > 0 {
		return nil
	}
	known, err := s.Files(ctx, f.Programme, f.Report)
	if err != nil {
		return err
	}
	for _, k := range known {
		if k.Blob == f.Blob {
			return fault.New(fault.Conflict, "This file is in the conversation already.")
		}
	}
	return fault.New(fault.NotFound, "The pieces of this file are not here. Send it again.")
}

// DropFile implements report.FileStore.
func (s *Store) DropFile(ctx context.Context, f report.StoredFile) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	if _, err := q.Exec(ctx, `DELETE FROM report_file WHERE programme = ? AND report = ? AND blob = ?`, f.Programme, f.Report, f.Blob); err != nil {
		return fmt.Errorf("forget file: %w", err)
	}
	return nil
}

// AllFiles implements report.FileStore.
func (s *Store) AllFiles(ctx context.Context, programme id.ID) ([]report.StoredFile, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scanFile, `SELECT `+fileColumns+` FROM report_file WHERE programme = ?`, programme)
}
