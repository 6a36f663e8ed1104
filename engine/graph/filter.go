// SPDX-License-Identifier: Apache-2.0

package graph

import "time"

// bits is a set of small numbers, one bit each.
type bits []uint64

func newBits(n int) bits        { return make(bits, (n+63)/64) }
func (b bits) has(i int) bool   { return b[i>>6]&(1<<(i&63)) != 0 }
func (b bits) add(i int)        { b[i>>6] |= 1 << (i & 63) }
func (g *Graph) filtered() bool { return g.nodes != nil || g.outs != nil }

// Filtered reports whether this is a view that hides something.
func (g *Graph) Filtered() bool { return !g.empty() && g.filtered() }

func (b bits) hasOrAll(i int) bool { return b == nil || b.has(i) }

// shows reports whether the view shows arc i between u and v.
func (g *Graph) shows(arcs bits, u Node, i uint32, v Node) bool {
	return arcs.hasOrAll(int(i)) && (g.nodes == nil || g.nodes.has(int(u)) && g.nodes.has(int(v)))
}

// Edge is one edge as filters see it. In an undirected graph From < To.
type Edge struct {
	From, To Node
	Weight   float32 // 1 in an unweighted graph
	Number   uint32  // row in the edge columns; None if edges have none
}

// FilterNodes returns a view without the nodes that keep refuses, and without
// their edges. It copies one bit a node.
func (g *Graph) FilterNodes(keep func(Node) bool) *Graph {
	if g.empty() {
		return g
	}
	view := *g
	view.nodes = newBits(g.Bound())
	view.order = 0
	for u := range g.Bound() {
		if g.nodes.hasOrAll(u) && keep(Node(u)) {
			view.nodes.add(u)
			view.order++
		}
	}
	view.size = view.count()
	return &view
}

// Without returns a view without the given nodes and their edges.
func (g *Graph) Without(nodes ...Node) *Graph {
	gone := newBits(g.Bound())
	for _, u := range nodes {
		gone.add(int(u))
	}
	return g.FilterNodes(func(u Node) bool { return !gone.has(int(u)) })
}

// FilterEdges returns a view without the edges that keep refuses; nodes stay.
// Keep must answer the same each time that it is asked for an edge: in an
// undirected graph it is asked twice. It copies one bit an arc.
func (g *Graph) FilterEdges(keep func(Edge) bool) *Graph {
	if g.empty() {
		return g
	}
	view := *g
	view.outs = g.keepArcs(&g.out, g.outs, keep, false)
	view.ins = view.outs
	if g.directed {
		view.ins = g.keepArcs(&g.in, g.ins, keep, true)
	}
	view.size = view.count()
	return &view
}

// keepArcs asks keep for each shown arc of h; turned means that arcs lead to
// the node in whose list they stand.
func (g *Graph) keepArcs(h *half, shown bits, keep func(Edge) bool, turned bool) bits {
	kept := newBits(len(h.to))
	for u := range g.Bound() {
		for i := h.off[u]; i < h.off[u+1]; i++ {
			if !g.shows(shown, Node(u), i, h.to[i]) {
				continue
			}
			e := Edge{From: Node(u), To: h.to[i], Weight: 1, Number: None}
			if turned || !g.directed && e.From > e.To {
				e.From, e.To = e.To, e.From
			}
			if h.weight != nil {
				e.Weight = h.weight[i]
			}
			if h.edge != nil {
				e.Number = h.edge[i]
			}
			if keep(e) {
				kept.add(int(i))
			}
		}
	}
	return kept
}

// count counts the edges that the view shows.
func (g *Graph) count() int {
	arcs := 0
	for u := range g.Bound() {
		if g.nodes.hasOrAll(u) {
			arcs += g.OutDegree(Node(u))
		}
	}
	if g.directed {
		return arcs
	}
	return arcs / 2
}

// Edges returns all edges that the view shows, ordered by From and To. It
// copies; algorithms use Out.
func (g *Graph) Edges() []Edge {
	list := make([]Edge, 0, g.Size())
	var buf Arcs
	for _, u := range g.Nodes() {
		arcs := g.Out(u, &buf)
		for i, v := range arcs.To {
			if g.directed || u < v {
				list = append(list, Edge{u, v, arcs.WeightAt(i), arcs.EdgeAt(i)})
			}
		}
	}
	return list
}

// Relation returns a view of the edges whose text in col is one of words.
func (g *Graph) Relation(col *Column, words ...string) *Graph {
	wanted := map[uint32]bool{}
	for _, w := range words {
		if code, ok := col.Code(w); ok {
			wanted[code] = true
		}
	}
	return g.FilterEdges(func(e Edge) bool { return wanted[col.codes[e.Number]] })
}

// During returns a view of the edges whose time in col is not before from and
// before to; a zero time is no limit. Edges without a time are left out as soon
// as there is a limit, since nobody knows whether they belong.
func (g *Graph) During(col *Column, from, to time.Time) *Graph {
	return g.FilterEdges(func(e Edge) bool {
		at, ok := col.Time(int(e.Number))
		if from.IsZero() && to.IsZero() {
			return true
		}
		return ok && (from.IsZero() || !at.Before(from)) && (to.IsZero() || at.Before(to))
	})
}

// AtLeast returns a view of the edges whose grade in col is as good as weakest
// or better. Edges without a grade are left out.
func (g *Graph) AtLeast(col *Column, weakest Grade) *Graph {
	return g.FilterEdges(func(e Edge) bool { return col.Grade(int(e.Number)).AtLeast(weakest) })
}
