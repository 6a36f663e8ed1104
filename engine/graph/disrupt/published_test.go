// SPDX-License-Identifier: Apache-2.0

package disrupt_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/disrupt"
	"github.com/turnstone-project/turnstone/engine/graph/read"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// network reads one of the published networks as a simple graph, or skips.
func network(t *testing.T, name string) (*graph.Graph, string) {
	t.Helper()
	root := os.Getenv("TURNSTONE_TESTDATA")
	if root == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: the published networks are not here")
	}
	root = filepath.Join(root, "networks")
	in, err := os.Open(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // only read
	g, _, err := read.Graph(context.Background(), in, read.CSV, read.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g, root
}

func remove(t *testing.T, g *graph.Graph, plan disrupt.Plan) []disrupt.Step {
	t.Helper()
	steps, err := disrupt.Remove(context.Background(), g, plan, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

var betweenness = disrupt.ByBetweenness(graph.Hops, math.MaxInt, centrality.Sampling{})

// TestPublishedCurves compares with Cavallaro et al., Disrupting resilient
// criminal networks through data analysis (PLOS ONE 15(8), 2020): all steps up
// to the first that a tie leaves open.
func TestPublishedCurves(t *testing.T) {
	tests := []struct {
		network, folder string
		block           int
		column          string
		rank            disrupt.Ranking
		least           int     // steps that must be compared
		five            float64 // what the first five removals leave
	}{
		{"meetings", "sequential/meeting", 1, "Betweenness", betweenness, 18, 0.4239},
		{"phonecalls", "sequential/phone_calls", 1, "Betweenness", betweenness, 8, 0.2472},
		{"meetings", "block/meeting", 5, "Betweenness", betweenness, 4, 0.837},
		{"phonecalls", "block/phone_calls", 5, "Betweenness", betweenness, 2, 0.326},
		{"meetings", "sequential/meeting", 1, "Degree", disrupt.ByDegree, 3, 0},
		{"phonecalls", "sequential/phone_calls", 1, "Degree", disrupt.ByDegree, 5, 0.2697},
	}
	for _, tt := range tests {
		t.Run(tt.folder+" by "+tt.column, func(t *testing.T) {
			g, root := network(t, "montagna/Montagna_"+tt.network+"_edgelist.csv")
			want := publishedCurve(t, filepath.Join(root, "montagna/disruption", tt.folder, "df_Unweighted_5nrem.csv"), tt.column)
			steps := remove(t, g, disrupt.Plan{Rank: tt.rank, Block: tt.block, Steps: len(want) - 1})
			compared := 0
			for i, s := range steps {
				if open(s) {
					break
				}
				if math.Abs(s.Share-want[i+1]) > 1e-9 {
					t.Errorf("step %d leaves %.4f, published %.4f", i+1, s.Share, want[i+1])
				}
				compared++
			}
			if compared < tt.least {
				t.Errorf("only %d steps are without ties, want %d", compared, tt.least)
			}
			if five := steps[5/tt.block-1].Share; tt.five > 0 && math.Abs(five-tt.five) > 5e-4 {
				t.Errorf("five removals leave %.4f, want %.4f", five, tt.five)
			}
		})
	}
}

// open reports whether a step could have removed other nodes of the same score.
func open(s disrupt.Step) bool {
	last, within := s.Scores[len(s.Scores)-1], 0
	for _, score := range s.Scores {
		if math.Abs(score-last) <= 1e-9*math.Abs(last) {
			within++
		}
	}
	return s.Tied > within
}

func publishedCurve(t *testing.T, name, column string) []float64 {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var curve []float64
	for c, heading := range rows[0] {
		if heading != column {
			continue
		}
		for _, row := range rows[1:] {
			share, err := strconv.ParseFloat(row[c], 64)
			if err != nil {
				t.Fatal(err)
			}
			curve = append(curve, share)
		}
	}
	return curve
}

func TestAdaptiveRemovalMatchesTheOracles(t *testing.T) {
	for file, where := range map[string]string{
		"Montagna_meetings_edgelist": "montagna/Montagna_meetings_edgelist.csv", "morselli_togo": "morselli_togo.csv",
	} {
		g, root := network(t, where)
		text, err := os.ReadFile(filepath.Join(root, "oracle", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		type step struct {
			Removed string  `json:"removed"`
			Score   float64 `json:"score"`
			Tied    int     `json:"tied"`
			Largest int     `json:"lcc"`
		}
		var want struct {
			Betweenness []step `json:"adaptive_betweenness_removal"`
			Degree      []step `json:"adaptive_degree_removal"`
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		check := func(kind string, rank disrupt.Ranking, want []step) {
			for i, s := range remove(t, g, disrupt.Plan{Rank: rank, Steps: len(want)}) {
				w := want[i]
				if math.Abs(s.Scores[0]-w.Score) > 1e-6 || s.Tied != w.Tied {
					t.Errorf("%s by %s, step %d: score %v, %d tied; want %v, %d", file, kind, i+1, s.Scores[0], s.Tied, w.Score, w.Tied)
				}
				if w.Tied > 1 {
					return // from here on another order is as right
				}
				if g.Label(s.Removed[0]) != w.Removed || s.Largest != w.Largest {
					t.Errorf("%s by %s, step %d: %s leaves %d, want %s, %d", file, kind, i+1, g.Label(s.Removed[0]), s.Largest, w.Removed, w.Largest)
				}
			}
		}
		check("betweenness", betweenness, want.Betweenness)
		check("degree", disrupt.ByDegree, want.Degree)
	}
}
