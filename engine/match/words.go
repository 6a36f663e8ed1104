// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is a run of letters or digits of a name, folded in its own script.
type word struct {
	native     string
	script     Script
	beforeSign bool // a comma follows, or followed a word before: "PUTIN, Vladimir"
	dotted     bool // a full stop follows: an abbreviation
	hyphen     bool // a hyphen joins it to the word before
}

// splitWords folds a name and cuts it into words. Apostrophes join, but for those
// of elided words in names of organisations; dots join
// single letters ("A.B.C." is one word in names of organisations); everything
// else that is no letter, mark or digit cuts.
func splitWords(name string, sort Sort) []word {
	var words []word
	var cur strings.Builder
	hyphen := false
	flush := func(dotted bool) {
		if cur.Len() == 0 {
			return
		}
		w := word{native: cur.String(), dotted: dotted, hyphen: hyphen}
		cur.Reset()
		hyphen = false
		words = append(words, w)
	}
	for _, r := range fold(name) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			cur.WriteRune(r)
		case isApostrophe(r) && sort != Person && len(words) > 0 && elided[cur.String()] != "":
			whole := elided[cur.String()]
			cur.Reset()
			cur.WriteString(whole)
			flush(false)
		case isApostrophe(r), (r == '"' || r == '״') && endsHebrew(cur.String()):
			// joins; between Hebrew letters it marks an abbreviation
		case r == '.':
			flush(true)
		case r == ',' || r == ';' || r == '،':
			flush(false)
			if len(words) > 0 {
				words[len(words)-1].beforeSign = true
			}
		case r == '%':
			flush(false)
			words = append(words, word{native: "percent", script: Latin})
		case r == '&' || r == '+':
			flush(false)
			if sort != Person {
				words = append(words, word{native: "and", script: Latin})
			}
		case r == '-' || r == '‐' || r == '–' || r == '־':
			flush(false)
			hyphen = true
		default:
			flush(false)
		}
	}
	flush(false)
	if sort == Address {
		words = splitHouses(words)
	}
	if sort != Person {
		words = joinLetters(words)
	}
	for i := range words {
		words[i].script = scriptOf(words[i].native)
		words[i].native = unmix(words[i].native, words[i].script)
	}
	return words
}

// elided are the little words of French and Italian that lose their vowel before
// another, which is no part of the next word: "Société d'Investissement". At the
// beginning of a name they may be ("L'Oréal").
var elided = map[string]string{
	"d": "de", "l": "le", "qu": "que", "dell": "della", "dall": "dalla", "nell": "nella", "sull": "sulla", "all": "alla", "degl": "degli",
}

// splitHouses cuts the letter off the number of a house: "221B".
func splitHouses(words []word) []word {
	var out []word
	for _, w := range words {
		n := len(w.native) - 1
		if n > 0 && isDigits(w.native[:n]) && w.native[n] >= 'a' && w.native[n] <= 'z' {
			letter := w
			letter.native, letter.hyphen = w.native[n:], false
			w = word{native: w.native[:n], hyphen: w.hyphen}
			out = append(out, w, letter)
			continue
		}
		out = append(out, w)
	}
	return out
}

// joinLetters makes one word of single letters that stand together: "a.b.c.",
// "s a r l".
func joinLetters(words []word) []word {
	out := words[:0]
	open := false
	for _, w := range words {
		single := utf8.RuneCountInString(w.native) == 1 && !isDigits(w.native) && !isIdeograph(w.native)
		if single && open && !w.hyphen {
			out[len(out)-1].native += w.native
			continue
		}
		out = append(out, w)
		open = single
	}
	return out
}

// fold makes letters comparable: compatibility forms, lower case, no accents
// on letters that lose them, no control or formatting characters.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	s = norm.NFKD.String(strings.ToValidUTF8(s, " "))
	var out strings.Builder
	out.Grow(len(s))
	base := rune(0)
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r) && dropsMarks(base, r):
			continue
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) && !unicode.IsSpace(r):
			continue
		case r == 'ـ': // Arabic tatweel, an ornament
			continue
		}
		if !unicode.Is(unicode.Mn, r) {
			base = r
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return norm.NFC.String(out.String())
}

// dropsMarks says whether a mark over base is an accent rather than a part of
// the letter.
func dropsMarks(base, mark rune) bool {
	switch {
	case unicode.Is(unicode.Cyrillic, base):
		return mark != 0x0306 && mark != 0x0308 // й, ў, ё, ї are letters
	case unicode.Is(unicode.Latin, base), unicode.Is(unicode.Greek, base):
		return true
	case unicode.Is(unicode.Arabic, base):
		return mark >= 0x064B && mark <= 0x0652 || mark == 0x0670 // short vowels; hamza and madda stay
	case unicode.Is(unicode.Hebrew, base):
		return true
	}
	return base == 0 || base == ' '
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', 'ʻ', 'ʿ', 'ʾ', '`', '´', '\u02b9', '\u2032', '׳':
		return true
	}
	return false
}

func endsHebrew(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.Is(unicode.Hebrew, r)
}

func isDigits(s string) bool {
	for _, r := range s {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

func isIdeograph(s string) bool {
	const first = 0xE1 // of the bytes of the first of them
	if s == "" || s[0] < first {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}
