// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/uncertain"
)

func newGraphCommunitiesCommand() *cobra.Command {
	var source graphSource
	var doubt graphDoubt
	var out string
	var opts community.Options
	cmd := &cobra.Command{
		Use:   "communities",
		Short: "Find groups whose members are tied to each other more than chance would have it",
		Long: `Writes the community of each node, found by the Leiden algorithm; community 0 is
the largest. A community is a pattern in the ties that were seen, not a finding
about people: other seeds and resolutions give other communities.`,
		Example: `  turnstone graph communities --in calls.csv --out groups.csv
  turnstone graph communities --in calls.csv --weight calls --resolution 2`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !(opts.Resolution > 0) || opts.Restarts < 0 {
				return fmt.Errorf("--resolution must be above 0, --restarts not below 0")
			}
			g, err := source.load(cmd)
			if err != nil {
				return err
			}
			if opts.Restarts == 0 {
				opts.Restarts = restarts(g)
			}
			p, err := community.Leiden(cmd.Context(), g, opts, barSteps(cmd)("communities"))
			if err != nil {
				return err
			}
			sayf(cmd.ErrOrStderr(), "%d communities, modularity %.4f (resolution %g, seed %d, best of %d)\n",
				len(p.Size), p.Modularity, opts.Resolution, opts.Seed, opts.Restarts)
			if doubt.asked() {
				doubt.opts.Seed = opts.Seed
				held, err := uncertain.MeasureGroups(cmd.Context(), g, doubt.opts, opts, barSteps(cmd)("repeating"))
				if err != nil {
					return err
				}
				sayf(cmd.ErrOrStderr(), "%s", held.Words())
			}
			return writeOutput(cmd, out, func(w io.Writer) error {
				rows := [][]string{{"node", "community", "size"}}
				for _, u := range g.Nodes() {
					c := p.Of[u]
					rows = append(rows, []string{g.Label(u), strconv.Itoa(int(c)), strconv.Itoa(p.Size[c])})
				}
				return csv.NewWriter(w).WriteAll(rows)
			})
		},
	}
	source.addTo(cmd)
	source.addFiltersTo(cmd)
	doubt.addTo(cmd)
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "`FILE` to write; standard output if left out")
	f.Float64Var(&opts.Resolution, "resolution", 1, "above 1 finds smaller communities, below 1 larger ones")
	f.IntVar(&opts.Restarts, "restarts", 0, "how many seeds to try, keeping the best; 0 chooses by size")
	f.Uint64Var(&opts.Seed, "seed", 1, "where random choices begin: the same seed gives the same result")
	return cmd
}
