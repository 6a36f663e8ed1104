// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app/secret"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// unsealFlags are the flags of unseal.
type unsealFlags struct {
	in, identity, key, out string
	shares                 []string
}

func newUnsealCommand() *cobra.Command {
	var f unsealFlags
	cmd := &cobra.Command{
		Use:   "unseal --in FILE --identity FILE",
		Short: "Read an exported report on a machine without network",
		Long: `Opens a report that was exported at the desk, checks every signature and that no
message is missing, foreign or out of order, and prints the conversation. Each file
is held against its signed manifest, piece by piece; what is damaged, missing or in
another's place is named. With --out the conversation and the files are written into
a new directory, under names that are safe on any system; what could run when it is
clicked on ends in ".bin". Opening a file can harm a machine: keep it off networks.

The identity file holds a desk's, a member's or the recovery identity, a line that
starts with AGE-SECRET-KEY-PQ-1. Instead of the recovery identity you can give
enough of its shares.

With --programme-key the list of who may answer for the desk is checked with the
key that you already know. Without it the report is read, but who signed for the
desk can't be checked, and the output says so.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return unseal(cmd, f) },
	}
	cmd.Flags().StringVar(&f.in, "in", "", "the exported report")
	cmd.Flags().StringVar(&f.identity, "identity", "", "file with the identity that opens it")
	cmd.Flags().StringArrayVar(&f.shares, "share", nil, "file with a share of the recovery identity; give it once for each share")
	cmd.Flags().StringVar(&f.key, "programme-key", "", "the programme's public key, in base64")
	cmd.Flags().StringVar(&f.out, "out", "", "new directory for conversation.txt, conversation.json and files/")
	cobra.CheckErr(cmd.MarkFlagRequired("in"))
	cmd.MarkFlagsOneRequired("identity", "share")
	return cmd
}

func unseal(cmd *cobra.Command, f unsealFlags) error {
	in, err := os.Open(f.in)
	if err != nil {
		return fmt.Errorf("read export: %w", err)
	}
	defer func() { _ = in.Close() }() // it was only read
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("read export: %w", err)
	}
	sealed, err := archive.Read(in, info.Size())
	if err != nil {
		return err
	}
	export, err := seal.ParseExport(sealed.Document)
	if err != nil {
		return err
	}
	identities, err := readIdentities(f)
	if err != nil {
		return err
	}
	key, err := readPublicKey(f.key)
	if err != nil {
		return err
	}
	talk, err := export.Open(identities, key)
	switch {
	case errors.Is(err, seal.ErrNotForThisKey):
		return fmt.Errorf("%w: the identity file does not belong to this report's desk, members, mailbox or recovery", err)
	case err != nil:
		return fmt.Errorf("%w; nothing of it is shown, because it may have been changed", err)
	}
	shown := showConversation(export, talk)
	_, err = fmt.Fprint(cmd.OutOrStdout(), shown)
	if err != nil {
		return err
	}
	if f.out == "" {
		return unsealFiles(cmd, sealed, talk, nil)
	}
	if err := keepConversation(f.out, shown, talk); err != nil {
		return err
	}
	return keepFiles(cmd, f.out, sealed, talk)
}

// keepFiles writes the files into a folder that nothing of them can leave.
func keepFiles(cmd *cobra.Command, out string, sealed *archive.Archive, talk seal.Conversation) error {
	if len(filesOf(talk)) == 0 {
		return unsealFiles(cmd, sealed, talk, nil)
	}
	path := filepath.Join(out, filesDir)
	if err := os.Mkdir(path, 0o700); err != nil {
		return fmt.Errorf("keep files: %w", err)
	}
	dir, err := os.OpenRoot(path)
	if err != nil {
		return fmt.Errorf("keep files: %w", err)
	}
	return errors.Join(unsealFiles(cmd, sealed, talk, dir), dir.Close())
}

func readIdentities(f unsealFlags) ([]*seal.Identity, error) {
	var found []*seal.Identity
	if f.identity != "" {
		text, err := os.ReadFile(f.identity)
		if err != nil {
			return nil, fmt.Errorf("read identity: %w", err)
		}
		found, err = seal.ParseIdentityFile(text)
		if err != nil {
			return nil, fmt.Errorf("read identity: %s: %w", filepath.Base(f.identity), err)
		}
	}
	if len(f.shares) == 0 {
		return found, nil
	}
	var shares []seal.Share
	for _, path := range f.shares {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read share: %w", err)
		}
		share, err := seal.ParseShare(shareLine(string(text)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		shares = append(shares, share)
	}
	seed, err := seal.CombineShares(shares)
	if err != nil {
		return nil, err
	}
	recovery, err := seal.IdentityFromSeed(seed)
	if err != nil {
		return nil, fmt.Errorf("combine shares: %w", err)
	}
	return append(found, recovery), nil
}

// shareLine returns the line of a keeper's file that is the share; the others
// say whose it is.
func shareLine(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "turnstone-share-1") {
			return line
		}
	}
	return text
}

// readPublicKey reads the programme key that the reader trusts; nil for none.
func readPublicKey(text string) (ed25519.PublicKey, error) {
	if text == "" {
		return nil, nil
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("--programme-key: want the public key, 44 characters of base64 that end with =")
	}
	return key, nil
}

// keepConversation writes the conversation into a new directory that only its
// owner can read.
func keepConversation(dir, shown string, talk seal.Conversation) error {
	err := os.Mkdir(dir, 0o700)
	if err != nil {
		return fmt.Errorf("keep conversation: %w", err)
	}
	document, err := conversationJSON(talk)
	if err != nil {
		return fmt.Errorf("keep conversation: %w", err)
	}
	err = secret.Make(filepath.Join(dir, "conversation.txt"), []byte(shown))
	if err != nil {
		return fmt.Errorf("keep conversation: %w", err)
	}
	return secret.Make(filepath.Join(dir, "conversation.json"), document)
}
