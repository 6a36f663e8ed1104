// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

// newImportCommand is the parent of what brings a programme's history.
func newImportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Bring a programme's history from files",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newImportItemsCommand(), newImportOutcomesCommand())
	return cmd
}

// importer reads a file into a programme, or with dry only looks at it.
type importer func(i *app.Installation, ctx context.Context, slug string, in io.Reader, dry bool) (made, had int, err error)

// importVerb is a verb that reads one file of things.
func importVerb(things, short, long string, read importer) *cobra.Command {
	var slug string
	var dry bool
	cmd := &cobra.Command{Use: things + " FILE.csv", Short: short, Long: long, Args: cobra.ExactArgs(1)}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&slug, "programme", "", "programme (default: the first)")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "check the file and keep nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) (err error) {
			f, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("read the file: %w", err)
			}
			defer func() { err = errors.Join(err, f.Close()) }()
			made, had, err := read(i, cmd.Context(), slug, f, dry)
			if err != nil {
				return err
			}
			verb := "imported"
			if dry {
				verb = "would be imported"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d %s %s, %d were there already.\n", made, things, verb, had)
			return nil
		})
	}
	return cmd
}
