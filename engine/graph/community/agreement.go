// SPDX-License-Identifier: Apache-2.0

package community

import "github.com/turnstone-project/turnstone/engine/graph"

// Agreement is the adjusted Rand index (Hubert & Arabie, J. Classification 2,
// 1985) of two partitions of the same nodes: 1 if they are the same, about 0 if
// they agree by chance only. Nodes without a community in either are left out; 1
// if fewer than two are left. O(n).
func Agreement(a, b []uint32) float64 {
	cells, rows, cols := map[[2]uint32]float64{}, map[uint32]float64{}, map[uint32]float64{}
	n := 0.0
	for i, x := range a {
		y := b[i]
		if x == graph.None || y == graph.None {
			continue
		}
		cells[[2]uint32{x, y}]++
		rows[x]++
		cols[y]++
		n++
	}
	if n < 2 {
		return 1
	}
	both, inA, inB := 0.0, 0.0, 0.0
	for _, k := range cells {
		both += pairs(k)
	}
	for _, k := range rows {
		inA += pairs(k)
	}
	for _, k := range cols {
		inB += pairs(k)
	}
	expected := inA * inB / pairs(n)
	if most := (inA + inB) / 2; most != expected {
		return (both - expected) / (most - expected)
	}
	return 1
}

func pairs(k float64) float64 { return k * (k - 1) / 2 }
