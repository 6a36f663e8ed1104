// SPDX-License-Identifier: Apache-2.0

package index

import "github.com/turnstone-project/turnstone/engine/match"

// Limits on the keys of one word.
const (
	maxDeleted = 20  // letters of a word of which each may be left out
	minDeleted = 3   // letters of a word of which one may be left out
	minFewer   = 2   // consonants of a word of which one may be left out
	minTwice   = 7   // letters of a word of which two may be left out
	maxTwice   = 16  // letters of a word of which two may be left out
	maxGroups  = 128 // known names of one word that are looked up
)

// Salts keep the kinds of keys apart.
const (
	saltText = 0x9e3779b1 + iota*2
	saltSkeleton
	saltGroup
	saltIdentifier
	saltDay
	saltGivenStem // of given names
	saltStem      // of other words
)

// hashBytes is FNV-1a with a finish, from a salt.
func hashBytes(salt uint32, text string) uint32 {
	h := uint64(14695981039346656037) ^ uint64(salt)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return uint32(h ^ h>>32)
}

// hashWithout is hashBytes of the text without its letter at i.
func hashWithout(salt uint32, text string, i int) uint32 {
	return hashBytesWithout(salt, []byte(text), i)
}

func hashBytesWithout(salt uint32, text []byte, i int) uint32 {
	h := uint64(14695981039346656037) ^ uint64(salt)
	for j := range text {
		if j != i {
			h = (h ^ uint64(text[j])) * 1099511628211
		}
	}
	return uint32(h ^ h>>32)
}

// likenessOf says how a key ties two words together.
type likenessOf uint8

const (
	byLetters likenessOf = iota // a slip or two apart
	bySounds                    // the same consonants
	byFewer                     // the same consonants but one
	byGroup                     // known for the same name
	byAcronym                   // made of the first letters
)

// wordKeys calls visit with the keys under which a word stands: the word and
// its sounds, each whole and with one letter left out, words of some length with
// two left out. Words that two slips part share a key, or one slip if they are
// short.
func wordKeys(text, skeleton string, visit func(key uint32, by likenessOf)) {
	visit(hashBytes(saltText, text), byLetters)
	deletions(saltText, text, func(key uint32) { visit(key, byLetters) })
	if len(text) >= minTwice && len(text) <= maxTwice {
		for i := range len(text) {
			if i > 0 && text[i] == text[i-1] {
				continue
			}
			var rest [maxTwice]byte
			short := append(append(rest[:0], text[:i]...), text[i+1:]...)
			for j := i; j < len(short); j++ {
				visit(hashBytesWithout(saltText, short, j), byLetters)
			}
		}
	}
	visit(hashBytes(saltSkeleton, skeleton), bySounds)
	deletions(saltSkeleton, skeleton, func(key uint32) { visit(key, byFewer) })
}

func deletions(salt uint32, text string, visit func(key uint32)) {
	least := minDeleted
	if salt == saltSkeleton {
		least = minFewer
	}
	if len(text) < least || len(text) > maxDeleted {
		return
	}
	for i := range len(text) {
		if i == 0 || text[i] != text[i-1] { // one of two equal letters is enough
			visit(hashWithout(salt, text, i))
		}
	}
}

func groupKeys(groups []uint32, visit func(key uint32)) {
	for _, g := range groups[:min(len(groups), maxGroups)] {
		visit(groupKey(g))
	}
}

// stemKeys calls visit with the keys of a word's stems, or with those under which
// the words stand that it may be a pet form of, or that may be pet forms of it.
func stemKeys(t *match.Token, others bool, visit func(key uint32)) {
	t.Stems(func(stem string, given bool) {
		if given != others {
			visit(hashBytes(saltGivenStem, stem))
		} else {
			visit(hashBytes(saltStem, stem))
		}
	})
}

// acronymMark begins the terms that are acronyms of words, so that they are no
// words of their own.
const acronymMark = "\x01"

func groupKey(g uint32) uint32 {
	h := uint64(g)*0x9e3779b97f4a7c15 + saltGroup
	return uint32(h ^ h>>32)
}

func dayKey(d match.Day) uint32 {
	h := (uint64(d) + saltDay) * 0x9e3779b97f4a7c15
	return uint32(h ^ h>>32)
}

// setAside reports whether a word says what a name is rather than whose.
func setAside(t *match.Token) bool {
	return t.Kind.Has(match.LegalForm | match.Stop)
}

// joins reports whether two neighbouring words may be written as one: a
// particle or short word beside another.
func joins(a, b *match.Token) bool {
	const short = 3
	return joinable(a, b) && (len(a.Text) <= short || len(b.Text) <= short || a.Kind.Has(match.Particle))
}

// joinsThree reports whether three words may be written as one: around a
// particle, as Abd-al-Latif.
func joinsThree(a, b, c *match.Token) bool {
	return b.Kind.Has(match.Particle) && joins(a, b) && joins(b, c) && len(a.Text)+len(b.Text)+len(c.Text) <= maxJoined
}

// maxJoined bounds the letters of words that may be written as one.
const maxJoined = 18

// joinable reports whether two neighbouring words are words that can be written
// as one.
func joinable(a, b *match.Token) bool {
	if a.Kind.Has(match.LegalForm|match.Number|match.Initial) || b.Kind.Has(match.LegalForm|match.Number|match.Initial) {
		return false
	}
	return len(a.Text) >= 2 && len(b.Text) >= 2 && len(a.Text)+len(b.Text) <= maxJoined
}
