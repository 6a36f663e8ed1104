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
