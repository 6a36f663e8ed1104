// SPDX-License-Identifier: Apache-2.0

package match

import (
	"math"
	"slices"
)

// The evidence about a pair of entities. Each kind has a weight; those in
// agreeing are never negative, those in differing never positive, so that an
// agreeing fact can't lower a score.
const (
	evBias          = iota
	evName          // log-odds of the best pair of names, when above 0
	evNameAgainst   // the same when below 0
	evNameWeak      // the same when one is a weak alias or a single common word
	evNameRare      // what the linked words say, when the names agree
	evNameMore      // log2 of further pairs of names that agree
	evIDDecides     // shared identifiers that one thing has alone
	evIDSeveral     // shared numbers of documents and registers
	evIDShared      // shared accounts and wallets
	evContact       // shared telephone, mail, website
	evIDDiffers     // other identifiers of a kind that one thing has alone
	evIDOther       // other documents or register numbers
	evDateSame      // the same birth or founding day
	evDateAgrees    // the same as far as known
	evDateWithin    // an age or a vague date that fits
	evDateSlip      // a slip of the pen apart
	evDateNear      // close to each other
	evDateDiffers   // other dates
	evDateFar       // more than ten years apart
	evGenderDiffers // female and male
	evCountrySame   // a common country
	evCountryOther  // no common country
	evPlaceSame     // the same place of birth
	evPlaceOther    // another place of birth
	evAddressSame   // the same address
	evAddressOther  // another address
	evTownOther     // the same street in another place
	evNumberOther   // another number in a street
	evFatherSame    // the same father's name
	evFatherOther   // another father's name
	evSchemaClash   // a person and a company, a ship and a car
	evPlateSame     // the same number plate
	evPlatePart     // share of a plate that is known and agrees
	evPlateOther    // another plate
	evLookSame      // the same colour, make or kind
	evLookOther     // another colour, make or kind
	numEvidence
)

var evidenceNames = [numEvidence]string{
	"bias", "name", "name_against", "name_weak", "name_rare", "name_more", "id_decides", "id_several", "id_shared", "contact", "id_differs", "id_other",
	"date_same", "date_agrees", "date_within", "date_slip", "date_near", "date_differs", "date_far", "gender_differs", "country_same", "country_other",
	"place_same", "place_other", "address_same", "address_other", "town_other", "number_other", "father_same", "father_other", "schema_clash",
	"plate_same", "plate_part", "plate_other", "look_same", "look_other",
}

var (
	agreeing = []int{
		evName, evNameAgainst, evNameWeak, evNameRare, evNameMore, evIDDecides, evIDSeveral, evIDShared, evContact, evDateSame, evDateAgrees, evDateWithin,
		evCountrySame, evPlaceSame, evAddressSame, evFatherSame, evPlateSame, evPlatePart, evLookSame,
	}
	differing = []int{
		evIDDiffers, evIDOther, evDateDiffers, evDateFar, evGenderDiffers, evCountryOther, evPlaceOther, evAddressOther, evTownOther, evNumberOther, evFatherOther,
		evSchemaClash, evPlateOther, evLookOther,
	}
)

type evidence [numEvidence]float32

// witness is the evidence with what it was found in, for explanations.
type witness struct {
	ev                        evidence
	nameA, nameB              *Name
	id                        string
	dateA, dateB              date
	placeA, placeB            *Name
	addressA, addressB        *Name
	fatherA, fatherB          *Name
	lookA, lookB, plateA, plB string
}

// weigh gathers all evidence about two entities.
func (t *tables) weigh(a, b *Entity) witness {
	var w witness
	w.ev[evBias] = 1
	t.weighNames(&w, a, b)
	t.weighFacts(&w, a, b)
	return w
}

// weighFacts gathers what is known beside names.
func (t *tables) weighFacts(w *witness, a, b *Entity) {
	ev := &w.ev
	same, example, differ, other := compareIdentifiers(a.ids, b.ids)
	w.id = example
	ev[evIDDecides] = cap32(same[decides], 2)
	ev[evIDSeveral] = cap32(same[several], 2)
	ev[evIDShared] = cap32(same[sharing], 2)
	ev[evContact] = cap32(same[contact], 2)
	if same[decides]+same[several] == 0 {
		ev[evIDDiffers], ev[evIDOther] = flag(differ), flag(other)
	}
	weighDates(w, a, b)
	ev[evGenderDiffers] = flag(a.gender != 0 && b.gender != 0 && a.gender != b.gender)
	if len(a.Countries) > 0 && len(b.Countries) > 0 {
		common := slices.ContainsFunc(a.Countries, func(c string) bool { return slices.Contains(b.Countries, c) })
		ev[evCountrySame], ev[evCountryOther] = flag(common), flag(!common)
	}
	ev[evPlaceSame], ev[evPlaceOther], w.placeA, w.placeB = t.weighPlaces(a.places, b.places)
	ev[evAddressSame], ev[evAddressOther], w.addressA, w.addressB = t.weighPlaces(a.address, b.address)
	t.weighFathers(w, a, b)
	ev[evSchemaClash] = flag(clash(a, b))
	if a.Schema == "Vehicle" && b.Schema == "Vehicle" {
		t.weighVehicles(w, &a.vehicle, &b.vehicle)
	}
	if a.Sort == Address && b.Sort == Address {
		w.ev[evName], w.ev[evNameAgainst], w.ev[evNameWeak], w.ev[evNameRare], w.ev[evNameMore] = 0, 0, 0, 0, 0 // an address is its own name
		t.weighStreets(w)
	}
}

func cap32(n, limit int) float32 { return float32(min(n, limit)) }

func flag(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// clash says whether two schemata exclude each other. A LegalEntity may turn
// out to be a person, a Thing anything.
func clash(a, b *Entity) bool {
	if a.Sort == b.Sort || a.Sort == Thing || b.Sort == Thing || a.Schema == "LegalEntity" && b.Sort == Person || b.Schema == "LegalEntity" && a.Sort == Person {
		return a.Sort == Vehicle && a.Schema != b.Schema && a.Schema != "" && b.Schema != ""
	}
	return true
}

// nameFloor is the log-odds given to names without a word in common, and the
// least of others: among a hundred thousand people some share a birthday.
const nameFloor = -12

// weighNames looks for the pair of names that speaks most for the same in the
// model's weights, and for how many more agree.
func (t *tables) weighNames(w *witness, a, b *Entity) {
	if len(a.Names) == 0 || len(b.Names) == 0 {
		return
	}
	best := newBestName(t.entityModel(a, b))
	for i := range a.Names {
		for j := range b.Names {
			x, y := &a.Names[i], &b.Names[j]
			if best.weigh(w, a.Sort, b.Sort, t.nameOdds(x, y), x.Weak || y.Weak, i, j) {
				w.nameA, w.nameB = x, y
			}
		}
	}
	best.finish(w)
}

// bestName looks for the pair of names that says most. What it finds does not
// depend on the order in which pairs are shown.
type bestName struct {
	model          *entityModel
	total          float32
	agreeA, agreeB uint32 // names that agree with another
}

func newBestName(m *entityModel) bestName {
	return bestName{model: m, total: float32(math.Inf(-1))}
}

// weigh takes the i-th name of one entity and the j-th of the other. It
// reports whether they are the best pair so far.
func (best *bestName) weigh(w *witness, a, b Sort, l Likeness, weak bool, i, j int) bool {
	weak = weak || l.content < 2 && (a == Person || b == Person)
	odds := l.odds
	if odds > 0 && !weak {
		best.agreeA |= 1 << i
		best.agreeB |= 1 << j
	}
	var found [evNameRare - evName + 1]float32
	switch {
	case odds < 0:
		found[evNameAgainst-evName] = odds
	case weak:
		found[evNameWeak-evName] = odds
	default:
		found[0], found[evNameRare-evName] = odds, l.rare*min(odds/3, 1)
	}
	total, m := float32(0), best.model[evName:evNameRare+1]
	for k := range found {
		total += m[k] * found[k]
	}
	now := w.ev[evName : evNameRare+1]
	if total < best.total || total == best.total && slices.Compare(found[:], now) <= 0 {
		return false
	}
	best.total = total
	copy(now, found[:])
	return true
}

// finish counts the further pairs that agree.
func (best *bestName) finish(w *witness) {
	if more := min(popcount(best.agreeA), popcount(best.agreeB)); more > 1 {
		w.ev[evNameMore] = min(float32(math.Log2(float64(more))), 2)
	}
}

// nameOdds compares two names for weighing them.
func (t *tables) nameOdds(x, y *Name) Likeness {
	if after(x, y) {
		x, y = y, x
	}
	var al alignment
	t.align(&al, x, y)
	return t.likeness(&al)
}

// likeness sums up an alignment.
func (t *tables) likeness(al *alignment) Likeness {
	if al.n == 0 {
		return Nothing()
	}
	f := al.measure()
	l := Likeness{raw: float32(t.modelOf(al.a.sort).odds(&f))}
	for i := range al.n {
		l.rare += al.links[i].weight
	}
	l.odds, l.rare, l.content = min(max(l.raw, nameFloor), 5), min(l.rare, 3), min(al.a.solidWords(), al.b.solidWords())
	return l
}

// solidWords counts the words of a name that say something.
func (s *side) solidWords() int32 {
	count := int32(0)
	for _, t := range s.tokens() {
		if t.Weight > 0.3 {
			count++
		}
	}
	return count
}

// dateEvidence is the kind of evidence of each relation but the first.
var dateEvidence = [...]int{
	datesSame: evDateSame, datesAgree: evDateAgrees, datesWithin: evDateWithin, datesSlip: evDateSlip, datesNear: evDateNear,
	datesDiffer: evDateDiffers, datesFarAway: evDateFar,
}

func weighDates(w *witness, a, b *Entity) {
	relation, x, y := compareDates(a.begun, b.begun)
	w.dateA, w.dateB = x, y
	if relation != noDates {
		w.ev[dateEvidence[relation]] = 1
	}
	if relation == noDates {
		if r, x, y := compareDates(a.ended, b.ended); r >= datesDiffer {
			w.ev[evDateDiffers], w.dateA, w.dateB = 1, x, y
		}
	}
}

// weighPlaces compares two lists of places or addresses: 1 for the best pair
// that agrees, less when only the larger place does.
func (t *tables) weighPlaces(a, b []Name) (same, other float32, x, y *Name) {
	best := float32(-1)
	for i := range a {
		for j := range b {
			if s := t.placeShare(&a[i], &b[j]); s > best {
				best, x, y = s, &a[i], &b[j]
			}
		}
	}
	if x == nil {
		return 0, 0, nil, nil
	}
	same, other = placesAgree(best)
	return same, other, x, y
}

// placesAgree returns the evidence of a share of two places.
func placesAgree(share float32) (same, other float32) {
	switch {
	case share >= 0.45:
		return share, 0
	case share < 0.15:
		return 0, 1
	}
	return 0, 0
}

// placeShare is the share of the shorter of two addresses that the other has
// too, by weight; other numbers halve it, and a country alone says little.
func (t *tables) placeShare(a, b *Name) float32 {
	if after(a, b) {
		a, b = b, a
	}
	var al alignment
	t.align(&al, a, b)
	matched := float32(0)
	for i := range al.n {
		l := &al.links[i]
		matched += l.weight * max(0, 1-l.cost/3)
	}
	exA, exB := al.leftovers(&al.a, al.usedA), al.leftovers(&al.b, al.usedB)
	share := matched / max(matched+min(exA.weight, exB.weight), 0.8)
	if exA.numbers > 0 && exB.numbers > 0 {
		share *= 0.6
	}
	return min(share, 1)
}

// weighStreets looks at what keeps two addresses apart that agree in part: the
// town, the number.
func (t *tables) weighStreets(w *witness) {
	a, b := w.addressA, w.addressB
	if a == nil || b == nil || w.ev[evAddressSame] == 0 {
		return
	}
	if after(a, b) {
		a, b = b, a
	}
	var al alignment
	t.align(&al, a, b)
	exA, exB := al.leftovers(&al.a, al.usedA), al.leftovers(&al.b, al.usedB)
	w.ev[evNumberOther] = flag(exA.numbers > 0 && exB.numbers > 0)
	w.ev[evTownOther] = flag(exA.names >= 0.8 && exB.names >= 0.8)
}

func (t *tables) weighFathers(w *witness, a, b *Entity) {
	best := float32(math.Inf(-1))
	for i := range a.fathers {
		for j := range b.fathers {
			if odds := t.nameOdds(&a.fathers[i], &b.fathers[j]).odds; odds > best {
				best, w.fatherA, w.fatherB = odds, &a.fathers[i], &b.fathers[j]
			}
		}
	}
	if len(a.fathers) > 0 && len(b.fathers) > 0 {
		w.ev[evFatherSame], w.ev[evFatherOther] = flag(best > 0), flag(best < -1)
	}
}
