// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newHoldCommand() *cobra.Command {
	var slug, reason string
	var end bool
	cmd := &cobra.Command{
		Use:   "hold REPORT --reason TEXT",
		Short: "Put a report under legal hold, or end the hold",
		Long:  "While the hold lasts the reporter can't delete the report, and is told so when they\ntry. The reason is noted in the ledger. Nothing is opened.",
		Args:  cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&slug, "programme", "", "programme (default: the first)")
	cmd.Flags().StringVar(&reason, "reason", "", "why, such as the number of the order")
	cmd.Flags().BoolVar(&end, "end", false, "end the hold")
	cobra.CheckErr(cmd.MarkFlagRequired("reason"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			return i.SetHold(cmd.Context(), slug, args[0], !end, reason)
		})
	}
	return cmd
}
