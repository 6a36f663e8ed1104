// SPDX-License-Identifier: Apache-2.0

package draw

import (
	"math"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/internal/heap"
)

// ways measures the distance between nodes of one component: a tie is as long as
// its ends have few neighbours in common, and longer between groups.
type ways struct {
	off    []int
	to     []uint32
	length []float32
	queue  *heap.Heap
	dist   []float32
}

func newWays(c *component, local map[graph.Node]uint32) *ways {
	n := len(c.nodes)
	w := &ways{off: make([]int, n+1), queue: heap.New(n), dist: make([]float32, n)}
	var buf graph.Arcs
	for i, u := range c.nodes {
		for _, v := range c.g.Neighbours(u, &buf) {
			length := float32(1)
			if c.groups != nil && c.groups[u] != c.groups[v] {
				length = c.apart
			}
			// Ties between two nodes of many ties are longer: hubs need room.
			crowd := math.Sqrt(float64(min(c.g.OutDegree(u), c.g.OutDegree(v))))
			w.to = append(w.to, local[v])
			w.length = append(w.length, length*float32(0.7+0.3*crowd))
		}
		w.off[i+1] = len(w.to)
	}
	return w
}

// from returns the distance of every node from one, until the next call.
func (w *ways) from(source uint32) []float32 {
	for i := range w.dist {
		w.dist[i] = math.MaxFloat32
	}
	w.dist[source] = 0
	w.queue.Push(source, 0)
	for w.queue.Len() > 0 {
		u, d := w.queue.Pop()
		for k := w.off[u]; k < w.off[u+1]; k++ {
			v := w.to[k]
			if next := float32(d) + w.length[k]; next < w.dist[v] {
				w.dist[v] = next
				w.queue.Push(v, float64(next))
			}
		}
	}
	return w.dist
}
