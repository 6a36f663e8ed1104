// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of the tree.
type Hash = tlog.Hash

// HashSize is the length of a Hash in bytes.
const HashSize = tlog.HashSize

// edge is the right edge of a tree: the roots of its complete subtrees, one
// for each bit of size, greatest first. It is all that appending needs.
type edge struct {
	size  int64
	peaks []Hash
	leaf  Hash // hash of the last leaf
}

// append adds a leaf and returns the hashes that it completes, lowest level
// first: 1 + the number of trailing ones of its index.
func (e *edge) append(leaf Hash) []Hash {
	done := []Hash{leaf}
	for range bits.TrailingZeros64(^uint64(e.size)) {
		last := len(e.peaks) - 1
		done = append(done, tlog.NodeHash(e.peaks[last], done[len(done)-1]))
		e.peaks = e.peaks[:last]
	}
	e.peaks = append(e.peaks, done[len(done)-1])
	e.size++
	e.leaf = leaf
	return done
}

// root returns the tree's hash: the peaks folded from the right. The empty
// tree has the hash of nothing (RFC 6962, section 2.1).
func (e *edge) root() Hash {
	if e.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(e.peaks) - 1
	h := e.peaks[last]
	for _, left := range slices.Backward(e.peaks[:last]) {
		h = tlog.NodeHash(left, h)
	}
	return h
}

func (e *edge) clone() edge {
	return edge{size: e.size, peaks: slices.Clone(e.peaks), leaf: e.leaf}
}

// readEdge reads the edge of the tree of the given size: one row for each bit.
func readEdge(ctx context.Context, s Store, size int64) (edge, error) {
	var leaves []int64 // whose rows hold the peaks
	end := int64(0)
	for level := 62; level >= 0; level-- {
		if size&(1<<level) != 0 {
			end += 1 << level
			leaves = append(leaves, end-1)
		}
	}
	rows, err := s.Hashes(ctx, leaves)
	if err != nil {
		return edge{}, fmt.Errorf("read the log's right edge: %w", err)
	}
	e := edge{size: size}
	start := int64(0)
	for i, row := range rows {
		level := bits.Len64(uint64(leaves[i]+1-start)) - 1
		start = leaves[i] + 1
		if len(row) <= level {
			return edge{}, fmt.Errorf("read the log's right edge: leaf %d has %d hashes, want more than %d", leaves[i], len(row), level)
		}
		e.peaks = append(e.peaks, row[level])
	}
	return e, nil
}

// reader gives tlog the stored hashes by its own numbering.
func reader(ctx context.Context, s Store) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		leaves := make([]int64, len(indexes))
		levels := make([]int, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			leaves[i], levels[i] = (n+1)<<level-1, level
		}
		rows, err := s.Hashes(ctx, leaves)
		if err != nil {
			return nil, err
		}
		hashes := make([]Hash, len(indexes))
		for i, row := range rows {
			if len(row) <= levels[i] {
				return nil, fmt.Errorf("leaf %d has %d hashes, want more than %d", leaves[i], len(row), levels[i])
			}
			hashes[i] = row[levels[i]]
		}
		return hashes, nil
	})
}
