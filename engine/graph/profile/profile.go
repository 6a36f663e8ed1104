// SPDX-License-Identifier: Apache-2.0

// Package profile puts the measures of all nodes of a network into one table.
//
// It must never show a sampled measure without the bound of its error: see
// [Profile.Sampling].
//
// All functions may be called by several goroutines at the same time.
package profile

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// MaxExact is the greatest number of nodes for which all shortest paths are
// counted unless asked for.
const MaxExact = 20000

// Damping is the usual damping of PageRank.
const Damping = 0.85

// Options say how a profile is made.
type Options struct {
	Lengths   graph.Lengths
	Exact     bool // count all shortest paths, however many nodes
	Sampling  centrality.Sampling
	Community community.Options
	// Step is asked how each step is to be run; nil means on all cores, silently.
	Step func(name string) work.Run
}

// Profile holds the measures of a network, by node number.
type Profile struct {
	Graph      *graph.Graph
	Degree     []int // in a directed graph arriving and leaving arcs together
	Paths      *centrality.Shortest
	PageRank   []float64
	Core       []int
	Triangles  []int64
	Partition  community.Partition
	Components path.Components

	lengths graph.Lengths
}

// Of measures a simple graph.
func Of(ctx context.Context, g *graph.Graph, opts Options) (*Profile, error) {
	step := opts.Step
	if step == nil {
		step = func(string) work.Run { return work.Run{} }
	}
	p := &Profile{Graph: g, Degree: make([]int, g.Bound()), Core: centrality.Cores(g), lengths: opts.Lengths}
	for _, u := range g.Nodes() {
		p.Degree[u] = g.Degree(u)
	}
	var err error
	if p.Components, err = path.FindComponents(ctx, g, step("components")); err != nil {
		return nil, err
	}
	if opts.Exact || g.Order() <= MaxExact {
		p.Paths, err = centrality.Exact(ctx, g, opts.Lengths, step("shortest paths"))
	} else {
		p.Paths, err = centrality.Sampled(ctx, g, opts.Sampling, step("sampled paths"))
	}
	if err != nil {
		return nil, err
	}
	if p.PageRank, err = centrality.PageRank(ctx, g, Damping, centrality.Iteration{}, step("PageRank")); err != nil {
		return nil, err
	}
	if p.Triangles, err = centrality.Triangles(ctx, g, step("triangles")); err != nil {
		return nil, err
	}
	p.Partition, err = community.Leiden(ctx, g, opts.Community, step("communities"))
	return p, err
}

// Sampling says in words how far the table can be relied on, "" if all of it is
// exact.
func (p *Profile) Sampling() string {
	if p.Paths.Exact {
		return ""
	}
	hops := ""
	if p.lengths != graph.Hops {
		hops = ", by hops and without weights"
	}
	return fmt.Sprintf("%d nodes are too many to count all shortest paths, so betweenness and closeness are sampled%s: with %.0f %% confidence "+
		"every betweenness is within ±%.6g (from %d paths) and every mean distance within ±%.3g; --exact counts them all",
		p.Graph.Order(), hops, 100*p.Paths.Confidence, p.Paths.BetweennessError, p.Paths.Samples, p.Paths.DistanceError)
}

// Parts says in words how the network hangs together.
func (p *Profile) Parts() string {
	switch count := len(p.Components.Size); count {
	case 0:
		return "the network is empty"
	case 1:
		return "the network is in one piece"
	default:
		return fmt.Sprintf("the network is in %d pieces; the largest has %d of %d nodes", count, p.Components.Largest(), p.Graph.Order())
	}
}

// Columns are the headings of the table.
func Columns() []string {
	return []string{"node", "degree", "betweenness", "closeness", "pagerank", "core", "triangles", "community"}
}

// WriteCSV writes one row a node, in the order of node numbers.
func (p *Profile) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns()); err != nil {
		return err
	}
	for _, u := range p.Graph.Nodes() {
		err := out.Write([]string{
			p.Graph.Label(u), strconv.Itoa(p.Degree[u]), number(p.Paths.Betweenness[u]), number(p.Paths.Closeness[u]),
			number(p.PageRank[u]), strconv.Itoa(p.Core[u]), strconv.FormatInt(p.Triangles[u], 10), strconv.Itoa(int(p.Partition.Of[u])),
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// number writes twelve digits, which hides the rounding errors of sums.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 12, 64) }
