// SPDX-License-Identifier: Apache-2.0

// Package compare lays two states of one network side by side: who came and
// went, which ties did, how the structure changed, and how alike the two are.
// Nodes are the same if their labels are.
//
// It must never call a change real that may be a change of what was looked at:
// it compares two pictures, not two realities.
//
// All functions may be called by several goroutines at the same time.
package compare

import (
	"context"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/profile"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Counts says how many of something stayed, went and came.
type Counts struct{ Kept, Gone, New int }

// Jaccard is the share of what stayed in all there was, 1 if there was nothing.
func (c Counts) Jaccard() float64 {
	if all := c.Kept + c.Gone + c.New; all > 0 {
		return float64(c.Kept) / float64(all)
	}
	return 1
}

// Shape is the structure of one state.
type Shape struct {
	Nodes, Ties  int
	Density      float64 // share of all pairs that are tied
	MeanDegree   float64
	Components   int
	Largest      float64 // share of nodes in the largest component
	Transitivity float64 // share of pairs of ties at a node that close to a triangle
	Modularity   float64 // of the best communities found
	Communities  int
}

// Change is one node in both states; -1 stands for its number where it is not.
type Change struct {
	Label                             string
	Before, After                     int64
	DegreeBefore, DegreeAfter         int
	BetweennessBefore, BetweennessNow float64
}

// Result is the comparison.
type Result struct {
	Nodes, Ties   Counts
	Before, After Shape
	Changes       []Change // first the nodes of the earlier state, then the new ones
	// Similarity is DeltaCon's, between 0 and 1; see DeltaCon.
	Similarity float64
	// SameGroups is the adjusted Rand index of the communities of nodes that are
	// in both states: 1 if they are the same, about 0 if they agree by chance only.
	SameGroups float64
}

// Options say how states are compared.
type Options struct {
	Community community.Options
	Profile   profile.Options // for betweenness
}

// Of compares two graphs; directions are ignored and parallel ties merged.
func Of(ctx context.Context, before, after *graph.Graph, opts Options, run work.Run) (*Result, error) {
	a := before.Undirected(graph.Sum).Simple(graph.Sum)
	b := after.Undirected(graph.Sum).Simple(graph.Sum)
	r := &Result{}
	partA, err := r.Before.measure(ctx, a, opts, run)
	if err != nil {
		return nil, err
	}
	partB, err := r.After.measure(ctx, b, opts, run)
	if err != nil {
		return nil, err
	}
	measure, err := profile.Measure("betweenness", opts.Profile)
	if err != nil {
		return nil, err
	}
	betweenA, err := measure(ctx, a)
	if err != nil {
		return nil, err
	}
	betweenB, err := measure(ctx, b)
	if err != nil {
		return nil, err
	}
	pair := match(a, b)
	r.Nodes = pair.nodes
	r.Ties = pair.ties(a, b)
	for i, label := range pair.labels {
		c := Change{Label: label, Before: -1, After: -1}
		if u := pair.a[i]; u != graph.None {
			c.Before, c.DegreeBefore, c.BetweennessBefore = int64(u), a.OutDegree(u), betweenA[u]
		}
		if u := pair.b[i]; u != graph.None {
			c.After, c.DegreeAfter, c.BetweennessNow = int64(u), b.OutDegree(u), betweenB[u]
		}
		r.Changes = append(r.Changes, c)
	}
	r.SameGroups = pair.sameGroups(partA, partB)
	r.Similarity, err = DeltaCon(ctx, a, b, run)
	return r, err
}

func (s *Shape) measure(ctx context.Context, g *graph.Graph, opts Options, run work.Run) (community.Partition, error) {
	n := g.Order()
	s.Nodes, s.Ties = n, g.Size()
	if n > 1 {
		s.Density = float64(2*g.Size()) / (float64(n) * float64(n-1))
	}
	if n > 0 {
		s.MeanDegree = 2 * float64(g.Size()) / float64(n)
	}
	parts, err := path.FindComponents(ctx, g, run.Quiet())
	if err != nil {
		return community.Partition{}, err
	}
	s.Components = len(parts.Size)
	if n > 0 {
		s.Largest = float64(parts.Largest()) / float64(n)
	}
	triangles, err := centrality.Triangles(ctx, g, run.Quiet())
	if err != nil {
		return community.Partition{}, err
	}
	closed, open := 0.0, 0.0
	for _, u := range g.Nodes() {
		d := float64(g.OutDegree(u))
		closed += float64(triangles[u])
		open += d * (d - 1) / 2
	}
	if open > 0 {
		s.Transitivity = closed / open
	}
	p, err := community.Leiden(ctx, g, opts.Community, run.Quiet())
	s.Modularity, s.Communities = p.Modularity, len(p.Size)
	return p, err
}
