// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"
	"unicode"
)

// scriptRanges orders the scripts by how often they come in names.
func scriptOfRune(r rune) Script {
	switch {
	case r < 0x250:
		if unicode.IsLetter(r) {
			return Latin
		}
		return NoScript
	case unicode.Is(unicode.Latin, r):
		return Latin
	case unicode.Is(unicode.Cyrillic, r):
		return Cyrillic
	case unicode.Is(unicode.Greek, r):
		return Greek
	case unicode.Is(unicode.Arabic, r):
		return Arabic
	case unicode.Is(unicode.Hebrew, r):
		return Hebrew
	case unicode.Is(unicode.Han, r):
		return Han
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return Kana
	case unicode.Is(unicode.Hangul, r):
		return Hangul
	case unicode.Is(unicode.Georgian, r):
		return Georgian
	case unicode.Is(unicode.Armenian, r):
		return Armenian
	case r >= 0x0900 && r < 0x0D80:
		return Indic
	case unicode.IsLetter(r):
		return Other
	}
	return NoScript
}

// scriptOf returns the script of most letters of a word.
func scriptOf(word string) Script {
	var counts [Mixed + 1]int
	for _, r := range word {
		counts[scriptOfRune(r)]++
	}
	best := NoScript
	for s := Latin; s < Mixed; s++ {
		if counts[s] > counts[best] || best == NoScript && counts[s] > 0 {
			best = s
		}
	}
	return best
}

// lookalikes are letters that are drawn alike in Latin, Cyrillic and Greek.
const lookLatin, lookCyrillic, lookGreek = "aaceopxyikmthbjsd", "аасеорхуікмтнвјѕԁ", "αα\x00ε\x00ρχυικμτηβ\x00\x00\x00"

// unmix replaces look-alike letters of other scripts in a word that is mostly
// of one: a Cyrillic "а" in "Bank" is an error or a trick.
func unmix(word string, script Script) string {
	if script != Latin && script != Cyrillic {
		return word
	}
	mixed := false
	for _, r := range word {
		if s := scriptOfRune(r); s != script && (s == Latin || s == Cyrillic || s == Greek) {
			mixed = true
			break
		}
	}
	if !mixed {
		return word
	}
	latin, cyrillic, greek := []rune(lookLatin), []rune(lookCyrillic), []rune(lookGreek)
	return strings.Map(func(r rune) rune {
		for i := range latin {
			if r != latin[i] && r != cyrillic[i] && (r != greek[i] || r == 0) {
				continue
			}
			if script == Latin {
				return latin[i]
			}
			return cyrillic[i]
		}
		return r
	}, word)
}

// leet undoes digits that stand for letters inside a word of a person's name.
func leet(word string) string {
	letters, digits := 0, 0
	for _, r := range word {
		if unicode.IsDigit(r) {
			digits++
		} else {
			letters++
		}
	}
	if digits == 0 || letters < 2 || digits > letters {
		return word
	}
	return strings.Map(func(r rune) rune {
		if i := strings.IndexRune("013456789", r); i >= 0 {
			return rune("oieasgtbg"[i])
		}
		return r
	}, word)
}
