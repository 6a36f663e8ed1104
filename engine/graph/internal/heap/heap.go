// SPDX-License-Identifier: Apache-2.0

// Package heap is a priority queue of nodes by distance that can lower a key:
// what Dijkstra's algorithm needs. It must never allocate once it has grown. A
// Heap belongs to one goroutine.
package heap

// Heap is a four-way heap of nodes 0…n-1, each in it at most once; four
// children lie in one cache line, which makes it faster than two.
type Heap struct {
	key   []float64
	nodes []uint32
	place []int32 // where a node is in nodes; -1 if nowhere
}

// New returns an empty Heap for n nodes.
func New(n int) *Heap {
	h := &Heap{key: make([]float64, n), place: make([]int32, n)}
	for i := range h.place {
		h.place[i] = -1
	}
	return h
}

// Len returns how many nodes are in the heap.
func (h *Heap) Len() int { return len(h.nodes) }

// Push puts a node in, or lowers its key.
func (h *Heap) Push(u uint32, key float64) {
	if h.place[u] < 0 {
		h.place[u] = int32(len(h.nodes))
		h.nodes = append(h.nodes, u)
	} else if key >= h.key[u] {
		return
	}
	h.key[u] = key
	h.up(int(h.place[u]))
}

// Pop takes out the node with the least key; of equal keys the lowest node.
func (h *Heap) Pop() (uint32, float64) {
	top := h.nodes[0]
	last := len(h.nodes) - 1
	h.set(0, h.nodes[last])
	h.nodes = h.nodes[:last]
	h.place[top] = -1
	if last > 0 {
		h.down(0)
	}
	return top, h.key[top]
}

// Clear takes all nodes out.
func (h *Heap) Clear() {
	for _, u := range h.nodes {
		h.place[u] = -1
	}
	h.nodes = h.nodes[:0]
}

func (h *Heap) set(i int, u uint32) {
	h.nodes[i] = u
	h.place[u] = int32(i)
}

func (h *Heap) less(a, b uint32) bool {
	return h.key[a] < h.key[b] || h.key[a] == h.key[b] && a < b
}

func (h *Heap) up(i int) {
	u := h.nodes[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !h.less(u, h.nodes[parent]) {
			break
		}
		h.set(i, h.nodes[parent])
		i = parent
	}
	h.set(i, u)
}

func (h *Heap) down(i int) {
	u := h.nodes[i]
	for {
		first := 4*i + 1
		if first >= len(h.nodes) {
			break
		}
		best := first
		for c := first + 1; c < min(first+4, len(h.nodes)); c++ {
			if h.less(h.nodes[c], h.nodes[best]) {
				best = c
			}
		}
		if !h.less(h.nodes[best], u) {
			break
		}
		h.set(i, h.nodes[best])
		i = best
	}
	h.set(i, u)
}
