// SPDX-License-Identifier: Apache-2.0

package centrality

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// lanes is how many searches go through the graph together, one bit each.
const lanes = 64

// sampleDistances estimates closeness and harmonic from distances to pivots.
// 64 searches go at once (Then et al., The More the Merrier, VLDB 2014); since
// components don't meet, pivots of different components share a lane.
func sampleDistances(ctx context.Context, g *graph.Graph, parts path.Components, opts Sampling, into *Shortest, run work.Run) error {
	n := g.Bound()
	pivots := choosePivots(parts, opts)
	sums := &distanceSums{dist: make([]float64, n), inverse: make([]float64, n), hits: make([]int32, n)}
	most := 0
	for _, p := range pivots {
		most = max(most, len(p))
	}
	for first := 0; first < most; first += lanes {
		wave := newWave(g, sums)
		for _, p := range pivots {
			for lane := first; lane < min(first+lanes, len(p)); lane++ {
				wave.begin(p[lane], lane-first)
			}
		}
		if err := wave.roll(ctx, run); err != nil {
			return err
		}
	}
	into.Closeness, into.Harmonic = make([]float64, n), make([]float64, n)
	for u, part := range parts.Of {
		if part == graph.None || sums.hits[u] == 0 {
			continue
		}
		scale := float64(parts.Size[part]-1) / float64(others(pivots[part], graph.Node(u)))
		reached := 1 + float64(sums.hits[u])*scale
		into.Closeness[u] = wassermanFaust(reached, g.Order(), sums.dist[u]*scale)
		into.Harmonic[u] = sums.inverse[u] * scale
	}
	if parts.Largest() > opts.Pivots {
		spread := float64(sums.farthest) // distances lie between 1 and the farthest seen
		into.DistanceError = spread * math.Sqrt(math.Log(2*float64(g.Order())/opts.Doubt)/(2*float64(opts.Pivots)))
	}
	return nil
}

// others is how many pivots are not u itself.
func others(pivots []graph.Node, u graph.Node) int {
	if _, own := slices.BinarySearch(pivots, u); own {
		return len(pivots) - 1
	}
	return len(pivots)
}

// choosePivots draws nodes of each component without repetition, sorted.
func choosePivots(parts path.Components, opts Sampling) [][]graph.Node {
	members := make([][]graph.Node, len(parts.Size))
	for u, part := range parts.Of {
		if part != graph.None {
			members[part] = append(members[part], graph.Node(u))
		}
	}
	rng := work.Random(opts.Seed, 0x9e3779b97f4a7c15)
	for i, m := range members {
		if len(m) > opts.Pivots {
			for j := range opts.Pivots { // the first steps of a shuffle
				k := j + rng.IntN(len(m)-j)
				m[j], m[k] = m[k], m[j]
			}
			members[i] = m[:opts.Pivots]
			slices.Sort(members[i])
		}
	}
	return members
}

// distanceSums are sums over pivots, by node.
type distanceSums struct {
	dist, inverse []float64
	hits          []int32
	farthest      int
}

// wave is 64 breadth-first searches at once, from the pivots against the
// direction of arcs, so that distances lead from each node to the pivots.
type wave struct {
	g                 *graph.Graph
	sums              *distanceSums
	seen, front, next []uint64
	active            []graph.Node // nodes with front bits, while they are few
}

func newWave(g *graph.Graph, sums *distanceSums) *wave {
	n := g.Bound()
	return &wave{g: g, sums: sums, seen: make([]uint64, n), front: make([]uint64, n), next: make([]uint64, n)}
}

func (w *wave) begin(pivot graph.Node, lane int) {
	if w.front[pivot] == 0 {
		w.active = append(w.active, pivot)
	}
	w.seen[pivot] |= 1 << lane
	w.front[pivot] |= 1 << lane
}

// roll goes on until no search finds anything new. While few nodes are active
// they tell their neighbours; when many are, each node asks its own.
func (w *wave) roll(ctx context.Context, run work.Run) error {
	total := 2 * w.g.Size()
	for d := 1; len(w.active) > 0; d++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		arcs := 0
		for _, u := range w.active {
			arcs += w.g.InDegree(u)
		}
		if 10*arcs < total {
			w.push()
		} else if err := w.pull(ctx, run); err != nil {
			return err
		}
		w.settle(d)
	}
	return nil
}

func (w *wave) push() {
	var buf graph.Arcs
	var touched []graph.Node
	for _, u := range w.active {
		for _, v := range w.g.In(u, &buf).To {
			fresh := w.front[u] &^ w.seen[v]
			if fresh == 0 {
				continue
			}
			if w.next[v] == 0 {
				touched = append(touched, v)
			}
			w.next[v] |= fresh
		}
	}
	w.clearFront()
	w.active = touched
}

func (w *wave) pull(ctx context.Context, run work.Run) error {
	const grain = 1 << 13
	found := make([][]graph.Node, (w.g.Bound()+grain-1)/grain)
	err := run.Each(ctx, w.g.Bound(), grain, func(_, lo, hi int) {
		var buf graph.Arcs
		for v := lo; v < hi; v++ {
			if w.seen[v] == math.MaxUint64 {
				continue
			}
			var all uint64
			for _, u := range w.g.Out(graph.Node(v), &buf).To {
				all |= w.front[u]
			}
			if fresh := all &^ w.seen[v]; fresh != 0 {
				w.next[v] = fresh
				found[lo/grain] = append(found[lo/grain], graph.Node(v))
			}
		}
	})
	w.clearFront()
	w.active = slices.Concat(found...)
	return err
}

func (w *wave) clearFront() {
	for _, u := range w.active {
		w.front[u] = 0
	}
}

// settle counts the nodes found at distance d.
func (w *wave) settle(d int) {
	for _, v := range w.active {
		fresh := w.next[v]
		count := bits.OnesCount64(fresh)
		w.sums.dist[v] += float64(d * count)
		w.sums.inverse[v] += float64(count) / float64(d)
		w.sums.hits[v] += int32(count)
		w.seen[v] |= fresh
		w.front[v], w.next[v] = fresh, 0
		w.sums.farthest = max(w.sums.farthest, d)
	}
}
