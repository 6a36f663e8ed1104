// SPDX-License-Identifier: Apache-2.0

package index

import (
	"encoding/binary"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/match"
)

// meta is what filters and the first ranking of equal names ask of an entity.
// Its layout is part of the file format.
type meta struct {
	Schema, Dataset, Country, Topic uint32    // numbers in the dictionaries of sets
	Day                             match.Day // of birth or foundation
	Flags                           uint32    // 1: replaced by a later one with its id
}

const flagDead = 1

// docClass is a run of docs of the same number of words, sort, script and
// weakness. Its layout is part of the file format.
type docClass struct {
	First  uint32 // doc
	WordAt uint32 // where its words begin in docWords
	Words  uint32 // of each doc
	Packed uint32 // match.Sort, script and weakness
}

// docFact is what is known of who bears a name beside it, if that is one
// entity. Its layout is part of the file format.
type docFact struct {
	Day     match.Day
	Country uint32 // number in the dictionary of sets, or severalBear
}

// bearFact is what is known of one bearer of a name. Its layout is part of the
// file format.
type bearFact docFact

// severalBear says that a name has several bearers, or none.
const severalBear = 1<<32 - 1

// variant is one word with all that it was found to be, as far as judging
// needs it. Its layout is part of the file format.
type variant struct {
	Term  uint32
	First uint32 // the first letter, with varInitial
}

// segment is one immutable part of an index. Its slices lie in memory or in a
// mapped file; names of the same words are one doc, docs with few words come
// first, and a term is one distinct spelling of a word.
type segment struct {
	entAt   []uint64 // where each entity's source begins in entBlob
	entBlob []byte
	entMeta []meta
	idTable []uint32 // open addressing by id: entity+1
	idKeys  []uint64 // hash of an identifier, who has it; sorted

	entDocAt []uint32 // where each entity's names begin in entDocs
	entDocs  []uint32 // its names in their order

	classes  []docClass // of the docs, with one beyond the last
	docWords []uint32   // variants, those of a class together
	docFacts []docFact
	docEntAt []uint32
	docEnts  []uint32   // who bears the name
	entFacts []bearFact // of each of docEnts

	varAt   []uint32 // where each variant's stored form begins in varBlob
	varBlob []byte
	varInfo []variant

	termAt    []uint32
	termBlob  []byte
	termFlags []byte
	postAt    []uint32 // where each term's two lists of docs begin in posts
	posts     []uint32

	keyAt []uint32 // where the keys begin whose hash has a prefix
	keys  []key    // sorted

	dicts dictionaries

	sounds  *match.Lexicon                // of the terms
	foreign bool                          // some are romanised
	traits  []uint8                       // of each term
	light   []lightWord                   // of each variant, what judging needs
	termVar []uint32                      // of each term its first variant+1
	nextVar []uint32                      // of each variant the next one of its term, +1
	tokens  []atomic.Pointer[match.Token] // variants read back, as they are asked for
	cache   []atomic.Pointer[prepared]    // entities made ready lately
	meant   []atomic.Pointer[expansion]   // what words were found to mean lately
	close   func() error
}

// cacheSize is how many prepared entities a large segment keeps; a power of two.
const cacheSize = 1 << 15

// prepared is an entity that was scored lately.
type prepared struct {
	number uint32
	entity match.Entity
}

// ready makes room for what searches keep.
func (s *segment) ready() {
	s.tokens = make([]atomic.Pointer[match.Token], len(s.varInfo))
	s.termVar, s.nextVar = make([]uint32, len(s.termFlags)), make([]uint32, len(s.varInfo))
	for v := range s.varInfo {
		if t := s.varInfo[v].Term; int(t) < len(s.termVar) { // or the file is damaged
			s.nextVar[v], s.termVar[t] = s.termVar[t], uint32(v)+1
		}
	}
	s.listen()
	s.standAlone()
	size := 1
	for size < min(cacheSize, len(s.entMeta)) {
		size *= 2
	}
	s.cache = make([]atomic.Pointer[prepared], size)
	s.meant = make([]atomic.Pointer[expansion], size)
}

// listen reads the words once, for what searches need of all of them.
func (s *segment) listen() {
	s.light, s.traits = make([]lightWord, len(s.varInfo)), make([]uint8, len(s.termFlags))
	s.sounds = match.NewLexicon(func(visit func(number uint32, word *match.Token)) {
		for v := range s.varInfo {
			info := &s.varInfo[v]
			t := s.decode(uint32(v))
			s.light[v] = lightWord{weight: t.Weight, first: uint8(info.First), shape: match.ShapeOf(t)}
			if s.light[v].shape == match.FormWord {
				s.light[v].weight = math.Float32frombits(t.Class)
			}
			if int(info.Term) >= len(s.termVar) {
				continue // the file is damaged
			}
			s.foreign = s.foreign || t.Native != t.Text
			s.traits[info.Term] |= traitsOf(t) // a word may be a name here and a place there
			if s.termVar[info.Term] == uint32(v)+1 {
				visit(info.Term, t)
			}
		}
	})
}

// standAlone marks the terms that are all of some name.
func (s *segment) standAlone() {
	for i := range s.classes[:len(s.classes)-1] {
		c, next := &s.classes[i], &s.classes[i+1]
		if c.Words != 1 {
			continue
		}
		for _, v := range s.docWords[c.WordAt:next.WordAt] {
			if int(v) < len(s.varInfo) && int(s.varInfo[v].Term) < len(s.traits) { // or the file is damaged
				s.traits[s.varInfo[v].Term] |= alone
			}
		}
	}
}

// prepare returns an entity ready for scoring.
func (s *segment) prepare(entity uint32) (*prepared, error) {
	slot := &s.cache[entity&uint32(len(s.cache)-1)]
	if p := slot.Load(); p != nil && p.number == entity {
		return p, nil
	}
	e, err := readSource(s.source(entity), s.dicts.Props)
	if err != nil {
		return nil, err
	}
	docs := s.namesOf(entity)
	names := make([]match.Name, len(docs))
	for i, doc := range docs {
		names[i] = s.name(doc)
	}
	p := &prepared{number: entity, entity: match.RestoreEntity(&e, names)}
	slot.Store(p)
	return p, nil
}

// Flags beside a variant's first letter, and of terms.
const (
	varInitial = 0x80
	termJoined = 1 // made of two words, never one of a doc's own
	// termAcronym marks the first letters of words, after acronymMark.
	termAcronym = 2
	termLoose   = 4  // joined words of a script that leaves vowels out
	termAlso    = 8  // a word of some names that others make of theirs
	termArticle = 16 // joined words around an article
)

// What docClass.Packed holds beside a name's sort and script.
const (
	docWeak = 1 << 16 // a weak alias
	docOpen = 1 << 17 // of a legal entity, which may be a person
)

// key says that a term stands under a hash. Its layout is part of the file
// format.
type key struct{ Hash, Term uint32 }

// maxKeyBits bounds how many leading bits of a hash the directory of keys holds.
const maxKeyBits = 22

// dictionaries name the numbers in meta. Number 0 is the empty set.
type dictionaries struct {
	Schemata  []string
	Datasets  [][]string
	Countries [][]string
	Topics    [][]string
	Props     []string
}

// entities returns how many there are, replaced ones included.
func (s *segment) entities() int { return len(s.entMeta) }

func (s *segment) docs() int { return len(s.docEntAt) - 1 }

// classOf returns the class of a doc. The number of the class that was right
// last time makes it quick.
func (s *segment) classOf(doc uint32, last *int) *docClass {
	c := s.classes[*last:]
	if doc < c[0].First || doc >= c[1].First {
		lo, hi := 0, len(s.classes)-1
		for hi-lo > 1 {
			if mid := (lo + hi) / 2; s.classes[mid].First <= doc {
				lo = mid
			} else {
				hi = mid
			}
		}
		*last, c = lo, s.classes[lo:]
	}
	return &c[0]
}

// words returns the variants of a doc of a class.
func (s *segment) words(c *docClass, doc uint32) []uint32 {
	at := c.WordAt + (doc-c.First)*c.Words
	return s.docWords[at : at+c.Words : at+c.Words]
}

// namesOf returns the docs of an entity in the order of its names.
func (s *segment) namesOf(entity uint32) []uint32 {
	return s.entDocs[s.entDocAt[entity]:s.entDocAt[entity+1]]
}

// bearers returns the entities of a doc.
func (s *segment) bearers(doc uint32) []uint32 { return s.docEnts[s.docEntAt[doc]:s.docEntAt[doc+1]] }

// factsOf returns what is known of the bearers of a doc, in their order.
func (s *segment) factsOf(doc uint32) []bearFact {
	return s.entFacts[s.docEntAt[doc]:s.docEntAt[doc+1]]
}

func (s *segment) term(t uint32) []byte { return s.termBlob[s.termAt[t]:s.termAt[t+1]] }

// postings returns the docs that hold a term.
func (s *segment) postings(t uint32) []uint32 { return s.posts[s.postAt[2*t]:s.postAt[2*t+2]] }

// postingList returns the docs that go on after a term, or those that it ends, in
// their order: of few words first, and of so many words from those that say least.
func (s *segment) postingList(t uint32, ends int) []uint32 {
	at := 2*int(t) + ends
	return s.posts[s.postAt[at]:s.postAt[at+1]]
}

// underKey returns the keys of a hash, one for each term under it. A prefix has
// a few keys only, which lie together.
func (s *segment) underKey(hash uint32) []key {
	prefix := uint64(hash) * uint64(len(s.keyAt)-1) >> 32
	bucket := s.keys[s.keyAt[prefix]:s.keyAt[prefix+1]]
	first := 0
	if len(bucket) > 16 { // a hash of many terms is among them
		first = sort.Search(len(bucket), func(i int) bool { return bucket[i].Hash >= hash })
	}
	for first < len(bucket) && bucket[first].Hash < hash {
		first++
	}
	last := first
	for last < len(bucket) && bucket[last].Hash == hash {
		last++
	}
	return bucket[first:last]
}

// token returns a variant. It is read once and kept.
func (s *segment) token(variant uint32) *match.Token {
	if t := s.tokens[variant].Load(); t != nil {
		return t
	}
	t := s.decode(variant)
	s.tokens[variant].Store(t)
	return t
}

func (s *segment) decode(variant uint32) *match.Token {
	if from, to := s.varAt[variant], s.varAt[variant+1]; from <= to && int(to) <= len(s.varBlob) {
		if n, _, err := match.DecodeName(s.varBlob[from:to]); err == nil && len(n.Tokens) == 1 {
			return &n.Tokens[0]
		}
	}
	return &match.Token{Text: "?", Native: "?", Skeleton: "?"} // a damaged word is like no other
}

// name puts a doc together again, but for the text as it was written.
func (s *segment) name(doc uint32) match.Name {
	last := 0
	c := s.classOf(doc, &last)
	n := match.Name{Sort: match.Sort(c.Packed), Script: match.Script(c.Packed >> 8), Weak: c.Packed&docWeak != 0}
	for _, v := range s.words(c, doc) {
		n.Tokens = append(n.Tokens, *s.token(v))
	}
	return n
}

// fill makes words those of a doc, with the variants as numbers.
func (s *segment) fill(words *match.Words, c *docClass, doc uint32) {
	words.Sort, words.Weak, words.Numbers = match.Sort(c.Packed), c.Packed&docWeak != 0, s.words(c, doc)
	words.Tokens = words.Tokens[:0]
	for _, v := range words.Numbers {
		words.Tokens = append(words.Tokens, s.token(v))
	}
}

// record returns the stored form of an entity: what match.Entity.AppendFacts
// wrote, and its source.
func (s *segment) record(entity uint32) (facts, source []byte) {
	rec := s.entBlob[s.entAt[entity]:s.entAt[entity+1]]
	size, n := binary.Uvarint(rec)
	if n <= 0 || size > uint64(len(rec)-n) {
		return nil, nil // damaged
	}
	return rec[n : n+int(size)], rec[n+int(size):]
}

// source returns the stored form of an entity that readSource reads.
func (s *segment) source(entity uint32) []byte {
	_, source := s.record(entity)
	return source
}

// holders returns who has an identifier, as far as a hash can tell.
func (s *segment) holders(identifier string) []uint64 {
	return s.under(hashBytes(saltIdentifier, identifier))
}

// bornOn returns who was born or founded on a day, as far as a hash can tell.
func (s *segment) bornOn(d match.Day) []uint64 { return s.under(dayKey(d)) }

// exactly returns the term of a text, if some name has it.
func (s *segment) exactly(text string) (term uint32, ok bool) {
	for _, k := range s.underKey(hashBytes(saltText, text)) {
		if string(s.term(k.Term)) == text && s.termVar[k.Term] != 0 {
			return k.Term, true
		}
	}
	return 0, false
}

func (s *segment) under(hash uint32) []uint64 {
	key := uint64(hash) << 32
	from, _ := slices.BinarySearch(s.idKeys, key)
	to, _ := slices.BinarySearch(s.idKeys[from:], key+1<<32)
	return s.idKeys[from : from+to]
}

// find returns the living entity of an id.
func (s *segment) find(id string) (uint32, bool) {
	if len(s.idTable) == 0 {
		return 0, false
	}
	mask := uint32(len(s.idTable) - 1)
	for at := hashBytes(0, id) & mask; s.idTable[at] != 0; at = (at + 1) & mask {
		e := s.idTable[at] - 1
		if idOf(s.source(e)) == id && s.entMeta[e].Flags&flagDead == 0 {
			return e, true
		}
	}
	return 0, false
}
