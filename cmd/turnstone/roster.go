// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/secret"
	"github.com/turnstone-project/turnstone/internal/seal"
)

func newRosterCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "roster",
		Short: "Sign the list of who can open reports, offline",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRosterSignCommand())
	return cmd
}

func newRosterSignCommand() *cobra.Command {
	var in, key, out string
	cmd := &cobra.Command{
		Use:   "sign --in DRAFT --key FILE --out FILE",
		Short: "Check a draft roster and sign it with the programme key",
		Long: `Prints what the draft says, so that you can compare it with what you know, and
signs it. Run it on a machine without network: the programme key must never touch
the server. Upload the result at the desk, page Roster.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			private, err := app.ReadProgrammeKey(key)
			if err != nil {
				return err
			}
			draft, err := readDraft(in)
			if err != nil {
				return err
			}
			if err := printRoster(cmd.OutOrStdout(), draft); err != nil {
				return err
			}
			signed, err := seal.SignRoster(draft, private)
			if err != nil {
				return err
			}
			text, err := signed.Encode()
			if err != nil {
				return err
			}
			return secret.Make(out, text)
		},
	}
	cmd.Flags().StringVar(&in, "in", "", "the draft, from the desk's page Roster")
	cmd.Flags().StringVar(&key, "key", "", "the programme key")
	cmd.Flags().StringVar(&out, "out", "", "new file for the signed roster")
	for _, name := range []string{"in", "key", "out"} {
		cobra.CheckErr(cmd.MarkFlagRequired(name))
	}
	return cmd
}

func readDraft(path string) (seal.Roster, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return seal.Roster{}, fmt.Errorf("read draft: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var draft seal.Roster
	if err := dec.Decode(&draft); err != nil {
		return seal.Roster{}, fmt.Errorf("read draft %s: %w", path, err)
	}
	return draft, nil
}

func printRoster(out io.Writer, r seal.Roster) error {
	fmt.Fprintf(out, "roster %d of %s, valid %s to %s\n", r.Number, r.Slug, r.ValidFrom.Format(time.DateOnly), r.ValidUntil.Format(time.DateOnly))
	fmt.Fprintf(out, "follows %s\n", r.Previous)
	for _, d := range r.Desks {
		fmt.Fprintf(out, "desk %s, epoch %d, key %s\n", d.Slug, d.Epoch, d.Recipient.Hash())
		for _, m := range d.Members {
			fmt.Fprintf(out, "  member %s, key %x\n", m.ID, m.Key)
		}
	}
	_, err := fmt.Fprintf(out, "recovery key %s\n", r.Recovery.Hash())
	return err
}
