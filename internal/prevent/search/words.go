// SPDX-License-Identifier: AGPL-3.0-or-later

package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/english"
	"golang.org/x/text/unicode/norm"
)

// word is one word of a text: where it stands, in bytes, and its stem.
type word struct {
	start, end int
	stem       string
}

// maxWord is the length of the longest word that is looked at, in bytes.
const maxWord = 60

// words takes a text apart.
func words(lang, text string) []word {
	var all []word
	start := -1
	end := func(at int) {
		if start >= 0 && at-start <= maxWord {
			if s := stem(lang, text[start:at]); s != "" {
				all = append(all, word{start, at, s})
			}
		}
		start = -1
	}
	for at, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			if start < 0 {
				start = at
			}
		default:
			end(at)
		}
	}
	end(len(text))
	return all
}

// stem cuts a word to what all its forms have in common, as far as that is
// known for the language; elsewhere only case and marks go.
func stem(lang, w string) string {
	w = strings.ToLower(w)
	switch lang {
	case "da":
		return snowball(danish.Stem, strings.ReplaceAll(norm.NFC.String(w), "aa", "å"))
	case "en":
		return snowball(english.Stem, unmarked(w))
	case "ar":
		return arabic(unmarked(w))
	}
	return unmarked(w)
}

func snowball(stem func(*snowballstem.Env) bool, w string) string {
	env := snowballstem.NewEnv(w)
	stem(env)
	return env.Current()
}

// unmarked takes away what stands above and below letters, vowels of Arabic
// and its lengthening stroke among them.
func unmarked(w string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) || r == 'ـ' {
			return -1
		}
		return r
	}, norm.NFKD.String(w))
}

// One letter for those that people write for one another. Hamza above and
// below a letter is a mark, and gone already.
var letters = strings.NewReplacer("ٱ", "ا", "ى", "ي", "ة", "ه")

// Prefixes and suffixes of the light stemmer of Larkey, Ballesteros and
// Connell (light10, 2007), and the pronouns for you, them and us.
var (
	arabicPrefixes = []string{"وال", "فال", "بال", "كال", "ولل", "لل", "ال", "و"}
	arabicSuffixes = []string{"ها", "هم", "كم", "نا", "ان", "ات", "ون", "ين", "يه", "ه", "ي", "ك"}
)

// arabic returns a light stem: three letters at least are left.
func arabic(w string) string {
	w = letters.Replace(w)
	for _, p := range arabicPrefixes {
		if rest, ok := strings.CutPrefix(w, p); ok && utf8.RuneCountInString(rest) >= 3 {
			w = rest
			break
		}
	}
	for _, s := range arabicSuffixes {
		if rest, ok := strings.CutSuffix(w, s); ok && utf8.RuneCountInString(rest) >= 3 {
			return rest
		}
	}
	return w
}
