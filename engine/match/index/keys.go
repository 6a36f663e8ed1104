// SPDX-License-Identifier: Apache-2.0

package index

import "github.com/turnstone-project/turnstone/engine/match"

// Limits on the keys of one word.
const (
	maxDeleted = 20  // letters of a word of which each may be left out
	minDeleted = 3   // letters of a word of which one may be left out
	minFewer   = 2   // consonants of a word of which one may be left out
	maxGroups  = 128 // known names of one word that are looked up
)

// Salts keep the kinds of keys apart.
const (
	saltText     = 0x9e3779b1 + iota*2
	saltSkeleton // of words written as one
	saltGroup
	saltNumber
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
	h := uint64(14695981039346656037) ^ uint64(salt)
	for j := range len(text) {
		if j != i {
			h = (h ^ uint64(text[j])) * 1099511628211
		}
	}
	return uint32(h ^ h>>32)
}

// letterKeys calls visit with the keys under which a word stands by its letters:
// whole, and with each of them left out. Words one slip apart share a key.
func letterKeys(text string, visit func(key uint32)) {
	visit(hashBytes(saltText, text))
	deletions(saltText, text, visit)
}

// soundKeys calls visit with the keys under which words written as one stand by
// their consonants: all, and all but one.
func soundKeys(skeleton string, visit func(key uint32)) {
	visit(hashBytes(saltSkeleton, skeleton))
	deletions(saltSkeleton, skeleton, visit)
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

// numberKey is the key of numbers that mean the same, however they are written;
// ok is false for one that only its own letters mean.
func numberKey(t *match.Token) (key uint32, ok bool) {
	h := (uint64(t.Class) + saltNumber) * 0x9e3779b97f4a7c15
	return uint32(h ^ h>>32), t.Kind.Has(match.Number) && t.Class != 0 && t.Class < 1<<31
}

func dayKey(d match.Day) uint32 {
	h := (uint64(d) + saltDay) * 0x9e3779b97f4a7c15
	return uint32(h ^ h>>32)
}

// setAside reports whether a word says what a name is rather than whose.
func setAside(t *match.Token) bool {
	return t.Kind.Has(match.LegalForm | match.Stop)
}

// madeWords calls visit with the neighbouring words of a name that may be written
// as one; often says whether such words often are, so that an index holds them as
// one too: with a particle or short word, or three around a particle.
func madeWords(words []*match.Token, visit func(first int, parts []*match.Token, often bool)) {
	for i := range words {
		for n := 2; n <= 3 && i+n <= len(words); n++ {
			parts := words[i : i+n]
			if !match.MayBeOne(parts...) {
				break
			}
			often := match.Leans(parts[0], parts[1])
			if n == 3 {
				often = match.AroundArticle(parts)
			}
			visit(i, parts, often)
		}
	}
}
