// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// layout is one way to keep a sealed report in tables.
type layout struct {
	name   string
	schema []string
	insert func(exec func(query string, args ...any) error, part func(n int) []byte) error
}

const (
	grantSize       = 2600
	coverSize       = 3800
	firstSize       = 10000
	checkpointBytes = 16 << 20
)

// layouts are the alternatives that docs/decisions/report-tables.md compares.
var layouts = []layout{
	{
		name: "one-row",
		schema: []string{
			`CREATE TABLE report (programme BLOB, id BLOB, desk BLOB, hour INTEGER, token BLOB, body BLOB, PRIMARY KEY (programme, id)) WITHOUT ROWID`,
			`CREATE UNIQUE INDEX report_token ON report (token)`,
		},
		insert: func(exec func(string, ...any) error, part func(int) []byte) error {
			return exec(`INSERT INTO report VALUES (?,?,?,?,?,?)`, programme, part(16), part(16), 1, part(32), part(3*grantSize+coverSize+firstSize))
		},
	},
	{
		name: "split",
		schema: []string{
			`CREATE TABLE report (programme BLOB, id BLOB, desk BLOB, hour INTEGER, token BLOB, PRIMARY KEY (programme, id)) WITHOUT ROWID`,
			`CREATE UNIQUE INDEX report_token ON report (token)`,
			`CREATE TABLE grant_ (programme BLOB, report BLOB, epoch INTEGER, holder BLOB, body BLOB, PRIMARY KEY (programme, report, epoch, holder)) WITHOUT ROWID`,
			`CREATE TABLE message (programme BLOB, report BLOB, seq INTEGER, body BLOB, PRIMARY KEY (programme, report, seq)) WITHOUT ROWID`,
		},
		insert: func(exec func(string, ...any) error, part func(int) []byte) error {
			id := part(16)
			if err := exec(`INSERT INTO report VALUES (?,?,?,?,?)`, programme, id, part(16), 1, part(32)); err != nil {
				return err
			}
			for range 3 {
				if err := exec(`INSERT INTO grant_ VALUES (?,?,?,?,?)`, programme, id, 0, part(16), part(grantSize)); err != nil {
					return err
				}
			}
			if err := exec(`INSERT INTO message VALUES (?,?,?,?)`, programme, id, 0, part(coverSize)); err != nil {
				return err
			}
			return exec(`INSERT INTO message VALUES (?,?,?,?)`, programme, id, 1, part(firstSize))
		},
	},
	{
		name: "marks-and-envelope", // small marks apart from what never changes; later messages in a third table
		schema: []string{
			`CREATE TABLE report (programme BLOB, id BLOB, desk BLOB, hour INTEGER, token BLOB, PRIMARY KEY (programme, id)) WITHOUT ROWID`,
			`CREATE UNIQUE INDEX report_token ON report (token)`,
			`CREATE TABLE envelope (programme BLOB, report BLOB, grants BLOB, cover BLOB, first BLOB, PRIMARY KEY (programme, report)) WITHOUT ROWID`,
		},
		insert: func(exec func(string, ...any) error, part func(int) []byte) error {
			id := part(16)
			if err := exec(`INSERT INTO report VALUES (?,?,?,?,?)`, programme, id, part(16), 1, part(32)); err != nil {
				return err
			}
			return exec(`INSERT INTO envelope VALUES (?,?,?,?,?)`, programme, id, part(3*grantSize), part(coverSize), part(firstSize))
		},
	},
	{
		name: "rowid-envelope", // the same with a rowid: what hiding the order of arrival costs
		schema: []string{
			`CREATE TABLE report (programme BLOB, id BLOB, desk BLOB, hour INTEGER, token BLOB, PRIMARY KEY (programme, id)) WITHOUT ROWID`,
			`CREATE UNIQUE INDEX report_token ON report (token)`,
			`CREATE TABLE envelope (programme BLOB, report BLOB, grants BLOB, cover BLOB, first BLOB, PRIMARY KEY (programme, report))`,
		},
		insert: func(exec func(string, ...any) error, part func(int) []byte) error {
			id := part(16)
			if err := exec(`INSERT INTO report VALUES (?,?,?,?,?)`, programme, id, part(16), 1, part(32)); err != nil {
				return err
			}
			return exec(`INSERT INTO envelope VALUES (?,?,?,?,?)`, programme, id, part(3*grantSize), part(coverSize), part(firstSize))
		},
	},
	{
		name: "random-key", // an integer key drawn at random: nothing of the arrival, and integers to compare
		schema: []string{
			`CREATE TABLE report (programme BLOB, id BLOB, desk BLOB, hour INTEGER, token BLOB, place INTEGER, PRIMARY KEY (programme, id)) WITHOUT ROWID`,
			`CREATE UNIQUE INDEX report_token ON report (token)`,
			`CREATE TABLE envelope (place INTEGER PRIMARY KEY, cover BLOB, grants BLOB, first BLOB)`,
		},
		insert: func(exec func(string, ...any) error, part func(int) []byte) error {
			place := int64(binary.BigEndian.Uint64(part(8)) >> 1)
			if err := exec(`INSERT INTO report VALUES (?,?,?,?,?,?)`, programme, part(16), part(16), 1, part(32), place); err != nil {
				return err
			}
			return exec(`INSERT INTO envelope VALUES (?,?,?,?)`, place, part(coverSize), part(3*grantSize), part(firstSize))
		},
	},
	{
		name: "random-key-pieces", // every piece a row; the pieces of one report lie beside each other
		schema: []string{
			`CREATE TABLE report (programme BLOB, id BLOB, desk BLOB, hour INTEGER, token BLOB, place INTEGER, PRIMARY KEY (programme, id)) WITHOUT ROWID`,
			`CREATE UNIQUE INDEX report_token ON report (token)`,
			`CREATE TABLE piece (place INTEGER PRIMARY KEY, body BLOB)`,
		},
		insert: func(exec func(string, ...any) error, part func(int) []byte) error {
			place := int64(binary.BigEndian.Uint64(part(8)) >> 17 << 16)
			if err := exec(`INSERT INTO report VALUES (?,?,?,?,?,?)`, programme, part(16), part(16), 1, part(32), place); err != nil {
				return err
			}
			for i, size := range []int{coverSize, grantSize, grantSize, grantSize, firstSize} {
				if err := exec(`INSERT INTO piece VALUES (?,?)`, place+int64(i), part(size)); err != nil {
					return err
				}
			}
			return nil
		},
	},
}

var programme = make([]byte, 16)

// BenchmarkLayout writes durable batches of 16 reports of about 20 KB into
// tables that hold TURNSTONE_BENCH_REPORTS already (default 10,000). It is where page size, checkpoint interval and
// the layout of the tables come from.
func BenchmarkLayout(b *testing.B) {
	for _, l := range layouts {
		for _, page := range []int{4096, 16384} {
			b.Run(fmt.Sprintf("%s/page=%d", l.name, page), func(b *testing.B) { writeBatches(b, l, page, checkpointBytes/page) })
		}
	}
}

func writeBatches(b *testing.B, l layout, page, checkpoint int) {
	path := filepath.Join(b.TempDir(), "layout.db")
	exec := openLayout(b, path, l, page, checkpoint)
	part := func(n int) []byte {
		p := make([]byte, n)
		_, _ = rand.Read(p)
		return p
	}
	const batch = 16
	prefill := 10_000
	if s := os.Getenv("TURNSTONE_BENCH_REPORTS"); s != "" {
		var err error
		prefill, err = strconv.Atoi(s)
		must(b, err)
	}
	must(b, exec("PRAGMA synchronous=off"))
	for range prefill / 1000 { // so that trees have some depth and don't fit into the cache
		must(b, exec("BEGIN"))
		for range 1000 {
			must(b, l.insert(exec, part))
		}
		must(b, exec("COMMIT"))
	}
	must(b, exec("PRAGMA synchronous=full"))
	must(b, exec("PRAGMA wal_checkpoint(truncate)")) // else the disk is still busy with the filling
	b.ResetTimer()
	busy := cpuTime(b)
	for range b.N {
		must(b, exec("BEGIN IMMEDIATE"))
		for range batch {
			must(b, exec("SAVEPOINT change"))
			must(b, l.insert(exec, part))
			must(b, exec("RELEASE change"))
		}
		must(b, exec("COMMIT"))
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "reports/s")
	b.ReportMetric(float64((cpuTime(b)-busy).Microseconds())/float64(b.N*batch), "cpu-us/report")
	if info, err := os.Stat(path); err == nil {
		b.ReportMetric(float64(info.Size())/float64(b.N*batch+prefill), "B/report")
	}
}

// cpuTime is what the process has used, in user and kernel: unlike time on the
// wall it says the same on a busy machine.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// openLayout opens a database with the layout's tables and returns what runs a
// statement on it, prepared once.
func openLayout(b *testing.B, path string, l layout, page, checkpoint int) func(query string, args ...any) error {
	b.Helper()
	ctx := context.Background()
	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?_pragma=page_size(%d)&_pragma=journal_mode(wal)&_pragma=synchronous(full)"+
		"&_pragma=cache_size(-32768)&_pragma=temp_store(memory)&_pragma=wal_autocheckpoint(%d)", path, page, checkpoint))
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(ctx)
	must(b, err)
	for _, s := range l.schema {
		_, err := conn.ExecContext(ctx, s)
		must(b, err)
	}
	kept := map[string]*sql.Stmt{}
	return func(query string, args ...any) error {
		stmt, ok := kept[query]
		if !ok {
			var err error
			if stmt, err = conn.PrepareContext(ctx, query); err != nil {
				return err
			}
			kept[query] = stmt
		}
		_, err := stmt.ExecContext(ctx, args...)
		return err
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
