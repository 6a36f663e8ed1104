// SPDX-License-Identifier: Apache-2.0

package centrality

import (
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// compact is a private copy of a view with only the nodes that it shows,
// numbered so that neighbours lie near each other in memory.
type compact struct {
	node     []graph.Node // the graph's node of each number
	off      []uint32
	to       []uint32
	length   []float64 // of each arc; nil for hops
	inOff    []uint32  // the same as off when undirected
	inTo     []uint32
	directed bool
}

// newCompact copies g. Nodes are numbered in breadth-first order, so that the
// arrays that a search reads are read in almost rising order.
func newCompact(g *graph.Graph, lengths graph.Lengths) *compact {
	c := &compact{node: searchOrder(g), directed: g.Directed()}
	number := make([]uint32, g.Bound())
	for i, u := range c.node {
		number[u] = uint32(i)
	}
	var buf graph.Arcs
	c.off, c.to, c.length = copyArcs(c.node, number, lengths, func(u graph.Node) graph.Arcs { return g.Out(u, &buf) })
	c.inOff, c.inTo = c.off, c.to
	if c.directed {
		c.inOff, c.inTo, _ = copyArcs(c.node, number, graph.Hops, func(u graph.Node) graph.Arcs { return g.In(u, &buf) })
	}
	return c
}

func copyArcs(nodes []graph.Node, number []uint32, lengths graph.Lengths, arcsOf func(graph.Node) graph.Arcs) (off, to []uint32, length []float64) {
	off = make([]uint32, len(nodes)+1)
	for i, u := range nodes {
		off[i+1] = off[i] + uint32(len(arcsOf(u).To))
	}
	to = make([]uint32, 0, off[len(nodes)])
	if lengths != graph.Hops {
		length = make([]float64, 0, off[len(nodes)])
	}
	for _, u := range nodes {
		arcs := arcsOf(u)
		for i, v := range arcs.To {
			to = append(to, number[v])
			if length != nil {
				length = append(length, lengths.Of(arcs.WeightAt(i)))
			}
		}
	}
	return off, to, length
}

// searchOrder lists all shown nodes breadth first, beginning with those of most
// neighbours.
func searchOrder(g *graph.Graph) []graph.Node {
	starts := g.Nodes()
	degree := make([]int, g.Bound())
	for _, u := range starts {
		degree[u] = g.OutDegree(u)
	}
	slices.SortStableFunc(starts, func(a, b graph.Node) int { return degree[b] - degree[a] })
	seen := make([]bool, g.Bound())
	order := make([]graph.Node, 0, len(starts))
	var buf graph.Arcs
	for _, s := range starts {
		if seen[s] {
			continue
		}
		seen[s] = true
		order = append(order, s)
		for next := len(order) - 1; next < len(order); next++ {
			for _, v := range g.Neighbours(order[next], &buf) {
				if !seen[v] {
					seen[v] = true
					order = append(order, v)
				}
			}
		}
	}
	return order
}

func (c *compact) len() int { return len(c.node) }

// spread turns values by compact number into values by node.
func (c *compact) spread(values []float64, bound int) []float64 {
	all := make([]float64, bound)
	for i, u := range c.node {
		all[u] = values[i]
	}
	return all
}
