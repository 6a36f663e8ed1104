// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

const (
	busyTimeout = 10 * time.Second
	// pageSize and checkpointPages were chosen by BenchmarkLayout; see
	// docs/decisions/report-tables.md.
	pageSize        = 4096
	checkpointPages = 16 << 20 / pageSize
)

// openSQLite opens the database file for the one writer or for the readers.
func openSQLite(o Options, write bool) (*sql.DB, error) {
	pragmas := url.Values{}
	add := func(name string, value any) { pragmas.Add("_pragma", fmt.Sprintf("%s(%v)", name, value)) }
	add("busy_timeout", busyTimeout.Milliseconds())
	add("temp_store", "memory") // no temporary file that outlives a crash
	if write {
		add("page_size", pageSize)
		add("journal_mode", "wal")
		add("synchronous", "full")
		add("foreign_keys", 1)
		add("secure_delete", "fast") // zeros over what was deleted, as far as it costs no further page
		add("wal_autocheckpoint", checkpointPages)
		add("journal_size_limit", 4*checkpointPages*pageSize)
		add("cache_size", -o.CacheKiB)
		if o.MaxPages > 0 {
			add("max_page_count", o.MaxPages)
		}
	} else {
		pragmas.Set("mode", "ro")
		add("query_only", 1)
		add("cache_size", -o.CacheKiB/8)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: o.Path}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", o.Path, err)
	}
	n := o.Readers
	if write {
		n = 1
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}
