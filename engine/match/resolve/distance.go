// SPDX-License-Identifier: Apache-2.0

package resolve

// matcher counts edits between short strings; one per goroutine. Its table is
// all zeros between calls.
type matcher struct {
	peq [256]uint64
	row [3][]int
}

// edits returns the number of insertions, deletions, substitutions and swaps
// of neighbours that turn a into b, each letter being touched once (optimal
// string alignment), in O(len(b)) steps for strings up to 64 bytes: Hyyrö, A
// bit-vector algorithm for computing Levenshtein and Damerau edit distances,
// 2003.
func (m *matcher) edits(a, b string) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return len(b)
	}
	if len(a) > 64 {
		return m.editsLong(a, b)
	}
	for i := range len(a) {
		m.peq[a[i]] |= 1 << i
	}
	top := uint64(1) << (len(a) - 1)
	vp, vn, d0, last := ^uint64(0), uint64(0), uint64(0), uint64(0)
	distance := len(a)
	for i := range len(b) {
		eq := m.peq[b[i]]
		swap := (((^d0) & eq) << 1) & last
		d0 = (((eq & vp) + vp) ^ vp) | eq | vn | swap
		hp := vn | ^(d0 | vp)
		hn := d0 & vp
		if hp&top != 0 {
			distance++
		} else if hn&top != 0 {
			distance--
		}
		hp = hp<<1 | 1
		hn <<= 1
		vp = hn | ^(d0 | hp)
		vn = hp & d0
		last = eq
	}
	for i := range len(a) {
		m.peq[a[i]] = 0
	}
	return distance
}

// editsLong is the same by the textbook's table, for strings over 64 bytes,
// of which the first 256 count.
func (m *matcher) editsLong(a, b string) int {
	const most = 256
	extra := max(0, len(b)-most) - max(0, len(a)-most)
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	for i := range m.row {
		m.row[i] = append(m.row[i][:0], make([]int, len(b)+1)...)
	}
	before, previous, current := m.row[0], m.row[1], m.row[2]
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			best := min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				best = min(best, before[j-2]+1)
			}
			current[j] = best
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)] + max(extra, -extra)
}
