// SPDX-License-Identifier: Apache-2.0

package index

import (
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/match"
)

// Limits of one name's search; they bound its time whatever the names.
const (
	keptDocs   = 224    // names that are compared exactly
	fewDocs    = 3_000  // postings that are judged one by one
	judgeReads = 16     // postings that are read in the time of judging a name
	maxBorn    = 2_000  // entities of the query's day whose names are judged
	maxDirect  = 20_000 // postings of rare words that are judged one by one
	maxJudged  = 40_000 // names that are judged by their words
	maxMade    = 500    // names of which a word of the query is made
	maxHalves  = 2_000  // names that may have the halves of one
	leastHalf  = 4      // letters of a half
	maxForms   = 10_000 // after which names are not looked for by legal form
	// maxSingleReads bounds how many names that hold one word only are looked at,
	// maxListReads those of one list of a term.
	maxSingleReads = 10_000
	maxListReads   = 5_000
	// fewPersons and fewOthers are of how many names in a row the best shows what
	// later ones can come to, with stepError: what orders them is a rounded sum.
	fewPersons = 4
	fewOthers  = 48
	stepError  = 0.3
	// surelyKept are the best names of which a rough comparison hardly leaves out
	// one, with what it may be wrong by.
	surelyKept = 64
	roughError = 0.15
	maxRead    = 150_000 // postings of one word's doubtful meanings that are read
	doubtful   = 0.7     // sureness under which a meaning is doubtful
	usualWord  = 0.8     // about the least weight of a word of a person's name
	otherWord  = 0.3     // and of other names
)

// hit says which words of the query a term may mean.
type hit struct {
	term uint32
	list [4]gain
	n    int
}

// gain says for which words of the query a term may stand, and by what tie.
type gain struct {
	words uint32
	score float32 // what it says about how alike a name that holds it is
	rank  float32 // of the tie, without weights
	tie   match.Tie
}

// lead is a term whose names are to be judged, with its gain; with an after, only
// of names in which that term comes next are the two written as one.
type lead struct {
	term  uint32
	after uint32 // its term+1
	gain
}

// kept is a name that may be among the best.
type kept struct {
	doc   uint32
	score float32
	bonus float64 // how much of it is of what is known of who bears the name, at most
	least float32 // what it comes to at least
}

// lightWord is what judging needs of a variant, with the hit of its term.
type lightWord struct {
	weight float32 // of a legal form its class
	hit    uint16  // its number+1
	first  uint8
	shape  match.Shape
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
	heap   []kept
	best   []float32  // the ranks of the best of them, the least first
	class  int        // of the doc that was looked at last
	letter [26]uint32 // the words of the query that begin with a letter
	single uint32     // the words that are initials
	sort   match.Sort
	open   bool      // the query may be a person or a company
	score  []float32 // of each word of the query, its weight
	shapes []match.Shape
	// classes are those of the query's legal forms.
	classes  []uint32
	bonds    []bond
	walk     match.Walk
	weakName bool // the query's

	against match.Against
	words   match.Words
	found   []match.Likeness
	weak    []bool
	liked   []liking
	search  uint64
	touched uint32 // makes touch do something, or it would be compiled away
	facts   match.Entity
	most    float32 // what facts can add to the rank of a name, at most
	date    float32 // of it what a date can add
	least   float32 // log-odds under which nobody is a hit
	common  [256]verdict
	dated   [1024]dayVerdict
	days    []match.Day // on which those asked for may have been born, as far as they are whole
	vague   []match.Day // and the others
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
		copy(at.words, s.light)
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
	w.heap, w.best = w.heap[:0], w.best[:0]
	w.judgeMade(s, allowed)
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
		if len(w.asked)-rare > 1 {
			w.judgeDoubles(s, rare, allowed)
		}
		w.judgeForms(s, allowed)
		w.judgeSingles(s, allowed)
	}
	w.judgeSlips(s, allowed)
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
			via := lead{term: m.term, gain: w.gainOf(&w.asked[i], m)}
			for some := range slices.Chunk(s.postings(m.term), together) {
				w.touch(s, some)
				for _, doc := range some {
					w.judge(s, doc, via, allowed)
				}
			}
		}
	}
}

// together is how many names are judged one after the other before the next are
// touched.
const together = 16

// touch reads what judging some names will need. Memory answers sixteen questions
// that don't wait for one another in hardly more time than one.
func (w *worker) touch(s *segment, docs []uint32) {
	const worthIt = 4
	if len(docs) < worthIt {
		return
	}
	sum := uint32(0)
	for _, doc := range docs {
		for _, v := range s.words(s.classOf(doc, &w.class), doc) {
			sum += uint32(w.light[v].hit)
		}
		sum += s.docFacts[doc].Country
	}
	w.touched = sum
}

// gainOf returns what a meaning of a word adds to a score.
func (w *worker) gainOf(a *asked, m meaning) gain {
	return gain{a.words, m.sure * w.weightOf(a.words), m.tie.Rank(), m.tie}
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

// judgeBirthdays judges the names of those who were born on the query's day, or
// of whose day no more is known than that it may be, whatever else they have in
// common.
func (w *worker) judgeBirthdays(s *segment, allowed func(uint32) bool) {
	all := len(w.vague) == 0
	w.setMost(true)
	for _, d := range w.days {
		for _, day := range [2]match.Day{d, vagueDay(d)} {
			born := s.bornOn(day)
			if len(born) > maxBorn {
				born, all = born[:maxBorn], false
			}
			for _, e := range born {
				for _, doc := range s.namesOf(uint32(e)) {
					w.judge(s, doc, lead{}, allowed)
				}
			}
		}
	}
	w.setMost(!all)
}

// setMost notes what facts can add; same says whether the very day may be among
// them.
func (w *worker) setMost(same bool) {
	date, country := w.against.MostFacts(same)
	w.date, w.most = float32(date), float32(date+country)
}

// judgeSlips judges the names of those whose birthday is a slip of the pen away
// from the query's, if names without a word in common may still be among the best.
func (w *worker) judgeSlips(s *segment, allowed func(uint32) bool) {
	nothing := float32(w.against.NameOdds(w.sort, match.Nothing(), false))
	if len(w.days) == 0 || nothing+w.most <= w.sureBar() {
		return
	}
	budget := maxBorn
	for _, d := range w.days {
		d.Slips(func(other match.Day) {
			born := s.bornOn(other)
			born = born[:min(len(born), budget)]
			budget -= len(born)
			for _, e := range born {
				for _, doc := range s.namesOf(uint32(e)) {
					w.judge(s, doc, lead{}, allowed)
				}
			}
		})
	}
}

// vagueDay stands for all days of a year that are known in part.
func vagueDay(d match.Day) match.Day { return d &^ (1<<9 - 1) }

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
		for some := range slices.Chunk(w.double, together) {
			if len(w.listed) >= maxJudged {
				break
			}
			w.touch(s, some)
			for _, doc := range some {
				w.judge(s, doc, lead{}, allowed)
			}
		}
		if i+1 == len(w.asked) {
			break
		}
		for _, m := range a.meanings {
			for _, doc := range s.postings(m.term) {
				w.once[doc/64] |= 1 << (doc % 64)
			}
		}
	}
	clear(w.once[:(s.docs()+63)/64])
}

// prepare makes the table of hits from the meanings.
func (w *worker) prepare(s *segment, n *match.Name) {
	w.hits, w.score, w.forms, w.shapes, w.classes = w.hits[:0], w.score[:0], w.forms[:0], w.shapes[:0], w.classes[:0]
	w.letter, w.single, w.weakName = [26]uint32{}, 0, n.Weak
	for i := range n.Tokens {
		t := &n.Tokens[i]
		w.score, w.shapes = append(w.score, t.Weight), append(w.shapes, w.shapeHere(match.ShapeOf(t)))
		if c := t.Text[0]; c >= 'a' && c <= 'z' && !setAside(t) {
			w.letter[c-'a'] |= 1 << i
		}
		if len(t.Text) == 1 {
			w.single |= 1 << i
		}
		if t.Kind.Has(match.LegalForm) {
			w.classes = append(w.classes, t.Class)
		}
		if setAside(t) && !w.isAsked(1<<i) {
			for _, k := range s.underKey(hashBytes(saltText, t.Text)) {
				if string(s.term(k.Term)) == t.Text {
					w.hit(s, k.Term, gain{words: 1 << i, rank: match.Tie{}.Rank()})
					w.forms = append(w.forms, k.Term)
				}
			}
		}
	}
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
