// SPDX-License-Identifier: Apache-2.0

package centrality

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Degree returns the number of distinct neighbours of each node, directions
// ignored.
func Degree(g *graph.Graph) []int {
	g = g.Undirected(graph.First).Simple(graph.First)
	degree := make([]int, g.Bound())
	for u := range degree {
		degree[u] = g.OutDegree(graph.Node(u))
	}
	return degree
}

// Cores returns the core number of each node: the greatest k such that it lies
// in a part of the graph where everybody has k neighbours inside the part.
// Directions and parallel edges are ignored. O(n + m) by Batagelj & Zaveršnik
// (arXiv cs/0310049).
func Cores(g *graph.Graph) []int {
	g = g.Undirected(graph.First).Simple(graph.First)
	n := g.Bound()
	degree, most := make([]int, n), 0
	for u := range n {
		degree[u] = g.OutDegree(graph.Node(u))
		most = max(most, degree[u])
	}
	start := make([]int, most+2) // where each degree begins in order
	for _, d := range degree {
		start[d+1]++
	}
	for d := range most + 1 {
		start[d+1] += start[d]
	}
	order, place := make([]graph.Node, n), make([]int, n)
	fill := slices.Clone(start)
	for u, d := range degree {
		place[u] = fill[d]
		order[fill[d]] = graph.Node(u)
		fill[d]++
	}
	var buf graph.Arcs
	for i := range n {
		u := order[i]
		for _, v := range g.Neighbours(u, &buf) {
			if degree[v] <= degree[u] {
				continue
			}
			first := max(start[degree[v]], i+1) // v changes places with the first of its degree
			w := order[first]
			order[place[v]], order[first] = w, v
			place[w], place[v] = place[v], first
			start[degree[v]] = first + 1
			degree[v]--
		}
	}
	return degree
}

// Triangles returns the number of triangles that each node is a corner of.
// Directions and parallel edges are ignored. O(m^1.5): each triangle is found
// once, from its corner of least degree (Chiba & Nishizeki 1985), so that a hub
// with a million neighbours costs no more than its neighbours do.
func Triangles(ctx context.Context, g *graph.Graph, run work.Run) ([]int64, error) {
	g = g.Undirected(graph.First).Simple(graph.First)
	n := g.Bound()
	up := upward(g)
	count := make([]int64, n)
	marks := make([][]bool, run.Count(n))
	err := run.Each(ctx, n, 1<<10, func(w, lo, hi int) {
		if marks[w] == nil {
			marks[w] = make([]bool, n)
		}
		mark := marks[w]
		for u := lo; u < hi; u++ {
			mine := up.of(uint32(u))
			for _, v := range mine {
				mark[v] = true
			}
			for _, v := range mine {
				for _, x := range up.of(v) {
					if mark[x] {
						atomic.AddInt64(&count[u], 1)
						atomic.AddInt64(&count[v], 1)
						atomic.AddInt64(&count[x], 1)
					}
				}
			}
			for _, v := range mine {
				mark[v] = false
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return count, nil
}

// lists holds for each node the neighbours of higher degree.
type lists struct {
	off []uint32
	to  []graph.Node
}

func (l *lists) of(u graph.Node) []graph.Node { return l.to[l.off[u]:l.off[u+1]] }

func upward(g *graph.Graph) *lists {
	n := g.Bound()
	degree := make([]int, n)
	for u := range n {
		degree[u] = g.OutDegree(graph.Node(u))
	}
	l := &lists{off: make([]uint32, n+1), to: make([]graph.Node, 0, g.Size())}
	var buf graph.Arcs
	for u := range n {
		for _, v := range g.Neighbours(graph.Node(u), &buf) {
			if degree[v] > degree[u] || degree[v] == degree[u] && v > graph.Node(u) {
				l.to = append(l.to, v)
			}
		}
		l.off[u+1] = uint32(len(l.to))
	}
	return l
}

// Clustering returns the share of each node's pairs of neighbours that know each
// other, from its degree and triangles; 0 with fewer than two neighbours.
func Clustering(degree []int, triangles []int64) []float64 {
	share := make([]float64, len(degree))
	for u, d := range degree {
		if d > 1 {
			share[u] = 2 * float64(triangles[u]) / (float64(d) * float64(d-1))
		}
	}
	return share
}
