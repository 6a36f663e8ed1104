// SPDX-License-Identifier: Apache-2.0

package path

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Components are the parts of a graph that hang together, directions ignored.
type Components struct {
	// Of is the component of each node, graph.None for nodes that the view hides.
	// Component 0 is the largest; of equal ones the one with the lowest node.
	Of []uint32
	// Size is the number of nodes of each component, in decreasing order.
	Size []int
}

// Largest returns the size of the largest component, 0 in an empty graph.
func (c Components) Largest() int {
	if len(c.Size) == 0 {
		return 0
	}
	return c.Size[0]
}

// FindComponents finds the weakly connected components by Afforest (Sutton,
// Ben-Nun & Barak, IPDPS 2018): link
// each node with its first two neighbours, guess the giant component, and look
// at the other arcs only of nodes outside it. O(n + m) at worst.
func FindComponents(ctx context.Context, g *graph.Graph, run work.Run) (Components, error) {
	n := g.Bound()
	f := forest{parent: make([]uint32, n)}
	for u := range f.parent {
		f.parent[u] = uint32(u)
	}
	const grain = 1 << 14
	const rounds = 2
	quiet := run.Quiet()
	err := quiet.Each(ctx, n, grain, func(_, lo, hi int) {
		var buf graph.Arcs
		for u := lo; u < hi; u++ {
			to := g.Neighbours(uint32(u), &buf)
			for _, v := range to[:min(rounds, len(to))] {
				f.link(uint32(u), v)
			}
		}
	})
	if err != nil {
		return Components{}, err
	}
	giant := f.guess()
	err = run.Each(ctx, n, grain, func(_, lo, hi int) {
		var buf graph.Arcs
		for u := lo; u < hi; u++ {
			if f.root(uint32(u)) == giant {
				continue
			}
			to := g.Neighbours(uint32(u), &buf)
			for _, v := range to[min(rounds, len(to)):] {
				f.link(uint32(u), v)
			}
			if g.Directed() {
				for _, v := range g.In(uint32(u), &buf).To {
					f.link(uint32(u), v)
				}
			}
		}
	})
	if err != nil {
		return Components{}, err
	}
	return f.components(g), nil
}

// forest is a union-find structure that several goroutines may link in: a
// parent has always a lower number than its child.
type forest struct{ parent []uint32 }

func (f *forest) root(u uint32) uint32 {
	for {
		p := atomic.LoadUint32(&f.parent[u])
		if p == u {
			return u
		}
		up := atomic.LoadUint32(&f.parent[p])
		if up != p {
			atomic.CompareAndSwapUint32(&f.parent[u], p, up) // halve the path
		}
		u = p
	}
}

func (f *forest) link(u, v uint32) {
	for {
		a, b := f.root(u), f.root(v)
		if a == b {
			return
		}
		if a < b {
			a, b = b, a
		}
		if atomic.CompareAndSwapUint32(&f.parent[a], a, b) {
			return
		}
	}
}

// guess returns the root that a thousand nodes spread over the graph have most
// often.
func (f *forest) guess() uint32 {
	n := len(f.parent)
	if n == 0 {
		return graph.None
	}
	hits := map[uint32]int{}
	best := f.root(0)
	for i := range 1024 {
		r := f.root(uint32(i * 7919 % n))
		hits[r]++
		if hits[r] > hits[best] {
			best = r
		}
	}
	return best
}

// components numbers the trees by size. A root is the lowest node of its tree.
func (f *forest) components(g *graph.Graph) Components {
	n := len(f.parent)
	of := make([]uint32, n)
	var roots []uint32
	size := make([]int, n)
	for u := range n {
		of[u] = graph.None
		if !g.Has(uint32(u)) {
			continue
		}
		r := f.root(uint32(u))
		if size[r] == 0 {
			roots = append(roots, r)
		}
		size[r]++
		of[u] = r
	}
	slices.SortStableFunc(roots, func(a, b uint32) int {
		if size[a] != size[b] {
			return size[b] - size[a]
		}
		return int(a) - int(b)
	})
	rank := make([]uint32, n)
	c := Components{Of: of, Size: make([]int, len(roots))}
	for i, r := range roots {
		rank[r] = uint32(i)
		c.Size[i] = size[r]
	}
	for u, r := range of {
		if r != graph.None {
			of[u] = rank[r]
		}
	}
	return c
}
