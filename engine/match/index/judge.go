// SPDX-License-Identifier: Apache-2.0

package index

import (
	"bytes"
	"math"
	"math/bits"
	"slices"

	"github.com/turnstone-project/turnstone/engine/match"
)

// judge ranks a name by what is known of its words and of who bears it, and
// keeps it if it is among the best.
func (w *worker) judge(s *segment, doc uint32, via lead, allowed func(uint32) bool) {
	if w.judged[doc/64]>>(doc%64)&1 == 1 {
		return
	}
	w.judgeFirst(doc)
	class := s.classOf(doc, &w.class)
	rank := w.rankOf(class.Packed, w.rough(s, class, doc, via))
	if rank+w.most <= w.bar() {
		return
	}
	bonus, exact := 0.0, true
	if w.most > 0 {
		bonus, exact = w.bonus(s, class, doc)
	}
	w.offer(withBonus(doc, rank, bonus, exact), allowed)
}

// withBonus is a name with its rank and what is known of who bears it. If that is
// the most that it can be, the name may come to no more than its rank.
func withBonus(doc uint32, rank float32, bonus float64, exact bool) kept {
	k := kept{doc: doc, score: rank + float32(bonus), bonus: bonus, least: rank}
	if exact {
		k.least = k.score
	}
	return k
}

// judgeFirst notes that a name is judged.
func (w *worker) judgeFirst(doc uint32) {
	w.judged[doc/64] |= 1 << (doc % 64)
	w.listed = append(w.listed, doc)
}

// offer keeps a name if it is among the best and allowed.
func (w *worker) offer(k kept, allowed func(uint32) bool) {
	if k.score > w.bar() && (allowed == nil || allowed(k.doc)) {
		w.keep(k)
	}
}

// bar is the log-odds that a name must be above to be kept.
func (w *worker) bar() float32 {
	if len(w.heap) == keptDocs {
		return w.heap[0].score
	}
	return w.least
}

// sureBar is the log-odds under which a name that shares one word can't matter.
func (w *worker) sureBar() float32 {
	if len(w.best) == surelyKept {
		return w.best[0] - roughError
	}
	return w.least
}

// rankOf is what a name of a class adds to the log-odds of whoever bears it.
func (w *worker) rankOf(packed uint32, l match.Likeness) float32 {
	odds := float32(w.against.NameOdds(match.Sort(packed), l, w.weakName || packed&docWeak != 0))
	if w.clash(packed) {
		odds -= clashOdds
	}
	return odds
}

// bond is a tie that a word of the judged name may have.
type bond struct {
	rank   float32
	words  uint32 // of the query
	at     uint8  // the word of the name
	tie    *match.Tie
	weight float32
}

// rough compares the query's name with another by the ties of their words.
func (w *worker) rough(s *segment, class *docClass, doc uint32, via lead) match.Likeness {
	words := s.words(class, doc)
	w.bonds = w.bonds[:0]
	var k match.Sketch
	var used, taken uint32
	if via.words != 0 && (via.after != 0 || s.termFlags[via.term] != 0) {
		var weight float32
		if taken, weight = w.madeOf(s, words, &via); taken != 0 {
			used = via.words
			k.Link(&via.tie, w.linkWeight(&via.gain, weight))
		}
	}
	for at, v := range words {
		info := w.light[v]
		if info.shape == match.FormWord {
			if info.hit != 0 {
				k.Form(match.OfOther, true, true)
			} else {
				own := math.Float32bits(info.weight)
				k.Form(match.OfOther, false, slices.ContainsFunc(w.classes, func(asked uint32) bool { return match.SameClass(asked, own) }))
			}
			continue
		}
		w.bind(info, uint8(at))
	}
	for len(w.bonds) > 0 {
		best := -1
		for i := range w.bonds {
			if b := &w.bonds[i]; b.words&used == 0 && taken>>b.at&1 == 0 && (best < 0 || b.rank < w.bonds[best].rank) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		b := &w.bonds[best]
		used |= b.words
		taken |= 1 << b.at
		k.Link(b.tie, b.weight)
		if len(w.bonds) == 1 {
			break
		}
	}
	for at, v := range words {
		if info := w.light[v]; info.shape != match.FormWord {
			k.Word(match.OfOther, info.weight, w.shapeHere(info.shape), taken>>at&1 == 1)
		}
	}
	for i, weight := range w.score {
		if w.shapes[i] == match.FormWord {
			k.Form(match.OfAsked, false, false)
			continue
		}
		k.Word(match.OfAsked, weight, w.shapes[i], used>>i&1 == 1)
	}
	return k.Likeness(w.sort)
}

// linkWeight is what the link of a word says with one, or several, that weigh so
// much.
func (w *worker) linkWeight(g *gain, weight float32) float32 {
	own, several := w.weightOf(g.words), g.words&(g.words-1) != 0
	switch {
	case g.tie.IsAcronym() && several:
		return min(own, match.AcronymWeight(bits.OnesCount32(g.words)))
	case g.tie.IsAcronym():
		return weight
	case g.tie.IsJoined() && several:
		return match.JoinedWeight(own)
	case g.tie.IsJoined():
		return match.JoinedWeight(weight)
	}
	return min(own, weight)
}

// madeOf returns which words of a name make that of a lead, as a bit set, and what
// they weigh; 0 when none do.
func (w *worker) madeOf(s *segment, words []uint32, via *lead) (made uint32, weight float32) {
	if via.after != 0 {
		for i, v := range words[:max(len(words), 1)-1] {
			if next := words[i+1]; s.varInfo[v].Term == via.term && s.varInfo[next].Term == via.after-1 {
				return 3 << i, w.light[v].weight + w.light[next].weight
			}
		}
		return 0, 0
	}
	text := s.term(via.term)
	if s.termFlags[via.term]&termAcronym != 0 {
		made, weight = w.spelled(words, text[len(acronymMark):])
		return made, min(weight, match.AcronymWeight(len(text)-len(acronymMark)))
	}
	for first := range words {
		rest := text
		made, weight = 0, 0
		for i, v := range words[first:] {
			var begins bool
			if rest, begins = bytes.CutPrefix(rest, s.term(s.varInfo[v].Term)); !begins {
				break
			}
			made |= 1 << (first + i)
			weight += w.light[v].weight
			if len(rest) == 0 {
				return made, weight
			}
		}
	}
	return 0, 0
}

// littleWord is the weight up to which a word may have no letter in an acronym.
const littleWord = 0.12

// spelled returns which words of a name spell an acronym with their first
// letters, as a bit set, and what they weigh; 0 when none do.
func (w *worker) spelled(words []uint32, acronym []byte) (spelled uint32, weight float32) {
	for first := range words {
		at := 0
		spelled, weight = 0, 0
		for i, v := range words[first:] {
			info := &w.light[v]
			switch {
			case info.shape == match.FormWord:
				at = len(acronym) + 1
			case info.first&^varInitial == acronym[at]:
				at++
				weight += info.weight
			case i == 0 || info.weight > littleWord:
				at = len(acronym) + 1
			}
			if at > len(acronym) {
				break
			}
			spelled |= 1 << (first + i)
			if at == len(acronym) {
				return spelled, weight
			}
		}
	}
	return 0, 0
}

// shapeHere is a word's shape in a name of the query's sort: in a person's name
// a place is a word like others.
func (w *worker) shapeHere(shape match.Shape) match.Shape {
	if shape == match.PlaceWord && w.sort == match.Person {
		return 0
	}
	return shape
}

// bind lists the ties that a word of a name may have to words of the query.
func (w *worker) bind(info lightWord, at uint8) {
	if info.hit != 0 {
		h := &w.hits[info.hit-1]
		for i := range h.list[:h.n] {
			g := &h.list[i]
			weight := w.linkWeight(g, info.weight)
			w.bonds = append(w.bonds, bond{g.rank - 0.3*weight, g.words, at, &g.tie, weight})
		}
		return
	}
	first := info.first &^ varInitial
	if first < 'a' || first > 'z' {
		return
	}
	open := w.letter[first-'a']
	if info.first&varInitial == 0 {
		open &= w.single
	}
	for ; open != 0; open &= open - 1 {
		i := bits.TrailingZeros32(open)
		weight := min(w.score[i], info.weight)
		w.bonds = append(w.bonds, bond{firstLetterRank - 0.3*weight, 1 << i, at, &firstLetter, weight})
	}
}

var firstLetter = match.FirstLetter()

// firstLetterRank is the rank of the tie of an initial.
const firstLetterRank = 0.9

// clash reports whether a name belongs to another sort of thing than the
// query's.
func (w *worker) clash(packed uint32) bool {
	other := match.Sort(packed)
	if w.sort == other || w.sort == match.Thing || other == match.Thing {
		return false
	}
	persons := w.sort == match.Person && other == match.Organisation || w.sort == match.Organisation && other == match.Person
	return !persons || !w.open && packed&docOpen == 0
}

func (w *worker) weightOf(words uint32) float32 {
	sum := float32(0)
	for ; words != 0; words &= words - 1 {
		sum += w.score[bits.TrailingZeros32(words)]
	}
	return sum
}

// keep puts a name in the heap, whose root is the worst.
func (w *worker) keep(k kept) {
	if len(w.best) < surelyKept {
		w.best = append(w.best, k.least)
		slices.Sort(w.best)
	} else if k.least > w.best[0] {
		at, _ := slices.BinarySearch(w.best, k.least)
		copy(w.best, w.best[1:at])
		w.best[at-1] = k.least
	}
	if len(w.heap) < keptDocs {
		w.heap = append(w.heap, k)
		for i := len(w.heap) - 1; i > 0; {
			up := (i - 1) / 2
			if !worse(w.heap[i], w.heap[up]) {
				return
			}
			w.heap[i], w.heap[up] = w.heap[up], w.heap[i]
			i = up
		}
		return
	}
	w.heap[0] = k
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(w.heap) {
			return
		}
		if down+1 < len(w.heap) && worse(w.heap[down+1], w.heap[down]) {
			down++
		}
		if !worse(w.heap[down], w.heap[i]) {
			return
		}
		w.heap[i], w.heap[down] = w.heap[down], w.heap[i]
		i = down
	}
}

// worse orders names from the least promising; of equals, the later is worse.
func worse(a, b kept) bool { return a.score < b.score || a.score == b.score && a.doc > b.doc }

// helped returns what is known of who bears a name, and whether it adds more than
// that much; if it can't, it is not looked at in full.
func (w *worker) helped(s *segment, class *docClass, doc uint32, much float32) (bonus float64, exact, more bool) {
	if f := &s.docFacts[doc]; f.Country != severalBear {
		odds := float32(0)
		if f.Country != 0 && len(w.asks.countries) > 0 {
			odds = float32(w.against.CountryOdds(match.Sort(class.Packed), w.shares(s, f.Country)))
		}
		if f.Day != 0 {
			odds += w.date
		}
		if odds <= much {
			return 0, true, false
		}
	}
	bonus, exact = w.bonus(s, class, doc)
	return bonus, exact, float32(bonus) > much
}

// fewBearers is of how many bearers of one name the best is looked for before
// they are scored.
const fewBearers = 16

// bonus is what is known of who bears a name beside it, as far as the query
// knows it too; of several bearers what is known of the best, and of very many the
// most that it can be, which is not exact.
func (w *worker) bonus(s *segment, class *docClass, doc uint32) (bonus float64, exact bool) {
	f := &s.docFacts[doc]
	sort := match.Sort(class.Packed)
	if f.Country != severalBear {
		return w.factOdds(s, sort, f.Day, f.Country), true
	}
	known := s.factsOf(doc)
	if len(known) > fewBearers {
		return float64(w.most), false
	}
	best := math.Inf(-1)
	for i := range known {
		best = max(best, w.factOdds(s, sort, known[i].Day, known[i].Country))
	}
	return best, true
}

// factOdds is what a day and a set of countries say.
func (w *worker) factOdds(s *segment, sort match.Sort, day match.Day, country uint32) float64 {
	odds := float64(0)
	if day != 0 && len(w.days)+len(w.vague) > 0 {
		odds = w.dateOdds(sort, day)
	}
	if country != 0 && len(w.asks.countries) > 0 {
		odds += w.against.CountryOdds(sort, w.shares(s, country))
	}
	return odds
}

// dayVerdict is what a day says.
type dayVerdict struct {
	key  uint64 // of the search, the sort and the day
	odds float64
}

// dateOdds is match.Against.DateOdds, worked out once for a day.
func (w *worker) dateOdds(sort match.Sort, day match.Day) float64 {
	key := w.search<<35 | uint64(sort)<<32 | uint64(day)
	v := &w.dated[(key*0x9e3779b97f4a7c15)>>54]
	if v.key != key {
		*v = dayVerdict{key, w.against.DateOdds(sort, day)}
	}
	return v.odds
}

// verdict says whether a set of countries has one of the query's.
type verdict struct {
	search  uint64
	country uint32
	common  bool
}

// shares reports whether a set of countries has one of the query's.
func (w *worker) shares(s *segment, country uint32) bool {
	v := &w.common[country%uint32(len(w.common))]
	if v.search != w.search || v.country != country {
		*v = verdict{w.search, country, overlap(w.asks.countries, s.dicts.Countries[country])}
	}
	return v.common
}
