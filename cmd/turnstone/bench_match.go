// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/match/bench"
)

func newBenchMatchCommand() *cobra.Command {
	src := bench.Sources{Every: 1}
	var docs, fit string
	cmd := &cobra.Command{
		Use:   "match",
		Short: "Compare labelled names, entities and tips and count the mistakes",
		Long: `Measures the comparison of names and entities on labelled pairs and prints the
tables of docs/benchmarks.md; with --docs it rewrites them there.

The data of others lie in the folder that TURNSTONE_TESTDATA names; a table
whose data are missing is left out. With --fit FILE it learns the weights anew
from the tuning half and the freely licensed lists, and writes nothing else.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if src.Data == "" && src.Own == "" {
				return errors.New("there is nothing to measure: set TURNSTONE_TESTDATA, or --data, or --own")
			}
			if fit != "" {
				return fitMatch(src, fit)
			}
			if docs != "" {
				if err := src.Whole(); err != nil {
					return fmt.Errorf("%s stays as it is, it would lose tables: %w", docs, err)
				}
			}
			var tables bytes.Buffer
			err := bench.Report(cmd.Context(), &tables, src, func(step string) { fmt.Fprintln(cmd.ErrOrStderr(), "measuring", step, "…") })
			if err != nil {
				return err
			}
			if docs != "" {
				return rewriteSection(docs, "bench match", tables.String())
			}
			_, err = cmd.OutOrStdout().Write(tables.Bytes())
			return err
		},
	}
	own := filepath.Join("engine", "match", "testdata")
	if _, err := os.Stat(own); err != nil {
		own = ""
	}
	f := cmd.Flags()
	f.StringVar(&src.Data, "data", os.Getenv("TURNSTONE_TESTDATA"), "folder of the labelled data of others")
	f.StringVar(&src.Own, "own", own, "folder of our own labelled data")
	f.IntVar(&src.Every, "every", src.Every, "screen only each n-th innocent person")
	f.StringVar(&docs, "docs", "", "rewrite the tables in this Markdown file instead of printing them")
	f.StringVar(&fit, "fit", "", "learn the weights anew and write them to this file")
	return cmd
}

// fitMatch learns both sets of weights, one after the other: the weights of
// entities build on those of names.
func fitMatch(src bench.Sources, file string) error {
	weights, err := bench.Fit(src)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, weights, 0o600); err != nil {
		return fmt.Errorf("write weights: %w", err)
	}
	return nil
}

// rewriteSection replaces what stands between the two marks of a section in a
// Markdown file.
func rewriteSection(file, section, text string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+section+": begin -->\n", "<!-- "+section+": end -->"
	before, rest, found := strings.Cut(string(raw), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has no section between %q and %q", file, strings.TrimSpace(begin), end)
	}
	if err := os.WriteFile(file, []byte(before+begin+"\n"+text+end+after), 0o600); err != nil {
		return fmt.Errorf("rewrite %s: %w", file, err)
	}
	return nil
}
