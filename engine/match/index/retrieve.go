// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/match"
)

// Limits of one name's search; they bound its time whatever the names.
const (
	keptDocs   = 224     // names that are compared exactly
	fewDocs    = 3_000   // postings that are judged one by one
	judgeReads = 16      // postings that are read in the time of judging a name
	maxBorn    = 2_000   // entities of the query's day whose names are judged
	maxDirect  = 20_000  // postings of rare words that are judged one by one
	maxJudged  = 40_000  // names that are judged by their words
	maxForms   = 10_000  // after which names are not looked for by legal form
	maxSingle  = 4_000   // of them such that hold one word only
	longList   = 1_000   // names of a word of which those of other sorts are passed over
	maxListed  = 30_000  // and that are looked at in all
	maxRead    = 400_000 // postings of one word's doubtful meanings that are read
	doubtful   = 0.7     // sureness under which a meaning is doubtful
	spareWords = 0.3     // what a word of the name that was not asked for costs
	usualWord  = 0.8     // about the least weight of a word of a person's name
	otherWord  = 0.3     // and of other names
	formWeight = 0.15    // what the same legal form adds
	otherSort  = 0.5     // what is left of a name that belongs to another sort of thing
)

// hit says which words of the query a term may mean.
type hit struct {
	term uint32
	list [4]gain
	n    int
}

// gain is what holding a term adds to a name's score, and for which words of
// the query.
type gain struct {
	words uint32
	score float32
}

// lead is a term whose names are to be judged, with its gain.
type lead struct {
	term uint32
	gain
}

// kept is a name that may be among the best.
type kept struct {
	doc   uint32
	score float32
}

// lightWord is what judging needs of a variant, with the hit of its term.
type lightWord struct {
	weight float32
	hit    uint16 // its number+1
	first  uint8
}

// worker holds what one search needs at a time; searches reuse workers.
type worker struct {
	near   []meaning
	asked  []asked
	hits   []hit
	light  []lightWord // of the segment
	lights [2]lightSegment
	seen   []uint32 // of each term the last epoch that saw it
	epoch  uint32
	peq    [256]uint64
	judged []uint64 // a bit for each doc
	listed []uint32 // the docs whose bits are set
	once   []uint64
	double []uint32
	forms  []uint32 // the terms of the query's legal forms
	order  []lead
	heap   []kept
	class  int        // of the doc that was looked at last
	letter [26]uint32 // the words of the query that begin with a letter
	single uint32     // the words that are initials
	total  float32
	loose  bool // the query is in another script, where letters say less than sounds
	sort   match.Sort
	open   bool      // the query may be a person or a company
	score  []float32 // of each word of the query, its weight

	against match.Against
	words   match.Words
	found   []match.Likeness
	weak    []bool
	liked   []liking
	search  uint64
	facts   match.Entity
	most    float32 // what facts can add to the score of a name, at most
	common  [256]verdict
	days    []match.Day
	asks    facts
	docs    []scored
	finals  []finalist
}

// fit makes room for a segment.
func (w *worker) fit(s *segment) {
	if n := len(s.termFlags); len(w.seen) < n {
		w.seen, w.epoch = make([]uint32, n), 0
	}
	w.lighten(s)
	if n := (s.docs() + 63) / 64; len(w.judged) < n {
		w.judged, w.once = make([]uint64, n), make([]uint64, n)
	}
	if w.liked == nil {
		w.liked = make([]liking, likedSlots)
	}
	w.class = 0
}

// lightSegment is a segment's words for judging: of a base, and of its overlay.
type lightSegment struct {
	seg   *segment
	words []lightWord
}

// lighten makes light that of a segment.
func (w *worker) lighten(s *segment) {
	at := &w.lights[0]
	if at.seg != s && at.seg != nil && len(s.varInfo) < len(at.words) {
		at = &w.lights[1]
	}
	if at.seg != s {
		at.seg, at.words = s, make([]lightWord, len(s.varInfo))
		for v := range s.varInfo {
			at.words[v] = lightWord{weight: s.varInfo[v].Weight, first: uint8(s.varInfo[v].First)}
		}
	}
	w.light = at.words
}

// retrieve fills the heap with the names of a segment that share most with a
// query's, keptDocs at most. Names that hold two of its words are all judged;
// names that hold one only as long as such a name can be among the best.
func (w *worker) retrieve(s *segment, n *match.Name, allowed func(doc uint32) bool) {
	w.fit(s)
	w.ask(s, n)
	w.prepare(s, n)
	w.heap = w.heap[:0]
	w.judgeBirthdays(s, allowed)
	total := 0
	for i := range w.asked {
		w.trim(s, &w.asked[i])
		total += w.asked[i].cost
	}
	if total <= fewDocs {
		w.judgeWords(s, len(w.asked), allowed)
	} else {
		rare := w.rare(total)
		w.judgeWords(s, rare, allowed)
		if len(w.asked)-rare > 1 || len(w.forms) > 0 {
			w.judgeDoubles(s, rare, allowed)
		}
		w.judgeSingles(s, allowed)
	}
	w.clean(s)
}

// rare returns how many of the words, the rarest first, have so few names that
// judging each takes less time than reading the names of the others.
func (w *worker) rare(total int) int {
	n, budget := 0, maxDirect
	for ; n+1 < len(w.asked); n++ {
		cost := w.asked[n].cost
		budget -= cost
		if total -= cost; budget < 0 || cost*judgeReads > total {
			break
		}
	}
	return n
}

// judgeWords judges the names of the first n words.
func (w *worker) judgeWords(s *segment, n int, allowed func(uint32) bool) {
	for i := range w.asked[:n] {
		for _, m := range w.asked[i].meanings {
			via := lead{m.term, w.gainOf(&w.asked[i], m)}
			for _, doc := range s.postings(m.term) {
				w.judge(s, doc, via, allowed)
			}
		}
	}
}

// gainOf returns what a meaning of a word adds to a score.
func (w *worker) gainOf(a *asked, m meaning) gain {
	return gain{a.words, m.sure * w.weightOf(a.words)}
}

// trim leaves out the doubtful meanings of a word that would take too long to
// read.
func (w *worker) trim(s *segment, a *asked) {
	read := 0
	for i, m := range a.meanings {
		read += len(s.postings(m.term))
		if read > maxRead && m.sure < doubtful {
			read -= len(s.postings(m.term))
			a.meanings = a.meanings[:i]
			break
		}
	}
	a.cost = read
}

// judgeBirthdays judges the names of those who were born on the query's day,
// whatever else they have in common.
func (w *worker) judgeBirthdays(s *segment, allowed func(uint32) bool) {
	for _, d := range w.days {
		born := s.bornOn(d)
		for _, e := range born[:min(len(born), maxBorn)] {
			for _, doc := range s.namesOf(uint32(e)) {
				w.judge(s, doc, lead{}, allowed)
			}
		}
	}
}

// judgeDoubles judges the names that hold two words of the query, but for the
// first ones, whose names were judged before: one bit for each name that was
// seen, another for each that was seen again.
func (w *worker) judgeDoubles(s *segment, first int, allowed func(uint32) bool) {
	for i := first; i < len(w.asked); i++ {
		a := &w.asked[i]
		w.double = w.double[:0]
		for _, m := range a.meanings {
			for _, doc := range s.postings(m.term) {
				if w.once[doc/64]>>(doc%64)&1 == 1 {
					w.double = append(w.double, doc)
				}
			}
		}
		for _, doc := range w.double {
			if len(w.listed) >= maxJudged {
				break
			}
			w.judge(s, doc, lead{}, allowed)
		}
		if i+1 == len(w.asked) && len(w.forms) == 0 {
			break
		}
		for _, m := range a.meanings {
			for _, doc := range s.postings(m.term) {
				w.once[doc/64] |= 1 << (doc % 64)
			}
		}
	}
	for _, term := range w.forms { // a word and the legal form
		for _, doc := range s.postings(term) {
			if w.once[doc/64]>>(doc%64)&1 == 1 && len(w.listed) < maxForms {
				w.judge(s, doc, lead{}, allowed)
			}
		}
	}
	clear(w.once[:(s.docs()+63)/64])
}

// judgeSingles judges the names of each meaning, from the one that says most,
// until no name that holds it alone can be among the best.
func (w *worker) judgeSingles(s *segment, allowed func(uint32) bool) {
	w.order = w.order[:0]
	for i := range w.asked {
		for _, m := range w.asked[i].meanings {
			w.order = append(w.order, lead{m.term, w.gainOf(&w.asked[i], m)})
		}
	}
	slices.SortFunc(w.order, func(x, y lead) int {
		switch {
		case x.score > y.score:
			return -1
		case x.score < y.score:
			return 1
		}
		return cmp.Compare(x.term, y.term)
	})
	budget := maxSingle
	least := float32(otherWord)
	if w.sort == match.Person {
		least = usualWord
	}
	for _, m := range w.order {
		list := s.postings(m.term)
		long := len(list) > longList
		list = list[:min(len(list), maxListed)]
		for _, doc := range list {
			if budget == 0 {
				return
			}
			class := s.classOf(doc, &w.class)
			if long && w.clash(class.Packed) {
				continue
			}
			budget--
			if len(w.heap) == keptDocs {
				spare := float32(class.Words-1) * least * spareWords
				if w.heap[0].score >= m.score/w.total+w.most {
					return
				} else if w.heap[0].score >= m.score/(w.total+spare)+w.most {
					break // the names that follow have as many words or more
				}
			}
			w.judge(s, doc, m, allowed)
		}
	}
}

// prepare makes the table of hits from the meanings.
func (w *worker) prepare(s *segment, n *match.Name) {
	w.hits, w.score, w.forms = w.hits[:0], w.score[:0], w.forms[:0]
	w.letter, w.single = [26]uint32{}, 0
	for i := range n.Tokens {
		t := &n.Tokens[i]
		w.score = append(w.score, t.Weight)
		if c := t.Text[0]; c >= 'a' && c <= 'z' && !setAside(t) {
			w.letter[c-'a'] |= 1 << i
		}
		if len(t.Text) == 1 {
			w.single |= 1 << i
		}
		if setAside(t) && !w.isAsked(1<<i) {
			w.score[i] = formWeight
			for _, k := range s.underKey(hashBytes(saltText, t.Text)) {
				if string(s.term(k.Term)) == t.Text {
					w.hit(s, k.Term, gain{1 << i, formWeight})
					w.forms = append(w.forms, k.Term)
				}
			}
		}
	}
	w.total = max(w.whole(), 0.01)
	for i := range w.asked {
		for _, m := range w.asked[i].meanings {
			w.hit(s, m.term, w.gainOf(&w.asked[i], m))
		}
	}
}

// hit notes that a term means words of the query.
func (w *worker) hit(s *segment, term uint32, g gain) {
	first := s.termVar[term]
	if first == 0 {
		return // two words joined: no name's own
	}
	at := w.light[first-1].hit
	if at == 0 {
		if len(w.hits) == math.MaxUint16 {
			return
		}
		w.hits = append(w.hits, hit{term: term})
		at = uint16(len(w.hits))
		w.mark(s, term, at)
	}
	if h := &w.hits[at-1]; h.n < len(h.list) {
		h.list[h.n] = g
		h.n++
	}
}

// mark puts the number of a hit, or 0, at all variants of a term.
func (w *worker) mark(s *segment, term uint32, hit uint16) {
	for v := s.termVar[term]; v != 0; v = s.nextVar[v-1] {
		w.light[v-1].hit = hit
	}
}

func (w *worker) isAsked(words uint32) bool {
	return slices.ContainsFunc(w.asked, func(a asked) bool { return a.words == words })
}

// clean leaves the worker's tables as it found them.
func (w *worker) clean(s *segment) {
	for i := range w.hits {
		w.mark(s, w.hits[i].term, 0)
	}
	for _, doc := range w.listed {
		w.judged[doc/64] = 0
	}
	w.listed = w.listed[:0]
}
