// SPDX-License-Identifier: Apache-2.0

package extract

import "unicode"

// scan is one search: the text folded to runes that scanners compare, and
// where each came from.
type scan struct {
	text      string
	tables    *tables
	countries []string
	r         []rune // folded; invisible marks are left out
	at        []int  // byte offset of each in text, and one more for the end
	foreign   []bool // the digit was not written 0–9
	taken     []bool
	found     []Match
	words     []rune // scratch
}

// fold fills r: full-width forms and the digits of other scripts become
// ASCII, all spaces one space, all dashes one dash, marks that nobody sees
// (direction, joiners) nothing.
func (s *scan) fold() {
	n := len(s.text)
	s.r, s.at, s.foreign = make([]rune, 0, n), make([]int, 0, n+1), make([]bool, 0, n)
	for i, c := range s.text {
		folded, keep := foldRune(c)
		if !keep {
			continue
		}
		s.r = append(s.r, folded)
		s.at = append(s.at, i)
		s.foreign = append(s.foreign, folded != c && isDigit(folded) && c < 0xFF00)
	}
	s.at = append(s.at, n)
}

func fold(text string) []rune {
	s := scan{text: text}
	s.fold()
	return s.r
}

func foldRune(c rune) (rune, bool) {
	switch {
	case c < 0x80:
		return c, true
	case c >= 0xFF01 && c <= 0xFF5E: // full width
		return c - 0xFF01 + '!', true
	case c >= 0x0660 && c <= 0x0669: // Arabic-Indic
		return c - 0x0660 + '0', true
	case c >= 0x06F0 && c <= 0x06F9: // Persian
		return c - 0x06F0 + '0', true
	case c >= 0x0966 && c <= 0x096F: // Devanagari
		return c - 0x0966 + '0', true
	case c == 0x00AD, c >= 0x200B && c <= 0x200F, c >= 0x202A && c <= 0x202E, c >= 0x2060 && c <= 0x2069, c == 0x061C, c == 0xFEFF:
		return 0, false
	case c >= 0x2010 && c <= 0x2015, c == 0x2212, c == 0xFE58, c == 0xFE63:
		return '-', true
	case c == 0x00A0, c >= 0x2000 && c <= 0x200A, c == 0x202F, c == 0x205F, c == 0x3000:
		return ' ', true
	case c == 0x060C: // Arabic comma
		return ',', true
	case c == 0x066B:
		return '.', true
	}
	return c, true
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }
func isLatin(c rune) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
func isLetter(c rune) bool {
	if c < 0x80 {
		return isLatin(c)
	}
	return unicode.IsLetter(c)
}

func isAlnum(c rune) bool { return isDigit(c) || isLetter(c) }

func upper(c rune) rune {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	if c < 0x80 {
		return c
	}
	return unicode.ToUpper(c)
}

func lower(c rune) rune {
	if c >= 'A' && c <= 'Z' {
		return c - 'A' + 'a'
	}
	if c < 0x80 {
		return c
	}
	return unicode.ToLower(c)
}

// get returns the folded rune at i, 0 outside the text.
func (s *scan) get(i int) rune {
	if i < 0 || i >= len(s.r) {
		return 0
	}
	return s.r[i]
}

// take notes a find of the folded runes [from, to).
func (s *scan) take(kind Kind, value string, from, to int) {
	for i := from; i < to; i++ {
		s.taken[i] = true
	}
	start, end := s.at[from], s.at[to]
	for to < len(s.r) && end > start && to > from { // leave invisible marks after the last sign out
		end = s.at[to-1] + len(string([]rune(s.text[s.at[to-1]:s.at[to]])[:1]))
		break
	}
	s.found = append(s.found, Match{Kind: kind, Value: value, Shown: s.text[start:end], Start: start, End: end})
}

// starts reports whether a thing made of letters and digits may start at i.
func (s *scan) starts(i int) bool { return !isAlnum(s.get(i-1)) && !s.taken[i] }

// cued reports whether one of the few words before i is a cue of that kind.
func (s *scan) cued(kind string, i int) bool {
	const words, far = 3, 40
	i--
	for n, end := 0, max(0, i-far); n < words && i >= end; n++ {
		for i >= end && !isLetter(s.r[i]) {
			if s.r[i] == '\n' {
				return false
			}
			i--
		}
		to := i + 1
		for i >= end && isLetter(s.r[i]) {
			i--
		}
		if s.tables.cues[kind][s.word(i+1, to)] {
			return true
		}
	}
	return false
}

// beside reports whether the word right after i, or right before from, is a
// cue of that kind.
func (s *scan) beside(kind string, from, i int) bool {
	for n := 0; n < 2 && (s.get(i) == ' ' || s.get(i) == '.'); n++ {
		i++
	}
	to := i
	for to-i < 12 && isLetter(s.get(to)) {
		to++
	}
	if s.tables.cues[kind][s.word(i, to)] {
		return true
	}
	for n := 0; n < 2 && (s.get(from-1) == ' ' || s.get(from-1) == '.'); n++ {
		from--
	}
	to = from
	for to-from < 12 && isLetter(s.get(from-1)) {
		from--
	}
	return s.tables.cues[kind][s.word(from, to)]
}

// word is the folded runes [from, to) in lower case.
func (s *scan) word(from, to int) string {
	s.words = s.words[:0]
	for _, c := range s.r[max(0, from):max(0, min(to, len(s.r)))] {
		s.words = append(s.words, lower(c))
	}
	return string(s.words)
}
