// SPDX-License-Identifier: Apache-2.0

package community

import (
	"github.com/turnstone-project/turnstone/engine/graph"
)

// level is a weighted undirected graph whose nodes are groups of base nodes. A
// group's inner edges count in its strength and are not arcs.
type level struct {
	off      []uint32
	to       []uint32
	weight   []float64 // nil if all weigh 1
	strength []float64 // sum of weights at each node, inner edges twice
	inner    []float64 // twice the weight of inner edges; nil if there are none
}

func (l *level) n() int { return len(l.strength) }

func newLevel(g *graph.Graph) *level {
	n := g.Bound()
	l := &level{off: make([]uint32, n+1), to: make([]uint32, 0, 2*g.Size()), strength: make([]float64, n)}
	if g.Weighted() {
		l.weight = make([]float64, 0, 2*g.Size())
	}
	var buf graph.Arcs
	for u := range n {
		arcs := g.Out(graph.Node(u), &buf)
		l.to = append(l.to, arcs.To...)
		for _, w := range arcs.Weight {
			l.weight = append(l.weight, float64(w))
			l.strength[u] += float64(w)
		}
		if !g.Weighted() {
			l.strength[u] = float64(len(arcs.To))
		}
		l.off[u+1] = uint32(len(l.to))
	}
	return l
}

// arcs returns the neighbours of u and their weights, nil if all weigh 1.
func (l *level) arcs(u uint32) ([]uint32, []float64) {
	lo, hi := l.off[u], l.off[u+1]
	if l.weight == nil {
		return l.to[lo:hi], nil
	}
	return l.to[lo:hi], l.weight[lo:hi]
}

// scratch is memory that every level uses anew.
type scratch struct {
	weight   []float64 // to each community from the node at hand; 0 if none
	touched  []uint32  // communities with weight, in the order in which they were met
	strength []float64 // of each community
	size     []uint32  // nodes of each community
	cut      []float64 // weight from each refined part to the rest of its community
	renumber []uint32
	queue    []uint32
	waiting  []bool
	free     []uint32
}

func newScratch(n int) *scratch {
	return &scratch{
		weight: make([]float64, n), strength: make([]float64, n), size: make([]uint32, n),
		cut: make([]float64, n), renumber: make([]uint32, n), waiting: make([]bool, n), queue: make([]uint32, n),
	}
}

// meet sums the weights from u to each community around it.
func (s *scratch) meet(l *level, u uint32, member []uint32) {
	to, weight := l.arcs(u)
	for i, v := range to {
		c := member[v]
		if s.weight[c] == 0 {
			s.touched = append(s.touched, c)
		}
		if weight == nil {
			s.weight[c]++
		} else {
			s.weight[c] += weight[i]
		}
	}
}

func (s *scratch) forget() {
	for _, c := range s.touched {
		s.weight[c] = 0
	}
	s.touched = s.touched[:0]
}

// aggregate makes a node of each part.
func (l *level) aggregate(part []uint32, count int, s *scratch) *level {
	next := &level{
		off: make([]uint32, count+1), strength: make([]float64, count), inner: make([]float64, count),
	}
	start, members := grouped(part, count)
	for p := range count {
		for _, u := range members[start[p]:start[p+1]] {
			next.strength[p] += l.strength[u]
			if l.inner != nil {
				next.inner[p] += l.inner[u]
			}
			s.meet(l, u, part)
		}
		for _, q := range s.touched {
			if q == uint32(p) {
				next.inner[p] += s.weight[q]
				continue
			}
			next.to = append(next.to, q)
			next.weight = append(next.weight, s.weight[q])
		}
		s.forget()
		next.off[p+1] = uint32(len(next.to))
	}
	return next
}

// grouped lists nodes by part: those of part p are members[start[p]:start[p+1]].
func grouped(part []uint32, count int) (start, members []uint32) {
	start = make([]uint32, count+1)
	for _, p := range part {
		start[p+1]++
	}
	for p := range count {
		start[p+1] += start[p]
	}
	members = make([]uint32, len(part))
	next := append([]uint32(nil), start...)
	for u, p := range part {
		members[next[p]] = uint32(u)
		next[p]++
	}
	return start, members
}

// modularity is Σ over communities of (inner weight − γ·strength²/total)/total,
// total being twice the weight of all edges (Newman 2006; Reichardt & Bornholdt
// 2006 for γ). 0 without edges.
func (l *level) modularity(member []uint32, gamma, total float64) float64 {
	if total == 0 {
		return 0
	}
	inner := 0.0
	strength := make([]float64, len(member))
	for u := range l.n() {
		to, weight := l.arcs(uint32(u))
		for i, v := range to {
			if member[v] == member[u] {
				if weight == nil {
					inner++
				} else {
					inner += weight[i]
				}
			}
		}
		if l.inner != nil {
			inner += l.inner[u]
		}
		strength[member[u]] += l.strength[u]
	}
	expected := 0.0
	for _, k := range strength {
		expected += k * k
	}
	return inner/total - gamma*expected/(total*total)
}
