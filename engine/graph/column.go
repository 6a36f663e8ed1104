// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Kind is what a column holds.
type Kind uint8

// The kinds of column.
const (
	Text   Kind = iota + 1 // words; each distinct word is kept once
	Number                 // float64; NaN is no value
	Moment                 // a time to the second, UTC
	Graded                 // a Grade
)

const noTime = math.MinInt64

// Column is one attribute of all nodes or of all edges, by their number.
type Column struct {
	name  string
	kind  Kind
	codes []uint32  // Text: word numbers, Graded: grades
	nums  []float64 // Number
	times []int64   // Moment: seconds since 1970, noTime for none
	words []string  // Text: words by number; word 0 is no value
	index map[string]uint32
}

// NewColumn returns an empty column.
func NewColumn(name string, kind Kind) *Column {
	c := &Column{name: name, kind: kind}
	if kind == Text {
		c.words, c.index = []string{""}, map[string]uint32{"": 0}
	}
	return c
}

// Name returns the column's name.
func (c *Column) Name() string { return c.name }

// Kind returns what the column holds.
func (c *Column) Kind() Kind { return c.kind }

// Len returns the number of values.
func (c *Column) Len() int { return max(len(c.codes), len(c.nums), len(c.times)) }

// Append reads text as a value of the column's kind and appends it; the empty
// text is no value. After an error the column is as it was.
func (c *Column) Append(text string) error {
	switch c.kind {
	case Number:
		value := math.NaN()
		if text != "" {
			var err error
			value, err = strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("column %s: %q is no number", c.name, text)
			}
		}
		c.nums = append(c.nums, value)
	case Moment:
		at := int64(noTime)
		if text != "" {
			t, err := ParseTime(text)
			if err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
			at = t.Unix()
		}
		c.times = append(c.times, at)
	case Graded:
		grade, err := ParseGrade(text)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
		c.codes = append(c.codes, uint32(grade))
	default:
		c.codes = append(c.codes, c.word(text))
	}
	return nil
}

func (c *Column) word(text string) uint32 {
	code, ok := c.index[text]
	if !ok {
		code = uint32(len(c.words))
		c.words = append(c.words, text)
		c.index[text] = code
	}
	return code
}

// Truncate shortens the column to its first n values.
func (c *Column) Truncate(n int) {
	c.codes = c.codes[:min(n, len(c.codes))]
	c.nums = c.nums[:min(n, len(c.nums))]
	c.times = c.times[:min(n, len(c.times))]
}

// Text returns value i as it is written; no value is the empty text.
func (c *Column) Text(i int) string {
	switch c.kind {
	case Number:
		if math.IsNaN(c.nums[i]) {
			return ""
		}
		return strconv.FormatFloat(c.nums[i], 'g', -1, 64)
	case Moment:
		if t, ok := c.Time(i); ok {
			return t.Format(time.RFC3339)
		}
		return ""
	case Graded:
		return Grade(c.codes[i]).String()
	default:
		return c.words[c.codes[i]]
	}
}

// Number returns value i of a column of numbers, NaN for no value.
func (c *Column) Number(i int) float64 { return c.nums[i] }

// Time returns value i of a column of moments, and whether there is one.
func (c *Column) Time(i int) (time.Time, bool) {
	at := c.times[i]
	return time.Unix(at, 0).UTC(), at != noTime
}

// Unix returns value i of a column of moments in seconds since 1970; no value is
// the least number there is.
func (c *Column) Unix(i int) int64 { return c.times[i] }

// Grade returns value i of a column of grades.
func (c *Column) Grade(i int) Grade { return Grade(c.codes[i]) }

// Code returns the number of a word of a text column, if it occurs.
func (c *Column) Code(word string) (uint32, bool) {
	code, ok := c.index[word]
	return code, ok
}

// Words returns the distinct words of a text column in the order in which they
// first came; the first is the empty text.
func (c *Column) Words() []string { return c.words }

// ParseTime reads a moment as records write it: RFC 3339, a date with or
// without a time, a month or a year; what is left out counts as its beginning,
// in UTC.
func ParseTime(text string) (time.Time, error) {
	for _, layout := range []string{
		"2006-01-02", time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01", "2006",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write it like 2024-05-31 or 2024-05-31T18:00:00Z", text)
}

func find(cols []*Column, name string) (*Column, bool) {
	for _, c := range cols {
		if c.name == name {
			return c, true
		}
	}
	return nil, false
}

// NodeColumn returns the node attribute of that name.
func (g *Graph) NodeColumn(name string) (*Column, bool) {
	if g.empty() {
		return nil, false
	}
	return find(g.nodeCols, name)
}

// EdgeColumn returns the edge attribute of that name. Its values are found by
// the edge numbers in Arcs and Edge.
func (g *Graph) EdgeColumn(name string) (*Column, bool) {
	if g.empty() {
		return nil, false
	}
	return find(g.edgeCols, name)
}

// NodeColumns returns all node attributes.
func (g *Graph) NodeColumns() []*Column {
	if g.empty() {
		return nil
	}
	return g.nodeCols
}

// EdgeColumns returns all edge attributes.
func (g *Graph) EdgeColumns() []*Column {
	if g.empty() {
		return nil
	}
	return g.edgeCols
}
