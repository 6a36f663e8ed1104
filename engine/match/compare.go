// SPDX-License-Identifier: Apache-2.0

package match

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// ScoreNames returns the calibrated probability that two names belong to the
// same thing, without an explanation and without allocating. It is symmetric.
func ScoreNames(a, b *Name) float64 {
	t := loaded()
	if len(a.Tokens) == 0 || len(b.Tokens) == 0 {
		return 0
	}
	if after(a, b) {
		a, b = b, a // greedy choices must not depend on the side
	}
	if a.Sort == Address && b.Sort == Address {
		w := t.weighAddresses(a, b)
		return sigmoid(t.entityModels[modelNumber(Address, Address)].odds(&w.ev))
	}
	var al alignment
	t.align(&al, a, b)
	if al.n == 0 {
		return 0
	}
	f := al.measure()
	return sigmoid(t.modelOf(a.Sort).odds(&f))
}

// weighAddresses is weigh for two entities that are nothing but addresses.
func (t *tables) weighAddresses(a, b *Name) witness {
	var w witness
	w.ev[evBias] = 1
	w.addressA, w.addressB = a, b
	w.ev[evAddressSame], w.ev[evAddressOther] = placesAgree(t.placeShare(a, b))
	t.weighStreets(&w)
	return w
}

// after orders two names, so that both sides can be given in any order. Names
// of which neither is after the other are the same in all that is compared.
func after(a, b *Name) bool {
	if len(a.Tokens) != len(b.Tokens) {
		return len(a.Tokens) > len(b.Tokens)
	}
	for i := range a.Tokens {
		if c := compareTokens(&a.Tokens[i], &b.Tokens[i]); c != 0 {
			return c > 0
		}
	}
	return a.Sort > b.Sort
}

// afterWords is after for a name whose words alone are given.
func afterWords(a *Name, b *Words) bool {
	if len(a.Tokens) != len(b.Tokens) {
		return len(a.Tokens) > len(b.Tokens)
	}
	for i, y := range b.Tokens {
		if c := compareTokens(&a.Tokens[i], y); c != 0 {
			return c > 0
		}
	}
	return a.Sort > b.Sort
}

func compareTokens(x, y *Token) int {
	if x.Text != y.Text {
		return strings.Compare(x.Text, y.Text)
	}
	if x.Native != y.Native {
		return strings.Compare(x.Native, y.Native)
	}
	return int(x.Kind) - int(y.Kind)
}

func (t *tables) modelOf(s Sort) *model {
	if s == Person {
		return &t.personModel
	}
	return &t.organisedModel
}

// Score returns the calibrated probability that two entities are the same,
// without an explanation. It is symmetric. Time is bounded by MaxNames and the
// other bounds on values.
func Score(a, b *Entity) float64 {
	t := loaded()
	if entityAfter(a, b) {
		a, b = b, a
	}
	w := t.weigh(a, b)
	return sigmoid(t.entityModel(a, b).odds(&w.ev))
}

// entityAfter orders two entities, so that ties between equally good names
// don't depend on the side.
func entityAfter(a, b *Entity) bool {
	if len(a.Names) != len(b.Names) {
		return len(a.Names) > len(b.Names)
	}
	for i := range a.Names {
		if x, y := &a.Names[i], &b.Names[i]; after(x, y) {
			return true
		} else if after(y, x) {
			return false
		}
	}
	return a.ID > b.ID
}

func popcount(x uint32) int { return bits.OnesCount32(x) }

// Compare is Score with its explanation: the best pair of names and each
// further fact that both sides know.
func Compare(a, b *Entity) Result {
	t := loaded()
	swapped := entityAfter(a, b)
	if swapped {
		a, b = b, a
	}
	w := t.weigh(a, b)
	m := t.entityModel(a, b)
	score := sigmoid(m.odds(&w.ev))
	out := Result{Score: score, Match: score >= Threshold, Features: w.features(m, a, b)}
	if swapped {
		mirrored(out.Features)
	}
	sortFeatures(out.Features)
	return out
}

// evidenceLine says how a kind of evidence is shown.
var evidenceLines = [numEvidence]struct{ name, note string }{
	evBias: {"starting point", "before any evidence"},
	evName: {"name", "the most alike"}, evNameAgainst: {"name", "even the most alike differ"}, evNameWeak: {"name", "the most alike, a weak alias or a single word"},
	evNameRare: {"name", "rare words agree"}, evNameMore: {"names", "further names agree"},
	evIDDecides: {"identifier", "the same, and one thing only can have it"}, evIDSeveral: {"document or register number", "the same"},
	evIDShared: {"account or wallet", "the same"}, evContact: {"telephone, mail or website", "the same"},
	evIDDiffers: {"identifier", "of the same kind, but another"}, evIDOther: {"document or register number", "others"},
	evDateSame: {"date", "the same day"}, evDateAgrees: {"date", "the same as far as known"}, evDateWithin: {"date", "an age or span that fits"}, evDateSlip: {"date", "a slip of the pen apart"},
	evDateNear: {"date", "close to each other"}, evDateDiffers: {"date", "another"}, evDateFar: {"date", "more than ten years apart"},
	evGenderDiffers: {"gender", "differs"}, evCountrySame: {"country", "one in common"}, evCountryOther: {"country", "none in common"},
	evPlaceSame: {"place of birth", "agrees"}, evPlaceOther: {"place of birth", "another"},
	evAddressSame: {"address", "agrees"}, evAddressOther: {"address", "another"},
	evTownOther: {"address", "the same street in another place"}, evNumberOther: {"address", "another number"},
	evFatherSame: {"father's name", "agrees"}, evFatherOther: {"father's name", "another"}, evSchemaClash: {"kind of thing", "exclude each other"},
	evPlateSame: {"number plate", "the same"}, evPlatePart: {"number plate", "agrees as far as seen"}, evPlateOther: {"number plate", "another"},
	evLookSame: {"colour, make, kind", "agrees"}, evLookOther: {"colour, make, kind", "another"},
}

// features lists the evidence with its weight in the model.
func (w *witness) features(m *entityModel, a, b *Entity) []Feature {
	out := make([]Feature, 0, 8)
	for i, value := range w.ev {
		weight := float64(m[i]) * float64(value)
		if weight == 0 {
			continue
		}
		f := Feature{Name: evidenceLines[i].name, Note: evidenceLines[i].note, Weight: math.Round(weight*1e6) / 1e6}
		f.Left, f.Right = w.values(i, a, b)
		if (i == evName || i == evNameAgainst || i == evNameWeak) && w.nameA != nil {
			f.Parts = CompareNames(w.nameA, w.nameB).Features
		}
		out = append(out, f)
	}
	return out
}

// values returns what a kind of evidence was found in.
func (w *witness) values(kind int, a, b *Entity) (left, right string) {
	raw := func(x, y *Name) (string, string) {
		if x == nil || y == nil {
			return "", ""
		}
		return x.Raw, y.Raw
	}
	switch kind {
	case evName, evNameAgainst, evNameWeak, evNameRare:
		return raw(w.nameA, w.nameB)
	case evNameMore:
		return strconv.Itoa(len(a.Names)), strconv.Itoa(len(b.Names))
	case evIDDecides, evIDSeveral, evIDShared, evContact:
		return w.id, w.id
	case evDateSame, evDateAgrees, evDateWithin, evDateSlip, evDateNear, evDateDiffers, evDateFar:
		return w.dateA.String(), w.dateB.String()
	case evGenderDiffers:
		return string(rune(a.gender)), string(rune(b.gender))
	case evCountrySame, evCountryOther:
		return join(a.Countries), join(b.Countries)
	case evPlaceSame, evPlaceOther:
		return raw(w.placeA, w.placeB)
	case evAddressSame, evAddressOther, evTownOther, evNumberOther:
		return raw(w.addressA, w.addressB)
	case evFatherSame, evFatherOther:
		return raw(w.fatherA, w.fatherB)
	case evSchemaClash:
		return a.Schema, b.Schema
	case evPlateSame, evPlatePart, evPlateOther:
		return w.plateA, w.plB
	case evLookSame, evLookOther:
		return w.lookA, w.lookB
	}
	return "", ""
}

func join(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += " "
		}
		out += s
	}
	return out
}
