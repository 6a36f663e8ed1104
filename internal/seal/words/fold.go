// SPDX-License-Identifier: AGPL-3.0-or-later

package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spellings are letters that keyboards and habits exchange. Danish letters fold
// to what people type without a Danish keyboard; Arabic ones to the forms that
// are written without care for hamza and final letters.
var spellings = strings.NewReplacer(
	"æ", "ae", "ø", "oe", "å", "aa", "ä", "ae", "ö", "oe",
	"é", "e", "è", "e", "ê", "e", "á", "a", "à", "a", "ó", "o", "ü", "u",
	"أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا",
	"ى", "ي", "ئ", "ي", "ی", "ي", "ؤ", "و", "ة", "ه", "ک", "ك", "ء", "",
)

// Fold returns the form in which words are compared: composed (NFKC), lower
// case, exchanged letters made the same, and without marks, tatweel and
// invisible characters. No two words of a list fold to the same.
func Fold(s string) string {
	s = spellings.Replace(strings.ToLower(norm.NFKC.String(s)))
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) || r == 'ـ' {
			return -1
		}
		return r
	}, s)
}
