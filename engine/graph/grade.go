// SPDX-License-Identifier: Apache-2.0

package graph

import "fmt"

// Grade says how sure a statement is, as the services write it: up to four
// characters, each a scale of its own in which the first letter or digit is the
// best. 1A, B2 and A are grades. The zero Grade is no grade.
//
// Grades are compared position by position, because a source and what it says
// are graded apart: 2C is at least 2D and at least 3C, but neither of 1D and 2C
// is at least the other.
type Grade uint32

// ParseGrade reads a grade such as "1A" or "B2"; lower case is read as upper
// case, the empty text as no grade.
func ParseGrade(text string) (Grade, error) {
	if len(text) > 4 {
		return 0, fmt.Errorf("grade %q has more than four characters", text)
	}
	var g Grade
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		default:
			return 0, fmt.Errorf("grade %q: %q is neither a letter nor a digit", text, string(rune(c)))
		}
		g |= Grade(c) << (24 - 8*i)
	}
	return g, nil
}

// String returns the grade as it is written.
func (g Grade) String() string {
	var text []byte
	for i := range 4 {
		if c := byte(g >> (24 - 8*i)); c != 0 {
			text = append(text, c)
		}
	}
	return string(text)
}

// AtLeast reports whether g is in no position weaker than weakest. Positions
// that weakest leaves open are not looked at; a grade that says nothing in a
// position that weakest names is weaker.
func (g Grade) AtLeast(weakest Grade) bool {
	for shift := 24; shift >= 0; shift -= 8 {
		have, need := byte(g>>shift), byte(weakest>>shift)
		if need != 0 && (have == 0 || have > need) {
			return false
		}
	}
	return true
}

// Weaker returns what is left of two grades on one path: in each position the
// weaker of the two; a position that one of them leaves open stays open.
func (g Grade) Weaker(other Grade) Grade {
	var weakest Grade
	for shift := 24; shift >= 0; shift -= 8 {
		a, b := byte(g>>shift), byte(other>>shift)
		if a == 0 || b == 0 {
			continue
		}
		weakest |= Grade(max(a, b)) << shift
	}
	return weakest
}
