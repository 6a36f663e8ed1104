// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/profile"
)

func newGraphMetricsCommand() *cobra.Command {
	var source graphSource
	var doubt graphDoubt
	var out, of string
	var exact bool
	var seed uint64
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "Measure every node: degree, betweenness, closeness, PageRank, core, triangles, community",
		Long: `Writes one line for each node:

    degree       how many others it is tied to
    betweenness  how many shortest ways between two others lead through it (not
                 normalised, each pair once)
    closeness    how near it is to all others, between 0 and 1 (Wasserman-Faust)
    pagerank     how often a walk along random ties comes by (damping 0.85)
    core         the k of the closest-knit part it is in, where everybody has k ties
    triangles    how many pairs of its neighbours are tied to each other
    community    the group it is in (0 is the largest), by the Leiden algorithm

Ties between the same two nodes are merged and their weights added; ties from a
node to itself are dropped; both are told. Up to 20,000 nodes all shortest ways
are counted; beyond that they are sampled and the error bound is told, unless
you say --exact.

With --drop or --add it also tells, in words, how far the ranks by --of hold if
ties were missing or wrong, and writes intervals to --intervals.`,
		Example: `  turnstone graph metrics --in calls.csv --out people.csv
  turnstone graph metrics --in calls.csv --weight calls --directed
  turnstone graph metrics --in calls.csv --drop 0.1 --intervals doubt.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			g, err := source.load(cmd)
			if err != nil {
				return err
			}
			opts := profile.Options{Exact: exact, Step: barSteps(cmd)}
			opts.Lengths, err = source.lengths()
			if err != nil {
				return err
			}
			opts.Community.Seed, opts.Community.Restarts = seed, restarts(g)
			opts.Sampling.Seed = seed
			g = g.Simple(graph.Sum)
			p, err := profile.Of(cmd.Context(), g, opts)
			if err != nil {
				return err
			}
			sayf(cmd.ErrOrStderr(), "%s\n", p.Parts())
			if note := p.Sampling(); note != "" {
				sayf(cmd.ErrOrStderr(), "%s\n", note)
			}
			if doubt.asked() {
				doubt.opts.Seed = seed
				if err := doubt.tell(cmd, g, of, opts); err != nil {
					return err
				}
			}
			return writeOutput(cmd, out, p.WriteCSV)
		},
	}
	source.addTo(cmd)
	source.addFiltersTo(cmd)
	doubt.addTo(cmd)
	cmd.Flags().StringVar(&of, "of", "betweenness", "the measure that --drop and --add are about: "+strings.Join(profile.MeasureNames(), ", "))
	cmd.Flags().StringVar(&doubt.out, "intervals", "", "`FILE` for the intervals of --drop and --add")
	cmd.Flags().StringVar(&out, "out", "", "`FILE` to write; standard output if left out")
	cmd.Flags().BoolVar(&exact, "exact", false, "count all shortest ways even in a network of more than 20,000 nodes")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "where random choices begin: the same seed gives the same result")
	return cmd
}

// restarts is how often communities are looked for: often where it costs
// nothing.
func restarts(g *graph.Graph) int {
	if g.Size() <= 100_000 {
		return 10
	}
	return 1
}
