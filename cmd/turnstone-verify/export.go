// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

func newExportCommand() *cobra.Command {
	var programme, identity string
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Check an exported report, sealed or with a key that opens it",
		Long: `Checks an exported report. Without an identity only what can be checked from
outside: the signed list of desks, and that every grant and message is sealed to
exactly one reader, in order and of an allowed size. With an identity file that
opens it, also who signed each message, that none is missing in between, and that
every piece of every file is the one that its signed manifest names;
what it says is not shown (turnstone unseal does that).`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := programmeKey(programme)
			if err != nil {
				return err
			}
			text, err := read(cmd, args[0])
			if err != nil {
				return err
			}
			a, err := archive.Read(bytes.NewReader(text), int64(len(text)))
			if err != nil {
				return fails(err)
			}
			e, err := seal.ParseExport(a.Document)
			if err != nil {
				return fails(err)
			}
			if err := checkOutside(cmd.OutOrStdout(), e, key); err != nil {
				return err
			}
			if identity == "" {
				return nil
			}
			return checkInside(cmd, a, e, key, identity)
		},
	}
	cmd.Flags().StringVar(&programme, "programme-key", "", "public key of the programme, base64")
	cmd.Flags().StringVar(&identity, "identity", "", "age identity file of a desk, a member or recovery")
	required(cmd, "programme-key")
	return cmd
}

// checkOutside checks what needs no key of a reader.
func checkOutside(w io.Writer, e seal.Export, programme ed25519.PublicKey) error {
	roster, err := e.Roster.VerifyPast(programme)
	if err != nil {
		return fails(err)
	}
	if roster.Programme != e.Programme {
		return fails(errors.New("the list of desks is another programme's"))
	}
	for i, g := range e.Grants {
		if err := seal.CheckEnvelope(seal.KindGrant, g.Body); err != nil {
			return fails(fmt.Errorf("grant %d, to %q: %w", i+1, g.To, err))
		}
	}
	for i, m := range e.Messages {
		kind := seal.KindMessage
		if i == 0 {
			kind = seal.KindCover
		}
		if m.Seq != i {
			return fails(fmt.Errorf("message %d is in the place of message %d", m.Seq, i))
		}
		if err := seal.CheckEnvelope(kind, m.Body); err != nil {
			return fails(fmt.Errorf("message %d: %w", i, err))
		}
	}
	_, err = fmt.Fprintf(w, "Report %s: %d grants and %d messages, each sealed to one reader; list of desks number %d, signed by the programme.\n",
		e.Report, len(e.Grants), len(e.Messages), roster.Number)
	return err
}

// checkInside opens the report and says who signed what, not what they wrote.
func checkInside(cmd *cobra.Command, a *archive.Archive, e seal.Export, programme ed25519.PublicKey, path string) error {
	text, err := read(cmd, path)
	if err != nil {
		return err
	}
	identities, err := seal.ParseIdentityFile(text)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	conversation, err := e.Open(identities, programme)
	if err != nil {
		return fails(err)
	}
	unknown := 0
	for _, m := range conversation.Messages {
		by := string(m.Signer.Role)
		if !m.Signer.Known {
			by, unknown = by+", by a key that is not on the list of desks", unknown+1
		} else if !m.Signer.Member.IsZero() {
			by += ", member " + m.Signer.Member.String()
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "  message %d (%s): signed by %s\n", m.Header.Seq, m.Header.Type, by); err != nil {
			return err
		}
	}
	if err := checkFiles(cmd.OutOrStdout(), a, conversation); err != nil {
		return err
	}
	if unknown > 0 {
		return fails(fmt.Errorf("%d messages are signed by keys that are not on the list of desks", unknown))
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), "Every message is signed and follows the one before it. Newer messages may have been left out.")
	return err
}

// checkFiles holds the files' pieces against their signed manifests. It names
// a file by its message: what the reporter called it is not shown here.
func checkFiles(w io.Writer, a *archive.Archive, conversation seal.Conversation) error {
	damaged := 0
	for _, m := range conversation.Messages {
		f, ok := m.Content.(seal.File)
		if !ok {
			continue
		}
		said := "whole"
		if err := a.Check(f, nil); err != nil {
			said, damaged = err.Error(), damaged+1
		}
		if _, err := fmt.Fprintf(w, "  file of message %d: %s\n", m.Header.Seq, said); err != nil {
			return err
		}
	}
	if damaged > 0 {
		return fails(fmt.Errorf("%d files are not as they were sealed", damaged))
	}
	return nil
}
