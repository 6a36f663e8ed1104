// SPDX-License-Identifier: Apache-2.0

package match

import "unsafe"

// maxSound is the longest word, in sounds, whose distance is computed letter by
// letter; the rest of a longer word is left out.
const maxSound = 48

// soundDistance is the cost of the cheapest way to turn one word of sounds
// into the other by dropping, adding and replacing sounds and by exchanging
// neighbours (the optimal string alignment distance with weights; Damerau
// 1964, Ukkonen 1985 for the limit). It stops when the cost exceeds limit and
// returns something above it. Time O(len(a)·len(b)), no allocation; symmetric.
func (c *costTable) distance(a, b string, loose bool, limit float32) float32 {
	return distance(c, a, b, loose, limit)
}

// bytesDistance is distance for a word that was put together in a buffer.
func (c *costTable) bytesDistance(a []byte, b string, loose bool, limit float32) float32 {
	return distance(c, unsafe.String(unsafe.SliceData(a), len(a)), b, loose, limit)
}

func distance(c *costTable, a, b string, loose bool, limit float32) float32 {
	if a == b {
		return 0
	}
	drop := &c.drop
	if loose {
		drop = &c.loose
	}
	// What both begin with costs nothing and can't be bettered.
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) > len(b) || len(a) == len(b) && a > b {
		a, b = b, a // the same additions in the same order: exactly symmetric
	}
	a, b = a[:min(len(a), maxSound)], b[:min(len(b), maxSound)]
	var ia, ib [maxSound + 1]uint8
	for i := range len(a) {
		ia[i+1] = c.index[a[i]&0x7F]
	}
	for j := range len(b) {
		ib[j+1] = c.index[b[j]&0x7F]
	}
	var rows [3][maxSound + 1]float32
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for i := 1; i <= len(a); i++ {
		prev[i] = prev[i-1] + drop[ia[i]]
	}
	for j := 1; j <= len(b); j++ {
		y := ib[j]
		add := drop[y]
		cur[0] = prev[0] + add
		best := cur[0]
		swap := &c.swap[y]
		for i := 1; i <= len(a); i++ {
			x := ia[i]
			d := prev[i-1] + swap[x]
			d = min(d, prev[i]+add, cur[i-1]+drop[x])
			if i > 1 && j > 1 && x == ib[j-1] && ia[i-1] == y {
				d = min(d, prev2[i-2]+exchangeCost)
			}
			cur[i] = d
			best = min(best, d)
		}
		if best > limit {
			return best
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(a)]
}

// exchangeCost is the cost of two neighbours in the wrong order.
const exchangeCost = 0.9
