// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
)

// memory is a ledger.Store in memory.
type memory struct {
	rows []ledger.Row
	kept map[int64][]byte
}

func (m *memory) Size(context.Context) (int64, []ledger.Hash, error) {
	if len(m.rows) == 0 {
		return 0, nil, nil
	}
	return int64(len(m.rows)), m.rows[len(m.rows)-1].Hashes, nil
}

func (m *memory) Append(_ context.Context, rows []ledger.Row) error {
	m.rows = append(m.rows, rows...)
	return nil
}

func (m *memory) Hashes(_ context.Context, leaves []int64) ([][]ledger.Hash, error) {
	var all [][]ledger.Hash
	for _, n := range leaves {
		if n >= int64(len(m.rows)) {
			return nil, fmt.Errorf("no leaf %d", n)
		}
		all = append(all, m.rows[n].Hashes)
	}
	return all, nil
}

func (m *memory) Leaves(_ context.Context, from int64, n int) ([][]byte, error) {
	var all [][]byte
	for _, r := range m.rows[from:min(from+int64(n), int64(len(m.rows)))] {
		all = append(all, r.Leaf)
	}
	return all, nil
}

func (m *memory) Row(_ context.Context, n int64) (ledger.Row, error) {
	if n < 0 || n >= int64(len(m.rows)) {
		return ledger.Row{}, fault.New(fault.NotFound, "none")
	}
	return m.rows[n], nil
}

func (m *memory) ByID(_ context.Context, entry id.ID) (ledger.Row, error) {
	for _, r := range m.rows {
		if r.ID == entry {
			return r, nil
		}
	}
	return ledger.Row{}, fault.New(fault.NotFound, "none")
}

func (m *memory) Find(context.Context, ledger.Query) ([]ledger.Row, error) { return m.rows, nil }

func (m *memory) Erase(_ context.Context, n int64) error {
	m.rows[n].Salt, m.rows[n].Payload = nil, nil
	return nil
}

func (m *memory) KeepCheckpoint(_ context.Context, size int64, note []byte) error {
	if m.kept == nil {
		m.kept = map[int64][]byte{}
	}
	m.kept[size] = bytes.Clone(note)
	return nil
}

func (m *memory) LastCheckpoint(context.Context) ([]byte, error) {
	last := int64(-1)
	for size := range m.kept {
		last = max(last, size)
	}
	return m.kept[last], nil
}

// world is a log with its key.
type world struct {
	*ledger.Log
	store  *memory
	key    note.Verifier
	vkey   string
	signer note.Signer
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func newWorld(t fataler, name string) *world {
	t.Helper()
	private, public, err := note.GenerateKey(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: &memory{}, key: key, vkey: public, signer: signer}
	w.Log = ledger.New(w.store, signer)
	return w
}

// grow appends n entries; the payload of leaf i says its number.
func (w *world) grow(t fataler, n int) {
	t.Helper()
	var entries []tx.Entry
	for range n {
		entries = append(entries, tx.Entry{ID: id.New(), Kind: "audit", Payload: payload(len(w.store.rows) + len(entries))})
	}
	if err := w.Append(context.Background(), entries); err != nil {
		t.Fatal(err)
	}
}

func payload(i int) []byte { return fmt.Appendf(nil, `{"n":%d}`, i) }

// checkpoint returns the verified checkpoint of the log as it is.
func (w *world) checkpoint(t fataler) ([]byte, ledger.Checkpoint) {
	t.Helper()
	signed, err := w.Checkpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := ledger.OpenCheckpoint(signed, w.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed, c
}

func wantErr(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s was accepted", what)
	}
}
