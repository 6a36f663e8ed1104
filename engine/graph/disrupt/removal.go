// SPDX-License-Identifier: Apache-2.0

package disrupt

import (
	"context"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Ranking scores the nodes of a view; the highest is removed first.
type Ranking func(ctx context.Context, g *graph.Graph, run work.Run) ([]float64, error)

// Plan says how nodes are removed.
type Plan struct {
	// Rank scores the nodes that are left, anew before each step.
	Rank Ranking
	// Block is how many nodes go in one step; 0 means 1, which is adaptive removal.
	Block int
	// Steps is the number of steps; it ends earlier when nobody is left.
	Steps int
}

// Step is what one removal did.
type Step struct {
	Removed []graph.Node // by falling score; of equal ones the lower number first
	Scores  []float64    // of Removed, before the step
	// Tied is how many nodes had the score of the last one removed, in or out of
	// the block: where more than the block holds, another choice is as right.
	Tied       int
	Largest    int     // nodes of the largest component that is left
	Share      float64 // Largest over that of the whole network
	Components int     // how many there are, lonely nodes included
}

// Remove removes the highest-ranked nodes step by step, scoring those that are
// left anew before each step, and tells what is left of the largest component.
func Remove(ctx context.Context, g *graph.Graph, plan Plan, run work.Run) ([]Step, error) {
	g = g.Undirected(graph.Sum).Simple(graph.Sum)
	whole, err := path.FindComponents(ctx, g, run.Quiet())
	if err != nil {
		return nil, err
	}
	block := max(1, plan.Block)
	var steps []Step
	for range plan.Steps {
		if g.Order() == 0 {
			break
		}
		score, err := plan.Rank(ctx, g, run.Quiet())
		if err != nil {
			return nil, err
		}
		step := choose(g, score, block)
		g = g.Without(step.Removed...)
		left, err := path.FindComponents(ctx, g, run.Quiet())
		if err != nil {
			return nil, err
		}
		step.Largest, step.Components = left.Largest(), len(left.Size)
		step.Share = float64(step.Largest) / float64(whole.Largest())
		steps = append(steps, step)
		if run.Progress != nil {
			run.Progress(len(steps), plan.Steps)
		}
	}
	return steps, nil
}

// sameScore is how far two scores may lie apart, relatively, to count as equal:
// sums over paths differ by rounding.
const sameScore = 1e-9

// choose takes the nodes of highest score.
func choose(g *graph.Graph, score []float64, block int) Step {
	order := ranked(g, score)
	block = min(block, len(order))
	step := Step{Removed: slices.Clone(order[:block])}
	for _, u := range step.Removed {
		step.Scores = append(step.Scores, score[u])
	}
	last := score[order[block-1]]
	for _, u := range order {
		if same(score[u], last) {
			step.Tied++
		}
	}
	return step
}

func same(a, b float64) bool { return max(a, b)-min(a, b) <= sameScore*max(a, b, -a, -b) }

// ranked lists the shown nodes by falling score. Scores that differ by rounding
// count as equal, and of equal ones the lower number comes first, so that the
// order does not hang on the order of a sum.
func ranked(g *graph.Graph, score []float64) []graph.Node {
	order := g.Nodes()
	slices.SortStableFunc(order, func(a, b graph.Node) int {
		switch {
		case score[a] > score[b]:
			return -1
		case score[a] < score[b]:
			return 1
		}
		return 0
	})
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && same(score[order[hi]], score[order[lo]]) {
			hi++
		}
		slices.Sort(order[lo:hi])
		lo = hi
	}
	return order
}
