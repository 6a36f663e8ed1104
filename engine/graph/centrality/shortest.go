// SPDX-License-Identifier: Apache-2.0

package centrality

import (
	"context"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Shortest holds the measures that come from all shortest paths.
type Shortest struct {
	// Betweenness of v is the sum over pairs s, t other than v of the share of
	// shortest paths between them that pass v; not normalised. In an undirected
	// graph each pair counts once, in a directed one each direction.
	Betweenness []float64
	// Closeness of v is (r-1)/(n-1) · (r-1)/Σd over the r nodes that v reaches,
	// itself included (Wasserman & Faust 1994, eq. 5.22), so that graphs in
	// pieces can be compared. 0 if v reaches nobody. Distances lead away from v.
	Closeness []float64
	// Harmonic of v is Σ 1/d over the nodes that it reaches (Marchiori & Latora
	// 2000), not normalised.
	Harmonic []float64

	// Exact tells whether all paths were counted. If not, the bounds below hold
	// for all nodes at once with probability Confidence.
	Exact      bool
	Samples    int
	Confidence float64
	// BetweennessError bounds the error of each betweenness, in its own unit.
	BetweennessError float64
	// DistanceError bounds the error of a node's mean distance within its
	// component, in its own unit; Closeness comes from that mean.
	DistanceError float64
}

// Exact computes Shortest over all pairs by Brandes' algorithm (J. Math.
// Sociology 25, 2001): O(nm) for Hops, O(nm + n² log n) else, O(n + m) memory a
// worker. Lengths that differ by a rounding error count as equal. More than
// 1e300 shortest paths between two nodes overflow.
func Exact(ctx context.Context, g *graph.Graph, lengths graph.Lengths, run work.Run) (*Shortest, error) {
	c := newCompact(g, lengths)
	n := c.len()
	all := newTotals(n)
	grain := max(1, min(64, n/128))
	workers := make([]searcher, run.Count(n))
	err := work.Ordered(ctx, run, n, grain, func(w, lo, hi int) *totals {
		if workers[w] == nil {
			workers[w] = newSearcher(c)
		}
		sum := workers[w].totals()
		sum.clear()
		for s := lo; s < hi && ctx.Err() == nil; s++ {
			workers[w].search(uint32(s))
		}
		return sum
	}, all.add)
	if err != nil {
		return nil, err
	}
	result := &Shortest{Exact: true, Samples: n, Confidence: 1}
	if !c.directed {
		for i := range all.between {
			all.between[i] /= 2
		}
	}
	result.Betweenness = c.spread(all.between, g.Bound())
	for i := range n {
		all.close[i] = wassermanFaust(all.reach[i], n, all.close[i])
	}
	result.Closeness = c.spread(all.close, g.Bound())
	result.Harmonic = c.spread(all.harmonic, g.Bound())
	return result, nil
}

// Betweenness is the betweenness of Exact.
func Betweenness(ctx context.Context, g *graph.Graph, lengths graph.Lengths, run work.Run) ([]float64, error) {
	s, err := Exact(ctx, g, lengths, run)
	if err != nil {
		return nil, err
	}
	return s.Betweenness, nil
}

// wassermanFaust turns the sum of distances to r nodes, itself included, into
// closeness.
func wassermanFaust(r float64, n int, sum float64) float64 {
	if sum <= 0 || n < 2 {
		return 0
	}
	return (r - 1) / float64(n-1) * (r - 1) / sum
}

// totals are sums over sources; close holds the sum of distances.
type totals struct {
	between, close, harmonic, reach []float64
}

func newTotals(n int) *totals {
	return &totals{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
}

func (t *totals) clear() {
	clear(t.between)
	clear(t.close)
	clear(t.harmonic)
	clear(t.reach)
}

func (t *totals) add(o *totals) {
	for i := range t.between {
		t.between[i] += o.between[i]
		t.close[i] += o.close[i]
		t.harmonic[i] += o.harmonic[i]
		t.reach[i] += o.reach[i]
	}
}

// searcher adds the shortest paths from one source to its totals.
type searcher interface {
	search(source uint32)
	totals() *totals
}

func newSearcher(c *compact) searcher {
	if c.length == nil {
		return newHopSearcher(c)
	}
	return newLengthSearcher(c)
}
