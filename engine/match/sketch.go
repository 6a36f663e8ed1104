// SPDX-License-Identifier: Apache-2.0

package match

import "math"

// Sketch is a comparison of an asked name with another of which the ties
// between their words are known: what Against.Name finds out, but for words that
// change places and the genders of names. It is for judging very many names in a short time
// before the best are compared. Its zero value is ready.
type Sketch struct {
	f               features
	rest            [2]leftover
	matched, weight float32 // what is linked: in all, and the heaviest
	links           int8
	solid           int8
	heavy, spare    [2]int8 // words that say something, and those of them without a tie
	form            [2]bool
	same, class     bool // legal forms
}

// Shape is what a sketch needs to know of a word.
type Shape uint8

// Shapes of words; most words have none.
const (
	FormWord   Shape = 1 << iota // a legal form
	NumberWord                   // a number
	PlaceWord                    // a place, which says something in a name of no person
	CommonWord                   // a word that many names of the sort share
)

// ShapeOf returns the shape of a word.
func ShapeOf(t *Token) Shape {
	switch {
	case t.Kind.Has(LegalForm):
		return FormWord
	case t.Kind.Has(Number):
		return NumberWord
	case t.Kind.Has(Place):
		return PlaceWord
	case t.Kind.Has(Common):
		return CommonWord
	}
	return 0
}

// Sides of a sketch.
const (
	OfAsked = iota
	OfOther
)

// Link takes a tie between words, of which the lighter one weighs so much.
func (k *Sketch) Link(t *Tie, weight float32) {
	k.links++
	k.matched += weight
	k.weight = max(k.weight, weight)
	if weight > 0.3 {
		k.solid++
	}
	k.f[featCost] += t.cost
	k.f[featWorst] = max(k.f[featWorst], t.cost)
	k.f[featWorstRel] = max(k.f[featWorstRel], t.rel8)
	switch t.rel {
	case relNick:
		k.f[featNick]++
	case relInitial:
		k.f[featInitial]++
	case relSpelling:
		if weight > 0.3 {
			k.f[featSpelling]++
		}
	case relAcronym:
		k.f[featAcronym] = 1
	}
	if t.joined && t.rel != relAcronym {
		k.f[featJoined]++
	}
	if t.loose {
		k.f[featLoose] = 1
	}
	if t.told {
		k.f[featTold]++
	}
}

// Word takes the next word of a side, legal forms apart, and whether it has a
// tie.
func (k *Sketch) Word(side int, weight float32, shape Shape, tied bool) {
	r := &k.rest[side]
	if weight > SmallWord {
		k.heavy[side]++
		r.last = !tied
		if !tied {
			k.spare[side]++
		}
	}
	if tied {
		return
	}
	r.weight += weight
	switch shape {
	case NumberWord:
		r.numbers++
	case PlaceWord:
		r.places++
	case CommonWord:
		r.common += weight
	}
}

// Form takes a legal form of one side; same and class say whether the other
// side has the same one, or one of the same class.
func (k *Sketch) Form(side int, same, class bool) {
	k.form[side] = true
	k.same, k.class = k.same || same, k.class || class
}

// Likeness sums up the sketch for names of a sort.
func (k *Sketch) Likeness(sort Sort) Likeness {
	if k.links == 0 || k.weight <= SmallWord && k.spare[OfAsked]+k.spare[OfOther] > 0 {
		return Nothing()
	}
	w := &loaded().modelOf(sort).weights
	a, b := &k.rest[OfAsked], &k.rest[OfOther]
	worst := k.f[featWorst]
	z := w[featBias] + w[featCost]*min(k.f[featCost], 6) + w[featWorst]*worst + w[featWorstRel]*k.f[featWorstRel] + w[featFar]*max(0, worst-1.5) +
		w[featNick]*k.f[featNick] + w[featInitial]*k.f[featInitial] + w[featSpelling]*k.f[featSpelling] + w[featJoined]*k.f[featJoined] + w[featAcronym]*k.f[featAcronym] + w[featTold]*k.f[featTold] + w[featLoose]*k.f[featLoose] +
		w[featExtra]*min(abs(a.weight-b.weight), 4) + w[featClash]*min(a.weight, b.weight, 3) + w[featWeakest]*max(0, 0.8-k.weight)
	if w[featMatched] != 0 {
		z += w[featMatched] * float32(math.Log2(float64(1+k.matched)))
	}
	if total := k.matched*2 + a.weight + b.weight; total > 0 {
		z += w[featShare] * 2 * k.matched / total
	}
	if k.solid <= 1 && a.weight+b.weight > 0.3 {
		z += w[featSingle]
	}
	if a.last && b.last {
		z += w[featLastClash]
	}
	z += k.odd(w)
	return Likeness{
		raw: z, odds: min(max(z, nameFloor), 5), rare: min(k.matched, 3), content: int32(min(k.heavy[OfAsked], k.heavy[OfOther])),
	}
}

// odd sums up what most names have none of: numbers, places, common words and
// legal forms.
func (k *Sketch) odd(w *features) float32 {
	a, b := &k.rest[OfAsked], &k.rest[OfOther]
	z := float32(0)
	if a.numbers > 0 && b.numbers > 0 {
		z += w[featNumberClash]
	} else if a.numbers+b.numbers > 0 {
		z += w[featNumberExtra]
	}
	if a.places > 0 && b.places > 0 {
		z += w[featPlaceClash]
	} else if a.places+b.places > 0 {
		z += w[featPlaceExtra]
	}
	z += w[featCommonClash]*min(a.common, b.common, 1) + w[featCommonExtra]*min(abs(a.common-b.common), 2)
	switch {
	case k.same || !k.form[OfAsked] && !k.form[OfOther]:
	case k.class:
		z += w[featFormDiffer]
	case k.form[OfAsked] && k.form[OfOther]:
		z += w[featFormClash]
	default:
		z += w[featFormMissing]
	}
	return z
}
