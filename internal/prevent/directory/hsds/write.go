// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Object is a record as JSON: its keys in the order of the standard.
type Object struct {
	keys   []string
	values []any
}

// Put adds a key.
func (o *Object) Put(key string, value any) {
	o.keys, o.values = append(o.keys, key), append(o.values, value)
}

// MarshalJSON implements json.Marshaler.
func (o *Object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, k := range o.keys {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(k)
		if err != nil {
			return nil, fmt.Errorf("write key: %w", err)
		}
		value, err := json.Marshal(o.values[i])
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", k, err)
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// Flat returns a record's own fields, without what is nested in it.
func Flat(rec *Record) *Object {
	o := &Object{}
	flat(o, rec, "")
	return o
}

// flat writes the fields of a record but one.
func flat(o *Object, rec *Record, but string) {
	for i, f := range rec.Table.Fields {
		v := rec.Values[i]
		switch {
		case v == "" && f.Wanted:
			o.Put(f.Name, "")
		case v == "" || f.Name == but:
		case f.Kind == Number || f.Kind == Timezone:
			o.Put(f.Name, json.Number(v))
		default:
			o.Put(f.Name, v)
		}
	}
}

// Tree knows which records lie in which: it writes nested JSON. It is
// read-only once made and safe for concurrent use, as long as the dataset
// stays as it is.
type Tree struct {
	data *Dataset
	kids map[treeKey][]*Record
}

type treeKey struct{ table, owner, id string } // records of table whose owner has that id

// NewTree looks at all records once.
func NewTree(d *Dataset) *Tree {
	t := &Tree{data: d, kids: map[treeKey][]*Record{}}
	for rec := range d.Every() {
		for _, o := range owners(rec) {
			key := treeKey{rec.Table.Name, o.table, o.id}
			t.kids[key] = append(t.kids[key], rec)
		}
	}
	return t
}

type ownerOf struct{ table, id, field string }

// owners returns the records in which a record may lie, the most particular
// first.
func owners(rec *Record) []ownerOf {
	switch rec.Table.Name {
	case "attribute":
		return []ownerOf{{rec.Get("link_entity"), rec.Get("link_id"), "link_id"}}
	case "metadata":
		return []ownerOf{{rec.Get("resource_type"), rec.Get("resource_id"), "resource_id"}}
	}
	var all []ownerOf
	for _, table := range []string{"phone", "contact", "service_at_location", "service", "location", "organization"} {
		if f := rec.Table.Field(table + "_id"); f >= 0 && rec.Values[f] != "" && hasNest(table, rec.Table.Name) {
			all = append(all, ownerOf{table, rec.Values[f], table + "_id"})
		}
	}
	return all
}

func hasNest(owner, table string) bool {
	for _, n := range TableOf(owner).Nests {
		if n.Table == table && !n.One {
			return true
		}
	}
	return false
}

// Kids returns the records of a table that belong to a record.
func (t *Tree) Kids(table string, owner *Record) []*Record {
	return t.kids[treeKey{table, owner.Table.Name, owner.ID()}]
}

// Full returns a record with all that belongs to it, as the standard's API
// gives it: everything in full wherever it is needed, so that the same record
// may stand there several times.
func (t *Tree) Full(rec *Record) *Object { return t.full(rec, map[string]bool{}) }

// full nests; within holds the tables that rec lies in, so that nothing lies
// in itself.
func (t *Tree) full(rec *Record, within map[string]bool) *Object {
	o := &Object{}
	flat(o, rec, "")
	within[rec.Table.Name] = true
	defer delete(within, rec.Table.Name)
	for _, n := range rec.Table.Nests {
		if within[n.Table] || n.Key == "services" {
			continue
		}
		if n.One {
			if f := rec.Table.Field(n.Table + "_id"); f >= 0 {
				if one := t.data.Find(n.Table, rec.Values[f]); one != nil {
					o.Put(n.Key, t.full(one, within))
				}
			}
			continue
		}
		var items []*Object
		for _, kid := range t.Kids(n.Table, rec) {
			items = append(items, t.full(kid, within))
		}
		if items != nil {
			o.Put(n.Key, items)
		}
	}
	return o
}

// once returns a record with what belongs to nothing more particular: every
// record stands in exactly one place.
func (t *Tree) once(rec *Record, but string) *Object {
	o := &Object{}
	flat(o, rec, but)
	for _, n := range rec.Table.Nests {
		if n.One || rec.Table.Name == "organization" && n.Table == "service" {
			continue
		}
		var items []*Object
		for _, kid := range t.Kids(n.Table, rec) {
			if own, ok := t.home(kid); ok && own.table == rec.Table.Name && own.id == rec.ID() {
				items = append(items, t.once(kid, own.field))
			}
		}
		if items != nil {
			o.Put(n.Key, items)
		}
	}
	return o
}

// home returns the record in which a record is written, if there is one.
func (t *Tree) home(rec *Record) (ownerOf, bool) {
	if rec.Table.Name == "service" {
		return ownerOf{}, false
	}
	for _, o := range owners(rec) {
		if byName()[o.table] != nil && t.data.Find(o.table, o.id) != nil {
			return o, true
		}
	}
	return ownerOf{}, false
}

// WriteJSON writes a package of collections in which every record stands
// once, nested in what it belongs to. Read reads it back as the same records.
func WriteJSON(w io.Writer, d *Dataset) error {
	t := NewTree(d)
	out := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(out, "{\"version\":%q,\"profile\":%q", Version, Profile)
	for _, table := range Tables() {
		first := true
		for _, rec := range d.All(table.Name) {
			if _, nested := t.home(rec); nested {
				continue
			}
			b, err := json.Marshal(t.once(rec, ""))
			if err != nil {
				return fmt.Errorf("write %s: %w", table.Name, err)
			}
			if first {
				fmt.Fprintf(out, ",\n%q:[\n", table.Plural)
			} else {
				fmt.Fprint(out, ",\n")
			}
			first = false
			if _, err := out.Write(b); err != nil {
				return fmt.Errorf("write %s: %w", table.Name, err)
			}
		}
		if !first {
			fmt.Fprint(out, "]")
		}
	}
	fmt.Fprint(out, "}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write directory: %w", err)
	}
	return nil
}

// WriteTables writes a zipped package of tables with its description. The same
// records give the same bytes. Read reads it back as the same records.
func WriteTables(w io.Writer, d *Dataset) error {
	z := zip.NewWriter(w)
	add := func(name string, write func(io.Writer) error) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := write(f); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		return nil
	}
	if err := add(packageFile, func(w io.Writer) error { return writePackage(w, d) }); err != nil {
		return err
	}
	for _, t := range Tables() {
		if len(d.All(t.Name)) == 0 {
			continue
		}
		if err := add(t.File, func(w io.Writer) error { return writeTable(w, d, t) }); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write directory: %w", err)
	}
	return nil
}

func writeTable(w io.Writer, d *Dataset, t *Table) error {
	out := csv.NewWriter(w)
	head := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		head[i] = f.Name
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, rec := range d.All(t.Name) {
		if err := out.Write(rec.Values); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writePackage writes datapackage.json for the tables that hold something.
func writePackage(w io.Writer, d *Dataset) error {
	type reference struct {
		Resource string `json:"resource"`
		Fields   string `json:"fields"`
	}
	type foreign struct {
		Fields    string    `json:"fields"`
		Reference reference `json:"reference"`
	}
	type schema struct {
		Fields      []map[string]any `json:"fields"`
		PrimaryKey  string           `json:"primaryKey"`
		ForeignKeys []foreign        `json:"foreignKeys,omitempty"`
	}
	type resource struct {
		Name    string `json:"name"`
		Path    string `json:"path"`
		Profile string `json:"profile"`
		Format  string `json:"format"`
		Schema  schema `json:"schema"`
	}
	resources := []resource{}
	for _, t := range Tables() {
		if len(d.All(t.Name)) == 0 {
			continue
		}
		s := schema{PrimaryKey: "id"}
		for _, f := range t.Fields {
			s.Fields = append(s.Fields, describe(f))
			if f.Kind == Ref && len(d.All(f.Table)) > 0 {
				s.ForeignKeys = append(s.ForeignKeys, foreign{f.Name, reference{f.Table, "id"}})
			}
		}
		resources = append(resources, resource{t.Name, t.File, "tabular-data-resource", "csv", s})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(map[string]any{
		"name": "human-services-data", "profile": "tabular-data-package", "version": Version, "homepage": Profile, "resources": resources,
	})
}

func describe(f Field) map[string]any {
	m := map[string]any{"name": f.Name, "type": "string"}
	constraints := map[string]any{}
	switch f.Kind {
	case ID, Ref:
		m["format"] = "uuid"
	case Email, URI:
		m["format"] = string(f.Kind)
	case Number, Timezone:
		m["type"] = "number"
	case Date:
		m["type"] = "date"
	case DateTime, Time: // with offsets, which the package's own types do not know
	case Enum:
		constraints["enum"] = f.Values
	}
	if f.Needed || f.InTables {
		constraints["required"] = true
	}
	if f.Name == "id" {
		constraints["unique"] = true
	}
	if len(constraints) > 0 {
		m["constraints"] = constraints
	}
	return m
}
