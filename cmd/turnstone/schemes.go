// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
)

func newSchemesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schemes",
		Short: "List, show and add grading schemes",
		Long: `Grades and handling codes are data: a scheme is a file of the form that
docs/formats.md describes. One that was added can't be changed, because what was
graded with it must keep its meaning; give it a new version instead.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newSchemesListCommand(), newSchemesShowCommand(), newSchemesAddCommand())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

func newSchemesListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List all versions of all schemes", Args: cobra.NoArgs}
	path := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*path)
		if err != nil {
			return err
		}
		all, err := app.Schemes(c)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, s := range all {
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", s.ID, s.Version, s.From, s.Until, s.Name)
		}
		return w.Flush()
	}
	return cmd
}

func newSchemesShowCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "show NAME", Short: "Show the newest version of a scheme", Args: cobra.ExactArgs(1)}
	path := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*path)
		if err != nil {
			return err
		}
		s, err := app.ShowScheme(c, args[0])
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, c := range s.Codes {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.Scale, c.Code, c.Name, c.Notes)
		}
		return w.Flush()
	}
	return cmd
}

func newSchemesAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add FILE.yaml",
		Short: "Check a scheme and add it",
		Long: `Checks the file as the server does and copies it into the directory that
intel.schemes names in the configuration. A running server reads it when it is
started again.`,
		Args: cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*path)
		if err != nil {
			return err
		}
		added, err := app.AddScheme(c, args[0])
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s, version %d, was added. Start the server again to use it.\n", added.ID, added.Version)
		return nil
	}
	return cmd
}
