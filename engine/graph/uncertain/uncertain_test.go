// SPDX-License-Identifier: Apache-2.0

package uncertain_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/disrupt"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/uncertain"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func build(t interface{ Fatal(...any) }, n int, edges []random.Pair) *graph.Graph {
	g, err := random.Graph(n, edges, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func degree(ctx context.Context, g *graph.Graph) ([]float64, error) {
	return disrupt.ByDegree(ctx, g, work.Serial())
}

func TestVariantsOnlyHideOrOnlyAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := build(t, 20, random.Uniform(20, 60, rapid.Uint64().Draw(t, "seed")))
		seed := rapid.Uint64().Draw(t, "variant")
		less := uncertain.Variant(g, uncertain.Options{Drop: 0.3, Seed: seed}, 1)
		for _, e := range less.Edges() {
			if !g.HasArc(e.From, e.To) {
				t.Fatal("hiding made a tie")
			}
		}
		more := uncertain.Variant(g, uncertain.Options{Add: 0.5, Seed: seed}, 1)
		for _, e := range g.Edges() {
			if !more.HasArc(e.From, e.To) {
				t.Fatal("adding lost a tie")
			}
		}
		if more.Size() > 90 || more.Size() < 80 {
			t.Fatalf("60 ties and half as many are %d", more.Size())
		}
		if diff := cmp.Diff(more.Edges(), uncertain.Variant(g, uncertain.Options{Add: 0.5, Seed: seed}, 1).Edges()); diff != "" {
			t.Fatal("the same seed gave another version")
		}
	})
}

func TestHidingMeetsItsRate(t *testing.T) {
	g := build(t, 2000, random.Uniform(2000, 50_000, 1))
	for _, rate := range []float64{0.05, 0.5, 0.9} {
		left := float64(uncertain.Variant(g, uncertain.Options{Drop: rate, Seed: 3}, 0).Size()) / 50_000
		if math.Abs(left-(1-rate)) > 0.01 {
			t.Errorf("hiding %v leaves %v", rate, left)
		}
	}
}

func TestIntervalsHoldWhatChanceDoes(t *testing.T) {
	// The hub of a star with 400 points keeps a binomial number of ties.
	var edges []random.Pair
	for i := uint32(1); i <= 400; i++ {
		edges = append(edges, random.Pair{0, i})
	}
	r, err := uncertain.Measure(context.Background(), build(t, 401, edges), uncertain.Options{Drop: 0.2, Repeats: 400}, degree, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	deviation := math.Sqrt(400 * 0.2 * 0.8)
	if math.Abs(r.Mean[0]-320) > 1.5 || math.Abs(r.Low[0]-(320-1.645*deviation)) > 3 || math.Abs(r.High[0]-(320+1.645*deviation)) > 3 {
		t.Errorf("hub: mean %v between %v and %v", r.Mean[0], r.Low[0], r.High[0])
	}
	if r.First != 400 {
		t.Errorf("the hub is first in %v of 400", r.First)
	}
}

func TestNothingChangedIsCertain(t *testing.T) {
	g := build(t, 60, random.Preferential(60, 2, 1))
	apart := func(ctx context.Context, g *graph.Graph) ([]float64, error) { // no two values are equal
		values, err := degree(ctx, g)
		for u := range values {
			values[u] += float64(u) / 1000
		}
		return values, err
	}
	r, err := uncertain.Measure(context.Background(), g, uncertain.Options{Repeats: 10}, apart, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	for u := range r.Value {
		if r.Low[u] != r.Value[u] || r.High[u] != r.Value[u] {
			t.Fatalf("node %d: %v, interval %v to %v", u, r.Value[u], r.Low[u], r.High[u])
		}
	}
	if r.First != 10 || math.Abs(r.Overlap-float64(r.TopSize)) > 1e-9 || math.Abs(r.Correlation[0]-1) > 1e-12 {
		t.Errorf("first %v, overlap %v, correlation %v", r.First, r.Overlap, r.Correlation[0])
	}
}

func TestWorkersDoNotMatter(t *testing.T) {
	g := build(t, 80, random.Preferential(80, 2, 1))
	measure := func(ctx context.Context, g *graph.Graph) ([]float64, error) {
		return centrality.Betweenness(ctx, g, graph.Hops, work.Serial())
	}
	opts := uncertain.Options{Drop: 0.1, Add: 0.1, Repeats: 12, Seed: 5}
	one, err := uncertain.Measure(context.Background(), g, opts, measure, work.Run{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	many, err := uncertain.Measure(context.Background(), g, opts, measure, work.Run{Workers: 6})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, many); diff != "" {
		t.Errorf("results differ:\n%s", diff)
	}
}

func TestWordsFollowTheNumbers(t *testing.T) {
	label := func(u int) string { return string(rune('A' + u)) }
	var star []random.Pair
	for i := uint32(1); i < 20; i++ {
		star = append(star, random.Pair{0, i})
	}
	ring := []random.Pair{}
	for i := range uint32(20) {
		ring = append(ring, random.Pair{i, (i + 1) % 20})
	}
	for name, tt := range map[string]struct {
		edges []random.Pair
		want  []string
	}{
		"a hub stays":  {star, []string{"20 % of the ties hidden, 100 times over", "A is first by degree in 100 of 100. That finding holds."}},
		"equals don't": {ring, []string{"That finding does not hold.", "Don't build on these", "say little"}},
	} {
		r, err := uncertain.Measure(context.Background(), build(t, 20, tt.edges), uncertain.Options{Drop: 0.2, Seed: 1}, degree, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		words := r.Words("degree", label)
		for _, want := range tt.want {
			if !strings.Contains(words, want) {
				t.Errorf("%s: the words lack %q:\n%s", name, want, words)
			}
		}
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	g := build(t, 3, nil)
	for _, opts := range []uncertain.Options{{Drop: 1}, {Drop: -0.1}, {Drop: math.NaN()}, {Add: -1}, {Repeats: -1}, {Level: 2}} {
		if _, err := uncertain.Measure(context.Background(), g, opts, degree, work.Run{}); err == nil {
			t.Errorf("%+v was accepted", opts)
		}
	}
	broken := errors.New("broken")
	if _, err := uncertain.Measure(context.Background(), g, uncertain.Options{}, func(context.Context, *graph.Graph) ([]float64, error) { return nil, broken }, work.Run{}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	empty, err := uncertain.Measure(context.Background(), build(t, 0, nil), uncertain.Options{Drop: 0.5, Add: 0.5}, degree, work.Run{})
	if err != nil || empty.Words("degree", nil) != "There is nobody to rank." {
		t.Errorf("empty graph: %v, %v", empty, err)
	}
}

func TestClearGroupsHoldAndOthersDoNot(t *testing.T) {
	clear := build(t, 120, random.Planted(4, 30, 12, 0.5, 1))
	chance := build(t, 120, random.Uniform(120, 240, 1))
	for name, tt := range map[string]struct {
		g     *graph.Graph
		words string
	}{"planted": {clear, "stay nearly the same"}, "chance": {chance, "say little"}} {
		r, err := uncertain.MeasureGroups(context.Background(), tt.g, uncertain.Options{Drop: 0.2, Repeats: 40, Seed: 1}, community.Options{Seed: 1}, work.Run{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.Words(), tt.words) {
			t.Errorf("%s: %q does not say that they %s", name, r.Words(), tt.words)
		}
	}
}
