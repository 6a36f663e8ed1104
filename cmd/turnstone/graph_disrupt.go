// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/disrupt"
	"github.com/turnstone-project/turnstone/engine/graph/profile"
	"github.com/turnstone-project/turnstone/engine/graph/uncertain"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// chances is how many random removals a plan is compared with.
const chances = 20

// disruption is the flags of the disrupt verb.
type disruption struct {
	source              graphSource
	doubt               graphDoubt
	by, out             string
	block, steps, count int
	seed                uint64
}

func newGraphDisruptCommand() *cobra.Command {
	var d disruption
	cmd := &cobra.Command{
		Use:   "disrupt",
		Short: "See what is left of a network when its most important nodes are gone",
		Long: `Removes the most important nodes step by step, measuring those that are left
anew before each step, and tells how much of the largest connected part is left:

    removed      who goes in this step
    score        the measure of the last of them
    tied         how many had that score: if more than go, another choice is as right
    largest      nodes of the largest part that is left
    share        that as a share of what it was before
    components   how many parts there are
    chance       the share that the same number of random removals leaves

With --players it finds the few nodes that matter most together instead: whose
removal breaks the network up (aim fragment), and from whom everybody else is
near (aim reach), for whom to talk to or to protect.

This says what the ties that were seen would do. --drop tells how far that holds
if some ties were not seen. It says nothing about guilt or harm.`,
		Example: `  turnstone graph disrupt --in calls.csv --by betweenness --steps 10
  turnstone graph disrupt --in calls.csv --block 5 --drop 0.1
  turnstone graph disrupt --in calls.csv --players 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd) },
	}
	d.source.addTo(cmd)
	d.source.addFiltersTo(cmd)
	d.doubt.addTo(cmd)
	f := cmd.Flags()
	f.StringVar(&d.out, "out", "", "`FILE` to write; standard output if left out")
	f.StringVar(&d.by, "by", "betweenness", "who goes first: "+strings.Join(disrupt.RankingNames(), ", "))
	f.IntVar(&d.block, "block", 1, "how many nodes go at once")
	f.IntVar(&d.steps, "steps", 10, "how many steps")
	f.IntVar(&d.count, "players", 0, "find the `NUMBER` of key players instead")
	f.Uint64Var(&d.seed, "seed", 1, "where random choices begin: the same seed gives the same result")
	return cmd
}

func (d *disruption) run(cmd *cobra.Command) error {
	if d.block < 1 || d.steps < 1 || d.count < 0 {
		return fmt.Errorf("--block and --steps must be at least 1, --players not below 0")
	}
	lengths, err := d.source.lengths()
	if err != nil {
		return err
	}
	rank, err := disrupt.ParseRanking(d.by, lengths, profile.MaxExact, d.seed)
	if err != nil {
		return err
	}
	g, err := d.source.load(cmd)
	if err != nil {
		return err
	}
	g = g.Undirected(graph.Sum).Simple(graph.Sum)
	if d.count > 0 {
		return d.players(cmd, g)
	}
	plan := disrupt.Plan{Rank: rank, Block: d.block, Steps: d.steps}
	steps, err := disrupt.Remove(cmd.Context(), g, plan, barSteps(cmd)("removing"))
	if err != nil {
		return err
	}
	chance, err := d.chance(cmd, g, plan)
	if err != nil {
		return err
	}
	var doubt *uncertain.Result
	if d.doubt.asked() {
		if doubt, err = d.repeat(cmd, g, plan, len(steps)); err != nil {
			return err
		}
	}
	d.tell(cmd.ErrOrStderr(), g, steps, chance, doubt)
	return writeOutput(cmd, d.out, func(w io.Writer) error { return writeSteps(w, g, steps, chance, doubt) })
}

// chance is the mean share that random removals leave after each step.
func (d *disruption) chance(cmd *cobra.Command, g *graph.Graph, plan disrupt.Plan) ([]float64, error) {
	mean := make([]float64, plan.Steps)
	run := barSteps(cmd)("comparing with chance")
	for i := range chances {
		plan.Rank = disrupt.ByChance(d.seed + uint64(i))
		steps, err := disrupt.Remove(cmd.Context(), g, plan, run.Quiet())
		if err != nil {
			return nil, err
		}
		for s, step := range steps {
			mean[s] += step.Share / chances
		}
		run.Progress(i+1, chances)
	}
	return mean, nil
}

// repeat makes the plan again on versions of the network with ties hidden or
// added.
func (d *disruption) repeat(cmd *cobra.Command, g *graph.Graph, plan disrupt.Plan, steps int) (*uncertain.Result, error) {
	d.doubt.opts.Seed = d.seed
	curve := func(ctx context.Context, g *graph.Graph) ([]float64, error) {
		shares := make([]float64, steps)
		done, err := disrupt.Remove(ctx, g, plan, work.Serial())
		for i, s := range done {
			shares[i] = s.Share
		}
		return shares, err
	}
	return uncertain.Measure(cmd.Context(), g, d.doubt.opts, curve, barSteps(cmd)("repeating"))
}

// tell says in words what the plan does.
func (d *disruption) tell(w io.Writer, g *graph.Graph, steps []disrupt.Step, chance []float64, doubt *uncertain.Result) {
	if len(steps) == 0 {
		sayf(w, "there is nobody to remove\n")
		return
	}
	last := len(steps) - 1
	gone := 0
	for _, s := range steps {
		gone += len(s.Removed)
	}
	sayf(w, "removing %d of %d nodes by %s leaves %.0f %% of the largest part; removing as many by chance leaves %.0f %%\n",
		gone, g.Order(), d.by, 100*steps[last].Share, 100*chance[last])
	if doubt == nil {
		return
	}
	sayf(w, "with %.3g %% of ties hidden and %.3g %% added, nine of ten repeats leave between %.0f %% and %.0f %%: ",
		100*d.doubt.opts.Drop, 100*d.doubt.opts.Add, 100*doubt.Low[last], 100*doubt.High[last])
	if doubt.High[last] < chance[last] {
		sayf(w, "the advantage over chance holds\n")
		return
	}
	sayf(w, "the plan may do no better than chance\n")
}

func writeSteps(w io.Writer, g *graph.Graph, steps []disrupt.Step, chance []float64, doubt *uncertain.Result) error {
	out := csv.NewWriter(w)
	head := []string{"step", "removed", "score", "tied", "largest", "share", "components", "chance"}
	if doubt != nil {
		head = append(head, "low", "high")
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for i, s := range steps {
		names := make([]string, len(s.Removed))
		for j, u := range s.Removed {
			names[j] = g.Label(u)
		}
		row := []string{
			strconv.Itoa(i + 1), strings.Join(names, " "), decimal(s.Scores[len(s.Scores)-1]), strconv.Itoa(s.Tied),
			strconv.Itoa(s.Largest), decimal(s.Share), strconv.Itoa(s.Components), decimal(chance[i]),
		}
		if doubt != nil {
			row = append(row, decimal(doubt.Low[i]), decimal(doubt.High[i]))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// players finds key players for both aims.
func (d *disruption) players(cmd *cobra.Command, g *graph.Graph) error {
	search := disrupt.Search{Players: d.count}
	fragment, err := disrupt.Fragment(cmd.Context(), g, search, barSteps(cmd)("fragmenting"))
	if err != nil {
		return err
	}
	reach, err := disrupt.Reach(cmd.Context(), g, search, barSteps(cmd)("reaching"))
	if err != nil {
		return err
	}
	if fragment.Tried < g.Order() {
		sayf(cmd.ErrOrStderr(), "only the %d nodes with most ties were tried, of %d\n", fragment.Tried, g.Order())
	}
	sayf(cmd.ErrOrStderr(), "without the first set %.0f %% of the others can't reach each other (now %.0f %%); the second set reaches %.0f %% of all, counting 1/distance\n",
		100*fragment.Score, 100*fragment.Before, 100*reach.Score)
	return writeOutput(cmd, d.out, func(w io.Writer) error {
		out := csv.NewWriter(w)
		rows := [][]string{{"aim", "place", "node", "score"}}
		for i, u := range fragment.Nodes {
			rows = append(rows, []string{"fragment", strconv.Itoa(i + 1), g.Label(u), decimal(fragment.Score)})
		}
		for i, u := range reach.Nodes {
			rows = append(rows, []string{"reach", strconv.Itoa(i + 1), g.Label(u), decimal(reach.Score)})
		}
		return out.WriteAll(rows)
	})
}
