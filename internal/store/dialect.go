// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// Dialect is what differs between databases. Queries and migrations are
// written once, with `?` for values and SQLite's names of types; the dialect
// translates the rest. What can't be said that way has no place in a query.
type Dialect struct {
	Name   string
	goose  goose.Dialect
	schema *strings.Replacer // applied to migrations
	number bool              // values are $1, $2, … instead of ?
}

// SQLite is the dialect of the embedded database.
var SQLite = Dialect{Name: "sqlite", goose: goose.DialectSQLite3, schema: strings.NewReplacer()}

// PostgreSQL is the dialect of the database for installations that outgrow one
// machine. Only its translation exists so far.
var PostgreSQL = Dialect{
	Name: "postgres", goose: goose.DialectPostgres, number: true,
	schema: strings.NewReplacer(" BLOB", " BYTEA", " INTEGER", " BIGINT", " WITHOUT ROWID", ""),
}

// Query translates a query's placeholders. The queries of this module contain
// no question mark but placeholders.
func (d Dialect) Query(query string) string {
	if !d.number {
		return query
	}
	var out strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			out.WriteString("$" + strconv.Itoa(n))
		}
		out.WriteString(part)
		n++
	}
	return out.String()
}

// Schema translates a migration.
func (d Dialect) Schema(text string) string { return d.schema.Replace(text) }
