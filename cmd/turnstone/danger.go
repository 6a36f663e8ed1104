// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newDangerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "danger", Short: "Say who may send alerts about lives at risk"}
	source := &cobra.Command{
		Use:   "source",
		Short: "Sources of signed alerts and their secrets",
		Long: `A source is a partner whose machines send alerts about lives at risk, as
docs/formats.md describes ("Alert"). Each has a secret that signs its messages. The
secrets lie in a file of the data directory; a change counts at once.`,
	}
	source.AddCommand(newSourceAddCommand(), newSourceListCommand(), newSourceRemoveCommand())
	cmd.AddCommand(source)
	return cmd
}

func newSourceAddCommand() *cobra.Command {
	var slug, desk string
	cmd := &cobra.Command{
		Use:   "add NAME --desk DESK",
		Short: "Add a source, or give one a new secret beside its present one",
		Long: `Prints the secret once, in base64. For a source that is there already it makes a
second secret: both are valid until "danger source remove NAME --old", so that the
partner can change over without a gap. Of three, the oldest goes.`,
		Example: "  turnstone danger source add video-platform --programme north-sea-line --desk line",
		Args:    cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&slug, "programme", "", "programme (default: the first)")
	cmd.Flags().StringVar(&desk, "desk", "", "desk whose alarm it is")
	cobra.CheckErr(cmd.MarkFlagRequired("desk"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			secret, err := i.AddDangerSource(args[0], slug, desk)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "The secret of %s, shown this once:\n\n  %s\n\nHand it over on a way that others can't read.\n", args[0], secret)
			return err
		})
	}
	return cmd
}

func newSourceListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the sources", Args: cobra.NoArgs}
	path := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			all, err := app.DangerSources(i.Config.Data)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "source\tprogramme\tdesk\tsecrets")
			for _, s := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", s.Name, s.Programme, s.Desk, len(s.Secrets))
			}
			return w.Flush()
		})
	}
	return cmd
}

func newSourceRemoveCommand() *cobra.Command {
	var old bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a source, or only its older secret",
		Args:  cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.Flags().BoolVar(&old, "old", false, "remove only the older of two secrets")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error { return i.RemoveDangerSource(args[0], old) })
	}
	return cmd
}
