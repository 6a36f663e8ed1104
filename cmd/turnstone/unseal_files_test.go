// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// sentFile is a file of an exported report with its pieces.
type sentFile struct {
	file   seal.File
	pieces [][]byte
}

// addFile lets the reporter send a file.
func (e *exported) addFile(t *testing.T, receipt seal.Receipt, name string, content []byte, cleaned seal.Cleaning) *sentFile {
	t.Helper()
	mailbox, err := receipt.Mailbox()
	check(t, err)
	grant, err := seal.OpenGrant(mailbox, e.export.Grants[2].Body, e.export.Programme, e.export.Report)
	check(t, err)
	chain, err := seal.NewChain(grant)
	check(t, err)
	for _, m := range e.export.Messages {
		_, _, err := chain.Next(m)
		check(t, err)
	}
	to, err := grant.Identity(0)
	check(t, err)
	s := &sentFile{file: seal.File{Blob: id.New(), Length: int64(len(content)), Name: name, Media: "image/jpeg", Cleaned: cleaned, Removed: []string{"gps"}}}
	if cleaned == seal.Original {
		h := seal.NewHalves()
		to, err = h.Identity()
		check(t, err)
		s.file.Half = h.Ours // theirs is with the server
	}
	s.file.Pieces, err = seal.SealFile(bytes.NewReader(content), int64(len(content)), to.Recipient(), func(_ int, piece []byte) error {
		s.pieces = append(s.pieces, slices.Clone(piece))
		return nil
	})
	check(t, err)
	m, err := chain.Seal(s.file, seal.RoleReporter, receipt.SigningKey())
	check(t, err)
	e.export.Messages = append(e.export.Messages, m)
	return s
}

// writeExports writes exports of one report with three files into dir: whole,
// and damaged in the ways in which files are damaged.
func writeExports(t *testing.T, dir string) {
	t.Helper()
	e := newExported(t)
	receipt := e.receipt
	van := e.addFile(t, receipt, "..van.jpg", []byte("a picture of a van"), seal.Cleaned)
	film := e.addFile(t, receipt, "CON", bytes.Repeat([]byte("film"), seal.PieceSize/4+10), seal.Unclean)
	same := e.addFile(t, receipt, "..van.jpg", []byte("the same name once more"), seal.Partly)
	document, err := e.export.Encode()
	check(t, err)
	write := func(name string, change func(van, film *sentFile)) {
		files := []*sentFile{clone(van), clone(film), clone(same)}
		change(files[0], files[1])
		var sources []archive.File
		for _, f := range files {
			sources = append(sources, f.source())
		}
		var out bytes.Buffer
		_, err := archive.Write(&out, document, sources)
		check(t, err)
		check(t, os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o600))
	}
	write("whole.zip", func(_, _ *sentFile) {})
	write("missing.zip", func(_, film *sentFile) { film.pieces[1] = nil })
	write("changed.zip", func(van, _ *sentFile) { van.pieces[0][3000] ^= 1 })
	write("swapped.zip", func(van, film *sentFile) { film.pieces[1] = van.pieces[0] })
	write("foreign.zip", func(van, _ *sentFile) { van.file.Blob = id.New() })
	whole, err := os.ReadFile(filepath.Join(dir, "whole.zip"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "cut.zip"), whole[:len(whole)/2], 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "desk.txt"), []byte(e.desk.Secret()), 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "key.txt"), []byte(e.key), 0o600))
}

func clone(s *sentFile) *sentFile {
	c := &sentFile{file: s.file}
	for _, p := range s.pieces {
		c.pieces = append(c.pieces, slices.Clone(p))
	}
	return c
}

// source gives the pieces of a sent file to an export.
func (s *sentFile) source() archive.File {
	return archive.File{Blob: s.file.Blob, Pieces: len(s.pieces), Open: func(i int) (io.ReadCloser, int64, error) {
		if s.pieces[i] == nil {
			return nil, 0, os.ErrNotExist
		}
		return io.NopCloser(bytes.NewReader(s.pieces[i])), 0, nil
	}}
}

// TestUnsealNamesAnOriginal: an export holds half of its key, so it is checked,
// named and not written; one that is changed is damaged like any other.
func TestUnsealNamesAnOriginal(t *testing.T) {
	e := newExported(t)
	s := e.addFile(t, e.receipt, "1-original.jpg", []byte("as it was"), seal.Original)
	document, err := e.export.Encode()
	check(t, err)
	unseal := func(name string) (string, string, error) {
		var b bytes.Buffer
		_, err := archive.Write(&b, document, []archive.File{s.source()})
		check(t, err)
		dir := filepath.Join(e.dir, name)
		out, err := runUnseal("--in", e.write(t, name+".zip", b.String()), "--identity", e.write(t, "desk.txt", e.desk.Secret()), "--out", dir)
		return out, dir, err
	}
	out, dir, err := unseal("whole")
	check(t, err)
	if !strings.Contains(out, "1-original.jpg") || !strings.Contains(out, "half of its key is with the server") {
		t.Error(out)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, filesDir, manifestFile))
	check(t, err)
	if !bytes.Contains(manifest, []byte(sealedToTwo)) {
		t.Errorf("%s", manifest)
	}
	written, err := os.ReadDir(filepath.Join(dir, filesDir))
	check(t, err)
	if len(written) != 1 {
		t.Errorf("beside the manifest lies %v", written)
	}
	s.pieces[0][3000] ^= 1
	if out, _, err := unseal("changed"); err == nil || !strings.Contains(out, "DAMAGED") {
		t.Errorf("a changed one: %v\n%s", err, out)
	}
}
