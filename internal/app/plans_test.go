// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/store"
)

// few are tables of which a programme has a handful of rows, and names of
// subqueries that end with a limit.
var few = []string{
	"people_session", "people_account", "people_assignment", "programme", "programme_roster", "prevent_publication", "danger_policy", "danger_responder",
	"referral_partner", "referral_times", "intel_compartment", "outcome_wall", "some", "few", "late", "(subquery-1)", "intel_words",
}

// readInOrder are lists that walk an index from its newest end until a page is
// full.
var readInOrder = []string{"SEARCH o USING INDEX outcome_day (programme=?)", "SEARCH t USING COVERING INDEX outcome_tell_waiting (programme=?)", "SCAN ledger_leaf", "SCAN ledger_checkpoint"}

func (o *office) noQueryReadsAWholeProgramme(t *testing.T) { asksNarrowly(t, o.DB, 100) }

// counts are how the full counts end that figures are checked against: they ask
// for everything of a programme.
var counts = []string{"WHERE programme = ?", "WHERE programme = ? ORDER BY item, version DESC", "WHERE programme = ? AND (first_read > 0 OR first_answer > 0)"}

// asksNarrowly asks for the plan of everything that was asked so far: what grows with the years is found by an index that says more than the
// programme. SQLite knows nothing of how many rows a programme has and takes the
// primary key where an index would need a second look.
func asksNarrowly(t *testing.T, db *store.DB, least int) {
	t.Helper()
	plans, err := db.Plans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plans) < least {
		t.Fatalf("only %d queries were asked: the test shows nothing", len(plans))
	}
	for _, p := range plans {
		for _, step := range p.Wide() {
			table := strings.Fields(step)[1]
			ordered := strings.Contains(p.Query, " LIMIT ") && !slices.ContainsFunc(p.Steps, func(s string) bool { return strings.Contains(s, "TEMP B-TREE FOR ORDER BY") })
			whole := slices.ContainsFunc(counts, func(end string) bool { return strings.HasSuffix(p.Query, end) })
			if !whole && !slices.Contains(few, table) && (!slices.Contains(readInOrder, step) || !ordered) {
				t.Errorf("%s\n\t%s", strings.Join(strings.Fields(p.Query), " "), step)
			}
		}
	}
}
