// SPDX-License-Identifier: AGPL-3.0-or-later

package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxText bounds what Parse looks at: ten long words with room for what people
// write between them.
const maxText = 1024

// Candidate is one reading of a text: all its words are in one list.
type Candidate struct {
	Language string
	Numbers  []uint16
}

// CountError says that a text has too few or too many words.
type CountError struct{ Got, Want int }

// Error implements error.
func (e *CountError) Error() string {
	return fmt.Sprintf("there are %d words, want %d", e.Got, e.Want)
}

// UnknownError names the words that are not in the list that fits best.
type UnknownError struct {
	Language string
	Words    []Unknown
}

// Unknown is a word that is not in the list.
type Unknown struct {
	Index int      // its place among the words that were typed, from 0
	Word  string   // as typed
	Near  []string // up to three words of the list that look like it, best first
}

// Error implements error. It counts the words and does not repeat them: they
// may be most of a receipt.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("%d words are not in the list of %q", len(e.Words), e.Language)
}

// Parse reads count words that people typed with any spaces, signs and numbers
// between them. A word can be in the lists of two languages, so Parse returns a
// reading for each list that has all of them, language's first. When none has,
// it returns *UnknownError for the list that has most; the count is checked
// before, with *CountError.
func Parse(text, language string, count int) ([]Candidate, error) {
	if len(text) > maxText {
		return nil, &CountError{Got: len(text) / 4, Want: count}
	}
	typed := Split(text)
	if len(typed) != count {
		return nil, &CountError{Got: len(typed), Want: count}
	}
	lists := All()
	slices.SortStableFunc(lists, func(a, b *List) int {
		return cmp.Compare(bonus(b, language), bonus(a, language))
	})
	var readings []Candidate
	best, bestKnown := lists[0], -1
	for _, list := range lists {
		numbers := list.findAll(typed)
		if len(numbers) == count {
			readings = append(readings, Candidate{Language: list.language, Numbers: numbers})
		}
		if len(numbers) > bestKnown {
			best, bestKnown = list, len(numbers)
		}
	}
	if len(readings) > 0 {
		return readings, nil
	}
	return nil, best.unknown(typed)
}

func bonus(l *List, language string) int {
	if l.language == language {
		return 1
	}
	return 0
}

// Split cuts a text into words at everything that is neither a letter nor a
// mark on one.
func Split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\u200c' && r != '\u200d'
	})
}

// findAll returns the numbers of the words that are known.
func (l *List) findAll(typed []string) []uint16 {
	var numbers []uint16
	for _, word := range typed {
		n, ok := l.Find(word)
		if ok {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (l *List) unknown(typed []string) *UnknownError {
	e := &UnknownError{Language: l.language}
	for i, word := range typed {
		if _, ok := l.Find(word); !ok {
			e.Words = append(e.Words, Unknown{Index: i, Word: word, Near: l.Near(word)})
		}
	}
	return e
}

const (
	maxNear     = 3
	maxDistance = 3
	maxTyped    = 32 // letters of a typed word that are compared
)

// Near returns up to three words that look like what was typed, best first:
// the one with the same first letters, then by edit distance. It costs
// O(Count × letters²), under a millisecond.
func (l *List) Near(typed string) []string {
	folded := []rune(Fold(typed))
	if len(folded) == 0 || len(folded) > maxTyped {
		return nil
	}
	type near struct{ n, distance int }
	var found []near
	start := firstLetters(string(folded))
	if n, ok := l.prefix[start]; ok {
		found = append(found, near{int(n), 0})
	}
	for n, word := range l.letters {
		if difference := len(word) - len(folded); difference > maxDistance || -difference > maxDistance {
			continue
		}
		d := distance(folded, word)
		if d <= maxDistance && d < len(folded) && (len(found) == 0 || found[0].n != n) {
			found = append(found, near{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var words []string
	for _, f := range found[:min(maxNear, len(found))] {
		words = append(words, l.words[f.n])
	}
	return words
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and exchanges of neighbours each cost one. Both words have at
// most maxTyped letters.
func distance(a, b []rune) int {
	var rows [3][maxTyped + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, last, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
