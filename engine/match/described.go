// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// ageRange is a span of years of age.
type ageRange struct{ low, high int16 }

func (t *tables) loadAges() error {
	t.ages = map[string]ageRange{}
	return each("ages.csv", 3, func(row []string) error {
		low, err := strconv.ParseInt(row[1], 10, 16)
		if err != nil {
			return err
		}
		high, err := strconv.ParseInt(row[2], 10, 16)
		if err != nil {
			return err
		}
		t.ages[t.key(row[0], Thing)] = ageRange{int16(low), int16(high)}
		return nil
	})
}

// ageSlack is how far people are off when they guess an age.
const ageSlack = 3

// parseAge reads an age as people describe it: "about 30", "in his thirties",
// "mid 40s", "Anfang dreißig", "entre 28 y 33". Words that it doesn't know
// change nothing; a text without a number or a time of life is no age.
func (t *tables) parseAge(text string) (ageRange, bool) {
	var numbers []int16
	words := splitWords(clip(text, 200), Thing)
	decade := false
	for _, w := range words {
		if r, ok := t.ages[w.native]; ok {
			return narrow(words, r), true
		}
		digits := strings.TrimRight(w.native, "sяйе'abcdefghijklmnopqrtuvwxyzабвгджзиклмнопрстуфхцчшщ")
		digits = strings.TrimLeft(digits, "ال")
		if n, ok := numberOf(digits, Person, 0, 1); ok && n < 120 {
			decade = decade || strings.HasSuffix(w.native, "s") && n%10 == 0
			numbers = append(numbers, int16(n))
		} else if p, ok := t.org[w.native]; ok && p.kind.Has(Number) && p.class < 120 {
			numbers = append(numbers, int16(p.class))
		}
	}
	switch {
	case len(numbers) == 0:
		return ageRange{}, false
	case decade:
		return narrow(words, ageRange{numbers[0], numbers[0] + 9}), true
	case len(numbers) > 1 && numbers[1] > numbers[0]:
		return ageRange{numbers[0] - 1, numbers[1] + 1}, true
	case numbers[0]%10 == 0 && part(words) != 0:
		return narrow(words, ageRange{numbers[0], numbers[0] + 9}), true
	}
	return ageRange{numbers[0] - ageSlack, numbers[0] + ageSlack}, true
}

// narrow takes the part of a decade that words like "early" and "Mitte" mean,
// and a year around it: nobody guesses that well.
func narrow(words []word, r ageRange) ageRange {
	switch part(words) {
	case 'e':
		return ageRange{r.low - 1, r.low + 4}
	case 'm':
		return ageRange{r.low + 2, r.low + 7}
	case 'l':
		return ageRange{r.low + 5, r.high + 1}
	}
	return r
}

// part says which part of a decade a text means: e(arly), m(id), l(ate) or 0.
func part(words []word) byte {
	for _, w := range words {
		switch w.native {
		case "early", "anfang", "principios", "début", "inizio", "начало":
			return 'e'
		case "mid", "middle", "mitte", "mediados", "milieu", "metà", "середина":
			return 'm'
		case "late", "ende", "finales", "fin", "fine", "конец":
			return 'l'
		}
	}
	return 0
}

// describedBirths turns ages that a tip tells into spans of birth years. The
// year in which the age was true is describedAt, or when the entity was made;
// without one an age says nothing.
func (t *tables) describedBirths(e *ftm.Entity) []date {
	var out []date
	for _, prop := range []string{"describedAt", "createdAt", "retrievedAt", "modifiedAt"} {
		at, ok := parseDate(e.First(prop))
		if !ok {
			continue
		}
		for _, prop := range []string{"ageText", "age"} {
			for _, text := range e.Get(prop) {
				if r, ok := t.parseAge(text); ok && len(out) < maxDates {
					out = append(out, date{year: at.last - r.high - 1, last: at.year - r.low})
				}
			}
		}
		return out
	}
	return nil
}

func (t *tables) loadSlang() error {
	t.slang = map[string]string{}
	return each("slang.csv", 2, func(row []string) error {
		t.slang[t.key(row[0], Thing)] = strings.Clone(row[1])
		return nil
	})
}

// substanceNames adds to the names of a substance the one that the table knows
// it by: "Schnee" is cocaine.
func (t *tables) substanceNames(names []Name) []Name {
	for i := range names {
		known, ok := t.slang[t.key(names[i].Raw, Thing)]
		if !ok {
			continue
		}
		n := t.prepare(Thing, known)
		n.Raw = names[i].Raw
		names[i] = n // the slang word itself means too many things
	}
	return names
}
