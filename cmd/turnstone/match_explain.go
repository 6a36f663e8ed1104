// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

func newMatchExplainCommand() *cobra.Command {
	var schema string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain LEFT RIGHT",
		Short: "Compare two names or entities and show the reasons",
		Long: `Compare two things and show what speaks for and against their being the same.
LEFT and RIGHT are each a name, an entity as FollowTheMoney JSON, or a file with
such an entity, written as @FILE.`,
		Example: `  turnstone match explain "Usama bin Ladin" "أسامة بن لادن"
  turnstone match explain --schema Company "OAO Gazprom" "Gazprom JSC"
  turnstone match explain @left.json @right.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fault.New(fault.Invalid, "explain compares two things: turnstone match explain LEFT RIGHT; put a name of several words in quotes")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			left, err := readThing(args[0], schema)
			if err != nil {
				return fmt.Errorf("left: %w", err)
			}
			right, err := readThing(args[1], schema)
			if err != nil {
				return fmt.Errorf("right: %w", err)
			}
			a, b := match.PrepareEntity(left), match.PrepareEntity(right)
			result := match.Compare(&a, &b)
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetEscapeHTML(false)
				return enc.Encode(result)
			}
			return printResult(cmd.OutOrStdout(), result)
		},
	}
	cmd.Flags().StringVar(&schema, "schema", "Person", "what a plain name belongs to: Person, Company, Vessel, Vehicle, Address, …")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// readThing makes an entity of an argument: a file, JSON, or a plain name.
func readThing(arg, schema string) (*ftm.Entity, error) {
	text := arg
	if file, ok := strings.CutPrefix(arg, "@"); ok {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		text = string(raw)
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		e := &ftm.Entity{Schema: schema}
		e.Add("name", text)
		return e, nil
	}
	var e ftm.Entity
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return nil, err
	}
	return &e, nil
}

func printResult(out io.Writer, r match.Result) error {
	verdict := "not the same"
	if r.Match {
		verdict = "the same"
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "score %.3f: %s\n\n", r.Score, verdict)
	fmt.Fprintln(w, "weight\tfeature\tleft\tright\t")
	for _, f := range r.Features {
		fmt.Fprintf(w, "%+.2f\t%s\t%s\t%s\t%s\n", f.Weight, f.Name, f.Left, f.Right, f.Note)
		for _, p := range f.Parts {
			fmt.Fprintf(w, "\t  %s\t%s\t%s\t%s\n", p.Name, p.Left, p.Right, p.Note)
		}
	}
	return w.Flush()
}
