// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"bytes"
	"hash/maphash"
	"math"
	mathbits "math/bits"
	"slices"
	"sort"
	"unsafe"
)

// labels holds the names of all nodes in one block of text: name i is
// text[end[i-1]:end[i]].
type labels struct {
	end  []uint32
	text []byte
}

func (l *labels) len() int   { return len(l.end) }
func (l *labels) bytes() int { return 4*len(l.end) + len(l.text) }

func (l *labels) raw(i int) []byte {
	lo := uint32(0)
	if i > 0 {
		lo = l.end[i-1]
	}
	return l.text[lo:l.end[i]]
}

// at returns name i. The text never changes, so it is shared, not copied.
func (l *labels) at(i int) string {
	b := l.raw(i)
	return unsafe.String(unsafe.SliceData(b), len(b)) // labels never change
}

func (l *labels) sorted() []Node {
	order := make([]Node, l.len())
	for i := range order {
		order[i] = Node(i)
	}
	slices.SortFunc(order, func(a, b Node) int { return bytes.Compare(l.raw(int(a)), l.raw(int(b))) })
	return order
}

func (l *labels) find(order []Node, label string) (Node, bool) {
	i := sort.Search(len(order), func(i int) bool { return l.at(int(order[i])) >= label })
	if i < len(order) && l.at(int(order[i])) == label {
		return order[i], true
	}
	return None, false
}

// interner numbers labels as they come: an open-addressing table with the text
// packed aside. A label of at most seven bytes lies in the table itself, so that
// finding it costs one look into memory and not three.
type interner struct {
	labels
	seed  maphash.Seed
	salt  uint64
	slots []slot
	full  bool // more text came than fits
}

type slot struct {
	key  uint64 // the bytes of a short label and their number, or the hash of a long one
	node Node   // None if free
}

// short is the most bytes of a label that a key holds; the key of a longer one
// has all bits of long, which no number of bytes has.
const (
	short = 7
	long  = 0xff << 56
)

func newInterner() *interner {
	t := &interner{seed: maphash.MakeSeed()}
	t.salt = maphash.Bytes(t.seed, []byte("salt"))
	t.grow(1 << 10)
	return t
}

// key returns the key of a label and where to begin to look for it.
func (t *interner) key(label []byte) (key, start uint64) {
	if len(label) > short {
		key = maphash.Bytes(t.seed, label) | long
		return key, t.scatter(key)
	}
	for i, c := range label {
		key |= uint64(c) << (8 * i)
	}
	key |= uint64(len(label)) << 56
	return key, t.scatter(key)
}

// scatter spreads short keys over the table in a way that nobody can foresee.
func (t *interner) scatter(key uint64) uint64 {
	hi, lo := mathbits.Mul64(key^t.salt, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

// intern returns the node of label, and whether it is new.
func (t *interner) intern(label []byte) (node Node, fresh bool) {
	if 2*len(t.end) >= len(t.slots) {
		t.grow(4 * len(t.slots))
	}
	key, start := t.key(label)
	s := t.slot(key, start, label)
	if s.node != None {
		return s.node, false
	}
	if len(t.text)+len(label) > math.MaxUint32 {
		t.full = true
		return 0, false
	}
	*s = slot{key, Node(len(t.end))}
	t.text = append(t.text, label...)
	t.end = append(t.end, uint32(len(t.text)))
	return s.node, true
}

// slot returns the slot of a label, or the free one where it belongs.
func (t *interner) slot(key, start uint64, label []byte) *slot {
	mask := uint64(len(t.slots) - 1)
	for i := start & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.node == None || s.key == key && (key < long || bytes.Equal(t.raw(int(s.node)), label)) {
			return s
		}
	}
}

// lookup returns the node of label, if it has one.
func (t *interner) lookup(label []byte) (Node, bool) {
	key, start := t.key(label)
	s := t.slot(key, start, label)
	return s.node, s.node != None
}

func (t *interner) grow(size int) {
	old := t.slots
	t.slots = make([]slot, size)
	for i := range t.slots {
		t.slots[i].node = None
	}
	mask := uint64(size - 1)
	for _, s := range old {
		if s.node == None {
			continue
		}
		i := t.scatter(s.key) & mask
		for t.slots[i].node != None {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}
