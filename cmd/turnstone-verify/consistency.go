// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/ledger"
)

func newConsistencyCommand() *cobra.Command {
	var keys logKeys
	var earlier, later string
	cmd := &cobra.Command{
		Use:   "consistency PROOF.json",
		Short: "Check that nothing was changed or removed between two checkpoints",
		Long: `Checks that the log of the later checkpoint begins with all of the earlier one.
The proof is the JSON object {"earlier", "later", "hashes"}.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			first, _, err := keys.openFile(cmd, earlier)
			if err != nil {
				return fmt.Errorf("the earlier checkpoint: %w", err)
			}
			second, _, err := keys.openFile(cmd, later)
			if err != nil {
				return fmt.Errorf("the later checkpoint: %w", err)
			}
			var proof ledger.Consistency
			if err := readJSON(cmd, args[0], &proof); err != nil {
				return err
			}
			if err := proof.Verify(first, second); err != nil {
				return fails(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Nothing was changed or removed: the %d entries of the earlier checkpoint are the first of the later one's %d.\n", first.Size, second.Size)
			return err
		},
	}
	keys.flags(cmd)
	cmd.Flags().StringVar(&earlier, "earlier", "", "file of the earlier signed checkpoint")
	cmd.Flags().StringVar(&later, "later", "", "file of the later signed checkpoint")
	required(cmd, "earlier", "later")
	return cmd
}
