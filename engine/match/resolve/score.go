// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"math"
	"runtime"
	"sync"
)

// chunk is how many pairs a worker takes at a time.
const chunk = 1 << 16

// believed is how many records the average frequency of a field counts for
// when the frequency of one value is estimated.
const believed = 50.0

// scorer gives pairs of records their weight; one per goroutine.
type scorer struct {
	comparer
	model   *Model
	weights [][levels]float64
	rarity  [][]float32 // what agreement on each value says beyond the average
	prior   float64
	second  int
}

func newScorer(fields []*field, model *Model, second int) *scorer {
	s := &scorer{comparer: comparer{fields: fields}, model: model, second: second}
	s.prior = math.Log2(model.Prior / (1 - model.Prior))
	for i, f := range fields {
		var w [levels]float64
		for level := range w {
			w[level] = model.Fields[i].weight(level)
		}
		s.weights = append(s.weights, w)
		s.rarity = append(s.rarity, rarity(f, model.Fields[i].U[levelExact]))
	}
	return s
}

// clone returns a scorer for another goroutine over the same tables.
func (s *scorer) clone() *scorer {
	c := *s
	c.comparer = comparer{fields: s.fields}
	return &c
}

// rarity returns, for each value, the logarithm of the average chance of
// agreement over the value's own. The two records of a pair do not count for
// how common their value is.
func rarity(f *field, u float64) []float32 {
	n := float64(len(f.ids)) - float64(f.count[0])
	out := make([]float32, len(f.values))
	for id, count := range f.count {
		if id == 0 {
			continue
		}
		share := (max(float64(count)-2, 0) + believed*u) / (n + believed)
		out[id] = float32(max(-7, min(10, math.Log2(u/share))))
	}
	return out
}

// weigh returns the evidence for a pair, in bits without the prior, of a
// pattern that compare gave.
func (s *scorer) weigh(a, b uint32, p pattern) float64 {
	sum := 0.0
	for i := range s.fields {
		level := p.level(i)
		if level == levelMissing {
			continue
		}
		sum += s.weights[i][level]
		x, y := s.fields[i].ids[a], s.fields[i].ids[b]
		switch level {
		case levelExact:
			sum += float64(s.rarity[i][x])
		case levelNear, levelSimilar:
			sum += 0.5 * float64(min(s.rarity[i][x], s.rarity[i][y]))
		}
	}
	return sum
}

// evidence compares two records.
func (s *scorer) evidence(a, b uint32) float64 { return s.weigh(a, b, s.compare(a, b)) }

// edge is a pair with its weight: the binary logarithm of the odds.
type edge struct {
	a, b   uint32
	weight float32
}

// patternsOf compares all pairs, on every core.
func patternsOf(fields []*field, pairs []uint64, report Progress, stage string) []pattern {
	out := make([]pattern, len(pairs))
	parallel(len(pairs), func() func(from, to int) {
		c := &comparer{fields: fields}
		return func(from, to int) {
			for i := from; i < to; i++ {
				out[i] = c.compare(uint32(pairs[i]>>32), uint32(pairs[i]))
			}
		}
	}, func(done int) { report(stage, int64(done), int64(len(pairs))) })
	return out
}

// edgesOf returns the pairs whose weight is over the limit, in their order.
func (s *scorer) edgesOf(pairs []uint64, patterns []pattern, limit float64) []edge {
	found := make([][]edge, (len(pairs)+chunk-1)/chunk)
	parallel(len(pairs), func() func(from, to int) {
		return func(from, to int) {
			var out []edge
			for i := from; i < to; i++ {
				a, b := uint32(pairs[i]>>32), uint32(pairs[i])
				if w := s.prior + s.weigh(a, b, patterns[i]); w > limit {
					out = append(out, edge{a, b, float32(w)})
				}
			}
			found[from/chunk] = out
		}
	}, nil)
	var all []edge
	for _, f := range found {
		all = append(all, f...)
	}
	return all
}

// parallel hands chunks of n to one worker for each core. What workers write
// must depend on the chunk alone. done, which may be nil, is told one at a
// time how much is finished.
func parallel(n int, worker func() func(from, to int), done func(int)) {
	var mu sync.Mutex
	next, finished := 0, 0
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			work := worker()
			for {
				mu.Lock()
				from := next
				next += chunk
				mu.Unlock()
				if from >= n {
					return
				}
				to := min(n, from+chunk)
				work(from, to)
				mu.Lock()
				finished += to - from
				if done != nil {
					done(finished)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
}
