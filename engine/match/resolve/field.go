// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// maxFields is how many fields fit in a pattern of levels.
const maxFields = 21

// value is one distinct value of a field, prepared for comparing.
type value struct {
	text     string // normalised; digits for phones and dates
	mask     uint64 // the letters and digits that occur
	skeleton uint32 // of the text, hashed; 0 for none
	date     date
	tokens   []string // of names and addresses with several words
}

// field is what one comparison looks at: a column, or the three of a date, of
// every record of all tables.
type field struct {
	name   string
	kind   Kind
	told   bool     // by somebody, not guessed
	ids    []uint32 // of each record's value, 0 for missing
	values []value
	count  []uint32 // records that have each value
	twin   int      // a field with which values get swapped, -1 for none
}

// buildFields prepares the mapped columns of one or two tables. Columns of the
// second are found by name, then by kind in order. The records stand as rows
// arranges those of each table. The names of fields for which there is no room
// are returned too.
func buildFields(tables []*Table, mappings []Mapping, rows [][]int) (fields []*field, left []string, err error) {
	for _, group := range groupColumns(mappings[0]) {
		f := &field{kind: group.kind, name: group.name, told: group.told, twin: -1}
		columns := make([][]int, len(tables))
		columns[0] = group.columns
		for t := 1; t < len(tables); t++ {
			columns[t] = findColumns(mappings[0], group, mappings[t])
		}
		f.fill(tables, columns, rows)
		if len(f.values) > 2 {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil, nil, fmt.Errorf("no column to compare: each is ignored, empty or has one value in all records; the mapping is %s", mappings[0])
	}
	fields, left = mostTelling(fields)
	pairTwins(fields)
	return fields, left, nil
}

// mostTelling keeps the maxFields fields that tell records apart best, in their
// order, and returns the names of the others. Those that somebody named go before
// those that were guessed, and those of a known kind before mere text.
func mostTelling(fields []*field) (kept []*field, left []string) {
	if len(fields) <= maxFields {
		return fields, nil
	}
	rank := func(f *field) (n int) {
		if f.told {
			n += 2
		}
		if f.kind != Text && f.kind != Category {
			n++
		}
		return n
	}
	ranked := slices.Clone(fields)
	slices.SortStableFunc(ranked, func(f, g *field) int {
		return cmp.Or(cmp.Compare(rank(g), rank(f)), cmp.Compare(g.telling(), f.telling()))
	})
	for _, f := range fields {
		if slices.Contains(ranked[:maxFields], f) {
			kept = append(kept, f)
		} else {
			left = append(left, f.name)
		}
	}
	return kept, left
}

// telling is the entropy of a field in bits, a missing value saying nothing.
func (f *field) telling() float64 {
	bits := 0.0
	for _, n := range f.count[1:] {
		share := float64(n) / float64(len(f.ids))
		bits -= share * math.Log2(max(share, 1e-12))
	}
	return bits
}

// group is the columns that make one field.
type group struct {
	name    string
	kind    Kind
	told    bool
	columns []int
}

func groupColumns(m Mapping) []group {
	var groups []group
	var year, month, day []int
	for i, c := range m {
		switch c.Kind {
		case Ignore, RecordID:
		case Year:
			year = append(year, i)
		case Month:
			month = append(month, i)
		case Day:
			day = append(day, i)
		default:
			groups = append(groups, group{name: c.Name, kind: c.Kind, told: c.Told, columns: []int{i}})
		}
	}
	for i, y := range year {
		g := group{name: m[y].Name, kind: Date, told: m[y].Told, columns: []int{y, -1, -1}}
		if i < len(month) {
			g.columns[1] = month[i]
		}
		if i < len(day) {
			g.columns[2] = day[i]
		}
		groups = append(groups, g)
	}
	return groups
}

// findColumns returns the columns of another table that stand for a group's,
// -1 where there is none.
func findColumns(first Mapping, g group, other Mapping) []int {
	columns := make([]int, len(g.columns))
	for i, c := range g.columns {
		columns[i] = -1
		if c < 0 {
			continue
		}
		same := func(o Column) bool { return o.Name == first[c].Name && o.Kind != Ignore && o.Kind != RecordID }
		if j := slices.IndexFunc(other, same); j >= 0 {
			columns[i] = j
			continue
		}
		nth := 0
		for _, before := range first[:c] {
			if before.Kind == first[c].Kind {
				nth++
			}
		}
		for j, o := range other {
			if o.Kind != first[c].Kind {
				continue
			}
			if nth == 0 {
				columns[i] = j
				break
			}
			nth--
		}
	}
	return columns
}

// fill interns the prepared values of the columns.
func (f *field) fill(tables []*Table, columns, rows [][]int) {
	f.values = []value{{}}
	ids := map[string]uint32{"": 0}
	for t, table := range tables {
		c := columns[t]
		style := likeliest()
		if f.kind == Date && len(c) == 1 && c[0] >= 0 {
			style = styleOf(table.pools[c[0]].values)
		}
		var known []uint32 // value of the table's pool → value of the field, +1
		if len(c) == 1 && c[0] >= 0 {
			known = make([]uint32, len(table.pools[c[0]].values))
		}
		for _, row := range rows[t] {
			if known != nil {
				cell := table.cells[c[0]][row]
				if known[cell] == 0 {
					known[cell] = f.intern(ids, prepare(f.kind, table.pools[c[0]].values[cell], style)) + 1
				}
				f.ids = append(f.ids, known[cell]-1)
				continue
			}
			f.ids = append(f.ids, f.intern(ids, f.joined(table, c, row)))
		}
	}
	f.count = make([]uint32, len(f.values))
	for _, id := range f.ids {
		f.count[id]++
	}
}

// joined makes a date of three columns; other groups that this table lacks
// are missing.
func (f *field) joined(table *Table, columns []int, row int) value {
	if len(columns) != 3 || columns[0] < 0 {
		return value{}
	}
	parts := [3]string{}
	for i, c := range columns {
		if c >= 0 {
			parts[i] = table.Cell(row, c)
		}
	}
	year := toInt(parts[0])
	if len(parts[0]) == 2 {
		year = fullYear(year)
	}
	return dateValue(dateOf(year, toInt(parts[1]), toInt(parts[2])), strings.Join(parts[:], ""))
}

func (f *field) intern(ids map[string]uint32, v value) uint32 {
	if id, ok := ids[v.text]; ok {
		return id
	}
	id := uint32(len(f.values))
	ids[v.text] = id
	f.values = append(f.values, v)
	return id
}

// prepare normalises one value for its kind. A value without a letter or digit
// is missing.
func prepare(kind Kind, raw string, style dateStyle) value {
	var v value
	switch kind {
	case Date:
		return dateValue(parseDate(raw, style), raw)
	case Phone:
		v.text = strings.TrimLeft(digitsOf(raw), "0")
	case Email:
		v.text = strings.ToLower(raw)
	case Postcode, Identifier:
		v.text = compact(normalise(raw))
	case Number:
		v.text = compact(normalise(raw))
		if trimmed := strings.TrimLeft(v.text, "0"); trimmed != "" {
			v.text = trimmed
		}
	default:
		v.text = normalise(raw)
	}
	v.text = v.text[:min(len(v.text), maxValue)]
	v.mask = maskOf(v.text)
	switch kind {
	case Given, Family, FullName, Address, Place, Text:
		if strings.IndexByte(v.text, ' ') > 0 {
			v.tokens = strings.Fields(v.text)
			if len(v.tokens) > 12 {
				v.tokens = v.tokens[:12]
			}
		}
		v.skeleton = hash32(skeleton(compact(v.text)))
	}
	return v
}

// dateValue is a date; what can't be read as one keeps its digits.
func dateValue(d date, raw string) value {
	if !d.known() {
		return value{text: digitsOf(raw)}
	}
	return value{text: d.digits(), date: d}
}

// maskOf returns the set of letters and digits of a text: two texts whose sets
// differ in n places are at least n/2 edits apart.
func maskOf(text string) uint64 {
	var mask uint64
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z':
			mask |= 1 << (c - 'a')
		case c >= '0' && c <= '9':
			mask |= 1 << (c - '0' + 26)
		}
	}
	return mask
}

// hash64 is FNV-1a.
func hash64(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

// hash32 is 0 for no text and never for another.
func hash32(text string) uint32 {
	if text == "" {
		return 0
	}
	h := hash64(text)
	return max(uint32(h^h>>32), 1)
}

// pairTwins marks the fields whose values people put in each other's box:
// given with family name, a first with a second address line.
func pairTwins(fields []*field) {
	pair := func(a, b Kind) {
		first := slices.IndexFunc(fields, func(f *field) bool { return f.kind == a && f.twin < 0 })
		if first < 0 {
			return
		}
		second := slices.IndexFunc(fields, func(f *field) bool { return f.kind == b && f.twin < 0 && f != fields[first] })
		if second < 0 {
			return
		}
		fields[first].twin, fields[second].twin = second, first
	}
	pair(Given, Family)
	pair(Address, Address)
}
