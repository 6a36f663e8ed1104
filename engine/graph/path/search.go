// SPDX-License-Identifier: Apache-2.0

package path

import (
	"container/heap"
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// label is one way to a node, worth keeping while no other way there is as
// short, as early and as few hops.
type label struct {
	node   graph.Node
	length float64
	bound  float64 // length with the least that is still to come
	at     int64   // time of the last tie
	hops   int
	from   *label
	edge   uint32
	weight float32
}

func (l *label) dominates(o *label) bool {
	return l.length <= o.length*(1+sameLength) && l.at <= o.at && l.hops <= o.hops
}

// search finds the shortest path that begins with the nodes of root and whose
// next node is not taken. The root's own ties are chosen anew, because with
// constraints an earlier tie may be worth a longer way.
func (y *yen) search(root []graph.Node, taken map[graph.Node]bool) (Path, bool) {
	for _, u := range root[:len(root)-1] {
		y.banned[u] = true
		defer func() { y.banned[u] = false }()
	}
	s := &frontier{kept: map[graph.Node][]*label{}, queue: newQueue()}
	for _, start := range y.along(root) {
		s.keep(start)
	}
	spur := root[len(root)-1]
	for steps := 0; s.queue.len() > 0; steps++ {
		if steps&0x3ff == 0x3ff && y.ctx.Err() != nil {
			return Path{}, false
		}
		l := s.queue.pop()
		if l.node == y.q.To {
			return y.path(l), true
		}
		if !slices.Contains(s.kept[l.node], l) {
			continue // a better way was found since
		}
		y.extend(l, func(next *label) {
			if y.banned[next.node] || next.node == spur || l.node == spur && taken[next.node] {
				return
			}
			s.keep(next)
		})
	}
	return Path{}, false
}

// along returns all ways worth keeping along the nodes of root.
func (y *yen) along(root []graph.Node) []*label {
	ways := []*label{{node: root[0], bound: y.back[root[0]], at: math.MinInt64, edge: graph.None}}
	for _, u := range root[1:] {
		s := &frontier{kept: map[graph.Node][]*label{}, queue: newQueue()}
		for _, l := range ways {
			y.extend(l, func(next *label) {
				if next.node == u {
					s.keep(next)
				}
			})
		}
		ways = s.kept[u]
	}
	return ways
}

// extend calls f with each way one tie longer that the constraints allow and
// that can still reach the end.
func (y *yen) extend(l *label, f func(*label)) {
	if y.q.MaxHops > 0 && l.hops == y.q.MaxHops {
		return
	}
	var buf graph.Arcs
	arcs := y.g.Out(l.node, &buf)
	for i, v := range arcs.To {
		if math.IsInf(y.back[v], 1) {
			continue
		}
		next := label{node: v, at: l.at, from: l, edge: arcs.EdgeAt(i), weight: arcs.WeightAt(i)}
		if y.q.Ordered {
			at := y.q.Time.Unix(int(next.edge))
			if at == math.MinInt64 || at < l.at {
				continue
			}
			next.at = at
		}
		if y.q.MaxHops > 0 {
			next.hops = l.hops + 1
		}
		next.length = l.length + y.q.Lengths.Of(next.weight)
		next.bound = next.length + y.back[v]
		f(&next)
	}
}

// path follows a label back to the beginning.
func (y *yen) path(l *label) Path {
	p := Path{Length: l.length}
	for ; l != nil; l = l.from {
		p.Nodes = append(p.Nodes, l.node)
		if l.from != nil {
			p.Edges = append(p.Edges, l.edge)
			p.Weights = append(p.Weights, l.weight)
		}
	}
	slices.Reverse(p.Nodes)
	slices.Reverse(p.Edges)
	slices.Reverse(p.Weights)
	if y.q.Grade != nil {
		for i, e := range p.Edges {
			grade := y.q.Grade.Grade(int(e))
			if i == 0 {
				p.Weakest = grade
			}
			p.Weakest = p.Weakest.Weaker(grade)
		}
	}
	return p
}

// frontier keeps the ways worth keeping.
type frontier struct {
	kept  map[graph.Node][]*label
	queue *queue
}

// keep takes a way unless a way that is known is as good in everything, and
// forgets those that it beats.
func (f *frontier) keep(l *label) {
	known := f.kept[l.node]
	for _, k := range known {
		if k.dominates(l) {
			return
		}
	}
	known = slices.DeleteFunc(known, func(k *label) bool { return l.dominates(k) })
	f.kept[l.node] = append(known, l)
	f.queue.push(l)
}

// queue orders labels by their bound, then by node.
type queue struct{ labels labelHeap }

func newQueue() *queue { return &queue{} }

func (q *queue) len() int      { return len(q.labels) }
func (q *queue) push(l *label) { heap.Push(&q.labels, l) }
func (q *queue) pop() *label   { return heap.Pop(&q.labels).(*label) }

type labelHeap []*label

func (h labelHeap) Len() int { return len(h) }
func (h labelHeap) Less(i, j int) bool {
	if h[i].bound != h[j].bound {
		return h[i].bound < h[j].bound
	}
	return h[i].node < h[j].node
}
func (h labelHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *labelHeap) Push(x any)   { *h = append(*h, x.(*label)) }
func (h *labelHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
