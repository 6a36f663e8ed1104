// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/match"
)

// Limits on the words that one word of a query may mean.
const (
	maxSeen     = 16_000 // looked at
	maxExpanded = 4_000  // kept
)

// meaning is a term that a word of the query may mean.
type meaning struct {
	term uint32
	sure float32 // how surely, from 0 to 1
	tie  match.Tie
}

// asked is one word of a query, or several written as one.
type asked struct {
	text, native string
	words        uint32         // which words of the query, as a bit set: several when joined or an acronym
	token        *match.Token   // the word to look up
	parts        []*match.Token // the words that are written as one, nil for one word
	traits       uint8
	meanings     []meaning
	cost         int // postings of all meanings
	next         int // the meaning that is judged next
}

// expand finds the terms that a word may mean, surest first.
func (w *worker) expand(s *segment, a *asked) {
	w.near = w.near[:0]
	if w.epoch++; w.epoch >= math.MaxUint32-1 {
		clear(w.seen)
		w.epoch = 1
	}
	if known := s.recall(a, w.sort); known != nil {
		a.take(s, known)
		return
	}
	w.pattern(a.text)
	look := func(key uint32, by likenessOf) {
		for _, k := range s.underKey(key) {
			t := k.Term
			if w.seen[t] == w.epoch || len(w.near) >= maxSeen {
				continue
			}
			if by == byLetters && s.termVar[t] != 0 && w.edits(a.text, s.term(t)) > 1 {
				continue // what is two letters away, if it is near at all, is near in sounds, which hear finds
			}
			w.seen[t] = w.epoch
			w.mean(s, a, t, by)
		}
	}
	slip := func(key uint32) { look(key, byLetters) }
	same := func(key uint32) { look(key, byKind) }
	switch {
	case a.token.Kind.Has(match.Number):
		look(hashBytes(saltText, a.text), byLetters)
		if key, ok := numberKey(a.token); ok {
			look(key, byKind)
		}
	case a.parts != nil:
		w.hear(s, a, w.joinedErrors(s, a))
		letterKeys(a.text, slip)
	default:
		look(hashBytes(saltText, a.text), byLetters)
		groupKeys(a.token.Groups, same)
		w.hear(s, a, match.MostErrors)
		deletions(saltText, a.text, slip)
		soundKeys(a.token.Skeleton, same)
		if w.sort == match.Person {
			stemKeys(a.token, true, same)
		} else if a.token.MayBeAcronym() {
			look(hashBytes(saltText, acronymMark+a.text), byAcronym)
		}
	}
	w.unpattern(a.text)
	slices.SortFunc(w.near, surer)
	w.dedupe()
	found := slices.Clone(w.near[:min(len(w.near), maxExpanded)])
	s.remember(a, w.sort, found)
	a.take(s, found)
}

// hear finds the terms that sound like a word, all that comparing links to it.
func (w *worker) hear(s *segment, a *asked, most float32) {
	first := len(w.near)
	s.sounds.Near(&w.walk, a.token, w.sort, most, func(t uint32, tie match.Tie) {
		if w.seen[t] == w.epoch || len(w.near) >= maxSeen {
			return
		}
		both, either := s.traits[t]&a.traits, s.traits[t]|a.traits
		if a.parts != nil || either&oddKind != 0 || both&(oddScript|aName|aWord) != 0 ||
			tie.Distance() > 1 && (either&oddGiven != 0 || w.edits(a.text, s.term(t)) <= 1) {
			w.mean(s, a, t, byKind) // a slip of the finger can be nearer than the sounds
			return
		}
		w.near = append(w.near, meaning{t, tie.Kinship(w.sort), tie})
	})
	for _, m := range w.near[first:] {
		w.seen[m.term] = w.epoch
	}
}

// joinedErrors is how many errors may part words written as one from any term.
func (w *worker) joinedErrors(s *segment, a *asked) float32 {
	most := match.JoinedErrors(a.parts, false)
	if s.foreign {
		most = max(most, match.JoinedErrors(a.parts, true))
	}
	return most
}

// dedupe leaves of the meanings, surest first, one for each term.
func (w *worker) dedupe() {
	w.epoch++
	kept := w.near[:0]
	for _, m := range w.near {
		if w.seen[m.term] != w.epoch {
			w.seen[m.term] = w.epoch
			kept = append(kept, m)
		}
	}
	w.near = kept
}

// likenessOf says what kind of key led to a term.
type likenessOf uint8

const (
	byLetters likenessOf = iota // a slip or two apart
	byKind                      // whatever else they have in common
	byAcronym                   // made of the first letters
)

// mean notes that a word may mean a term.
func (w *worker) mean(s *segment, a *asked, t uint32, by likenessOf) {
	if s.termVar[t] == 0 {
		if tie, ok := w.madeTie(s, a, t, by); ok {
			w.near = append(w.near, meaning{t, tie.Kinship(w.sort), tie})
		}
		return
	}
	// The word may be a name here and a place there, and be written in another
	// script, in which less speaks against it: what holds for one script may not
	// hold for names in the other.
	best, loose := meaning{term: t}, s.token(s.termVar[t]-1).LeavesVowelsOut()
	for v := s.termVar[t]; v != 0; v = s.nextVar[v-1] {
		other := s.token(v - 1)
		if other.LeavesVowelsOut() != loose && best.sure > 0 {
			continue
		}
		tie, ok := a.tie(other, w.sort)
		if ok {
			if sure := tie.Kinship(w.sort); sure > best.sure {
				best.sure, best.tie = sure, tie
			}
		}
	}
	if best.sure > 0 {
		w.near = append(w.near, best)
	}
}

// tie is how a word, or several as one, may stand for another.
func (a *asked) tie(other *match.Token, sort match.Sort) (match.Tie, bool) {
	if a.parts != nil {
		return match.JoinedTie(a.parts, other)
	}
	return match.Relate(a.token, other, sort)
}

// madeTie is how a word may stand for a term that names make of several words.
func (w *worker) madeTie(s *segment, a *asked, t uint32, by likenessOf) (match.Tie, bool) {
	acronym := s.termFlags[t]&termAcronym != 0
	if a.parts != nil || acronym != (by == byAcronym) {
		return match.Tie{}, false
	}
	if acronym {
		return match.Acronym(), true
	}
	flags := s.termFlags[t]
	return match.Letters{Text: string(s.term(t)), Loose: flags&termLoose != 0, AroundArticle: flags&termArticle != 0}.Tie(a.token)
}

// surer orders meanings from the surest.
func surer(x, y meaning) int {
	switch {
	case x.sure > y.sure:
		return -1
	case x.sure < y.sure:
		return 1
	}
	return cmp.Compare(x.term, y.term)
}

// take makes found the meanings of the word. The list belongs to the segment.
func (a *asked) take(s *segment, found []meaning) {
	a.meanings, a.cost = found, 0
	for _, m := range found {
		a.cost += len(s.postings(m.term))
	}
}

// expansion is what a word was found to mean lately.
type expansion struct {
	text, native string
	kind         match.Kind // what the word was in its name
	sort         match.Sort
	found        []meaning
}

func (s *segment) slotOf(a *asked) *atomic.Pointer[expansion] {
	return &s.meant[hashBytes(saltText, a.text)&uint32(len(s.meant)-1)]
}

// recall returns the meanings of a word that was looked up lately, nil
// otherwise.
func (s *segment) recall(a *asked, sort match.Sort) []meaning {
	e := s.slotOf(a).Load()
	if e == nil || e.text != a.text || e.native != a.native || e.kind != a.token.Kind || e.sort != sort {
		return nil
	}
	return e.found
}

func (s *segment) remember(a *asked, sort match.Sort, found []meaning) {
	s.slotOf(a).Store(&expansion{text: strings.Clone(a.text), native: strings.Clone(a.native), kind: a.token.Kind, sort: sort, found: found})
}

// pattern makes text the word that edits measures from, until unpattern.
func (w *worker) pattern(text string) {
	if len(text) <= 64 {
		for i := range len(text) {
			w.peq[text[i]] |= 1 << i
		}
	}
}

func (w *worker) unpattern(text string) {
	for i := range len(text) {
		w.peq[text[i]] = 0
	}
}

// edits is the bit-parallel distance of Hyyrö (2003) with swaps from the word
// of pattern, for words up to 64 letters; longer ones count as far apart.
func (w *worker) edits(a string, b []byte) int {
	if len(a) == 0 || len(a) > 64 {
		return max(len(a), len(b))
	}
	top := uint64(1) << (len(a) - 1)
	vp, vn, d0, last := ^uint64(0), uint64(0), uint64(0), uint64(0)
	distance := len(a)
	for _, c := range b {
		eq := w.peq[c]
		swap := (((^d0) & eq) << 1) & last
		d0 = (((eq & vp) + vp) ^ vp) | eq | vn | swap
		hp, hn := vn|^(d0|vp), d0&vp
		if hp&top != 0 {
			distance++
		} else if hn&top != 0 {
			distance--
		}
		hp, hn = hp<<1|1, hn<<1
		vp, vn, last = hn|^(d0|hp), hp&d0, eq
	}
	return distance
}

// Traits of words. With the first three and the last two more than sounds decides
// what a word may stand for.
const (
	oddKind   = 1 << iota // a letter, number or particle
	oddScript             // when the other one is not written in Latin letters either
	oddGiven              // it may have a short form
	alone                 // some name has no other word
	aName                 // known as a name
	aWord                 // known as another word
)

func traitsOf(t *match.Token) uint8 {
	odd := uint8(0)
	if t.Kind.Has(match.Initial | match.Number | match.Particle) {
		odd |= oddKind
	}
	if t.Native != t.Text {
		odd |= oddScript
	}
	if t.Kind.Has(match.Given) {
		odd |= oddGiven
	}
	if t.Kind.Has(match.Given | match.Family) {
		odd |= aName
	}
	if t.Kind.Has(match.Vocabulary | match.Common | match.Place) {
		odd |= aWord
	}
	return odd
}

// ask lists the words of a name that are looked up, each with its meanings:
// words that say whose name it is, and neighbours that may be written as one.
func (w *worker) ask(s *segment, n *match.Name) {
	w.asked = w.asked[:0]
	aside := !slices.ContainsFunc(n.Tokens, func(t match.Token) bool { return !setAside(&t) })
	words := make([]*match.Token, len(n.Tokens))
	for i := range n.Tokens {
		t := &n.Tokens[i]
		words[i] = t
		if !setAside(t) || aside {
			w.asked = append(w.asked, asked{text: t.Text, native: t.Native, token: t, words: 1 << i, traits: traitsOf(t)})
		}
	}
	madeWords(words, func(first int, parts []*match.Token, _ bool) {
		one := match.Join(parts...)
		w.asked = append(w.asked, asked{text: one.Text, native: one.Native, token: &one, parts: parts, words: (1<<len(parts) - 1) << first})
	})
	for i := range w.asked {
		w.expand(s, &w.asked[i])
	}
	w.asked = slices.DeleteFunc(w.asked, func(a asked) bool { return a.parts != nil && len(a.meanings) == 0 })
	w.askAcronyms(s, n)
	slices.SortStableFunc(w.asked, func(x, y asked) int { return cmp.Compare(x.cost, y.cost) })
}

// askAcronyms adds the acronyms of words of the name that are words of others.
func (w *worker) askAcronyms(s *segment, n *match.Name) {
	n.Acronyms(func(letters string, words uint32) {
		a := asked{text: letters, words: words}
		for _, k := range s.underKey(hashBytes(saltText, letters)) {
			if string(s.term(k.Term)) == letters && s.mayBeAcronym(k.Term) {
				a.take(s, append(a.meanings, meaning{k.Term, match.Acronym().Kinship(w.sort), match.Acronym()}))
			}
		}
		if len(a.meanings) > 0 {
			w.asked = append(w.asked, a)
		}
	})
}

// mayBeAcronym reports whether a term is, in some name, a word that may be an
// acronym.
func (s *segment) mayBeAcronym(term uint32) bool {
	for v := s.termVar[term]; v != 0; v = s.nextVar[v-1] {
		if s.token(v - 1).MayBeAcronym() {
			return true
		}
	}
	return false
}
