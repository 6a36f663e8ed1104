// SPDX-License-Identifier: Apache-2.0

package path

import (
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// Hop is a node with its distance from where a search began.
type Hop struct {
	Node graph.Node
	Hops int
}

// Near returns the nodes within so many hops of the start, itself included,
// nearest first and of equal ones the lower number first; directions are
// ignored. At most limit nodes are returned, 0 meaning all; more tells that there
// were others, so that a hub with a million neighbours can be shown in part.
func Near(g *graph.Graph, start graph.Node, hops, limit int) (found []Hop, more bool) {
	if limit <= 0 {
		limit = math.MaxInt
	}
	if !g.Has(start) {
		return nil, false
	}
	seen := map[graph.Node]bool{start: true}
	found = append(found, Hop{start, 0})
	var buf graph.Arcs
	for lo, d := 0, 1; d <= hops; d++ {
		hi := len(found)
		var level []graph.Node
		for _, h := range found[lo:hi] {
			for _, v := range g.Both(h.Node, &buf).To {
				if !seen[v] {
					seen[v] = true
					level = append(level, v)
				}
			}
		}
		slices.Sort(level)
		for _, v := range level {
			if len(found) == limit {
				return found, true
			}
			found = append(found, Hop{v, d})
		}
		lo = hi
	}
	return found, false
}

// Common is a neighbour of two nodes.
type Common struct {
	Node   graph.Node
	Degree int     // how many neighbours it has itself
	Weight float64 // 1/ln(Degree): knowing somebody whom everybody knows means little (Adamic & Adar)
}

// CommonNeighbours returns the nodes that are neighbours of both a and b, those
// that mean most first; directions are ignored. O(neighbours of a and b).
func CommonNeighbours(g *graph.Graph, a, b graph.Node) []Common {
	var first, second graph.Arcs
	mine := distinct(g.Both(a, &first).To)
	theirs := distinct(g.Both(b, &second).To)
	var shared []Common
	var buf graph.Arcs
	for i, j := 0, 0; i < len(mine) && j < len(theirs); {
		switch {
		case mine[i] < theirs[j]:
			i++
		case mine[i] > theirs[j]:
			j++
		default:
			degree := len(distinct(g.Both(mine[i], &buf).To))
			shared = append(shared, Common{mine[i], degree, 1 / math.Log(float64(max(degree, 2)))})
			i++
			j++
		}
	}
	slices.SortStableFunc(shared, func(x, y Common) int { return x.Degree - y.Degree })
	return shared
}

// distinct returns the numbers of a list once each, sorted.
func distinct(nodes []graph.Node) []graph.Node {
	list := slices.Clone(nodes)
	slices.Sort(list)
	return slices.Compact(list)
}
