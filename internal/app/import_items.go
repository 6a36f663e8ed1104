// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/extract"
	"github.com/turnstone-project/turnstone/internal/app/importing"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// The columns of a file of items (docs/formats.md). Those of the item stand on
// the first row of its key, or say the same on each.
var (
	ofItem      = []string{"date", "title", "category", "seriousness", "language", "desk", "channel", "compartment", "scheme", "handling", "conditions", "malicious"}
	ofStatement = []string{"text", "source", "information", "selectors"}
)

func itemColumns() []importing.Column {
	columns := []importing.Column{{Name: "key", Required: true}}
	for _, name := range append(slices.Clone(ofItem), ofStatement...) {
		columns = append(columns, importing.Column{Name: name, Required: name == "text" || name == "source" || name == "information"})
	}
	return columns
}

// ImportItems keeps a programme's history of items, or with dry nothing of it,
// and returns how many are new and how many were there already. All that is
// wrong is one importing.Problems.
func (i *Installation) ImportItems(ctx context.Context, slug string, in io.Reader, dry bool) (made, had int, err error) {
	p, ok := i.Programmes.BySlug(slug)
	if !ok {
		return 0, 0, fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	table, err := importing.Read(in, "", itemColumns()...)
	if err != nil {
		return 0, 0, err
	}
	closed, err := i.Items.Compartments.Compartments(ctx, p.ID)
	if err != nil {
		return 0, 0, fmt.Errorf("read compartments: %w", err)
	}
	file := &itemFile{Installation: i, of: p, table: table, closed: closed, at: map[string]int{}}
	for _, c := range p.Countries {
		file.countries = append(file.countries, c.Code)
	}
	for _, row := range table.Rows {
		file.row(row)
	}
	for n := range file.items {
		file.whole(n)
	}
	if err := table.Err(); err != nil {
		return 0, 0, err
	}
	made, had, err = i.Items.Import(ctx, p.ID, file.items, dry)
	if err != nil {
		return 0, 0, fmt.Errorf("import items: %w", err)
	}
	return made, had, nil
}

// itemFile is a file of items as it is read: the rows of a key are one item's
// statements.
type itemFile struct {
	*Installation
	of     programme.Programme
	table  *importing.Table
	closed []intel.Compartment
	items  []intel.Item
	first  []importing.Row
	sound  []bool         // the item's own cells are right
	at     map[string]int // place in items by key

	countries []string // whose telephone numbers need no code
}

// selectorKinds are what a statement may name.
var selectorKinds = []extract.Kind{extract.Phone, extract.Email, extract.URL, extract.IBAN, extract.Plate, extract.Wallet}

func (f *itemFile) row(row importing.Row) {
	key := row.Get("key")
	if key == "" {
		return // the table has said so
	}
	n, known := f.at[key]
	if !known {
		n = len(f.items)
		f.at[key] = n
		before := len(f.table.Problems)
		f.items, f.first = append(f.items, f.head(row)), append(f.first, row)
		f.sound = append(f.sound, len(f.table.Problems) == before)
	}
	for _, name := range ofItem {
		if text, stands := row.Get(name), f.first[n].Get(name); known && text != "" && text != stands {
			f.table.Add(row, name, "it differs from line %d, which has the same key: further rows of an item add statements and nothing else", f.first[n].Line)
		}
	}
	f.items[n].Statements = append(f.items[n].Statements, f.statement(row, f.items[n].Handling.Ref))
}

// head reads what a row says of the item as a whole.
func (f *itemFile) head(row importing.Row) intel.Item {
	it := intel.Item{
		Programme: f.of.ID, ID: importing.ID("item", f.of.ID, row.Get("key")), Title: row.Get("title"), Category: row.Get("category"), Seriousness: row.Get("seriousness"), Language: row.Get("language"),
		Channel: or(row.Get("channel"), "import"), Sources: intel.Sources{Malicious: row.Get("malicious") == "yes"},
	}
	say := func(column, says string, args ...any) { f.table.Add(row, column, says, args...) }
	if it.Title == "" {
		say("title", "it is empty and must not be")
	}
	if !slices.Contains(f.Items.Categories, it.Category) {
		say("category", "%q is no category: use one of %s", brief(it.Category), strings.Join(f.Items.Categories, ", "))
	}
	if !slices.Contains(intel.Seriousnesses, it.Seriousness) {
		say("seriousness", "%q says not how serious it is: use %s", brief(it.Seriousness), strings.Join(intel.Seriousnesses, ", "))
	}
	if channels := []string{"web", "phone", "partner", "import"}; !slices.Contains(channels, it.Channel) {
		say("channel", "%q is no channel: use %s, or nothing", brief(it.Channel), strings.Join(channels, ", "))
	}
	if m := row.Get("malicious"); m != "" && m != "yes" && m != "no" {
		say("malicious", "write yes, no or nothing")
	}
	day, err := outcome.ParseDay(row.Get("date"))
	if err != nil {
		say("date", "%s", fault.PublicOf(err))
	}
	it.Written = outcome.Date(day)
	it.Desk, it.Compartment = f.desk(row), f.compartment(row)
	name := or(row.Get("scheme"), f.intelPolicy(f.of.ID).Scheme)
	scheme, ok := f.Grading.InForce(name, it.Written)
	if !ok { // graded afterwards, as it is graded now
		scheme, ok = f.Grading.InForce(name, f.Clock.Now())
	}
	if !ok {
		say("scheme", "there is no scheme %q that is in force: `turnstone schemes list` shows them", brief(name))
		return it
	}
	it.Handling = grading.Handling{Ref: scheme.Ref(), Code: row.Get("handling"), Conditions: slices.Sorted(slices.Values(row.List("conditions", "|")))}
	shown := it.Handling
	shown.Code = brief(shown.Code)
	if err := f.Grading.CheckHandling(shown); err != nil {
		column := "handling"
		if _, known := grading.Find(scheme.Handling, it.Handling.Code); known {
			column = "conditions"
		}
		say(column, "%s", fault.PublicOf(err))
	}
	return it
}

func (f *itemFile) desk(row importing.Row) id.ID {
	slug := row.Get("desk")
	if slug == "" && len(f.of.Desks) == 1 {
		return f.of.Desks[0].ID
	}
	var slugs []string
	for _, d := range f.of.Desks {
		if d.Slug == slug {
			return d.ID
		}
		slugs = append(slugs, d.Slug)
	}
	f.table.Add(row, "desk", "there is no desk %q: use one of %s", brief(slug), strings.Join(slugs, ", "))
	return id.ID{}
}

func (f *itemFile) compartment(row importing.Row) id.ID {
	name := row.Get("compartment")
	if name == "" {
		return id.ID{}
	}
	for _, c := range f.closed {
		if c.Name == name {
			return c.ID
		}
	}
	f.table.Add(row, "compartment", "there is no compartment of this name: the director makes it first")
	return id.ID{}
}

// statement reads one statement.
func (f *itemFile) statement(row importing.Row, ref grading.Ref) intel.Statement {
	st := intel.Statement{Text: row.Get("text"), Grade: grading.Grade{Ref: ref, Source: row.Get("source"), Information: row.Get("information")}}
	if scheme, ok := f.Grading.Scheme(ref); ok && st.Grade.Source != "" && st.Grade.Information != "" {
		shown := st.Grade
		shown.Source, shown.Information = brief(shown.Source), brief(shown.Information)
		if err := f.Grading.Check(shown); err != nil {
			column := "source"
			if _, known := grading.Find(scheme.Source, st.Grade.Source); known {
				column = "information"
			}
			f.table.Add(row, column, "%s", fault.PublicOf(err))
		}
	}
	for _, part := range row.List("selectors", "|") {
		kind, shown, ok := strings.Cut(part, ":")
		kind, shown = strings.TrimSpace(kind), strings.TrimSpace(shown)
		if !ok || !slices.Contains(selectorKinds, extract.Kind(kind)) {
			f.table.Add(row, "selectors", "write a kind (phone, email, url, iban, plate or wallet), a colon and the thing, such as phone:+4512345678, and | between two of them")
			continue
		}
		value, ok := extract.Normalise(extract.Kind(kind), shown, f.countries...)
		if !ok {
			f.table.Add(row, "selectors", "one of them is no %s: look for a slip of the pen", kind)
			continue
		}
		st.Selectors = append(st.Selectors, intel.Selector{Kind: kind, Value: value, Shown: shown})
	}
	return st
}

// whole checks an item as the room does: what no single cell shows, such as
// too many statements.
func (f *itemFile) whole(n int) {
	if !f.sound[n] || len(f.table.Problems) > 0 {
		return
	}
	if err := f.Items.CheckHistory(f.items[n]); err != nil {
		f.table.Add(f.first[n], "", "%s", fault.PublicOf(err))
	}
}

// brief cuts what a file says in a column where codes stand: in the wrong
// column it could be anything.
func brief(text string) string {
	const most = 30
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
