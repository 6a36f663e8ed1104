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
	promise    = 4       // by how much, in log-odds, other facts may lift a name
	factOdds   = 0.4     // what each point of agreement adds before the exact score
	bestFacts  = 6       // most points
	clashOdds  = 20      // how much less a name of another sort of thing promises
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
	facts  int     // how well what else is known agrees
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
	s.sort, s.open = s.prepared.Sort, s.prepared.Schema == "LegalEntity"
	names := s.prepared.Names[:min(len(s.prepared.Names), maxNames)]
	var docs []scored
	for i := range names {
		if len(names[i].Tokens) == 0 {
			continue
		}
		s.retrieve(p.seg, &names[i], allowed)
		for _, k := range s.heap {
			candidate := p.seg.name(k.doc, s.tokens)
			score := match.ScoreNames(&names[i], &candidate)
			if s.clash(p.seg.docSort[k.doc]) {
				score /= clashOdds
			}
			docs = append(docs, scored{k.doc, score})
		}
	}
	slices.SortFunc(docs, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.doc, y.doc))
	})
	finalists := s.finalists(p, docs, admits)
	return s.exact(p, s.sharing(p, finalists, admits))
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

// scored is a name and how well it compares with the query's.
type scored struct {
	doc   uint32
	score float64
}

// finalists are the bearers of the best names. A name counts by its odds, and
// each agreeing fact for something beside them.
func (s *searching) finalists(p part, docs []scored, admits func(uint32) bool) []finalist {
	most := s.query.K + reserve
	least := math.Inf(-1)
	if t := s.query.Threshold; t > 0 && t < 1 {
		least = math.Log(t/(1-t)) - promise
	}
	var out []finalist
	for _, d := range docs {
		odds := math.Log((d.score + 1e-6) / (1 - d.score + 1e-6))
		if odds+bestFacts*factOdds <= least {
			break // nor can a later one
		}
		bearers := p.seg.bearers(d.doc)
		for _, f := range s.closest(p, bearers[:min(len(bearers), maxBearers)], most, admits) {
			if f.rank = odds + factOdds*float64(f.facts); f.rank > least {
				out = append(out, f)
			}
		}
		if len(out) > 4*most {
			if out = leading(out, most); len(out) == most {
				least = max(least, out[most-1].rank)
			}
		}
	}
	return leading(out, most)
}

// leading returns the most promising finalists, each once.
func leading(out []finalist, most int) []finalist {
	slices.SortFunc(out, func(x, y finalist) int {
		return cmp.Or(cmp.Compare(x.entity, y.entity), cmp.Compare(y.rank, x.rank))
	})
	out = slices.CompactFunc(out, func(x, y finalist) bool { return x.entity == y.entity })
	slices.SortFunc(out, func(x, y finalist) int {
		return cmp.Or(cmp.Compare(y.rank, x.rank), cmp.Compare(x.entity, y.entity))
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
		e, err := p.seg.prepare(f.entity)
		if err != nil {
			return nil, err
		}
		score := match.Score(s.prepared, &e.entity)
		if score < s.query.Threshold {
			continue
		}
		hit := e.hit
		hit.Score = score
		hits = append(hits, hit)
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
