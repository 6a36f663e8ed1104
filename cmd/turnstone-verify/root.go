// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/turnstone-project/turnstone/internal/ledger"
)

// maxFile bounds what is read into memory.
const maxFile = 64 << 20

// errDoesNotHold is in the chain when something was checked and is not so.
var errDoesNotHold = errors.New("IT DOES NOT HOLD")

// newRootCommand is the table of verbs: each one is built by a function in a
// file of its own name.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "turnstone-verify",
		Short: "Check what a Turnstone installation has published, offline",
		Long: `Checks, without network and without trusting the operator, what a Turnstone
installation has published. Keys are given by whoever checks: take them from a
place that the operator can't change alone, such as print or a partner's site.

Exit code 0: everything holds. 1: something does not. 2: it could not be checked.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newCheckpointCommand(), newInclusionCommand(), newConsistencyCommand(), newRosterCommand(), newExportCommand())
	return root
}

// fails says in one sentence what does not hold.
func fails(err error) error { return fmt.Errorf("%w: %w", errDoesNotHold, err) }

// read returns a file's bytes; "-" is standard input.
func read(cmd *cobra.Command, path string) ([]byte, error) {
	src := cmd.InOrStdin()
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		src = f
	}
	text, err := io.ReadAll(io.LimitReader(src, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("read %s: it is larger than 64 MiB", path)
	}
	return text, nil
}

// readJSON reads a file of exactly one JSON value without unknown fields.
func readJSON(cmd *cobra.Command, path string, into any) error {
	text, err := read(cmd, path)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: something follows the JSON", path)
	}
	return nil
}

// logKeys are the flags that say whose signatures count.
type logKeys struct {
	log       string
	witnesses []string
	need      int
}

func (k *logKeys) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.log, "key", "", "verifier key of the log: name+hash+base64")
	cmd.Flags().StringArrayVar(&k.witnesses, "witness", nil, "verifier key of a witness; may be given several times")
	cmd.Flags().IntVar(&k.need, "need", 0, "how many of the witnesses must have signed")
	if err := cmd.MarkFlagRequired("key"); err != nil {
		panic(err) // the flag was just made
	}
}

// open reads and verifies a checkpoint; the second value are the witnesses that
// signed it.
func (k *logKeys) open(signed []byte) (ledger.Checkpoint, []string, error) {
	log, err := note.NewVerifier(k.log)
	if err != nil {
		return ledger.Checkpoint{}, nil, fmt.Errorf("read the log's key: %w", err)
	}
	var witnesses []note.Verifier
	for _, key := range k.witnesses {
		w, err := ledger.NewWitness(key)
		if err != nil {
			return ledger.Checkpoint{}, nil, fmt.Errorf("read a witness's key: %w", err)
		}
		witnesses = append(witnesses, w)
	}
	c, names, err := ledger.OpenCheckpoint(signed, log, witnesses...)
	if err != nil {
		return ledger.Checkpoint{}, nil, fails(err)
	}
	if len(names) < k.need {
		return ledger.Checkpoint{}, nil, fails(fmt.Errorf("%d of the witnesses have signed the checkpoint, %d are needed", len(names), k.need))
	}
	return c, names, nil
}

func (k *logKeys) openFile(cmd *cobra.Command, path string) (ledger.Checkpoint, []string, error) {
	signed, err := read(cmd, path)
	if err != nil {
		return ledger.Checkpoint{}, nil, err
	}
	return k.open(signed)
}
