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

// sameGroups is the agreement of two partitions over the nodes that both have.
func (p *pairing) sameGroups(a, b community.Partition) float64 {
	var x, y []uint32
	for i := range p.labels {
		if p.a[i] != graph.None && p.b[i] != graph.None {
			x, y = append(x, a.Of[p.a[i]]), append(y, b.Of[p.b[i]])
		}
	}
	return community.Agreement(x, y)
}
