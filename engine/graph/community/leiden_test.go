// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"context"
	"errors"
	"math"
	"testing"

	gonum "gonum.org/v1/gonum/graph"
	gcommunity "gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func leiden(t interface{ Fatal(...any) }, g *graph.Graph, opts community.Options) community.Partition {
	p, err := community.Leiden(context.Background(), g, opts, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestModularityAgreesWithGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "nodes")
		seed := rapid.Uint64().Draw(t, "seed")
		g, err := random.Graph(n, random.Loose(n, 60, seed), graph.Options{Weighted: true})
		if err != nil {
			t.Fatal(err)
		}
		gamma := rapid.SampledFrom([]float64{0.5, 1, 2}).Draw(t, "resolution")
		p := leiden(t, g, community.Options{Resolution: gamma, Seed: seed})
		oracle := simple.NewWeightedUndirectedGraph(0, 0)
		groups := make([][]gonum.Node, len(p.Size))
		for _, u := range g.Nodes() {
			oracle.AddNode(simple.Node(u))
			groups[p.Of[u]] = append(groups[p.Of[u]], simple.Node(u))
		}
		for _, e := range g.Edges() {
			oracle.SetWeightedEdge(oracle.NewWeightedEdge(simple.Node(e.From), simple.Node(e.To), float64(e.Weight)))
		}
		if g.Size() == 0 {
			return
		}
		if want := gcommunity.Q(oracle, groups, gamma); math.Abs(p.Modularity-want) > 1e-9 {
			t.Fatalf("modularity %v, want %v", p.Modularity, want)
		}
	})
}

func TestCommunitiesAreConnectedAndOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "nodes")
		g, err := random.Graph(n, random.Loose(n, 90, rapid.Uint64().Draw(t, "seed")), graph.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := leiden(t, g, community.Options{Seed: rapid.Uint64().Draw(t, "search")})
		total := 0
		for c, size := range p.Size {
			inside := g.FilterNodes(func(u graph.Node) bool { return p.Of[u] == uint32(c) })
			parts, err := path.FindComponents(context.Background(), inside, work.Run{})
			if err != nil {
				t.Fatal(err)
			}
			if len(parts.Size) != 1 || parts.Size[0] != size {
				t.Fatalf("community %d of size %d has components %v", c, size, parts.Size)
			}
			if c > 0 && size > p.Size[c-1] {
				t.Fatal("communities are not ordered by size")
			}
			total += size
		}
		if total != n {
			t.Fatalf("communities hold %d of %d nodes", total, n)
		}
	})
}

func TestPlantedGroupsAreFound(t *testing.T) {
	g, err := random.Graph(1000, random.Planted(10, 100, 16, 2, 1), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := leiden(t, g, community.Options{Seed: 1})
	if len(p.Size) != 10 {
		t.Fatalf("found %d communities, planted 10", len(p.Size))
	}
	for u := range p.Of {
		if p.Of[u] != p.Of[u/100*100] {
			t.Errorf("node %d is in another community than its group", u)
		}
	}
}

func TestResolutionChangesTheScale(t *testing.T) {
	g, err := random.Graph(400, random.Planted(8, 50, 8, 2, 1), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	coarse := leiden(t, g, community.Options{Resolution: 0.2})
	fine := leiden(t, g, community.Options{Resolution: 5})
	if len(coarse.Size) >= len(fine.Size) {
		t.Errorf("%d communities at resolution 0.2, %d at 5", len(coarse.Size), len(fine.Size))
	}
}

func TestSeedsAndWorkers(t *testing.T) {
	g, err := random.Graph(500, random.Preferential(500, 3, 1), graph.Options{Weighted: true})
	if err != nil {
		t.Fatal(err)
	}
	opts := community.Options{Seed: 3, Restarts: 5}
	one, err := community.Leiden(context.Background(), g, opts, work.Run{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	many := leiden(t, g, opts)
	for u := range one.Of {
		if one.Of[u] != many.Of[u] {
			t.Fatalf("node %d depends on the number of workers", u)
		}
	}
	single := leiden(t, g, community.Options{Seed: 3})
	if single.Modularity > one.Modularity+1e-9 {
		t.Errorf("five restarts reach %v, the first of them alone %v", one.Modularity, single.Modularity)
	}
}

func TestHiddenAndLonelyNodes(t *testing.T) {
	g, err := random.Graph(5, []random.Pair{{0, 1}, {1, 2}}, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := leiden(t, g.Without(2), community.Options{})
	if p.Of[2] != graph.None {
		t.Errorf("a hidden node is in community %d", p.Of[2])
	}
	if len(p.Size) != 3 || p.Size[0] != 2 || p.Of[0] != p.Of[1] {
		t.Errorf("sizes %v, members %v", p.Size, p.Of)
	}
	none := leiden(t, g.FilterEdges(func(graph.Edge) bool { return false }), community.Options{})
	if none.Modularity != 0 || len(none.Size) != 5 {
		t.Errorf("without edges: modularity %v, sizes %v", none.Modularity, none.Size)
	}
	if empty := leiden(t, g.FilterNodes(func(graph.Node) bool { return false }), community.Options{}); len(empty.Size) != 0 {
		t.Errorf("an empty graph has communities %v", empty.Size)
	}
}

func TestCancelledSearchStops(t *testing.T) {
	g, err := random.Graph(500, random.Preferential(500, 3, 1), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := community.Leiden(ctx, g, community.Options{}, work.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
