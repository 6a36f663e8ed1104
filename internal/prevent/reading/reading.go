// SPDX-License-Identifier: AGPL-3.0-or-later

// Package reading measures how hard a text is to read, by a published formula
// for each language that has one. It must never guess: a language without a
// formula is "not checked". Its functions are pure and safe for concurrent use.
package reading

import (
	"strings"
	"unicode"
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

// Of measures text in lang.
//
// English: Coleman–Liau (1975), 0.0588 L − 0.296 S − 15.8 with letters and
// sentences per hundred words; it gives a school year of the USA, and a child
// of twelve is in the seventh. Danish: LIX (Björnsson 1968), words in a
// sentence plus the percentage of words with more than six letters; below 25
// are children's books, 25 to 34 is easy.
func Of(lang, text string) Score {
	words, letters, long, sentences := count(text)
	if words == 0 {
		return Score{}
	}
	w := float64(words)
	s := float64(max(sentences, 1))
	switch lang {
	case "en":
		return Score{Formula: "Coleman–Liau", Value: 0.0588*float64(letters)*100/w - 0.296*s*100/w - 15.8, Limit: 7}
	case "da":
		return Score{Formula: "LIX", Value: w/s + 100*float64(long)/w, Limit: 34}
	}
	return Score{}
}

// count counts words, their letters, words of more than six letters, and
// sentences; a line break ends a sentence, as an item of a list does.
func count(text string) (words, letters, long, sentences int) {
	for _, line := range strings.Split(text, "\n") {
		open := false
		for _, word := range strings.Fields(line) {
			n := 0
			for _, r := range word {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					n++
				}
			}
			if n == 0 {
				continue
			}
			words++
			letters += n
			if n > 6 {
				long++
			}
			open = true
			if strings.ContainsAny(strings.TrimRight(word, `"'*)”»`)[max(0, len(strings.TrimRight(word, `"'*)”»`))-1):], ".!?:") {
				sentences++
				open = false
			}
		}
		if open {
			sentences++
		}
	}
	return words, letters, long, sentences
}
