// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

// configFlag adds --config to a verb that works on an installation.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("config", "c", "turnstone.toml", "configuration file of the installation")
}

// withInstallation opens the installation of a configuration file for the
// length of do.
func withInstallation(ctx context.Context, path string, do func(*app.Installation) error) (err error) {
	c, err := config.Load(path)
	if err != nil {
		return err
	}
	i, err := app.Open(ctx, c, clock.System{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.Close()) }()
	return do(i)
}
