// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
)

// maxValue is how many bytes of a value are compared.
const maxValue = 256

// normalise returns a value in lower-case ASCII letters and digits with single
// blanks between words: marks and scripts folded, punctuation gone. Apostrophes
// join (o'brien → obrien), everything else parts.
func normalise(value string) string {
	if len(value) > 4*maxValue {
		value = value[:4*maxValue]
	}
	for i := range len(value) {
		if value[i] >= 0x80 {
			value = unidecode.Unidecode(value)
			break
		}
	}
	var b strings.Builder
	b.Grow(len(value))
	blank := false
	for i := range len(value) {
		c := value[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		case c == '\'' || c == '`' || c == '.':
			continue
		default:
			blank = b.Len() > 0
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		if b.Len() >= maxValue {
			break
		}
		b.WriteByte(c)
	}
	return b.String()
}

// digitsOf returns the digits of a value.
func digitsOf(value string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) && r < 0x80 {
			return r
		}
		return -1
	}, value)
}

// compact drops the blanks of a normalised value.
func compact(normal string) string { return strings.ReplaceAll(normal, " ", "") }

// skeleton returns the consonant frame of a normalised word: sounds that are
// often taken for each other share a letter, vowels but a first one go, double
// letters are single. Words that sound alike mostly share their skeleton.
func skeleton(word string) string {
	var out [16]byte
	n := 0
	last := byte(0)
	for i := 0; i < len(word) && n < len(out); i++ {
		c := word[i]
		next := byte(0)
		if i+1 < len(word) {
			next = word[i+1]
		}
		s := sound(c, next)
		if s == 0 && n == 0 && i == 0 {
			s = 'a' // any first vowel
		}
		if s == 0 {
			last = 0
			continue
		}
		if s != last {
			out[n] = s
			n++
		}
		last = s
		if c == 'p' && next == 'h' || c == 'c' && next == 'k' {
			i++
		}
	}
	return string(out[:n])
}

// sound folds a letter with the one after it to its class, 0 for silent ones.
func sound(c, next byte) byte {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y', 'h', 'w':
		if c == 'w' {
			return 'f'
		}
		return 0
	case 'b', 'p':
		if c == 'p' && next == 'h' {
			return 'f'
		}
		return 'b'
	case 'f', 'v':
		return 'f'
	case 'c':
		if next == 'e' || next == 'i' || next == 'y' {
			return 's'
		}
		return 'k'
	case 'g', 'j', 'k', 'q':
		return 'k'
	case 's', 'z', 'x':
		return 's'
	case 'd', 't':
		return 't'
	case 'm', 'n':
		return 'n'
	}
	return c // l, r and digits stand for themselves
}
