// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// packed is the ending of compact graph files.
const packed = ".tsg"

func newGraphPackCommand() *cobra.Command {
	var source graphSource
	var out string
	cmd := &cobra.Command{
		Use:   "pack",
		Short: "Write a network in a compact file that opens at once",
		Long: `Writes a network as a compact file (` + packed + `) that every other graph verb opens
without reading it line by line again: worth it from about a million ties on.
The file keeps what was chosen when it was packed: direction, weight, and the
columns named for kind, time and grade.`,
		Example: `  turnstone graph pack --in calls.csv --weight calls --out calls.tsg
  turnstone graph metrics --in calls.tsg --out people.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" || strings.ToLower(filepath.Ext(out)) != packed {
				return fmt.Errorf("--out must name a file that ends in %s", packed)
			}
			g, err := source.load(cmd)
			if err != nil {
				return err
			}
			sayf(cmd.ErrOrStderr(), "%.1f bytes a tie, labels included\n", float64(g.Bytes())/float64(max(1, g.Size())))
			return writeOutput(cmd, out, func(w io.Writer) error { return g.Write(w) })
		},
	}
	source.addTo(cmd)
	f := cmd.Flags()
	f.StringVar(&source.relationColumn, "relation-column", "", "`COLUMN` with the kind of tie, to be kept")
	f.StringVar(&source.timeColumn, "time-column", "", "`COLUMN` with the time of a tie, to be kept")
	f.StringVar(&source.gradeCol, "grade-column", "", "`COLUMN` with the grade of a tie, to be kept")
	f.StringVar(&out, "out", "", "`FILE` to write, ending in "+packed+" (required)")
	return cmd
}

// openPacked opens a compact file. It stays open until the command ends.
func (s *graphSource) openPacked(cmd *cobra.Command, name string) (*graph.Graph, error) {
	f, err := graph.Open(name)
	if err != nil {
		return nil, err
	}
	if f.Directed() != s.directed {
		return nil, fmt.Errorf("%s: the file was packed %s --directed, and this asks for the other", name, map[bool]string{true: "with", false: "without"}[f.Directed()])
	}
	if s.weight != "" && !f.Weighted() {
		return nil, fmt.Errorf("%s: the file was packed without --weight", name)
	}
	sayf(cmd.ErrOrStderr(), "%s: %d nodes, %d ties\n", filepath.Base(name), f.Order(), f.Size())
	return s.filter(f.Graph)
}
