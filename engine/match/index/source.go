// SPDX-License-Identifier: Apache-2.0

package index

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// errDamaged says that a stored entity can't be read back.
var errDamaged = errors.New("stored entity is damaged")

// appendSource appends the stored form of an entity: its id, schema, caption,
// data sets and properties; propID numbers the properties' names.
func appendSource(out []byte, e *ftm.Entity, propID func(name string) uint64) []byte {
	out = appendText(out, e.ID)
	out = appendText(out, e.Schema)
	out = appendText(out, e.Caption)
	datasets := e.Strings("datasets")
	out = binary.AppendUvarint(out, uint64(len(datasets)))
	for _, d := range datasets {
		out = appendText(out, d)
	}
	names := make([]string, 0, len(e.Properties))
	for name := range e.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	out = binary.AppendUvarint(out, uint64(len(names)))
	for _, name := range names {
		out = binary.AppendUvarint(out, propID(name))
		out = binary.AppendUvarint(out, uint64(len(e.Properties[name])))
		for _, v := range e.Properties[name] {
			out = appendText(out, v)
		}
	}
	return out
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// cursor reads a stored entity; after the first fault it returns nothing.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) number() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.err, c.rest = errDamaged, nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) text() string {
	n := c.number()
	if n > uint64(len(c.rest)) {
		c.err, c.rest = errDamaged, nil
		return ""
	}
	s := string(c.rest[:n])
	c.rest = c.rest[n:]
	return s
}

// skip passes over a text.
func (c *cursor) skip() {
	if n := c.number(); n > uint64(len(c.rest)) {
		c.err, c.rest = errDamaged, nil
	} else {
		c.rest = c.rest[n:]
	}
}

// count reads the length of a list, no longer than the bytes that are left.
func (c *cursor) count() int {
	n := c.number()
	if n > uint64(len(c.rest)) {
		c.err, c.rest = errDamaged, nil
		return 0
	}
	return int(n)
}

func idOf(source []byte) string {
	c := cursor{rest: source}
	return c.text()
}

// readSource reads what appendSource wrote.
func readSource(source []byte, props []string) (ftm.Entity, error) {
	c := cursor{rest: source}
	return c.entity(props)
}

// readHit reads what a hit says of an entity: its id, schema, and caption or
// first name.
func readHit(source []byte, props []string) (Hit, error) {
	c := cursor{rest: source}
	h := Hit{ID: c.text(), Schema: c.text(), Caption: c.text()}
	if h.Caption != "" || c.err != nil {
		return h, c.err
	}
	for range c.count() {
		c.skip()
	}
	for range c.count() {
		name := c.number()
		for i := range c.count() {
			if i == 0 && name < uint64(len(props)) && props[name] == "name" {
				h.Caption = c.text()
				return h, c.err
			}
			c.skip()
		}
	}
	return h, c.err
}

func (c *cursor) entity(props []string) (ftm.Entity, error) {
	e := ftm.Entity{ID: c.text(), Schema: c.text(), Caption: c.text()}
	if n := c.count(); n > 0 {
		datasets := make([]string, n)
		for i := range datasets {
			datasets[i] = c.text()
		}
		raw, err := json.Marshal(datasets)
		if err != nil {
			return e, err
		}
		e.Extra = map[string]json.RawMessage{"datasets": raw}
	}
	n := c.count()
	e.Properties = make(map[string][]string, n)
	for range n {
		p := c.number()
		values := make([]string, c.count())
		for i := range values {
			values[i] = c.text()
		}
		if c.err == nil && p >= uint64(len(props)) {
			return e, errDamaged
		}
		if c.err == nil {
			e.Properties[props[p]] = values
		}
	}
	return e, c.err
}

// facts are what meta keeps of an entity, in words.
type facts struct {
	datasets, countries, topics []string
}

func factsOf(e *ftm.Entity) facts {
	var f facts
	f.datasets = tidy(e.Strings("datasets"), e.Get("dataset"))
	f.countries = tidy(e.Get("country"), e.Get("nationality"), e.Get("citizenship"), e.Get("jurisdiction"), e.Get("flag"), e.Get("birthCountry"), e.Get("mainCountry"))
	f.topics = tidy(e.Get("topics"))
	return f
}

// tidy joins lists into one sorted set in lower case.
func tidy(lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		for _, v := range list {
			if v = strings.ToLower(strings.TrimSpace(v)); v != "" {
				out = append(out, v)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
