// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
)

// syllabic romanises Thai, Burmese and Ethiopic, whose signs are no letters one
// after the other. It reports whether a word is written in one of them.
func (t *tables) syllabic(native string) (string, bool) {
	switch r, _ := utf8.DecodeRuneInString(native); {
	case r >= 0x0E00 && r < 0x0E80:
		return t.thai(native), true
	case r >= 0x1000 && r < 0x10A0:
		return t.burmese(native), true
	case r >= 0x1200 && r < 0x1380:
		return ethiopic(native), true
	}
	return "", false
}

// ethiopic writes each sign as its consonant and the vowel that its place in
// the row of eight tells; the sixth mostly has none.
func ethiopic(native string) string {
	vowels := [8]string{"e", "u", "i", "a", "e", "", "o", "ua"}
	var out strings.Builder
	for _, r := range native {
		consonant := strings.ToLower(strings.TrimRight(unidecode.Unidecode(string(r)), "aeiouAEIOU"))
		vowel := vowels[r&7]
		switch base := r &^ 7; base {
		case 0x1280: // written x, spoken h
			consonant = "h"
		case 0x1220: // written sz
			consonant = "s"
		case 0x12A0, 0x12D0, 0x1200, 0x1210: // a and h, whose first vowel is a
			if base >= 0x12A0 {
				consonant = ""
			}
			if r == base {
				vowel = "a"
			} else if r == base+5 && base >= 0x12A0 {
				vowel = "e"
			}
		}
		out.WriteString(consonant)
		out.WriteString(vowel)
	}
	return out.String()
}

// burmese writes consonants and rhymes by the table; a consonant with nothing
// after it has an a.
func (t *tables) burmese(native string) string {
	var out strings.Builder
	bare := false // the last sign was a consonant without its vowel
	for i := 0; i < len(native); {
		if size, latin, ok := t.longestRoman(native[i:]); ok {
			r, _ := utf8.DecodeRuneInString(native[i:])
			alone := size == utf8.RuneLen(r)
			consonant, medial := r <= 0x1021 && alone, r >= 0x103B && r <= 0x103E && alone
			if bare && consonant {
				out.WriteByte('a')
			}
			out.WriteString(latin)
			bare = consonant || medial && bare
			i += size
			continue
		}
		_, size := utf8.DecodeRuneInString(native[i:]) // a tone
		i += size
	}
	if bare {
		out.WriteByte('a')
	}
	return out.String()
}

// thaiReader reads a word syllable by syllable.
type thaiReader struct {
	*tables
	letters []rune
	out     strings.Builder
}

// Thai signs that are read apart from their place.
const (
	thaiSilent = rune(0x0E4C) // thanthakhat: the letter before is silent
	thaiVowel  = 'อ'          // a carrier of vowels, and one itself
	thaiR      = 'ร'
)

// thai reads a word from its letters: vowels that stand before their consonant
// are moved behind it, silent letters go, and a vowel that is not written is an
// o in a closed syllable and an a in an open one.
func (t *tables) thai(native string) string {
	w := thaiReader{tables: t, letters: thaiLetters(native)}
	for i := 0; i < len(w.letters); {
		i += w.syllable(i)
	}
	return w.out.String()
}

// thaiLetters drops tones and silent letters.
func thaiLetters(native string) []rune {
	var out []rune
	for _, r := range native {
		switch {
		case r == thaiSilent:
			for len(out) > 0 && !isThaiConsonant(out[len(out)-1]) {
				out = out[:len(out)-1]
			}
			out = out[:max(0, len(out)-1)]
			if n := len(out); n > 2 && (out[n-1] == 'ท' || out[n-1] == 'ต' || out[n-1] == 'ด') && isThaiConsonant(out[n-2]) {
				out = out[:n-1] // "จันทร์" is chan
			}
		case r >= 0x0E47 && r <= 0x0E4B:
		default:
			out = append(out, r)
		}
	}
	return out
}

func isThaiConsonant(r rune) bool { return r >= 0x0E01 && r <= 0x0E2E }

// syllable reads what begins at a letter and returns how many letters it took.
func (w *thaiReader) syllable(i int) int {
	start, before := i, ""
	if r := w.letters[i]; r >= 0x0E40 && r <= 0x0E44 {
		before = w.romanise[string(r)]
		if i++; i == len(w.letters) {
			return 1
		}
	}
	if !isThaiConsonant(w.letters[i]) {
		w.out.WriteString(before + w.romanise[string(w.letters[i])])
		return i + 1 - start
	}
	w.initial(w.letters[i])
	i++
	if i < len(w.letters) && w.letters[i] == thaiR && strings.ContainsRune("ศสซ", w.letters[i-1]) && w.vowelAt(i+1) {
		i++ // "ศรี" is si
	}
	if i < len(w.letters) && w.letters[i] == 'ร' && strings.ContainsRune("กขคปผพตท", w.letters[i-1]) && (before != "" || w.vowelAt(i+1)) {
		w.out.WriteByte('r')
		i++
	}
	vowel, n := w.vowel(i, before)
	w.out.WriteString(vowel)
	i += n
	if i < len(w.letters) && isThaiConsonant(w.letters[i]) && !w.vowelAt(i+1) && !w.doubleR(i+1) && vowel != "an" && vowel != "am" && vowel != "ai" && vowel != "ao" {
		w.final(w.letters[i])
		i++
	}
	return i - start
}

func (w *thaiReader) initial(r rune) {
	if r != thaiVowel {
		w.out.WriteString(w.romanise[string(r)])
	}
}

// doubleR says whether two r that stand for a vowel follow.
func (w *thaiReader) doubleR(i int) bool {
	return i+1 < len(w.letters) && w.letters[i] == thaiR && w.letters[i+1] == thaiR
}

// vowelAt says whether a written vowel that belongs to the letter before stands
// at a place.
func (w *thaiReader) vowelAt(i int) bool {
	return i < len(w.letters) && (w.letters[i] >= 0x0E30 && w.letters[i] <= 0x0E39)
}

// vowel reads the vowel after a consonant, or finds the one that is not
// written.
func (w *thaiReader) vowel(i int, before string) (vowel string, n int) {
	at := func(k int) rune {
		if i+k < len(w.letters) {
			return w.letters[i+k]
		}
		return 0
	}
	switch {
	case before == "e" && at(0) == 'า':
		return "ao", 1
	case before == "e" && at(0) == 'ี' && at(1) == 'ย':
		return "ia", 2
	case before == "e" && at(0) == 'ื' && at(1) == thaiVowel:
		return "uea", 2
	case before == "e" && (at(0) == thaiVowel || at(0) == 'ิ'):
		return "oe", 1
	case before != "":
		return before, 0
	case at(0) == 'ั' && at(1) == 'ว':
		return "ua", 2
	case w.vowelAt(i):
		if at(0) == 'ื' && at(1) == thaiVowel {
			return "ue", 2
		}
		return w.romanise[string(at(0))], 1
	case at(0) == thaiR && at(1) == thaiR:
		if at(2) == 0 || w.vowelAt(i+3) {
			return "an", 2
		}
		return "a", 2
	case at(0) == thaiVowel && !w.vowelAt(i+1):
		return "o", 1
	case at(0) == 'ว' && isThaiConsonant(at(1)) && !w.vowelAt(i+2):
		return "ua", 1
	case isThaiConsonant(at(0)) && !w.vowelAt(i+1):
		return "o", 0
	case at(0) == 0:
		return "", 0
	}
	return "a", 0
}

// final writes a consonant as it sounds at the end of a syllable.
func (w *thaiReader) final(r rune) {
	latin := w.romanise[string(r)]
	switch {
	case r == thaiVowel:
	case r == 'ว':
		latin = "o"
	case r == 'ย':
		latin = "i"
	case latin == "r" || latin == "l":
		latin = "n"
	case latin == "b" || latin == "ph" || latin == "f":
		latin = "p"
	case latin == "kh":
		latin = "k"
	case strings.HasPrefix(latin, "d"), strings.HasPrefix(latin, "th"), strings.HasPrefix(latin, "ch"), latin == "s":
		latin = "t"
	}
	w.out.WriteString(latin)
}
