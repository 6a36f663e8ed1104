// SPDX-License-Identifier: AGPL-3.0-or-later

package ledgerstore_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// TestPagesOfTheLogAreReadInOrder asks SQLite for its plans: a page of a log of
// millions is read from its end, and nothing is sorted.
func TestPagesOfTheLogAreReadInOrder(t *testing.T) {
	db := storetest.SQLite(t)
	for where, args := range map[string][]any{
		`programme = ? AND n < ?`:              {id.New(), 9},
		`programme = ? AND kind = ? AND n < ?`: {id.New(), "audit", 9},
	} {
		plan, err := store.Collect(t.Context(), db.Reader(t.Context()), func(rows *sql.Rows) (detail string, err error) {
			var n any
			return detail, rows.Scan(&n, &n, &n, &detail)
		}, `EXPLAIN QUERY PLAN SELECT n, payload FROM ledger_leaf WHERE `+where+` ORDER BY n DESC LIMIT ?`, append(args, 50)...)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, "SEARCH ledger_leaf USING INDEX") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s: %s", where, text)
		}
	}
}
