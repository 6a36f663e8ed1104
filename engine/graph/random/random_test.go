// SPDX-License-Identifier: Apache-2.0

package random_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/random"
)

func TestTheSameSeedGivesTheSameNetwork(t *testing.T) {
	makers := map[string]func(seed uint64) []random.Pair{
		"uniform":      func(s uint64) []random.Pair { return random.Uniform(50, 100, s) },
		"loose":        func(s uint64) []random.Pair { return random.Loose(50, 100, s) },
		"planted":      func(s uint64) []random.Pair { return random.Planted(5, 10, 6, 1, s) },
		"preferential": func(s uint64) []random.Pair { return random.Preferential(50, 2, s) },
	}
	for name, build := range makers {
		if diff := cmp.Diff(build(7), build(7)); diff != "" {
			t.Errorf("%s: two runs of one seed differ:\n%s", name, diff)
		}
		if cmp.Equal(build(7), build(8)) {
			t.Errorf("%s: two seeds gave the same network", name)
		}
	}
}

func TestUniformHasDistinctEdges(t *testing.T) {
	g, err := random.Graph(20, random.Uniform(20, 1000, 1), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := 20 * 19 / 2; g.Size() != want {
		t.Errorf("asked for more edges than pairs: got %d, want all %d", g.Size(), want)
	}
}

func TestPlantedTiesMostlyInside(t *testing.T) {
	inside := 0
	edges := random.Planted(4, 25, 8, 2, 1)
	for _, e := range edges {
		if e[0]/25 == e[1]/25 {
			inside++
		}
	}
	if share := float64(inside) / float64(len(edges)); share < 0.75 || share > 0.95 {
		t.Errorf("%.2f of the ties are inside, want about 0.85", share)
	}
}
