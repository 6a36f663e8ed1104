// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Place is where something stands in what was read. Line and Column begin
// with 1; Column counts bytes.
type Place struct {
	File         string
	Line, Column int
}

// String returns file:line:column.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Record is one row of a table. Values stand in the order of the table's
// fields; an empty one is absent.
type Record struct {
	Table  *Table
	Values []string
	At     Place // where it was read; zero when it was made
}

// NewRecord makes an empty record.
func NewRecord(t *Table) *Record { return &Record{Table: t, Values: make([]string, len(t.Fields))} }

// Get returns the value of a field, "" when it is absent. It panics for a
// field that the table does not have.
func (r *Record) Get(field string) string { return r.Values[r.index(field)] }

// Set sets the value of a field and returns the record.
func (r *Record) Set(field, value string) *Record {
	r.Values[r.index(field)] = value
	return r
}

// ID returns the record's id.
func (r *Record) ID() string { return r.Values[0] } // id is the first field of every table

func (r *Record) index(field string) int {
	i := r.Table.Field(field)
	if i < 0 {
		panic(fmt.Sprintf("hsds: %s has no field %q", r.Table.Name, field))
	}
	return i
}

// Dataset is a directory as records. The zero value is empty.
type Dataset struct {
	records map[string][]*Record
	ids     map[string]map[string]*Record
}

// Add adds a record; it returns the one that has the id already, if one has,
// and then adds nothing.
func (d *Dataset) Add(r *Record) (earlier *Record) {
	if d.records == nil {
		d.records, d.ids = map[string][]*Record{}, map[string]map[string]*Record{}
	}
	t := r.Table.Name
	if d.ids[t] == nil {
		d.ids[t] = map[string]*Record{}
	}
	if earlier, ok := d.ids[t][r.ID()]; ok {
		return earlier
	}
	d.ids[t][r.ID()] = r
	d.records[t] = append(d.records[t], r)
	return nil
}

// Find returns the record of a table with that id, or nil.
func (d *Dataset) Find(table, id string) *Record { return d.ids[table][id] }

// All returns the records of a table. The slice must not be changed.
func (d *Dataset) All(table string) []*Record { return d.records[table] }

// Len returns how many records there are.
func (d *Dataset) Len() int {
	n := 0
	for _, rs := range d.records {
		n += len(rs)
	}
	return n
}

// Every goes through all records, table by table.
func (d *Dataset) Every() iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		for _, t := range Tables() {
			for _, r := range d.records[t.Name] {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// Sort puts the records of each table in the order of their ids, so that the
// same directory is always written as the same bytes.
func (d *Dataset) Sort() {
	for _, rs := range d.records {
		slices.SortFunc(rs, func(a, b *Record) int { return cmp.Compare(a.ID(), b.ID()) })
	}
}

// Remove takes the records away for which gone is true.
func (d *Dataset) Remove(gone func(*Record) bool) {
	for t, rs := range d.records {
		d.records[t] = slices.DeleteFunc(rs, func(r *Record) bool {
			if !gone(r) {
				return false
			}
			delete(d.ids[t], r.ID())
			return true
		})
	}
}

// Merge adds all records of other. It returns the records of other whose id
// is used already; those are not added.
func (d *Dataset) Merge(other *Dataset) (clashes []*Record) {
	for r := range other.Every() {
		if d.Add(r) != nil {
			clashes = append(clashes, r)
		}
	}
	return clashes
}

// MakeID returns the id that stands for parts for good: a UUID of version 8
// (RFC 9562) out of their SHA-256.
func MakeID(parts ...string) string {
	h := sha256.Sum256([]byte("turnstone hsds\x00" + strings.Join(parts, "\x00")))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
