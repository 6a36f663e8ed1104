// SPDX-License-Identifier: Apache-2.0

// Package random makes networks by chance, the same for the same seed: for
// tests, benchmarks, and for asking how unusual a real network is. Nodes are
// labelled with their number.
//
// It must never be taken for data about anybody.
//
// All functions may be called by several goroutines at the same time.
package random

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Pair is an edge by the numbers of its ends.
type Pair [2]uint32

// Uniform returns m distinct undirected edges among n nodes, each set of edges
// equally likely (Erdős & Rényi). It takes O(m) while m is at most half of all
// pairs; there are never more than all pairs.
func Uniform(n, m int, seed uint64) []Pair {
	rng := work.Random(seed, 1)
	m = min(m, n*(n-1)/2)
	seen := make(map[Pair]bool, m)
	edges := make([]Pair, 0, m)
	for len(edges) < m {
		p := pair(rng, n)
		if p[0] != p[1] && !seen[p] {
			seen[p] = true
			edges = append(edges, p)
		}
	}
	return edges
}

// Loose is Uniform without the memory of what was drawn before: edges may come
// twice, and are then merged when a graph is built.
func Loose(n, m int, seed uint64) []Pair {
	rng := work.Random(seed, 2)
	edges := make([]Pair, m)
	for i := range edges {
		edges[i] = pair(rng, n)
	}
	return edges
}

func pair(rng *rand.Rand, n int) Pair {
	u, v := uint32(rng.IntN(n)), uint32(rng.IntN(n))
	return Pair{min(u, v), max(u, v)}
}

// Planted returns edges among groups·size nodes, of which a node has on average
// inside within its own group and outside with all others; group g holds the
// nodes g·size…(g+1)·size-1.
func Planted(groups, size int, inside, outside float64, seed uint64) []Pair {
	rng := work.Random(seed, 3)
	n := groups * size
	var edges []Pair
	for g := range groups {
		for range int(inside * float64(size) / 2) {
			p := pair(rng, size)
			edges = append(edges, Pair{p[0] + uint32(g*size), p[1] + uint32(g*size)})
		}
	}
	for range int(outside * float64(n) / 2) {
		edges = append(edges, pair(rng, n))
	}
	return edges
}

// Preferential returns a network that grows by one node at a time, each tied to
// k earlier ones in proportion to their ties (Barabási & Albert): few hubs, many
// loose ends.
func Preferential(n, k int, seed uint64) []Pair {
	rng := work.Random(seed, 4)
	var edges []Pair
	ends := []uint32{0}
	for u := 1; u < n; u++ {
		for range min(k, u) {
			v := ends[rng.IntN(len(ends))]
			edges = append(edges, Pair{v, uint32(u)})
			ends = append(ends, v)
		}
		for range min(k, u) {
			ends = append(ends, uint32(u))
		}
	}
	return edges
}

// Graph builds a graph of n nodes from edges. With Weighted options edge i
// weighs 1 + i mod 4.
func Graph(n int, edges []Pair, opts graph.Options) (*graph.Graph, error) {
	b := graph.NewBuilder(opts)
	var label []byte
	for u := range n {
		label = strconv.AppendInt(label[:0], int64(u), 10)
		b.Node(label)
	}
	for i, e := range edges {
		if err := b.Edge(e[0], e[1], float64(1+i%4)); err != nil {
			return nil, fmt.Errorf("edge %d: %w", i, err)
		}
	}
	g, _, err := b.Build()
	return g, err
}
