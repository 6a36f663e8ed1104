// SPDX-License-Identifier: Apache-2.0

package index

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"
)

// orderWords renumbers the variants so that the most used come first: what is
// often looked at lies together.
func (b *builder) orderWords() {
	s := &b.seg
	uses := make([]uint32, len(s.varInfo))
	for _, v := range b.docWords {
		uses[v]++
	}
	order := make([]uint32, len(uses))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(x, y uint32) int { return cmp.Compare(uses[y], uses[x]) })
	number := uses // no longer needed
	at, blob, info := []uint32{0}, make([]byte, 0, len(s.varBlob)), make([]variant, 0, len(order))
	facts := make([]known, 0, len(order))
	for i, old := range order {
		number[old] = uint32(i)
		blob = append(blob, s.varBlob[s.varAt[old]:s.varAt[old+1]]...)
		at, info = append(at, uint32(len(blob))), append(info, s.varInfo[old])
		facts = append(facts, b.known[old])
	}
	for i, v := range b.docWords {
		b.docWords[i] = number[v]
	}
	s.varAt, s.varBlob, s.varInfo, b.known, b.variants = at, blob, info, facts, nil
}

// orderTerms renumbers the terms so that those that sound alike lie together,
// as they are looked at together.
func (b *builder) orderTerms() {
	s := &b.seg
	sounds := make([]string, len(s.termFlags))
	for v := range s.varInfo {
		if t := s.varInfo[v].Term; sounds[t] == "" {
			sounds[t] = b.known[v].skeleton
		}
	}
	order := make([]uint32, len(sounds))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int {
		return cmp.Or(strings.Compare(sounds[x], sounds[y]), bytes.Compare(s.term(x), s.term(y)))
	})
	number := make([]uint32, len(order))
	at, blob, flags := []uint32{0}, make([]byte, 0, len(s.termBlob)), make([]byte, 0, len(order))
	for i, old := range order {
		number[old] = uint32(i)
		blob = append(blob, s.term(old)...)
		at, flags = append(at, uint32(len(blob))), append(flags, s.termFlags[old])
	}
	for v := range s.varInfo {
		s.varInfo[v].Term = number[s.varInfo[v].Term]
	}
	for text, old := range b.terms {
		b.terms[text] = number[old]
	}
	s.termAt, s.termBlob, s.termFlags = at, blob, flags
}

// weightSteps is how finely docs are ordered by what their words say.
const weightSteps = 16

// orderDocs renumbers the docs so that those of few words come first, those of
// one class are together, and within a class from those whose words say least:
// of names that share one word, such are most alike. Then come together those
// that share their most used words: the names of a common word, which are many,
// are read in one go. It lists who bears each.
func (b *builder) orderDocs() {
	s := &b.seg
	order, common, says := make([]uint32, len(b.docSort)), make([]uint64, len(b.docSort)), make([]uint16, len(b.docSort))
	for i := range order {
		order[i] = uint32(i)
		weight := float32(0)
		first, second := uint32(math.MaxUint32), uint32(math.MaxUint32) // the two most used words
		for _, v := range b.docWords[b.docAt[i]:b.docAt[i+1]] {
			first, second = min(first, v), min(second, max(first, v))
			weight += b.known[v].weight
		}
		says[i] = uint16(weight * weightSteps)
		common[i] = uint64(first)<<32 | uint64(second)
	}
	slices.SortStableFunc(order, func(x, y uint32) int {
		return cmp.Or(cmp.Compare(b.docAt[x+1]-b.docAt[x], b.docAt[y+1]-b.docAt[y]), cmp.Compare(b.docSort[x], b.docSort[y]), cmp.Compare(says[x], says[y]), cmp.Compare(common[x], common[y]))
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
	s.entFacts, s.docFacts = make([]bearFact, len(s.docEnts)), make([]docFact, docs)
	for i, e := range s.docEnts {
		s.entFacts[i] = bearFact{s.entMeta[e].Day, s.entMeta[e].Country}
	}
	for doc := range s.docFacts {
		s.docFacts[doc].Country = severalBear
		if at := s.docEntAt[doc]; s.docEntAt[doc+1] == at+1 {
			s.docFacts[doc] = docFact(s.entFacts[at])
		}
	}
}
