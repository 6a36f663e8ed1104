// SPDX-License-Identifier: Apache-2.0

package centrality

import (
	"math"

	"github.com/turnstone-project/turnstone/engine/graph/internal/heap"
)

// sameLength is how far two lengths may lie apart, relatively, to count as
// equal: sums of 1/w differ by rounding according to the order of the edges.
const sameLength = 1e-12

// lengthSearcher counts shortest paths by length, with Dijkstra's algorithm.
type lengthSearcher struct {
	c          *compact
	sum        *totals
	queue      *heap.Heap
	dist       []float64
	paths      []float64
	dependency []float64
	settled    []bool
	order      []uint32
}

func newLengthSearcher(c *compact) *lengthSearcher {
	n := c.len()
	l := &lengthSearcher{
		c: c, sum: newTotals(n), queue: heap.New(n), dist: make([]float64, n),
		paths: make([]float64, n), dependency: make([]float64, n), settled: make([]bool, n),
	}
	for i := range l.dist {
		l.dist[i] = math.Inf(1)
	}
	return l
}

func (l *lengthSearcher) totals() *totals { return l.sum }

func (l *lengthSearcher) search(source uint32) {
	c := l.c
	l.order = l.order[:0]
	l.dist[source], l.paths[source] = 0, 1
	l.queue.Push(source, 0)
	for l.queue.Len() > 0 {
		v, _ := l.queue.Pop()
		l.settled[v] = true
		l.order = append(l.order, v)
		for i := c.off[v]; i < c.off[v+1]; i++ {
			l.relax(v, c.to[i], l.dist[v]+c.length[i])
		}
	}
	for i := len(l.order) - 1; i >= 0; i-- {
		l.depend(source, l.order[i])
	}
	l.sum.reach[source] += float64(len(l.order))
	for _, v := range l.order {
		if v != source {
			l.sum.close[source] += l.dist[v]
			l.sum.harmonic[source] += 1 / l.dist[v]
		}
		l.dist[v], l.paths[v], l.dependency[v], l.settled[v] = math.Inf(1), 0, 0, false
	}
}

func (l *lengthSearcher) relax(v, w uint32, d float64) {
	if l.settled[w] {
		return
	}
	switch known := l.dist[w]; {
	case d < known*(1-sameLength):
		l.dist[w], l.paths[w] = d, l.paths[v]
		l.queue.Push(w, d)
	case d <= known*(1+sameLength):
		l.paths[w] += l.paths[v]
	}
}

// depend adds what the source's paths to v's successors owe to v. A successor
// is a neighbour that v was a last step to.
func (l *lengthSearcher) depend(source, v uint32) {
	c := l.c
	for i := c.off[v]; i < c.off[v+1]; i++ {
		w := c.to[i]
		d := l.dist[v] + c.length[i]
		if d <= l.dist[w]*(1+sameLength) && l.dist[w] > l.dist[v] {
			l.dependency[v] += l.paths[v] / l.paths[w] * (1 + l.dependency[w])
		}
	}
	if v != source {
		l.sum.between[v] += l.dependency[v]
	}
}
