// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import "github.com/spf13/cobra"

// newGraphCommand is the table of what can be asked of a network.
func newGraphCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Measure a network: who matters, who is connected how, what holds it together",
		Long: `Measures networks of people, phones, companies or places.

A network comes as a file of ties, one a line, each naming its two ends:

    source,target,calls
    Anna,Ben,12
    Ben,Carla,3

Comma, semicolon and tab all do; so do adjacency matrices, GraphML and
FollowTheMoney entities (one JSON object a line). Results are CSV files that any
spreadsheet opens; what had to be guessed or left out is told on the terminal.`,
		Example: `  turnstone graph metrics --in calls.csv --out people.csv
  turnstone graph paths --in calls.csv --from Anna --to Carla
  turnstone graph draw --in calls.csv --out calls.svg`,
	}
	cmd.AddCommand(
		newGraphMetricsCommand(),
		newGraphPathsCommand(),
		newGraphCommunitiesCommand(),
		newGraphPredictCommand(),
		newGraphDisruptCommand(),
		newGraphCompareCommand(),
		newGraphDrawCommand(),
		newGraphPackCommand(),
	)
	return cmd
}
