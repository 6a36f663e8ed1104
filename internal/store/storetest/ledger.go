// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
)

// fill appends n entries, three in a change.
func fill(t *testing.T, h *House, programme id.ID, n int) {
	t.Helper()
	for from := 0; from < n; from += 3 {
		h.Do(t, func(_ context.Context, rec *tx.Recorder) error {
			for i := from; i < min(from+3, n); i++ {
				rec.Entry(tx.Entry{Programme: programme, Kind: "audit", Payload: fmt.Appendf(nil, `{"n":%d}`, i)})
			}
			return nil
		})
	}
}

func testLedger(t *testing.T, open Factory) {
	t.Run("every leaf has a proof", func(t *testing.T) {
		h := Build(t, open)
		wantWholeLog(t, h, 0)
		fill(t, h, id.New(), 70)
		wantWholeLog(t, h, 70)
	})
	t.Run("a rolled back append leaves no trace in the tree", func(t *testing.T) {
		h := Build(t, open)
		fill(t, h, id.New(), 7)
		err := h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error {
			if err := h.Log.Append(ctx, []tx.Entry{{Kind: "audit", Payload: []byte("never")}}); err != nil {
				return err
			}
			return errChange
		})
		if !errors.Is(err, errChange) {
			t.Fatal(err)
		}
		fill(t, h, id.New(), 5)
		wantWholeLog(t, h, 12)
	})
	t.Run("an erased payload is gone and the tree stays", func(t *testing.T) { testErase(t, open) })
	t.Run("entries are found by programme and kind, newest first", func(t *testing.T) { testFind(t, open) })
	t.Run("outsiders read tiles and consistency proofs", func(t *testing.T) { testPublished(t, open) })
	t.Run("kept checkpoints", func(t *testing.T) { testKept(t, open) })
}

// testPublished compares what is published with the rows: all leaves, the
// hashes of the first tile, and that each size continues the one before.
func testPublished(t *testing.T, open Factory) {
	h := Build(t, open)
	var before ledger.Checkpoint
	for _, n := range []int{3, 260, 7} {
		fill(t, h, id.New(), n)
		signed, err := h.Log.Checkpoint(t.Context())
		must(t, err)
		c, _, err := ledger.OpenCheckpoint(signed, h.Key)
		must(t, err)
		if before.Size > 0 {
			p, err := h.Log.ProveConsistency(t.Context(), before.Size, c.Size)
			must(t, err)
			must(t, p.Verify(before, c))
		}
		before = c
	}
	leaves, err := h.Log.Tile(t.Context(), "tile/entries/001.p/14")
	must(t, err)
	hashes, err := h.Log.Tile(t.Context(), "tile/0/001.p/14")
	must(t, err)
	for n := int64(256); n < 270; n++ {
		row, err := h.Log.Row(t.Context(), n)
		must(t, err)
		size := int(leaves[0])<<8 | int(leaves[1])
		wantSame(t, "leaf", leaves[2:2+size], row.Leaf)
		wantSame(t, "hash", hashes[:ledger.HashSize], row.Hashes[0][:])
		leaves, hashes = leaves[2+size:], hashes[ledger.HashSize:]
	}
}

func testErase(t *testing.T, open Factory) {
	h := Build(t, open)
	fill(t, h, id.New(), 9)
	before, err := h.Log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return h.Log.Erase(ctx, 4) })
	row, err := h.Log.Row(t.Context(), 4)
	if err != nil || row.Salt != nil || row.Payload != nil {
		t.Fatalf("row %+v, %v: want neither salt nor payload", row, err)
	}
	after, err := h.Log.Checkpoint(t.Context())
	if err != nil || string(after) != string(before) {
		t.Fatalf("the checkpoint changed: %v", err)
	}
	c, _, err := ledger.OpenCheckpoint(after, h.Key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ledger.ParseLeaf(row.Leaf)
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Log.Prove(t.Context(), 4, 9)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.VerifyLeaf(c, leaf); err != nil {
		t.Fatal(err)
	}
	err = h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return h.Log.Erase(ctx, 99) })
	if fault.KindOf(err) != fault.NotFound {
		t.Fatalf("Erase of nothing = %v, want NotFound", err)
	}
}

func testFind(t *testing.T, open Factory) {
	h := Build(t, open)
	mine, other := id.New(), id.New()
	fill(t, h, mine, 6)
	fill(t, h, other, 6)
	var entry id.ID
	h.Do(t, func(_ context.Context, rec *tx.Recorder) error {
		entry = rec.Entry(tx.Entry{Programme: mine, Kind: "roster", Payload: []byte("roster one")})
		return nil
	})
	for _, c := range []struct {
		name string
		q    ledger.Query
		want []int64
	}{
		{"all of mine", ledger.Query{Programme: mine, Limit: 10}, []int64{12, 5, 4, 3, 2, 1, 0}},
		{"a kind", ledger.Query{Programme: mine, Kind: "roster", Limit: 10}, []int64{12}},
		{"a page", ledger.Query{Programme: mine, Kind: "audit", Before: 5, Limit: 2}, []int64{4, 3}},
		{"the installation's own", ledger.Query{Limit: 10}, nil},
	} {
		rows, err := h.Log.Find(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, r := range rows {
			got = append(got, r.N)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: leaves %v, want %v", c.name, got, c.want)
		}
	}
	row, err := h.Log.ByID(t.Context(), entry)
	if err != nil || row.N != 12 || row.ID != entry || string(row.Payload) != "roster one" {
		t.Errorf("ByID = %+v, %v: want leaf 12", row, err)
	}
	if _, err := h.Log.ByID(t.Context(), id.New()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("ByID of nothing = %v, want NotFound", err)
	}
}

func testKept(t *testing.T, open Factory) {
	h := Build(t, open)
	if text, err := h.Log.Kept(t.Context()); text != nil || err != nil {
		t.Fatalf("Kept = %q, %v: want nothing", text, err)
	}
	if err := h.Log.CheckKept(t.Context()); err != nil {
		t.Fatal(err)
	}
	fill(t, h, id.New(), 5)
	signed, err := h.Log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return h.Log.Keep(ctx, signed) })
	}
	fill(t, h, id.New(), 5)
	if err := h.Log.CheckKept(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The same installation brought back from an older backup.
	old := Build(t, open)
	fill(t, old, id.New(), 5)
	if err := old.Log.Continues(t.Context(), signed); !errors.Is(err, ledger.ErrForked) {
		t.Fatalf("Continues with other leaves = %v, want ErrForked", err)
	}
	short := Build(t, open)
	if err := short.Log.Continues(t.Context(), signed); !errors.Is(err, ledger.ErrForked) {
		t.Fatalf("Continues with too few leaves = %v, want ErrForked", err)
	}
}
