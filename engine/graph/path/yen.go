// SPDX-License-Identifier: Apache-2.0

package path

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// Query asks for the shortest paths between two nodes.
type Query struct {
	From, To graph.Node
	// Paths is how many are wanted; 0 means 1.
	Paths   int
	Lengths graph.Lengths
	// Grade is the column with the grades of ties; with it Weakest is the grade
	// that every tie of a path must reach, and paths tell their weakest.
	Grade   *graph.Column
	Weakest graph.Grade
	// Time is the column with the times of ties. With Ordered no tie of a path may
	// be earlier than the one before it, and ties without a time are left out:
	// something can only be passed on after it was received.
	Time    *graph.Column
	Ordered bool
	// MaxHops is the most ties a path may have; 0 means any number.
	MaxHops int
}

// Path is one way from node to node.
type Path struct {
	Nodes   []graph.Node
	Edges   []uint32 // number of each tie, graph.None where ties have none
	Weights []float32
	Length  float64
	Weakest graph.Grade // what is left of all grades; no grade if any tie has none
}

// Errors of a Query that can't be answered.
var (
	ErrNode    = errors.New("the node is not in the network")
	ErrSame    = errors.New("both ends are the same node")
	ErrColumns = errors.New("the order in time needs a column with times")
)

// Shortest finds the shortest paths without repeated nodes, the shortest first,
// each another sequence of nodes (Yen, Management Science 17, 1971). Of parallel
// ties a path takes those that make it shortest. Of equally long paths those
// with fewer ties come first, then those with lower nodes; which of them are
// found when there are more than were asked for is left open. Arcs are followed
// in their direction. When there are fewer paths, fewer are returned; none is no
// error.
//
// Each of the k paths takes about as many searches as it has nodes; a search
// takes O((n + m) log n), more when time or MaxHops make several ways to one node
// worth keeping.
func Shortest(ctx context.Context, g *graph.Graph, q Query) ([]Path, error) {
	if err := q.check(g); err != nil {
		return nil, err
	}
	if q.Grade != nil && q.Weakest != 0 {
		g = g.AtLeast(q.Grade, q.Weakest)
	}
	y := &yen{ctx: ctx, g: g, q: q, banned: make([]bool, g.Bound()), seen: map[string]bool{}}
	y.back = y.backward()
	first, ok := y.search([]graph.Node{q.From}, nil)
	if !ok {
		return nil, ctx.Err()
	}
	found := []Path{first}
	for len(found) < max(1, q.Paths) {
		y.spur(found)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(y.waiting) == 0 {
			break
		}
		best := slices.MinFunc(y.waiting, comparePaths)
		y.waiting = slices.DeleteFunc(y.waiting, func(p Path) bool { return slices.Equal(p.Nodes, best.Nodes) })
		found = append(found, best)
	}
	slices.SortFunc(found, comparePaths)
	return found, nil
}

func (q *Query) check(g *graph.Graph) error {
	for _, u := range []graph.Node{q.From, q.To} {
		if !g.Has(u) {
			return fmt.Errorf("node %d: %w", u, ErrNode)
		}
	}
	if q.From == q.To {
		return ErrSame
	}
	if q.Ordered && q.Time == nil {
		return ErrColumns
	}
	return nil
}

// sameLength is how far two lengths may lie apart, relatively, to count as
// equal.
const sameLength = 1e-12

func comparePaths(a, b Path) int {
	if d := a.Length - b.Length; math.Abs(d) > sameLength*max(a.Length, b.Length) {
		if d < 0 {
			return -1
		}
		return 1
	}
	if d := len(a.Nodes) - len(b.Nodes); d != 0 {
		return d
	}
	return slices.Compare(a.Nodes, b.Nodes)
}

// yen is one run of Yen's algorithm.
type yen struct {
	ctx     context.Context
	g       *graph.Graph
	q       Query
	back    []float64 // length of the way from each node to the end, whatever the constraints
	banned  []bool    // nodes of the root
	seen    map[string]bool
	waiting []Path
}

// spur looks for deviations from the last path that was found, at each of its
// nodes: with the same root, over none of the arcs that a path with this root
// took before.
func (y *yen) spur(found []Path) {
	last := found[len(found)-1]
	for i := range len(last.Nodes) - 1 {
		root := last.Nodes[:i+1]
		taken := map[graph.Node]bool{}
		for _, p := range found {
			if len(p.Nodes) > i+1 && slices.Equal(p.Nodes[:i+1], root) {
				taken[p.Nodes[i+1]] = true
			}
		}
		p, ok := y.search(root, taken)
		if !ok {
			continue
		}
		if name := fmt.Sprint(p.Nodes); !y.seen[name] {
			y.seen[name] = true
			y.waiting = append(y.waiting, p)
		}
	}
}

// backward returns the length of the shortest way from every node to the end
// without constraints: a bound that leads the search (A*).
func (y *yen) backward() []float64 {
	dist := slices.Repeat([]float64{math.Inf(1)}, y.g.Bound())
	q := newQueue()
	dist[y.q.To] = 0
	q.push(&label{node: y.q.To})
	var buf graph.Arcs
	for q.len() > 0 {
		l := q.pop()
		if l.length > dist[l.node] {
			continue
		}
		arcs := y.g.In(l.node, &buf)
		for i, v := range arcs.To {
			if d := l.length + y.q.Lengths.Of(arcs.WeightAt(i)); d < dist[v] {
				dist[v] = d
				q.push(&label{node: v, length: d, bound: d})
			}
		}
	}
	return dist
}
