// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"cmp"
	"math"
	"slices"
)

// Model says how much each level of each field speaks for two records being
// the same: the probabilities of Fellegi and Sunter.
type Model struct {
	Fields []FieldModel
	// Prior is the share of matches among all pairs of records.
	Prior float64
	// Related are the ways in which different persons or things are alike.
	Related []Relation
}

// FieldModel is one field's part of a Model, by level: differ, partial,
// similar, near, exact, swapped.
type FieldModel struct {
	Name string
	Kind Kind
	M    [levels]float64 // probability of the level among matches
	U    [levels]float64 // and among other pairs
}

// weight returns the binary logarithm of m over u.
func (f *FieldModel) weight(level int) float64 { return math.Log2(f.M[level] / f.U[level]) }

// Weights returns, by level, how many bits agreement at that level says.
func (f *FieldModel) Weights() [levels]float64 {
	var w [levels]float64
	for level := range w {
		w[level] = f.weight(level)
	}
	return w
}

// tally is how many pairs show a pattern.
type tally struct {
	p pattern
	n float64
}

// tallies counts equal patterns, in the order of the patterns so that sums do
// not depend on who counted.
func tallies(patterns []pattern) []tally {
	counts := map[pattern]int{}
	for _, p := range patterns {
		counts[p]++
	}
	out := make([]tally, 0, len(counts))
	for p, n := range counts {
		out = append(out, tally{p, float64(n)})
	}
	slices.SortFunc(out, func(a, b tally) int { return cmp.Compare(a.p, b.p) })
	return out
}

// Starting points and beliefs of the learner.
const (
	rounds       = 60
	strength     = 20.0 // pairs that the starting m counts for
	converged    = 1e-5
	perRecord    = 0.15 // matches expected for each record at the start
	leastAllowed = 1e-9
)

// startM is what agreement between true matches usually looks like.
var startM = [levels]float64{0.05, 0.02, 0.03, 0.08, 0.81, 0.01}

// learner estimates a Model by expectation maximisation. The pairs that
// blocking left out are taken for different; the chance that others agree is
// measured on pairs drawn at random, less the matches among them.
type learner struct {
	fields     []*field
	candidates []tally
	random     []tally
	total      float64 // pairs there are, compared or not
	exact      []float64
	both       []float64
}

// learn returns the model.
func (l *learner) learn(records int) *Model {
	m := &Model{Prior: perRecord * float64(records) / l.total}
	m.Prior = min(m.Prior, 0.2)
	for _, f := range l.fields {
		m.Fields = append(m.Fields, FieldModel{Name: f.name, Kind: f.kind, M: startM})
	}
	l.chance(m, nil)
	m.Related = l.relations(m)
	l.converge(m)
	found := len(m.Related)
	m.Related = slices.DeleteFunc(m.Related, func(r Relation) bool { return r.Share < leastRelated*m.Prior })
	if len(m.Related) < found {
		l.converge(m)
	}
	return m
}

// converge repeats expectation and maximisation until the share of matches stays.
func (l *learner) converge(m *Model) {
	for range rounds {
		before := m.Prior
		posterior := expect(m, l.candidates)
		l.maximise(m, posterior[0])
		for i := range m.Related {
			l.relate(m, &m.Related[i], posterior[1+i])
		}
		l.chance(m, posterior[0])
		if math.Abs(m.Prior-before) < converged*before {
			return
		}
	}
}

// expect returns, for each of the patterns, the probability that it is a match,
// and that it is of each of the relations.
func expect(m *Model, patterns []tally) [][]float64 {
	weights := make([][][8]float64, 1+len(m.Related)) // 0 for a missing level
	posterior := make([][]float64, len(weights))
	prior := make([]float64, len(weights))
	rest := 1 - m.Prior
	for c := range weights {
		weights[c] = make([][8]float64, len(m.Fields))
		posterior[c] = make([]float64, len(patterns))
		prior[c] = m.Prior
		if c > 0 {
			prior[c] = m.Related[c-1].Share
			rest -= prior[c]
		}
		for f := range m.Fields {
			for level := range levels {
				p := m.Fields[f].M[level]
				if c > 0 {
					p = m.Related[c-1].Levels[f][level]
				}
				weights[c][f][level] = math.Log(p / m.Fields[f].U[level])
			}
		}
	}
	for c := range prior {
		prior[c] = math.Log(prior[c] / max(rest, leastAllowed))
	}
	for i, t := range patterns {
		sum := 1.0
		for c := range weights {
			odds := prior[c]
			for f := range weights[c] {
				odds += weights[c][f][t.p.level(f)]
			}
			posterior[c][i] = math.Exp(min(odds, 300))
			sum += posterior[c][i]
		}
		for c := range weights {
			posterior[c][i] /= sum
		}
	}
	return posterior
}

// shares returns how often each level occurs among the candidates, weighed by
// their posteriors; the start counts for strength of them.
func (l *learner) shares(f int, start [levels]float64, posterior []float64) [levels]float64 {
	var sum [levels]float64
	all := strength
	for level, share := range start {
		sum[level] = strength * share
	}
	for i, t := range l.candidates {
		if level := t.p.level(f); level != levelMissing {
			sum[level] += posterior[i] * t.n
			all += posterior[i] * t.n
		}
	}
	for level := range sum {
		sum[level] /= all
	}
	return sum
}

// maximise sets m and the prior from the posteriors.
func (l *learner) maximise(m *Model, posterior []float64) {
	matches := 0.0
	for f := range m.Fields {
		m.Fields[f].M = l.shares(f, startM, posterior)
		if identifies(m.Fields[f].Kind) {
			bound(&m.Fields[f].M, levelDiffer, mostDiffer)
		}
	}
	for i, t := range l.candidates {
		matches += posterior[i] * t.n
	}
	m.Prior = min(max(matches, 1)/l.total, 0.5)
}

// chance sets u: from random pairs for what is not exact, from the counts of
// values for what is, each less the matches among them.
func (l *learner) chance(m *Model, posterior []float64) {
	match := make([]float64, len(l.random))
	if posterior != nil {
		match = expect(m, l.random)[0]
	}
	for f := range m.Fields {
		var sum [levels]float64
		for i, t := range l.random {
			if level := t.p.level(f); level != levelMissing {
				sum[level] += t.n * (1 - match[i])
			}
		}
		all := 0.0
		for level := range sum {
			sum[level] += 0.25
			all += sum[level]
		}
		exact := l.exact[f]
		for i, t := range l.candidates {
			if posterior != nil && t.p.level(f) == levelExact {
				exact -= posterior[i] * t.n
			}
		}
		u := &m.Fields[f].U
		u[levelExact] = min(0.98, max(exact, 0.25, 0.02*l.exact[f])/max(l.both[f], 1))
		for level := range sum {
			if level != levelExact {
				u[level] = max(leastAllowed, sum[level]/(all-sum[levelExact])*(1-u[levelExact]))
			}
		}
	}
}

// countExact sets how many of all pairs agree exactly on each field, and on
// how many both values are there.
func (l *learner) countExact(second int) {
	for _, f := range l.fields {
		exact, both := 0.0, 0.0
		if second == len(f.ids) {
			filled := float64(len(f.ids)) - float64(f.count[0])
			both = filled * (filled - 1) / 2
			for _, n := range f.count[1:] {
				exact += float64(n) * float64(n-1) / 2
			}
		} else {
			first := make([]uint32, len(f.values))
			for _, id := range f.ids[:second] {
				first[id]++
			}
			for id, n := range f.count {
				if id > 0 {
					exact += float64(first[id]) * float64(n-first[id])
				}
			}
			both = float64(second-int(first[0])) * (float64(len(f.ids)-second) - float64(f.count[0]-first[0]))
		}
		l.exact = append(l.exact, exact)
		l.both = append(l.both, both)
	}
}
