// SPDX-License-Identifier: Apache-2.0

package index

import (
	"math/bits"

	"github.com/turnstone-project/turnstone/engine/match"
)

// judge scores a name by its words alone and keeps it if it is among the best.
func (w *worker) judge(s *segment, doc uint32, via lead, allowed func(uint32) bool) {
	if w.judged[doc/64]>>(doc%64)&1 == 1 {
		return
	}
	w.judged[doc/64] |= 1 << (doc % 64)
	w.listed = append(w.listed, doc)
	score := w.rough(s, doc, via)
	if len(w.heap) == keptDocs && score+w.most <= w.heap[0].score {
		return
	}
	if w.most > 0 {
		score += w.bonus(s, doc)
	}
	if score <= 0 || len(w.heap) == keptDocs && score <= w.heap[0].score {
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
	class := s.classOf(doc, &w.class)
	for _, v := range s.words(class, doc) {
		info := w.light[v]
		gain, words := w.best(info, used)
		if words == 0 {
			if !joined {
				spare += info.weight
			}
			continue
		}
		used |= words
		sum += gain
	}
	score := sum / (w.total + spareWords*spare)
	if w.clash(class.Packed) {
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
func (w *worker) best(info lightWord, used uint32) (gain float32, words uint32) {
	if at := info.hit; at != 0 {
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
	first := info.first &^ varInitial
	if first < 'a' || first > 'z' {
		return 0, 0
	}
	open := w.letter[first-'a'] &^ used
	if info.first&varInitial == 0 {
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

// perOdds is what a point of log-odds weighs beside the share of a query's words
// that a name holds: from half of them to all is about six points.
const perOdds = 0.1

// bonus is what is known of who bears a name beside it, as far as the query
// knows it too. Of several bearers one may agree in all.
func (w *worker) bonus(s *segment, doc uint32) float32 {
	f := &s.docFacts[doc]
	if f.Country == severalBear {
		return w.most
	}
	return perOdds * float32(w.factOdds(s, match.Sort(s.classOf(doc, &w.class).Packed), f.Day, f.Country))
}

// factOdds is what a day and a set of countries say.
func (w *worker) factOdds(s *segment, sort match.Sort, day match.Day, country uint32) float64 {
	odds := w.against.DateOdds(sort, day)
	if country != 0 && len(w.asks.countries) > 0 {
		odds += w.against.CountryOdds(sort, w.shares(s, country))
	}
	return odds
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
