// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

const firstConfiguration = `# Turnstone. Every key has a sensible default; a key that is not known is an error.
data = "data"

[portal]
listen = "127.0.0.1:8080"  # put a proxy with a certificate, or an onion service, before it

[desk]
listen = "127.0.0.1:8081"
origin = "http://localhost:8081"  # what the browser shows; https in earnest
idle_timeout = "30m"

[ops]
listen = "127.0.0.1:8082"  # metrics and health, never open to the world
`

func newInitCommand() *cobra.Command {
	var programmeFile, offline string
	var f app.Founding
	cmd := &cobra.Command{
		Use:   "init --programme FILE --offline DIR --admin NAME",
		Short: "Found an installation with its first programme and first person",
		Long: `Makes the data directory, the programme of a file (see docs/operations.md), its
first person, and a key for each desk, held by that person. What must never lie
on the server, the programme key and the recovery shares, goes to the directory
that --offline names: take it away on its own media, a share to each keeper.

Run it on a machine without network if you can, then move configuration and data
directory to the server. A programme is added to an installation in the same way.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := cmd.Flags().GetString("config")
			if err != nil {
				return err
			}
			if f.Programme, err = app.ReadProgramme(programmeFile); err != nil {
				return err
			}
			f.Offline = offline
			return initialise(cmd, path, f)
		},
	}
	configFlag(cmd)
	cmd.Flags().StringVar(&programmeFile, "programme", "", "the programme's YAML file")
	cmd.Flags().StringVar(&offline, "offline", "", "new directory for what must leave this machine")
	cmd.Flags().StringVar(&f.Handle, "admin", "", "log-in name of the first person")
	cmd.Flags().StringVar(&f.Name, "name", "", "name of the first person, as colleagues see it (default: the log-in name)")
	cmd.Flags().IntVar(&f.Keepers, "keepers", 5, "how many recovery shares")
	cmd.Flags().IntVar(&f.Threshold, "threshold", 3, "how many of them open every report")
	for _, name := range []string{"programme", "offline", "admin"} {
		cobra.CheckErr(cmd.MarkFlagRequired(name))
	}
	return cmd
}

func initialise(cmd *cobra.Command, path string, f app.Founding) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(path, []byte(firstConfiguration), 0o600); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", path)
	}
	c, err := config.Load(path)
	if err != nil {
		return err
	}
	i, err := app.OpenOrMake(cmd.Context(), c, clock.System{})
	if err != nil {
		return err
	}
	founded, err := i.Found(cmd.Context(), f)
	if err := errors.Join(err, i.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), `
The programme %s is founded.

  Log in as   %s
  Passphrase  %s

Write the passphrase down now: it is shown once and kept nowhere.
Take %s away from this machine: it holds the key that signs rosters and %d
recovery shares, %d of which open every report.

Next: turnstone doctor --config %s, then turnstone serve --config %s
`, founded.Programme.Slug, f.Handle, founded.Passphrase, f.Offline, f.Keepers, f.Threshold, path, path)
	return err
}
