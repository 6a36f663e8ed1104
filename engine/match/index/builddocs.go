// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"slices"
)

// orderDocs renumbers the docs so that those of few words come first and those
// of one class are together, and lists who bears each.
func (b *builder) orderDocs() {
	s := &b.seg
	order := make([]uint32, len(b.docSort))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(x, y uint32) int {
		return cmp.Or(cmp.Compare(b.docAt[x+1]-b.docAt[x], b.docAt[y+1]-b.docAt[y]), cmp.Compare(b.docSort[x], b.docSort[y]))
	})
	number := make([]uint32, len(order))
	s.docWords = make([]uint32, 0, len(b.docWords))
	for i, old := range order {
		number[old] = uint32(i)
		words := b.docWords[b.docAt[old]:b.docAt[old+1]]
		c := docClass{First: uint32(i), WordAt: uint32(len(s.docWords)), Words: uint32(len(words)), Packed: b.docSort[old]}
		if n := len(s.classes); n == 0 || s.classes[n-1].Words != c.Words || s.classes[n-1].Packed != c.Packed {
			s.classes = append(s.classes, c)
		}
		s.docWords = append(s.docWords, words...)
	}
	if len(s.classes) == 0 {
		s.classes = append(s.classes, docClass{})
	}
	s.classes = append(s.classes, docClass{First: uint32(len(order)), WordAt: uint32(len(s.docWords))})
	b.docs, b.docAt, b.docWords, b.docSort = nil, nil, nil, nil
	for i, old := range b.entDocs {
		b.entDocs[i] = number[old]
	}
	s.entDocAt, s.entDocs, b.entDocAt, b.entDocs = b.entDocAt, b.entDocs, nil, nil
	b.listBearers(len(order))
}

// listBearers lists for each doc the living entities that bear it.
func (b *builder) listBearers(docs int) {
	s := &b.seg
	each := func(visit func(doc, entity uint32)) {
		for entity := range uint32(s.entities()) {
			if s.entMeta[entity].Flags&flagDead != 0 {
				continue
			}
			names := s.namesOf(entity)
			for i, doc := range names {
				if !slices.Contains(names[:i], doc) {
					visit(doc, entity)
				}
			}
		}
	}
	s.docEntAt = make([]uint32, docs+1)
	each(func(doc, _ uint32) { s.docEntAt[doc+1]++ })
	for i := range docs {
		s.docEntAt[i+1] += s.docEntAt[i]
	}
	next := slices.Clone(s.docEntAt)
	s.docEnts = make([]uint32, s.docEntAt[docs])
	each(func(doc, entity uint32) {
		s.docEnts[next[doc]] = entity
		next[doc]++
	})
}
