// SPDX-License-Identifier: Apache-2.0

package index

import (
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/match"
)

// judgeForms judges the names that hold a word of the query and its legal form, as
// long as such a name can be among the best.
func (w *worker) judgeForms(s *segment, allowed func(uint32) bool) {
	if len(w.forms) == 0 {
		return
	}
	for _, term := range w.forms {
		for _, doc := range s.postings(term) {
			w.once[doc/64] |= 1 << (doc % 64)
		}
	}
	w.judgeMeanings(s, single{only: w.once, form: 1, list: maxForms, left: maxForms}, allowed)
	clear(w.once[:(s.docs()+63)/64])
}

// judgeSingles judges the names that hold one word of the query only, as long as
// such a name can be among the best.
func (w *worker) judgeSingles(s *segment, allowed func(uint32) bool) {
	w.judgeMeanings(s, single{list: maxListReads, left: maxSingleReads}, allowed)
}

// single says which names of one word are judged.
type single struct {
	only []uint64 // if not nil, a bit for each doc that may be
	form uint32   // legal forms that each has, like the query
	list int      // how many of one list may be looked at
	left int      // and how many more in all
}

// judgeMeanings judges the names of each meaning, from the one that says most,
// until no name that holds it alone can be among the best.
func (w *worker) judgeMeanings(s *segment, of single, allowed func(uint32) bool) {
	for i := range w.asked {
		w.asked[i].next = 0
	}
	var done uint32 // words of which no further meaning can help, but names of one word
	for of.left > 0 {
		m, ok := w.nextMeaning(s, done)
		if !ok {
			return
		}
		ended := w.judgeList(s, &m, 1, &of, allowed)
		if w.judgeList(s, &m, 0, &of, allowed) && ended {
			done |= m.words
		}
	}
}

// judgeList judges the names in one list of a term, class by class, of each from
// those of which the other words say least, until they can't be among the best.
// It reports whether not even a name of two words can.
func (w *worker) judgeList(s *segment, m *lead, ends int, of *single, allowed func(uint32) bool) (hopeless bool) {
	list := s.postingList(m.term, ends)
	budget, words, hope := min(of.list, of.left), uint32(0), float32(0)
	for len(list) > 0 && budget > 0 {
		class := s.classOf(list[0], &w.class)
		run := list[:before(list, s.classes[w.class+1].First)]
		list = list[len(run):]
		if class.Words != words {
			words = class.Words
			if hope = w.hope(m, ends, max(words, of.form+1)-of.form); hope+w.most <= w.sureBar() {
				return words <= 2+of.form // the names that follow have as many words or more
			}
		}
		odds := hope
		if w.clash(class.Packed) {
			odds -= clashOdds
		}
		read := w.judgeRun(s, run, budget, m, odds, of.only, allowed)
		budget -= read
		of.left -= read
	}
	return false
}

// before counts the docs of an ordered list that come before one.
func before(list []uint32, doc uint32) int {
	step := 1
	for step < len(list) && list[step] < doc {
		step *= 2
	}
	at, _ := slices.BinarySearch(list[step/2:min(step+1, len(list))], doc)
	return step/2 + at
}

// judgeRun judges names of one class until they can't be among the best. Of each
// that has no more of the query's than the one word the odds are at most hope;
// as later ones say no more, hope falls to what the best of a few came to. It
// looks at most names, of those whose bits are set in only unless it is nil, and
// returns how many it looked at.
func (w *worker) judgeRun(s *segment, run []uint32, most int, m *lead, hope float32, only []uint64, allowed func(uint32) bool) int {
	few := fewPersons
	if w.sort != match.Person {
		few = fewOthers
	}
	best, left := float32(math.Inf(-1)), few
	read := 0
	for _, doc := range run {
		if only != nil && only[doc/64]>>(doc%64)&1 == 0 {
			continue
		}
		if read == most || hope+w.most <= w.sureBar() {
			break
		}
		read++
		if w.judged[doc/64]>>(doc%64)&1 == 1 {
			continue
		}
		class := s.classOf(doc, &w.class)
		bonus, exact := 0.0, true
		if w.most > 0 {
			var helps bool
			if bonus, exact, helps = w.helped(s, class, doc, w.sureBar()-hope); !helps {
				continue
			}
		}
		w.judgeFirst(doc)
		rank := w.rankOf(class.Packed, w.rough(s, class, doc, *m))
		w.offer(withBonus(doc, rank, bonus, exact), allowed)
		best = max(best, rank)
		if left--; left == 0 {
			hope = min(hope, best+stepError)
			best, left = float32(math.Inf(-1)), few
		}
	}
	return read
}

// nextMeaning returns the meaning of any word that says most and was not
// returned before; of done words those only that are names of their own.
func (w *worker) nextMeaning(s *segment, done uint32) (lead, bool) {
	best, score := -1, float32(0)
	for i := range w.asked {
		a := &w.asked[i]
		if a.words&^done == 0 {
			for a.next < len(a.meanings) && s.traits[a.meanings[a.next].term]&alone == 0 {
				a.next++
			}
		}
		if a.next == len(a.meanings) {
			continue
		}
		if says := a.meanings[a.next].sure * w.weightOf(a.words); says > score {
			best, score = i, says
		}
	}
	if best < 0 {
		return lead{}, false
	}
	a := &w.asked[best]
	m := a.meanings[a.next]
	a.next++
	return lead{term: m.term, gain: w.gainOf(a, m)}, true
}

// hope is what a name of so many words that holds a term, or ends with it, and
// nothing else of the query's can say at most.
func (w *worker) hope(m *lead, ends int, words uint32) float32 {
	var k match.Sketch
	weight := w.weightOf(m.words)
	k.Link(&m.tie, weight)
	for i, weight := range w.score {
		if w.shapes[i] != match.FormWord {
			k.Word(match.OfAsked, weight, 0, m.words>>i&1 == 1)
		}
	}
	least := float32(otherWord)
	if w.sort == match.Person {
		least = usualWord
	}
	if ends == 0 {
		k.Word(match.OfOther, weight, 0, true)
	}
	for range words - 1 {
		k.Word(match.OfOther, least, 0, false)
	}
	if ends == 1 {
		k.Word(match.OfOther, weight, 0, true)
	}
	l := k.Likeness(w.sort)
	return float32(w.against.NameOdds(w.sort, l, false))
}
