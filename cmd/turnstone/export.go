// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/secret"
)

func newExportCommand() *cobra.Command {
	var slug, out string
	cmd := &cobra.Command{
		Use:   "export REPORT --out FILE",
		Short: "Export a sealed report for the recovery keepers",
		Long: `For the day on which nobody can log in at a desk any more: writes one report, still
sealed, so that the recovery keepers can open it together with turnstone unseal
--share, on a machine without network. A report with files becomes a ZIP of it and
of the files' sealed pieces. The export is noted in the ledger. At a desk that still
works, the report's own page exports it.`,
		Args: cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&slug, "programme", "", "programme (default: the first)")
	cmd.Flags().StringVar(&out, "out", "", "new file for the export")
	cobra.CheckErr(cmd.MarkFlagRequired("out"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			return secret.MakeWith(out, func(w io.Writer) error {
				missing, err := i.ExportForRecovery(cmd.Context(), slug, args[0], w)
				for _, m := range missing {
					cmd.PrintErrf("warning: piece %d of the file %s could not be read and is left out: %v\n", m.Piece+1, m.Blob, m.Err)
				}
				return err
			})
		})
	}
	return cmd
}
