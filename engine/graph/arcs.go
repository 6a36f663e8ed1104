// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"fmt"
	"slices"
)

// Arcs are the arcs of one node, as columns of equal length: the node at the
// other end, the weight (nil if unweighted), and the number of the edge (nil if
// edges have none). Neighbours are in increasing order.
type Arcs struct {
	To     []Node
	Weight []float32
	Edge   []uint32
}

// WeightAt returns the weight of the i-th arc, 1 in an unweighted graph.
func (a Arcs) WeightAt(i int) float32 {
	if a.Weight == nil {
		return 1
	}
	return a.Weight[i]
}

// EdgeAt returns the edge number of the i-th arc, None if edges have none.
func (a Arcs) EdgeAt(i int) uint32 {
	if a.Edge == nil {
		return None
	}
	return a.Edge[i]
}

// Out returns the arcs that leave u. The result belongs to the graph or to buf
// and must not be changed; it holds until buf is used again. Only filtered views
// write to buf.
func (g *Graph) Out(u Node, buf *Arcs) Arcs { return g.arcs(&g.out, g.outs, u, buf) }

// In returns the arcs that arrive at u, as Out does; To holds where they come
// from.
func (g *Graph) In(u Node, buf *Arcs) Arcs { return g.arcs(&g.in, g.ins, u, buf) }

// Both returns the arcs that leave u and, in a directed graph, those that arrive,
// as Out does. A directed graph always writes to buf.
func (g *Graph) Both(u Node, buf *Arcs) Arcs {
	if !g.Directed() {
		return g.Out(u, buf)
	}
	buf.reset()
	g.collect(&g.out, g.outs, u, buf)
	g.collect(&g.in, g.ins, u, buf)
	return *buf
}

// Neighbours returns the nodes that arcs from u lead to, as Out does.
func (g *Graph) Neighbours(u Node, buf *Arcs) []Node {
	lo, hi := g.out.off[u], g.out.off[u+1]
	if !g.filtered() {
		return g.out.to[lo:hi]
	}
	return g.Out(u, buf).To
}

func (g *Graph) arcs(h *half, arcs bits, u Node, buf *Arcs) Arcs {
	if g.filtered() {
		buf.reset()
		g.collect(h, arcs, u, buf)
		return *buf
	}
	lo, hi := h.off[u], h.off[u+1]
	a := Arcs{To: h.to[lo:hi]}
	if h.weight != nil {
		a.Weight = h.weight[lo:hi]
	}
	if h.edge != nil {
		a.Edge = h.edge[lo:hi]
	}
	return a
}

func (a *Arcs) reset() { a.To, a.Weight, a.Edge = a.To[:0], a.Weight[:0], a.Edge[:0] }

// collect appends the shown arcs of u in h to buf.
func (g *Graph) collect(h *half, arcs bits, u Node, buf *Arcs) {
	if g.nodes != nil && !g.nodes.has(int(u)) {
		return
	}
	for i := h.off[u]; i < h.off[u+1]; i++ {
		if !g.shows(arcs, u, i, h.to[i]) {
			continue
		}
		buf.To = append(buf.To, h.to[i])
		if h.weight != nil {
			buf.Weight = append(buf.Weight, h.weight[i])
		}
		if h.edge != nil {
			buf.Edge = append(buf.Edge, h.edge[i])
		}
	}
	if h.weight == nil {
		buf.Weight = nil
	}
	if h.edge == nil {
		buf.Edge = nil
	}
}

// HasArc reports whether an arc leads from u to v. It takes O(log degree) in a
// graph, O(degree) in a filtered view.
func (g *Graph) HasArc(u, v Node) bool {
	var buf Arcs
	_, found := slices.BinarySearch(g.Neighbours(u, &buf), v)
	return found
}

// Lengths says what the weight of an edge means for the length of a path.
type Lengths int

// The meanings of a weight.
const (
	// Hops counts edges and ignores weights.
	Hops Lengths = iota
	// Inverse is for weights that count contacts or measure strength: a strong
	// tie is a short way, 1/w (Newman, Phys. Rev. E 64, 016132, 2001).
	Inverse
	// Direct is for weights that are lengths or costs.
	Direct
)

// Of returns the length of an edge of weight w.
func (l Lengths) Of(w float32) float64 {
	switch l {
	case Inverse:
		return 1 / float64(w)
	case Direct:
		return float64(w)
	default:
		return 1
	}
}

// String returns the name that ParseLengths reads.
func (l Lengths) String() string {
	return [...]string{"hops", "contacts", "distance"}[l]
}

// ParseLengths reads "hops", "contacts" (Inverse) or "distance" (Direct).
func ParseLengths(name string) (Lengths, error) {
	for _, l := range []Lengths{Hops, Inverse, Direct} {
		if l.String() == name {
			return l, nil
		}
	}
	return Hops, fmt.Errorf("%q is no meaning of a weight: say hops, contacts or distance", name)
}
