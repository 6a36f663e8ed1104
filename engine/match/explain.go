// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// CompareNames is ScoreNames with its explanation: one feature for each pair of
// linked words, and one for each thing that speaks against.
func CompareNames(a, b *Name) Result {
	score := ScoreNames(a, b)
	out := Result{Score: score, Match: score >= Threshold}
	if len(a.Tokens) == 0 || len(b.Tokens) == 0 {
		out.Features = []Feature{{Name: "name", Weight: noOdds, Left: a.Raw, Right: b.Raw, Note: "a name has no letters"}}
		return out
	}
	t := loaded()
	swapped := after(a, b)
	if swapped {
		a, b = b, a
	}
	var al alignment
	t.align(&al, a, b)
	if a.Sort == Address && b.Sort == Address {
		w := t.weighAddresses(a, b)
		out.Features = w.features(&t.entityModels[modelNumber(Address, Address)], &Entity{}, &Entity{})
	} else if al.n == 0 {
		out.Features = []Feature{{Name: "name", Weight: noOdds, Left: a.Raw, Right: b.Raw, Note: "no word in common"}}
	} else {
		out.Features = t.explain(&al)
	}
	if swapped {
		mirrored(out.Features)
	}
	sortFeatures(out.Features)
	return out
}

// noOdds stands for the log-odds of a score of 0 in explanations.
const noOdds = -20

func sortFeatures(list []Feature) {
	slices.SortStableFunc(list, func(x, y Feature) int { return cmp.Compare(math.Abs(y.Weight), math.Abs(x.Weight)) })
}

// explain splits the log-odds of an alignment into lines that add up to it.
func (t *tables) explain(al *alignment) []Feature {
	f := al.measure()
	w := &t.modelOf(al.a.sort).weights
	part := func(list ...int) float64 {
		sum := float32(0)
		for _, i := range list {
			sum += w[i] * f[i]
		}
		return float64(sum)
	}
	out := al.explainLinks(&f, w, part(featMatched, featShare))
	left, right := al.spare(al.a.name, al.usedA), al.spare(al.b.name, al.usedB)
	add := func(name, note string, list ...int) {
		if weight := part(list...); weight != 0 {
			out = append(out, Feature{Name: name, Weight: weight, Left: left, Right: right, Note: note})
		}
	}
	add("other words", "both names say something that the other doesn't", featClash, featLastClash, featCommonClash)
	add("gender", "a man's name and a woman's", featGender)
	add("initial", "fits nothing that the other name says in its place", featLetterClash)
	add("further words", "one name says more", featExtra, featCommonExtra, featSingle)
	add("numbers", "different numbers", featNumberClash)
	add("numbers", "a number on one side only", featNumberExtra)
	add("places", "different places", featPlaceClash)
	add("places", "a place on one side only", featPlaceExtra)
	left, right = forms(al.a.name), forms(al.b.name)
	add("legal form", "different kinds of legal form", featFormClash)
	add("legal form", "different forms of one kind", featFormDiffer)
	add("legal form", "on one side only", featFormMissing)
	left, right = al.a.name.Raw, al.b.name.Raw
	add("order", "the words stand in another order", featDisorder)
	add("father's name", "stands where the other has the own name", featFatherSwap)
	add("script", "one is written without vowels", featLoose)
	add("rare words", "nothing but common or short words agrees", featWeakest)
	add("starting point", "before any evidence", featBias)
	return out
}

// explainLinks gives each link its share of what agreeing says, and what its
// own errors cost.
func (al *alignment) explainLinks(f *features, w *features, agreeing float64) []Feature {
	total, worst, worstRel, loudest, acronyms := float32(0), 0, 0, float32(0), 0
	for i := range al.n {
		l := &al.links[i]
		total += l.weight
		loudest += l.cost
		if l.rel == relAcronym {
			acronyms++
		}
		if l.cost > al.links[worst].cost {
			worst = i
		}
		if l.rel8 > al.links[worstRel].rel8 {
			worstRel = i
		}
	}
	out := make([]Feature, 0, al.n+6)
	for i := range al.n {
		l := &al.links[i]
		weight := agreeing * float64(l.weight/total)
		if loudest > 0 {
			weight += float64(w[featCost] * f[featCost] * l.cost / loudest)
		}
		if i == worst {
			weight += float64(w[featWorst]*f[featWorst] + w[featFar]*f[featFar])
		}
		if i == worstRel {
			weight += float64(w[featWorstRel] * f[featWorstRel])
		}
		if l.an != l.bn && l.rel != relAcronym {
			weight += float64(w[featJoined])
		}
		if l.told {
			weight += float64(w[featTold])
		}
		switch {
		case l.rel == relNick:
			weight += float64(w[featNick])
		case l.rel == relAcronym:
			weight += float64(w[featAcronym]) / float64(acronyms)
		case l.rel == relInitial:
			weight += float64(w[featInitial])
		case l.rel == relSpelling && l.weight > 0.3:
			weight += float64(w[featSpelling])
		}
		out = append(out, Feature{
			Name: al.kindOf(l), Weight: weight, Note: note(l),
			Left: text(al.a.words[l.a : l.a+l.an]), Right: text(al.b.words[l.b : l.b+l.bn]),
		})
	}
	return out
}

func (al *alignment) kindOf(l *link) string {
	k := al.a.words[l.a].Kind | al.b.words[l.b].Kind
	switch {
	case k.Has(Number):
		return "number"
	case k.Has(Particle):
		return "particle"
	case k.Has(Title):
		return "title"
	case k.Has(Patronymic):
		return "father's name"
	case al.a.sort != Person && k.Has(Place):
		return "place"
	case al.a.sort == Person && k.Has(Given) && !k.Has(Family):
		return "given name"
	case al.a.sort == Person && k.Has(Family) && !k.Has(Given):
		return "family name"
	}
	return "word"
}

func note(l *link) string {
	switch l.rel {
	case relSame:
		return "the same"
	case relSound:
		return "sounds the same"
	case relSpelling:
		return "a known spelling"
	case relWord:
		return "the same word"
	case relNick:
		return "a short form"
	case relInitial:
		return "an initial"
	case relAcronym:
		return "the first letters"
	}
	if l.an != l.bn && l.cost < 0.2 {
		return "written as one"
	}
	return fmt.Sprintf("differs by %.1f sounds", l.cost)
}

func text(toks []*Token) string {
	words := make([]string, len(toks))
	for i := range toks {
		words[i] = toks[i].Native
	}
	return strings.Join(words, " ")
}

// spare lists the words of a name that found no partner.
func (al *alignment) spare(n *Name, used uint32) string {
	var words []string
	for i := range n.Tokens {
		if used&(1<<i) == 0 {
			words = append(words, n.Tokens[i].Native)
		}
	}
	return strings.Join(words, " ")
}

func forms(n *Name) string {
	var words []string
	for i := range n.Tokens {
		if n.Tokens[i].Kind.Has(LegalForm) {
			words = append(words, n.Tokens[i].Native)
		}
	}
	return strings.Join(words, " ")
}
