// SPDX-License-Identifier: Apache-2.0

package graph

// rows are edges as they came, before they are arranged by node.
type rows struct {
	from, to []Node
	weight   []float32 // nil if unweighted
	numbered bool      // keep the row as edge number
	mirrored bool      // undirected: each row is two arcs
}

// arrange sorts the rows into one half by two counting sorts, first by target,
// then by source: it takes O(n + m), and rows between the same nodes stay in the
// order in which they came. Loops are left out.
func (r rows) arrange(n int) half {
	byTarget := newHalf(n, r.offsets(n, true), r.weight != nil, r.numbered)
	next := append([]uint32(nil), byTarget.off...)
	put := func(row int, u, v Node) {
		at := next[v]
		next[v]++
		byTarget.to[at] = u
		if r.weight != nil {
			byTarget.weight[at] = r.weight[row]
		}
		if r.numbered {
			byTarget.edge[at] = uint32(row)
		}
	}
	for row, u := range r.from {
		v := r.to[row]
		if u == v {
			continue
		}
		put(row, u, v)
		if r.mirrored {
			put(row, v, u)
		}
	}
	return byTarget.transposeInto(r.offsets(n, false))
}

// offsets counts arcs by target or by source and sums them up.
func (r rows) offsets(n int, target bool) []uint32 {
	off := make([]uint32, n+1)
	for row, u := range r.from {
		v := r.to[row]
		if u == v {
			continue
		}
		if r.mirrored || !target {
			off[u+1]++
		}
		if r.mirrored || target {
			off[v+1]++
		}
	}
	for i := range n {
		off[i+1] += off[i]
	}
	return off
}

func newHalf(n int, off []uint32, weighted, numbered bool) half {
	arcs := off[n]
	h := half{off: off, to: make([]Node, arcs)}
	if weighted {
		h.weight = make([]float32, arcs)
	}
	if numbered {
		h.edge = make([]uint32, arcs)
	}
	return h
}

// transpose turns all arcs round.
func (h *half) transpose() half {
	n := len(h.off) - 1
	off := make([]uint32, n+1)
	for _, v := range h.to {
		off[v+1]++
	}
	for i := range n {
		off[i+1] += off[i]
	}
	return h.transposeInto(off)
}

// transposeInto turns all arcs round, given where the arcs of each node shall
// begin. Since nodes are visited in order, the new lists are sorted.
func (h *half) transposeInto(off []uint32) half {
	n := len(off) - 1
	turned := newHalf(n, off, h.weight != nil, h.edge != nil)
	next := append([]uint32(nil), off...)
	for u := range n {
		for i := h.off[u]; i < h.off[u+1]; i++ {
			at := next[h.to[i]]
			next[h.to[i]]++
			turned.to[at] = Node(u)
			if h.weight != nil {
				turned.weight[at] = h.weight[i]
			}
			if h.edge != nil {
				turned.edge[at] = h.edge[i]
			}
		}
	}
	return turned
}

// merge joins arcs to the same node, which stand side by side, and returns how
// many it joined.
func (h *half) merge(how Merge) int {
	n := len(h.off) - 1
	write := uint32(0)
	for u := range n {
		start, read, end := write, h.off[u], h.off[u+1]
		h.off[u] = start
		for ; read < end; read++ {
			if write > start && h.to[write-1] == h.to[read] {
				if h.weight != nil {
					h.weight[write-1] = how.join(h.weight[write-1], h.weight[read])
				}
				continue
			}
			h.to[write] = h.to[read]
			if h.weight != nil {
				h.weight[write] = h.weight[read]
			}
			write++
		}
	}
	merged := len(h.to) - int(write)
	h.off[n] = write
	if merged == 0 {
		return 0
	}
	h.to = append(make([]Node, 0, write), h.to[:write]...)
	if h.weight != nil {
		h.weight = append(make([]float32, 0, write), h.weight[:write]...)
	}
	return merged
}

func (m Merge) join(a, b float32) float32 {
	switch m {
	case First:
		return a
	case Most:
		return max(a, b)
	case Least:
		return min(a, b)
	default:
		return a + b
	}
}

// Simple returns a graph of the nodes and edges that the view shows in which
// parallel edges are merged. Node numbers, labels and node columns are shared;
// edge columns are gone. A simple graph is returned as it is.
func (g *Graph) Simple(how Merge) *Graph {
	if g.empty() || !g.multi {
		return g
	}
	return g.rebuilt(g.Edges(), g.directed, how)
}

// Undirected returns the view with the direction of its edges forgotten and
// parallel edges merged, as Simple does.
func (g *Graph) Undirected(how Merge) *Graph {
	if g.empty() || !g.directed {
		return g
	}
	return g.rebuilt(g.Edges(), false, how)
}

// With returns the view with further edges between nodes that it shows, as
// Simple does; where there is an edge already, its weight stays.
func (g *Graph) With(extra []Edge) *Graph {
	if g.empty() || len(extra) == 0 {
		return g
	}
	return g.rebuilt(append(g.Edges(), extra...), g.directed, First)
}

// rebuilt returns a simple graph with the nodes of g and the given edges.
func (g *Graph) rebuilt(edges []Edge, directed bool, how Merge) *Graph {
	r := rows{from: make([]Node, len(edges)), to: make([]Node, len(edges)), mirrored: !directed}
	if g.Weighted() {
		r.weight = make([]float32, len(edges))
	}
	for i, e := range edges {
		r.from[i], r.to[i] = e.From, e.To
		if r.weight != nil {
			r.weight[i] = e.Weight
		}
	}
	s := *g.storage
	s.directed, s.multi, s.edgeCols, s.edgeRows = directed, false, nil, 0
	s.out = r.arrange(g.Bound())
	s.out.merge(how)
	s.in = s.out
	if directed {
		s.in = s.out.transpose()
	}
	fresh := newGraph(&s)
	fresh.nodes, fresh.order = g.nodes, g.Order()
	return fresh
}
