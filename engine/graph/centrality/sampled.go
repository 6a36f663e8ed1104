// SPDX-License-Identifier: Apache-2.0

package centrality

import (
	"context"
	"math"
	"math/rand/v2"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Sampling says how exact a sampled measure shall be.
type Sampling struct {
	// Error is the greatest error of betweenness, as a share of all pairs of
	// nodes; 0 means 0.01.
	Error float64
	// Doubt is the probability that some node misses its bound; 0 means 0.05.
	Doubt float64
	// Pivots is the number of nodes of each component to which distances are
	// measured; 0 means 256.
	Pivots int
	Seed   uint64
}

func (s Sampling) withDefaults() Sampling {
	if s.Error <= 0 {
		s.Error = 0.01
	}
	if s.Doubt <= 0 {
		s.Doubt = 0.05
	}
	if s.Pivots <= 0 {
		s.Pivots = 256
	}
	return s
}

// Sampled estimates Shortest by hops. Betweenness comes from shortest paths
// between random pairs (Riondato & Kornaropoulos, Fast approximation of
// betweenness centrality through sampling, DMKD 30, 2016), so many that with
// probability 1-Doubt all nodes are within Error; each path is found by a search
// from both ends. Closeness and harmonic come from the distances to random
// pivots in each component (Eppstein & Wang, J. Graph Algorithms Appl. 8, 2004),
// with Hoeffding's bound; components of at most Pivots nodes are exact.
func Sampled(ctx context.Context, g *graph.Graph, opts Sampling, run work.Run) (*Shortest, error) {
	opts = opts.withDefaults()
	parts, err := path.FindComponents(ctx, g, run.Quiet())
	if err != nil {
		return nil, err
	}
	result := &Shortest{Confidence: 1 - opts.Doubt}
	if err := sampleDistances(ctx, g, parts, opts, result, run.Quiet()); err != nil {
		return nil, err
	}
	c := newCompact(g, graph.Hops)
	n := c.len()
	result.Betweenness = make([]float64, g.Bound())
	if n < 3 {
		return result, nil
	}
	result.Samples = sampleSize(diameterBound(g, c, parts), opts)
	counts := make([]int64, n)
	workers := make([]*pathSampler, run.Count(result.Samples))
	err = run.Each(ctx, result.Samples, 16, func(w, lo, hi int) {
		if workers[w] == nil {
			workers[w] = newPathSampler(c)
		}
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			rng := work.Random(opts.Seed, uint64(i))
			s := uint32(rng.IntN(n))
			t := uint32(rng.IntN(n - 1))
			if t >= s {
				t++
			}
			workers[w].sample(s, t, rng, func(v uint32) { atomic.AddInt64(&counts[v], 1) })
		}
	})
	if err != nil {
		return nil, err
	}
	pairs := float64(n) * float64(n-1)
	if !c.directed {
		pairs /= 2
	}
	for i, u := range c.node {
		result.Betweenness[u] = float64(counts[i]) / float64(result.Samples) * pairs
	}
	result.BetweennessError = opts.Error * pairs
	return result, nil
}

// sampleSize is Theorem 1 of Riondato & Kornaropoulos with the constant ½ that
// they take from Löffler & Phillips; diameter counts nodes.
func sampleSize(diameter int, opts Sampling) int {
	dimension := 1.0
	if diameter > 3 {
		dimension = math.Floor(math.Log2(float64(diameter-2))) + 1
	}
	return int(math.Ceil(0.5 / (opts.Error * opts.Error) * (dimension + math.Log(1/opts.Doubt))))
}

// diameterBound returns a bound of the number of nodes on a shortest path: in an
// undirected graph twice the reach of any node of a component, in a directed
// one the size of the largest component.
func diameterBound(g *graph.Graph, c *compact, parts path.Components) int {
	if c.directed {
		return parts.Largest()
	}
	bound := 0
	done := make([]bool, len(parts.Size))
	search := newHopSearcher(c)
	for i, u := range c.node { // the first of each component has the most neighbours
		part := parts.Of[u]
		if done[part] {
			continue
		}
		done[part] = true
		if parts.Size[part] <= bound {
			continue
		}
		search.reach(uint32(i))
		bound = max(bound, min(2*(len(search.level)-2)+1, parts.Size[part]))
		search.reset()
		for _, v := range search.order {
			search.seen[v] = false
		}
	}
	return bound
}

// pathSampler draws one of the shortest paths between two nodes, all equally
// likely, by searching from both ends.
type pathSampler struct {
	c     *compact
	sides [2]side
}

// side is the search from one end.
type side struct {
	off, to  []uint32 // arcs away from this end
	backOff  []uint32 // arcs back to it
	backTo   []uint32
	dist     []int32 // -1 if not reached
	paths    []float64
	order    []uint32
	frontier int // where the last level begins in order
	depth    int32
}

func newPathSampler(c *compact) *pathSampler {
	s := &pathSampler{c: c}
	for i := range s.sides {
		d := &s.sides[i]
		d.off, d.to, d.backOff, d.backTo = c.off, c.to, c.inOff, c.inTo
		if i == 1 {
			d.off, d.to, d.backOff, d.backTo = c.inOff, c.inTo, c.off, c.to
		}
		d.dist, d.paths = make([]int32, c.len()), make([]float64, c.len())
		for j := range d.dist {
			d.dist[j] = -1
		}
	}
	return s
}

// sample calls visit for each inner node of a random shortest path from s to t.
func (p *pathSampler) sample(s, t uint32, rng *rand.Rand, visit func(uint32)) {
	p.sides[0].begin(s)
	p.sides[1].begin(t)
	defer p.sides[0].reset()
	defer p.sides[1].reset()
	for {
		near, far := &p.sides[0], &p.sides[1]
		if far.work() < near.work() {
			near, far = far, near
		}
		if !near.expand() {
			return // no path
		}
		total := 0.0
		for _, v := range near.order[near.frontier:] {
			if far.dist[v] >= 0 {
				total += near.paths[v] * far.paths[v]
			}
		}
		if total == 0 {
			continue
		}
		middle := draw(near.order[near.frontier:], total, rng, func(v uint32) float64 {
			if far.dist[v] < 0 {
				return 0
			}
			return near.paths[v] * far.paths[v]
		})
		if middle != s && middle != t {
			visit(middle)
		}
		near.walk(middle, rng, visit)
		far.walk(middle, rng, visit)
		return
	}
}

// draw returns one of the nodes with probability weight/total.
func draw(nodes []uint32, total float64, rng *rand.Rand, weight func(uint32) float64) uint32 {
	at := rng.Float64() * total
	chosen := nodes[0]
	for _, v := range nodes {
		w := weight(v)
		if w == 0 {
			continue
		}
		chosen = v
		if at -= w; at < 0 {
			break
		}
	}
	return chosen
}

func (d *side) begin(u uint32) {
	d.order = append(d.order[:0], u)
	d.dist[u], d.paths[u] = 0, 1
	d.frontier, d.depth = 0, 0
}

func (d *side) reset() {
	for _, u := range d.order {
		d.dist[u], d.paths[u] = -1, 0
	}
}

// work returns how many arcs the next level takes.
func (d *side) work() int {
	arcs := 0
	for _, u := range d.order[d.frontier:] {
		arcs += int(d.off[u+1] - d.off[u])
	}
	return arcs
}

// expand finds the next level; it returns false if there is none.
func (d *side) expand() bool {
	lo, hi := d.frontier, len(d.order)
	d.depth++
	for _, u := range d.order[lo:hi] {
		for _, v := range d.to[d.off[u]:d.off[u+1]] {
			if d.dist[v] < 0 {
				d.dist[v] = d.depth
				d.order = append(d.order, v)
			}
			if d.dist[v] == d.depth {
				d.paths[v] += d.paths[u]
			}
		}
	}
	d.frontier = hi
	return len(d.order) > hi
}

// walk draws a shortest path from v back to the end and visits its inner nodes,
// v left out.
func (d *side) walk(v uint32, rng *rand.Rand, visit func(uint32)) {
	for d.dist[v] > 1 {
		v = draw(d.backTo[d.backOff[v]:d.backOff[v+1]], d.paths[v], rng, func(u uint32) float64 {
			if d.dist[u] != d.dist[v]-1 {
				return 0
			}
			return d.paths[u]
		})
		visit(v)
	}
}
