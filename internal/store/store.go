// SPDX-License-Identifier: AGPL-3.0-or-later

// Package store is the ground under every room that keeps something: the
// database handle, one writer with group commit, read-only connections,
// migrations and the outbox. The packages below it implement the store
// interfaces that rooms declare.
//
// It must never decide who may see what (rooms do, before they ask), never
// write a time of a reporter's act finer than the hour, and never answer
// success before the bytes are durable.
//
// A DB is safe for concurrent use. Writes of all callers run one after the
// other on one goroutine and share a durable commit; reads run beside them on
// connections that cannot write.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Options says where the database is and how much it may use. The zero value
// of every field but Path is a sensible default.
type Options struct {
	// Path is the file of the SQLite database; it is made when missing.
	Path string
	// Readers is the number of read-only connections; default 4.
	Readers int
	// CacheKiB is the page cache of the writer; each reader has an eighth of
	// it. Default 32 MiB.
	CacheKiB int
	// MaxPages limits the size of the database; 0 is no limit. Tests use it
	// to see what a full disk does.
	MaxPages int
}

func (o Options) withDefaults() Options {
	if o.Readers == 0 {
		o.Readers = 4
	}
	if o.CacheKiB == 0 {
		o.CacheKiB = 32 << 10
	}
	return o
}

// DB is an open database.
type DB struct {
	read   *pool
	writer *writer
	close  []func() error
}

// Open opens the database, brings its tables up to date and starts the
// writer. The caller closes it.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Path == "" {
		return nil, errors.New("open database: no path given")
	}
	o = o.withDefaults()
	writing, err := openSQLite(o, true)
	if err != nil {
		return nil, err
	}
	db, err := open(ctx, o, writing)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	return db, nil
}

func open(ctx context.Context, o Options, writing *sql.DB) (*DB, error) {
	if err := migrate(ctx, SQLite, writing); err != nil {
		return nil, err
	}
	conn, err := writing.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the writing connection: %w", classify(err))
	}
	reading, err := openSQLite(o, false)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	db := &DB{read: newPool(SQLite, reading), writer: newWriter(SQLite, conn)}
	db.close = []func() error{db.writer.stop, reading.Close, writing.Close}
	go db.writer.loop()
	return db, nil
}

// Close waits for the change that is running, refuses later ones, copies the
// write-ahead log back and closes the files.
func (db *DB) Close() error {
	var errs []error
	for _, f := range db.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// Reader returns what to read with: inside a change the change itself, so that
// it sees what it wrote, otherwise the read-only connections.
func (db *DB) Reader(ctx context.Context) Querier {
	if s := sessionOf(ctx, db.writer); s != nil {
		return s
	}
	return db.read
}

// Writer returns what to write with. It refuses with ErrNoTransaction outside
// tx.Runner.Do, so that nothing is ever written apart from its ledger entry.
func (db *DB) Writer(ctx context.Context) (Querier, error) {
	s := sessionOf(ctx, db.writer)
	if s == nil {
		return nil, ErrNoTransaction
	}
	return s, nil
}

// ErrNoTransaction is a programmer's mistake: a write outside of a change.
var ErrNoTransaction = errors.New("store: write outside of a change: call it inside tx.Runner.Do with the context handed there")

// ErrNested is a programmer's mistake: a change that starts another one, which
// could be acknowledged before it is durable.
var ErrNested = errors.New("store: a change started another change: pass the context on and call the room's store directly")
