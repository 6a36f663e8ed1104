// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// publishedRoster is what the portal serves under api/roster; the last three
// fields are missing in an export.
type publishedRoster struct {
	seal.SignedRoster
	Checkpoint   string           `json:"checkpoint"`
	Proof        ledger.Inclusion `json:"proof"`
	ProgrammeKey []byte           `json:"programme_key"`
}

func newRosterCommand() *cobra.Command {
	var programme, at string
	var keys logKeys
	cmd := &cobra.Command{
		Use:   "roster FILE",
		Short: "Check who can open reports, and that this list is in the log",
		Long: `Checks the list of desks and keys that reports are sealed to, as the portal serves
it under api/roster: that the programme's key signed it, that it is valid, and,
when checkpoint and proof are in the file, that it is in the log that it names.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := programmeKey(programme)
			if err != nil {
				return err
			}
			when := time.Now()
			if at != "" {
				if when, err = time.Parse(time.RFC3339, at); err != nil {
					return fmt.Errorf("read --at: %w", err)
				}
			}
			var p publishedRoster
			if err := readJSON(cmd, args[0], &p); err != nil {
				return err
			}
			roster, err := p.Verify(key, when, 0)
			if err != nil {
				return fails(err)
			}
			if err := describe(cmd.OutOrStdout(), roster); err != nil {
				return err
			}
			return keys.inLog(cmd.OutOrStdout(), p, roster)
		},
	}
	cmd.Flags().StringVar(&programme, "programme-key", "", "public key of the programme, base64")
	cmd.Flags().StringVar(&at, "at", "", "check as at this time (RFC 3339) instead of now")
	cmd.Flags().StringArrayVar(&keys.witnesses, "witness", nil, "verifier key of a witness; may be given several times")
	cmd.Flags().IntVar(&keys.need, "need", 0, "how many of the witnesses must have signed the checkpoint")
	required(cmd, "programme-key")
	return cmd
}

func programmeKey(s string) (ed25519.PublicKey, error) {
	key, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("read the programme's key: want 32 bytes as base64")
	}
	return key, nil
}

func describe(w io.Writer, r *seal.Roster) error {
	_, err := fmt.Fprintf(w, "The programme has signed this list: number %d, valid from %s until %s, SHA-256 %s.\n",
		r.Number, r.ValidFrom.Format(time.RFC3339), r.ValidUntil.Format(time.RFC3339), r.Hash())
	for _, d := range r.Desks {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %q: %d members, key epoch %d\n", d.Slug, len(d.Members), d.Epoch)
		}
	}
	return err
}

// inLog checks the proof that came with a roster, under the log key that the
// roster names.
func (k *logKeys) inLog(w io.Writer, p publishedRoster, r *seal.Roster) error {
	if p.Checkpoint == "" {
		if k.need > 0 {
			return fails(errors.New("there is no checkpoint in the file that witnesses could have signed"))
		}
		_, err := fmt.Fprintln(w, "There is no checkpoint in the file: whether the list is in the log was NOT checked.")
		return err
	}
	k.log = r.Log
	c, witnesses, err := k.open([]byte(p.Checkpoint))
	if err != nil {
		return err
	}
	if err := p.Proof.Verify(c, "roster", p.Roster); err != nil {
		return fails(err)
	}
	_, err = fmt.Fprintf(w, "It is entry %d of the %d entries of the log %s; %d of the witnesses that you named have signed that.\n", p.Proof.Index, c.Size, c.Origin, len(witnesses))
	return err
}
