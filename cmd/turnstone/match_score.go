// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/match/stream"
)

func newMatchScoreCommand() *cobra.Command {
	var f pairFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Compare pairs of entities from JSON lines",
		Long: `Read lines of {"left":{entity},"right":{entity}}, each entity in FollowTheMoney
JSON, and write for each, in the same order, a line of

  {"score":0.97,"match":true,"features":[{"feature":"birth date","weight":2.1,…}]}

The weights of the features add up to the log-odds of the score. A line that
can't be read gets "score":null and an error, and stops nothing.`,
		Example: `  turnstone match score --in pairs.jsonl --out scores.jsonl`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd, stream.Entities) },
	}
	f.add(cmd, "JSON lines of pairs", "JSON lines of scores")
	return cmd
}
