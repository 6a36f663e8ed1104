// SPDX-License-Identifier: AGPL-3.0-or-later

// Package preventstore keeps signed publications, imported help
// directories and the versions of texts: it implements
// prevent.PublicationStore, directory.Store and editing.Store. It
// must never change what was published, imported or sent for approval. It is
// safe for concurrent use.
package preventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store keeps publications in a database.
type Store struct{ db *store.DB }

var _ prevent.PublicationStore = (*Store)(nil)

// New returns the store of publications in db.
func New(db *store.DB) *Store { return &Store{db} }

// Newest implements prevent.PublicationStore.
func (s *Store) Newest(ctx context.Context, of id.ID) (prevent.Signed, error) {
	return s.one(ctx, of, `SELECT number, body, signature FROM prevent_publication WHERE programme = ? ORDER BY number DESC LIMIT 1`, of)
}

// Numbered implements prevent.PublicationStore.
func (s *Store) Numbered(ctx context.Context, of id.ID, number int) (prevent.Signed, error) {
	return s.one(ctx, of, `SELECT number, body, signature FROM prevent_publication WHERE programme = ? AND number = ?`, of, number)
}

func (s *Store) one(ctx context.Context, of id.ID, query string, args ...any) (prevent.Signed, error) {
	p := prevent.Signed{Programme: of}
	err := s.db.Reader(ctx).Row(ctx, query, args, &p.Number, &p.Bytes, &p.Signature)
	if errors.Is(err, sql.ErrNoRows) {
		return prevent.Signed{}, fault.New(fault.NotFound, "Nothing has been published yet.")
	}
	if err != nil {
		return prevent.Signed{}, fmt.Errorf("read publication: %w", err)
	}
	return p, nil
}

// Keep implements prevent.PublicationStore.
func (s *Store) Keep(ctx context.Context, p prevent.Signed) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO prevent_publication (programme, number, body, signature) VALUES (?, ?, ?, ?)`, p.Programme, p.Number, p.Bytes, p.Signature)
	if errors.Is(err, store.ErrExists) {
		return fault.Wrap(fault.Conflict, "A publication with this number exists already.", err)
	}
	if err != nil {
		return fmt.Errorf("keep publication: %w", err)
	}
	return nil
}
