// SPDX-License-Identifier: Apache-2.0

package predict_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/predict"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func someGraph(t *rapid.T) *graph.Graph {
	n := rapid.IntRange(1, 15).Draw(t, "nodes")
	g, err := random.Graph(n, random.Loose(n, 30, rapid.Uint64().Draw(t, "seed")), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAdamicAdarMatchesItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t)
		got, err := predict.AdamicAdar(context.Background(), g, predict.Options{Links: 1000}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		want := map[[2]graph.Node]float64{}
		for a := range graph.Node(g.Bound()) {
			for b := a + 1; b < graph.Node(g.Bound()); b++ {
				sum := 0.0
				for _, c := range path.CommonNeighbours(g, a, b) {
					sum += c.Weight
				}
				if sum > 0 && !g.HasArc(a, b) {
					want[[2]graph.Node{a, b}] = sum
				}
			}
		}
		checkLinks(t, got, want)
	})
}

func TestKatzMatchesPowersOfTheMatrix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t)
		opts := predict.Options{Links: 1000, Beta: 0.1, Steps: rapid.IntRange(2, 5).Draw(t, "steps")}
		got, err := predict.Katz(context.Background(), g, opts, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		n := g.Bound()
		walks, sum := identity(n), make([][]float64, n)
		for i := range sum {
			sum[i] = make([]float64, n)
		}
		for step := 1; step <= opts.Steps; step++ {
			next := make([][]float64, n)
			for a := range n {
				next[a] = make([]float64, n)
				for b := range n {
					for c := range n {
						if walks[a][c] > 0 && g.HasArc(graph.Node(c), graph.Node(b)) {
							next[a][b] += walks[a][c]
						}
					}
					sum[a][b] += math.Pow(0.1, float64(step)) * next[a][b]
				}
			}
			walks = next
		}
		want := map[[2]graph.Node]float64{}
		for a := range n {
			for b := a + 1; b < n; b++ {
				if sum[a][b] > 0 && !g.HasArc(graph.Node(a), graph.Node(b)) {
					want[[2]graph.Node{graph.Node(a), graph.Node(b)}] = sum[a][b]
				}
			}
		}
		checkLinks(t, got, want)
	})
}

func identity(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		m[i][i] = 1
	}
	return m
}

func checkLinks(t *rapid.T, got predict.Result, want map[[2]graph.Node]float64) {
	if len(got.Links) != len(want) {
		t.Fatalf("%d links, want %d", len(got.Links), len(want))
	}
	last := math.Inf(1)
	for _, l := range got.Links {
		if score := want[[2]graph.Node{l.A, l.B}]; math.Abs(l.Score-score) > 1e-9 {
			t.Fatalf("link %d-%d scores %v, want %v", l.A, l.B, l.Score, score)
		}
		if l.Score > last {
			t.Fatal("links are not ordered")
		}
		last = l.Score
	}
}

// TestHiddenTiesComeBack hides a tenth of the ties of a network of groups: the
// links predicted must be hidden ties far more often than chance would have it.
func TestHiddenTiesComeBack(t *testing.T) {
	edges := random.Planted(10, 20, 8, 0.5, 1)
	g, err := random.Graph(200, edges, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	seen := map[[2]graph.Node]bool{}
	less := g.FilterEdges(func(e graph.Edge) bool {
		if pair := [2]graph.Node{e.From, e.To}; !seen[pair] {
			seen[pair] = true
			i++
		}
		return (e.From*31+e.To*17)%10 != 0
	})
	for name, f := range map[string]func(context.Context, *graph.Graph, predict.Options, work.Run) (predict.Result, error){
		"Adamic-Adar": predict.AdamicAdar, "Katz": predict.Katz,
	} {
		got, err := f(context.Background(), less, predict.Options{Links: 60}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		hits := 0
		for _, l := range got.Links {
			if g.HasArc(l.A, l.B) {
				hits++
			}
		}
		pairs := 200*199/2 - less.Size()
		chance := float64(60*(g.Size()-less.Size())) / float64(pairs)
		if float64(hits) < 5*chance {
			t.Errorf("%s: %d of 60 links are hidden ties, chance gives %.1f", name, hits, chance)
		}
	}
}

func TestHubsAreLeftOutAndTold(t *testing.T) {
	var edges []random.Pair
	for i := uint32(1); i <= 50; i++ {
		edges = append(edges, random.Pair{0, i})
	}
	edges = append(edges, random.Pair{1, 51}, random.Pair{2, 51})
	g, err := random.Graph(52, edges, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []func(context.Context, *graph.Graph, predict.Options, work.Run) (predict.Result, error){predict.AdamicAdar, predict.Katz} {
		got, err := f(context.Background(), g, predict.Options{MaxHub: 40, Steps: 2}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Hubs != 1 {
			t.Errorf("%d hubs are told, want 1", got.Hubs)
		}
		for _, l := range got.Links {
			if l.A != 0 && (l.A != 1 || l.B != 2) {
				t.Errorf("link %+v comes from the hub alone", l)
			}
		}
	}
}

func TestWorkersDoNotMatter(t *testing.T) {
	g, err := random.Graph(500, random.Preferential(500, 3, 1), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	one, err := predict.Katz(context.Background(), g, predict.Options{}, work.Run{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	many, err := predict.Katz(context.Background(), g, predict.Options{}, work.Run{Workers: 5})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, many); diff != "" {
		t.Errorf("results differ:\n%s", diff)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := predict.AdamicAdar(ctx, g, predict.Options{}, work.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
