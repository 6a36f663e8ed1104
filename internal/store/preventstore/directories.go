// SPDX-License-Identifier: AGPL-3.0-or-later

package preventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Directories keeps imported help directories in a database.
type Directories struct{ db *store.DB }

var _ directory.Store = (*Directories)(nil)

// NewDirectories returns the store of directories in db.
func NewDirectories(db *store.DB) *Directories { return &Directories{db} }

// Last implements directory.Store.
func (s *Directories) Last(ctx context.Context) (int, error) {
	var last sql.NullInt64
	if err := s.db.Reader(ctx).Row(ctx, `SELECT MAX(number) FROM prevent_directory`, nil, &last); err != nil {
		return 0, fmt.Errorf("read directory: %w", err)
	}
	return int(last.Int64), nil
}

// Current implements directory.Store.
func (s *Directories) Current(ctx context.Context) ([]directory.Imported, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (i directory.Imported, err error) {
		return i, rows.Scan(&i.Number, &i.Source, &i.Day, &i.Services, &i.Records, &i.Body)
	}, `SELECT number, source, day, services, records, body FROM prevent_directory WHERE number IN (SELECT MAX(number) FROM prevent_directory GROUP BY source) ORDER BY number`)
	if err != nil {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	return all, nil
}

// Keep implements directory.Store.
func (s *Directories) Keep(ctx context.Context, i directory.Imported) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO prevent_directory (number, source, day, services, records, body) VALUES (?, ?, ?, ?, ?, ?)`, i.Number, i.Source, i.Day, i.Services, i.Records, i.Body)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "Somebody imported a directory at the same moment. Import yours again.", err)
	}
	if err != nil {
		return fmt.Errorf("keep directory: %w", err)
	}
	_, err = q.Exec(ctx, `DELETE FROM prevent_directory WHERE source = ? AND number NOT IN (SELECT number FROM prevent_directory WHERE source = ? ORDER BY number DESC LIMIT 3)`, i.Source, i.Source)
	if err != nil {
		return fmt.Errorf("let go of old directories: %w", err)
	}
	return nil
}
