// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// filesDir is the folder of the files below --out, with their manifest.
const (
	filesDir     = "files"
	manifestFile = "manifest.json"
)

// sealedToTwo is the state of an original that is kept as evidence.
const sealedToTwo = "sealed to two people"

// unsealedFile is a file of the conversation in manifest.json: what its signed
// manifest says, and what became of it here.
type unsealedFile struct {
	Message   int       `json:"message"`
	Name      string    `json:"name"` // as the reporter's browser sent it
	Media     string    `json:"media"`
	Length    int64     `json:"length"`
	Cleaned   string    `json:"cleaned"`
	Removed   []string  `json:"removed"`
	Blob      string    `json:"blob"`
	State     string    `json:"state"` // whole, written, sealed to two people or damaged
	WrittenAs string    `json:"written_as,omitempty"`
	SHA256    string    `json:"sha256,omitempty"`
	Problems  []string  `json:"problems,omitempty"`
	manifest  seal.File // what all that is of
	epoch     int
}

// filesOf lists the files of a conversation.
func filesOf(talk seal.Conversation) []*unsealedFile {
	var out []*unsealedFile
	for _, line := range talk.Messages {
		f, ok := line.Content.(seal.File)
		if !ok {
			continue
		}
		out = append(out, &unsealedFile{
			Message: line.Header.Seq, Name: f.Name, Media: f.Media, Length: f.Length, Cleaned: string(f.Cleaned), Removed: append([]string{}, f.Removed...),
			Blob: f.Blob.String(), manifest: f, epoch: line.Header.Epoch,
		})
	}
	return out
}

// unsealFiles opens every file of the conversation and writes it into dir; with
// none it only tries. It says of each what became of it, and returns an error
// after the last when one of them is damaged.
func unsealFiles(cmd *cobra.Command, a *archive.Archive, talk seal.Conversation, dir *os.Root) error {
	files := filesOf(talk)
	manifests := make([]seal.File, len(files))
	for i, f := range files {
		manifests[i] = f.manifest
	}
	places := archive.PlacesOf(manifests)
	damaged := 0
	for _, f := range files {
		err := f.unseal(a, talk, places, dir)
		if err != nil {
			damaged++
		}
		if _, err := fmt.Fprint(cmd.OutOrStdout(), f); err != nil {
			return err
		}
	}
	for _, blob := range a.Strangers(manifests) {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\nThe export also holds pieces %s, which no message names. They were left alone.\n", blob); err != nil {
			return err
		}
	}
	if dir != nil && len(files) > 0 {
		if err := keepManifest(dir, files); err != nil {
			return err
		}
	}
	if damaged > 0 {
		return fmt.Errorf("%d of %d files are not whole; the rest is, and is shown above", damaged, len(files))
	}
	return nil
}

// unseal opens one file. Nothing stays of one that is damaged.
func (f *unsealedFile) unseal(a *archive.Archive, talk seal.Conversation, places archive.Places, dir *os.Root) error {
	err := a.Check(f.manifest, places)
	switch {
	case err == nil && f.manifest.Cleaned == seal.Original:
		f.State = sealedToTwo // the other half of its key is with the server
	case err == nil:
		err = f.extract(a, talk, dir)
	}
	if err != nil {
		f.State, f.WrittenAs, f.SHA256 = "damaged", "", ""
		f.Problems = []string{err.Error()}
		if d, ok := errors.AsType[*archive.Damage](err); ok {
			f.Problems = d.Problems
		}
	}
	return err
}

func (f *unsealedFile) extract(a *archive.Archive, talk seal.Conversation, dir *os.Root) error {
	identity, err := talk.Identity(f.epoch)
	if err != nil {
		return err
	}
	sum := sha256.New()
	f.State = "whole"
	if dir == nil {
		err = a.Extract(sum, f.manifest, identity)
	} else {
		err = f.write(a, identity, dir, sum)
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return err
}

// write writes the content under a safe name that is not taken.
func (f *unsealedFile) write(a *archive.Archive, identity *seal.Identity, dir *os.Root, sum hash.Hash) error {
	name := archive.SafeName(f.Message, f.Name)
	out, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	err = a.Extract(io.MultiWriter(out, sum), f.manifest, identity)
	if err == nil {
		err = out.Sync()
	}
	if closing := out.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = dir.Remove(name) // the first error says more
		return err
	}
	f.State, f.WrittenAs = "written", name
	return nil
}

// String says what became of the file.
func (f *unsealedFile) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\nFile in message %d: %s\n   %d bytes, %s, %s\n", f.Message, oneLine(f.Name), f.Length, oneLine(f.Media), cleaningWords(f.manifest.Cleaned))
	for _, r := range f.Removed {
		fmt.Fprintf(&out, "   taken out before it was sealed: %s\n", oneLine(r))
	}
	switch f.State {
	case "damaged":
		for _, p := range f.Problems {
			fmt.Fprintf(&out, "   DAMAGED: %s\n", oneLine(p))
		}
	case sealedToTwo:
		out.WriteString("   all of it is here, but half of its key is with the server: two people of the desk open it there together\n")
	case "written":
		fmt.Fprintf(&out, "   written as %s\n   SHA-256 %s\n", f.WrittenAs, f.SHA256)
	default:
		fmt.Fprintf(&out, "   whole; --out writes it\n   SHA-256 %s\n", f.SHA256)
	}
	return out.String()
}

func oneLine(s string) string { return strings.ReplaceAll(plain(s), "\n", " ") }

func cleaningWords(c seal.Cleaning) string {
	switch c {
	case seal.Cleaned:
		return "cleaned before it was sealed"
	case seal.Partly:
		return "partly cleaned before it was sealed"
	case seal.Original:
		return "the original, kept as evidence"
	}
	return "could not be cleaned: the reporter chose to send it as it is"
}

func keepManifest(dir *os.Root, files []*unsealedFile) error {
	text, err := json.MarshalIndent(files, "", "  ")
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	out, err := dir.OpenFile(manifestFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	_, err = out.Write(append(text, '\n'))
	if closing := out.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}
