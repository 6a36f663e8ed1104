// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"slices"
	"strings"
)

// phones finds numbers with their country's code, and national ones of the
// countries asked for.
func phones(s *scan) {
	for i := 0; i < len(s.r); i++ {
		c := s.r[i]
		if !isDigit(c) && c != '+' && c != '(' || isAlnum(s.get(i-1)) || s.get(i-1) == '+' || s.taken[i] {
			continue
		}
		g := s.digitsAt(i)
		if g.to == 0 {
			continue
		}
		if value, ok := s.phoneOf(g); ok {
			s.take(Phone, value, i, g.to)
		}
		if g.to > i { // a number isn't part of a longer one, so go on behind it
			i = g.to - 1
		}
	}
}

// group is a run of digits with signs between them.
type group struct {
	from, to int
	digits   string
	plus     bool
	lengths  []int  // of the runs of digits
	seps     []rune // first sign of each gap
}

// digitsAt reads digits, spaces, dots, dashes, slashes and brackets; to is 0
// when there are too few digits.
func (s *scan) digitsAt(i int) group {
	const most = 30
	g := group{from: i}
	var b strings.Builder
	run := 0
	j := i
	if s.get(j) == '+' {
		g.plus = true
		j++
	}
	for end := i + most; j < end; j++ {
		c := s.get(j)
		if isDigit(c) && !s.taken[j] {
			b.WriteRune(c)
			run++
			g.to = j + 1
			continue
		}
		if c == 0 || !strings.ContainsRune(" .-/()", c) || j < len(s.taken) && s.taken[j] {
			break
		}
		if run > 0 {
			g.lengths = append(g.lengths, run)
			g.seps = append(g.seps, c)
			run = 0
			// Two signs at most between digits: " (", ") ", ". ".
			if !isDigit(s.get(j + 1)) {
				if !strings.ContainsRune(" .-/()", s.get(j+1)) || !isDigit(s.get(j+2)) && (s.get(j+1) != '(' || !isDigit(s.get(j+2))) {
					break
				}
			}
		}
	}
	if run > 0 {
		g.lengths = append(g.lengths, run)
	}
	g.digits = b.String()
	if len(g.digits) < 5 || isAlnum(s.get(g.to)) {
		if len(g.digits) < 5 {
			g.to = 0
		}
	}
	return g
}

func (s *scan) phoneOf(g group) (string, bool) {
	if isAlnum(s.get(g.to)) || s.get(g.from) == '(' && !strings.Contains(string(s.r[g.from:g.to]), ")") {
		return "", false
	}
	digits := g.digits
	if g.plus || strings.HasPrefix(digits, "00") && len(digits) > 8 {
		digits = strings.TrimPrefix(digits, "00")
		return s.international(digits, g)
	}
	if s.dateOrMoney(g) {
		return "", false
	}
	for _, country := range s.countries {
		n, ok := s.tables.countries[country]
		if !ok {
			continue
		}
		if value, ok := s.national(n, g); ok {
			return value, true
		}
	}
	return "", false
}

// international reads a number after its + or 00: the code decides which
// lengths there are. "(0)" between is how some write the trunk prefix.
func (s *scan) international(digits string, g group) (string, bool) {
	bracketed := strings.Contains(string(s.r[g.from:g.to]), "(0)")
	for n := 1; n <= 3 && n < len(digits); n++ {
		known := s.tables.codes[digits[:n]]
		if known == nil {
			continue
		}
		rest := digits[n:]
		if bracketed {
			rest = strings.TrimPrefix(rest, "0")
		}
		for _, c := range known {
			if c.takes(rest) {
				return "+" + digits[:n] + rest, true
			}
			if c.trunk != "" && strings.HasPrefix(rest, c.trunk) && c.takes(rest[len(c.trunk):]) && c.trunk == "0" {
				return "+" + digits[:n] + rest[1:], true
			}
		}
		return "", false // codes are free of prefixes
	}
	return "", false
}

// national reads a number of one country. Without a trunk prefix digits alone
// say little: they must be written as telephones are, or a word must say so.
func (s *scan) national(n numbering, g group) (string, bool) {
	cued := s.cued("phone", g.from)
	if n.trunk != "" && strings.HasPrefix(g.digits, n.trunk) && n.takes(g.digits[len(n.trunk):]) {
		rest := g.digits[len(n.trunk):]
		if len(rest) >= 8 || cued {
			return "+" + n.code + rest, true
		}
		return "", false
	}
	if !n.takes(g.digits) || n.trunk == "0" || len(g.digits) < 7 {
		return "", false
	}
	if cued || grouped(g) {
		return "+" + n.code + g.digits, true
	}
	return "", false
}

// grouped reports whether digits stand in groups as telephones do and sums
// don't: 20 12 34 56, 2012 3456, 612 345 678 with more than one kind of gap,
// (212) 555-0100.
func grouped(g group) bool {
	twos := len(g.lengths) >= 4
	for _, n := range g.lengths {
		twos = twos && n == 2
	}
	fours := len(g.lengths) == 2 && g.lengths[0] == 4 && g.lengths[1] == 4
	american := len(g.lengths) == 3 && g.lengths[0] == 3 && g.lengths[1] == 3 && g.lengths[2] == 4
	return twos || fours || american
}

// dateOrMoney reports whether the digits are rather a date or a sum.
func (s *scan) dateOrMoney(g group) bool {
	if c := s.get(g.from - 1); c == '$' || c == '€' || c == '£' || c == '#' {
		return true
	}
	if c := s.get(g.to); c == '%' || c == '€' || c == '$' || c == '£' || c == '-' || (c == ',' || c == '.') && isDigit(s.get(g.to+1)) {
		return true
	}
	if s.beside("money", g.from, g.to) {
		return true
	}
	l, d := g.lengths, g.digits
	same := len(g.seps) >= 2 && g.seps[0] == g.seps[1] && g.seps[0] != ' '
	switch {
	case len(l) == 3 && same && l[2] == 4 && l[0] <= 2 && l[1] <= 2: // 24-12-2025
		return true
	case len(l) == 3 && same && l[0] == 4 && l[1] <= 2 && l[2] <= 2: // 2025-12-24
		return true
	case len(l) == 2 && l[0] == 4 && l[1] == 4 && (d[:2] == "20" || d[:2] == "19") && (d[4:6] == "20" || d[4:6] == "19"): // 2019–2025
		return true
	case len(d) == 10 && len(l) <= 2 && l[0] != 2 && d[:2] >= "01" && d[:2] <= "31" && d[2:4] >= "01" && d[2:4] <= "12" && slices.Contains(s.countries, "DK"):
		return !s.cued("phone", g.from) // a Danish personal number begins with a birthday
	case len(l) == 2 && l[0] == 6 && l[1] == 4:
		return true
	}
	threes := len(l) >= 2 && l[0] <= 3
	for _, n := range l[min(1, len(l)):] {
		threes = threes && n == 3
	}
	return threes && d[0] != '0' && !s.cued("phone", g.from) // 2.000.000
}
