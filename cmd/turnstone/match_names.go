// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/match/stream"
)

func newMatchNamesCommand() *cobra.Command {
	var f pairFlags
	cmd := &cobra.Command{
		Use:   "names",
		Short: "Compare pairs of names from a CSV",
		Long: `Read a CSV with a header and the columns schema, left and right, in any order
and among others, and write it again with two more columns: score, from 0 to 1,
and match, true or false. schema is Person, Company, Organization, Vessel, … as
in FollowTheMoney; empty is Person.

A line that can't be read gets an empty score, is named in an error at the end,
and stops nothing.`,
		Example: `  turnstone match names --in pairs.csv --out scored.csv`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd, stream.Names) },
	}
	f.add(cmd, "CSV with the columns schema, left, right", "CSV with score and match added")
	return cmd
}
