// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/store"
)

func TestDialectsTranslateQueries(t *testing.T) {
	const query = `SELECT a FROM t WHERE b = ? AND c > ? LIMIT ?`
	for _, c := range []struct {
		dialect store.Dialect
		want    string
	}{
		{store.SQLite, query},
		{store.PostgreSQL, `SELECT a FROM t WHERE b = $1 AND c > $2 LIMIT $3`},
	} {
		if got := c.dialect.Query(query); got != c.want {
			t.Errorf("%s: %s", c.dialect.Name, got)
		}
	}
}

// TestMigrationsSayOnlyWhatIsTranslated reads every migration: once translated,
// nothing of SQLite's own is left in it.
func TestMigrationsSayOnlyWhatIsTranslated(t *testing.T) {
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := store.SQLite.Schema(string(text)); got != string(text) {
			t.Errorf("%s: changed for SQLite", path)
		}
		translated := store.PostgreSQL.Schema(string(text))
		for _, own := range []string{"WITHOUT ROWID", " BLOB", " INTEGER", "AUTOINCREMENT", "strftime", "datetime("} {
			if strings.Contains(translated, own) {
				t.Errorf("%s: %q is left for PostgreSQL", path, own)
			}
		}
		for _, part := range []string{"-- +goose Up", "-- +goose Down"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s: no %q", path, part)
			}
		}
	}
}
