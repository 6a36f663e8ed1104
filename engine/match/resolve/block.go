// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Limits of blocking.
const (
	allPairsBelow = 1500      // records of which every pair is compared
	leastBudget   = 3_000_000 // pairs that a small table may compare
	pairsPer      = 16        // pairs that a large table may compare, for each record
	passShare     = 12        // a pass may take one part in so many of the budget
	maxBlock      = 2_000     // records that may share one key
)

// key is one way to put the values of a field in drawers: a coarse key keeps
// more errors together, a fine one makes smaller drawers.
type key struct {
	field  int
	drawer []uint32 // of each value, 0 for none
}

// keysOf returns the keys of a field, coarsest first.
func keysOf(i int, f *field) []key {
	exact := key{field: i, drawer: make([]uint32, len(f.values))}
	for v := 1; v < len(f.values); v++ {
		exact.drawer[v] = uint32(v)
	}
	derived := func(derive func(v *value) uint32) key {
		k := key{field: i, drawer: make([]uint32, len(f.values))}
		for v := 1; v < len(f.values); v++ {
			k.drawer[v] = derive(&f.values[v])
		}
		return k
	}
	prefix := func(n int) key {
		return derived(func(v *value) uint32 { return hash32(v.text[:min(n, len(v.text))]) })
	}
	suffix := func(n int) key {
		return derived(func(v *value) uint32 { return hash32(v.text[max(0, len(v.text)-n):]) })
	}
	switch f.kind {
	case Given, Family, Place:
		return []key{derived(func(v *value) uint32 { return v.skeleton }), prefix(4), exact}
	case FullName, Address, Text:
		return []key{derived(longestWord), derived(sortedWords), prefix(6)}
	case Date:
		return []key{derived(yearAndParts), derived(monthAndDay), exact}
	case Email:
		return []key{derived(func(v *value) uint32 {
			local, _, _ := strings.Cut(v.text, "@")
			return hash32(local)
		}), prefix(5), suffix(10)}
	case Phone:
		return []key{suffix(6), derived(func(v *value) uint32 {
			return hash32(v.text[max(0, len(v.text)-9):max(0, len(v.text)-3)])
		})}
	case Identifier:
		return []key{exact, prefix(4), suffix(4)}
	}
	return []key{exact}
}

func longestWord(v *value) uint32 {
	longest := v.text
	if v.tokens != nil {
		longest = ""
		for _, t := range v.tokens {
			if len(t) > len(longest) {
				longest = t
			}
		}
	}
	return hash32(skeleton(longest))
}

func sortedWords(v *value) uint32 {
	if v.tokens == nil {
		return hash32(v.text)
	}
	sorted := slices.Clone(v.tokens)
	slices.Sort(sorted)
	return hash32(strings.Join(sorted, " "))
}

// yearAndParts keeps dates together whose day and month were swapped.
func yearAndParts(v *value) uint32 {
	if !v.date.known() {
		return hash32(v.text)
	}
	low, high := min(v.date.month, v.date.day), max(v.date.month, v.date.day)
	return uint32(v.date.year)<<16 | uint32(low)<<8 | uint32(high)
}

// monthAndDay keeps dates together whose year differs.
func monthAndDay(v *value) uint32 {
	if v.date.month == 0 || v.date.day == 0 {
		return 0
	}
	return 1<<30 | uint32(v.date.month)<<8 | uint32(v.date.day)
}

// pass is a set of keys that two records must share to become candidates.
type pass []key

// hash returns the drawer of a record in a pass, 0 for none.
func (p pass) hash(fields []*field, record int) uint32 {
	h := uint32(2166136261)
	for _, k := range p {
		d := k.drawer[fields[k.field].ids[record]]
		if d == 0 {
			return 0
		}
		h = (h ^ d) * 16777619
		h ^= h >> 15
		h *= 0x85ebca6b
		h ^= h >> 13
	}
	return max(h, 1)
}

// blocker finds candidates.
type blocker struct {
	fields  []*field
	records int
	second  int // the first record of the second table, records if there is one
	budget  int
	buffer  []uint64
	scratch []uint64
}

// across reports whether a pair is to be compared: of two tables, only records
// that do not stand in the same one.
func (b *blocker) across(x, y uint32) bool {
	return b.second == b.records || (int(x) < b.second) != (int(y) < b.second)
}

// sorted returns the records of a pass as drawer<<32|record, by drawer.
func (b *blocker) sorted(p pass) []uint64 {
	b.buffer = b.buffer[:0]
	for r := range b.records {
		if h := p.hash(b.fields, r); h != 0 {
			b.buffer = append(b.buffer, uint64(h)<<32|uint64(r))
		}
	}
	b.scratch = slices.Grow(b.scratch[:0], len(b.buffer))[:len(b.buffer)]
	radixSort(b.buffer, b.scratch, 32)
	return b.buffer
}

// cost returns how many pairs a pass makes, and how many drawers are too big.
func (b *blocker) cost(sorted []uint64) (pairs, tooBig int) {
	eachBlock(sorted, func(block []uint64) {
		n := len(block)
		if n > maxBlock {
			tooBig += n
			return
		}
		if b.second == b.records {
			pairs += n * (n - 1) / 2
			return
		}
		first, _ := slices.BinarySearchFunc(block, uint64(b.second), func(e, second uint64) int {
			return int(int64(e&0xffffffff) - int64(second))
		})
		pairs += first * (n - first)
	})
	return pairs, tooBig
}

// eachBlock calls visit with each run of two or more equal drawers.
func eachBlock(sorted []uint64, visit func(block []uint64)) {
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j]>>32 == sorted[i]>>32 {
			j++
		}
		if j > i+1 {
			visit(sorted[i:j])
		}
		i = j
	}
}

// pairs appends the candidates of a pass as low<<32|high, sorted.
func (b *blocker) pairs(sorted []uint64) []uint64 {
	var out []uint64
	eachBlock(sorted, func(block []uint64) {
		if len(block) > maxBlock {
			return
		}
		for i, x := range block {
			for _, y := range block[i+1:] {
				lo, hi := uint32(x), uint32(y) // the sort is stable, so lo < hi
				if b.across(lo, hi) {
					out = append(out, uint64(lo)<<32|uint64(hi))
				}
			}
		}
	})
	b.scratch = slices.Grow(b.scratch[:0], len(out))[:len(out)]
	radixSort(out, b.scratch, 0)
	return out
}

// candidates returns the pairs worth comparing, as low<<32|high in order. A
// key whose drawers are small enough is a pass by itself; the others are taken
// two at a time, and three at a time where two are too coarse. An error in any
// one field is survived by the passes that do not use it.
func (b *blocker) candidates(ctx context.Context, report Progress) ([]uint64, error) {
	if b.records <= allPairsBelow {
		return b.everyPair(), nil
	}
	plan := b.plan()
	all := b.equals()
	for i := 0; i < len(plan); i += runtime.GOMAXPROCS(0) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch := plan[i:min(len(plan), i+runtime.GOMAXPROCS(0))]
		found := make([][]uint64, len(batch))
		var wait sync.WaitGroup
		for j, p := range batch {
			wait.Go(func() {
				own := blocker{fields: b.fields, records: b.records, second: b.second}
				found[j] = own.pairs(own.sorted(p))
			})
		}
		wait.Wait()
		for _, pairs := range found {
			all = mergeUnique(all, pairs)
		}
		report("block", int64(min(len(plan), i+len(batch))), int64(len(plan)))
	}
	return all, nil
}

func (b *blocker) everyPair() []uint64 {
	var all []uint64
	for x := range b.records {
		for y := x + 1; y < b.records; y++ {
			if b.across(uint32(x), uint32(y)) {
				all = append(all, uint64(x)<<32|uint64(y))
			}
		}
	}
	return all
}

// plan chooses the passes: for each field its coarsest key that fits, then for
// each two fields without one of their own their coarsest keys that fit
// together, then three.
func (b *blocker) plan() []pass {
	b.budget = max(leastBudget, pairsPer*b.records)
	limit := b.budget / passShare
	var plan []pass
	fits := func(p pass) bool {
		pairs, tooBig := b.cost(b.sorted(p))
		if pairs <= limit && tooBig*20 <= b.records && pairs > 0 {
			plan = append(plan, p)
			return true
		}
		return false
	}
	var open [][]key // the keys of fields that do not fit alone
	for i, f := range b.fields {
		keys := keysOf(i, f)
		for n, k := range keys {
			if !fits(pass{k}) {
				continue
			}
			for _, other := range keys[n+1:] {
				if f.kind == Identifier || f.kind == Phone || f.kind == Email || f.kind == Date {
					fits(pass{other}) // these keys cut the value at other places
				}
			}
			break
		}
		if f.kind != Category {
			open = append(open, keys)
		}
	}
	b.planSeveral(open, fits)
	return plan
}

// planSeveral adds the passes of two and three fields.
func (b *blocker) planSeveral(open [][]key, fits func(pass) bool) {
	for i := range open {
		for j := i + 1; j < len(open); j++ {
			if b.planTwo(open[i], open[j], fits) {
				continue
			}
			for k := j + 1; k < len(open); k++ {
				fits(pass{open[i][0], open[j][0], open[k][0]})
			}
		}
	}
}

func (b *blocker) planTwo(one, two []key, fits func(pass) bool) bool {
	for _, a := range one {
		for _, c := range two {
			if fits(pass{a, c}) {
				return true
			}
		}
	}
	return false
}

// mergeUnique merges two sorted lists; a pair that is in both, or twice in
// one, is kept once.
func mergeUnique(a, b []uint64) []uint64 {
	if len(a) == 0 {
		return slices.Compact(b)
	}
	out := make([]uint64, 0, len(a)+len(b)/4)
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		var next uint64
		switch {
		case j == len(b) || i < len(a) && a[i] <= b[j]:
			next = a[i]
			i++
		default:
			next = b[j]
			j++
		}
		if n := len(out); n == 0 || out[n-1] != next {
			out = append(out, next)
		}
	}
	return out
}

// radixSort sorts by the bits from low up; it is stable. The scratch is as
// long as the list.
func radixSort(list, scratch []uint64, low int) {
	const bits = 11
	from, to := list, scratch
	passes := 0
	var all uint64
	for _, e := range list {
		all |= e
	}
	for shift := low; shift < 64; shift += bits {
		if all>>shift == 0 {
			break
		}
		var count [1<<bits + 1]int
		for _, e := range from {
			count[(e>>shift)&(1<<bits-1)+1]++
		}
		for i := range 1 << bits {
			count[i+1] += count[i]
		}
		for _, e := range from {
			d := (e >> shift) & (1<<bits - 1)
			to[count[d]] = e
			count[d]++
		}
		from, to = to, from
		passes++
	}
	if passes%2 == 1 {
		copy(list, scratch)
	}
}
