// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/ledger"
)

// tiles reads the tiles of a log as an outsider does: by their paths.
type tiles struct{ log *ledger.Log }

func (r tiles) Height() int { return 8 }

func (r tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range want {
		data, err := r.log.Tile(context.Background(), strings.Replace(t.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (r tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// TestOutsiderReadsTheLogFromTiles proves leaves from nothing but the
// checkpoint and tiles, with the reference implementation.
func TestOutsiderReadsTheLogFromTiles(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	for _, n := range []int{1, 254, 1, 1, 400, 70_000} {
		w.grow(t, n)
		_, c := w.checkpoint(t)
		reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tiles{w.Log})
		for _, leaf := range []int64{0, c.Size / 2, c.Size - 1} {
			p, err := tlog.ProveRecord(c.Size, leaf, reader)
			if err != nil {
				t.Fatalf("leaf %d of %d: %v", leaf, c.Size, err)
			}
			if err := tlog.CheckRecord(p, c.Size, c.Root, leaf, tlog.RecordHash(w.store.rows[leaf].Leaf)); err != nil {
				t.Fatalf("leaf %d of %d: %v", leaf, c.Size, err)
			}
		}
	}
}

func TestBundlesHoldTheLeaves(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 300)
	for _, c := range []struct {
		path        string
		first, last int
	}{{"tile/entries/000", 0, 255}, {"tile/entries/001.p/44", 256, 299}, {"tile/entries/000.p/3", 0, 2}} {
		data, err := w.Tile(t.Context(), c.path)
		if err != nil {
			t.Fatal(err)
		}
		for n := c.first; n <= c.last; n++ {
			size := int(binary.BigEndian.Uint16(data))
			if string(data[2:2+size]) != string(w.store.rows[n].Leaf) {
				t.Fatalf("%s: leaf %d differs", c.path, n)
			}
			data = data[2+size:]
		}
		if len(data) != 0 {
			t.Fatalf("%s: %d bytes too many", c.path, len(data))
		}
	}
}

func TestCheckpointIsATileToo(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 3)
	signed, _ := w.checkpoint(t)
	if got, err := w.Tile(t.Context(), "checkpoint"); err != nil || string(got) != string(signed) {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestTilesThatAreNot(t *testing.T) {
	w := newWorld(t, "turnstone/test")
	w.grow(t, 300)
	for _, path := range []string{
		"", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/8/000", "tile/-1/000", "tile/data/000", "/tile/0/000",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/x000/000", "tile/0/x001/000", "tile/0/001", "tile/1/000", "tile/1/000.p/2",
		"tile/entries/001", "tile/entries/001.p/45", "tile/0/-01", "tile/0/000/000", "tile/0/x000/x000/x000/x000/x000/x000/000", "tile/0/000.p/1/", "../checkpoint",
	} {
		if _, err := w.Tile(t.Context(), path); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v, want NotFound", path, err)
		}
	}
}

func FuzzTile(f *testing.F) {
	w := newWorld(f, "turnstone/test")
	w.grow(f, 300)
	for _, path := range []string{"tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "checkpoint", "tile/0/x001/000"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		data, err := w.Tile(t.Context(), path)
		if err == nil && len(data) == 0 {
			t.Fatalf("%q is an empty tile", path)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Fatal(fmt.Errorf("%q: %w", path, err))
		}
	})
}
