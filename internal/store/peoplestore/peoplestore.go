// SPDX-License-Identifier: AGPL-3.0-or-later

// Package peoplestore keeps what the people room declares: accounts, roles,
// log-ins, sessions and the packages of the desks' keys.
//
// It must never decide who may see a row, and never holds anything that opens
// a report: keys in its rows are public, keyed hashes or ciphertext.
//
// A Store is safe for concurrent use; writes happen inside tx.Runner.Do.
package peoplestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store implements people.Store.
type Store struct {
	DB *store.DB
}

var _ people.Store = Store{}

// one reads one row; no row is fault.NotFound.
func (s Store) one(ctx context.Context, what, query string, args []any, dest ...any) error {
	err := s.DB.Reader(ctx).Row(ctx, query, args, dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(fault.NotFound, "There is no such thing here.", fmt.Errorf("read %s: %w", what, err))
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

// write runs one statement inside the caller's change.
func (s Store) write(ctx context.Context, what, query string, args ...any) (int64, error) {
	w, err := s.DB.Writer(ctx)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", what, err)
	}
	n, err := w.Exec(ctx, query, args...)
	if errors.Is(err, store.ErrExists) {
		return 0, fault.Wrap(fault.Conflict, "This exists already.", fmt.Errorf("write %s: %w", what, err))
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", what, err)
	}
	return n, nil
}

func (s Store) exec(ctx context.Context, what, query string, args ...any) error {
	_, err := s.write(ctx, what, query, args...)
	return err
}

func moment(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// hashOf reads a stored hash.
func hashOf(b []byte) (people.Hash, error) {
	if len(b) != len(people.Hash{}) {
		return people.Hash{}, fmt.Errorf("a stored hash of %d bytes", len(b))
	}
	return people.Hash(b), nil
}
