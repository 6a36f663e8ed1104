// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/ledger"
)

// entryFile is an entry with its proof, as the desk gives it out.
type entryFile struct {
	Kind       string           `json:"kind"`
	Leaf       string           `json:"leaf"`
	Payload    []byte           `json:"payload"` // null when erased
	Proof      ledger.Inclusion `json:"proof"`
	Checkpoint string           `json:"checkpoint"`
}

func newInclusionCommand() *cobra.Command {
	var keys logKeys
	var checkpoint, kind, payload string
	cmd := &cobra.Command{
		Use:   "inclusion FILE.json",
		Short: "Check that an entry is in the log",
		Long: `Checks that an entry is in the log of a checkpoint. The file is an entry with its
proof, as the desk's page of the log gives it out. With --checkpoint, --kind and
--payload it is the proof alone, {"index", "salt", "hashes"}, and the payload is
the entry's exact bytes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if checkpoint == "" {
				return keys.entry(cmd, args[0])
			}
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
			return included(cmd.OutOrStdout(), kind, proof.Index, c)
		},
	}
	keys.flags(cmd)
	cmd.Flags().StringVar(&checkpoint, "checkpoint", "", "file of the signed checkpoint")
	cmd.Flags().StringVar(&kind, "kind", "", "kind of the entry: roster, script, membership, release, audit, arrivals")
	cmd.Flags().StringVar(&payload, "payload", "", "file of the entry's bytes")
	cmd.MarkFlagsRequiredTogether("checkpoint", "kind", "payload")
	return cmd
}

func included(w io.Writer, kind string, index int64, c ledger.Checkpoint) error {
	_, err := fmt.Fprintf(w, "This %s entry is number %d of the %d entries of the log %s.\n", kind, index, c.Size, c.Origin)
	return err
}

// entry checks a file that holds everything but the key.
func (k *logKeys) entry(cmd *cobra.Command, path string) error {
	var e entryFile
	if err := readJSON(cmd, path, &e); err != nil {
		return err
	}
	c, _, err := k.open([]byte(e.Checkpoint))
	if err != nil {
		return err
	}
	leaf, err := ledger.ParseLeaf([]byte(e.Leaf))
	if err != nil {
		return fails(err)
	}
	if leaf.Kind != e.Kind {
		return fails(errors.New("the entry says that it is of another kind than its leaf"))
	}
	if err := e.Proof.VerifyLeaf(c, leaf); err != nil {
		return fails(err)
	}
	if err := included(cmd.OutOrStdout(), e.Kind, e.Proof.Index, c); err != nil {
		return err
	}
	if e.Payload == nil {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), "What it said was erased; that it was there can still be proved.")
		return err
	}
	if err := e.Proof.Verify(c, e.Kind, e.Payload); err != nil {
		return fails(err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "It says: %q\n", e.Payload)
	return err
}

// required marks flags that were just made.
func required(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err)
		}
	}
}
