// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// jsonReader turns JSON into records.
type jsonReader struct {
	*reader
	p    *parser
	file string
}

// json reads every shape of JSON in which directories travel: one record,
// a list, a page of the API ("contents"), a package of collections by name, and
// several of these one after the other, as in NDJSON.
func (r *reader) json(name string, b []byte) error {
	j := &jsonReader{reader: r, p: &parser{b: b}, file: name}
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		j.p.pos = 3
	}
	if at := badUTF8(b); at >= 0 {
		j.stop(at, "the text is not UTF-8", "save the file as UTF-8")
		return nil
	}
	for j.p.peek() != 0 {
		err := j.top()
		var bad *syntax
		if errors.As(err, &bad) {
			j.stop(bad.at, bad.wrong, bad.right)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// badUTF8 returns where b ceases to be UTF-8, or -1.
func badUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func (j *jsonReader) stop(at int, wrong, right string) {
	j.report.Add(Problem{Place: j.p.place(j.file, at), Wrong: wrong, Right: right, Effect: RestOut})
}

func (j *jsonReader) at(offset int) Place { return j.p.place(j.file, offset) }

// top reads one value that stands by itself.
func (j *jsonReader) top() error {
	switch j.p.peek() {
	case '[':
		return j.list(nil)
	case '{':
	default:
		return j.p.unexpected("a directory is a record, or a list of records")
	}
	keys := j.p.topKeys()
	page := slices.Contains(keys, "contents") || slices.Contains(keys, "items") && slices.Contains(keys, "total_items")
	if !page && !isPackage(keys) {
		n, err := j.p.value(0)
		if err != nil {
			return err
		}
		return j.guess(n)
	}
	return j.p.members(func(key string, at int) error {
		t := collection(key)
		if j.p.peek() == '[' && (t != nil || page && (key == "contents" || key == "items")) {
			return j.list(t)
		}
		if _, err := j.p.value(0); err != nil {
			return err
		}
		if !slices.Contains(envelope, key) {
			j.report.Add(Problem{Place: j.at(at), Field: short(key, 60), Wrong: "the standard has no such collection", Right: "the collections are organizations, services, locations …", Effect: ValueOut})
		}
		return nil
	})
}

// envelope are the keys around records that say nothing of a service.
var envelope = []string{
	"version", "profile", "openapi_url", "total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "page", "per_page", "name", "publisher", "date",
}

// isPackage reports whether an object with these keys is a package of
// collections: no record has only such keys.
func isPackage(keys []string) bool {
	n := 0
	for _, k := range keys {
		switch {
		case k == "id":
			return false
		case collection(k) != nil:
			n++
		case !slices.Contains(envelope, k):
			return false
		}
	}
	return n > 0
}

// collection returns the table that a key of a package stands for, or nil.
func collection(key string) *Table {
	for _, t := range Tables() {
		if key == t.Plural || key == t.File {
			return t
		}
	}
	return nil
}

// list reads a list of records of table t, or of whatever they are when t is
// nil, one at a time: the list as a whole may be large.
func (j *jsonReader) list(t *Table) error {
	return j.p.elements(func() error {
		n, err := j.p.value(0)
		if err != nil {
			return err
		}
		j.Progress("reading", int64(j.p.pos), int64(len(j.p.b)))
		if t == nil {
			return j.guess(n)
		}
		_, err = j.record(t, n, nil, Nest{})
		return err
	})
}

// guess reads a record whose table only its keys tell.
func (j *jsonReader) guess(n node) error {
	if n.kind != '{' {
		j.report.Add(Problem{Place: j.at(n.at), Wrong: "a record is wanted here", Right: "write {…}", Effect: RecordOut})
		return nil
	}
	if isOldDirectory(n) {
		return j.oldDirectory(n)
	}
	var best *Table
	most := 0
	for _, t := range Tables() {
		score := 0
		for _, k := range n.keys {
			if _, nested := t.nest(k); nested || t.Field(k) >= 0 {
				score += 2
			} else {
				score--
			}
		}
		for _, f := range t.Fields {
			if f.Needed && f.Name != "id" && !slices.Contains(n.keys, f.Name) {
				score -= 3
			}
		}
		if score > most {
			best, most = t, score
		}
	}
	if best == nil {
		j.report.Add(Problem{
			Place: j.at(n.at), Wrong: fmt.Sprintf("no kind of record has the keys %s", quote(strings.Join(n.keys, ", "))),
			Right: "write a service, an organization, a location or a service_at_location", Effect: RecordOut,
		})
		return nil
	}
	_, err := j.record(best, n, nil, Nest{})
	return err
}

// record reads one record with all that is nested in it. owner is the record
// whose nest it lies in, or nil. It returns nil when nothing was kept.
func (j *jsonReader) record(t *Table, n node, owner *Record, nest Nest) (*Record, error) {
	if n.kind != '{' {
		if n.kind != 'n' {
			j.report.Add(Problem{Place: j.at(n.at), Table: t.Name, Wrong: "a record is wanted here", Right: "write {…}", Effect: RecordOut})
		}
		return nil, nil
	}
	if err := j.count(t); err != nil {
		return nil, err
	}
	rec := NewRecord(t)
	rec.At = j.at(n.at)
	if v, ok := n.get("id"); ok {
		j.field(rec, 0, v)
	}
	seen := map[string]bool{}
	for i, key := range n.keys {
		f := t.Field(key)
		switch _, nested := t.nest(key); {
		case seen[key]:
			j.unknown(rec, key, n.keyAt[i], "the key stands twice in the record; the first one counts", "write each key once")
		case f > 0:
			j.field(rec, f, n.items[i])
		case f < 0 && !nested:
			j.alias(rec, key, n.items[i], n.keyAt[i])
		}
		seen[key] = true
	}
	if owner != nil && !nest.One {
		j.own(rec, owner)
	}
	if rec.ID() == "" {
		j.makeID(rec)
	}
	j.moveZone(rec)
	if !j.complete(rec) {
		return nil, nil
	}
	j.keep(rec, true)
	kept := j.data.Find(t.Name, rec.ID())
	for i, key := range n.keys {
		if inner, ok := t.nest(key); ok && t.Field(key) < 0 && slices.Index(n.keys, key) == i {
			if err := j.nested(kept, n.items[i], inner); err != nil {
				return nil, err
			}
		}
	}
	return kept, nil
}

// nested reads what lies in a nest of a record.
func (j *jsonReader) nested(rec *Record, n node, nest Nest) error {
	t := TableOf(nest.Table)
	if nest.One {
		one, err := j.record(t, n, rec, nest)
		if err != nil || one == nil {
			return err
		}
		link := rec.Table.Field(nest.Table + "_id")
		if link < 0 {
			return nil
		}
		switch old := rec.Values[link]; old {
		case "", one.ID():
			rec.Values[link] = one.ID()
		default:
			j.report.Add(Problem{
				Place: j.at(n.at), Table: rec.Table.Name, ID: rec.ID(), Field: nest.Key, Wrong: "the record here has another id than " + nest.Table + "_id says: " + old,
				Right: "name the same one; " + nest.Table + "_id counts", Effect: ValueOut,
			})
		}
		return nil
	}
	switch n.kind {
	case 'n':
		return nil
	case '[':
	default:
		j.report.Add(Problem{Place: j.at(n.at), Table: rec.Table.Name, ID: rec.ID(), Field: nest.Key, Wrong: "a list is wanted here", Right: "write […]", Effect: ValueOut})
		return nil
	}
	for _, item := range n.items {
		if _, err := j.record(t, item, rec, nest); err != nil {
			return err
		}
	}
	return nil
}

// own writes into a nested record whose it is.
func (r *reader) own(rec, owner *Record) {
	link, value := rec.Table.Field(owner.Table.Name+"_id"), owner.ID()
	switch rec.Table.Name {
	case "attribute":
		link = rec.Table.Field("link_id")
		rec.Set("link_entity", owner.Table.Name)
	case "metadata":
		link = rec.Table.Field("resource_id")
		rec.Set("resource_type", owner.Table.Name)
	}
	if link >= 0 {
		rec.Values[link] = value
	}
}

func (j *jsonReader) unknown(rec *Record, key string, at int, wrong, right string) {
	j.report.Add(Problem{Place: j.at(at), Table: rec.Table.Name, ID: rec.ID(), Field: short(key, 60), Wrong: wrong, Right: right, Effect: ValueOut})
}

// field reads one value of JSON.
func (j *jsonReader) field(rec *Record, f int, n node) {
	numeric := rec.Table.Fields[f].Kind == Number || rec.Table.Fields[f].Kind == Timezone
	var also *flaw
	switch {
	case n.kind == 'n':
		return
	case n.kind == '{' || n.kind == '[':
		j.report.Add(Problem{
			Place: j.at(n.at), Table: rec.Table.Name, ID: rec.ID(), Field: rec.Table.Fields[f].Name, Wrong: "a single value is wanted here", Right: "write a text or a number", Effect: ValueOut,
		})
		return
	case n.kind == '"' && numeric && strings.TrimSpace(n.text) != "":
		also = &flaw{Mended, "a number is written as a text", "write it without quotation marks"}
	case n.kind != '"' && !numeric:
		also = &flaw{Mended, "a text is written as " + n.text, "write it in quotation marks"}
	}
	j.set(rec, f, n.text, j.at(n.at), also)
}
