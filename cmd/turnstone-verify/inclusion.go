// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/ledger"
)

func newInclusionCommand() *cobra.Command {
	var keys logKeys
	var checkpoint, kind, payload string
	cmd := &cobra.Command{
		Use:   "inclusion PROOF.json",
		Short: "Check that an entry is in the log",
		Long: `Checks that an entry is in the log of a checkpoint. The proof is the JSON object
{"index", "salt", "hashes"}; the payload is the entry's exact bytes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, _, err := keys.openFile(cmd, checkpoint)
			if err != nil {
				return err
			}
			var proof ledger.Inclusion
			if err := readJSON(cmd, args[0], &proof); err != nil {
				return err
			}
			entry, err := read(cmd, payload)
			if err != nil {
				return err
			}
			if err := proof.Verify(c, kind, entry); err != nil {
				return fails(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "This %s entry is number %d of the %d entries of the log %s.\n", kind, proof.Index, c.Size, c.Origin)
			return err
		},
	}
	keys.flags(cmd)
	cmd.Flags().StringVar(&checkpoint, "checkpoint", "", "file of the signed checkpoint")
	cmd.Flags().StringVar(&kind, "kind", "", "kind of the entry: roster, script, membership, release, audit, arrivals")
	cmd.Flags().StringVar(&payload, "payload", "", "file of the entry's bytes")
	required(cmd, "checkpoint", "kind", "payload")
	return cmd
}

// required marks flags that were just made.
func required(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err)
		}
	}
}
