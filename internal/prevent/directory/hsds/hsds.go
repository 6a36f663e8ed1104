// SPDX-License-Identifier: AGPL-3.0-or-later

// Package hsds reads, checks and writes directories of services in the Human
// Services Data Specification, 3.0 with what 3.1 added: as JSON in the shapes
// of its API, and as a package of tables (CSV with datapackage.json). Files of
// version 2 are read as far as their parts have a place in version 3.
//
// A file is hostile until it has been read: everything is bounded, and every
// value that is wrong is told with its line and column, what is wrong, what
// would be right, and what became of it. It must never lose a value without
// saying so, never guess one, and never keep an address that a browser would
// run.
//
// It lies here and not beside the other formats because the portal shows
// and serves what it reads, and the portal reaches only this room.
//
// Tables are read-only; a Dataset is not safe for concurrent changes.
package hsds

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Version is the version of the standard that is written.
const Version = "3.0"

// Profile is where the standard is described.
const Profile = "https://docs.openreferral.org/en/v3.0.1/"

//go:embed tables.yaml
var tablesYAML []byte

// Kind is what a field holds.
type Kind string

// The kinds of fields. An Enum has Values, a Ref names a Table.
const (
	Text     Kind = "text"
	ID       Kind = "id"
	Ref      Kind = "ref"
	Email    Kind = "email"
	URI      Kind = "uri"
	Number   Kind = "number"
	Date     Kind = "date"
	DateTime Kind = "datetime"
	Time     Kind = "time"
	Timezone Kind = "timezone"
	Enum     Kind = "enum"
)

// Field is one column of a table.
type Field struct {
	Name     string
	Kind     Kind
	Table    string   // that a Ref points to
	Values   []string // of an Enum
	Needed   bool     // a record can't be without it
	InTables bool     // needed once a record stands in a table, where nothing is nested
	Wanted   bool     // the standard needs it; a record without it is kept, and written with an empty text
}

// Nest is a key of a JSON object that holds other records.
type Nest struct {
	Key   string
	Table string
	One   bool // the owner names the one record; else the records name their owner
}

// Table is one kind of record.
type Table struct {
	Name   string // organization
	Plural string // organizations
	File   string // organizations.csv
	Fields []Field
	Nests  []Nest

	at map[string]int
}

// Field returns the place of a field among Fields, or -1.
func (t *Table) Field(name string) int {
	if i, ok := t.at[name]; ok {
		return i
	}
	return -1
}

func (t *Table) nest(key string) (Nest, bool) {
	i := slices.IndexFunc(t.Nests, func(n Nest) bool { return n.Key == key })
	if i < 0 {
		return Nest{}, false
	}
	return t.Nests[i], true
}

// Tables returns the tables of the standard, owners before what they own.
var Tables = sync.OnceValue(func() []*Table {
	var raw []struct{ Name, Plural, File, Fields, Nests string }
	if err := yaml.UnmarshalWithOptions(tablesYAML, &raw, yaml.Strict()); err != nil {
		panic("hsds: tables.yaml: " + err.Error()) // it is built in, and every test reads it
	}
	var tables []*Table
	for _, r := range raw {
		t := &Table{Name: r.Name, Plural: r.Plural, File: r.File, at: map[string]int{}}
		for _, s := range strings.Fields(r.Fields) {
			f := parseField(s)
			t.at[f.Name] = len(t.Fields)
			t.Fields = append(t.Fields, f)
		}
		for _, s := range strings.Fields(r.Nests) {
			if key, table, ok := strings.Cut(s, "="); ok {
				t.Nests = append(t.Nests, Nest{key, table, true})
				continue
			}
			key, table, _ := strings.Cut(s, ":")
			t.Nests = append(t.Nests, Nest{key, table, false})
		}
		tables = append(tables, t)
	}
	return tables
})

func parseField(s string) Field {
	f := Field{Kind: Text, Needed: strings.HasSuffix(s, "!"), InTables: strings.HasSuffix(s, "*"), Wanted: strings.HasSuffix(s, "+")}
	name, kind, _ := strings.Cut(strings.TrimRight(s, "!*+"), ":")
	f.Name = name
	switch {
	case name == "id":
		f.Kind = ID
	case strings.HasPrefix(kind, ">"):
		f.Kind, f.Table = Ref, kind[1:]
	case strings.Contains(kind, "|"):
		f.Kind, f.Values = Enum, strings.Split(strings.ReplaceAll(kind, "_", " "), "|")
	case kind != "":
		f.Kind = Kind(kind)
	}
	return f
}

var byName = sync.OnceValue(func() map[string]*Table {
	all := map[string]*Table{}
	for _, t := range Tables() {
		all[t.Name] = t
	}
	return all
})

// TableOf returns the table with that name; it panics for a name that the
// standard does not have, which only a programmer can have written.
func TableOf(name string) *Table {
	t, ok := byName()[name]
	if !ok {
		panic(fmt.Sprintf("hsds: there is no table %q", name))
	}
	return t
}
