// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/ledger"
)

// continuation is a later checkpoint with the proof that it continues an
// earlier one, as the desk gives it out.
type continuation struct {
	Checkpoint string   `json:"checkpoint"`
	Hashes     [][]byte `json:"hashes"`
}

func newConsistencyCommand() *cobra.Command {
	var keys logKeys
	var earlier, later string
	cmd := &cobra.Command{
		Use:   "consistency FILE.json",
		Short: "Check that nothing was changed or removed since an earlier checkpoint",
		Long: `Checks that a log begins with all of an earlier checkpoint that you kept. The file
is {"checkpoint", "hashes"}, the later checkpoint with its proof. With --later it
is the proof alone, {"earlier", "later", "hashes"}.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			first, _, err := keys.openFile(cmd, earlier)
			if err != nil {
				return fmt.Errorf("the earlier checkpoint: %w", err)
			}
			second, proof, err := keys.continuation(cmd, args[0], later, first)
			if err != nil {
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
	cmd.Flags().StringVar(&later, "later", "", "file of the later signed checkpoint, when it isn't in the proof's file")
	required(cmd, "earlier")
	return cmd
}

// continuation reads a proof and the checkpoint that it leads to.
func (k *logKeys) continuation(cmd *cobra.Command, path, later string, first ledger.Checkpoint) (ledger.Checkpoint, ledger.Consistency, error) {
	if later != "" {
		var proof ledger.Consistency
		if err := readJSON(cmd, path, &proof); err != nil {
			return ledger.Checkpoint{}, proof, err
		}
		second, _, err := k.openFile(cmd, later)
		if err != nil {
			err = fmt.Errorf("the later checkpoint: %w", err)
		}
		return second, proof, err
	}
	var both continuation
	if err := readJSON(cmd, path, &both); err != nil {
		return ledger.Checkpoint{}, ledger.Consistency{}, err
	}
	second, _, err := k.open([]byte(both.Checkpoint))
	if err != nil {
		return ledger.Checkpoint{}, ledger.Consistency{}, fmt.Errorf("the later checkpoint: %w", err)
	}
	return second, ledger.Consistency{Earlier: first.Size, Later: second.Size, Hashes: both.Hashes}, nil
}
