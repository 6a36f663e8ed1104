// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newUserCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "List people and invite them, for whoever holds the machine",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newUserListCommand(), newUserInviteCommand())
	return cmd
}

func newUserListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the people of every programme", Args: cobra.NoArgs}
	path := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			people, err := i.Everybody(cmd.Context())
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "PROGRAMME\tLOG-IN\tNAME\tSTATE\tROLES")
			for _, p := range people {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Programme, p.Handle, p.Name, p.State, strings.Join(p.Roles, ", "))
			}
			return w.Flush()
		})
	}
	return cmd
}

func newUserInviteCommand() *cobra.Command {
	var in app.Invitee
	cmd := &cobra.Command{
		Use:   "invite LOG-IN --role ROLE [--programme SLUG] [--desk SLUG]",
		Short: "Make an account and print the link that activates it",
		Long:  "Roles: administrator, reviewer, call-taker, analyst, auditor. Reviewers and call\ntakers work at a desk. The link works once; hand it over in person or by a way that\nyou trust.",
		Args:  cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&in.Name, "name", "", "name, as colleagues see it (default: the log-in name)")
	cmd.Flags().StringVar(&in.Role, "role", "", "role")
	cmd.Flags().StringVar(&in.Programme, "programme", "", "programme (default: the first)")
	cmd.Flags().StringVar(&in.Desk, "desk", "", "desk, for reviewers and call takers")
	cobra.CheckErr(cmd.MarkFlagRequired("role"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in.Handle = args[0]
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			link, err := i.Invite(cmd.Context(), in)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), link)
			return err
		})
	}
	return cmd
}
