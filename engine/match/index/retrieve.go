// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/turnstone-project/turnstone/engine/match"
)

// Limits of one name's search; they bound its time whatever the names.
const (
	keptDocs   = 224     // names that are compared exactly
	fewDocs    = 3_000   // postings that are judged one by one
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

// worker holds what one search needs at a time; searches reuse workers.
type worker struct {
	near   []meaning
	asked  []asked
	hits   []hit
	slot   []uint32 // of each term its hit+1
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
	tokens []match.Token
	letter [26]uint32 // the words of the query that begin with a letter
	single uint32     // the words that are initials
	total  float32
	loose  bool // the query is in another script, where letters say less than sounds
	sort   match.Sort
	open   bool      // the query may be a person or a company
	score  []float32 // of each word of the query, its weight
}

// fit makes room for a segment.
func (w *worker) fit(s *segment) {
	if n := len(s.termFlags); len(w.slot) < n {
		w.slot, w.seen, w.epoch = make([]uint32, n), make([]uint32, n), 0
	}
	if n := (s.docs() + 63) / 64; len(w.judged) < n {
		w.judged, w.once = make([]uint64, n), make([]uint64, n)
	}
	if cap(w.tokens) < match.MaxTokens {
		w.tokens = make([]match.Token, 0, match.MaxTokens)
	}
}

// retrieve fills the heap with the names of a segment that share most with a
// query's, keptDocs at most. Names that hold two of its words are all judged;
// names that hold one only as long as such a name can be among the best.
func (w *worker) retrieve(s *segment, n *match.Name, allowed func(doc uint32) bool) {
	w.fit(s)
	w.ask(s, n)
	w.prepare(s, n)
	w.heap = w.heap[:0]
	total := 0
	for i := range w.asked {
		w.trim(s, &w.asked[i])
		total += w.asked[i].cost
	}
	if total <= fewDocs {
		w.judgeAll(s, allowed)
	} else {
		w.judgeDoubles(s, allowed)
		w.judgeSingles(s, allowed)
	}
	w.clean()
}

func (w *worker) judgeAll(s *segment, allowed func(uint32) bool) {
	for i := range w.asked {
		for _, m := range w.asked[i].meanings {
			for _, doc := range s.postings(m.term) {
				w.judge(s, doc, lead{m.term, w.gainOf(&w.asked[i], m)}, allowed)
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

// judgeDoubles judges the names that hold two words of the query: one bit for
// each name that was seen, another for each that was seen again.
func (w *worker) judgeDoubles(s *segment, allowed func(uint32) bool) {
	for i := range w.asked {
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
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.term, y.term))
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
			if long && w.clash(s.docSort[doc]) {
				continue
			}
			budget--
			if len(w.heap) == keptDocs {
				spare := float32(s.docAt[doc+1]-s.docAt[doc]-1) * least * spareWords
				if w.heap[0].score >= m.score/w.total {
					return
				} else if w.heap[0].score >= m.score/(w.total+spare) {
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
			for _, term := range s.underKey(hashBytes(saltText, t.Text)) {
				if string(s.term(term)) == t.Text {
					w.hit(term, gain{1 << i, formWeight})
					w.forms = append(w.forms, term)
				}
			}
		}
	}
	w.total = max(w.whole(), 0.01)
	for i := range w.asked {
		for _, m := range w.asked[i].meanings {
			w.hit(m.term, w.gainOf(&w.asked[i], m))
		}
	}
}

// hit notes that a term means words of the query.
func (w *worker) hit(term uint32, g gain) {
	at := w.slot[term]
	if at == 0 {
		w.hits = append(w.hits, hit{term: term})
		at = uint32(len(w.hits))
		w.slot[term] = at
	}
	if h := &w.hits[at-1]; h.n < len(h.list) {
		h.list[h.n] = g
		h.n++
	}
}

func (w *worker) isAsked(words uint32) bool {
	return slices.ContainsFunc(w.asked, func(a asked) bool { return a.words == words })
}

// clean leaves the worker's tables as it found them.
func (w *worker) clean() {
	for i := range w.hits {
		w.slot[w.hits[i].term] = 0
	}
	for _, doc := range w.listed {
		w.judged[doc/64] = 0
	}
	w.listed = w.listed[:0]
}

// judge scores a name by its words alone and keeps it if it is among the best.
func (w *worker) judge(s *segment, doc uint32, via lead, allowed func(uint32) bool) {
	if w.judged[doc/64]>>(doc%64)&1 == 1 {
		return
	}
	w.judged[doc/64] |= 1 << (doc % 64)
	w.listed = append(w.listed, doc)
	score := w.rough(s, doc, via)
	if len(w.heap) == keptDocs && score <= w.heap[0].score {
		return
	}
	if allowed != nil && !allowed(doc) {
		return
	}
	w.keep(kept{doc, score})
}

// rough is the share of the query's words that the name holds, by weight and
// sureness, less something for words that were not asked for.
func (w *worker) rough(s *segment, doc uint32, via lead) float32 {
	var used uint32
	sum, spare := float32(0), float32(0)
	joined := via.words != 0 && s.termFlags[via.term]&termJoined != 0
	if joined {
		used = via.words
		sum = via.score
	}
	for _, v := range s.words(doc) {
		gain, words := w.best(s, v, used)
		if words == 0 {
			if !joined {
				spare += s.varWeight[v]
			}
			continue
		}
		used |= words
		sum += gain
	}
	score := sum / (w.total + spareWords*spare)
	if w.clash(s.docSort[doc]) {
		score *= otherSort
	}
	return score
}

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

// best returns what a word of a name adds for the words of the query that are
// not used yet, and which it uses.
func (w *worker) best(s *segment, variant, used uint32) (gain float32, words uint32) {
	if at := w.slot[s.varTerm[variant]]; at != 0 {
		h := &w.hits[at-1]
		for _, m := range h.list[:h.n] {
			if m.words&used == 0 && m.score > gain {
				gain, words = m.score, m.words
			}
		}
		if words != 0 {
			return gain, words
		}
	}
	first := s.varFirst[variant] &^ varInitial
	if first < 'a' || first > 'z' {
		return 0, 0
	}
	open := w.letter[first-'a'] &^ used
	if s.varFirst[variant]&varInitial == 0 {
		open &= w.single
	}
	if open == 0 {
		return 0, 0
	}
	i := bits.TrailingZeros32(open)
	return 0.5 * w.score[i], 1 << i
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
