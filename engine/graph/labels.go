// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"bytes"
	"hash/maphash"
	"math"
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
	return unsafe.String(unsafe.SliceData(b), len(b))
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

// interner numbers labels as they come: an open-addressing table that holds
// node numbers beside a part of their hash, with the text packed.
type interner struct {
	labels
	seed  maphash.Seed
	slots []slot
	full  bool // more text came than fits
}

type slot struct {
	hash uint32
	node Node // None if free
}

func newInterner() *interner {
	t := &interner{seed: maphash.MakeSeed()}
	t.grow(1 << 10)
	return t
}

// intern returns the node of label, and whether it is new.
func (t *interner) intern(label []byte) (node Node, fresh bool) {
	if 2*len(t.end) >= len(t.slots) {
		t.grow(4 * len(t.slots))
	}
	h := uint32(maphash.Bytes(t.seed, label))
	mask := uint32(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.node == None {
			if len(t.text)+len(label) > math.MaxUint32 {
				t.full = true
				return 0, false
			}
			*s = slot{h, Node(len(t.end))}
			t.text = append(t.text, label...)
			t.end = append(t.end, uint32(len(t.text)))
			return s.node, true
		}
		if s.hash == h && bytes.Equal(t.raw(int(s.node)), label) {
			return s.node, false
		}
	}
}

// lookup returns the node of label, if it has one.
func (t *interner) lookup(label []byte) (Node, bool) {
	h := uint32(maphash.Bytes(t.seed, label))
	mask := uint32(len(t.slots) - 1)
	for i := h & mask; t.slots[i].node != None; i = (i + 1) & mask {
		if t.slots[i].hash == h && bytes.Equal(t.raw(int(t.slots[i].node)), label) {
			return t.slots[i].node, true
		}
	}
	return None, false
}

func (t *interner) grow(size int) {
	old := t.slots
	t.slots = make([]slot, size)
	for i := range t.slots {
		t.slots[i].node = None
	}
	mask := uint32(size - 1)
	for _, s := range old {
		if s.node == None {
			continue
		}
		i := s.hash & mask
		for t.slots[i].node != None {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}
