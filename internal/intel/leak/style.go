// SPDX-License-Identifier: AGPL-3.0-or-later

package leak

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// style marks how somebody writes: pictures, repeated signs, capitals,
// stretched letters, dialect and misspellings.
func (c *check) style(raw []Text) {
	c.signs()
	shouted := map[string]bool{} // words that the raw texts write in capitals
	for _, t := range bounded(raw) {
		for _, w := range split(t.Body) {
			if capitals(w.shown, 2) {
				shouted[w.folded] = true
			}
		}
	}
	for i, w := range c.words {
		if c.neutral[i] {
			continue
		}
		if stretched(w.folded) {
			c.mark(Style, "style.stretched", Medium, i, i+1)
		}
		for _, l := range c.langs {
			if c.t.spelling[l+" "+w.folded] {
				c.mark(Style, "style.spelling", Medium, i, i+1)
				break
			}
		}
		next := i+1 < len(c.words) && capitals(c.words[i+1].shown, 2) && c.words[i+1].gap <= 2
		before := i > 0 && capitals(c.words[i-1].shown, 2) && w.gap <= 2
		if capitals(w.shown, 5) && shouted[w.folded] || capitals(w.shown, 3) && (next || before) {
			c.mark(Style, "style.capitals", Medium, i, i+1)
		}
	}
}

// signs marks pictures and repeated signs between the words.
func (c *check) signs() {
	var last rune
	run, start := 0, 0
	flush := func(end int) {
		if run >= 2 && last != '.' || run > 3 {
			c.marks = append(c.marks, Mark{Kind: Style, Reason: "style.punctuation", Severity: Medium, Start: start, End: end})
		}
		run = 0
	}
	for i, r := range c.text {
		if picture(r) {
			c.marks = append(c.marks, Mark{Kind: Style, Reason: "style.emoji", Severity: Medium, Start: i, End: i + utf8.RuneLen(r)})
		}
		sign := strings.ContainsRune("!?.؟,،", r)
		if sign && run > 0 && (r == last || last != '.' && r != '.' && r != ',') {
			run++
			continue
		}
		flush(i)
		if sign {
			last, run, start = r, 1, i
		}
	}
	flush(len(c.text))
}

func picture(r rune) bool {
	return r >= 0x1F300 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF
}

func capitals(shown string, least int) bool {
	n := 0
	for _, r := range shown {
		if !unicode.IsUpper(r) {
			return false
		}
		n++
	}
	return n >= least
}

// stretched reports the same letter three times: "sooo".
func stretched(w string) bool {
	var last rune
	run := 0
	for _, r := range w {
		if r != last {
			last, run = r, 0
		}
		if run++; run >= 3 && unicode.IsLetter(r) && r != 'w' && r != 'i' {
			return true
		}
	}
	return false
}
