// SPDX-License-Identifier: AGPL-3.0-or-later

// Package search finds short texts in one language, in memory. It must never
// keep, count or log what was looked for: not even in a cache. However long a
// query is, the work for it is bounded. An Index does not change after New and
// is safe for concurrent use.
package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of one query.
const (
	MaxQuery   = 200 // bytes; the rest is not looked at
	maxTerms   = 8
	maxForms   = 24 // words that begin with a term
	minPrefix  = 4  // letters from which a word may be a beginning
	suggestion = 3
)

// How a term counts: BM25 (Robertson and Zaragoza 2009) with a title worth
// three words of the text.
const (
	saturation  = 1.2
	lengthShare = 0.75
	titleWeight = 3
	beginning   = 0.4  // a word that only begins with the term
	common      = 0.25 // a word in more of the texts than this says nothing
)

// Document is a text that can be found.
type Document struct {
	ID, Title, Body string // plain text; a line is what an excerpt shows
}

// Part is a piece of a line, marked when it was looked for.
type Part struct {
	Text   string
	Marked bool
}

// Hit is a text that was found, with its title and the line that fits best.
type Hit struct {
	ID             string
	Title, Excerpt []Part
}

// Result is what was found. Near are words that are there and look like one
// that is not, when nothing was found.
type Result struct {
	Hits  []Hit
	Total int
	Near  []string
}

type line struct {
	text  string
	words []word
}

type document struct {
	id     string
	lines  []line // the title first
	length float64
}

type posting struct {
	doc    int
	weight float64
}

// Index holds the texts of one language.
type Index struct {
	lang     string
	docs     []document
	postings map[string][]posting
	stems    []string          // sorted
	shown    map[string]string // a word as it is written, for each stem
	spelled  []spelling        // of each stem
	average  float64
}

// New makes the index of texts in lang. It takes time in proportion to them.
func New(lang string, texts []Document) *Index {
	x := &Index{lang: lang, postings: map[string][]posting{}, shown: map[string]string{}}
	for n, t := range texts {
		d := document{id: t.ID}
		weights := map[string]float64{}
		for i, text := range append([]string{t.Title}, strings.Split(t.Body, "\n")...) {
			if strings.TrimSpace(text) == "" {
				continue
			}
			weight := 1.0
			if i == 0 {
				weight = titleWeight
			}
			l := line{text, words(lang, text)}
			for _, w := range l.words {
				weights[w.stem] += weight
				d.length += weight
				if _, ok := x.shown[w.stem]; !ok {
					x.shown[w.stem] = strings.ToLower(text[w.start:w.end])
				}
			}
			d.lines = append(d.lines, l)
		}
		for s, weight := range weights {
			x.postings[s] = append(x.postings[s], posting{n, weight})
		}
		x.docs = append(x.docs, d)
		x.average += d.length / float64(len(texts))
	}
	for s := range x.postings {
		x.stems = append(x.stems, s)
	}
	slices.Sort(x.stems)
	for _, s := range x.stems {
		x.spelled = append(x.spelled, spelling{spell(s), spell(x.shown[s])})
	}
	return x
}

// spelled is a word letter by letter, with a bit for each letter that it has:
// two words whose letters differ much are not near each other, which is found
// out in no time.
type spelled struct {
	letters []rune
	has     uint64
}

// spelling is a stem and how it is written.
type spelling struct{ stem, shown spelled }

func spell(s string) spelled {
	w := spelled{letters: []rune(s)}
	for _, c := range w.letters {
		w.has |= 1 << (c % 64)
	}
	return w
}

// apart is how far two words are from each other, or more than limit. Each
// letter that only one of them has is a step at least.
func apart(a, b spelled, limit int, row []int) int {
	if bits.OnesCount64(a.has&^b.has) > limit || bits.OnesCount64(b.has&^a.has) > limit {
		return limit + 1
	}
	return distance(a.letters, b.letters, limit, row)
}

// term is one word of a query with the stems that stand for it.
type term struct {
	stem  string
	typed string
	forms []string // that begin with it
}

// Find returns the texts that fit best, at most limit. Those with every word
// of the query come first.
func (x *Index) Find(query string, limit int) Result {
	terms := x.terms(query)
	scores, matched := map[int]float64{}, map[int]int{}
	looked := map[string]bool{}
	for _, t := range terms {
		in := map[int]float64{}
		x.collect(in, t.stem, 1)
		looked[t.stem] = true
		for _, f := range t.forms {
			x.collect(in, f, beginning)
			looked[f] = true
		}
		for doc, s := range in {
			scores[doc] += s
			matched[doc]++
		}
	}
	r := Result{Total: len(scores)}
	var found []posting
	for doc, s := range scores {
		share := float64(matched[doc]) / float64(len(terms))
		found = append(found, posting{doc, s * share * share})
	}
	slices.SortFunc(found, func(a, b posting) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), a.doc-b.doc)
	})
	for _, f := range found[:min(limit, len(found))] {
		d := x.docs[f.doc]
		h := Hit{ID: d.id}
		if len(d.lines) > 0 {
			h.Title = d.lines[0].mark(looked)
			h.Excerpt = best(d.lines[1:], looked).mark(looked)
		}
		r.Hits = append(r.Hits, h)
	}
	if len(r.Hits) == 0 {
		r.Near = x.near(terms)
	}
	return r
}

// terms reads a query. Words that stand nearly everywhere are left out, unless
// there are no others.
func (x *Index) terms(query string) []term {
	if len(query) > MaxQuery {
		query = strings.ToValidUTF8(query[:MaxQuery], "")
	}
	var all, telling []term
	for _, w := range words(x.lang, query) {
		if len(all) == maxTerms {
			break
		}
		if slices.ContainsFunc(all, func(t term) bool { return t.stem == w.stem }) {
			continue
		}
		t := term{stem: w.stem, typed: strings.ToLower(query[w.start:w.end]), forms: x.beginningWith(w.stem)}
		all = append(all, t)
		if float64(len(x.postings[w.stem])) <= common*float64(len(x.docs)) {
			telling = append(telling, t)
		}
	}
	if len(telling) > 0 {
		return telling
	}
	return all
}

// beginningWith returns stems that begin with s, other than s itself: Danish
// puts words together, and people stop writing before the end of a word.
func (x *Index) beginningWith(s string) []string {
	if utf8.RuneCountInString(s) < minPrefix {
		return nil
	}
	at, _ := slices.BinarySearch(x.stems, s)
	var forms []string
	for ; at < len(x.stems) && strings.HasPrefix(x.stems[at], s) && len(forms) < maxForms; at++ {
		if x.stems[at] != s {
			forms = append(forms, x.stems[at])
		}
	}
	return forms
}

func (x *Index) collect(into map[int]float64, stem string, share float64) {
	list := x.postings[stem]
	n, df := float64(len(x.docs)), float64(len(list))
	rarity := math.Log(1 + (n-df+0.5)/(df+0.5))
	for _, p := range list {
		norm := 1 - lengthShare + lengthShare*x.docs[p.doc].length/x.average
		into[p.doc] = max(into[p.doc], share*rarity*p.weight*(saturation+1)/(p.weight+saturation*norm))
	}
}

// best returns the line with most different words that were looked for, the
// first line when none has any.
func best(lines []line, looked map[string]bool) line {
	var chosen line
	most := -1
	for _, l := range lines {
		seen := map[string]bool{}
		for _, w := range l.words {
			if looked[w.stem] {
				seen[w.stem] = true
			}
		}
		if len(seen) > most {
			chosen, most = l, len(seen)
		}
	}
	return chosen
}

// mark cuts a line into what was looked for and what stands between.
func (l line) mark(looked map[string]bool) []Part {
	var parts []Part
	at := 0
	for _, w := range l.words {
		if !looked[w.stem] {
			continue
		}
		if w.start > at {
			parts = append(parts, Part{Text: l.text[at:w.start]})
		}
		parts = append(parts, Part{l.text[w.start:w.end], true})
		at = w.end
	}
	if at < len(l.text) {
		parts = append(parts, Part{Text: l.text[at:]})
	}
	return parts
}

// near returns words that are there and differ from a term by one letter, or by
// two when it is long.
func (x *Index) near(terms []term) []string {
	type guess struct {
		stem     string
		distance int
	}
	var guesses []guess
	row := make([]int, maxWord+1)
	for _, t := range terms {
		stem, typed := spell(t.stem), spell(t.typed)
		if len(stem.letters) < minPrefix {
			continue
		}
		allowed := 1 + len(stem.letters)/7
		for i, there := range x.spelled {
			d := min(apart(stem, there.stem, allowed, row), apart(typed, there.stem, allowed, row), apart(typed, there.shown, allowed, row))
			if d <= allowed {
				guesses = append(guesses, guess{x.stems[i], d})
			}
		}
	}
	slices.SortFunc(guesses, func(a, b guess) int {
		return cmp.Or(a.distance-b.distance, len(x.postings[b.stem])-len(x.postings[a.stem]), strings.Compare(a.stem, b.stem))
	})
	var near []string
	for _, g := range guesses {
		if w := x.shown[g.stem]; !slices.Contains(near, w) && len(near) < suggestion {
			near = append(near, w)
		}
	}
	return near
}

// distance is that of Levenshtein, or more than limit when it is more. row is
// where it reckons.
func distance(a, b []rune, limit int, row []int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	if len(b) >= len(row) {
		row = make([]int, len(b)+1)
	}
	row = row[:len(b)+1]
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j := range b {
			step := diagonal
			if a[i] != b[j] {
				step++
			}
			diagonal = row[j+1]
			row[j+1] = min(step, row[j]+1, row[j+1]+1)
			least = min(least, row[j+1])
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}
