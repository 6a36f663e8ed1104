// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// Limits of one search.
const (
	maxNames   = 8       // names of the query that are looked for
	maxBearers = 200_000 // bearers of one name that are looked at
	reserve    = 16      // entities scored exactly beyond those asked for
	moreFacts  = 3       // times as many when the query has more than names
)

// Query is what to look for.
type Query struct {
	Entity    ftm.Entity
	K         int     // most hits to return; 50 when zero
	Threshold float64 // least score of a hit
	Filter    Filter
}

// Filter leaves out entities. Empty lists leave out none; within a list one of
// the values is enough, between lists all are needed.
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
	st := ix.state.Load()
	w, ok := ix.workers.Get().(*worker)
	if !ok {
		w = &worker{}
	}
	defer ix.workers.Put(w)
	prepared := match.PrepareEntity(&q.Entity)
	search := searching{worker: w, query: &q, prepared: &prepared, facts: factsOf(&q.Entity)}
	var hits []Hit
	for _, part := range st.parts() {
		found, err := search.part(part)
		if err != nil {
			return nil, err
		}
		hits = append(hits, found...)
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return hits[:min(len(hits), q.K)], nil
}

// searching is one search.
type searching struct {
	*worker
	query    *Query
	prepared *match.Entity
	facts    facts
}

// finalist is an entity that will be scored exactly.
type finalist struct {
	entity uint32
	name   float64 // the score of its best name
	facts  int     // how well what else is known agrees
}

func (s *searching) part(p part) ([]Hit, error) {
	admits := s.query.Filter.on(p)
	var allowed func(doc uint32) bool
	if admits != nil {
		allowed = func(doc uint32) bool {
			return slices.ContainsFunc(p.seg.bearers(doc), admits)
		}
	}
	names := s.prepared.Names[:min(len(s.prepared.Names), maxNames)]
	scores := map[uint32]float64{}
	for i := range names {
		if len(names[i].Tokens) == 0 {
			continue
		}
		s.retrieve(p.seg, &names[i], allowed)
		for _, k := range s.heap {
			candidate := p.seg.name(k.doc, s.tokens)
			scores[k.doc] = max(scores[k.doc], match.ScoreNames(&names[i], &candidate))
		}
	}
	finalists := s.finalists(p, scores, admits)
	return s.exact(p, finalists)
}

// finalists are the bearers of the best names.
func (s *searching) finalists(p part, scores map[uint32]float64, admits func(uint32) bool) []finalist {
	docs := make([]uint32, 0, len(scores))
	for doc := range scores {
		docs = append(docs, doc)
	}
	slices.SortFunc(docs, func(x, y uint32) int {
		return cmp.Or(cmp.Compare(scores[y], scores[x]), cmp.Compare(x, y))
	})
	most := s.query.K + reserve
	if s.facts.year != 0 || len(s.facts.countries) > 0 {
		most *= moreFacts
	}
	var out []finalist
	seen := map[uint32]bool{}
	for _, doc := range docs {
		if len(out) >= most {
			break
		}
		bearers := p.seg.bearers(doc)
		for _, e := range s.closest(p, bearers[:min(len(bearers), maxBearers)], most, admits) {
			if !seen[e.entity] {
				seen[e.entity] = true
				e.name = scores[doc]
				out = append(out, e)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y finalist) int {
		return cmp.Or(cmp.Compare(y.name, x.name), cmp.Compare(y.facts, x.facts), cmp.Compare(x.entity, y.entity))
	})
	return out[:min(len(out), most)]
}

// closest returns the bearers of one name, those whose other facts agree with
// the query's first, and no more than are needed.
func (s *searching) closest(p part, bearers []uint32, most int, admits func(uint32) bool) []finalist {
	var out []finalist
	for _, e := range bearers {
		if p.dead(e) || admits != nil && !admits(e) {
			continue
		}
		out = append(out, finalist{entity: e, facts: s.agreement(p.seg, e)})
	}
	if len(out) > most {
		slices.SortStableFunc(out, func(x, y finalist) int { return cmp.Compare(y.facts, x.facts) })
		out = out[:most]
	}
	return out
}

// agreement ranks entities of one name by year and country.
func (s *searching) agreement(seg *segment, entity uint32) int {
	m := &seg.entMeta[entity]
	points := 0
	if s.facts.year != 0 && m.Year != 0 {
		switch d := int(s.facts.year) - int(m.Year); {
		case d == 0:
			points += 4
		case d >= -1 && d <= 1:
			points += 2
		default:
			points -= 2
		}
	}
	if len(s.facts.countries) > 0 && m.Country != 0 {
		if overlap(s.facts.countries, seg.dicts.Countries[m.Country]) {
			points += 2
		} else {
			points--
		}
	}
	return points
}

// exact scores the finalists with all that is known of them.
func (s *searching) exact(p part, finalists []finalist) ([]Hit, error) {
	hits := make([]Hit, 0, len(finalists))
	for _, f := range finalists {
		e, err := readSource(p.seg.source(f.entity), p.seg.dicts.Props)
		if err != nil {
			return nil, err
		}
		prepared := match.PrepareEntity(&e)
		score := match.Score(s.prepared, &prepared)
		if score < s.query.Threshold {
			continue
		}
		hits = append(hits, Hit{ID: e.ID, Score: score, Schema: e.Schema, Caption: caption(&e)})
	}
	return hits, nil
}

func caption(e *ftm.Entity) string {
	if e.Caption != "" {
		return e.Caption
	}
	return e.First("name")
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
			passes[i] = slices.ContainsFunc(f.Schemata, func(s string) bool { return strings.EqualFold(s, schema) })
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
