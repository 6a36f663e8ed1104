// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/community"
)

// pairing says which nodes of two graphs are the same: place i of all slices is
// one node, graph.None where it is not.
type pairing struct {
	labels []string
	a, b   []graph.Node
	placeB []int // place of each node of b
	nodes  Counts
}

func match(a, b *graph.Graph) *pairing {
	p := &pairing{placeB: make([]int, b.Bound())}
	for _, u := range a.Nodes() {
		v, ok := b.Lookup(a.Label(u))
		if ok {
			p.nodes.Kept++
			p.placeB[v] = len(p.labels)
		} else {
			p.nodes.Gone++
			v = graph.None
		}
		p.labels, p.a, p.b = append(p.labels, a.Label(u)), append(p.a, u), append(p.b, v)
	}
	for _, v := range b.Nodes() {
		if _, ok := a.Lookup(b.Label(v)); !ok {
			p.nodes.New++
			p.placeB[v] = len(p.labels)
			p.labels, p.a, p.b = append(p.labels, b.Label(v)), append(p.a, graph.None), append(p.b, v)
		}
	}
	return p
}

// ties counts the ties of two simple undirected graphs.
func (p *pairing) ties(a, b *graph.Graph) Counts {
	var c Counts
	var bufA, bufB graph.Arcs
	for i, u := range p.a {
		if u == graph.None {
			continue
		}
		theirs := map[int]bool{}
		if v := p.b[i]; v != graph.None {
			for _, w := range b.Neighbours(v, &bufB) {
				theirs[p.placeB[w]] = true
			}
		}
		for _, w := range a.Neighbours(u, &bufA) {
			if w < u {
				continue
			}
			if v, ok := b.Lookup(a.Label(w)); ok && theirs[p.placeB[v]] {
				c.Kept++
			}
		}
	}
	c.Gone, c.New = a.Size()-c.Kept, b.Size()-c.Kept
	return c
}

// sameGroups is the adjusted Rand index (Hubert & Arabie 1985) of two
// partitions over the nodes that both have; 1 if there are fewer than two.
func (p *pairing) sameGroups(a, b community.Partition) float64 {
	cells, rows, cols := map[[2]uint32]float64{}, map[uint32]float64{}, map[uint32]float64{}
	n := 0.0
	for i := range p.labels {
		if p.a[i] == graph.None || p.b[i] == graph.None {
			continue
		}
		x, y := a.Of[p.a[i]], b.Of[p.b[i]]
		cells[[2]uint32{x, y}]++
		rows[x]++
		cols[y]++
		n++
	}
	pairs := func(k float64) float64 { return k * (k - 1) / 2 }
	both, inA, inB := 0.0, 0.0, 0.0
	for _, k := range cells {
		both += pairs(k)
	}
	for _, k := range rows {
		inA += pairs(k)
	}
	for _, k := range cols {
		inB += pairs(k)
	}
	if n < 2 {
		return 1
	}
	expected := inA * inB / pairs(n)
	if most := (inA + inB) / 2; most != expected {
		return (both - expected) / (most - expected)
	}
	return 1
}
