// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// GeneratePairs makes labelled pairs of a list: two views of one entity, each
// with some of its names and facts, altered as sources alter them; and views of
// two entities with names alike. The same seed gives the same pairs.
func GeneratePairs(list []ftm.Entity, seed uint64) []EntityPair {
	r := rand.New(rand.NewPCG(seed, 1))
	near := nearest(list)
	var pairs []EntityPair
	for i := range list {
		names := append(slices.Clone(list[i].Get("name")), list[i].Get("alias")...)
		first := r.IntN(len(names))
		second := r.IntN(len(names))
		pairs = append(pairs, EntityPair{view(&list[i], names[first], r), view(&list[i], names[second], r), true})
		if other := near[i]; other >= 0 && r.IntN(3) > 0 {
			pairs = append(pairs, EntityPair{view(&list[i], names[first], r), view(&list[other], list[other].First("name"), r), false})
		}
		if other := r.IntN(len(list)); other != i && r.IntN(6) == 0 {
			pairs = append(pairs, EntityPair{view(&list[i], names[first], r), view(&list[other], list[other].First("name"), r), false})
		}
	}
	return pairs
}

// GenerateNamePairs makes labelled pairs of the names of a list: a name and the
// same one altered once or twice, a name and the most alike of another entity, and
// a name and the same one with a word of another's. The same seed gives the same
// pairs.
func GenerateNamePairs(list []ftm.Entity, seed uint64) []NamePair {
	r, exchange := rand.New(rand.NewPCG(seed, 2)), newExchange(list, seed)
	near := nearest(list)
	var pairs []NamePair
	for i := range list {
		names := append(slices.Clone(list[i].Get("name")), list[i].Get("alias")...)
		name := names[r.IntN(len(names))]
		person := list[i].Schema == "Person"
		altered := Alter(name, person, r)
		if r.IntN(2) == 0 {
			altered = Alter(altered, person, r)
		}
		pairs = append(pairs, NamePair{Schema: list[i].Schema, Left: name, Right: altered, Same: true})
		if other := near[i]; other >= 0 {
			pairs = append(pairs, NamePair{Schema: list[i].Schema, Left: list[i].First("name"), Right: list[other].First("name")})
		}
		if other := exchange.word(&list[i], name); other != "" {
			pairs = append(pairs, NamePair{Schema: list[i].Schema, Left: name, Right: other})
		}
	}
	return pairs
}

// view is what one source knows of an entity under one of its names.
func view(e *ftm.Entity, name string, r *rand.Rand) ftm.Entity {
	out := ftm.Entity{ID: e.ID, Schema: e.Schema}
	if r.IntN(3) == 0 {
		name = Alter(name, e.Schema == "Person", r)
	}
	out.Add("name", name)
	props := make([]string, 0, len(e.Properties))
	for prop := range e.Properties {
		props = append(props, prop)
	}
	slices.Sort(props)
	for _, prop := range props {
		for _, v := range e.Properties[prop] {
			switch {
			case prop == "name" || prop == "alias":
				if r.IntN(4) == 0 {
					out.Add("alias", v)
				}
			case r.IntN(5) < 2:
			case strings.HasSuffix(prop, "Date"):
				out.Add(prop, alterDate(v, r))
			default:
				out.Add(prop, v)
			}
		}
	}
	return out
}

func alterDate(v string, r *rand.Rand) string {
	if len(v) != 10 {
		return v
	}
	switch r.IntN(12) {
	case 0, 1, 2:
		return v[:4]
	case 3:
		return v[:4] + "-01-01"
	case 4:
		if v[8:] <= "12" {
			return v[:4] + "-" + v[8:] + "-" + v[5:7]
		}
	}
	return v
}

// nearest finds for each entity of a list another one of its schema whose name
// is the most alike, among those that share a key of a word; -1 for none.
func nearest(list []ftm.Entity) []int {
	prepared := make([]match.Name, len(list))
	blocks := map[string][]int{}
	for i := range list {
		prepared[i] = match.Prepare(list[i].Schema, list[i].First("name"))
		for _, tok := range prepared[i].Tokens {
			key := list[i].Schema + tok.Skeleton
			blocks[key] = append(blocks[key], i)
		}
	}
	out := make([]int, len(list))
	for i := range list {
		out[i] = -1
		best := 0.0
		for _, tok := range prepared[i].Tokens {
			block := blocks[list[i].Schema+tok.Skeleton]
			if len(block) > 200 {
				continue
			}
			for _, j := range block {
				if s := match.ScoreNames(&prepared[i], &prepared[j]); j != i && s > best {
					best, out[i] = s, j
				}
			}
		}
	}
	return out
}
