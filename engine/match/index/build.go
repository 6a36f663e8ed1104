// SPDX-License-Identifier: Apache-2.0

package index

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// builder gathers entities for one segment. Use it from one goroutine.
type builder struct {
	seg        segment
	byID       map[string]uint32
	docs       map[[2]uint64]uint32
	variants   map[string]uint32
	terms      map[string]uint32
	known      []known  // of each variant
	entDocAt   []uint32 // where each entity's names begin in entDocs
	entDocs    []uint32
	docAt      []uint32 // where each doc's words begin in docWords
	docWords   []uint32
	docSort    []uint32 // the docs' Packed
	facts      []byte
	idKeys     []uint64 // hash of an identifier or a day, entity
	sets       map[string]uint32
	props      map[string]uint64
	duplicates int
	scratch    []byte
}

// known is what of a variant is needed until the segment is finished.
type known struct {
	skeleton string
	groups   []uint32
	others   []uint32 // keys
	weight   float32  // 0 of a legal form
}

func newBuilder() *builder {
	b := &builder{
		byID: map[string]uint32{}, docs: map[[2]uint64]uint32{}, variants: map[string]uint32{}, terms: map[string]uint32{},
		sets: map[string]uint32{}, props: map[string]uint64{},
	}
	b.seg.entAt, b.seg.varAt, b.seg.termAt = []uint64{0}, []uint32{0}, []uint32{0}
	b.entDocAt, b.docAt = []uint32{0}, []uint32{0}
	b.seg.dicts = dictionaries{Schemata: []string{""}, Datasets: [][]string{nil}, Countries: [][]string{nil}, Topics: [][]string{nil}}
	return b
}

// add takes an entity, as it is and prepared. One whose id was there replaces
// the earlier one.
func (b *builder) add(e *ftm.Entity, prepared *match.Entity) {
	s, names := &b.seg, prepared.Names
	entity := uint32(len(s.entMeta))
	if old, ok := b.byID[e.ID]; ok {
		s.entMeta[old].Flags |= flagDead
		b.duplicates++
	}
	b.byID[e.ID] = entity
	b.facts = prepared.AppendFacts(b.facts[:0])
	s.entBlob = append(binary.AppendUvarint(s.entBlob, uint64(len(b.facts))), b.facts...)
	s.entBlob = appendSource(s.entBlob, e, b.propID)
	s.entAt = append(s.entAt, uint64(len(s.entBlob)))
	f := factsOf(e)
	days := prepared.Begun()
	s.entMeta = append(s.entMeta, meta{
		Schema: b.schema(e.Schema), Day: first(days),
		Dataset: b.set('d', f.datasets, &s.dicts.Datasets), Country: b.set('c', f.countries, &s.dicts.Countries),
		Topic: b.set('t', f.topics, &s.dicts.Topics),
	})
	for i := range names {
		b.entDocs = append(b.entDocs, b.doc(&names[i], e.Schema == "LegalEntity"))
	}
	b.entDocAt = append(b.entDocAt, uint32(len(b.entDocs)))
	for _, id := range prepared.Identifiers() {
		b.idKeys = append(b.idKeys, uint64(hashBytes(saltIdentifier, id))<<32|uint64(entity))
	}
	for _, d := range days {
		if !d.Whole() {
			d = vagueDay(d)
		}
		b.idKeys = append(b.idKeys, uint64(dayKey(d))<<32|uint64(entity))
	}
}

// first is the only day; of several none stands for all.
func first(days []match.Day) match.Day {
	if len(days) != 1 {
		return 0
	}
	return days[0]
}

func (b *builder) propID(name string) uint64 {
	id, ok := b.props[name]
	if !ok {
		id = uint64(len(b.seg.dicts.Props))
		b.props[name] = id
		b.seg.dicts.Props = append(b.seg.dicts.Props, name)
	}
	return id
}

func (b *builder) schema(name string) uint32 {
	if name == "" {
		return 0
	}
	id, ok := b.sets["s"+name]
	if !ok {
		id = uint32(len(b.seg.dicts.Schemata))
		b.sets["s"+name] = id
		b.seg.dicts.Schemata = append(b.seg.dicts.Schemata, name)
	}
	return id
}

func (b *builder) set(kind byte, set []string, dict *[][]string) uint32 {
	if len(set) == 0 {
		return 0
	}
	key := string(kind) + strings.Join(set, "\x00")
	id, ok := b.sets[key]
	if !ok {
		id = uint32(len(*dict))
		b.sets[key] = id
		*dict = append(*dict, set)
	}
	return id
}

// doc returns the number of a name, equal names being one.
func (b *builder) doc(n *match.Name, open bool) uint32 {
	var words [match.MaxTokens]uint32
	for i := range n.Tokens {
		words[i] = b.variant(&n.Tokens[i])
	}
	packed := uint32(n.Sort) | uint32(n.Script)<<8
	if n.Weak {
		packed |= docWeak
	}
	if open {
		packed |= docOpen
	}
	key := [2]uint64{uint64(packed) + 1, 0x9ae16a3b2f90404f}
	for _, w := range words[:len(n.Tokens)] {
		key[0] = mix(key[0] ^ uint64(w)*0x9e3779b97f4a7c15)
		key[1] = mix(key[1]*31 + uint64(w) + 7)
	}
	if doc, ok := b.docs[key]; ok {
		return doc
	}
	doc := uint32(len(b.docSort))
	b.docs[key] = doc
	b.docWords = append(b.docWords, words[:len(n.Tokens)]...)
	b.docAt = append(b.docAt, uint32(len(b.docWords)))
	b.docSort = append(b.docSort, packed)
	return doc
}

func mix(h uint64) uint64 {
	h ^= h >> 31
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 29
	h *= 0x94d049bb133111eb
	return h ^ h>>32
}

// variant returns the number of a word with all that it was found to be.
func (b *builder) variant(t *match.Token) uint32 {
	one := match.Name{Tokens: []match.Token{*t}}
	b.scratch = one.AppendTo(b.scratch[:0])
	if v, ok := b.variants[string(b.scratch)]; ok {
		return v
	}
	s := &b.seg
	v := uint32(len(s.varInfo))
	b.variants[string(b.scratch)] = v
	s.varBlob = append(s.varBlob, b.scratch...)
	s.varAt = append(s.varAt, uint32(len(s.varBlob)))
	info := variant{Term: b.term(t.Text, 0), First: uint32(t.Text[0] & 0x7f)}
	if len(t.Text) == 1 || t.Kind.Has(match.Initial) {
		info.First |= varInitial
	}
	s.varInfo = append(s.varInfo, info)
	k := known{skeleton: t.Skeleton, groups: t.Groups, weight: t.Weight}
	if t.Kind.Has(match.LegalForm) {
		k.weight = 0
	}
	stemKeys(t, false, func(key uint32) { k.others = append(k.others, key) })
	if key, ok := numberKey(t); ok {
		k.others = append(k.others, key)
	}
	b.known = append(b.known, k)
	return v
}

func (b *builder) term(text string, flags byte) uint32 {
	s := &b.seg
	if t, ok := b.terms[text]; ok {
		if flags != 0 && s.termFlags[t]&(termJoined|termAcronym) == 0 {
			s.termFlags[t] |= termAlso
		}
		return t
	}
	t := uint32(len(s.termFlags))
	b.terms[text] = t
	s.termBlob = append(s.termBlob, text...)
	s.termAt = append(s.termAt, uint32(len(s.termBlob)))
	s.termFlags = append(s.termFlags, flags)
	return t
}

// finish makes the lists and returns the segment; the builder is spent.
func (b *builder) finish() *segment {
	b.orderWords()
	b.orderTerms()
	b.orderDocs()
	keys := b.makePostings()
	b.makeKeys(keys)
	b.makeIDs()
	s := &b.seg
	s.ready()
	s.close = func() error { return nil }
	return s
}

// makePostings lists the docs of each term, first those that go on after it,
// then those that it ends: names of which the last words clash are less alike.
// It returns the keys of the terms that are two words joined, or an acronym, as
// key<<32|term.
func (b *builder) makePostings() []uint64 {
	s := &b.seg
	var keys []uint64
	var pairs []uint64 // term<<32|doc of such terms
	tokens := make([]*match.Token, len(s.varInfo))
	token := func(v uint32) *match.Token {
		if tokens[v] == nil {
			n, _, err := match.DecodeName(s.varBlob[s.varAt[v]:s.varAt[v+1]])
			if err != nil || len(n.Tokens) != 1 {
				panic("a word that was just stored can't be read back")
			}
			tokens[v] = &n.Tokens[0]
		}
		return tokens[v]
	}
	last := 0
	var text []*match.Token
	for doc := range uint32(s.docs()) {
		class := s.classOf(doc, &last)
		words := s.words(class, doc)
		text = text[:0]
		for _, v := range words {
			text = append(text, token(v))
		}
		made(match.Sort(class.Packed), text, func(term, skeleton string, flag byte) {
			known := len(s.termFlags)
			t := b.term(term, flag)
			switch {
			case int(t) != known: // it has its keys
			case flag&termAcronym != 0:
				keys = append(keys, uint64(hashBytes(saltText, term))<<32|uint64(t))
			default:
				add := func(key uint32) { keys = append(keys, uint64(key)<<32|uint64(t)) }
				letterKeys(term, add)
				soundKeys(skeleton, add)
			}
			pairs = append(pairs, uint64(t)<<32|uint64(doc))
		})
	}
	s.postAt = make([]uint32, 2*len(s.termFlags)+1)
	b.eachPosting(pairs, func(list, _ uint32) { s.postAt[list+1]++ })
	for list := range s.postAt[1:] {
		s.postAt[list+1] += s.postAt[list]
	}
	next := slices.Clone(s.postAt)
	s.posts = make([]uint32, s.postAt[len(s.postAt)-1])
	b.eachPosting(pairs, func(list, doc uint32) {
		s.posts[next[list]] = doc
		next[list]++
	})
	return keys
}

// made calls visit with what a name's words may make beside themselves: words
// written as one, and acronyms.
func made(sort match.Sort, words []*match.Token, visit func(term, skeleton string, flag byte)) {
	madeWords(words, func(_ int, parts []*match.Token, often bool) {
		if often {
			one := match.Join(parts...)
			flag := byte(termJoined)
			if one.LeavesVowelsOut() {
				flag |= termLoose
			}
			if match.AroundArticle(parts) {
				flag |= termArticle
			}
			visit(one.Text, one.Skeleton, flag)
		}
	})
	if sort == match.Person {
		return
	}
	name := match.Name{Sort: sort, Tokens: make([]match.Token, len(words))}
	for i, t := range words {
		name.Tokens[i] = *t
	}
	name.Acronyms(func(letters string, _ uint32) { visit(acronymMark+letters, "", termAcronym) })
}

// eachPosting calls visit for each term of each doc, once, in the order of the
// docs, with the number of the term's list in which the doc belongs; joined holds
// the pairs of joined terms in that order too.
func (b *builder) eachPosting(joined []uint64, visit func(list, doc uint32)) {
	s := &b.seg
	var seen []uint32
	last := 0
	for doc := range uint32(s.docs()) {
		seen = seen[:0]
		once := func(t, ends uint32) {
			if !slices.Contains(seen, t) {
				seen = append(seen, t)
				visit(2*t+ends, doc)
			}
		}
		words := s.words(s.classOf(doc, &last), doc)
		end := b.lastWord(words)
		if end >= 0 {
			once(s.varInfo[words[end]].Term, 1)
		}
		for _, v := range words {
			once(s.varInfo[v].Term, 0)
		}
		for len(joined) > 0 && uint32(joined[0]) == doc {
			once(uint32(joined[0]>>32), 0)
			joined = joined[1:]
		}
	}
}

// lastWord returns the place of the last word of a name that says something, -1
// if none does.
func (b *builder) lastWord(words []uint32) int {
	for i := len(words) - 1; i >= 0; i-- {
		if b.known[words[i]].weight > match.SmallWord {
			return i
		}
	}
	return -1
}

// makeKeys sorts the keys of all terms.
func (b *builder) makeKeys(keys []uint64) {
	s := &b.seg
	for v := range s.varInfo {
		t := s.varInfo[v].Term
		add := func(key uint32) { keys = append(keys, uint64(key)<<32|uint64(t)) }
		k := &b.known[v]
		letterKeys(string(s.term(t)), add)
		groupKeys(k.groups, add)
		for _, key := range k.others {
			add(key)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	bits := 4
	for bits < maxKeyBits && len(keys)>>bits > 4 {
		bits++
	}
	s.keyAt = make([]uint32, 1<<bits+1)
	s.keys = make([]key, len(keys))
	for i, k := range keys {
		s.keys[i] = key{uint32(k >> 32), uint32(k)}
		s.keyAt[k>>(64-bits)+1]++
	}
	for i := range 1 << bits {
		s.keyAt[i+1] += s.keyAt[i]
	}
}

// makeIDs makes the tables of ids and of identifiers.
func (b *builder) makeIDs() {
	s := &b.seg
	slices.Sort(b.idKeys)
	s.idKeys, b.idKeys = slices.Compact(b.idKeys), nil
	size := 16
	for size < 2*len(b.byID) {
		size *= 2
	}
	s.idTable = make([]uint32, size)
	mask := uint32(size - 1)
	for e := range uint32(s.entities()) {
		if s.entMeta[e].Flags&flagDead != 0 {
			continue
		}
		at := hashBytes(0, idOf(s.source(e))) & mask
		for s.idTable[at] != 0 {
			at = (at + 1) & mask
		}
		s.idTable[at] = e + 1
	}
	b.byID = nil
}

// hashSource tells two editions of an entity apart.
func hashSource(e *ftm.Entity) uint64 {
	names := map[string]uint64{}
	var list []byte
	stored := appendSource(nil, e, func(name string) uint64 {
		id, ok := names[name]
		if !ok {
			id = uint64(len(names))
			names[name] = id
			list = appendText(list, name)
		}
		return id
	})
	h := uint64(14695981039346656037)
	for _, part := range [][]byte{stored, list} {
		for _, c := range part {
			h = (h ^ uint64(c)) * 1099511628211
		}
	}
	return mix(h)
}
