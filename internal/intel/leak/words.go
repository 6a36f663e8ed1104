// SPDX-License-Identifier: AGPL-3.0-or-later

package leak

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a text: letters, digits and apostrophes.
type word struct {
	folded     string
	start, end int // bytes
	shown      string
	digits     bool // nothing but digits
	gap        int  // bytes between it and the word before
	line       bool // a line's end or a sentence's lies before it
}

// split cuts a text into words, in time linear in its length.
func split(text string) []word {
	var words []word
	var b strings.Builder
	start, last := -1, 0
	line, digits := true, true
	flush := func(end int) {
		if start < 0 {
			return
		}
		words = append(words, word{folded: b.String(), start: start, end: end, shown: text[start:end], digits: digits && b.Len() > 0, gap: start - last, line: line})
		start, last, line, digits = -1, end, false, true
		b.Reset()
	}
	for i, r := range text {
		f, in := foldRune(r)
		if (r == '\'' || r == '’') && start >= 0 && i+utf8.RuneLen(r) < len(text) && nextLetter(text[i+utf8.RuneLen(r):]) {
			b.WriteByte('\'')
			continue
		}
		if !in {
			flush(i)
			line = line || r == '\n' || r == '.' || r == '!' || r == '?' || r == '؟'
			continue
		}
		if start < 0 {
			start = i
		}
		if f != 0 {
			digits = digits && f >= '0' && f <= '9'
			b.WriteRune(f)
		}
	}
	flush(len(text))
	return words
}

func nextLetter(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r)
}

// foldRune returns the letter that is compared: small, digits as 0–9, Arabic
// letters without the differences that people don't write; 0 for marks that
// are skipped; in is false for what separates words.
func foldRune(r rune) (folded rune, in bool) {
	switch {
	case r >= 0x0660 && r <= 0x0669:
		return r - 0x0660 + '0', true
	case r >= 0x06F0 && r <= 0x06F9:
		return r - 0x06F0 + '0', true
	case r == 0x0640, r >= 0x064B && r <= 0x065F, r == 0x0670, r >= 0x200B && r <= 0x200F, r == 0x00AD:
		return 0, true
	case r == 'أ', r == 'إ', r == 'آ', r == 'ٱ':
		return 'ا', true
	case r == 'ى':
		return 'ي', true
	case r == 'ة':
		return 'ه', true
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return unicode.ToLower(r), true
	case unicode.Is(unicode.Mn, r):
		return r, true
	}
	return 0, false
}

// foldWord folds a word of a list as words of texts are.
func foldWord(t string) string {
	var b strings.Builder
	for _, r := range t {
		if r == '\'' {
			b.WriteRune(r)
			continue
		}
		if f, in := foldRune(r); in && f != 0 {
			b.WriteRune(f)
		}
	}
	return b.String()
}
