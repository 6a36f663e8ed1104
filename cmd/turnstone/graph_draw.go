// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/draw"
	"github.com/turnstone-project/turnstone/engine/graph/profile"
)

// drawing is the flags of the draw verb.
type drawing struct {
	source        graphSource
	out, by       string
	title         string
	width, height int
	seed          uint64
}

func newGraphDrawCommand() *cobra.Command {
	var d drawing
	cmd := &cobra.Command{
		Use:   "draw",
		Short: "Draw a network as a picture (SVG)",
		Long: `Draws a network as an SVG picture, which browsers show and which prints at any
size: nodes near those that they are tied to, communities by colour (and shape,
beyond eight), size by a measure, names where there is room, and a legend.

Up to about 2,000 nodes a picture can be read; 20,000 is the limit. Choose a
part of a larger network by kind, time or grade of ties.`,
		Example: `  turnstone graph draw --in calls.csv --out calls.svg
  turnstone graph draw --in calls.csv --size degree --title "Calls in May" --out calls.svg`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd) },
	}
	d.source.addTo(cmd)
	d.source.addFiltersTo(cmd)
	f := cmd.Flags()
	f.StringVar(&d.out, "out", "", "`FILE` to write; standard output if left out")
	f.StringVar(&d.by, "size", "betweenness", "the measure that makes nodes large: "+strings.Join(profile.MeasureNames(), ", ")+"; none for all alike")
	f.StringVar(&d.title, "title", "", "heading of the picture")
	f.IntVar(&d.width, "width", 1400, "width in pixels")
	f.IntVar(&d.height, "height", 1000, "height in pixels")
	f.Uint64Var(&d.seed, "seed", 1, "where random choices begin: the same seed gives the same picture")
	return cmd
}

func (d *drawing) run(cmd *cobra.Command) error {
	if d.width < 600 || d.height < 400 {
		return fmt.Errorf("a picture needs at least 600 by 400 pixels")
	}
	g, err := d.source.load(cmd)
	if err != nil {
		return err
	}
	g = g.Simple(graph.Sum)
	if g.Order() > draw.MaxNodes {
		return draw.ErrTooMany
	}
	steps := barSteps(cmd)
	groups, err := community.Leiden(cmd.Context(), g, community.Options{Seed: d.seed, Restarts: restarts(g)}, steps("communities"))
	if err != nil {
		return err
	}
	picture := draw.Picture{Graph: g, Groups: groups.Of, Title: d.title, Width: d.width, Height: d.height, Name: nameOf(g)}
	if d.by != "none" {
		opts := profile.Options{}
		if opts.Lengths, err = d.source.lengths(); err != nil {
			return err
		}
		measure, err := profile.Measure(d.by, opts)
		if err != nil {
			return err
		}
		if picture.Sizes, err = measure(cmd.Context(), g); err != nil {
			return err
		}
		picture.SizeName = d.by
	}
	picture.Places, err = draw.Layout(cmd.Context(), g, draw.Placing{Groups: groups.Of, Seed: d.seed}, steps("placing"))
	if err != nil {
		return err
	}
	return writeOutput(cmd, d.out, func(w io.Writer) error { return draw.SVG(w, picture) })
}

// nameOf shows what nodes are called, where a column says so, else their label.
func nameOf(g *graph.Graph) func(graph.Node) string {
	for _, name := range []string{"caption", "name", "label"} {
		if col, ok := g.NodeColumn(name); ok {
			return func(u graph.Node) string {
				if text := col.Text(int(u)); text != "" {
					return text
				}
				return g.Label(u)
			}
		}
	}
	return g.Label
}
