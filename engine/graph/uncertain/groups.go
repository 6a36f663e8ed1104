// SPDX-License-Identifier: Apache-2.0

package uncertain

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Groups tells how far communities hold.
type Groups struct {
	Options   Options
	Found     community.Partition // of the graph as it is
	Agreement []float64           // of each repeat with it, in rising order; see community.Agreement
}

// MeasureGroups finds communities in the graph and in its versions.
func MeasureGroups(ctx context.Context, g *graph.Graph, opts Options, how community.Options, run work.Run) (*Groups, error) {
	opts, err := opts.WithDefaults()
	if err != nil {
		return nil, err
	}
	r := &Groups{Options: opts, Agreement: make([]float64, opts.Repeats)}
	if r.Found, err = community.Leiden(ctx, g, how, run.Quiet()); err != nil {
		return nil, err
	}
	errs := make([]error, opts.Repeats)
	err = run.Each(ctx, opts.Repeats, 1, func(_, lo, _ int) {
		p, err := community.Leiden(ctx, Variant(g, opts, lo), how, work.Serial())
		if err != nil {
			errs[lo] = err
			return
		}
		r.Agreement[lo] = community.Agreement(r.Found.Of, p.Of)
	})
	if err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(r.Agreement)
	return r, nil
}

// Words says how far the communities hold.
func (r *Groups) Words() string {
	low, middle, high := quantile(r.Agreement, (1-r.Options.Level)/2), quantile(r.Agreement, 0.5), quantile(r.Agreement, (1+r.Options.Level)/2)
	return fmt.Sprintf("With %s, %d times over, the communities %s (agreement %.2f, mostly %.2f to %.2f; 1 the same, 0 by chance).\n",
		r.Options.change(), r.Options.Repeats, orderly(middle), middle, low, high)
}
