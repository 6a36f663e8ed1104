// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// numbering keeps each distinct word once, as an index does.
type numbering struct {
	numbers map[string]uint32
	tokens  []*match.Token
}

func (n *numbering) words(name *match.Name) match.Words {
	w := match.Words{Sort: name.Sort, Weak: name.Weak}
	for i := range name.Tokens {
		one := match.Name{Tokens: name.Tokens[i : i+1]}
		key := string(one.AppendTo(nil))
		if _, ok := n.numbers[key]; !ok {
			n.numbers[key] = uint32(len(n.tokens))
			n.tokens = append(n.tokens, &name.Tokens[i])
		}
		w.Numbers = append(w.Numbers, n.numbers[key])
		w.Tokens = append(w.Tokens, n.tokens[n.numbers[key]])
	}
	return w
}

// TestScoringAgainstManyIsScoring holds Against to Score and ScoreNames, of
// which it must give the very numbers.
func TestScoringAgainstManyIsScoring(t *testing.T) {
	entity := func(t *rapid.T, label string) match.Entity {
		e := ftm.Entity{ID: label, Schema: rapid.SampledFrom([]string{"Person", "Company", "LegalEntity", "Vessel"}).Draw(t, label+" schema")}
		for range rapid.IntRange(0, 3).Draw(t, label+" names") {
			name := anyName(t, label)
			e.Add(rapid.SampledFrom([]string{"name", "alias", "weakAlias"}).Draw(t, label+" prop"), name.Raw)
		}
		add := func(prop string, values ...string) {
			if v := rapid.SampledFrom(append(values, "")).Draw(t, label+" "+prop); v != "" {
				e.Add(prop, v)
			}
		}
		add("birthDate", "1960-02-03", "1960", "1960-03-02", "1971-05-01", "about 1960")
		add("deathDate", "2001-01-05", "2011")
		add("country", "dk", "ru", "Germany")
		add("nationality", "dk", "fr")
		add("gender", "male", "female")
		add("passportNumber", "AB123456", "CD654321")
		add("leiCode", "529900T8BM49AURSDO55", "529900ODI3047E2LIV03")
		return match.PrepareEntity(&e)
	}
	var against match.Against
	var facts match.Entity
	rapid.Check(t, func(t *rapid.T) {
		asked := entity(t, "asked")
		number := numbering{numbers: map[string]uint32{}}
		against.Ask(&asked)
		if !against.Plain() {
			t.Fatal("an entity of names, dates, countries and identifiers is not plain")
		}
		for range 3 {
			other := entity(t, "other")
			var found []match.Likeness
			var weak []bool
			for j := range other.Names {
				weak = append(weak, other.Names[j].Weak)
			}
			for i := range asked.Names {
				for j := range other.Names {
					words := number.words(&other.Names[j])
					l := against.Name(i, &words)
					if want := match.ScoreNames(&asked.Names[i], &other.Names[j]); l.Score() != want {
						t.Fatalf("%q and %q: %v, not %v", asked.Names[i].Raw, other.Names[j].Raw, l.Score(), want)
					}
					found = append(found, l)
				}
			}
			if err := facts.SetFacts(other.AppendFacts(nil)); err != nil {
				t.Fatal(err)
			}
			if got, want := against.Score(&facts, found, weak), match.Score(&asked, &other); got != want {
				t.Fatalf("%v and %v: %v, not %v", asked, other, got, want)
			}
		}
	})
}

func FuzzSetFacts(f *testing.F) {
	e := ftm.Entity{Schema: "Person"}
	e.Add("birthDate", "1960-02-03")
	e.Add("country", "dk")
	e.Add("passportNumber", "AB123456")
	ready := match.PrepareEntity(&e)
	f.Add(ready.AppendFacts(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, stored []byte) {
		var e match.Entity
		if e.SetFacts(stored) != nil {
			return
		}
		var again match.Entity
		if err := again.SetFacts(e.AppendFacts(nil)); err != nil {
			t.Errorf("what was read can't be written and read again: %v", err)
		}
	})
}

// TestWawIsAVowelOrAConsonant: what Arabic writes with one letter, Latin writes
// as u, o, w or v.
func TestWawIsAVowelOrAConsonant(t *testing.T) {
	for _, c := range [][2]string{{"Nawaf Swaidan", "نواف سويدان"}, {"Marwan Awad", "مروان عواد"}, {"Mahmoud Nour", "محمود نور"}, {"David Levi", "דוד לוי"}} {
		a, b := match.Prepare("Person", c[0]), match.Prepare("Person", c[1])
		if s := match.ScoreNames(&a, &b); s < match.Threshold {
			t.Errorf("%s and %s: %.3f", c[0], c[1], s)
		}
	}
}
