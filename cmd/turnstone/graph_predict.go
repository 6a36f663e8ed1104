// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph/predict"
)

func newGraphPredictCommand() *cobra.Command {
	var source graphSource
	var out, method string
	var opts predict.Options
	cmd := &cobra.Command{
		Use:   "predict",
		Short: "List pairs that are not tied but look as if they were",
		Long: `Ranks pairs of nodes without a tie by how likely a tie is there and was not seen,
or will come: by the neighbours that they have in common, rare acquaintances
counting more (adamic-adar), or by all short walks between them (katz).

A prediction is a place to look, not evidence.`,
		Example: `  turnstone graph predict --in calls.csv --links 50
  turnstone graph predict --in calls.csv --method katz`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rank := predict.AdamicAdar
			switch method {
			case "adamic-adar":
			case "katz":
				rank = predict.Katz
			default:
				return fmt.Errorf("there is no method %q: say adamic-adar or katz", method)
			}
			if opts.Links < 1 {
				return fmt.Errorf("--links must be at least 1")
			}
			g, err := source.load(cmd)
			if err != nil {
				return err
			}
			result, err := rank(cmd.Context(), g, opts, barSteps(cmd)("pairs"))
			if err != nil {
				return err
			}
			if result.Hubs > 0 {
				sayf(cmd.ErrOrStderr(), "%d nodes with more than %d ties don't count as common neighbours; --max-hub changes that\n",
					result.Hubs, opts.MaxHub)
			}
			return writeOutput(cmd, out, func(w io.Writer) error {
				rows := [][]string{{"a", "b", "score", "common"}}
				for _, l := range result.Links {
					rows = append(rows, []string{g.Label(l.A), g.Label(l.B), decimal(l.Score), strconv.Itoa(l.Common)})
				}
				return csv.NewWriter(w).WriteAll(rows)
			})
		},
	}
	source.addTo(cmd)
	source.addFiltersTo(cmd)
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "`FILE` to write; standard output if left out")
	f.StringVar(&method, "method", "adamic-adar", "adamic-adar or katz")
	f.IntVar(&opts.Links, "links", 20, "how many pairs to list")
	f.IntVar(&opts.MaxHub, "max-hub", 2000, "nodes with more ties than this say nothing about their neighbours")
	return cmd
}
