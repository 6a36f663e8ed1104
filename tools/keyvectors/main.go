// SPDX-License-Identifier: AGPL-3.0-or-later

// Command keyvectors makes internal/seal/testdata/vectors/keylog.json: signed
// checkpoints, inclusion and consistency proofs of a small log, made with the Go
// project's own implementation for the browser's code to verify. Its keys are
// made for the file and thrown away.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	path   = "internal/seal/testdata/vectors/keylog.json"
	origin = "turnstone/keyvectors"
	leaves = 13
)

// document is the file. Every size has its checkpoint, its proofs of all
// leaves before it and its consistency with all smaller sizes.
type document struct {
	Verifier    string   `json:"verifier"`
	Stranger    string   `json:"stranger"` // another log's key
	Salts       [][]byte `json:"salts"`
	Payloads    []string `json:"payloads"`
	Checkpoints []string `json:"checkpoints"` // of the sizes 1…
	Inclusion   []proof  `json:"inclusion"`
	Consistency []proof  `json:"consistency"`
}

type proof struct {
	Size   int64    `json:"size"`
	Index  int64    `json:"index"` // of the leaf, or the older size
	Hashes [][]byte `json:"hashes"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "keyvectors:", err)
		os.Exit(1)
	}
}

func run() error {
	private, verifier, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	_, stranger, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return err
	}
	doc := document{Verifier: verifier, Stranger: stranger}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for n := range int64(leaves) {
		salt, payload := make([]byte, 16), fmt.Sprintf("roster %d: Ærø", n)
		_, _ = rand.Read(salt)
		commit := sha256.Sum256(append(append([]byte(nil), salt...), payload...))
		data := fmt.Appendf(nil, `{"v":1,"kind":"roster","commit":"%x"}`, commit)
		doc.Salts, doc.Payloads = append(doc.Salts, salt), append(doc.Payloads, payload)
		more, err := tlog.StoredHashes(n, data, reader)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
		if err := doc.add(n+1, signer, reader); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// add adds the checkpoint and the proofs of the tree of this size.
func (d *document) add(size int64, signer note.Signer, reader tlog.HashReader) error {
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)}, signer)
	if err != nil {
		return err
	}
	d.Checkpoints = append(d.Checkpoints, string(signed))
	for index := range size {
		p, err := tlog.ProveRecord(size, index, reader)
		if err != nil {
			return err
		}
		d.Inclusion = append(d.Inclusion, proof{size, index, hashList(p)})
	}
	for older := int64(1); older <= size; older++ {
		p, err := tlog.ProveTree(size, older, reader)
		if err != nil {
			return err
		}
		d.Consistency = append(d.Consistency, proof{size, older, hashList(p)})
	}
	return nil
}

func hashList(hashes []tlog.Hash) [][]byte {
	out := [][]byte{}
	for _, h := range hashes {
		out = append(out, h[:])
	}
	return out
}
