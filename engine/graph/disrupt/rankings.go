// SPDX-License-Identifier: Apache-2.0

package disrupt

import (
	"context"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// ByDegree ranks by the number of ties, or, with weights, by their sum.
func ByDegree(_ context.Context, g *graph.Graph, _ work.Run) ([]float64, error) {
	score := make([]float64, g.Bound())
	var buf graph.Arcs
	for _, u := range g.Nodes() {
		arcs := g.Out(u, &buf)
		for i := range arcs.To {
			score[u] += float64(arcs.WeightAt(i))
		}
	}
	return score, nil
}

// ByBetweenness ranks by betweenness, exactly up to maxExact nodes and sampled
// beyond.
func ByBetweenness(lengths graph.Lengths, maxExact int, sampling centrality.Sampling) Ranking {
	return func(ctx context.Context, g *graph.Graph, run work.Run) ([]float64, error) {
		if g.Order() <= maxExact {
			return centrality.Betweenness(ctx, g, lengths, run)
		}
		s, err := centrality.Sampled(ctx, g, sampling, run)
		if err != nil {
			return nil, err
		}
		return s.Betweenness, nil
	}
}

// ByKatz ranks by Katz centrality with the default attenuation.
func ByKatz(ctx context.Context, g *graph.Graph, run work.Run) ([]float64, error) {
	score, _, err := centrality.Katz(ctx, g, 0, centrality.Iteration{}, run)
	return score, err
}

// ByPageRank ranks by PageRank with damping 0.85.
func ByPageRank(ctx context.Context, g *graph.Graph, run work.Run) ([]float64, error) {
	return centrality.PageRank(ctx, g, 0.85, centrality.Iteration{}, run)
}

// ByInfluence ranks by collective influence with the given radius.
func ByInfluence(radius int) Ranking {
	return func(ctx context.Context, g *graph.Graph, run work.Run) ([]float64, error) {
		return Influence(ctx, g, radius, run)
	}
}

// ByChance ranks at random, the same for the same seed: what a plan must beat.
func ByChance(seed uint64) Ranking {
	return func(_ context.Context, g *graph.Graph, _ work.Run) ([]float64, error) {
		rng := work.Random(seed, uint64(g.Order()))
		score := make([]float64, g.Bound())
		for u := range score {
			score[u] = rng.Float64()
		}
		return score, nil
	}
}

// ParseRanking finds a ranking by its name.
func ParseRanking(name string, lengths graph.Lengths, maxExact int, seed uint64) (Ranking, error) {
	rankings := map[string]Ranking{
		"betweenness": ByBetweenness(lengths, maxExact, centrality.Sampling{Seed: seed}), "degree": ByDegree, "katz": ByKatz,
		"pagerank": ByPageRank, "influence": ByInfluence(2), "random": ByChance(seed),
	}
	if r, ok := rankings[name]; ok {
		return r, nil
	}
	return nil, fmt.Errorf("there is no ranking %q: say %s", name, strings.Join(RankingNames(), ", "))
}

// RankingNames returns the names that ParseRanking knows.
func RankingNames() []string {
	return []string{"betweenness", "degree", "katz", "pagerank", "influence", "random"}
}

// Influence computes the collective influence of each node (Nature 524,
// 65, 2015): (k-1) times the sum of k-1 over the nodes exactly radius
// hops away, k being the number of ties. O(n · nodes within radius).
func Influence(ctx context.Context, g *graph.Graph, radius int, run work.Run) ([]float64, error) {
	score := make([]float64, g.Bound())
	workers := make([]*ball, run.Count(g.Bound()))
	err := run.Each(ctx, g.Bound(), 256, func(w, lo, hi int) {
		if workers[w] == nil {
			workers[w] = newBall(g)
		}
		for u := lo; u < hi && ctx.Err() == nil; u++ {
			if !g.Has(graph.Node(u)) {
				continue
			}
			sum := 0.0
			for _, v := range workers[w].surface(graph.Node(u), radius) {
				sum += float64(g.OutDegree(v) - 1)
			}
			score[u] = float64(g.OutDegree(graph.Node(u))-1) * sum
		}
	})
	if err != nil {
		return nil, err
	}
	return score, nil
}

// ball finds what lies around a node.
type ball struct {
	g     *graph.Graph
	stamp []uint32
	now   uint32
	order []graph.Node
	buf   graph.Arcs
}

func newBall(g *graph.Graph) *ball { return &ball{g: g, stamp: make([]uint32, g.Bound())} }

// surface returns the nodes exactly radius hops from u, until the next call.
func (b *ball) surface(u graph.Node, radius int) []graph.Node {
	b.now++
	b.order = append(b.order[:0], u)
	b.stamp[u] = b.now
	lo := 0
	for range radius {
		hi := len(b.order)
		for _, v := range b.order[lo:hi] {
			for _, w := range b.g.Neighbours(v, &b.buf) {
				if b.stamp[w] != b.now {
					b.stamp[w] = b.now
					b.order = append(b.order, w)
				}
			}
		}
		lo = hi
	}
	return b.order[lo:]
}
