// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"cmp"
	"slices"
)

// arrange returns the rows of a table in an order that depends on what they
// hold and not on where they stand, so that a file gives the same clusters
// however it is sorted. Rows with the same values in all compared columns
// follow each other as they stand. It takes O(n log n) steps.
func arrange(t *Table, m Mapping) []int {
	keys := make([]uint64, t.rows)
	for c := range t.Columns {
		if m[c].Kind == Ignore || m[c].Kind == RecordID {
			continue
		}
		hashes := make([]uint64, len(t.pools[c].values))
		for i, v := range t.pools[c].values {
			hashes[i] = hash64(v)
		}
		for row, id := range t.cells[c] {
			keys[row] = (keys[row] ^ hashes[id]) * 0x9e3779b97f4a7c15
			keys[row] ^= keys[row] >> 29
		}
	}
	rows := make([]int, t.rows)
	for row := range rows {
		rows[row] = row
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	return rows
}

// positions returns where each record stands once its table's rows are arranged;
// records are numbered through all tables.
func positions(rows [][]int) []uint32 {
	var out []uint32
	for _, list := range rows {
		base := len(out)
		out = append(out, make([]uint32, len(list))...)
		for at, row := range list {
			out[base+row] = uint32(base + at)
		}
	}
	return out
}

// equals returns the neighbouring records that have the same value in every
// field and at least one, as low<<32|high in order: equal records are compared,
// however many they are.
func (b *blocker) equals() []uint64 {
	last := map[uint64]uint32{}
	var out []uint64
	for r := range uint32(b.records) {
		var key uint64
		filled := false
		for _, f := range b.fields {
			id := f.ids[r]
			filled = filled || id != 0
			key = (key ^ uint64(id)) * 0x9e3779b97f4a7c15
			key ^= key >> 29
		}
		if !filled {
			continue
		}
		if before, ok := last[key]; ok && b.across(before, r) && b.same(before, r) {
			out = append(out, uint64(before)<<32|uint64(r))
		}
		last[key] = r
	}
	slices.Sort(out)
	return out
}

func (b *blocker) same(x, y uint32) bool {
	for _, f := range b.fields {
		if f.ids[x] != f.ids[y] {
			return false
		}
	}
	return true
}
