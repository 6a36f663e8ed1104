// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
)

// pathsAsked is the flags of the paths verb.
type pathsAsked struct {
	source         graphSource
	from, to, out  string
	count, maxHops int
	ordered        bool
	near           int
}

func newGraphPathsCommand() *cobra.Command {
	var p pathsAsked
	cmd := &cobra.Command{
		Use:   "paths",
		Short: "Find the ways between two nodes, or what lies around one",
		Long: `Finds the shortest ways between two nodes, one line for each tie of each way,
and tells their common neighbours. A way passes no node twice.

With --weakest every tie must have that grade or a better one, each letter and
digit compared by itself: with B2, ties of A1, A2, B1 and B2 do. With --ordered
no tie may be earlier than the one before it, so that something could really
have been passed on along the way; ties without a time are left out.

Without --to it lists what lies around a node, --hops ties away at most.`,
		Example: `  turnstone graph paths --in calls.csv --from Anna --to Carla --count 5
  turnstone graph paths --in calls.csv --from Anna --to Carla --time-column day --ordered
  turnstone graph paths --in calls.csv --from Anna --hops 2`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.run(cmd) },
	}
	p.source.addTo(cmd)
	p.source.addFiltersTo(cmd)
	f := cmd.Flags()
	f.StringVar(&p.from, "from", "", "`NODE` where the way begins (required)")
	f.StringVar(&p.to, "to", "", "`NODE` where it ends")
	f.IntVar(&p.count, "count", 3, "how many ways to find")
	f.IntVar(&p.maxHops, "max-hops", 0, "the most ties that a way may have; 0 means any number")
	f.BoolVar(&p.ordered, "ordered", false, "no tie may be earlier than the one before it; needs --time-column")
	f.IntVar(&p.near, "hops", 1, "without --to: how many ties away to look")
	f.StringVar(&p.out, "out", "", "`FILE` to write; standard output if left out")
	if err := cmd.MarkFlagRequired("from"); err != nil {
		panic(err) // the flag is declared above
	}
	return cmd
}

func (p *pathsAsked) run(cmd *cobra.Command) error {
	g, err := p.source.load(cmd)
	if err != nil {
		return err
	}
	from, err := nodeOf(g, p.from)
	if err != nil {
		return err
	}
	if p.to == "" {
		return p.around(cmd, g, from)
	}
	to, err := nodeOf(g, p.to)
	if err != nil {
		return err
	}
	q := path.Query{From: from, To: to, Paths: p.count, MaxHops: p.maxHops, Ordered: p.ordered}
	q.Lengths, err = p.source.lengths()
	if err != nil {
		return err
	}
	q.Time, _ = g.EdgeColumn(p.source.timeColumn)
	q.Grade, _ = g.EdgeColumn(p.source.gradeCol)
	if p.ordered && q.Time == nil {
		return fmt.Errorf("--ordered needs to know when ties were: name the column with --time-column")
	}
	paths, err := path.Shortest(cmd.Context(), g, q)
	if err != nil {
		return fmt.Errorf("%s to %s: %w", p.from, p.to, err)
	}
	p.tell(cmd.ErrOrStderr(), g, from, to, len(paths))
	relation, _ := g.EdgeColumn(p.source.relationColumn)
	return writeOutput(cmd, p.out, func(w io.Writer) error {
		return writePaths(w, g, paths, []*graph.Column{relation, q.Time, q.Grade})
	})
}

func (p *pathsAsked) tell(w io.Writer, g *graph.Graph, from, to graph.Node, found int) {
	if found == 0 {
		sayf(w, "there is no way from %s to %s that meets the conditions\n", p.from, p.to)
	}
	common := path.CommonNeighbours(g, from, to)
	switch len(common) {
	case 0:
		sayf(w, "%s and %s have no common neighbour\n", p.from, p.to)
	case 1:
		sayf(w, "%s and %s have one common neighbour: %s\n", p.from, p.to, g.Label(common[0].Node))
	default:
		sayf(w, "%s and %s have %d common neighbours; the one with fewest ties is %s\n", p.from, p.to, len(common), g.Label(common[0].Node))
	}
}

// nodeOf finds a node by its name.
func nodeOf(g *graph.Graph, name string) (graph.Node, error) {
	u, ok := g.Lookup(name)
	if !ok {
		return 0, fmt.Errorf("there is no node %q in this network", name)
	}
	return u, nil
}

// writePaths writes one line for each tie; attrs are the columns with its kind,
// time and grade, nil for those that are not there.
func writePaths(w io.Writer, g *graph.Graph, paths []path.Path, attrs []*graph.Column) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"path", "length", "weakest", "step", "from", "to", "weight", "kind", "time", "grade"}}
	for i, p := range paths {
		for s, e := range p.Edges {
			row := []string{
				strconv.Itoa(i + 1), decimal(p.Length), p.Weakest.String(), strconv.Itoa(s + 1),
				g.Label(p.Nodes[s]), g.Label(p.Nodes[s+1]), decimal(float64(p.Weights[s])),
			}
			for _, col := range attrs {
				text := ""
				if col != nil {
					text = col.Text(int(e))
				}
				row = append(row, text)
			}
			rows = append(rows, row)
		}
	}
	return out.WriteAll(rows)
}

// nearLimit is how many nodes around one are listed.
const nearLimit = 100_000

func (p *pathsAsked) around(cmd *cobra.Command, g *graph.Graph, from graph.Node) error {
	found, more := path.Near(g, from, p.near, nearLimit)
	if more {
		sayf(cmd.ErrOrStderr(), "only the first %d nodes are listed; there are more\n", nearLimit)
	}
	return writeOutput(cmd, p.out, func(w io.Writer) error {
		rows := [][]string{{"node", "hops", "degree"}}
		for _, h := range found {
			rows = append(rows, []string{g.Label(h.Node), strconv.Itoa(h.Hops), strconv.Itoa(g.Degree(h.Node))})
		}
		return csv.NewWriter(w).WriteAll(rows)
	})
}
