// SPDX-License-Identifier: Apache-2.0

package centrality_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/graph/network"
	gpath "gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// someGraph draws a simple graph, sometimes in pieces.
func someGraph(t *rapid.T, opts graph.Options) *graph.Graph {
	n := rapid.IntRange(1, 30).Draw(t, "nodes")
	m := rapid.IntRange(0, 60).Draw(t, "edges")
	g, err := random.Graph(n, random.Loose(n, m, rapid.Uint64().Draw(t, "seed")), opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// oracle turns a graph into gonum's.
func oracle(g *graph.Graph, lengths graph.Lengths) gpath.AllShortest {
	if g.Directed() {
		d := simple.NewWeightedDirectedGraph(0, math.Inf(1))
		for _, u := range g.Nodes() {
			d.AddNode(simple.Node(u))
		}
		for _, e := range g.Edges() {
			d.SetWeightedEdge(d.NewWeightedEdge(simple.Node(e.From), simple.Node(e.To), lengths.Of(e.Weight)))
		}
		return gpath.DijkstraAllPaths(d)
	}
	return gpath.DijkstraAllPaths(undirected(g, lengths))
}

func undirected(g *graph.Graph, lengths graph.Lengths) *simple.WeightedUndirectedGraph {
	d := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
	for _, u := range g.Nodes() {
		d.AddNode(simple.Node(u))
	}
	for _, e := range g.Edges() {
		d.SetWeightedEdge(d.NewWeightedEdge(simple.Node(e.From), simple.Node(e.To), lengths.Of(e.Weight)))
	}
	return d
}

// pairsThrough counts, for each node, the shares of shortest paths that pass it,
// from gonum's list of all shortest paths.
func pairsThrough(g *graph.Graph, all gpath.AllShortest) []float64 {
	sum := make([]float64, g.Bound())
	for _, s := range g.Nodes() {
		for _, t := range g.Nodes() {
			if s == t {
				continue
			}
			paths, _ := all.AllBetween(int64(s), int64(t))
			for _, p := range paths {
				for _, v := range p[1 : len(p)-1] {
					sum[v.ID()] += 1 / float64(len(paths))
				}
			}
		}
	}
	if !g.Directed() {
		for i := range sum {
			sum[i] /= 2
		}
	}
	return sum
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)+math.Abs(b)) }

func TestShortestAgreesWithGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opts := graph.Options{Directed: rapid.Bool().Draw(t, "directed"), Weighted: true, Merge: graph.First}
		lengths := rapid.SampledFrom([]graph.Lengths{graph.Hops, graph.Inverse, graph.Direct}).Draw(t, "lengths")
		if lengths == graph.Inverse {
			lengths = graph.Direct // 1/w rounds, which gonum takes for a difference
		}
		g := someGraph(t, opts)
		got, err := centrality.Exact(context.Background(), g, lengths, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		all := oracle(g, lengths)
		want := pairsThrough(g, all)
		for _, u := range g.Nodes() {
			if !near(got.Betweenness[u], want[u]) {
				t.Fatalf("betweenness of %d: got %v, want %v", u, got.Betweenness[u], want[u])
			}
			checkDistances(t, g, all, u, got)
		}
	})
}

func checkDistances(t *rapid.T, g *graph.Graph, all gpath.AllShortest, u graph.Node, got *centrality.Shortest) {
	sum, harmonic, reached := 0.0, 0.0, 1.0
	for _, v := range g.Nodes() {
		if d := all.Weight(int64(u), int64(v)); u != v && !math.IsInf(d, 1) {
			sum += d
			harmonic += 1 / d
			reached++
		}
	}
	closeness := 0.0
	if sum > 0 {
		closeness = (reached - 1) / float64(g.Order()-1) * (reached - 1) / sum
	}
	if !near(got.Closeness[u], closeness) || !near(got.Harmonic[u], harmonic) {
		t.Fatalf("node %d: closeness %v, harmonic %v; want %v, %v", u, got.Closeness[u], got.Harmonic[u], closeness, harmonic)
	}
}

func TestInverseLengthsAreTwelfths(t *testing.T) {
	// 1/w for w in 1…4 is 12, 6, 4, 3 twelfths, which gonum adds without rounding.
	twelfths := func(w float32) float64 { return 12 / float64(w) }
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{Weighted: true, Merge: graph.First})
		exact := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
		for _, u := range g.Nodes() {
			exact.AddNode(simple.Node(u))
		}
		for _, e := range g.Edges() {
			exact.SetWeightedEdge(exact.NewWeightedEdge(simple.Node(e.From), simple.Node(e.To), twelfths(e.Weight)))
		}
		got, err := centrality.Betweenness(context.Background(), g, graph.Inverse, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		want := pairsThrough(g, gpath.DijkstraAllPaths(exact))
		for u := range got {
			if !near(got[u], want[u]) {
				t.Fatalf("betweenness of %d: got %v, want %v", u, got[u], want[u])
			}
		}
	})
}

func TestPageRankAgreesWithGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{Directed: true})
		d := simple.NewDirectedGraph()
		for _, u := range g.Nodes() {
			d.AddNode(simple.Node(u))
		}
		for _, e := range g.Edges() {
			d.SetEdge(d.NewEdge(simple.Node(e.From), simple.Node(e.To)))
		}
		want := network.PageRank(d, 0.85, 1e-14)
		got, err := centrality.PageRank(context.Background(), g, 0.85, centrality.Iteration{}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for u, rank := range got {
			sum += rank
			if math.Abs(rank-want[int64(u)]) > 1e-9 {
				t.Fatalf("node %d: got %v, want %v", u, rank, want[int64(u)])
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("ranks add up to %v", sum)
		}
	})
}

func TestKatzSolvesItsEquation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{Directed: rapid.Bool().Draw(t, "directed"), Weighted: rapid.Bool().Draw(t, "weighted")})
		x, alpha, err := centrality.Katz(context.Background(), g, 0, centrality.Iteration{}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		scale := math.NaN() // x = α·Aᵀx + s for one s
		var buf graph.Arcs
		for _, u := range g.Nodes() {
			arcs, sum := g.In(u, &buf), 0.0
			for i, v := range arcs.To {
				sum += x[v] * float64(arcs.WeightAt(i))
			}
			rest := x[u] - alpha*sum
			if math.IsNaN(scale) {
				scale = rest
			}
			if math.Abs(rest-scale) > 1e-9 || rest <= 0 {
				t.Fatalf("node %d: %v is left over, %v elsewhere", u, rest, scale)
			}
		}
	})
}

func TestCoresAreTheLargestSuchParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{Directed: rapid.Bool().Draw(t, "directed")})
		core := centrality.Cores(g)
		plain := g.Undirected(graph.First)
		for k := 1; k < 10; k++ {
			part := plain // peel nodes with fewer than k ties until none is left
			for {
				next := part.FilterNodes(func(u graph.Node) bool { return part.OutDegree(u) >= k })
				if next.Order() == part.Order() {
					break
				}
				part = next
			}
			for _, u := range g.Nodes() {
				if part.Has(u) != (core[u] >= k) {
					t.Fatalf("node %d has core number %d; in the %d-core: %v", u, core[u], k, part.Has(u))
				}
			}
		}
	})
}

func TestTrianglesMatchACount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{Multi: true})
		got, err := centrality.Triangles(context.Background(), g, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range g.Nodes() {
			want := int64(0)
			for _, v := range g.Nodes() {
				for w := range v {
					if u != v && u != w && g.HasArc(u, v) && g.HasArc(u, w) && g.HasArc(v, w) {
						want++
					}
				}
			}
			if got[u] != want {
				t.Fatalf("node %d: got %d, want %d", u, got[u], want)
			}
		}
	})
}

func TestClusteringOfATriangleWithATail(t *testing.T) {
	g, err := random.Graph(4, []random.Pair{{0, 1}, {1, 2}, {0, 2}, {2, 3}}, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	triangles, err := centrality.Triangles(context.Background(), g, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	got := centrality.Clustering(centrality.Degree(g), triangles)
	for u, want := range []float64{1, 1, 1.0 / 3, 0} {
		if !near(got[u], want) {
			t.Errorf("node %d: got %v, want %v", u, got[u], want)
		}
	}
}

func TestSampledKeepsItsBounds(t *testing.T) {
	ctx := context.Background()
	for name, edges := range map[string][]random.Pair{
		"hubs":   random.Preferential(600, 2, 3),
		"groups": random.Planted(6, 100, 6, 0.5, 3),
		"pieces": random.Loose(800, 700, 3),
	} {
		for _, directed := range []bool{false, true} {
			g, err := random.Graph(800, edges, graph.Options{Directed: directed})
			if err != nil {
				t.Fatal(err)
			}
			exact, err := centrality.Exact(ctx, g, graph.Hops, work.Run{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := centrality.Sampled(ctx, g, centrality.Sampling{Seed: 1, Error: 0.02, Pivots: 128}, work.Run{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Exact || got.BetweennessError <= 0 {
				t.Fatalf("%s: no bound is told", name)
			}
			for u := range exact.Betweenness {
				if off := math.Abs(got.Betweenness[u] - exact.Betweenness[u]); off > got.BetweennessError {
					t.Errorf("%s, directed %v, node %d: off by %v, bound %v", name, directed, u, off, got.BetweennessError)
				}
				if off := math.Abs(got.Closeness[u] - exact.Closeness[u]); !directed && off > 0.25*exact.Closeness[u]+1e-9 {
					t.Errorf("%s, node %d: closeness %v, exactly %v", name, u, got.Closeness[u], exact.Closeness[u])
				}
			}
		}
	}
}

func TestPivotsOfSmallComponentsAreExact(t *testing.T) {
	g, err := random.Graph(60, random.Loose(60, 50, 9), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	exact, err := centrality.Exact(context.Background(), g, graph.Hops, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := centrality.Sampled(context.Background(), g, centrality.Sampling{}, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	for u := range exact.Closeness {
		if !near(got.Closeness[u], exact.Closeness[u]) || !near(got.Harmonic[u], exact.Harmonic[u]) {
			t.Errorf("node %d: closeness %v, want %v", u, got.Closeness[u], exact.Closeness[u])
		}
	}
	if got.DistanceError != 0 {
		t.Errorf("an exact result has the bound %v", got.DistanceError)
	}
}

// TestWorkersDoNotMatter checks that results are the same to the last bit for one
// worker and for many.
func TestWorkersDoNotMatter(t *testing.T) {
	ctx := context.Background()
	g, err := random.Graph(500, random.Preferential(500, 3, 5), graph.Options{Weighted: true})
	if err != nil {
		t.Fatal(err)
	}
	measure := func(workers int) [][]float64 {
		run := work.Run{Workers: workers}
		exact, err := centrality.Exact(ctx, g, graph.Hops, run)
		if err != nil {
			t.Fatal(err)
		}
		far, err := centrality.Exact(ctx, g, graph.Inverse, run)
		if err != nil {
			t.Fatal(err)
		}
		sampled, err := centrality.Sampled(ctx, g, centrality.Sampling{Seed: 2, Pivots: 70}, run)
		if err != nil {
			t.Fatal(err)
		}
		rank, err := centrality.PageRank(ctx, g, 0.85, centrality.Iteration{}, run)
		if err != nil {
			t.Fatal(err)
		}
		return [][]float64{exact.Betweenness, exact.Closeness, far.Betweenness, far.Closeness, sampled.Betweenness, sampled.Closeness, rank}
	}
	one, many := measure(1), measure(7)
	for i := range one {
		for u := range one[i] {
			if one[i][u] != many[i][u] {
				t.Fatalf("measure %d of node %d: %v with one worker, %v with seven", i, u, one[i][u], many[i][u])
			}
		}
	}
}

func TestRelabellingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 25).Draw(t, "nodes")
		edges := random.Loose(n, 40, rapid.Uint64().Draw(t, "seed"))
		name := rapid.Permutation(sequence(n)).Draw(t, "names")
		turned := make([]random.Pair, len(edges))
		for i, e := range edges {
			turned[i] = random.Pair{name[e[0]], name[e[1]]}
		}
		a, b := measured(t, n, edges), measured(t, n, turned)
		for u := range n {
			if !near(a.Betweenness[u], b.Betweenness[name[u]]) || !near(a.Closeness[u], b.Closeness[name[u]]) {
				t.Fatalf("node %d changed with its number", u)
			}
		}
	})
}

func sequence(n int) []uint32 {
	s := make([]uint32, n)
	for i := range s {
		s[i] = uint32(i)
	}
	return s
}

func measured(t *rapid.T, n int, edges []random.Pair) *centrality.Shortest {
	g, err := random.Graph(n, edges, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := centrality.Exact(context.Background(), g, graph.Hops, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAViewIsMeasuredAsIfTheRestWereNotThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t, graph.Options{})
		hidden := graph.Node(rapid.IntRange(0, g.Bound()-1).Draw(t, "hidden"))
		view := g.Without(hidden)
		b := graph.NewBuilder(graph.Options{})
		for _, u := range view.Nodes() {
			b.Node([]byte(view.Label(u)))
		}
		for _, e := range view.Edges() {
			u, _ := b.Find([]byte(view.Label(e.From)))
			v, _ := b.Find([]byte(view.Label(e.To)))
			if err := b.Edge(u, v, 1); err != nil {
				t.Fatal(err)
			}
		}
		copied, _, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		want, err := centrality.Exact(ctx, copied, graph.Hops, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := centrality.Exact(ctx, view, graph.Hops, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		rank, err := centrality.PageRank(ctx, view, 0.85, centrality.Iteration{}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		wantRank, err := centrality.PageRank(ctx, copied, 0.85, centrality.Iteration{}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range copied.Nodes() {
			v, _ := view.Lookup(copied.Label(u))
			if !near(got.Betweenness[v], want.Betweenness[u]) || !near(got.Closeness[v], want.Closeness[u]) || !near(rank[v], wantRank[u]) {
				t.Fatalf("node %s differs in a view", copied.Label(u))
			}
		}
		if got.Betweenness[hidden] != 0 || rank[hidden] != 0 {
			t.Fatal("a hidden node has a measure")
		}
	})
}

func TestCancelledWorkStops(t *testing.T) {
	g, err := random.Graph(2000, random.Loose(2000, 8000, 1), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	run := work.Run{Progress: func(done, _ int) {
		if done > 0 {
			cancel()
		}
	}}
	if _, err := centrality.Exact(ctx, g, graph.Hops, run); !errors.Is(err, context.Canceled) {
		t.Errorf("exact paths: got %v", err)
	}
	for name, f := range map[string]func() error{
		"sampled": func() error { _, err := centrality.Sampled(ctx, g, centrality.Sampling{}, work.Run{}); return err },
		"pagerank": func() error {
			_, err := centrality.PageRank(ctx, g, 0.85, centrality.Iteration{}, work.Run{})
			return err
		},
		"katz":      func() error { _, _, err := centrality.Katz(ctx, g, 0, centrality.Iteration{}, work.Run{}); return err },
		"triangles": func() error { _, err := centrality.Triangles(ctx, g, work.Run{}); return err },
	} {
		if err := f(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestEmptyAndTinyGraphs(t *testing.T) {
	ctx := context.Background()
	for n := range 3 {
		g, err := random.Graph(n, nil, graph.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, view := range []*graph.Graph{g, g.FilterNodes(func(graph.Node) bool { return false })} {
			exact, err := centrality.Exact(ctx, view, graph.Inverse, work.Run{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := centrality.Sampled(ctx, view, centrality.Sampling{}, work.Run{}); err != nil {
				t.Fatal(err)
			}
			rank, err := centrality.PageRank(ctx, view, 0.85, centrality.Iteration{}, work.Run{})
			if err != nil {
				t.Fatal(err)
			}
			katz, _, err := centrality.Katz(ctx, view, 0, centrality.Iteration{}, work.Run{})
			if err != nil {
				t.Fatal(err)
			}
			for u := range n {
				if exact.Betweenness[u] != 0 || exact.Closeness[u] != 0 || math.IsNaN(rank[u]) || math.IsNaN(katz[u]) {
					t.Errorf("%d nodes: node %d has betweenness %v, closeness %v, rank %v, katz %v", n, u, exact.Betweenness[u], exact.Closeness[u], rank[u], katz[u])
				}
			}
		}
	}
}
