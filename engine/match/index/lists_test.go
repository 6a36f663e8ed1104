// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

// TestEachNameStandsOnceInTheListsOfItsWords holds the two lists of every term
// against the names themselves: in order, each name in one of them, in the second
// when the word is the last that says something; and of one class from those that
// say least.
func TestEachNameStandsOnceInTheListsOfItsWords(t *testing.T) {
	source, n := synth.New(5), 0
	ix, err := Build(context.Background(), func() (ftm.Entity, error) {
		if n++; n > 3_000 {
			return ftm.Entity{}, io.EOF
		}
		return source.Entity(fmt.Sprintf("e%d", n)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s, class := ix.state.Load().base, 0
	held := 0
	for term := range uint32(len(s.termFlags)) {
		if s.termFlags[term]&termJoined != 0 {
			continue
		}
		for ends := range 2 {
			list := s.postingList(term, ends)
			held += len(list)
			if !slices.IsSorted(list) {
				t.Fatalf("a list of %q is not in order", s.term(term))
			}
			for _, doc := range list {
				name := s.name(doc)
				last := ""
				for _, word := range name.Tokens {
					if word.Weight > match.SmallWord && !word.Kind.Has(match.LegalForm) {
						last = word.Text
					}
				}
				if (last == string(s.term(term))) != (ends == 1) {
					t.Errorf("name %d (%d words) in list %d of %q", doc, len(name.Tokens), ends, s.term(term))
				}
			}
		}
	}
	docs := uint32(s.docs())
	want := 0
	for doc := range docs {
		texts := map[string]bool{}
		for _, word := range s.name(doc).Tokens {
			texts[word.Text] = true
		}
		want += len(texts)
	}
	if held != want {
		t.Errorf("%d places in lists, %d different words in names", held, want)
	}
	for doc := uint32(1); doc < docs; doc++ {
		if a, b := s.classOf(doc-1, &class).First, s.classOf(doc, &class).First; a == b && says(s, doc-1) > says(s, doc) {
			t.Fatalf("name %d says less than the one before it", doc)
		}
	}
}

func says(s *segment, doc uint32) int {
	sum := float32(0)
	for _, word := range s.name(doc).Tokens {
		if !word.Kind.Has(match.LegalForm) {
			sum += word.Weight
		}
	}
	return int(sum * weightSteps)
}

func TestBeforeCountsWhatComesBefore(t *testing.T) {
	for n := range 40 {
		list := make([]uint32, n)
		for i := range list {
			list[i] = uint32(3 * i)
		}
		for doc := range uint32(125) {
			want, _ := slices.BinarySearch(list, doc)
			if got := before(list, doc); got != want {
				t.Fatalf("before %d of %d: %d, want %d", doc, n, got, want)
			}
		}
	}
}
