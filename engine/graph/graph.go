// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"math"
	"sync"
)

// Node numbers a node of one graph: 0…Bound()-1.
type Node = uint32

// None is no node.
const None Node = math.MaxUint32

// MaxArcs is how many directed arcs a graph can hold; an undirected edge is two
// arcs.
const MaxArcs = math.MaxUint32

// Graph is a network, or a filtered view of one. The zero Graph is empty.
type Graph struct {
	*storage
	nodes bits // nodes that this view shows; nil means all
	outs  bits // arcs of out that this view shows; nil means all
	ins   bits // arcs of in, likewise
	order int  // nodes shown
	size  int  // edges shown
}

// storage is what a graph shares with all its views.
type storage struct {
	directed bool
	multi    bool
	labels   labels
	out      half
	in       half // the same as out when undirected
	edgeRows int  // bound of edge numbers; 0 if edges have none
	nodeCols []*Column
	edgeCols []*Column
	byLabel  func() []Node // node numbers in the order of their labels, made on first use
	mapped   []byte        // the file that the arrays lie in, if any
}

// half is the arcs in one direction: those of node u are off[u]…off[u+1].
type half struct {
	off    []uint32 // n+1 entries, or none for an empty graph
	to     []Node
	weight []float32 // nil if unweighted
	edge   []uint32  // edge numbers; nil if edges have none
}

func newGraph(s *storage) *Graph {
	s.byLabel = sync.OnceValue(s.labels.sorted)
	g := &Graph{storage: s, order: s.labels.len()}
	g.size = len(s.out.to)
	if !s.directed {
		g.size /= 2
	}
	return g
}

func (g *Graph) empty() bool { return g == nil || g.storage == nil }

// Bound returns the number above every node number. It is the same for all
// views of a graph, so that results of views can be laid side by side.
func (g *Graph) Bound() int {
	if g.empty() {
		return 0
	}
	return g.labels.len()
}

// Order returns how many nodes the view shows.
func (g *Graph) Order() int {
	if g.empty() {
		return 0
	}
	return g.order
}

// Size returns how many edges the view shows; parallel edges count each.
func (g *Graph) Size() int {
	if g.empty() {
		return 0
	}
	return g.size
}

// Directed reports whether edges have a direction.
func (g *Graph) Directed() bool { return !g.empty() && g.directed }

// Multi reports whether two nodes may have several edges between them.
func (g *Graph) Multi() bool { return !g.empty() && g.multi }

// Weighted reports whether edges carry weights other than 1.
func (g *Graph) Weighted() bool { return !g.empty() && g.out.weight != nil }

// Has reports whether the view shows node u.
func (g *Graph) Has(u Node) bool {
	return int(u) < g.Bound() && (g.nodes == nil || g.nodes.has(int(u)))
}

// Nodes returns the nodes that the view shows, in increasing order.
func (g *Graph) Nodes() []Node {
	list := make([]Node, 0, g.Order())
	for u := range g.Bound() {
		if g.nodes == nil || g.nodes.has(u) {
			list = append(list, Node(u))
		}
	}
	return list
}

// Label returns the name of node u.
func (g *Graph) Label(u Node) string { return g.labels.at(int(u)) }

// Lookup returns the node with the given label, if the view shows it. It takes
// O(log n); the first call sorts the labels.
func (g *Graph) Lookup(label string) (Node, bool) {
	if g.empty() {
		return None, false
	}
	u, ok := g.labels.find(g.byLabel(), label)
	return u, ok && g.Has(u)
}

// Degree returns the number of edges at u: in a directed graph those that leave
// and those that arrive.
func (g *Graph) Degree(u Node) int {
	if !g.Directed() {
		return g.OutDegree(u)
	}
	return g.OutDegree(u) + g.InDegree(u)
}

// OutDegree returns the number of edges that leave u. In a filtered view it
// takes O(arcs of u).
func (g *Graph) OutDegree(u Node) int { return g.degree(&g.out, g.outs, u) }

// InDegree returns the number of edges that arrive at u; in an undirected graph
// it is OutDegree.
func (g *Graph) InDegree(u Node) int { return g.degree(&g.in, g.ins, u) }

func (g *Graph) degree(h *half, arcs bits, u Node) int {
	lo, hi := h.off[u], h.off[u+1]
	if !g.filtered() {
		return int(hi - lo)
	}
	count := 0
	for i := lo; i < hi; i++ {
		if g.shows(arcs, u, i, h.to[i]) {
			count++
		}
	}
	return count
}

// Bytes returns the memory of the arcs, offsets and labels, without columns.
func (g *Graph) Bytes() int {
	if g.empty() {
		return 0
	}
	total := g.out.bytes() + g.labels.bytes()
	if g.directed {
		total += g.in.bytes()
	}
	return total
}

func (h *half) bytes() int {
	return 4 * (len(h.off) + len(h.to) + len(h.weight) + len(h.edge))
}
