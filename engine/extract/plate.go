// SPDX-License-Identifier: Apache-2.0

package extract

import "strings"

// plates finds number plates: letters in capitals and digits in a form that a
// country uses, or any such mix after a word that says so.
func plates(s *scan) {
	for i := 0; i < len(s.r); i++ {
		if !isAlnum(s.r[i]) || !s.starts(i) || s.foreign[i] || s.get(i-1) == '-' || s.get(i-1) == '/' || s.get(i-1) == '+' {
			continue
		}
		if value, to := s.plateAt(i); to != 0 {
			s.take(Plate, value, i, to)
			i = to - 1
			continue
		}
		for isAlnum(s.get(i + 1)) {
			i++
		}
	}
}

// plateAt tries up to three groups of letters and digits with one space, dash
// or dot between them, the longest first.
func (s *scan) plateAt(i int) (value string, to int) {
	const groups, long = 3, 10
	var ends []int
	signs := 0
	for j := i; len(ends) < groups; {
		from := j
		for j-from <= long && isAlnum(s.get(j)) && !s.taken[j] && !s.foreign[j] && s.r[j] < 0x180 {
			j++
		}
		signs += j - from
		if j == from || signs > long || isAlnum(s.get(j)) {
			break
		}
		ends = append(ends, j)
		if c := s.get(j); c != ' ' && c != '-' && c != '.' && c != '·' {
			break
		}
		j++
	}
	cued := s.cued("plate", i)
	for k := len(ends) - 1; k >= 0; k-- {
		if value, ok := s.isPlate(i, ends[k], cued); ok {
			return value, ends[k]
		}
	}
	return "", 0
}

func (s *scan) isPlate(from, to int, cued bool) (string, bool) {
	var value, form strings.Builder
	letters, capitals, digits, gap := "", true, 0, false
	for j, c := range s.r[from:to] {
		switch {
		case isDigit(c):
			value.WriteRune(c)
			form.WriteByte('9')
			digits++
		case isLetter(c):
			capitals = capitals && c == upper(c)
			value.WriteRune(upper(c))
			form.WriteByte('A')
			letters += string(upper(c))
		default:
			if j > 0 && !gap && digits == 0 && form.Len() > 0 {
				form.WriteByte('-')
				gap = true
			}
		}
	}
	n := digits + len([]rune(letters))
	if letters == "" || digits == 0 || n < 4 || n > 10 || !capitals && !cued {
		return "", false
	}
	for _, word := range strings.FieldsFunc(string(s.r[from:to]), func(c rune) bool { return !isLetter(c) }) {
		if !cued && s.tables.notPlates[strings.ToUpper(word)] {
			return "", false
		}
	}
	plain := strings.ReplaceAll(form.String(), "-", "")
	known := s.tables.plates[plain] || s.tables.districts[form.String()]
	if !known && (!cued || n < 5 || digits < 2) {
		return "", false
	}
	if !cued && s.goesOn(to) {
		return "", false
	}
	return value.String(), true
}

// goesOn reports whether more digits of a longer number follow.
func (s *scan) goesOn(to int) bool {
	c := s.get(to)
	return (c == ' ' || c == '-' || c == '/') && isDigit(s.get(to+1)) && isDigit(s.get(to+2)) && isDigit(s.get(to+3))
}
