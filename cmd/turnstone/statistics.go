// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newStatisticsCommand() *cobra.Command {
	var slug, from, to, by string
	var asJSON, recompute, repair bool
	cmd := &cobra.Command{
		Use:   "statistics",
		Short: "Print a programme's figures, or check them against a full count",
		Long: `Prints contacts, items, referrals and outcomes by month. Records in closed
compartments are not counted: whoever runs this is inside of none.
With --recompute every rollup is checked against a full count of the records, closed
ones too, and each difference is named; --repair puts the full count in its place.`,
		Args: cobra.NoArgs,
	}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&slug, "programme", "", "programme (default: the first)")
	cmd.Flags().StringVar(&from, "from", "", "first month, such as 2026-01 (default: since inception)")
	cmd.Flags().StringVar(&to, "to", "", "last month")
	cmd.Flags().StringVar(&by, "by", "", "divide by category, channel, partner, desk or reason")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON (docs/formats.md)")
	cmd.Flags().BoolVar(&recompute, "recompute", false, "check the rollups against a full count")
	cmd.Flags().BoolVar(&repair, "repair", false, "with --recompute: put the full count in the place of what differs")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if repair && !recompute {
			return errors.New("--repair goes with --recompute")
		}
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			if recompute {
				return checkStatistics(cmd, i, slug, repair)
			}
			file, err := i.Statistics(cmd.Context(), slug, app.Period{From: from, To: to, By: by})
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(file)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, f := range file.Figures {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", f.Month, f.Key, f.Measure, f.Kind, f.Of, f.Unit+f.Currency+f.Within, f.N)
			}
			return w.Flush()
		})
	}
	return cmd
}

func checkStatistics(cmd *cobra.Command, i *app.Installation, slug string, repair bool) error {
	found, err := i.CheckStatistics(cmd.Context(), slug, repair)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, d := range found.Figures {
		fmt.Fprintln(out, d)
	}
	for _, a := range found.Lists {
		fmt.Fprintln(out, a)
	}
	switch {
	case found.OK():
		fmt.Fprintln(out, "The rollups are what a full count gives.")
	case repair:
		fmt.Fprintf(out, "%d figures and %d lines of the lists behind them were put right.\n", len(found.Figures), len(found.Lists))
	default:
		return fmt.Errorf("%d figures and %d lines of the lists behind them differ from a full count (--repair puts them right)", len(found.Figures), len(found.Lists))
	}
	return nil
}
