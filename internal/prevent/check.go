// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/programme"
)

//go:embed tables.yaml
var tablesYAML []byte

// LeastK is the smallest K that a publication may have.
const LeastK = 3

// The bounds of a publication.
const (
	maxTables  = 60
	maxColumns = 12
	maxRows    = 400
	maxText    = 2000
)

// KnownTable is one kind of table that may be published.
type KnownTable struct {
	ID    string `yaml:"id"`
	About string `yaml:"about"`
}

// KnownTables returns the tables that a publication may hold, beside those
// whose id begins with "own-".
var KnownTables = sync.OnceValue(func() []KnownTable {
	var known []KnownTable
	if err := yaml.UnmarshalWithOptions(tablesYAML, &known, yaml.Strict()); err != nil {
		panic("prevent: tables.yaml: " + err.Error()) // it is built in, and a test reads it
	}
	return known
})

var ownTable = regexp.MustCompile(`^own-[a-z0-9]+(-[a-z0-9]+)*$`)

func knownTable(name string) bool {
	for _, k := range KnownTables() {
		if k.ID == name {
			return true
		}
	}
	return ownTable.MatchString(name)
}

// checker collects what is wrong.
type checker struct{ faults []error }

func (c *checker) say(format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf(format, args...))
}

// Check returns everything that is wrong with p, joined, or nil. It refuses a
// count from 1 to K-1 that stands in clear, and a single suppressed figure
// that the rest of its row or column gives away.
func (p Publication) Check() error {
	c := &checker{}
	if p.Format != Format {
		c.say("format %q: this version reads %q", p.Format, Format)
	}
	if p.Programme.IsZero() {
		c.say("programme: it is missing")
	}
	if p.Number < 1 {
		c.say("number %d: publications are numbered from 1", p.Number)
	}
	if p.K < LeastK || p.K > 1000 {
		c.say("k = %d: between %d and 1000", p.K, LeastK)
	}
	c.date("made", p.Made)
	c.date("period.from", p.Period.From)
	c.date("period.until", p.Period.Until)
	if p.Period.From > p.Period.Until {
		c.say("period: it ends (%s) before it begins (%s)", p.Period.Until, p.Period.From)
	}
	c.text("title", p.Title, true)
	if len(p.Tables) == 0 || len(p.Tables) > maxTables {
		c.say("tables: 1 to %d, not %d", maxTables, len(p.Tables))
	}
	seen := map[string]bool{}
	for i, t := range p.Tables {
		at := fmt.Sprintf("table %d (%s)", i+1, t.ID)
		if seen[t.ID] {
			c.say("%s: it is there twice", at)
		}
		seen[t.ID] = true
		c.table(at, t, p.K)
	}
	return errors.Join(c.faults...)
}

func (c *checker) date(what, s string) {
	if _, err := time.Parse(day, s); err != nil {
		c.say("%s %q: write a day as 2026-11-26", what, s)
	}
}

// text demands English, because every language falls back to it.
func (c *checker) text(what string, t programme.Text, needed bool) {
	if needed && strings.TrimSpace(t["en"]) == "" {
		c.say("%s: the text in \"en\" is missing", what)
	}
	for lang, s := range t {
		if len(s) > maxText {
			c.say("%s in %q: %d bytes, at most %d", what, lang, len(s), maxText)
		}
	}
}

func (c *checker) table(at string, t Table, k int) {
	if !knownTable(t.ID) {
		c.say("%s: no such table is known; one of a programme's own begins with \"own-\"", at)
	}
	c.text(at+": title", t.Title, true)
	c.text(at+": definition", t.Definition, true)
	c.text(at+": notes", t.Notes, false)
	switch t.Chart {
	case NoChart, BarChart, LineChart:
	default:
		c.say("%s: chart %q: bars, line or nothing", at, t.Chart)
	}
	if len(t.Columns) == 0 || len(t.Columns) > maxColumns || len(t.Rows) == 0 || len(t.Rows) > maxRows {
		c.say("%s: %d columns and %d rows: 1 to %d and 1 to %d", at, len(t.Columns), len(t.Rows), maxColumns, maxRows)
		return
	}
	for n, col := range t.Columns {
		where := fmt.Sprintf("%s, column %d", at, n+1)
		c.text(where, col.Name, true)
		if col.Kind != Count && col.Kind != Amount && col.Kind != Share {
			c.say("%s: kind %q: count, amount or share", where, col.Kind)
		}
		if col.Decimals < 0 || col.Decimals > 4 || col.Kind == Count && col.Decimals != 0 {
			c.say("%s: %d decimals: 0 to 4, and none for counts", where, col.Decimals)
		}
		if len(col.Unit) > 12 {
			c.say("%s: unit %q: at most 12 bytes", where, col.Unit)
		}
	}
	for n, row := range t.Rows {
		where := fmt.Sprintf("%s, row %d", at, n+1)
		c.text(where, row.Label, true)
		if len(row.Cells) != len(t.Columns) {
			c.say("%s: %d cells for %d columns", where, len(row.Cells), len(t.Columns))
			return
		}
		for m, cell := range row.Cells {
			c.cell(fmt.Sprintf("%s, column %d", where, m+1), cell, t.Columns[m], k)
		}
	}
	c.workedOut(at, t)
}

func (c *checker) cell(at string, cell Cell, col Column, k int) {
	switch cell.Mark {
	case "":
		if col.Kind == Count && cell.Value > 0 && cell.Value < int64(k) {
			c.say("%s: the count is below k = %d and has no mark; write 0 and the mark \"fewer\"", at, k)
		}
		if cell.Value < 0 && col.Kind != Amount {
			c.say("%s: it is below nothing", at)
		}
	case Fewer, Withheld, Unknown:
		if cell.Value != 0 {
			c.say("%s: a figure with the mark %q must not be in the publication; write 0", at, cell.Mark)
		}
		if cell.Mark == Fewer && col.Kind != Count {
			c.say("%s: the mark \"fewer\" belongs to counts", at)
		}
	default:
		c.say("%s: mark %q: fewer, withheld or unknown", at, cell.Mark)
	}
}

// workedOut refuses a line of counts with a known total in which exactly one
// figure is hidden: total minus the rest is that figure.
func (c *checker) workedOut(at string, t Table) {
	hidden := func(cells []Cell, totals []bool) bool {
		known, missing := false, 0
		for i, cell := range cells {
			gone := cell.Mark == Fewer || cell.Mark == Withheld
			switch {
			case totals[i] && !gone:
				known = true
			case !totals[i] && gone:
				missing++
			}
		}
		return known && missing == 1
	}
	for m, col := range t.Columns {
		if col.Kind == Share {
			continue
		}
		cells, totals := make([]Cell, len(t.Rows)), make([]bool, len(t.Rows))
		for n, row := range t.Rows {
			cells[n], totals[n] = row.Cells[m], row.Total
		}
		if hidden(cells, totals) {
			c.say("%s, column %d: the one hidden figure can be worked out from the total; withhold another one too", at, m+1)
		}
	}
	for n, row := range t.Rows {
		var cells []Cell
		var totals []bool
		for m, col := range t.Columns {
			if col.Kind == Count {
				cells, totals = append(cells, row.Cells[m]), append(totals, col.Total)
			}
		}
		if hidden(cells, totals) {
			c.say("%s, row %d: the one hidden figure can be worked out from the total; withhold another one too", at, n+1)
		}
	}
}
