// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newImportOutcomesCommand() *cobra.Command {
	var slug string
	var dry bool
	cmd := &cobra.Command{
		Use:   "outcomes FILE.csv",
		Short: "Bring a programme's history of outcomes",
		Long: `Reads the columns that docs/formats.md names. Every error is told with its line
and column; nothing is kept unless everything is right. The column key names each
outcome for good, so that reading the file again changes nothing. What is imported
is confirmed: the file's sender stands for it, and the ledger says so.`,
		Args: cobra.ExactArgs(1),
	}
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
			made, had, err := i.ImportOutcomes(cmd.Context(), slug, f, dry)
			if err != nil {
				return err
			}
			verb := "imported"
			if dry {
				verb = "would be imported"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d outcomes %s, %d were there already.\n", made, verb, had)
			return nil
		})
	}
	return cmd
}
