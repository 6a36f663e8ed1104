// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/compare"
)

// comparison is the flags of the compare verb.
type comparison struct {
	source           graphSource
	with, split, out string
	seed             uint64
}

func newGraphCompareCommand() *cobra.Command {
	var c comparison
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Compare two states of one network: who came, who went, who rose",
		Long: `Compares two states of one network, from two files (--in before, --with after) or
from one file divided at a moment (--split, with --time-column). Nodes are the
same if their names are.

Writes one line for each node with its ties and betweenness in both states, and
tells how the whole changed. Similarity is DeltaCon's: 1 for the same network,
less the more the ways between nodes have changed. A change of the picture may
be a change of what was looked at.`,
		Example: `  turnstone graph compare --in spring.csv --with autumn.csv
  turnstone graph compare --in calls.csv --time-column day --split 2024-07-01`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd) },
	}
	c.source.addTo(cmd)
	c.source.addFiltersTo(cmd)
	f := cmd.Flags()
	f.StringVar(&c.with, "with", "", "`FILE` with the later state")
	f.StringVar(&c.split, "split", "", "`TIME` that divides one file: before it, and from it on")
	f.StringVar(&c.out, "out", "", "`FILE` to write; standard output if left out")
	f.Uint64Var(&c.seed, "seed", 1, "where random choices begin: the same seed gives the same result")
	return cmd
}

func (c *comparison) run(cmd *cobra.Command) error {
	before, after, err := c.states(cmd)
	if err != nil {
		return err
	}
	opts := compare.Options{Community: community.Options{Seed: c.seed, Restarts: restarts(before)}}
	if opts.Profile.Lengths, err = c.source.lengths(); err != nil {
		return err
	}
	r, err := compare.Of(cmd.Context(), before, after, opts, barSteps(cmd)("comparing"))
	if err != nil {
		return err
	}
	tellComparison(cmd.ErrOrStderr(), r)
	return writeOutput(cmd, c.out, func(w io.Writer) error { return writeChanges(w, r) })
}

// states reads both states.
func (c *comparison) states(cmd *cobra.Command) (before, after *graph.Graph, err error) {
	if (c.with == "") == (c.split == "") {
		return nil, nil, errors.New("say either --with FILE or --split TIME")
	}
	if c.with != "" {
		if before, err = c.source.load(cmd); err != nil {
			return nil, nil, err
		}
		after, err = c.source.loadFile(cmd, c.with)
		return before, after, err
	}
	at, err := graph.ParseTime(c.split)
	if err != nil {
		return nil, nil, fmt.Errorf("--split: %w", err)
	}
	if c.source.timeColumn == "" {
		return nil, nil, errors.New("--split needs to know when ties were: name the column with --time-column")
	}
	g, err := c.source.load(cmd)
	if err != nil {
		return nil, nil, err
	}
	col, ok := g.EdgeColumn(c.source.timeColumn)
	if !ok {
		return nil, nil, fmt.Errorf("there is no column %q", c.source.timeColumn)
	}
	before, after = g.During(col, time.Time{}, at), g.During(col, at, time.Time{})
	if without := g.Size() - before.Size() - after.Size(); without > 0 {
		sayf(cmd.ErrOrStderr(), "%d ties without a time are in neither state\n", without)
	}
	return tied(before), tied(after), nil
}

// tied shows only nodes with ties, since nobody knows when the others were there.
func tied(g *graph.Graph) *graph.Graph {
	return g.FilterNodes(func(u graph.Node) bool { return g.Degree(u) > 0 })
}

func tellComparison(w io.Writer, r *compare.Result) {
	line := func(what string, a, b string) { sayf(w, "%-14s %10s %10s\n", what, a, b) }
	count := func(n int) string { return strconv.Itoa(n) }
	share := func(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }
	line("", "before", "after")
	line("nodes", count(r.Before.Nodes), count(r.After.Nodes))
	line("ties", count(r.Before.Ties), count(r.After.Ties))
	line("density", share(r.Before.Density), share(r.After.Density))
	line("mean degree", share(r.Before.MeanDegree), share(r.After.MeanDegree))
	line("components", count(r.Before.Components), count(r.After.Components))
	line("largest part", share(r.Before.Largest), share(r.After.Largest))
	line("transitivity", share(r.Before.Transitivity), share(r.After.Transitivity))
	line("communities", count(r.Before.Communities), count(r.After.Communities))
	line("modularity", share(r.Before.Modularity), share(r.After.Modularity))
	sayf(w, "nodes: %d stayed, %d went, %d came; ties: %d stayed, %d went, %d came\n",
		r.Nodes.Kept, r.Nodes.Gone, r.Nodes.New, r.Ties.Kept, r.Ties.Gone, r.Ties.New)
	sayf(w, "similarity %.3f; communities agree to %.2f (1 the same, 0 by chance)\n", r.Similarity, r.SameGroups)
}

func writeChanges(w io.Writer, r *compare.Result) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"node", "state", "degree_before", "degree_after", "betweenness_before", "betweenness_after"}}
	for _, c := range r.Changes {
		state := "stayed"
		switch {
		case c.After < 0:
			state = "went"
		case c.Before < 0:
			state = "came"
		}
		rows = append(rows, []string{
			c.Label, state, strconv.Itoa(c.DegreeBefore), strconv.Itoa(c.DegreeAfter), decimal(c.BetweennessBefore), decimal(c.BetweennessNow),
		})
	}
	return out.WriteAll(rows)
}
