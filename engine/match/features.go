// SPDX-License-Identifier: Apache-2.0

package match

import "math"

// The features of a pair of names. Their order is the order of the weights in
// data/model.json.
const (
	featBias        = iota
	featMatched     // log2 of one more than what the linked words say
	featCost        // errors in all linked words
	featWorst       // errors in the worst linked word
	featWorstRel    // … for each of its sounds
	featFar         // errors in the worst word beyond what a slip explains
	featNick        // words linked as short forms
	featInitial     // words linked as initials
	featExtra       // what one name says and the other leaves out
	featClash       // what both say and the other doesn't
	featShare       // share of all that is said that is linked
	featSingle      // one word linked, others left
	featNumberClash // different numbers
	featNumberExtra // a number on one side only
	featFormClash   // legal forms of different classes
	featFormDiffer  // different legal forms of one class
	featFormMissing // a legal form on one side only
	featDisorder    // the words stand in another order
	featLoose       // one side is in a script that leaves vowels out
	featPlaceExtra  // a place on one side only
	featPlaceClash  // different places
	featCommonExtra // what common words add
	featFatherSwap  // a father's name stands for the own name
	featLastClash   // the last words of both are unlike
	featSpelling    // words linked by tables of spellings
	featJoined      // words that are written together on one side
	featWeakest     // nothing linked weighs much
	featCommonClash // common words on both sides that differ: Bank, Trust
	featAcronym     // letters that stand for whole words
	featTold        // alike words that are known as two names
	featGender      // linked given names of which one is a man's, one a woman's
	featLetterClash // an initial that fits nothing the other name says in its place
	numFeatures
)

// featureNames are the names in the model file.
var featureNames = [numFeatures]string{
	"bias", "matched", "cost", "worst", "worst_rel", "far", "nick", "initial", "extra", "clash", "share", "single",
	"number_clash", "number_extra", "form_clash", "form_differ", "form_missing", "disorder", "loose", "place_extra",
	"place_clash", "common_extra", "father_swap", "last_clash", "spelling", "joined", "weakest",
	"common_clash", "acronym", "told", "gender", "letter_clash",
}

type features [numFeatures]float32

// measure computes the features of an alignment.
func (al *alignment) measure() features {
	var f features
	f[featBias] = 1
	matched, heaviest, solid := al.measureLinks(&f)
	exA, exB := al.leftovers(&al.a, al.usedA), al.leftovers(&al.b, al.usedB)
	f[featExtra] = min(abs(exA.weight-exB.weight), 4)
	f[featClash] = min(exA.weight, exB.weight, 3)
	f[featMatched] = float32(math.Log2(float64(1 + matched)))
	if total := matched*2 + exA.weight + exB.weight; total > 0 {
		f[featShare] = 2 * matched / total
	}
	if solid <= 1 && exA.weight+exB.weight > 0.3 {
		f[featSingle] = 1
	}
	f[featLetterClash] = flag(exA.letters > 0 && exB.names > SmallWord || exB.letters > 0 && exA.names > SmallWord || exA.letters > 0 && exB.letters > 0)
	if exA.numbers > 0 && exB.numbers > 0 || exA.generation > 0 && exB.generation > 0 {
		f[featNumberClash] = 1
	} else if exA.numbers+exB.numbers > 0 {
		f[featNumberExtra] = 1
	}
	if exA.places > 0 && exB.places > 0 {
		f[featPlaceClash] = 1
	} else if exA.places+exB.places > 0 {
		f[featPlaceExtra] = 1
	}
	f[featCommonClash] = min(exA.common, exB.common, 1)
	f[featCommonExtra] = min(abs(exA.common-exB.common), 2)
	if exA.last && exB.last && al.n > 0 {
		f[featLastClash] = 1
	}
	f[featWeakest] = max(0, 0.8-heaviest)
	al.measureForms(&f)
	al.measureOrder(&f)
	return f
}

func abs(x float32) float32 { return max(x, -x) }

// measureLinks fills in what linked words say; it returns the sum of their
// weights, the heaviest, and how many are more than particles and initials.
func (al *alignment) measureLinks(f *features) (matched, heaviest float32, solid int) {
	for i := range al.n {
		l := &al.links[i]
		matched += l.weight
		heaviest = max(heaviest, l.weight)
		if l.weight > 0.3 {
			solid += int(max(l.an, l.bn))
		}
		f[featCost] += l.cost
		f[featWorst] = max(f[featWorst], l.cost)
		f[featWorstRel] = max(f[featWorstRel], l.rel8)
		switch l.rel {
		case relNick:
			f[featNick]++
		case relInitial:
			f[featInitial]++
		case relAcronym:
			f[featAcronym] = 1
		case relSpelling:
			if l.weight > 0.3 {
				f[featSpelling]++
			}
		}
		if l.loose {
			f[featLoose] = 1
		}
		if l.told {
			f[featTold]++
		}
		if l.gender {
			f[featGender] = 1
		}
		if l.an != l.bn && l.rel != relAcronym {
			f[featJoined]++
		}
	}
	f[featFar] = max(0, f[featWorst]-1.5)
	f[featCost] = min(f[featCost], 6)
	return matched, heaviest, solid
}

// leftover sums up the words of a name that found no partner.
type leftover struct {
	weight, common  float32
	numbers, places int
	names           float32 // what is neither common nor a number nor an initial
	letters         int     // initials
	generation      uint32  // Jr, III
	last            bool    // the last word of weight is among them
}

func (al *alignment) leftovers(s *side, used uint32) leftover {
	var out leftover
	last := true
	for i := s.n - 1; i >= 0; i-- {
		tok := s.words[i]
		if tok.Kind.Has(LegalForm) {
			continue
		}
		free := used&(1<<i) == 0
		if last && tok.Weight > 0.3 {
			out.last = free
			last = false
		}
		if !free {
			continue
		}
		out.weight += tok.Weight
		switch {
		case tok.Kind.Has(Number) && tok.Kind.Has(Title):
			out.generation = tok.Class
		case tok.Kind.Has(Number):
			out.numbers++
		case tok.Kind.Has(Place) && s.sort != Person:
			out.places++
		case tok.Kind.Has(Common):
			out.common += tok.Weight
		case tok.Kind.Has(Initial) && !tok.Kind.Has(Particle):
			out.letters++
		default:
			out.names += tok.Weight
		}
	}
	return out
}

// measureForms compares the legal forms: a name may have several.
func (al *alignment) measureForms(f *features) {
	hasA, hasB, same, class := false, false, false, false
	for _, x := range al.a.tokens() {
		if !x.Kind.Has(LegalForm) {
			continue
		}
		hasA = true
		for _, y := range al.b.tokens() {
			if !y.Kind.Has(LegalForm) {
				continue
			}
			same = same || x.form == y.form
			class = class || SameClass(x.Class, y.Class)
		}
	}
	for _, y := range al.b.tokens() {
		hasB = hasB || y.Kind.Has(LegalForm)
	}
	switch {
	case same || !hasA && !hasB:
	case class:
		f[featFormDiffer] = 1
	case hasA && hasB:
		f[featFormClash] = 1
	default:
		f[featFormMissing] = 1
	}
}

// measureOrder looks whether the linked words of weight stand in the same
// order, or in that order turned around one place ("Putin Vladimir").
func (al *alignment) measureOrder(f *features) {
	inversions, pairs := 0, 0
	for i := range al.n {
		x := &al.links[i]
		if x.weight <= 0.2 {
			continue
		}
		pa, pb := al.a.words[x.a].Kind.Has(Patronymic), al.b.words[x.b].Kind.Has(Patronymic)
		if pa != pb && (al.father(x, true) || al.father(x, false)) {
			f[featFatherSwap] = 1
		}
		for j := range i {
			y := &al.links[j]
			if y.weight <= 0.2 {
				continue
			}
			pairs++
			if (x.a < y.a) != (x.b < y.b) {
				inversions++
			}
		}
	}
	if pairs > 0 {
		f[featDisorder] = float32(inversions) / float32(pairs)
	}
}

// father says whether a linked word is a father's name on one side and the
// first word on the other.
func (al *alignment) father(l *link, left bool) bool {
	if left {
		return al.a.words[l.a].Kind.Has(Patronymic) && l.b == 0 && l.a > 0
	}
	return al.b.words[l.b].Kind.Has(Patronymic) && l.a == 0 && l.b > 0
}
