// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/ledger"
)

// TestTreeIsThatOfTheReference grows the log in random steps and compares it
// with x/mod's tree at every size.
func TestTreeIsThatOfTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "turnstone/test")
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			var out []tlog.Hash
			for _, i := range indexes {
				out = append(out, stored[i])
			}
			return out, nil
		})
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			w.grow(t, rapid.IntRange(0, 20).Draw(t, "n"))
			for n := range int64(len(w.store.rows)) {
				if tlog.StoredHashIndex(0, n) < int64(len(stored)) {
					continue
				}
				row := w.store.rows[n]
				hashes, err := tlog.StoredHashes(n, row.Leaf, reader)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(hashes, row.Hashes) || len(hashes) != 1+bits.TrailingZeros64(uint64(n+1)) {
					t.Fatalf("leaf %d: hashes %v, want %v", n, row.Hashes, hashes)
				}
				stored = append(stored, hashes...)
			}
			_, c := w.checkpoint(t)
			want, err := tlog.TreeHash(int64(len(w.store.rows)), reader)
			if err != nil {
				t.Fatal(err)
			}
			if c.Size != int64(len(w.store.rows)) || c.Size > 0 && c.Root != want {
				t.Fatalf("checkpoint %+v, want root %v", c, want)
			}
		}
	})
}

func TestEmptyTree(t *testing.T) {
	_, c := newWorld(t, "turnstone/test").checkpoint(t)
	const want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing, RFC 6962
	if c.Size != 0 || hex.EncodeToString(c.Root[:]) != want {
		t.Fatalf("%d leaves, root %x", c.Size, c.Root)
	}
}

// TestProofsHoldAndBreak checks each proof, and that nothing else is one: any
// changed bit, another leaf, another size.
func TestProofsHoldAndBreak(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	var points []ledger.Checkpoint
	for range 40 {
		_, c := w.checkpoint(t)
		points = append(points, c)
		w.grow(t, 1)
	}
	last := points[len(points)-1]
	for n := range last.Size {
		p, err := w.Prove(t.Context(), n, last.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(last, "audit", payload(int(n))); err != nil {
			t.Fatalf("leaf %d: %v", n, err)
		}
		wantErr(t, "another payload", p.Verify(last, "audit", payload(int(n)+1)))
		wantErr(t, "another kind", p.Verify(last, "roster", payload(int(n))))
		wantErr(t, "another size", p.Verify(points[len(points)-2], "audit", payload(int(n))))
		for i := range p.Hashes {
			p.Hashes[i] = slices.Clone(p.Hashes[i])
			p.Hashes[i][n%32] ^= 1
			wantErr(t, "a changed hash", p.Verify(last, "audit", payload(int(n))))
			p.Hashes[i][n%32] ^= 1
		}
		p.Index ^= 1
		wantErr(t, "another index", p.Verify(last, "audit", payload(int(n))))
	}
	for later := range points {
		for earlier := range later + 1 {
			wantConsistent(t, w, points[earlier], points[later])
		}
	}
}

func wantConsistent(t *testing.T, w *world, earlier, later ledger.Checkpoint) {
	t.Helper()
	p, err := w.ProveConsistency(t.Context(), earlier.Size, later.Size)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(earlier, later); err != nil {
		t.Fatalf("%d to %d: %v", earlier.Size, later.Size, err)
	}
	forged := earlier
	forged.Root[3] ^= 1
	wantErr(t, fmt.Sprintf("another past of %d leaves", earlier.Size), p.Verify(forged, later))
	if earlier.Size > 0 {
		forged = later
		forged.Root[3] ^= 1
		wantErr(t, fmt.Sprintf("another present of %d leaves", later.Size), p.Verify(earlier, forged))
	}
	if earlier.Size < later.Size {
		wantErr(t, "time turned round", p.Verify(later, earlier))
	}
	foreign := later
	foreign.Origin = "turnstone/other"
	wantErr(t, "another log", p.Verify(earlier, foreign))
	p.Hashes = append(p.Hashes, make([]byte, 32))
	wantErr(t, "a hash too many", p.Verify(earlier, later))
	p.Hashes[len(p.Hashes)-1] = []byte{1}
	wantErr(t, "a short hash", p.Verify(earlier, later))
}

func TestProofsThatCannotBe(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 3)
	for _, c := range [][2]int64{{-1, 3}, {3, 3}, {4, 3}} {
		_, err := w.Prove(t.Context(), c[0], c[1])
		wantErr(t, fmt.Sprintf("a proof of leaf %d in %d", c[0], c[1]), err)
	}
	for _, c := range [][2]int64{{-1, 3}, {3, 2}, {1, 4}} {
		_, err := w.ProveConsistency(t.Context(), c[0], c[1])
		wantErr(t, fmt.Sprintf("a proof from %d to %d", c[0], c[1]), err)
	}
}

// TestErasedLeafStaysInTheTree erases what a leaf said: its place can still be
// proved, its content no more.
func TestErasedLeafStaysInTheTree(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 5)
	before, c := w.checkpoint(t)
	if err := w.Erase(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	after, _ := w.checkpoint(t)
	if string(before) != string(after) {
		t.Fatal("erasing changed the checkpoint")
	}
	p, err := w.Prove(t.Context(), 2, 5)
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, "the content of an erased leaf", p.Verify(c, "audit", payload(2)))
	leaf, err := ledger.ParseLeaf(w.store.rows[2].Leaf)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.VerifyLeaf(c, leaf); err != nil {
		t.Fatal(err)
	}
}

// TestRolledBackAppend takes back an append behind the log's back, as a failed
// transaction does.
func TestRolledBackAppend(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 3)
	kept := slices.Clone(w.store.rows)
	w.grow(t, 2)
	w.store.rows = kept
	w.grow(t, 2) // as many as were lost
	w.grow(t, 1)
	_, c := w.checkpoint(t)
	for n := range c.Size {
		p, err := w.Prove(t.Context(), n, c.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(c, "audit", payload(int(n))); err != nil {
			t.Fatalf("leaf %d: %v", n, err)
		}
	}
}

func TestSaltsHideEqualPayloads(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 1)
	w.store.rows[0].Payload = nil
	first := slices.Clone(w.store.rows[0].Leaf)
	w.store.rows = nil
	w.grow(t, 1)
	if string(first) == string(w.store.rows[0].Leaf) {
		t.Fatal("the same payload gives the same leaf: it could be guessed")
	}
}

func TestKeptCheckpoints(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 4)
	signed, _ := w.checkpoint(t)
	if err := w.Keep(t.Context(), signed); err != nil {
		t.Fatal(err)
	}
	w.grow(t, 4)
	if err := w.CheckKept(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.store.rows = w.store.rows[:3]
	if err := w.CheckKept(t.Context()); !errors.Is(err, ledger.ErrForked) {
		t.Fatalf("CheckKept = %v, want ErrForked", err)
	}
	foreign, _ := newWorld(t, "turnstone/other").checkpoint(t)
	wantErr(t, "another log's checkpoint", w.Keep(t.Context(), foreign))
	wantErr(t, "something else", w.Keep(t.Context(), []byte("no checkpoint")))
}

func FuzzParseLeaf(f *testing.F) {
	f.Add(string(ledger.Leaf{Kind: "roster", Commit: ledger.Commit([]byte("salt"), []byte("payload"))}.Data()))
	f.Add(`{"v":1,"kind":"audit","commit":""}`)
	f.Fuzz(func(t *testing.T, s string) {
		leaf, err := ledger.ParseLeaf([]byte(s))
		if err == nil && string(leaf.Data()) != s {
			t.Fatalf("%q has a second spelling %q", s, leaf.Data())
		}
	})
}

func TestLeafFormat(t *testing.T) {
	// SHA-256 of "0123456789abcdef" and "payload", computed with sha256sum.
	leaf := ledger.Leaf{Kind: "release", Commit: ledger.Commit([]byte("0123456789abcdef"), []byte("payload"))}
	const want = `{"v":1,"kind":"release","commit":"8002a87a6706ece632d342e42eef6c66de568d85c4517cb7a97891cbcf0670a1"}`
	if got := string(leaf.Data()); got != want {
		t.Fatalf("Data() = %s, want %s", got, want)
	}
	for _, bad := range []string{want + " ", ` ` + want, `{"v":2` + want[6:], `{"kind":"release","v":1,` + want[24:]} {
		if _, err := ledger.ParseLeaf([]byte(bad)); !errors.Is(err, ledger.ErrLeaf) {
			t.Errorf("ParseLeaf(%s) = %v", bad, err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	w := newWorld(b, "turnstone/bench")
	for b.Loop() {
		w.grow(b, 1)
	}
}
