// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// exchange makes names of others of a name: of an organisation with a word of
// another one, as two firms of one trade or town differ; of a person with the word
// of another one that is the most alike, as brothers and neighbours differ.
type exchange struct {
	r     *rand.Rand
	words map[string][]string // of each sort of thing, that say who it is
	alike map[string][]string // words of persons that are equal without one letter
}

func newExchange(list []ftm.Entity, seed uint64) *exchange {
	x := &exchange{r: rand.New(rand.NewPCG(seed, 3)), words: map[string][]string{}, alike: map[string][]string{}}
	seen := map[string]bool{}
	for i := range list {
		schema := list[i].Schema
		for _, word := range strings.Fields(list[i].First("name")) {
			word = strings.Trim(word, ",.")
			if !saysWho(schema, word) {
				continue
			}
			x.words[schema] = append(x.words[schema], word)
			if word = strings.ToLower(word); schema == "Person" && !seen[word] {
				seen[word] = true
				for at := range word {
					key := word[:at] + word[at+1:]
					x.alike[key] = append(x.alike[key], word)
				}
			}
		}
	}
	return x
}

// word returns a name with one word exchanged, "" where none fits.
func (x *exchange) word(e *ftm.Entity, name string) string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return ""
	}
	at := x.r.IntN(len(words))
	word := strings.Trim(words[at], ",.")
	if !saysWho(e.Schema, word) {
		return ""
	}
	others := x.words[e.Schema]
	if e.Schema == "Person" {
		others, word = nil, strings.ToLower(word)
		for i := range word {
			for _, other := range x.alike[word[:i]+word[i+1:]] {
				if other != word && !slices.Contains(others, other) {
					others = append(others, other)
				}
			}
		}
	}
	if len(others) == 0 {
		return ""
	}
	other := others[x.r.IntN(len(others))]
	if strings.EqualFold(word, other) {
		return ""
	}
	words[at] = other
	return strings.Join(words, " ")
}

// saysWho reports whether a word is neither a legal form nor small.
func saysWho(schema, word string) bool {
	n := match.Prepare(schema, "x1 "+word) // alone, a legal form is a name
	if len(n.Tokens) != 2 {
		return false
	}
	t := n.Tokens[1]
	return !t.Kind.Has(match.LegalForm|match.Stop|match.Number|match.Particle|match.Initial) && t.Weight > match.SmallWord
}
