// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore_test

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

var (
	asks   = regexp.MustCompile(`^(SELECT|UPDATE|DELETE)\b`)
	bounds = regexp.MustCompile(`WHERE (.* )?(\w+\.)?programme = \?`)
	keeps  = regexp.MustCompile(`^INSERT INTO \w+ \((\w+, )*programme\b`)
)

// TestNoQueryWithoutItsProgramme reads every query of the package: what asks
// is bound to a programme, what keeps names one.
func TestNoQueryWithoutItsProgramme(t *testing.T) {
	found := 0
	for _, query := range queries(t) {
		switch {
		case asks.MatchString(query):
			if !bounds.MatchString(query) {
				t.Errorf("asks in all programmes: %s", query)
			}
		case strings.HasPrefix(query, "INSERT"):
			if !keeps.MatchString(query) && !strings.HasPrefix(query, "INSERT INTO report (") {
				t.Errorf("keeps without a programme: %s", query)
			}
		default:
			continue
		}
		found++
	}
	if found < 20 {
		t.Fatalf("found only %d queries: does the test still see them?", found)
	}
}

// queries returns the string literals of the package's files, with white space
// made single; concatenations are joined.
func queries(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := literal(e)
			if ok {
				all = append(all, strings.Join(strings.Fields(text), " "))
			}
			return !ok
		})
	}
	return all
}

// literal returns the constant text of a string or of a sum of strings, in
// which anything that isn't a literal is left out.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, okLeft := literal(e.X)
		right, okRight := literal(e.Y)
		return left + right, okLeft || okRight
	}
	return "", false
}

// TestPagesAreReadFromAnIndex asks SQLite how it would read each queue: by an
// index over the whole condition and
// already in order.
func TestPagesAreReadFromAnIndex(t *testing.T) {
	db := storetest.SQLite(t)
	for _, c := range []struct{ where, index string }{
		{`state = ?`, "report_inbox (programme=? AND desk=? AND state=?)"},
		{`state = ? AND alarm = 1`, "report_inbox (programme=? AND desk=? AND state=? AND alarm=?)"},
		{`assigned = ? AND state <> 'closed'`, "report_mine (programme=? AND desk=? AND assigned=?)"},
		{`unanswered = 1 AND state <> 'closed'`, "report_unanswered (programme=? AND desk=? AND unanswered=?)"},
		{`urgency = ? AND urgency <> '' AND state <> 'closed'`, "report_urgent (programme=? AND desk=? AND urgency=?)"},
	} {
		args := []any{id.New(), id.New()}
		for range strings.Count(c.where, "?") {
			args = append(args, "x")
		}
		plan, err := store.Collect(t.Context(), db.Reader(t.Context()), func(rows *sql.Rows) (detail string, err error) {
			var n any
			return detail, rows.Scan(&n, &n, &n, &detail)
		}, `EXPLAIN QUERY PLAN SELECT alarm, arrived, id FROM report WHERE programme = ? AND desk = ? AND `+c.where+
			` ORDER BY alarm DESC, arrived DESC, id DESC LIMIT ?`, append(args, 10)...)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, c.index) || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s: %s", c.where, text)
		}
	}
}
