// SPDX-License-Identifier: Apache-2.0

package disrupt_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/disrupt"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func build(t interface{ Fatal(...any) }, n int, edges []random.Pair) *graph.Graph {
	g, err := random.Graph(n, edges, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRemovalShrinksAndEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "nodes")
		g := build(t, n, random.Loose(n, 30, rapid.Uint64().Draw(t, "seed")))
		name := rapid.SampledFrom(disrupt.RankingNames()).Draw(t, "ranking")
		rank, err := disrupt.ParseRanking(name, graph.Hops, 1000, 1)
		if err != nil {
			t.Fatal(err)
		}
		block := rapid.IntRange(1, 4).Draw(t, "block")
		steps, err := disrupt.Remove(context.Background(), g, disrupt.Plan{Rank: rank, Block: block, Steps: n + 3}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		gone := map[graph.Node]bool{}
		largest := math.MaxInt
		for _, s := range steps {
			if s.Largest > largest {
				t.Fatalf("by %s: the largest component grew from %d to %d", name, largest, s.Largest)
			}
			largest = s.Largest
			for _, u := range s.Removed {
				if gone[u] {
					t.Fatalf("node %d was removed twice", u)
				}
				gone[u] = true
			}
		}
		if len(gone) != n || largest != 0 {
			t.Fatalf("%d of %d nodes were removed, %d are left together", len(gone), n, largest)
		}
	})
}

func TestInfluenceCountsTheSurface(t *testing.T) {
	// 0-1-2-3-4 with 5 and 6 at 4: from 2, two hops away lie 0 (k=1) and 4 (k=3).
	g := build(t, 7, []random.Pair{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {4, 6}})
	got, err := disrupt.Influence(context.Background(), g, 2, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	if want := (2.0 - 1) * (0 + 2); got[2] != want {
		t.Errorf("influence of the middle is %v, want %v", got[2], want)
	}
	if got[0] != 0 {
		t.Errorf("a loose end has influence %v", got[0])
	}
}

// fragmentation is Borgatti's F of what is left, from its definition.
func fragmentation(g *graph.Graph, removed []graph.Node) float64 {
	left := g.Without(removed...)
	n := float64(left.Order())
	if n < 2 {
		return 1
	}
	c, err := path.FindComponents(context.Background(), left, work.Run{})
	if err != nil {
		panic(err)
	}
	sum := 0.0
	for _, s := range c.Size {
		sum += float64(s) * float64(s-1)
	}
	return 1 - sum/(n*(n-1))
}

func TestKeyPlayersAreLocallyBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 15).Draw(t, "nodes")
		g := build(t, n, random.Loose(n, 20, rapid.Uint64().Draw(t, "seed")))
		opts := disrupt.Search{Players: rapid.IntRange(1, 3).Draw(t, "players")}
		p, err := disrupt.Fragment(context.Background(), g, opts, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Nodes) != opts.Players || p.Tried != n {
			t.Fatalf("%d players of %d candidates", len(p.Nodes), p.Tried)
		}
		if want := fragmentation(g, p.Nodes); math.Abs(p.Score-want) > 1e-12 {
			t.Fatalf("score %v, by definition %v", p.Score, want)
		}
		for i := range p.Nodes {
			for _, u := range g.Nodes() {
				if slices.Contains(p.Nodes, u) {
					continue
				}
				other := slices.Clone(p.Nodes)
				other[i] = u
				if f := fragmentation(g, other); f > p.Score+1e-9 {
					t.Fatalf("%v fragments to %v, the players %v only to %v", other, f, p.Nodes, p.Score)
				}
			}
		}
	})
}

func TestKeyPlayersOfTwoStars(t *testing.T) {
	// Hubs 0 and 6, tied through 12: taking out the hubs leaves nobody connected.
	edges := []random.Pair{{0, 12}, {6, 12}}
	for i := uint32(1); i <= 5; i++ {
		edges = append(edges, random.Pair{0, i}, random.Pair{6, 6 + i})
	}
	g := build(t, 13, edges)
	for name, f := range map[string]func(context.Context, *graph.Graph, disrupt.Search, work.Run) (disrupt.Players, error){
		"fragment": disrupt.Fragment, "reach": disrupt.Reach,
	} {
		p, err := f(context.Background(), g, disrupt.Search{Players: 2}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(p.Nodes)
		if !slices.Equal(p.Nodes, []graph.Node{0, 6}) || math.Abs(p.Score-1) > 1e-12 {
			t.Errorf("%s: players %v with score %v, want the hubs with 1", name, p.Nodes, p.Score)
		}
	}
}

func TestReachMatchesItsDefinition(t *testing.T) {
	g := build(t, 6, []random.Pair{{0, 1}, {1, 2}, {2, 3}, {3, 4}}) // 5 is alone
	p, err := disrupt.Reach(context.Background(), g, disrupt.Search{Players: 1}, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	if want := (1 + 1 + 1 + 0.5 + 0.5) / 6; p.Nodes[0] != 2 || math.Abs(p.Score-want) > 1e-12 {
		t.Errorf("player %v with reach %v, want 2 with %v", p.Nodes, p.Score, want)
	}
}

func TestUnknownRankingsAndEmptyGraphs(t *testing.T) {
	if _, err := disrupt.ParseRanking("luck", graph.Hops, 1, 1); err == nil {
		t.Error("an unknown ranking was found")
	}
	g := build(t, 0, nil)
	steps, err := disrupt.Remove(context.Background(), g, disrupt.Plan{Rank: disrupt.ByDegree, Steps: 3}, work.Run{})
	if err != nil || len(steps) != 0 {
		t.Errorf("empty graph: %v, %v", steps, err)
	}
	p, err := disrupt.Fragment(context.Background(), g, disrupt.Search{}, work.Run{})
	if err != nil || len(p.Nodes) != 0 {
		t.Errorf("empty graph: %v, %v", p, err)
	}
}

func TestCancelledRemovalStops(t *testing.T) {
	g := build(t, 300, random.Preferential(300, 2, 1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := disrupt.Remove(ctx, g, disrupt.Plan{Rank: disrupt.ByKatz, Steps: 3}, work.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("removal: %v", err)
	}
	if _, err := disrupt.Reach(ctx, g, disrupt.Search{}, work.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("reach: %v", err)
	}
}
