// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	notOne := filepath.Join(dir, "text.db")
	if err := os.WriteFile(notOne, []byte(strings.Repeat("this is no database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"no path": "", "a folder": dir, "no such folder": filepath.Join(dir, "a", "b.db"), "another file": notOne} {
		db, err := store.Open(t.Context(), store.Options{Path: path})
		if err == nil {
			t.Errorf("%s: opened", name)
			_ = db.Close()
		}
	}
}

// TestDurabilityIsAskedFor reads back what SQLite was told: the promise stands
// on these.
func TestDurabilityIsAskedFor(t *testing.T) {
	h := storetest.Build(t, storetest.SQLite)
	pragma := func(ctx context.Context, q store.Querier, name string) (value string) {
		t.Helper()
		if err := q.Row(ctx, "PRAGMA "+name, nil, &value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	h.Do(t, func(ctx context.Context, _ *tx.Recorder) error {
		q, err := h.DB.Writer(ctx)
		if err != nil {
			return err
		}
		for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "temp_store": "2", "secure_delete": "2", "query_only": "0"} {
			if got := pragma(ctx, q, name); got != want {
				t.Errorf("writer: %s = %s, want %s", name, got, want)
			}
		}
		return nil
	})
	if got := pragma(t.Context(), h.DB.Reader(t.Context()), "query_only"); got != "1" {
		t.Errorf("readers: query_only = %s, want 1", got)
	}
}

// TestPathsWithSignsOfAddresses opens files whose names mean something in URIs.
func TestPathsWithSignsOfAddresses(t *testing.T) {
	for _, name := range []string{"a b.db", "100%.db", "what?.db", "#1.db", "ø.db"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := store.Open(t.Context(), store.Options{Path: path})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCollectPassesErrorsOn(t *testing.T) {
	q := storetest.Build(t, storetest.SQLite).DB.Reader(t.Context())
	errScan := errors.New("the scan says no")
	_, err := store.Collect(t.Context(), q, func(*sql.Rows) (int, error) { return 0, errScan }, `SELECT 1`)
	if !errors.Is(err, errScan) {
		t.Errorf("Collect = %v, want the scan's error", err)
	}
	if _, err := store.Collect(t.Context(), q, func(*sql.Rows) (int, error) { return 0, nil }, `SELECT nothing FROM nowhere`); err == nil {
		t.Error("a query of nowhere succeeded")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Collect(ctx, q, func(*sql.Rows) (int, error) { return 0, nil }, `SELECT 1`); !errors.Is(err, context.Canceled) {
		t.Errorf("Collect = %v, want Canceled", err)
	}
}
