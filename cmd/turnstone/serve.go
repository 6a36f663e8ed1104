// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newServeCommand() *cobra.Command {
	var only []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run an installation",
		Long:  "Runs portal, desk and the worker that sends alerts, until it is asked to stop:\nthen running requests finish first. --only runs one part, for several processes on\none database.",
		Args:  cobra.NoArgs,
	}
	path := configFlag(cmd)
	cmd.Flags().StringSliceVar(&only, "only", nil, "run only these parts: portal, desk, exchange, worker")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := app.Clobber(); err != nil {
			return err
		}
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			running, err := i.Listen(cmd.Context(), log, only...)
			if err != nil {
				return err
			}
			return running.Run(cmd.Context())
		})
	}
	return cmd
}
