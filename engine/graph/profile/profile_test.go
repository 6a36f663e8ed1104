// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/profile"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/read"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// oracle is what networkx and igraph agree on for one network.
type oracle struct {
	File       string `json:"file"`
	N          int    `json:"n"`
	M          int    `json:"m"`
	Components []int  `json:"components"`
	Triangles  int64  `json:"triangles_total"`
	Louvain    struct {
		Best float64 `json:"best_modularity"`
	} `json:"louvain"`
	Nodes []struct {
		Node        string  `json:"node"`
		Degree      int     `json:"degree"`
		Betweenness float64 `json:"betweenness"`
		Closeness   float64 `json:"closeness"`
		PageRank    float64 `json:"pagerank"`
		Core        int     `json:"core"`
		Triangles   int64   `json:"triangles"`
	} `json:"nodes"`
}

// networks returns the folder with the published networks, or skips.
func networks(t *testing.T) string {
	t.Helper()
	root := os.Getenv("TURNSTONE_TESTDATA")
	if root == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: the published networks are not here")
	}
	return filepath.Join(root, "networks")
}

func TestProfilesMatchTheOracles(t *testing.T) {
	root := networks(t)
	for file, where := range map[string]string{
		"Montagna_meetings_edgelist": "montagna/Montagna_meetings_edgelist.csv",
		"morselli_togo":              "morselli_togo.csv",
	} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, "oracle", file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var want oracle
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			in, err := os.Open(filepath.Join(root, where))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close() //nolint:errcheck // only read
			g, _, err := read.Graph(context.Background(), in, read.CSV, read.Options{})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, g, want)
		})
	}
}

func compare(t *testing.T, g *graph.Graph, want oracle) {
	t.Helper()
	p, err := profile.Of(context.Background(), g, profile.Options{Community: community.Options{Seed: 1, Restarts: 10}})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := path.FindComponents(context.Background(), g, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	if g.Order() != want.N || g.Size() != want.M || len(parts.Size) != len(want.Components) {
		t.Fatalf("%d nodes, %d ties, components %v; want %d, %d, %v", g.Order(), g.Size(), parts.Size, want.N, want.M, want.Components)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(b)) }
	var triangles int64
	for _, n := range want.Nodes {
		u, ok := g.Lookup(n.Node)
		if !ok {
			t.Fatalf("no node %s", n.Node)
		}
		triangles += p.Triangles[u]
		if p.Degree[u] != n.Degree || p.Core[u] != n.Core || p.Triangles[u] != n.Triangles ||
			!near(p.Paths.Betweenness[u], n.Betweenness) || !near(p.Paths.Closeness[u], n.Closeness) || math.Abs(p.PageRank[u]-n.PageRank) > 1e-9 {
			t.Errorf("node %s: degree %d, core %d, triangles %d, betweenness %v, closeness %v, PageRank %v; want %+v",
				n.Node, p.Degree[u], p.Core[u], p.Triangles[u], p.Paths.Betweenness[u], p.Paths.Closeness[u], p.PageRank[u], n)
		}
	}
	if triangles != 3*want.Triangles {
		t.Errorf("%d corners of triangles, want %d triangles", triangles, want.Triangles)
	}
	if p.Partition.Modularity < want.Louvain.Best-0.002 {
		t.Errorf("modularity %v, the best of 50 Louvain runs is %v", p.Partition.Modularity, want.Louvain.Best)
	}
}

func TestTheTableHasOneRowANode(t *testing.T) {
	g, err := random.Graph(4, []random.Pair{{0, 1}, {1, 2}}, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Of(context.Background(), g.Without(3), profile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(rows[0], ","), "node,degree,betweenness,closeness,pagerank,core,triangles,community"; got != want {
		t.Errorf("headings %s, want %s", got, want)
	}
	if len(rows) != 4 || rows[2][0] != "1" || rows[2][1] != "2" || rows[2][2] != "1" || rows[2][3] != "1" {
		t.Errorf("rows %v", rows)
	}
}

func TestSamplesAreNeverShownWithoutTheirBound(t *testing.T) {
	n := profile.MaxExact + 1
	g, err := random.Graph(n, random.Loose(n, 2*n, 1), graph.Options{Weighted: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Of(context.Background(), g, profile.Options{
		Lengths: graph.Inverse, Sampling: centrality.Sampling{Error: 0.1, Pivots: 64},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"±", "95 %", "--exact", "without weights"} {
		if !strings.Contains(p.Sampling(), want) {
			t.Errorf("%q does not say %q", p.Sampling(), want)
		}
	}
}
