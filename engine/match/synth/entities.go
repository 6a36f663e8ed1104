// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

var (
	countries = strings.Fields("dk de gb us ru ua tr eg ir cn in ng br mx fr it es nl se pl")
	trades    = strings.Fields("trading logistics holding energy shipping invest construction foods metals textile")
	forms     = strings.Fields("ltd gmbh llc sa ooo as inc bv")
)

// Entity returns an invented entity of a list: four in five are persons, the
// others companies; some have aliases, birth dates and countries.
func (s *Source) Entity(id string) ftm.Entity {
	r := s.r
	e := ftm.Entity{ID: id, Schema: "Person", Extra: map[string]json.RawMessage{
		"datasets": json.RawMessage(fmt.Sprintf(`["list-%d"]`, r.IntN(8))),
	}}
	if r.IntN(5) == 0 {
		e.Schema = "Company"
		e.Add("name", strings.Join([]string{s.family.draw(), trades[r.IntN(len(trades))], forms[r.IntN(len(forms))]}, " "))
		e.Add("jurisdiction", countries[r.IntN(len(countries))])
		return e
	}
	given, family := s.given.draw(), s.family.draw()
	name := []string{given, family}
	if r.IntN(3) == 0 {
		name = []string{given, s.given.draw(), family}
	}
	e.Add("name", strings.Join(name, " "))
	if r.IntN(4) == 0 {
		e.Add("alias", s.given.draw()+" "+family)
	}
	if r.IntN(10) == 0 {
		e.Add("alias", Cyrillic(e.First("name")))
	}
	if r.IntN(2) == 0 {
		e.Add("birthDate", fmt.Sprintf("%04d-%02d-%02d", 1930+r.IntN(75), 1+r.IntN(12), 1+r.IntN(28)))
	}
	if r.IntN(2) == 0 {
		e.Add("country", countries[r.IntN(len(countries))])
	}
	return e
}

// AlterName writes a name down again as people do: with a slip or two, words
// in another order, a middle word left out or shortened to a letter, vowels
// heard otherwise.
func (s *Source) AlterName(name string) string {
	words := strings.Fields(name)
	slip := func() {
		longest := 0
		for i, w := range words {
			if len(w) > len(words[longest]) {
				longest = i
			}
		}
		at := longest
		if s.r.IntN(2) == 0 {
			at = s.r.IntN(len(words))
		}
		words[at] = s.Slip(words[at])
	}
	switch s.r.IntN(7) {
	case 0, 1:
		slip()
	case 2:
		slip()
		slip()
	case 3:
		words = append(words[len(words)-1:], words[:len(words)-1]...)
	case 4:
		if len(words) > 2 {
			words = append(words[:1], words[2:]...)
		} else {
			slip()
		}
	case 5:
		if len(words) > 2 {
			words[1] = words[1][:1]
		} else {
			slip()
		}
	default:
		at := s.r.IntN(len(words))
		words[at] = strings.NewReplacer("ai", "ay", "ou", "u", "ie", "i", "kh", "h", "y", "i").Replace(words[at])
	}
	return strings.Join(words, " ")
}

// toCyrillic spells what the syllables are made of, longest first.
var toCyrillic = strings.NewReplacer(
	"sh", "ш", "ch", "ч", "kh", "х", "ai", "ай", "ea", "еа", "ou", "у", "ie", "ие", "ng", "нг",
	"a", "а", "b", "б", "d", "д", "e", "е", "f", "ф", "g", "г", "h", "х", "i", "и", "j", "дж", "k", "к", "l", "л",
	"m", "м", "n", "н", "o", "о", "p", "п", "r", "р", "s", "с", "t", "т", "u", "у", "v", "в", "w", "в", "y", "й", "z", "з",
)

// Cyrillic spells an invented name in Cyrillic letters.
func Cyrillic(name string) string { return toCyrillic.Replace(name) }

// toArabic does so in Arabic letters, which leave short vowels out.
var toArabic = strings.NewReplacer(
	"sh", "ش", "ch", "تش", "kh", "خ", "ai", "اي", "ea", "ي", "ou", "و", "ie", "ي",
	"a", "ا", "b", "ب", "d", "د", "e", "", "f", "ف", "g", "غ", "h", "ه", "i", "ي", "j", "ج", "k", "ك", "l", "ل",
	"m", "م", "n", "ن", "o", "و", "p", "ب", "r", "ر", "s", "س", "t", "ت", "u", "و", "v", "ف", "w", "و", "y", "ي", "z", "ز",
)

// Arabic spells an invented name in Arabic letters.
func Arabic(name string) string { return toArabic.Replace(name) }
