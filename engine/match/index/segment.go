// SPDX-License-Identifier: Apache-2.0

package index

import (
	"slices"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/match"
)

// meta is what filters and the first ranking of equal names ask of an entity.
// Its layout is part of the file format.
type meta struct {
	Schema, Dataset, Country, Topic uint32 // numbers in the dictionaries of sets
	Year                            uint16 // of birth or foundation, 0 for unknown
	Flags                           uint16 // 1: replaced by a later one with its id
}

const flagDead = 1

// segment is one immutable part of an index. Its slices lie in memory or in a
// mapped file; names of one text are one doc, docs with few words come first,
// and a term is one distinct spelling of a word.
type segment struct {
	entAt   []uint64 // where each entity's source begins in entBlob
	entBlob []byte
	entMeta []meta
	idTable []uint32 // open addressing by id: entity+1
	idKeys  []uint64 // hash of an identifier, who has it; sorted

	docAt    []uint32 // where each doc's words begin in docWords
	docWords []uint32 // variants
	docSort  []uint32 // match.Sort, script and weakness
	docEntAt []uint32
	docEnts  []uint32 // who bears the name

	varAt     []uint32 // where each variant's stored form begins in varBlob
	varBlob   []byte
	varTerm   []uint32
	varWeight []float32
	varFirst  []byte // the first letter, with varInitial and varAside

	termAt    []uint32
	termBlob  []byte
	termFlags []byte
	postAt    []uint32 // where each term's docs begin in posts
	posts     []uint32

	keyAt   []uint32 // where each hash prefix begins in keyHash
	keyHash []uint32
	keyTerm []uint32

	dicts dictionaries

	tokens []atomic.Pointer[match.Token] // variants read back, as they are asked for
	cache  []atomic.Pointer[prepared]    // entities made ready lately
	meant  []atomic.Pointer[expansion]   // what words were found to mean lately
	close  func() error
}

// cacheSize is how many prepared entities a large segment keeps; a power of two.
const cacheSize = 1 << 15

// prepared is an entity that was scored lately.
type prepared struct {
	number uint32
	entity match.Entity
	hit    Hit // but for its score
}

// ready makes room for what searches keep.
func (s *segment) ready() {
	s.tokens = make([]atomic.Pointer[match.Token], len(s.varTerm))
	size := 1
	for size < min(cacheSize, len(s.entMeta)) {
		size *= 2
	}
	s.cache = make([]atomic.Pointer[prepared], size)
	s.meant = make([]atomic.Pointer[expansion], max(1, size/4))
}

// prepare returns an entity ready for scoring.
func (s *segment) prepare(entity uint32) (*prepared, error) {
	slot := &s.cache[entity&uint32(len(s.cache)-1)]
	if p := slot.Load(); p != nil && p.number == entity {
		return p, nil
	}
	e, names, err := readPrepared(s.source(entity), s.dicts.Props)
	if err != nil {
		return nil, err
	}
	p := &prepared{number: entity, entity: match.RestoreEntity(&e, names), hit: Hit{ID: e.ID, Schema: e.Schema, Caption: caption(&e)}}
	slot.Store(p)
	return p, nil
}

// Flags beside a variant's first letter, and of terms.
const (
	varInitial = 0x80
	termJoined = 1 // made of two words, never one of a doc's own
)

// What docSort holds beside a name's sort and script.
const (
	docWeak = 1 << 16 // a weak alias
	docOpen = 1 << 17 // of a legal entity, which may be a person
)

// keyBits is how many leading bits of a hash the directory of keys holds.
const keyBits = 18

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

func (s *segment) docs() int { return len(s.docSort) }

// words returns the variants of a doc.
func (s *segment) words(doc uint32) []uint32 { return s.docWords[s.docAt[doc]:s.docAt[doc+1]] }

// bearers returns the entities of a doc.
func (s *segment) bearers(doc uint32) []uint32 { return s.docEnts[s.docEntAt[doc]:s.docEntAt[doc+1]] }

func (s *segment) term(t uint32) []byte { return s.termBlob[s.termAt[t]:s.termAt[t+1]] }

// postings returns the docs that hold a term, those of few words first.
func (s *segment) postings(t uint32) []uint32 { return s.posts[s.postAt[t]:s.postAt[t+1]] }

// underKey returns the terms that stand under a key.
func (s *segment) underKey(key uint32) []uint32 {
	if len(s.keyHash) == 0 {
		return nil
	}
	prefix := key >> (32 - keyBits)
	lo, hi := s.keyAt[prefix], s.keyAt[prefix+1]
	bucket := s.keyHash[lo:hi]
	first, found := slices.BinarySearch(bucket, key)
	if !found {
		return nil
	}
	last := first + 1
	for last < len(bucket) && bucket[last] == key {
		last++
	}
	return s.keyTerm[int(lo)+first : int(lo)+last]
}

// token returns a variant. It is read once and kept.
func (s *segment) token(variant uint32) *match.Token {
	if t := s.tokens[variant].Load(); t != nil {
		return t
	}
	n, _, err := match.DecodeName(s.varBlob[s.varAt[variant]:s.varAt[variant+1]])
	t := &match.Token{Text: "?", Native: "?", Skeleton: "?"}
	if err == nil && len(n.Tokens) == 1 {
		t = &n.Tokens[0]
	} // a damaged word is like no other
	s.tokens[variant].Store(t)
	return t
}

// name puts a doc together again, but for the text as it was written. The
// tokens go to buffer, which has room for match.MaxTokens.
func (s *segment) name(doc uint32, buffer []match.Token) match.Name {
	packed := s.docSort[doc]
	n := match.Name{Sort: match.Sort(packed), Script: match.Script(packed >> 8), Weak: packed&docWeak != 0}
	n.Tokens = buffer[:0]
	for _, v := range s.words(doc) {
		n.Tokens = append(n.Tokens, *s.token(v))
	}
	return n
}

// source returns the stored form of an entity.
func (s *segment) source(entity uint32) []byte { return s.entBlob[s.entAt[entity]:s.entAt[entity+1]] }

// holders returns who has an identifier, as far as a hash can tell.
func (s *segment) holders(identifier string) []uint64 {
	key := uint64(hashBytes(saltIdentifier, identifier)) << 32
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
