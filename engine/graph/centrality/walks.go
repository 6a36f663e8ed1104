// SPDX-License-Identifier: Apache-2.0

package centrality

import (
	"context"
	"math"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// grain is how many nodes a worker takes at a time; it must not depend on the
// number of workers.
const grain = 1 << 12

// Iteration says when a repeated multiplication ends.
type Iteration struct {
	Rounds    int     // at most so many; 0 means 500
	Tolerance float64 // end when the sum of changes is below; 0 means 1e-12
}

func (i Iteration) withDefaults() Iteration {
	if i.Rounds <= 0 {
		i.Rounds = 500
	}
	if i.Tolerance <= 0 {
		i.Tolerance = 1e-12
	}
	return i
}

// PageRank computes the PageRank with the given damping, usually 0.85: a walker
// follows arcs in proportion to their weight and starts anew anywhere with
// probability 1-damping, or when no arc leads on (Brin & Page 1998). The sum
// over all nodes is 1. O(m) a round.
func PageRank(ctx context.Context, g *graph.Graph, damping float64, until Iteration, run work.Run) ([]float64, error) {
	until = until.withDefaults()
	n := g.Bound()
	rank, next, share := make([]float64, n), make([]float64, n), make([]float64, n)
	inverse := outWeights(g)
	present := float64(g.Order())
	for u := range n {
		if g.Has(graph.Node(u)) {
			rank[u] = 1 / present
		}
	}
	for round := range until.Rounds {
		loose := pieceSum(n, func(u int) float64 {
			share[u] = rank[u] * inverse[u]
			if inverse[u] == 0 {
				return rank[u]
			}
			return 0
		})
		base := (1 - damping + damping*loose) / present
		err := run.Quiet().Each(ctx, n, grain, func(_, lo, hi int) {
			var buf graph.Arcs
			for u := lo; u < hi; u++ {
				if g.Has(graph.Node(u)) {
					next[u] = base + damping*weighted(share, g.In(graph.Node(u), &buf))
				}
			}
		})
		if err != nil {
			return nil, err
		}
		change := pieceSum(n, func(u int) float64 { return math.Abs(next[u] - rank[u]) })
		rank, next = next, rank
		if run.Progress != nil {
			run.Progress(round+1, until.Rounds)
		}
		if change < until.Tolerance {
			break
		}
	}
	return rank, nil
}

// outWeights returns 1 / the sum of weights of the arcs that leave each node, 0
// if none does.
func outWeights(g *graph.Graph) []float64 {
	inverse := make([]float64, g.Bound())
	var buf graph.Arcs
	for u := range inverse {
		sum := 0.0
		if g.Weighted() {
			for _, w := range g.Out(graph.Node(u), &buf).Weight {
				sum += float64(w)
			}
		} else {
			sum = float64(g.OutDegree(graph.Node(u)))
		}
		if sum > 0 {
			inverse[u] = 1 / sum
		}
	}
	return inverse
}

// weighted sums the values of neighbours times their weight.
func weighted(value []float64, arcs graph.Arcs) float64 {
	if arcs.Weight == nil {
		return gather(value, arcs.To)
	}
	sum := 0.0
	for i, v := range arcs.To {
		sum += value[v] * float64(arcs.Weight[i])
	}
	return sum
}

// pieceSum sums term over 0…n-1 in pieces, which keeps rounding errors small.
func pieceSum(n int, term func(int) float64) float64 {
	total := 0.0
	for lo := 0; lo < n; lo += grain {
		sum := 0.0
		for u := lo; u < min(lo+grain, n); u++ {
			sum += term(u)
		}
		total += sum
	}
	return total
}

// Katz computes x = α·Aᵀx + 1, scaled to Euclidean length 1: how many walks
// lead to a node, each step counting α (Katz, Psychometrika 18, 1953). Alpha
// must be below 1/λ, λ the greatest eigenvalue; 0 means 0.85/λ. The alpha that
// was used is returned too. O(m) a round.
func Katz(ctx context.Context, g *graph.Graph, alpha float64, until Iteration, run work.Run) (scores []float64, used float64, err error) {
	until = until.withDefaults()
	n := g.Bound()
	if alpha <= 0 {
		lambda, err := spectralBound(ctx, g, run.Quiet())
		if err != nil {
			return nil, 0, err
		}
		alpha = 0.85
		if lambda > 0 {
			alpha = 0.85 / lambda
		}
	}
	x, next := make([]float64, n), make([]float64, n)
	for round := range until.Rounds {
		err := multiply(ctx, g, x, next, run.Quiet(), func(_ int, sum float64) float64 { return alpha*sum + 1 })
		if err != nil {
			return nil, 0, err
		}
		norm := pieceSum(n, func(u int) float64 { return next[u] })
		change := pieceSum(n, func(u int) float64 { return math.Abs(next[u] - x[u]) })
		x, next = next, x
		if run.Progress != nil {
			run.Progress(round+1, until.Rounds)
		}
		if change <= until.Tolerance*norm {
			break
		}
	}
	norm := math.Sqrt(pieceSum(n, func(u int) float64 { return x[u] * x[u] }))
	for u := range x {
		if norm > 0 {
			x[u] /= norm
		}
	}
	return x, alpha, nil
}

// multiply sets next[u] to f(u, Σ x over the arcs that arrive at u) for all
// shown nodes.
func multiply(ctx context.Context, g *graph.Graph, x, next []float64, run work.Run, f func(u int, sum float64) float64) error {
	return run.Each(ctx, g.Bound(), grain, func(_, lo, hi int) {
		var buf graph.Arcs
		for u := lo; u < hi; u++ {
			if g.Has(graph.Node(u)) {
				next[u] = f(u, weighted(x, g.In(graph.Node(u), &buf)))
			}
		}
	})
}

// spectralBound returns a number that is at least the greatest eigenvalue of
// the adjacency matrix A and hardly more: the Collatz–Wielandt bound
// max((A+I)x)/x after some rounds of the power method on A+I, which converges
// for bipartite graphs too.
func spectralBound(ctx context.Context, g *graph.Graph, run work.Run) (float64, error) {
	n := g.Bound()
	x, next := make([]float64, n), make([]float64, n)
	for u := range x {
		x[u] = 1
	}
	bound := 0.0
	for range 100 {
		err := multiply(ctx, g, x, next, run, func(u int, sum float64) float64 { return x[u] + sum })
		if err != nil {
			return 0, err
		}
		most, last := 0.0, bound
		bound = 0
		for u := range x {
			if g.Has(graph.Node(u)) {
				bound = max(bound, next[u]/x[u])
				most = max(most, next[u])
			}
		}
		for u := range x {
			x[u] = max(next[u]/most, 1e-200) // positive, so that the bound stays one
		}
		if math.Abs(bound-last) < 1e-9*bound {
			break
		}
	}
	return bound - 1, nil
}
