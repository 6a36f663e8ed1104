// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ledgerstore keeps the rows of the tamper-evident log: it implements
// ledger.Store. It must never change a leaf or a hash once written; erasing
// takes salt and payload only. It is safe for concurrent use.
package ledgerstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store is a ledger.Store in a database.
type Store struct{ db *store.DB }

var _ ledger.Store = (*Store)(nil)

// New returns the store of the log in db.
func New(db *store.DB) *Store { return &Store{db} }

// Size implements ledger.Store.
func (s *Store) Size(ctx context.Context) (int64, []ledger.Hash, error) {
	var n int64
	var packed []byte
	err := s.db.Reader(ctx).Row(ctx, `SELECT n, hashes FROM ledger_leaf ORDER BY n DESC LIMIT 1`, nil, &n, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	hashes, err := unpack(packed)
	return n + 1, hashes, err
}

// Append implements ledger.Store.
func (s *Store) Append(ctx context.Context, rows []ledger.Row) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		packed := make([]byte, 0, len(r.Hashes)*ledger.HashSize)
		for _, h := range r.Hashes {
			packed = append(packed, h[:]...)
		}
		_, err := q.Exec(ctx, `INSERT INTO ledger_leaf (n, id, programme, kind, leaf, hashes, salt, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			r.N, r.ID, r.Programme, r.Kind, r.Leaf, packed, r.Salt, r.Payload)
		if err != nil {
			return fmt.Errorf("keep leaf %d: %w", r.N, err)
		}
	}
	return nil
}

// Hashes implements ledger.Store with one look-up for each leaf.
func (s *Store) Hashes(ctx context.Context, leaves []int64) ([][]ledger.Hash, error) {
	q := s.db.Reader(ctx)
	all := make([][]ledger.Hash, len(leaves))
	for i, n := range leaves {
		var packed []byte
		err := q.Row(ctx, `SELECT hashes FROM ledger_leaf WHERE n = ?`, []any{n}, &packed)
		if err != nil {
			return nil, fmt.Errorf("read hashes of leaf %d: %w", n, missing(err))
		}
		if all[i], err = unpack(packed); err != nil {
			return nil, fmt.Errorf("read hashes of leaf %d: %w", n, err)
		}
	}
	return all, nil
}

// Leaves implements ledger.Store.
func (s *Store) Leaves(ctx context.Context, from int64, n int) ([][]byte, error) {
	return store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (leaf []byte, err error) {
		return leaf, rows.Scan(&leaf)
	}, `SELECT leaf FROM ledger_leaf WHERE n >= ? ORDER BY n LIMIT ?`, from, n)
}

const columns = `n, id, programme, kind, leaf, hashes, salt, payload`

// Row implements ledger.Store.
func (s *Store) Row(ctx context.Context, n int64) (ledger.Row, error) {
	return s.one(ctx, `SELECT `+columns+` FROM ledger_leaf WHERE n = ?`, n)
}

// ByID implements ledger.Store.
func (s *Store) ByID(ctx context.Context, entry id.ID) (ledger.Row, error) {
	return s.one(ctx, `SELECT `+columns+` FROM ledger_leaf WHERE id = ?`, entry)
}

func (s *Store) one(ctx context.Context, query string, key any) (ledger.Row, error) {
	rows, err := store.Collect(ctx, s.db.Reader(ctx), scan, query, key)
	if err != nil {
		return ledger.Row{}, fmt.Errorf("read entry %v: %w", key, err)
	}
	if len(rows) == 0 {
		return ledger.Row{}, missing(sql.ErrNoRows)
	}
	return rows[0], nil
}

// Find implements ledger.Store.
func (s *Store) Find(ctx context.Context, q ledger.Query) ([]ledger.Row, error) {
	before := q.Before
	if before == 0 {
		before = 1 << 62
	}
	var rows []ledger.Row
	var err error
	if q.Kind == "" {
		rows, err = store.Collect(ctx, s.db.Reader(ctx), scan,
			`SELECT `+columns+` FROM ledger_leaf WHERE programme = ? AND n < ? ORDER BY n DESC LIMIT ?`, q.Programme, before, q.Limit)
	} else {
		rows, err = store.Collect(ctx, s.db.Reader(ctx), scan,
			`SELECT `+columns+` FROM ledger_leaf WHERE programme = ? AND kind = ? AND n < ? ORDER BY n DESC LIMIT ?`, q.Programme, q.Kind, before, q.Limit)
	}
	if err != nil {
		return nil, fmt.Errorf("find entries: %w", err)
	}
	return rows, nil
}

// Erase implements ledger.Store.
func (s *Store) Erase(ctx context.Context, n int64) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	changed, err := q.Exec(ctx, `UPDATE ledger_leaf SET salt = NULL, payload = NULL WHERE n = ?`, n)
	if err != nil {
		return fmt.Errorf("erase leaf %d: %w", n, err)
	}
	if changed == 0 {
		return missing(sql.ErrNoRows)
	}
	return nil
}

// KeepCheckpoint implements ledger.Store.
func (s *Store) KeepCheckpoint(ctx context.Context, size int64, note []byte) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO ledger_checkpoint (size, note) VALUES (?, ?) ON CONFLICT (size) DO UPDATE SET note = excluded.note`, size, note)
	if err != nil {
		return fmt.Errorf("keep checkpoint %d: %w", size, err)
	}
	return nil
}

// LastCheckpoint implements ledger.Store.
func (s *Store) LastCheckpoint(ctx context.Context) ([]byte, error) {
	var note []byte
	err := s.db.Reader(ctx).Row(ctx, `SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1`, nil, &note)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return note, err
}

func scan(rows *sql.Rows) (ledger.Row, error) {
	var r ledger.Row
	var packed []byte
	if err := rows.Scan(&r.N, &r.ID, &r.Programme, &r.Kind, &r.Leaf, &packed, &r.Salt, &r.Payload); err != nil {
		return ledger.Row{}, err
	}
	hashes, err := unpack(packed)
	r.Hashes = hashes
	return r, err
}

func unpack(packed []byte) ([]ledger.Hash, error) {
	if len(packed)%ledger.HashSize != 0 || len(packed) == 0 {
		return nil, fmt.Errorf("ledger row: %d bytes are no list of hashes", len(packed))
	}
	var hashes []ledger.Hash
	for h := range slices.Chunk(packed, ledger.HashSize) {
		hashes = append(hashes, ledger.Hash(h))
	}
	return hashes, nil
}

func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(fault.NotFound, "There is no such entry in the log.", err)
	}
	return err
}
