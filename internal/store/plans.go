// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Plan is how the database would answer a query.
type Plan struct {
	Query string
	Steps []string
}

// Wide returns the steps that read a whole table, or a whole programme of it:
// right for a handful of settings, wrong for what grows.
func (p Plan) Wide() []string {
	var wide []string
	for _, s := range p.Steps {
		_, by, searched := strings.Cut(s, "(")
		if strings.HasPrefix(s, "SCAN") || searched && strings.HasPrefix(s, "SEARCH") && strings.Count(by, "=?")+strings.Count(by, ">?")+strings.Count(by, "<?") == 1 && strings.HasPrefix(by, "programme=?") {
			wide = append(wide, s)
		}
	}
	return wide
}

// Plans returns the plan of every query that was asked so far, in the order of
// their texts, for a test to look at.
func (db *DB) Plans(ctx context.Context) ([]Plan, error) {
	queries := map[string]bool{}
	for _, s := range []*statements{db.read.statements, db.writer.stmts} {
		s.mu.RLock()
		for q := range s.kept {
			queries[q] = true
		}
		s.mu.RUnlock()
	}
	var all []Plan
	for _, q := range slices.Sorted(maps.Keys(queries)) {
		if verb, _, _ := strings.Cut(strings.TrimSpace(q), " "); !slices.Contains([]string{"SELECT", "UPDATE", "DELETE", "INSERT"}, verb) {
			continue
		}
		args := make([]any, strings.Count(q, "?"))
		steps, err := Collect(ctx, db.read, func(rows *sql.Rows) (step string, err error) {
			var n any
			return step, rows.Scan(&n, &n, &n, &step)
		}, `EXPLAIN QUERY PLAN `+q, args...)
		if err != nil {
			return nil, fmt.Errorf("plan of %q: %w", q, err)
		}
		all = append(all, Plan{q, steps})
	}
	return all, nil
}
