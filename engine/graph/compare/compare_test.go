// SPDX-License-Identifier: Apache-2.0

package compare_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/compare"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func build(t interface{ Fatal(...any) }, ties ...[2]string) *graph.Graph {
	b := graph.NewBuilder(graph.Options{})
	for _, e := range ties {
		u, _ := b.Node([]byte(e[0]))
		v, _ := b.Node([]byte(e[1]))
		if err := b.Edge(u, v, 1); err != nil {
			t.Fatal(err)
		}
	}
	g, _, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func of(t interface{ Fatal(...any) }, a, b *graph.Graph) *compare.Result {
	r, err := compare.Of(context.Background(), a, b, compare.Options{}, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatStayedWentAndCame(t *testing.T) {
	before := build(t, [2]string{"a", "b"}, [2]string{"b", "c"}, [2]string{"c", "a"}, [2]string{"c", "d"})
	after := build(t, [2]string{"e", "a"}, [2]string{"c", "b"}, [2]string{"b", "a"})
	r := of(t, before, after)
	if want := (compare.Counts{Kept: 3, Gone: 1, New: 1}); r.Nodes != want {
		t.Errorf("nodes %+v, want %+v", r.Nodes, want)
	}
	if want := (compare.Counts{Kept: 2, Gone: 2, New: 1}); r.Ties != want || r.Ties.Jaccard() != 0.4 {
		t.Errorf("ties %+v, want %+v", r.Ties, want)
	}
	if r.Before.Transitivity != 3.0/5 || r.After.Transitivity != 0 || r.Before.MeanDegree != 2 || r.Before.Density != 4.0/6 {
		t.Errorf("shapes %+v, %+v", r.Before, r.After)
	}
	byLabel := map[string]compare.Change{}
	for _, c := range r.Changes {
		byLabel[c.Label] = c
	}
	if c := byLabel["d"]; c.After != -1 || c.DegreeBefore != 1 {
		t.Errorf("who went: %+v", c)
	}
	if c := byLabel["e"]; c.Before != -1 || c.DegreeAfter != 1 {
		t.Errorf("who came: %+v", c)
	}
	if c := byLabel["b"]; c.BetweennessBefore != 0 || c.BetweennessNow != 2 {
		t.Errorf("who rose: %+v", c)
	}
}

func TestTheSameNetworkIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "nodes")
		g, err := random.Graph(n, random.Loose(n, 30, rapid.Uint64().Draw(t, "seed")), graph.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := of(t, g, g)
		if r.Similarity != 1 || r.SameGroups != 1 || r.Ties.Jaccard() != 1 || r.Before != r.After {
			t.Fatalf("%+v", r)
		}
	})
}

// TestDeltaConMatchesTheInverse computes the definition with dense matrices.
func TestDeltaConMatchesTheInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "nodes")
		g, err := random.Graph(n, random.Loose(n, 25, rapid.Uint64().Draw(t, "seed")), graph.Options{Weighted: rapid.Bool().Draw(t, "weighted")})
		if err != nil {
			t.Fatal(err)
		}
		less := g.FilterEdges(func(e graph.Edge) bool { return (e.From+e.To)%3 != 0 })
		most := 0.0
		for _, u := range g.Nodes() {
			most = max(most, strength(g, u))
		}
		a, b := influence(t, g, 1/(1+most)), influence(t, less, 1/(1+most))
		sum := 0.0
		for i := range n {
			for j := range n {
				d := math.Sqrt(max(a.At(i, j), 0)) - math.Sqrt(max(b.At(i, j), 0))
				sum += d * d
			}
		}
		got, err := compare.DeltaCon(context.Background(), g, less, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		if want := 1 / (1 + math.Sqrt(sum)); math.Abs(got-want) > 1e-4 {
			t.Fatalf("similarity %v, by definition %v", got, want)
		}
	})
}

func strength(g *graph.Graph, u graph.Node) float64 {
	var buf graph.Arcs
	arcs, sum := g.Out(u, &buf), 0.0
	for i := range arcs.To {
		sum += float64(arcs.WeightAt(i))
	}
	return sum
}

func influence(t *rapid.T, g *graph.Graph, epsilon float64) *mat.Dense {
	n := g.Bound()
	m := mat.NewDense(n, n, nil)
	for _, u := range g.Nodes() {
		m.Set(int(u), int(u), 1+epsilon*epsilon*strength(g, u))
	}
	for _, e := range g.Edges() {
		m.Set(int(e.From), int(e.To), -epsilon*float64(e.Weight))
		m.Set(int(e.To), int(e.From), -epsilon*float64(e.Weight))
	}
	var inverse mat.Dense
	if err := inverse.Inverse(m); err != nil {
		t.Fatal(err)
	}
	return &inverse
}

func TestABridgeMattersMoreThanATieAmongMany(t *testing.T) {
	var ties [][2]string
	for _, side := range []string{"a", "b"} {
		for i := range 5 {
			for j := range i {
				ties = append(ties, [2]string{side + string(rune('0'+i)), side + string(rune('0'+j))})
			}
		}
	}
	whole := build(t, append(ties, [2]string{"a0", "b0"})...)
	noBridge := build(t, ties...)
	noInner := build(t, append(ties[1:], [2]string{"a0", "b0"})...)
	if bridge, inner := of(t, whole, noBridge).Similarity, of(t, whole, noInner).Similarity; bridge >= inner {
		t.Errorf("without the bridge the network is %v alike, without an inner tie %v", bridge, inner)
	}
}

func TestEmptyStatesAndCancelling(t *testing.T) {
	g := build(t, [2]string{"a", "b"})
	none := build(t)
	if r := of(t, none, none); r.Similarity != 1 || r.Nodes.Jaccard() != 1 {
		t.Errorf("two empty states: %+v", r)
	}
	if r := of(t, none, g); r.Nodes.New != 2 || r.Ties.New != 1 {
		t.Errorf("from nothing: %+v", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := compare.Of(ctx, g, g, compare.Options{}, work.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
