// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"context"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// MeasureNames returns the measures that can be computed by name.
func MeasureNames() []string {
	return []string{"degree", "betweenness", "closeness", "harmonic", "pagerank", "katz", "core", "triangles"}
}

// Measure returns a measure of nodes by its name, computed on one core and as
// Of would, so that it can be repeated many times in parallel.
func Measure(name string, opts Options) (func(context.Context, *graph.Graph) ([]float64, error), error) {
	one := work.Serial()
	switch name {
	case "degree":
		return func(_ context.Context, g *graph.Graph) ([]float64, error) {
			return floats(g, func(u graph.Node) int { return g.Degree(u) }), nil
		}, nil
	case "betweenness", "closeness", "harmonic":
		return func(ctx context.Context, g *graph.Graph) ([]float64, error) {
			var s *centrality.Shortest
			var err error
			if opts.Exact || g.Order() <= MaxExact {
				s, err = centrality.Exact(ctx, g, opts.Lengths, one)
			} else {
				s, err = centrality.Sampled(ctx, g, opts.Sampling, one)
			}
			if err != nil {
				return nil, err
			}
			return map[string][]float64{"betweenness": s.Betweenness, "closeness": s.Closeness, "harmonic": s.Harmonic}[name], nil
		}, nil
	case "pagerank":
		return func(ctx context.Context, g *graph.Graph) ([]float64, error) {
			return centrality.PageRank(ctx, g, Damping, centrality.Iteration{}, one)
		}, nil
	case "katz":
		return func(ctx context.Context, g *graph.Graph) ([]float64, error) {
			x, _, err := centrality.Katz(ctx, g, 0, centrality.Iteration{}, one)
			return x, err
		}, nil
	case "core":
		return func(_ context.Context, g *graph.Graph) ([]float64, error) {
			core := centrality.Cores(g)
			return floats(g, func(u graph.Node) int { return core[u] }), nil
		}, nil
	case "triangles":
		return func(ctx context.Context, g *graph.Graph) ([]float64, error) {
			count, err := centrality.Triangles(ctx, g, one)
			if err != nil {
				return nil, err
			}
			return floats(g, func(u graph.Node) int { return int(count[u]) }), nil
		}, nil
	}
	return nil, fmt.Errorf("there is no measure %q: say %s", name, strings.Join(MeasureNames(), ", "))
}

func floats(g *graph.Graph, value func(graph.Node) int) []float64 {
	list := make([]float64, g.Bound())
	for _, u := range g.Nodes() {
		list[u] = float64(value(u))
	}
	return list
}
