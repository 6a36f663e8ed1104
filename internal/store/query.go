// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// Querier asks the database. Queries are constants with `?` for values; each
// is prepared once and kept.
type Querier interface {
	// Exec runs a statement and returns how many rows it changed.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Query returns rows, which the caller closes; Collect does it for you.
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	// Row reads the first row of the answer into dest. It returns
	// sql.ErrNoRows when there is none.
	Row(ctx context.Context, query string, args []any, dest ...any) error
}

// Collect runs a query and returns what scan makes of each row, in order.
func Collect[T any](ctx context.Context, q Querier, scan func(rows *sql.Rows) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, classify(rows.Close())) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		all = append(all, v)
	}
	return all, classify(rows.Err())
}

// preparer is a *sql.DB or a *sql.Conn.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// maxStatements bounds the cache, in case somebody builds queries from values
// after all.
const maxStatements = 1000

// statements prepares each query once. It is safe for concurrent use.
type statements struct {
	dialect Dialect
	on      preparer
	mu      sync.RWMutex
	kept    map[string]*sql.Stmt
}

func newStatements(d Dialect, on preparer) *statements {
	return &statements{dialect: d, on: on, kept: map[string]*sql.Stmt{}}
}

func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	stmt := s.kept[query]
	s.mu.RUnlock()
	if stmt != nil {
		return stmt, nil
	}
	// Prepared without the lock: it may wait for a free connection, whose holder
	// may wait for the lock.
	fresh, err := s.on.PrepareContext(ctx, s.dialect.Query(query))
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, classify(err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.kept[query]; stmt != nil {
		return stmt, fresh.Close() //nolint:sqlclosecheck // somebody else was faster
	}
	if len(s.kept) >= maxStatements {
		return nil, errors.Join(fmt.Errorf("store: more than %d different queries: values belong into arguments", maxStatements), fresh.Close())
	}
	s.kept[query] = fresh
	return fresh, nil
}

func (s *statements) exec(ctx context.Context, query string, args []any) (int64, error) {
	stmt, err := s.get(ctx, query) //nolint:sqlclosecheck // kept for the next call; close closes it
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, classify(err)
	}
	n, err := res.RowsAffected()
	return n, classify(err)
}

func (s *statements) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	stmt, err := s.get(ctx, query) //nolint:sqlclosecheck // kept for the next call; close closes it
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, classify(err)
	}
	return rows, nil
}

func (s *statements) row(ctx context.Context, query string, args, dest []any) error {
	stmt, err := s.get(ctx, query) //nolint:sqlclosecheck // kept for the next call; close closes it
	if err != nil {
		return err
	}
	return classify(stmt.QueryRowContext(ctx, args...).Scan(dest...))
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.kept {
		errs = append(errs, stmt.Close())
	}
	clear(s.kept)
	return errors.Join(errs...)
}

// pool is the Querier of the read-only connections.
type pool struct{ *statements }

func newPool(d Dialect, db *sql.DB) *pool { return &pool{newStatements(d, db)} }

// Exec always refuses: these connections read.
func (p *pool) Exec(context.Context, string, ...any) (int64, error) { return 0, ErrNoTransaction }

// Query implements Querier.
func (p *pool) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.query(ctx, query, args)
}

// Row implements Querier.
func (p *pool) Row(ctx context.Context, query string, args []any, dest ...any) error {
	return p.row(ctx, query, args, dest)
}
