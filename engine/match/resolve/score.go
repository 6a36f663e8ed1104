// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"math"
	"runtime"
	"sync"
)

// chunk is how many pairs a worker takes at a time.
const chunk = 1 << 16

// leastBelieved and mostBelieved bound how many records the average frequency
// of a field counts for when the frequency of one value is estimated.
const leastBelieved, mostBelieved = 20.0, 1e9

// scorer gives pairs of records their weight; one per goroutine.
type scorer struct {
	comparer
	model   *Model
	weights [][levels]float64
	rarity  [][2][]float32 // what agreement on each value says beyond the average
	group   []uint32       // of each record as far as it is known, nil at first
	kin     []kinship
	prior   float64
	second  int
}

// maxRelations is how many relations a scorer weighs.
const maxRelations = 4

func newScorer(fields []*field, model *Model, second int, group []uint32) *scorer {
	s := &scorer{comparer: comparer{fields: fields}, model: model, second: second, group: group, kin: kinshipsOf(model)}
	s.prior = math.Log2(model.Prior / (1 - model.Prior))
	for i, f := range fields {
		var w [levels]float64
		for level := range w {
			w[level] = model.Fields[i].weight(level)
		}
		s.weights = append(s.weights, w)
		s.rarity = append(s.rarity, rarity(f, model.Fields[i].U[levelExact], group))
	}
	return s
}

// rarity returns, for each value, the logarithm of the average chance of
// agreement over the value's own. Groups already found count once, and those
// of the pair in question not at all: how often a person was written down says
// nothing about how common the name is. The first list is for pairs of two
// groups, the second for pairs within one.
func rarity(f *field, u float64, group []uint32) [2][]float32 {
	count, n := groupCounts(f, group)
	believed := believed(count, float64(n))
	var out [2][]float32
	for within := range out {
		own := 2 - within
		out[within] = make([]float32, len(f.values))
		for id, c := range count {
			share := (float64(max(c-own, 0)) + believed*u) / (float64(n) + believed)
			out[within][id] = float32(max(-7, min(10, math.Log2(u/share))))
		}
	}
	return out
}

// believed returns for how many records the average frequency of a field counts
// when the frequency of one value is estimated from how often it was seen: few
// where values are of very different frequency, as names are, and any number
// where they are all alike, as birth dates are, so that two strangers born on the
// same day are not taken for the only ones. It is the ratio of the noise of a count
// to the true variance (Bühlmann's credibility), both from unbiased moments of the
// counts.
func believed(count []int, n float64) float64 {
	if n < 3 {
		return mostBelieved
	}
	two, three := 0.0, 0.0
	for id, c := range count {
		if id > 0 {
			c := float64(c)
			two += c * (c - 1)
			three += c * (c - 1) * (c - 2)
		}
	}
	mean := two / (n * (n - 1))
	variance := three/(n*(n-1)*(n-2)) - mean*mean
	if variance*mostBelieved <= mean {
		return mostBelieved
	}
	return max(leastBelieved, mean/variance)
}

// groupCounts returns in how many groups each value occurs, and how many
// groups and values there are. Without groups each record is one.
func groupCounts(f *field, group []uint32) ([]int, int) {
	count, n := make([]int, len(f.values)), 0
	if group == nil {
		for id, c := range f.count {
			count[id] = int(c)
		}
		return count, len(f.ids) - count[0]
	}
	seen := make([]uint64, 0, len(f.ids))
	for record, id := range f.ids {
		if id != 0 {
			seen = append(seen, uint64(id)<<32|uint64(group[record]))
		}
	}
	radixSort(seen, make([]uint64, len(seen)), 0)
	for i, e := range seen {
		if i == 0 || e != seen[i-1] {
			count[e>>32]++
			n++
		}
	}
	return count, n
}

// weigh returns the evidence for a pair, in bits without the prior, of a
// pattern that compare gave: as a match, over whatever else the pair may be,
// strangers or relatives.
func (s *scorer) weigh(a, b uint32, p pattern) float64 {
	sum, within := 0.0, s.within(a, b)
	var kin [maxRelations]float64
	for i := range s.fields {
		level := p.level(i)
		if level == levelMissing {
			continue
		}
		rare := s.rare(i, level, within, a, b)
		sum += s.weights[i][level] + rare
		for k := range s.kin {
			kin[k] += s.kin[k].weights[i][level]
			if s.kin[k].shared[i] {
				kin[k] += rare
			}
		}
	}
	others := 1.0
	for k := range s.kin {
		others += math.Exp2(min(1000, s.kin[k].share+kin[k]))
	}
	return sum - math.Log2(others)
}

// within is 1 for two records of one group and 0 for others.
func (s *scorer) within(a, b uint32) int {
	if s.group != nil && s.group[a] == s.group[b] {
		return 1
	}
	return 0
}

// rare is what agreement of a field says beyond the average, for how rare the
// values are.
func (s *scorer) rare(field, level, within int, a, b uint32) float64 {
	if level < levelSimilar || level > levelExact {
		return 0
	}
	ids, rarity := s.fields[field].ids, s.rarity[field][within]
	if level == levelExact {
		return float64(rarity[ids[a]])
	}
	return 0.5 * float64(min(rarity[ids[a]], rarity[ids[b]]))
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
