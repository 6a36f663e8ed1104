// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	entries    = "entries"
)

// Tile returns what C2SP tlog-tiles serves under a path without its leading
// slash: "checkpoint"; "tile/L/N" and "tile/L/N.p/W", hashes of level 8·L; and
// "tile/entries/N", leaves with a u16 length before each. Leaves are
// commitments: nothing of what they commit to is in them. It returns a
// fault.NotFound for a path that is none, or beyond the log.
func (l *Log) Tile(ctx context.Context, path string) ([]byte, error) {
	if path == "checkpoint" {
		return l.Checkpoint(ctx)
	}
	t, err := parseTile(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, "There is no such part of the log.", err)
	}
	size, _, err := l.store.Size(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log's size: %w", err)
	}
	if t.end() > size>>(tileHeight*max(t.level, 0)) {
		return nil, fault.Wrap(fault.NotFound, "There is no such part of the log.", fmt.Errorf("tile %s is beyond the log", path))
	}
	if t.level < 0 {
		return l.bundle(ctx, t)
	}
	data, err := tlog.ReadTileData(tlog.Tile{H: tileHeight, L: t.level, N: t.n, W: t.width}, reader(ctx, l.store))
	if err != nil {
		return nil, fmt.Errorf("read tile %s: %w", path, err)
	}
	return data, nil
}

func (l *Log) bundle(ctx context.Context, t tile) ([]byte, error) {
	leaves, err := l.store.Leaves(ctx, t.n*tileWidth, t.width)
	if err != nil {
		return nil, fmt.Errorf("read leaves: %w", err)
	}
	var out []byte
	for _, leaf := range leaves {
		out = binary.BigEndian.AppendUint16(out, uint16(len(leaf)))
		out = append(out, leaf...)
	}
	return out, nil
}

// tile is a rectangle of the log; level -1 is the leaves themselves.
type tile struct {
	level int
	n     int64
	width int
}

// end is the place after the tile's last hash, in its level.
func (t tile) end() int64 { return t.n*tileWidth + int64(t.width) }

// parseTile reads tile/L/N[.p/W]: N in groups of three digits, all but the
// last with an x before it; W from 1 to 255.
func parseTile(path string) (tile, error) {
	bad := fmt.Errorf("%q is no tile", path)
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return tile{}, bad
	}
	first, rest, ok := strings.Cut(rest, "/")
	t := tile{level: -1, width: tileWidth}
	if !ok {
		return tile{}, bad
	}
	if first != entries {
		level, ok := number(first, 7)
		if !ok {
			return tile{}, bad
		}
		t.level = int(level)
	}
	rest, width, partial := strings.Cut(rest, ".p/")
	if partial {
		w, ok := number(width, tileWidth-1)
		if !ok || w == 0 {
			return tile{}, bad
		}
		t.width = int(w)
	}
	groups := strings.Split(rest, "/")
	if len(groups) > 6 {
		return tile{}, bad
	}
	for i, g := range groups {
		if i < len(groups)-1 {
			if g, ok = strings.CutPrefix(g, "x"); !ok {
				return tile{}, bad
			}
		}
		v, err := strconv.ParseUint(g, 10, 64)
		if err != nil || len(g) != 3 {
			return tile{}, bad
		}
		t.n = t.n*1000 + int64(v)
	}
	if t.n > 1<<48 || len(groups) > 1 && groups[0] == "x000" {
		return tile{}, bad
	}
	return t, nil
}

// number reads a decimal without leading zeros, at most limit.
func number(s string, limit uint64) (uint64, bool) {
	v, err := strconv.ParseUint(s, 10, 64)
	return v, err == nil && v <= limit && strconv.FormatUint(v, 10) == s
}
