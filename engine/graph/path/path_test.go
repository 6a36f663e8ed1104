// SPDX-License-Identifier: Apache-2.0

package path_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/random"
)

// dated draws a small multigraph with times and grades, some of them missing.
func dated(t *rapid.T) *graph.Graph {
	n := rapid.IntRange(2, 7).Draw(t, "nodes")
	b := graph.NewBuilder(graph.Options{Multi: true, Weighted: true, Directed: rapid.Bool().Draw(t, "directed")})
	for u := range n {
		b.Node([]byte(strconv.Itoa(u)))
	}
	at, grade := graph.NewColumn("time", graph.Moment), graph.NewColumn("grade", graph.Graded)
	end := rapid.Uint32Range(0, uint32(n-1))
	for range rapid.IntRange(0, 14).Draw(t, "ties") {
		when := rapid.SampledFrom([]string{"", "2001", "2002", "2003", "2004"}).Draw(t, "time")
		how := rapid.SampledFrom([]string{"", "A1", "B2", "A3", "C1"}).Draw(t, "grade")
		if err := errors.Join(at.Append(when), grade.Append(how),
			b.Edge(end.Draw(t, "from"), end.Draw(t, "to"), float64(rapid.IntRange(1, 3).Draw(t, "weight")))); err != nil {
			t.Fatal(err)
		}
	}
	b.EdgeColumns(at, grade)
	g, _, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// allPaths finds by brute force the length of the shortest choice of ties for
// every sequence of nodes that meets the constraints, in rising order.
func allPaths(g *graph.Graph, q path.Query) []float64 {
	best := map[string]float64{}
	var walk func(nodes []graph.Node, length float64, at int64)
	walk = func(nodes []graph.Node, length float64, at int64) {
		u := nodes[len(nodes)-1]
		if u == q.To {
			name := ""
			for _, v := range nodes {
				name += strconv.Itoa(int(v)) + " "
			}
			if old, ok := best[name]; !ok || length < old {
				best[name] = length
			}
			return
		}
		if q.MaxHops > 0 && len(nodes) > q.MaxHops {
			return
		}
		var buf graph.Arcs
		arcs := g.Out(u, &buf)
		for i, v := range arcs.To {
			when := int64(math.MinInt64)
			if q.Ordered {
				when = q.Time.Unix(int(arcs.Edge[i]))
			}
			if slices.Contains(nodes, v) || q.Grade != nil && !q.Grade.Grade(int(arcs.Edge[i])).AtLeast(q.Weakest) ||
				q.Ordered && (when == math.MinInt64 || when < at) {
				continue
			}
			walk(append(slices.Clone(nodes), v), length+q.Lengths.Of(arcs.Weight[i]), when)
		}
	}
	walk([]graph.Node{q.From}, 0, math.MinInt64)
	lengths := []float64{}
	for _, l := range best {
		lengths = append(lengths, l)
	}
	slices.Sort(lengths)
	return lengths
}

func TestShortestMatchesBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := dated(t)
		q := path.Query{
			From: 0, To: 1, Paths: rapid.IntRange(1, 6).Draw(t, "paths"),
			Lengths: rapid.SampledFrom([]graph.Lengths{graph.Hops, graph.Inverse, graph.Direct}).Draw(t, "lengths"),
			MaxHops: rapid.IntRange(0, 4).Draw(t, "hops"),
		}
		q.Time, _ = g.EdgeColumn("time")
		q.Ordered = rapid.Bool().Draw(t, "ordered")
		if rapid.Bool().Draw(t, "graded") {
			q.Grade, _ = g.EdgeColumn("grade")
			q.Weakest, _ = graph.ParseGrade(rapid.SampledFrom([]string{"B2", "C", "A"}).Draw(t, "weakest"))
		}
		got, err := path.Shortest(context.Background(), g, q)
		if err != nil {
			t.Fatal(err)
		}
		want := allPaths(g, q)
		if expected := min(q.Paths, len(want)); len(got) != expected {
			t.Fatalf("%d paths, want %d of %v", len(got), expected, want)
		}
		for i, p := range got {
			if math.Abs(p.Length-want[i]) > 1e-9 {
				t.Fatalf("path %d has length %v, want %v", i, p.Length, want[i])
			}
			checkPath(t, g, q, p)
		}
	})
}

// checkPath checks that a path is what it says.
func checkPath(t *rapid.T, g *graph.Graph, q path.Query, p path.Path) {
	if len(p.Edges) != len(p.Nodes)-1 || len(distinct(p.Nodes)) != len(p.Nodes) {
		t.Fatalf("path %v over %v repeats a node or lacks a tie", p.Nodes, p.Edges)
	}
	length, last := 0.0, int64(math.MinInt64)
	for i, e := range p.Edges {
		var buf graph.Arcs
		arcs, found := g.Out(p.Nodes[i], &buf), false
		for j, v := range arcs.To {
			found = found || v == p.Nodes[i+1] && arcs.Edge[j] == e
		}
		if !found {
			t.Fatalf("tie %d does not lead from %d to %d", e, p.Nodes[i], p.Nodes[i+1])
		}
		length += q.Lengths.Of(p.Weights[i])
		if q.Ordered {
			if at := q.Time.Unix(int(e)); at < last {
				t.Fatal("a tie is earlier than the one before it")
			} else {
				last = at
			}
		}
		if q.Grade != nil && !q.Grade.Grade(int(e)).AtLeast(p.Weakest) {
			t.Fatalf("tie of grade %v on a path that says %v", q.Grade.Grade(int(e)), p.Weakest)
		}
	}
	if math.Abs(length-p.Length) > 1e-9 {
		t.Fatalf("the ties add up to %v, the path says %v", length, p.Length)
	}
}

func distinct(nodes []graph.Node) []graph.Node {
	list := slices.Clone(nodes)
	slices.Sort(list)
	return slices.Compact(list)
}

func TestQueriesThatMakeNoSense(t *testing.T) {
	g, err := random.Graph(3, []random.Pair{{0, 1}}, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		q    path.Query
		want error
	}{
		"unknown node": {path.Query{From: 0, To: 9}, path.ErrNode},
		"same node":    {path.Query{From: 1, To: 1}, path.ErrSame},
		"no times":     {path.Query{From: 0, To: 1, Ordered: true}, path.ErrColumns},
	} {
		if _, err := path.Shortest(context.Background(), g, tt.q); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	none, err := path.Shortest(context.Background(), g, path.Query{From: 0, To: 2})
	if err != nil || len(none) != 0 {
		t.Errorf("unconnected: %v, %v", none, err)
	}
}

func TestNearAndCommonNeighbours(t *testing.T) {
	g, err := random.Graph(7, []random.Pair{{0, 1}, {0, 2}, {1, 3}, {2, 3}, {3, 4}, {2, 5}}, graph.Options{Directed: true})
	if err != nil {
		t.Fatal(err)
	}
	got, more := path.Near(g, 3, 2, 0)
	want := []path.Hop{{Node: 3}, {1, 1}, {2, 1}, {4, 1}, {0, 2}, {5, 2}}
	if diff := cmp.Diff(want, got); diff != "" || more {
		t.Errorf("more: %v (-want +got):\n%s", more, diff)
	}
	few, more := path.Near(g, 3, 2, 3)
	if len(few) != 3 || !more {
		t.Errorf("limited: %v, more %v", few, more)
	}
	common := path.CommonNeighbours(g, 0, 3)
	if len(common) != 2 || common[0].Node != 1 || common[0].Degree != 2 || common[1].Degree != 3 ||
		math.Abs(common[1].Weight-1/math.Log(3)) > 1e-12 {
		t.Errorf("common neighbours %+v", common)
	}
	if hidden, _ := path.Near(g.Without(3), 3, 2, 0); hidden != nil {
		t.Errorf("a hidden node has neighbours %v", hidden)
	}
}

func TestCancelledSearchStops(t *testing.T) {
	g, err := random.Graph(5000, random.Loose(5000, 50_000, 1), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := path.Shortest(ctx, g, path.Query{From: 0, To: 1, Paths: 50}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
