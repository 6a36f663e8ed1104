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

// asked is one word of a query, or two joined.
type asked struct {
	text, native string
	skeleton     string
	groups       []uint32
	words        uint32       // which words of the query, as a bit set: two when joined
	token        *match.Token // nil when joined
	weight       float32
	number       bool
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
			if a.token != nil && s.termVar[t] != 0 && (by == bySounds || by == byLetters && w.edits(a.text, s.term(t)) > 1) {
				continue // what is two letters away, if it is near at all, is near in sounds, which hear finds
			}
			w.seen[t] = w.epoch
			w.mean(s, a, t, by)
		}
	}
	look(hashBytes(saltText, a.text), byLetters)
	if !a.number {
		for _, g := range a.groups[:min(len(a.groups), maxGroups)] {
			look(groupKey(g), byGroup)
		}
		if a.token == nil {
			wordKeys(a.text, a.skeleton, look)
		} else {
			w.hear(s, a)
			deletions(saltText, a.text, func(key uint32) { look(key, byLetters) })
			look(hashBytes(saltSkeleton, a.skeleton), bySounds)
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
func (w *worker) hear(s *segment, a *asked) {
	first := len(w.near)
	s.sounds.Near(&w.walk, a.token, w.sort, func(t uint32, tie match.Tie) {
		if w.seen[t] == w.epoch || len(w.near) >= maxSeen {
			return
		}
		both, either := s.traits[t]&a.traits, s.traits[t]|a.traits
		if either&oddKind != 0 || both&oddScript != 0 ||
			tie.Distance() > 1 && (either&oddGiven != 0 || float32(w.edits(a.text, s.term(t)))*leastEdit < tie.Distance()) {
			w.mean(s, a, t, bySounds) // a slip of the finger can be nearer than the sounds
			return
		}
		w.near = append(w.near, meaning{t, tie.Kinship(w.sort), tie})
	})
	for _, m := range w.near[first:] {
		w.seen[m.term] = w.epoch
	}
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

// leastEdit is below what comparing letters counts for an edit.
const leastEdit = 0.9

// mean notes that a word may mean a term.
func (w *worker) mean(s *segment, a *asked, t uint32, by likenessOf) {
	v := s.termVar[t]
	if v == 0 || a.token == nil {
		if sure, tie := w.likeness(s, a, t, by); sure > 0 {
			w.near = append(w.near, meaning{t, sure, tie})
		}
		return
	}
	if tie, ok := match.Relate(a.token, s.token(v-1), w.sort); ok {
		w.near = append(w.near, meaning{t, tie.Kinship(w.sort), tie})
	}
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
	if e == nil || e.text != a.text || e.native != a.native || e.sort != sort {
		return nil
	}
	return e.found
}

func (s *segment) remember(a *asked, sort match.Sort, found []meaning) {
	s.slotOf(a).Store(&expansion{text: strings.Clone(a.text), native: strings.Clone(a.native), sort: sort, found: found})
}

// likeness is how surely a word means a term when one of the two is two words
// that may be written as one, and by what tie: they are judged by their letters
// and by the key that ties them.
func (w *worker) likeness(s *segment, a *asked, t uint32, by likenessOf) (float32, match.Tie) {
	term := s.term(t)
	if a.text == string(term) {
		return 1, match.Joined(0, len(term))
	}
	if a.number {
		return 0, match.Tie{}
	}
	longest := max(len(a.text), len(term))
	d := w.edits(a.text, term)
	alike := 1 - float32(d)/float32(longest)
	sure := float32(0)
	switch {
	case d == 1 && longest >= 5:
		sure = 0.88
	case d == 1 && longest == 4:
		sure = 0.8
	case d == 1:
		sure = 0.6
	case d == 2 && longest >= 8:
		sure = 0.78
	case d == 2 && longest >= 5:
		sure = 0.65
	case d*5 <= longest*2:
		sure = 0.55
	case d*2 <= longest:
		sure = 0.4
	}
	switch {
	case by == byGroup:
		sure = max(sure, 0.9)
	case by == bySounds && w.loose:
		sure, d = max(sure, 0.6+0.2*alike), min(d, 1)
	case by == bySounds && len(a.skeleton) > 2:
		sure, d = max(sure, 0.35+0.3*alike), min(d, 2)
	case by == byFewer && w.loose:
		sure, d = max(sure, 0.3+0.3*alike), min(d, 2)
	}
	return sure, match.Joined(min(d, maxSlips), longest)
}

// maxSlips bounds the slips that two words written as one are taken to have.
const maxSlips = 3

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

// Traits of words. With the first three more than sounds decides what a word may
// stand for.
const (
	oddKind   = 1 << iota // a letter, number or particle
	oddScript             // when the other one is not written in Latin letters either
	oddGiven              // it may have a short form
	alone                 // some name has no other word
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
	return odd
}

// ask lists the words of a name that are looked up, each with its meanings:
// words that say whose name it is, and neighbours that may be written as one.
func (w *worker) ask(s *segment, n *match.Name) {
	w.asked = w.asked[:0]
	w.loose = n.Script != match.Latin
	aside := !slices.ContainsFunc(n.Tokens, func(t match.Token) bool { return !setAside(&t) })
	for i := range n.Tokens {
		t := &n.Tokens[i]
		if setAside(t) && !aside {
			continue
		}
		w.asked = append(w.asked, asked{
			text: t.Text, native: t.Native, skeleton: t.Skeleton, groups: t.Groups, token: t, words: 1 << i, weight: t.Weight, number: t.Kind.Has(match.Number), traits: traitsOf(t),
		})
		if i > 0 && joins(&n.Tokens[i-1], t) {
			before := &n.Tokens[i-1]
			w.asked = append(w.asked, asked{
				text: before.Text + t.Text, native: before.Native + " " + t.Native, skeleton: before.Skeleton + t.Skeleton, words: 3 << (i - 1), weight: before.Weight + t.Weight,
			})
		}
	}
	for i := range w.asked {
		w.expand(s, &w.asked[i])
	}
	slices.SortStableFunc(w.asked, func(x, y asked) int { return cmp.Compare(x.cost, y.cost) })
}
