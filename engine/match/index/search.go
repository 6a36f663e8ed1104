// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// Limits of one search.
const (
	maxNames   = 8       // names of the query that are looked for
	maxBearers = 200_000 // bearers of one name that are looked at
	maxHolders = 100     // entities with one identifier that are scored
	reserve    = 16      // entities scored exactly beyond those asked for
	promise    = 1.5     // by how much, in log-odds, further names may lift one
	promiseAll = 6       // … and facts that are looked at in the end only
	clashOdds  = 6       // how much less, in log-odds, a name of another sort of thing promises
)

// Query is what to look for.
type Query struct {
	Entity    ftm.Entity
	K         int     // most hits to return; 50 when zero
	Threshold float64 // least score of a hit; LeastScore when zero, all when below
	Filter    Filter
}

// LeastScore is the score under which an entity is no hit unless asked for:
// one in a hundred of such is the one that was meant.
const LeastScore = 0.01

// Filter leaves out entities. Empty lists leave out none; within a list one of
// the values is enough, between lists all are needed. A schema stands for those
// that are of its sort too: LegalEntity for Person and Company.
type Filter struct {
	Datasets, Countries, Schemata, Topics []string
}

// Hit is an entity that may be the one asked for.
type Hit struct {
	ID      string  `json:"id"`
	Score   float64 `json:"score"` // of match.Score
	Schema  string  `json:"schema,omitempty"`
	Caption string  `json:"caption,omitempty"` // its first name
}

// Search returns the best hits, best first; of equal scores, by id. It is
// exact in its scores and complete but for names beyond the limits that bound
// its time, which are far below the first fifty in all but the most common
// names.
func (ix *Index) Search(ctx context.Context, q Query) ([]Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if q.K <= 0 {
		q.K = 50
	}
	if q.Threshold == 0 {
		q.Threshold = LeastScore
	}
	st := ix.state.Load()
	w, ok := ix.workers.Get().(*worker)
	if !ok {
		w = &worker{}
	}
	defer ix.workers.Put(w)
	prepared := match.PrepareEntity(&q.Entity)
	search := searching{worker: w, query: &q, prepared: &prepared}
	var hits []Hit
	for _, part := range st.parts() {
		found, err := search.part(part)
		if err != nil {
			return nil, err
		}
		hits = append(hits, found...)
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if a.Score != b.Score {
			return cmp.Compare(b.Score, a.Score)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return hits[:min(len(hits), q.K)], nil
}

// searching is one search.
type searching struct {
	*worker
	query    *Query
	prepared *match.Entity
}

// finalist is an entity that will be scored exactly.
type finalist struct {
	entity uint32
	rank   float64 // what its best name and its facts promise
}

func (s *searching) part(p part) ([]Hit, error) {
	admits := s.query.Filter.on(p)
	var allowed func(doc uint32) bool
	if admits != nil {
		allowed = func(doc uint32) bool {
			return slices.ContainsFunc(p.seg.bearers(doc), admits)
		}
	}
	s.against.Ask(s.prepared)
	s.search++
	s.asks, s.days, s.vague = factsOf(&s.query.Entity), s.days[:0], s.vague[:0]
	s.setMost(true)
	s.least = float32(s.leastOdds())
	for _, d := range s.prepared.Begun() {
		if d.Whole() {
			s.days = append(s.days, d)
		} else {
			s.vague = append(s.vague, d)
		}
	}
	s.sort, s.open = s.prepared.Sort, s.prepared.Schema == "LegalEntity"
	names := s.prepared.Names[:min(len(s.prepared.Names), maxNames)]
	s.docs = s.docs[:0]
	for i := range names {
		if len(names[i].Tokens) == 0 {
			continue
		}
		s.retrieve(p.seg, &names[i], allowed)
		for _, k := range s.heap {
			class := p.seg.classOf(k.doc, &s.class)
			l, sort := s.like(p.seg, i, k.doc), match.Sort(class.Packed)
			odds := s.against.NameOdds(sort, l, names[i].Weak || class.Packed&docWeak != 0)
			if s.clash(class.Packed) {
				odds -= clashOdds
			}
			s.docs = append(s.docs, scored{k.doc, odds, k.bonus})
		}
	}
	slices.SortFunc(s.docs, func(x, y scored) int {
		if x.odds != y.odds {
			return cmp.Compare(y.odds, x.odds)
		}
		return cmp.Compare(x.doc, y.doc)
	})
	s.pickFinalists(p, admits)
	return s.exact(p, s.sharing(p, s.finals, admits))
}

// liking is how a name of the query was found to compare with a doc.
type liking struct {
	key  uint64
	name match.Likeness
}

// likedSlots is how many are kept; a power of two.
const likedSlots = 1 << 10

// like compares the i-th name of the query with a doc, once in a search.
func (s *searching) like(seg *segment, i int, doc uint32) match.Likeness {
	key := s.search<<37 | uint64(i)<<32 | uint64(doc)
	slot := &s.liked[(key*0x9e3779b97f4a7c15)>>54]
	if slot.key != key {
		seg.fill(&s.words, seg.classOf(doc, &s.class), doc)
		slot.key, slot.name = key, s.against.Name(i, &s.words)
	}
	return slot.name
}

// sharing adds the entities that share an identifier with the query, whatever
// their names.
func (s *searching) sharing(p part, finalists []finalist, admits func(uint32) bool) []finalist {
	for _, id := range s.prepared.Identifiers() {
		holders := p.seg.holders(id)
		for _, h := range holders[:min(len(holders), maxHolders)] {
			e := uint32(h)
			if p.dead(e) || admits != nil && !admits(e) || slices.ContainsFunc(finalists, func(f finalist) bool { return f.entity == e }) {
				continue
			}
			finalists = append(finalists, finalist{entity: e})
		}
	}
	return finalists
}

// scored is a name and how well it compares with the query's, as log-odds.
type scored struct {
	doc   uint32
	odds  float64
	bonus float64 // what is known of who bears it adds that much at most
}

// pickFinalists makes finals the bearers of the best names. A name counts by
// its odds, and each agreeing fact for something beside them.
func (s *searching) pickFinalists(p part, admits func(uint32) bool) {
	most := s.query.K + reserve
	least := s.leastOdds()
	s.setMost(true)
	facts := float64(s.most)
	s.finals = s.finals[:0]
	for _, d := range s.docs {
		if len(s.finals) == most {
			least = max(least, s.finals[0].rank)
		}
		if d.odds+facts <= least {
			break // nor can a later one
		}
		if d.odds+d.bonus <= least {
			continue
		}
		sort, f := match.Sort(p.seg.classOf(d.doc, &s.class).Packed), &p.seg.docFacts[d.doc]
		several, rank := f.Country == severalBear, d.odds
		if !several {
			if rank += s.factOdds(p.seg, sort, f.Day, f.Country); rank <= least {
				continue
			}
		}
		bearers, known := p.seg.bearers(d.doc), p.seg.factsOf(d.doc)
		for i, e := range bearers[:min(len(bearers), maxBearers)] {
			if several {
				rank = d.odds + s.factOdds(p.seg, sort, known[i].Day, known[i].Country)
			}
			if rank <= least || len(s.finals) == most && rank < s.finals[0].rank || p.removed(e) || admits != nil && !admits(e) {
				continue
			}
			s.nominate(finalist{e, rank}, most)
		}
	}
}

// leastOdds is what a name and the facts that are known at once must promise.
func (s *searching) leastOdds() float64 {
	t := s.query.Threshold
	if t <= 0 || t >= 1 {
		return math.Inf(-1)
	}
	least := math.Log(t/(1-t)) - promise
	if !s.against.Plain() {
		least -= promiseAll
	}
	return least
}

// nominate puts an entity among the finalists, a heap whose root is the least
// promising, unless it is there under a better name.
func (s *searching) nominate(f finalist, most int) {
	h := s.finals
	if len(h) == most && !h[0].less(f) || slices.ContainsFunc(h, func(x finalist) bool { return x.entity == f.entity }) {
		return
	}
	if len(h) < most {
		h = append(h, f)
		s.finals = h
		for i := len(h) - 1; i > 0 && h[i].less(h[(i-1)/2]); i = (i - 1) / 2 {
			h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		}
		return
	}
	h[0] = f
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(h) {
			return
		}
		if down+1 < len(h) && h[down+1].less(h[down]) {
			down++
		}
		if !h[down].less(h[i]) {
			return
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}

// less orders finalists from the least promising.
func (f finalist) less(g finalist) bool {
	return f.rank < g.rank || f.rank == g.rank && f.entity > g.entity
}

// exact scores the finalists with all that is known of them.
func (s *searching) exact(p part, finalists []finalist) ([]Hit, error) {
	hits := make([]Hit, 0, len(finalists))
	plain := s.against.Plain()
	for _, f := range finalists {
		facts, source := p.seg.record(f.entity)
		score := 0.0
		if plain {
			if err := s.facts.SetFacts(facts); err != nil {
				return nil, errDamaged
			}
			score = s.plainScore(p.seg, f.entity)
		} else {
			e, err := p.seg.prepare(f.entity)
			if err != nil {
				return nil, err
			}
			score = match.Score(s.prepared, &e.entity)
		}
		if score < s.query.Threshold {
			continue
		}
		hit, err := readHit(source, p.seg.dicts.Props)
		if err != nil {
			return nil, err
		}
		hit.Score = score
		hits = append(hits, hit)
	}
	return hits, nil
}

// plainScore is the score of an entity whose facts are in the worker, where
// names and facts are all that counts.
func (s *searching) plainScore(seg *segment, entity uint32) float64 {
	docs := seg.namesOf(entity)
	s.found, s.weak = s.found[:0], s.weak[:0]
	for _, doc := range docs {
		s.weak = append(s.weak, seg.classOf(doc, &s.class).Packed&docWeak != 0)
	}
	for i := range s.prepared.Names {
		for _, doc := range docs {
			s.found = append(s.found, s.like(seg, i, doc))
		}
	}
	return s.against.Score(&s.facts, s.found, s.weak)
}

// on returns whether an entity of a part passes the filter, nil when all do.
func (f *Filter) on(p part) func(entity uint32) bool {
	var tests []func(m *meta) bool
	sets := func(wanted []string, dict [][]string, number func(m *meta) uint32) {
		if len(wanted) == 0 {
			return
		}
		wanted = tidy(wanted)
		passes := make([]bool, len(dict))
		for i, set := range dict {
			passes[i] = overlap(wanted, set)
		}
		tests = append(tests, func(m *meta) bool { return passes[number(m)] })
	}
	sets(f.Datasets, p.seg.dicts.Datasets, func(m *meta) uint32 { return m.Dataset })
	sets(f.Countries, p.seg.dicts.Countries, func(m *meta) uint32 { return m.Country })
	sets(f.Topics, p.seg.dicts.Topics, func(m *meta) uint32 { return m.Topic })
	if len(f.Schemata) > 0 {
		passes := make([]bool, len(p.seg.dicts.Schemata))
		for i, schema := range p.seg.dicts.Schemata {
			known := ftm.Default().Schema(schema)
			passes[i] = slices.ContainsFunc(f.Schemata, func(s string) bool {
				return strings.EqualFold(s, schema) || known != nil && known.IsA(s)
			})
		}
		tests = append(tests, func(m *meta) bool { return passes[m.Schema] })
	}
	if len(tests) == 0 {
		return nil
	}
	return func(entity uint32) bool {
		m := &p.seg.entMeta[entity]
		if p.dead(entity) {
			return false
		}
		for _, test := range tests {
			if !test(m) {
				return false
			}
		}
		return true
	}
}

// overlap reports whether two sorted sets share a value.
func overlap(a, b []string) bool {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := strings.Compare(a[i], b[j]); {
		case c == 0:
			return true
		case c < 0:
			i++
		default:
			j++
		}
	}
	return false
}
