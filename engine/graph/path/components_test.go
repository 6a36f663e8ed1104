// SPDX-License-Identifier: Apache-2.0

package path_test

import (
	"context"
	"testing"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func someGraph(t *rapid.T, opts graph.Options) *graph.Graph {
	n := rapid.IntRange(1, 25).Draw(t, "nodes")
	m := rapid.IntRange(0, 40).Draw(t, "edges")
	g, err := random.Graph(n, random.Loose(n, m, rapid.Uint64().Draw(t, "seed")), opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func components(t interface{ Fatal(...any) }, g *graph.Graph, workers int) path.Components {
	c, err := path.FindComponents(context.Background(), g, work.Run{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestComponentsAgreeWithGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{Directed: rapid.Bool().Draw(t, "directed")})
		oracle := simple.NewUndirectedGraph()
		for _, u := range g.Nodes() {
			oracle.AddNode(simple.Node(u))
		}
		for _, e := range g.Edges() {
			oracle.SetEdge(oracle.NewEdge(simple.Node(e.From), simple.Node(e.To)))
		}
		want := topo.ConnectedComponents(oracle)
		got := components(t, g, 3)
		if len(got.Size) != len(want) {
			t.Fatalf("%d components, want %d", len(got.Size), len(want))
		}
		for _, part := range want {
			c := got.Of[part[0].ID()]
			if got.Size[c] != len(part) {
				t.Fatalf("component %d has %d nodes, want %d", c, got.Size[c], len(part))
			}
			for _, u := range part {
				if got.Of[u.ID()] != c {
					t.Fatalf("node %d is in another component than %d", u.ID(), part[0].ID())
				}
			}
		}
	})
}

func TestRemovalNeverGrowsAComponent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{})
		u := graph.Node(rapid.IntRange(0, g.Bound()-1).Draw(t, "removed"))
		if before, after := components(t, g, 2).Largest(), components(t, g.Without(u), 2).Largest(); after > before {
			t.Fatalf("the largest component grew from %d to %d", before, after)
		}
	})
}

func TestComponentsAreOrderedAndTheSameForAllWorkers(t *testing.T) {
	g, err := random.Graph(100_000, random.Loose(100_000, 60_000, 4), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	one, many := components(t, g, 1), components(t, g, 8)
	for u := range one.Of {
		if one.Of[u] != many.Of[u] {
			t.Fatalf("node %d: component %d with one worker, %d with eight", u, one.Of[u], many.Of[u])
		}
	}
	for i := 1; i < len(one.Size); i++ {
		if one.Size[i] > one.Size[i-1] {
			t.Fatal("components are not ordered by size")
		}
	}
}
