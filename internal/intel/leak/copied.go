// SPDX-License-Identifier: AGPL-3.0-or-later

package leak

import (
	"hash/maphash"
	"slices"
)

// run is how many words in a row make a phrase: three where words carry what
// other languages write apart (Arabic), else four.
func runOf(langs []string) int {
	if len(langs) == 1 && langs[0] == "ar" {
		return 3
	}
	return 4
}

// longRun words in a row are a phrase whatever the words are, as long as one
// says something.
const longRun = 7

// copied marks phrases of the item that a raw text has too. It compares runs
// of words by their hash, so that time is linear in all texts together.
func (c *check) copied(raw []Text) {
	if len(c.words) == 0 {
		return
	}
	n := runOf(c.langs)
	seed := maphash.MakeSeed()
	grams := map[uint64]struct{}{}
	for _, t := range bounded(raw) {
		words := split(t.Body)
		if same(words, c.words) {
			c.mark(Copied, "copied.all", High, 0, len(c.words))
			return
		}
		for i := 0; i+n <= len(words); i++ {
			grams[hash(seed, words[i:i+n])] = struct{}{}
		}
	}
	hit := make([]bool, len(c.words))
	for i := 0; i+n <= len(c.words); i++ {
		if _, ok := grams[hash(seed, c.words[i:i+n])]; ok {
			for k := i; k < i+n; k++ {
				hit[k] = true
			}
		}
	}
	for i := 0; i < len(hit); i++ {
		if !hit[i] {
			continue
		}
		to := i
		for to < len(hit) && hit[to] {
			to++
		}
		if c.says(i, to, n) {
			c.mark(Copied, "copied.phrase", High, i, to)
		}
		i = to
	}
}

// says reports whether a run is more than what everybody writes: enough words
// that no confirmed selector brings, and two that aren't common ones.
func (c *check) says(from, to, n int) bool {
	own, content := 0, 0
	for k := from; k < to; k++ {
		if c.neutral[k] {
			continue
		}
		own++
		if !c.t.common[c.words[k].folded] {
			content++
		}
	}
	return own >= 4 && content >= 2 || own >= n && content >= 3 || own >= longRun && content >= 1
}

func same(a, b []word) bool {
	return slices.EqualFunc(a, b, func(x, y word) bool { return x.folded == y.folded })
}

func hash(seed maphash.Seed, words []word) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, w := range words {
		_, _ = h.WriteString(w.folded) // a hash takes everything
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}
