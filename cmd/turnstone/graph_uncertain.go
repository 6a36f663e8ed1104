// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/profile"
	"github.com/turnstone-project/turnstone/engine/graph/uncertain"
)

// graphDoubt is the flags that ask how far a finding holds.
type graphDoubt struct {
	opts uncertain.Options
	out  string
}

func (d *graphDoubt) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Float64Var(&d.opts.Drop, "drop", 0, "also tell how far the result holds if this `SHARE` of ties, chosen at random, were hidden, such as 0.1")
	f.Float64Var(&d.opts.Add, "add", 0, "likewise if this `SHARE` of ties between random nodes were added")
	f.IntVar(&d.opts.Repeats, "repeats", 100, "how often to try with ties hidden or added")
}

// asked reports whether the flags ask for anything.
func (d *graphDoubt) asked() bool { return d.opts.Drop != 0 || d.opts.Add != 0 }

// tell says in words how far the ranks by a measure hold, and writes the
// intervals.
func (d *graphDoubt) tell(cmd *cobra.Command, g *graph.Graph, measure string, opts profile.Options) error {
	opts.Step = nil
	f, err := profile.Measure(measure, opts)
	if err != nil {
		return err
	}
	r, err := uncertain.Measure(cmd.Context(), g, d.opts, f, barSteps(cmd)("repeating"))
	if err != nil {
		return err
	}
	sayf(cmd.ErrOrStderr(), "%s", r.Words(measure, func(u int) string { return g.Label(graph.Node(u)) }))
	if d.out == "" {
		return nil
	}
	return writeOutput(cmd, d.out, func(w io.Writer) error { return writeIntervals(w, g, r) })
}

// writeIntervals writes one row a node: its value, the interval in which nine of
// ten repeats lie, and how many repeats have it among the first.
func writeIntervals(w io.Writer, g *graph.Graph, r *uncertain.Result) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"node", "value", "low", "mean", "high", "in_first_" + strconv.Itoa(r.TopSize)}); err != nil {
		return err
	}
	for _, u := range g.Nodes() {
		row := []string{
			g.Label(u), decimal(r.Value[u]), decimal(r.Low[u]), decimal(r.Mean[u]), decimal(r.High[u]),
			decimal(r.Top[u] / float64(r.Options.Repeats)),
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// decimal writes a number with as many digits as mean something after sums.
func decimal(x float64) string { return strconv.FormatFloat(x, 'g', 10, 64) }
