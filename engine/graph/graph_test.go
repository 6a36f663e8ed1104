// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// tie is an edge by label.
type tie struct {
	from, to string
	weight   float64
}

func build(t testing.TB, opts graph.Options, ties ...tie) (*graph.Graph, graph.Report) {
	t.Helper()
	b := graph.NewBuilder(opts)
	for _, e := range ties {
		u, _ := b.Node([]byte(e.from))
		v, _ := b.Node([]byte(e.to))
		if err := b.Edge(u, v, e.weight); err != nil {
			t.Fatal(err)
		}
	}
	g, report, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g, report
}

// listed returns the edges by label and weight.
func listed(g *graph.Graph) []tie {
	list := []tie{}
	for _, e := range g.Edges() {
		list = append(list, tie{g.Label(e.From), g.Label(e.To), float64(e.Weight)})
	}
	return list
}

var compareTies = cmp.AllowUnexported(tie{})

func TestBuildMergesOrKeeps(t *testing.T) {
	ties := []tie{{"a", "b", 1}, {"b", "a", 2}, {"c", "c", 5}, {"b", "c", 3}, {"a", "b", 4}}
	tests := []struct {
		name   string
		opts   graph.Options
		want   []tie
		report graph.Report
	}{
		{"simple sums", graph.Options{Weighted: true}, []tie{{"a", "b", 7}, {"b", "c", 3}}, graph.Report{Rows: 5, Loops: 1, Merged: 2}},
		{"unweighted", graph.Options{}, []tie{{"a", "b", 1}, {"b", "c", 1}}, graph.Report{Rows: 5, Loops: 1, Merged: 2}},
		{"first", graph.Options{Weighted: true, Merge: graph.First}, []tie{{"a", "b", 1}, {"b", "c", 3}}, graph.Report{Rows: 5, Loops: 1, Merged: 2}},
		{"most", graph.Options{Weighted: true, Merge: graph.Most}, []tie{{"a", "b", 4}, {"b", "c", 3}}, graph.Report{Rows: 5, Loops: 1, Merged: 2}},
		{"least", graph.Options{Weighted: true, Merge: graph.Least}, []tie{{"a", "b", 1}, {"b", "c", 3}}, graph.Report{Rows: 5, Loops: 1, Merged: 2}},
		{
			"directed",
			graph.Options{Weighted: true, Directed: true},
			[]tie{{"a", "b", 5}, {"b", "a", 2}, {"b", "c", 3}},
			graph.Report{Rows: 5, Loops: 1, Merged: 1},
		},
		{
			"multi",
			graph.Options{Weighted: true, Multi: true},
			[]tie{{"a", "b", 1}, {"a", "b", 2}, {"a", "b", 4}, {"b", "c", 3}},
			graph.Report{Rows: 5, Loops: 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, report := build(t, tt.opts, ties...)
			if diff := cmp.Diff(tt.want, listed(g), compareTies); diff != "" {
				t.Errorf("edges (-want +got):\n%s", diff)
			}
			if report != tt.report {
				t.Errorf("report %+v, want %+v", report, tt.report)
			}
			if g.Size() != len(tt.want) || g.Order() != 3 {
				t.Errorf("order %d, size %d", g.Order(), g.Size())
			}
		})
	}
}

func TestBuilderRefusesWeightsThatAreNone(t *testing.T) {
	b := graph.NewBuilder(graph.Options{Weighted: true})
	u, _ := b.Node([]byte("u"))
	v, _ := b.Node([]byte("v"))
	for _, w := range []float64{0, -1, math.NaN(), math.Inf(1), 1e300, 1e-300} {
		if err := b.Edge(u, v, w); !errors.Is(err, graph.ErrWeight) {
			t.Errorf("weight %v: got %v, want ErrWeight", w, err)
		}
	}
	if b.Rows() != 0 {
		t.Errorf("%d refused edges were kept", b.Rows())
	}
}

func TestEmptyGraphsAnswer(t *testing.T) {
	none, _ := build(t, graph.Options{})
	for name, g := range map[string]*graph.Graph{"nil": nil, "zero": {}, "built": none} {
		if g.Order() != 0 || g.Size() != 0 || g.Bound() != 0 || len(g.Nodes()) != 0 {
			t.Errorf("%s: not empty", name)
		}
		if _, ok := g.Lookup("a"); ok {
			t.Errorf("%s: found a node", name)
		}
	}
}

func TestLookupFindsEveryLabel(t *testing.T) {
	g, _ := build(t, graph.Options{}, tie{"Zoë", "b", 1}, tie{"", "10", 1}, tie{"9", "b", 1})
	for u := range g.Bound() {
		got, ok := g.Lookup(g.Label(graph.Node(u)))
		if !ok || got != graph.Node(u) {
			t.Errorf("lookup %q: got %d, %v", g.Label(graph.Node(u)), got, ok)
		}
	}
	if _, ok := g.Lookup("nobody"); ok {
		t.Error("found nobody")
	}
}

// columned is a graph with a relation, a time and a grade for each edge.
func columned(t *testing.T) *graph.Graph {
	t.Helper()
	rows := [][5]string{
		{"a", "b", "calls", "2024-01-05", "A1"},
		{"a", "b", "owns", "2024-03-01", "C3"},
		{"b", "c", "calls", "", "B2"},
		{"c", "d", "calls", "2024-02-10", ""},
	}
	b := graph.NewBuilder(graph.Options{Multi: true, Directed: true})
	cols := []*graph.Column{
		graph.NewColumn("relation", graph.Text), graph.NewColumn("time", graph.Moment), graph.NewColumn("grade", graph.Graded),
	}
	for _, row := range rows {
		u, _ := b.Node([]byte(row[0]))
		v, _ := b.Node([]byte(row[1]))
		if err := b.Edge(u, v, 1); err != nil {
			t.Fatal(err)
		}
		for i, col := range cols {
			if err := col.Append(row[2+i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.EdgeColumns(cols...)
	g, _, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestViewsFilterByAttribute(t *testing.T) {
	g := columned(t)
	col := func(name string) *graph.Column {
		c, ok := g.EdgeColumn(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		return c
	}
	day := func(text string) time.Time {
		at, err := graph.ParseTime(text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	weakest := func(text string) graph.Grade {
		grade, err := graph.ParseGrade(text)
		if err != nil {
			t.Fatal(err)
		}
		return grade
	}
	ab, bc, cd := tie{"a", "b", 1}, tie{"b", "c", 1}, tie{"c", "d", 1}
	tests := []struct {
		name string
		view *graph.Graph
		want []tie
	}{
		{"relation", g.Relation(col("relation"), "calls"), []tie{ab, bc, cd}},
		{"unknown relation", g.Relation(col("relation"), "likes"), []tie{}},
		{"since", g.During(col("time"), day("2024-02"), time.Time{}), []tie{ab, cd}},
		{"until", g.During(col("time"), time.Time{}, day("2024-02-10")), []tie{ab}},
		{"any time", g.During(col("time"), time.Time{}, time.Time{}), []tie{ab, ab, bc, cd}},
		{"grade", g.AtLeast(col("grade"), weakest("B2")), []tie{ab, bc}},
		{"grade of the source alone", g.AtLeast(col("grade"), weakest("C")), []tie{ab, ab, bc}},
		{"filters on filters", g.AtLeast(col("grade"), weakest("B")).Relation(col("relation"), "calls").Without(0), []tie{bc}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, listed(tt.view), compareTies); diff != "" {
				t.Errorf("edges (-want +got):\n%s", diff)
			}
			if tt.view.Size() != len(tt.want) {
				t.Errorf("size %d, want %d", tt.view.Size(), len(tt.want))
			}
		})
	}
	if g.Size() != 4 {
		t.Error("a view changed the graph")
	}
}

func TestGradesCompareEachPosition(t *testing.T) {
	tests := []struct {
		have, need string
		want       bool
	}{
		{"A1", "B2", true},
		{"B2", "B2", true},
		{"C1", "B2", false},
		{"A3", "B2", false},
		{"A", "B2", false},
		{"A1", "B", true},
		{"", "E", false},
		{"F6", "", true},
		{"1a", "2C", true},
	}
	for _, tt := range tests {
		have, err := graph.ParseGrade(tt.have)
		if err != nil {
			t.Fatal(err)
		}
		need, err := graph.ParseGrade(tt.need)
		if err != nil {
			t.Fatal(err)
		}
		if got := have.AtLeast(need); got != tt.want {
			t.Errorf("%q at least %q: got %v", tt.have, tt.need, got)
		}
	}
	for _, bad := range []string{"A-1", "ABCDE", "é"} {
		if _, err := graph.ParseGrade(bad); err == nil {
			t.Errorf("%q was read as a grade", bad)
		}
	}
}

// someGraph draws a random graph of any kind.
func someGraph(t *rapid.T) *graph.Graph {
	opts := graph.Options{
		Directed: rapid.Bool().Draw(t, "directed"), Multi: rapid.Bool().Draw(t, "multi"), Weighted: rapid.Bool().Draw(t, "weighted"),
	}
	n := rapid.IntRange(1, 12).Draw(t, "nodes")
	b := graph.NewBuilder(opts)
	for u := range n {
		b.Node([]byte{byte('a' + u)})
	}
	end := rapid.Uint32Range(0, uint32(n-1))
	for range rapid.IntRange(0, 40).Draw(t, "rows") {
		if err := b.Edge(end.Draw(t, "from"), end.Draw(t, "to"), float64(rapid.IntRange(1, 5).Draw(t, "weight"))); err != nil {
			t.Fatal(err)
		}
	}
	g, _, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestLawsOfArcs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t)
		hide := graph.Node(rapid.IntRange(0, g.Bound()-1).Draw(t, "hidden"))
		parity := rapid.Uint32Range(0, 1).Draw(t, "parity")
		view := g.Without(hide).FilterEdges(func(e graph.Edge) bool { return (e.From+e.To)%2 == parity })
		for _, g := range []*graph.Graph{g, view, view.Simple(graph.Sum), view.Undirected(graph.Sum), view.With([]graph.Edge{})} {
			checkArcs(t, g)
		}
		if view.Has(hide) || view.OutDegree(hide) != 0 || view.InDegree(hide) != 0 {
			t.Fatal("a hidden node shows")
		}
	})
}

// checkArcs checks that in- and out-arcs mirror each other, are sorted, and add
// up to the size.
func checkArcs(t *rapid.T, g *graph.Graph) {
	var buf, back graph.Arcs
	total := 0
	for u := range g.Bound() {
		arcs := g.Out(graph.Node(u), &buf)
		total += len(arcs.To)
		if len(arcs.To) != g.OutDegree(graph.Node(u)) {
			t.Fatal("degree and arcs differ")
		}
		for i, v := range arcs.To {
			if i > 0 && (arcs.To[i-1] > v || !g.Multi() && arcs.To[i-1] == v) {
				t.Fatal("neighbours are not sorted or come twice")
			}
			found := false
			in := g.In(v, &back)
			for j, w := range in.To {
				found = found || w == graph.Node(u) && in.WeightAt(j) == arcs.WeightAt(i) && in.EdgeAt(j) == arcs.EdgeAt(i)
			}
			if !found {
				t.Fatalf("arc %d→%d has no mirror", u, v)
			}
		}
	}
	if !g.Directed() {
		total /= 2
	}
	if total != g.Size() || len(g.Edges()) != g.Size() {
		t.Fatalf("%d edges counted, size %d, %d listed", total, g.Size(), len(g.Edges()))
	}
}

// TestLabelsAreToldApart draws labels that differ in little: by a zero byte, by
// one letter at the end of eight.
func TestLabelsAreToldApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune{'a', 'b', 0}), 0, 10, -1), 1, 300).Draw(t, "labels")
		b := graph.NewBuilder(graph.Options{})
		first := map[string]graph.Node{}
		for _, l := range labels {
			if u, ok := b.Find([]byte(l)); ok != (first[l] != 0) || ok && u != first[l]-1 {
				t.Fatalf("label %q is found at %d, %v", l, u, ok)
			}
			u, fresh := b.Node([]byte(l))
			if fresh != (first[l] == 0) {
				t.Fatalf("label %q is fresh: %v", l, fresh)
			}
			if first[l] == 0 {
				first[l] = u + 1
			}
		}
		if b.Order() != len(first) {
			t.Fatalf("%d nodes for %d labels", b.Order(), len(first))
		}
	})
}
