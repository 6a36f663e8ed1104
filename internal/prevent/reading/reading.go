// SPDX-License-Identifier: AGPL-3.0-or-later

// Package reading measures how hard a text is to read, by a published formula
// for each language that has one. It must never guess: a language without a
// formula is "not checked". Its functions are pure and safe for concurrent use.
package reading

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Score is how hard a text is.
type Score struct {
	Formula string  // "" when the language has none: not checked
	Value   float64 // larger is harder
	Limit   float64 // what a reader of twelve manages
}

// Checked reports whether there is a formula for the language.
func (s Score) Checked() bool { return s.Formula != "" }

// Easy reports whether a child of nine to twelve can read the text.
func (s Score) Easy() bool { return s.Checked() && s.Value <= s.Limit }

// Of measures text in lang; it knows the links of Markdown, of which only the
// words are read.
//
// English: Coleman–Liau (1975), 0.0588 L − 0.296 S − 15.8 with letters and
// sentences per hundred words; it gives a school year of the USA, and a child
// of twelve is in the seventh. Danish: LIX (Björnsson 1968), words in a
// sentence plus the percentage of words with more than six letters; below 25
// are children's books, 25 to 34 is easy.
//
// Arabic: Al-Heeti (1984, dissertation at the University of Northern Colorado,
// pp. 102–106), which needs no vowels. It has an equation for each of two groups
// of judges: 4.41434307 L − 13.46873475, and 0.97569509 L + 0.37237998 W −
// 0.90451827 R − 1.06000414, with L letters in a word, W words in a sentence, R
// how often a word comes on average. We take the harder of both, so that neither long
// words nor long sentences pass, and read it as a school year; docs/content.md
// says how sure that is.
func Of(lang, text string) Score {
	c := count(text)
	if c.words == 0 {
		return Score{}
	}
	w := float64(c.words)
	s := float64(max(c.sentences, 1))
	switch lang {
	case "en":
		return Score{Formula: "Coleman–Liau", Value: 0.0588*float64(c.letters+c.digits)*100/w - 0.296*s*100/w - 15.8, Limit: 7}
	case "da":
		return Score{Formula: "LIX", Value: w/s + 100*float64(c.long)/w, Limit: 34}
	case "ar":
		l := float64(c.letters) / w
		one := 4.41434307*l - 13.46873475
		two := 0.97569509*l + 0.37237998*w/s - 0.90451827*w/float64(c.kinds) - 1.06000414
		return Score{Formula: "Al-Heeti", Value: max(one, two), Limit: 6}
	}
	return Score{}
}

// counts is what there is in a text. A line break ends a sentence, as an item of a
// list does.
type counts struct {
	words, kinds int // all of them, and different ones
	long         int // of more than six letters or digits
	letters      int
	digits       int
	sentences    int
}

var target = regexp.MustCompile(`\]\([^()\s]*\)`)

func count(text string) counts {
	var c counts
	kinds := map[string]bool{}
	for _, line := range strings.Split(target.ReplaceAllString(text, "]"), "\n") {
		open := false
		for _, field := range strings.Fields(line) {
			word, digits := strip(field)
			letters := utf8.RuneCountInString(word) - digits
			if word == "" {
				continue
			}
			c.words++
			c.letters += letters
			c.digits += digits
			if letters+digits > 6 {
				c.long++
			}
			kinds[word] = true
			if open = !ends(field); !open {
				c.sentences++
			}
		}
		if open {
			c.sentences++
		}
	}
	c.kinds = len(kinds)
	return c
}

// strip leaves the letters and digits of a word, in small letters. A stroke that only
// makes an Arabic word longer is none, and neither are vowel signs.
func strip(field string) (word string, digits int) {
	word = strings.Map(func(r rune) rune {
		switch {
		case r == '\u0640':
			return -1
		case unicode.IsDigit(r):
			digits++
			return r
		case unicode.IsLetter(r):
			return unicode.ToLower(r)
		}
		return -1
	}, field)
	return word, digits
}

// ends reports whether a word is the last of its sentence.
func ends(field string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(field, `"'*)]”»`))
	return strings.ContainsRune(".!?:؟", last)
}
