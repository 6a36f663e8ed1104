// SPDX-License-Identifier: Apache-2.0

package match

// Words are a name's words without its text: what comparing needs. An index
// that keeps each distinct word once puts names together from them. Numbers
// tell the words apart: equal numbers must mean the same Token.
type Words struct {
	Sort    Sort
	Weak    bool
	Tokens  []*Token // MaxTokens at most
	Numbers []uint32 // of the tokens
}

// Likeness is what comparing two names says; Against makes it and takes it.
type Likeness struct {
	odds, raw float32 // bounded, and as they are
	rare      float32
	content   int32 // words that say something, of the name that has fewer
	none      bool  // no word in common
}

// Nothing is what comparing says of names without a word in common.
func Nothing() Likeness { return Likeness{odds: nameFloor, none: true} }

// Score is that of ScoreNames.
func (l Likeness) Score() float64 {
	if l.none {
		return 0
	}
	return sigmoid(float64(l.raw))
}

// Odds are the log-odds of Score.
func (l Likeness) Odds() float64 {
	if l.none {
		return noOdds
	}
	return float64(l.raw)
}

// Against scores one entity against many whose words are numbered. What was
// found out about two words is kept, so that a word that many share is compared
// once. Its scores are those of ScoreNames and Score. It is for one goroutine;
// its zero value is ready for Ask.
type Against struct {
	entity *Entity
	known  related
	al     alignment
}

// Ask makes e the entity to score against. It keeps e until the next Ask. The
// numbers of words may mean others from now on.
func (g *Against) Ask(e *Entity) {
	g.entity = e
	g.known.forget()
}

// Name compares the i-th name of the asked entity with another name.
func (g *Against) Name(i int, other *Words) Likeness {
	asked := &g.entity.Names[i]
	if len(asked.Tokens) == 0 || len(other.Tokens) == 0 {
		return Nothing()
	}
	t := loaded()
	al := &g.al
	al.n, al.usedA, al.usedB, al.known = 0, 0, 0, &g.known
	x, y := &al.a, &al.b
	if al.flipped = afterWords(asked, other); al.flipped {
		x, y = y, x
	}
	x.of(asked)
	x.name = nil
	y.name, y.sort, y.n = nil, other.Sort, copy(y.words[:], other.Tokens)
	g.known.row, g.known.numbers = uint64(i*MaxTokens), other.Numbers
	t.alignSides(al)
	return t.likeness(al)
}

// Plain reports whether the asked entity is known by names, dates, countries,
// gender and identifiers alone, which is all that Score can weigh.
func (g *Against) Plain() bool {
	e := g.entity
	return len(e.places) == 0 && len(e.address) == 0 && len(e.fathers) == 0 && e.Schema != "Vehicle" && e.Sort != Address
}

// Score is Score of the asked entity and other, of which Facts are known and
// whose names were compared: names[i*m+j] is what Name said of the asked
// entity's i-th name and the other's j-th of m, and weak says which of these
// are weak aliases. The asked entity must be Plain.
func (g *Against) Score(other *Entity, names []Likeness, weak []bool) float64 {
	t := loaded()
	var w witness
	w.ev[evBias] = 1
	m := t.entityModel(g.entity, other)
	if len(names) > 0 {
		best := newBestName(m)
		for i := range g.entity.Names {
			for j := range weak {
				best.weigh(&w, g.entity.Sort, other.Sort, names[i*len(weak)+j], g.entity.Names[i].Weak || weak[j], i, j)
			}
		}
		best.finish(&w)
	}
	t.weighFacts(&w, g.entity, other)
	return sigmoid(m.odds(&w.ev))
}

// NameOdds is what a name of an entity of a sort adds to the log-odds of Score,
// with what these are before any evidence.
func (g *Against) NameOdds(other Sort, l Likeness, weak bool) float64 {
	m := &loaded().entityModels[modelNumber(g.entity.Sort, other)]
	z := m[evBias]
	switch {
	case l.odds < 0:
		z += m[evNameAgainst] * l.odds
	case weak || l.content < 2 && (g.entity.Sort == Person || other == Person):
		z += m[evNameWeak] * l.odds
	default:
		z += m[evName]*l.odds + m[evNameRare]*l.rare*min(l.odds/3, 1)
	}
	return float64(z)
}

// DateOdds is what a day adds on which an entity of a sort was born or founded.
func (g *Against) DateOdds(other Sort, day Day) float64 {
	if day == 0 || len(g.entity.begun) == 0 {
		return 0
	}
	d, best := day.date(), datesFarAway
	for _, own := range g.entity.begun {
		best = min(best, relateDates(own, d))
	}
	return float64(loaded().entityModels[modelNumber(g.entity.Sort, other)][dateEvidence[best]])
}

// MostFacts is the most that a date and a country can add; without same, the
// date is known and another than the asked one.
func (g *Against) MostFacts(same bool) (date, country float64) {
	for i := range loaded().entityModels {
		m := &loaded().entityModels[i]
		if len(g.entity.begun) > 0 {
			date = max(date, float64(max(m[evDateSlip], m[evDateNear])))
			if same {
				date = max(date, float64(max(m[evDateSame], m[evDateAgrees], m[evDateWithin])))
			}
		}
		if len(g.entity.Countries) > 0 {
			country = max(country, float64(m[evCountrySame]))
		}
	}
	return date, country
}

// CountryOdds is what it adds that an entity of a sort has a country in common
// with the asked one, or has none.
func (g *Against) CountryOdds(other Sort, common bool) float64 {
	m := &loaded().entityModels[modelNumber(g.entity.Sort, other)]
	if common {
		return float64(m[evCountrySame])
	}
	return float64(m[evCountryOther])
}

// Day is a day as far as it is known: a year, or a year and a month, or all; 0
// is an unknown one.
type Day uint32

func (d Day) date() date {
	year := int16(d >> 9)
	return date{year: year, last: year, month: int8(d >> 5 & 15), day: int8(d & 31)}
}

// Whole reports whether the day itself is known; the first of January often
// stands for an unknown one.
func (d Day) Whole() bool { return d&31 != 0 && d&(1<<9-1) != 1<<5|1 }

// Begun returns the days on which the entity may have been born or founded, as
// far as they are exact.
func (e *Entity) Begun() []Day {
	var out []Day
	for _, d := range e.begun {
		if d.year == d.last && d.year > 0 {
			out = append(out, Day(d.year)<<9|Day(d.month)<<5|Day(d.day))
		}
	}
	return out
}

// related keeps what was found out about the words of the asked entity and
// numbered words of others. A slot that two pairs share keeps the later one.
type related struct {
	slots   []pair
	epoch   uint64
	row     uint64   // of the asked name's first word
	numbers []uint32 // of the other name's words
}

// pair is what two words are to each other.
type pair struct {
	key      uint64
	link     link
	same     bool
	compared bool // whether link and holds are known
	holds    bool // the link
}

// relatedSlots is how many pairs of words are kept; a power of two.
const relatedSlots = 1 << 12

func (r *related) forget() {
	if r.slots == nil {
		r.slots = make([]pair, relatedSlots)
	}
	if r.epoch++; r.epoch >= 1<<19 {
		clear(r.slots)
		r.epoch = 1
	}
}

// pair returns what is known of the i-th word of a and the j-th of b.
func (t *tables) pair(al *alignment, i, j int) *pair {
	r := al.known
	asked, other := i, j
	if al.flipped {
		asked, other = j, i
	}
	// Of two names, the sort of the first decides how words are compared.
	key := r.epoch<<45 | (r.row+uint64(asked))<<35 | uint64(al.a.sort)<<32 | uint64(r.numbers[other])
	p := &r.slots[(key*0x9e3779b97f4a7c15)>>52]
	if p.key != key {
		p.key, p.same, p.compared = key, sameWord(al.a.words[i], al.b.words[j]), false
	}
	return p
}

// same reports whether the i-th word of a is the j-th of b.
func (t *tables) same(al *alignment, i, j int) bool {
	if al.known != nil {
		return t.pair(al, i, j).same
	}
	return sameWord(al.a.words[i], al.b.words[j])
}

// related says how the i-th word of a stands to the j-th of b.
func (t *tables) related(al *alignment, i, j int) (link, bool) {
	if al.known != nil {
		p := t.pair(al, i, j)
		if !p.compared {
			p.compared = true
			p.link, p.holds = t.relate(al.a.words[i], al.b.words[j], al.a.sort)
		}
		return p.link, p.holds
	}
	return t.relate(al.a.words[i], al.b.words[j], al.a.sort)
}
