// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"math/bits"
	"strings"
)

// Levels of agreement, from none to all. What each is worth is learned for
// each field.
const (
	levelDiffer  = iota
	levelPartial // an initial, a part, the year of a date
	levelSimilar // some letters apart, or sounding alike
	levelNear    // one slip of the finger, or the same words in another order
	levelExact
	levelSwapped // found in the twin field
	levels
	levelMissing = 7
	// levelYear is of dates, which have no twin: day and month agree, the year
	// does not. Strangers share them six times as often as year and month.
	levelYear = levelSwapped
)

// pattern holds a level for each field, three bits each.
type pattern uint64

func (p pattern) level(field int) int { return int(p>>(3*field)) & 7 }

func (p pattern) with(field, level int) pattern { return p | pattern(level)<<(3*field) }

// comparer compares records; one per goroutine.
type comparer struct {
	fields []*field
	m      matcher
}

// compare returns the levels at which two records agree. It is symmetric.
// Fields that hold each other's values are said once, by the second of them.
func (c *comparer) compare(a, b uint32) pattern {
	var p pattern
	for i, f := range c.fields {
		if f.twin < 0 {
			p = p.with(i, c.level(f, f.ids[a], f.ids[b]))
			continue
		}
		if f.twin > i {
			continue // set below, with the twin
		}
		twin := c.fields[f.twin]
		if s := c.swapped(twin, f, a, b); s != levelDiffer {
			p = p.with(f.twin, levelMissing).with(i, s)
			continue
		}
		p = p.with(f.twin, c.level(twin, twin.ids[a], twin.ids[b])).with(i, c.level(f, f.ids[a], f.ids[b]))
	}
	return p
}

// swapped returns levelSwapped when two fields hold each other's values, equal or
// near, levelSimilar when one is equal the other way round and the other
// missing, and levelDiffer otherwise.
func (c *comparer) swapped(f, g *field, a, b uint32) int {
	fa, fb, ga, gb := f.ids[a], f.ids[b], g.ids[a], g.ids[b]
	if fa == fb && fa != 0 || ga == gb && ga != 0 {
		return levelDiffer
	}
	one, two := c.crosswise(f, g, fa, gb), c.crosswise(f, g, fb, ga)
	switch {
	case min(one, two) >= levelNear && max(one, two) != levelMissing:
		return levelSwapped
	case one == levelExact && two == levelMissing, one == levelMissing && two == levelExact:
		return levelSimilar
	}
	return levelDiffer
}

// crosswise compares a value of one field with a value of its twin.
func (c *comparer) crosswise(f, g *field, x, y uint32) int {
	if x == 0 || y == 0 {
		return levelMissing
	}
	v, w := &f.values[x], &g.values[y]
	if v.mask == w.mask && v.text == w.text {
		return levelExact
	}
	if len(v.text) > 3 && c.bounded(v, w, 1+len(v.text)/6) >= 0 || scrambled(v, w) {
		return levelNear
	}
	return levelDiffer
}

// differ returns a lower bound of twice the edits between two masks' texts.
func differ(a, b uint64) int { return bits.OnesCount64(a ^ b) }

// level compares two values of one field.
func (c *comparer) level(f *field, x, y uint32) int {
	if x == 0 || y == 0 {
		return levelMissing
	}
	if x == y {
		return levelExact
	}
	v, w := &f.values[x], &f.values[y]
	switch f.kind {
	case Date:
		return c.dates(v, w)
	case Given, Family, Place:
		return c.names(v, w)
	case FullName, Address, Text:
		if f.kind == Text && v.tokens == nil && w.tokens == nil {
			return c.names(v, w)
		}
		return c.phrases(v, w)
	case Email:
		return c.emails(v.text, w.text)
	case Phone:
		return c.phones(v.text, w.text)
	case Category:
		return c.short(v, w, 4)
	case Number:
		return c.short(v, w, 2)
	}
	return c.codes(v, w)
}

// names compares one name or place.
func (c *comparer) names(v, w *value) int {
	if len(v.text) > len(w.text) {
		v, w = w, v
	}
	if len(v.text) == 1 || len(v.text) >= 3 && strings.HasPrefix(w.text, v.text) {
		if v.text[0] == w.text[0] && (len(v.text) == 1 || len(v.text) < len(w.text)-1) {
			return levelPartial
		}
	}
	if d := c.bounded(v, w, max(1, len(w.text)/3)); d >= 0 {
		switch {
		case d <= 1 && len(v.text) > 2, d == 2 && len(v.text) >= 8:
			return levelNear
		case d*4 <= len(w.text)+1 || v.skeleton == w.skeleton:
			return levelSimilar
		case scrambled(v, w):
			return levelSimilar
		case d*3 <= len(w.text):
			return levelPartial
		}
	}
	if scrambled(v, w) {
		return levelSimilar
	}
	if v.tokens != nil || w.tokens != nil {
		return c.shared(v, w)
	}
	if v.skeleton == w.skeleton && len(v.text) > 3 {
		return levelSimilar
	}
	return levelDiffer
}

// scrambled reports whether two names begin alike and have the same letters, as
// when fingers run ahead of each other: "Josen" for "Jones".
func scrambled(v, w *value) bool {
	const least = 4
	if len(v.text) != len(w.text) || len(v.text) < least || v.mask != w.mask || v.text[0] != w.text[0] {
		return false
	}
	var count [256]int8
	for i := range len(v.text) {
		count[v.text[i]]++
		count[w.text[i]]--
	}
	return count == [256]int8{}
}

// bounded returns the edits between two values if they are at most most, -1
// otherwise.
func (c *comparer) bounded(v, w *value, most int) int {
	if abs(len(v.text)-len(w.text)) > most || differ(v.mask, w.mask) > 2*most {
		return -1
	}
	if d := c.m.edits(v.text, w.text); d <= most {
		return d
	}
	return -1
}

func abs(n int) int { return max(n, -n) }

// phrases compares texts of several words.
func (c *comparer) phrases(v, w *value) int {
	longest := max(len(v.text), len(w.text))
	if d := c.bounded(v, w, longest/4); d >= 0 {
		switch {
		case d <= 1+longest/12:
			return levelNear
		case d*5 <= longest:
			return levelSimilar
		}
		return max(levelPartial, c.shared(v, w))
	}
	return c.shared(v, w)
}

// shared counts the words that two values have in common, an initial for a
// word and one slip in a longer one allowed.
func (c *comparer) shared(v, w *value) int {
	var one, two [1]string
	a, b := v.tokens, w.tokens
	if a == nil {
		one[0] = v.text
		a = one[:]
	}
	if b == nil {
		two[0] = w.text
		b = two[:]
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	var used uint
	full, half := 0, 0
	for _, x := range a {
		best, at := 0, -1
		for j, y := range b {
			if used>>j&1 == 0 {
				if s := c.word(x, y); s > best {
					best, at = s, j
				}
			}
		}
		if at >= 0 {
			used |= 1 << at
			if best == 2 {
				full++
			} else {
				half++
			}
		}
	}
	switch {
	case full == len(a) && len(a) == len(b):
		return levelNear
	case full+half == len(a) && full > 0 && len(b) > 1:
		return levelSimilar
	case 2*full >= len(b):
		return levelPartial
	}
	return levelDiffer
}

// word returns 2 for words that are one slip apart or equal, 1 for an initial.
func (c *comparer) word(x, y string) int {
	switch {
	case x == y:
		return 2
	case len(x) == 1 || len(y) == 1:
		if x[0] == y[0] {
			return 1
		}
		return 0
	case min(len(x), len(y)) >= 4 && abs(len(x)-len(y)) <= 1 && c.m.edits(x, y) <= 1:
		return 2
	}
	return 0
}

// dates compares dates in parts: a slip or swap, two parts of three and which,
// a year.
func (c *comparer) dates(v, w *value) int {
	d, e := v.date, w.date
	if !d.known() || !e.known() {
		if len(v.text) >= 6 && abs(len(v.text)-len(w.text)) <= 1 && c.m.edits(v.text, w.text) <= 1 {
			return levelNear
		}
		return levelDiffer
	}
	if d.year == e.year && (d.vague() || e.vague()) {
		return levelSimilar
	}
	if d.year == e.year && d.month == e.day && d.day == e.month {
		return levelNear
	}
	edits := c.m.edits(v.text, w.text)
	sameDay := d.writtenMonth == e.writtenMonth && d.writtenDay == e.writtenDay
	switch {
	case edits <= 1:
		return levelNear
	case sameDay:
		return levelYear
	case d.year == e.year && (d.writtenMonth == e.writtenMonth || d.writtenDay == e.writtenDay):
		return levelSimilar
	case d.year == e.year, abs(d.days()-e.days()) <= 366, edits <= 2:
		return levelPartial
	}
	return levelDiffer
}

// days returns about how many days after year 0 the date is.
func (d date) days() int { return int(d.year)*365 + int(d.month)*30 + int(d.day) }

// vague reports whether a date says no more than its year: no month and day, or
// the first of January that registers write for "some day".
func (d date) vague() bool {
	return d.writtenMonth == 0 && d.writtenDay == 0 || d.month == 1 && d.day == 1
}

// emails compares addresses: the part before the last @ says most, and at least
// half of it has to be there, unless the @ itself was mistyped and neither part
// is what it was.
func (c *comparer) emails(a, b string) int {
	la, da := parts(a)
	lb, db := parts(b)
	if la == lb && len(la) > 3 {
		if c.m.edits(da, db) <= 2 {
			return levelNear
		}
		return levelSimilar
	}
	local := c.m.edits(la, lb)
	if local*2 > max(len(la), len(lb)) && c.m.edits(da, db)*2 <= max(len(da), len(db)) {
		return levelDiffer
	}
	switch d := c.m.edits(a, b); {
	case d <= 2:
		return levelNear
	case d*4 <= max(len(a), len(b)):
		return levelSimilar
	case da == db && local <= 3:
		return levelPartial
	}
	return levelDiffer
}

// parts returns what stands before and after the last @ of an address.
func parts(email string) (local, domain string) {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return email, ""
	}
	return email[:at], email[at+1:]
}

// phones compares digits; the last nine are the number, what stands before is
// how it is dialled.
func (c *comparer) phones(a, b string) int {
	ta, tb := a[max(0, len(a)-9):], b[max(0, len(b)-9):]
	if ta == tb || len(a) >= 7 && strings.HasSuffix(b, a) || len(b) >= 7 && strings.HasSuffix(a, b) {
		return levelNear
	}
	switch d := c.m.edits(ta, tb); {
	case d <= 1:
		return levelSimilar
	case d == 2:
		return levelPartial
	}
	return levelDiffer
}

// short compares short values, of which one slip counts from least letters on.
func (c *comparer) short(v, w *value, least int) int {
	if max(len(v.text), len(w.text)) >= least && c.bounded(v, w, 1) >= 0 {
		return levelNear
	}
	return levelDiffer
}

// codes compares numbers that somebody gave.
func (c *comparer) codes(v, w *value) int {
	switch d := c.bounded(v, w, 2); {
	case d >= 0 && d <= 1:
		return levelNear
	case d == 2 && max(len(v.text), len(w.text)) >= 6:
		return levelSimilar
	}
	if len(v.text) >= 4 && len(w.text) >= 4 && v.text[:2] == w.text[:2] {
		return levelPartial
	}
	return levelDiffer
}
