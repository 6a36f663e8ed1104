// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"errors"
	"fmt"
)

// Tidy writes the database anew in the order of its keys, which are random,
// and empties the write-ahead log. Keys and indexes never tell the order of
// arrivals, but the pages of a file are given out one after the other: until
// it is tidied, somebody who takes the file can read that order from where
// rows lie. Writers wait meanwhile, one to two seconds for each 100 MiB
// (BenchmarkTidy), so a database of more than limit bytes is left as it is;
// tidied says which.
func (db *DB) Tidy(ctx context.Context, limit int64) (tidied bool, err error) {
	err = db.writer.doAlone(ctx, func() error {
		var pages, size int64
		stmts := db.writer.stmts
		if err := stmts.row(ctx, `PRAGMA page_count`, nil, []any{&pages}); err != nil {
			return err
		}
		if err := stmts.row(ctx, `PRAGMA page_size`, nil, []any{&size}); err != nil {
			return err
		}
		if pages*size > limit {
			return nil
		}
		tidied = true
		return rewrite(context.WithoutCancel(ctx), stmts)
	})
	if err != nil {
		return false, fmt.Errorf("tidy the database: %w", err)
	}
	return tidied, nil
}

// rewrite is what Tidy does. The copy that is made on the way is a file without
// a name, not memory: a database may be larger than that.
func rewrite(ctx context.Context, stmts *statements) error {
	if _, err := stmts.exec(ctx, `PRAGMA temp_store = file`, nil); err != nil {
		return err
	}
	_, err := stmts.exec(ctx, `VACUUM`, nil)
	_, back := stmts.exec(ctx, `PRAGMA temp_store = memory`, nil)
	if err := errors.Join(err, back); err != nil {
		return err
	}
	var busy, frames, moved int
	return stmts.row(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`, nil, []any{&busy, &frames, &moved})
}

// Thoroughly runs do, inside a change, so that nothing of what it deletes or
// shortens stays in the database file. Otherwise pages that become free keep
// their content until they are used again. The write-ahead log still holds it:
// EmptyLog.
func (db *DB) Thoroughly(ctx context.Context, do func() error) (err error) {
	q, err := db.Writer(ctx)
	if err != nil {
		return err
	}
	if _, err := q.Exec(ctx, `PRAGMA secure_delete = on`); err != nil {
		return fmt.Errorf("delete thoroughly: %w", err)
	}
	defer func() {
		if _, back := q.Exec(ctx, `PRAGMA secure_delete = fast`); back != nil {
			err = errors.Join(err, fmt.Errorf("delete as always: %w", back))
		}
	}()
	return do()
}

// EmptyLog copies the write-ahead log back into the database file and cuts it
// to nothing. fault.Unavailable says that somebody still reads from it.
func (db *DB) EmptyLog(ctx context.Context) error {
	var busy, frames, moved int
	err := db.writer.doAlone(ctx, func() error {
		return db.writer.stmts.row(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`, nil, []any{&busy, &frames, &moved})
	})
	if err == nil && busy != 0 {
		err = unavailable(errors.New("the log is in use"))
	}
	if err != nil {
		return fmt.Errorf("empty the write-ahead log: %w", err)
	}
	return nil
}
