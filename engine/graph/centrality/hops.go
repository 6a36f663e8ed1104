// SPDX-License-Identifier: Apache-2.0

package centrality

// hopSearcher counts shortest paths by hops.
//
// Brandes' two sweeps ask of each arc whether it leads one level on, and the
// processor guesses the answer wrong about every other time. Here both sweeps
// are plain sums instead: seen[v] is the number of paths to v if v's level is
// finished and 0 if not, so the paths to a node of the next level are the sum of
// seen over all its neighbours, whatever their levels; likewise backwards. Big
// levels are found from the nodes that are not reached yet (Beamer, Asanović
// & Patterson, SC 2012), with the same sum.
type hopSearcher struct {
	c     *compact
	sum   *totals
	value []float64 // by node: paths to it, later (1+dependency)/paths; 0 outside finished levels
	seen  []bool
	order []uint32  // reached nodes, by level
	paths []float64 // by place in order
	level []int     // where each level begins in order; one more at the end
	rest  []uint32  // nodes that may not be reached yet
}

func newHopSearcher(c *compact) *hopSearcher {
	n := c.len()
	return &hopSearcher{
		c: c, sum: newTotals(n), value: make([]float64, n), seen: make([]bool, n),
		order: make([]uint32, 0, n), paths: make([]float64, n), rest: make([]uint32, 0, n),
	}
}

func (h *hopSearcher) totals() *totals { return h.sum }

func (h *hopSearcher) search(source uint32) {
	h.reach(source)
	h.distances(source)
	h.reset()
	h.depend()
	h.reset()
	for _, u := range h.order {
		h.seen[u] = false
	}
}

// reset clears value.
func (h *hopSearcher) reset() {
	if 8*len(h.order) > len(h.value) {
		clear(h.value)
		return
	}
	for _, u := range h.order {
		h.value[u] = 0
	}
}

// reach finds all nodes by level and counts the paths to them.
func (h *hopSearcher) reach(source uint32) {
	c := h.c
	h.order = append(h.order[:0], source)
	h.level = append(h.level[:0], 0, 1)
	h.paths[0], h.value[source], h.seen[source] = 1, 1, true
	unreached := len(c.inTo) - int(c.inOff[source+1]-c.inOff[source])
	haveRest := false
	for lo := 0; lo < len(h.order); {
		hi := len(h.order)
		frontier := 0
		for _, v := range h.order[lo:hi] {
			frontier += int(c.off[v+1] - c.off[v])
		}
		if 2*frontier > unreached {
			if !haveRest {
				h.rest = h.rest[:0]
				for v, seen := range h.seen {
					if !seen {
						h.rest = append(h.rest, uint32(v))
					}
				}
				haveRest = true
			}
			h.pull()
		} else {
			h.push(lo, hi)
		}
		for place := hi; place < len(h.order); place++ {
			v := h.order[place]
			h.value[v] = h.paths[place]
			unreached -= int(c.inOff[v+1] - c.inOff[v])
		}
		lo = hi
		if len(h.order) > hi {
			h.level = append(h.level, len(h.order))
		}
	}
}

// push finds the next level from the nodes of the last one.
func (h *hopSearcher) push(lo, hi int) {
	c := h.c
	for place := lo; place < hi; place++ {
		v := h.order[place]
		for _, w := range c.to[c.off[v]:c.off[v+1]] {
			if !h.seen[w] {
				h.seen[w] = true
				h.order = append(h.order, w)
			}
		}
	}
	for place := hi; place < len(h.order); place++ {
		w := h.order[place]
		h.paths[place] = gather(h.value, c.inTo[c.inOff[w]:c.inOff[w+1]])
	}
}

// pull finds the next level from the nodes that are not reached yet.
func (h *hopSearcher) pull() {
	c := h.c
	left := h.rest[:0]
	for _, w := range h.rest {
		if h.seen[w] {
			continue
		}
		paths := gather(h.value, c.inTo[c.inOff[w]:c.inOff[w+1]])
		if paths == 0 {
			left = append(left, w)
			continue
		}
		h.seen[w] = true
		h.paths[len(h.order)] = paths
		h.order = append(h.order, w)
	}
	h.rest = left
}

// distances adds up distances from the source.
func (h *hopSearcher) distances(source uint32) {
	for d := 1; d < len(h.level)-1; d++ {
		nodes := float64(h.level[d+1] - h.level[d])
		h.sum.close[source] += float64(d) * nodes
		h.sum.harmonic[source] += nodes / float64(d)
	}
	h.sum.reach[source] += float64(len(h.order))
}

// depend adds the dependencies of the source on all nodes, level by level from
// the farthest.
func (h *hopSearcher) depend() {
	c := h.c
	last := len(h.level) - 2
	for d := last; d >= 1; d-- {
		lo, hi := h.level[d], h.level[d+1]
		for place := lo; place < hi; place++ {
			v := h.order[place]
			dependency := 0.0
			if d < last {
				dependency = h.paths[place] * gather(h.value, c.to[c.off[v]:c.off[v+1]])
				h.sum.between[v] += dependency
			}
			h.paths[place] = (1 + dependency) / h.paths[place]
		}
		for place := lo; place < hi; place++ {
			h.value[h.order[place]] = h.paths[place]
		}
	}
}

// gather sums the values of some nodes. Four sums at a time keep the processor's
// adder busy.
func gather(value []float64, nodes []uint32) float64 {
	var a, b, c, d float64
	for len(nodes) >= 4 {
		a += value[nodes[0]]
		b += value[nodes[1]]
		c += value[nodes[2]]
		d += value[nodes[3]]
		nodes = nodes[4:]
	}
	for _, u := range nodes {
		a += value[u]
	}
	return a + b + (c + d)
}
