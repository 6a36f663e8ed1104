// SPDX-License-Identifier: Apache-2.0

package index

import "github.com/turnstone-project/turnstone/engine/match"

// judgeMade judges the names of which a word of the query is made: of two written
// as one, or of first letters. How they are tied to it is known here only.
func (w *worker) judgeMade(s *segment, allowed func(uint32) bool) {
	budget := maxMade
	for i := range w.asked {
		a := &w.asked[i]
		for _, m := range a.meanings {
			if list := s.postings(m.term); s.termFlags[m.term] != 0 && len(list) <= budget {
				budget -= len(list)
				via := lead{term: m.term, gain: w.gainOf(a, m)}
				for _, doc := range list {
					w.judge(s, doc, via, allowed)
				}
			}
		}
	}
	budget = maxHalves
	for i := range w.asked {
		if a := &w.asked[i]; a.parts == nil && a.token != nil {
			w.halve(s, a, func(left, right uint32, tie match.Tie) {
				budget -= w.judgeHalves(s, lead{left, right + 1, gain{a.words, 0, tie.Rank(), tie}}, budget, allowed)
			})
		}
	}
}

// halve calls visit with the long words that one is, written as one: one half is
// a word of the index, the other at most a slip away from one. Shorter halves
// stand in the index as one.
func (w *worker) halve(s *segment, a *asked, visit func(left, right uint32, tie match.Tie)) {
	if len(a.text) > maxDeleted || a.token.Kind.Has(match.Number) {
		return
	}
	pair := func(left, right uint32) {
		if s.termVar[left] == 0 || s.termVar[right] == 0 {
			return
		}
		parts := [2]*match.Token{s.token(s.termVar[left] - 1), s.token(s.termVar[right] - 1)}
		if match.Leans(parts[0], parts[1]) {
			return
		}
		if tie, ok := match.JoinedTie(parts[:], a.token); ok {
			visit(left, right, tie)
		}
	}
	for i := leastHalf; i+leastHalf <= len(a.text); i++ {
		first, last := a.text[:i], a.text[i:]
		left, begins := s.exactly(first)
		right, ends := s.exactly(last)
		if begins {
			letterKeys(last, func(key uint32) {
				for _, k := range s.underKey(key) {
					pair(left, k.Term)
				}
			})
		}
		if ends {
			letterKeys(first, func(key uint32) {
				for _, k := range s.underKey(key) {
					if !begins || k.Term != left {
						pair(k.Term, right)
					}
				}
			})
		}
	}
}

// judgeHalves judges the names in which the words of a lead stand side by side,
// and returns how many it looked at.
func (w *worker) judgeHalves(s *segment, via lead, budget int, allowed func(uint32) bool) int {
	list, other := s.postings(via.term), s.postings(via.after-1)
	if len(other) < len(list) {
		list = other
	}
	list = list[:min(len(list), budget)]
	for _, doc := range list {
		words := s.words(s.classOf(doc, &w.class), doc)
		if made, _ := w.madeOf(s, words, &via); made != 0 {
			w.judge(s, doc, via, allowed)
		}
	}
	return len(list)
}
