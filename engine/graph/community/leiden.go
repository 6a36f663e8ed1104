// SPDX-License-Identifier: Apache-2.0

package community

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Options say how communities are looked for.
type Options struct {
	// Resolution above 1 finds smaller communities, below 1 larger ones; 0 means 1.
	Resolution float64
	// Rounds is how often the whole algorithm goes over its own result; it ends
	// earlier when nothing gets better. 0 means 2, as igraph does.
	Rounds int
	// Restarts is how many seeds are tried, of which the best result is kept; 0
	// means 1.
	Restarts int
	Seed     uint64
}

func (o Options) withDefaults() Options {
	if o.Resolution <= 0 {
		o.Resolution = 1
	}
	if o.Rounds <= 0 {
		o.Rounds = 2
	}
	if o.Restarts <= 0 {
		o.Restarts = 1
	}
	return o
}

// Partition says which community each node is in.
type Partition struct {
	// Of is the community of each node, graph.None for nodes that the view hides.
	// Community 0 is the largest; of equal ones the one with the lowest node.
	Of []uint32
	// Size is the number of nodes of each community, in decreasing order.
	Size []int
	// Modularity is the quality that was reached, with the resolution asked for.
	Modularity float64
}

// Leiden finds communities. Directions are ignored, and weights of both
// directions and of parallel edges add up. A node without edges is a community
// of its own. About O(m) a round.
func Leiden(ctx context.Context, g *graph.Graph, opts Options, run work.Run) (Partition, error) {
	opts = opts.withDefaults()
	g = g.Undirected(graph.Sum).Simple(graph.Sum)
	base := newLevel(g)
	results := make([]Partition, opts.Restarts)
	err := run.Each(ctx, opts.Restarts, 1, func(_, lo, _ int) {
		s := newSearch(ctx, opts, uint64(lo), base)
		for range opts.Rounds {
			if ctx.Err() != nil || !s.round() {
				break
			}
		}
		results[lo] = s.partition(g)
	})
	if err != nil {
		return Partition{}, err
	}
	best := 0
	for i, p := range results {
		if p.Modularity > results[best].Modularity+1e-12 {
			best = i
		}
	}
	return results[best], nil
}

// search is one run with one seed.
type search struct {
	ctx        context.Context
	resolution float64 // over twice the total weight
	total      float64 // twice the weight of all edges
	gamma      float64
	least      float64 // gain below which a move is rounding error
	rng        *rand.Rand
	base       *level
	member     []uint32 // community of each base node
	scratch    *scratch
}

func newSearch(ctx context.Context, opts Options, try uint64, base *level) *search {
	s := &search{
		ctx: ctx, gamma: opts.Resolution, base: base, rng: work.Random(opts.Seed, try),
		member: make([]uint32, base.n()), scratch: newScratch(base.n()),
	}
	for _, k := range base.strength {
		s.total += k
	}
	if s.total > 0 {
		s.resolution = opts.Resolution / s.total
		s.least = 1e-10 * s.total / float64(len(base.to))
	}
	for u := range s.member {
		s.member[u] = uint32(u)
	}
	return s
}

// round goes once through all levels: move, refine, aggregate. It reports
// whether anything got better.
func (s *search) round() bool {
	improved := false
	l := s.base
	member := slices.Clone(s.member)    // community of each node of this level
	at := make([]uint32, len(s.member)) // node of this level that each base node is in
	for u := range at {
		at[u] = uint32(u)
	}
	for s.ctx.Err() == nil {
		improved = s.move(l, member) || improved
		groups := compress(member, s.scratch.renumber)
		if groups == l.n() {
			break
		}
		parts := s.refine(l, member, groups)
		count := compress(parts, s.scratch.renumber)
		if count == l.n() { // nothing can be put together: go on with the communities themselves
			copy(parts, member)
			count = groups
		}
		next := l.aggregate(parts, count, s.scratch)
		above := make([]uint32, count)
		for u, p := range parts {
			above[p] = member[u]
		}
		for u := range at {
			at[u] = parts[at[u]]
		}
		l, member = next, above
	}
	for u := range s.member {
		s.member[u] = member[at[u]]
	}
	return improved
}

// partition numbers the communities by size and leaves out hidden nodes.
func (s *search) partition(g *graph.Graph) Partition {
	p := Partition{Of: slices.Clone(s.member)}
	p.Modularity = s.base.modularity(s.member, s.gamma, s.total)
	hidden := func(u int) bool { return !g.Has(graph.Node(u)) }
	p.Size = bySize(p.Of, hidden)
	return p
}

// bySize renumbers communities by decreasing size, of equal ones by their
// lowest node, and gives hidden nodes none.
func bySize(of []uint32, hidden func(int) bool) []int {
	size, first := map[uint32]int{}, []uint32{}
	for u, c := range of {
		if hidden(u) {
			continue
		}
		if size[c] == 0 {
			first = append(first, c)
		}
		size[c]++
	}
	slices.SortStableFunc(first, func(a, b uint32) int { return size[b] - size[a] })
	rank := make(map[uint32]uint32, len(first))
	sizes := make([]int, len(first))
	for i, c := range first {
		rank[c] = uint32(i)
		sizes[i] = size[c]
	}
	for u, c := range of {
		if hidden(u) {
			of[u] = graph.None
		} else {
			of[u] = rank[c]
		}
	}
	return sizes
}

// compress renumbers communities 0…k-1 in the order in which they come and
// returns k.
func compress(member []uint32, renumber []uint32) int {
	for _, c := range member {
		renumber[c] = graph.None
	}
	count := uint32(0)
	for u, c := range member {
		if renumber[c] == graph.None {
			renumber[c] = count
			count++
		}
		member[u] = renumber[c]
	}
	return int(count)
}
