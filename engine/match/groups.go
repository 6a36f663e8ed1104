// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"slices"
	"strings"
)

// groupIndex says which known names a word is a spelling or a short form of.
// Words are kept as hashes only, in flat sorted arrays: half a million of them
// in ten megabytes.
type groupIndex struct {
	entries []groupEntry // while it is built
	hashes  []uint64     // of each word, sorted
	starts  []uint32     // where the groups of each word begin
	groups  []uint32
}

type groupEntry struct {
	hash  uint64
	group uint32
}

func (g *groupIndex) add(key string, group uint32) {
	g.entries = append(g.entries, groupEntry{hashOf(key), group})
}

// seal sorts what was added; nothing can be added after.
func (g *groupIndex) seal() {
	g.entries = sortEntries(g.entries)
	g.entries = slices.Compact(g.entries)
	g.groups = make([]uint32, len(g.entries))
	for i, e := range g.entries {
		if i == 0 || e.hash != g.entries[i-1].hash {
			g.hashes = append(g.hashes, e.hash)
			g.starts = append(g.starts, uint32(i))
		}
		g.groups[i] = e.group
	}
	g.starts = append(g.starts, uint32(len(g.groups)))
	g.entries = nil
}

// sortEntries returns the entries in order: hashes are spread evenly, so that
// those with the same leading bits are few.
func sortEntries(entries []groupEntry) []groupEntry {
	const bits = 16
	var starts [1<<bits + 1]uint32
	for i := range entries {
		starts[entries[i].hash>>(64-bits)+1]++
	}
	for i := range 1 << bits {
		starts[i+1] += starts[i]
	}
	next, out := starts, make([]groupEntry, len(entries))
	for _, e := range entries {
		at := &next[e.hash>>(64-bits)]
		out[*at] = e
		*at++
	}
	for i := range 1 << bits {
		slices.SortFunc(out[starts[i]:starts[i+1]], func(a, b groupEntry) int {
			if a.hash != b.hash {
				return cmp.Compare(a.hash, b.hash)
			}
			return cmp.Compare(a.group, b.group)
		})
	}
	return out
}

// find returns the groups of a word, sorted; the list belongs to the index.
func (g *groupIndex) find(key string) []uint32 {
	if at, known := slices.BinarySearch(g.hashes, hashOf(key)); known {
		return g.groups[g.starts[at]:g.starts[at+1]:g.starts[at+1]]
	}
	return nil
}

// hashOf is FNV-1a with 64 bits: two of half a million words meet by chance
// once in a hundred million builds of the table.
func hashOf[Text string | []byte](s Text) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func (t *tables) loadGroups() error {
	t.groups = &groupIndex{}
	if err := t.loadVariants(); err != nil {
		return err
	}
	spellings := uint32(spellingGroup)
	err := each("spellings.csv", 2, func(row []string) error {
		spellings++
		for _, name := range row {
			key, _ := t.groupKey(name)
			t.groups.add(key, spellings)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = each("surnames_spellings.csv", 2, func(row []string) error {
		spellings++
		for name := range strings.FieldsSeq(row[0] + " " + row[1]) {
			key, _ := t.groupKey(name)
			t.groups.add(key, spellings)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = each("names_kanji.csv", 3, func(row []string) error {
		spellings++ // a name of its own: other signs of one reading are another name
		for name := range strings.FieldsSeq(row[0] + " " + row[2]) {
			key, _ := t.groupKey(name)
			t.groups.add(key, spellings)
		}
		return nil
	})
	if err != nil {
		return err
	}
	nicks := uint32(nickGroup)
	for _, file := range []string{"nicknames.csv", "diminutives.csv"} {
		err := each(file, 2, func(row []string) error {
			nicks++
			for _, name := range row {
				key, _ := t.groupKey(name)
				t.groups.add(key, nicks)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	t.groups.seal()
	return nil
}

// loadVariants reads the spellings of names in all scripts, one name a line.
func (t *tables) loadVariants() error {
	in, err := dataFiles.Open("data/variants.txt.gz")
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<20)
	for group := uint32(1); lines.Scan(); group++ {
		for key := range strings.SplitSeq(lines.Text(), ",") {
			t.groups.add(key, group)
		}
	}
	return lines.Err()
}

// groupKey is the form under which a word stands among the known names: its
// sound, or the word itself in scripts that write no sounds.
func (t *tables) groupKey(name string) (string, bool) {
	folded := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '·' || isApostrophe(r) {
			return -1
		}
		return r
	}, fold(name))
	script := scriptOf(folded)
	if script == Han || script == Kana || script == Hangul {
		return folded, true
	}
	sound := t.sound(t.latin(folded, script))
	if script == Arabic || script == Hebrew {
		return "~" + sound, sound != ""
	}
	return sound, sound != ""
}

// share reports whether two sorted lists have a number in common, and whether
// one such number is of the spellings of a name rather than of nicknames.
func share(a, b []uint32) (any, spelling bool) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		case isReading(a[i]): // says how to read a word, not whose it is
			i++
			j++
		default:
			if a[i] < nickGroup {
				return true, true
			}
			any = true
			i++
			j++
		}
	}
	return any, false
}
