// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

var update = flag.Bool("update", false, "write the golden files anew")

// facts are values that any two entities may have.
var facts = map[string][]string{
	"birthDate": {"1970", "1970-05-02", "1970-02-05", "1984-11-30", "circa 1969", "1960-1975"}, "nationality": {"de", "ru", "Norway"},
	"gender": {"male", "female"}, "birthPlace": {"Harnleigh", "Kirchmoos, Germany"}, "address": {"Mill Street 4, Harnleigh", "Hafenstraße 9, Neuhafen"},
	"passportNumber": {"K1234567", "L7654321"}, "phone": {"+49 30 1234567"}, "fatherName": {"Omar", "Pavel"}, "leiCode": {"529900T8BM49AURSDO55"},
	"alias": {"Anna Berg", "Анна Берг", "Ann B.", "A. Mountain"},
}

func anyPerson(t *rapid.T, label string) ftm.Entity {
	e := ftm.Entity{ID: label, Schema: rapid.SampledFrom([]string{"Person", "LegalEntity", "Company"}).Draw(t, label+" schema")}
	e.Add("name", rapid.SampledFrom([]string{"Anna Berg", "Hanna Bergh", "Zoltan Kiss", "Berg Handels GmbH", ""}).Draw(t, label+" name"))
	for _, prop := range slices.Sorted(maps.Keys(facts)) { // in one order, so that a failure can be drawn again
		values := facts[prop]
		if rapid.Bool().Draw(t, label+prop) {
			e.Add(prop, rapid.SampledFrom(values).Draw(t, label+prop+" value"))
		}
	}
	return e
}

func score(a, b ftm.Entity) float64 {
	x, y := match.PrepareEntity(&a), match.PrepareEntity(&b)
	return match.Score(&x, &y)
}

func TestComparingEntitiesIsSymmetricAndExplained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyPerson(t, "a"), anyPerson(t, "b")
		s := score(a, b)
		if other := score(b, a); s != other || !(s >= 0 && s <= 1) {
			t.Fatalf("%v one way, %v the other", s, other)
		}
		x, y := match.PrepareEntity(&a), match.PrepareEntity(&b)
		r := match.Compare(&x, &y)
		odds := 0.0
		for _, f := range r.Features {
			odds += f.Weight
		}
		if got := 1 / (1 + math.Exp(-odds)); math.Abs(got-s) > 1e-4 || r.Score != s {
			t.Fatalf("features add up to %v, the score is %v", got, s)
		}
	})
}

func TestAnAgreeingFactNeverLowersTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyPerson(t, "a"), anyPerson(t, "b")
		before := score(a, b)
		prop := rapid.SampledFrom([]string{"birthDate", "nationality", "gender", "birthPlace", "address", "passportNumber", "phone", "leiCode", "fatherName", "alias"}).Draw(t, "fact")
		value := rapid.SampledFrom(facts[prop]).Draw(t, "value")
		a.Add(prop, value)
		b.Add(prop, value)
		if after := score(a, b); after < before-1e-6 {
			t.Fatalf("%v before, %v with the same %s %q on both sides", before, after, prop, value)
		}
	})
}

func TestMissingIsNotDifferent(t *testing.T) {
	full := ftm.Entity{Schema: "Person", Properties: map[string][]string{"name": {"Anna Berg"}, "birthDate": {"1970-05-02"}, "nationality": {"de"}, "gender": {"female"}}}
	bare := ftm.Entity{Schema: "Person", Properties: map[string][]string{"name": {"Anna Berg"}}}
	other := ftm.Entity{Schema: "Person", Properties: map[string][]string{"name": {"Anna Berg"}, "birthDate": {"1991-08-20"}}}
	if score(bare, full) != score(bare, bare) {
		t.Error("facts that one side lacks change the score")
	}
	if !(score(full, full) > score(bare, full) && score(bare, full) > score(other, full)) {
		t.Error("the same, unknown and another birth date don't fall in this order")
	}
}

func TestIdentifiersDecide(t *testing.T) {
	company := func(prop, id, name string) ftm.Entity {
		e := ftm.Entity{Schema: "Company"}
		e.Add("name", name)
		e.Add(prop, id)
		return e
	}
	for _, prop := range []string{"leiCode", "innCode", "ogrnCode"} {
		if s := score(company(prop, "7700123456", "Severny Veter"), company(prop, "77 00 123456", "Северный Ветер ООО")); s < 0.95 {
			t.Errorf("%s the same: %.3f", prop, s)
		}
		if s := score(company(prop, "7700123456", "Zarya LLC"), company(prop, "7800654321", "Zarya LLC")); s >= match.Threshold {
			t.Errorf("%s differs: %.3f", prop, s)
		}
	}
	ship := func(imo string) ftm.Entity {
		return ftm.Entity{Schema: "Vessel", Properties: map[string][]string{"name": {"Hellenic Dawn"}, "imoNumber": {imo}}}
	}
	if s := score(ship("IMO9904699"), ship("9904699")); s < 0.95 {
		t.Errorf("the same ship: %.3f", s)
	}
	if s := score(ship("IMO9904699"), ship("IMO9842205")); s >= match.Threshold {
		t.Errorf("another ship: %.3f", s)
	}
}

// TestGoldenExplanations shows what an analyst reads. The signs and the order
// are kept, not the weights, so that learning anew doesn't rewrite the files.
func TestGoldenExplanations(t *testing.T) {
	person := func(props ...string) ftm.Entity {
		e := ftm.Entity{Schema: "Person"}
		for i := 0; i < len(props); i += 2 {
			e.Add(props[i], props[i+1])
		}
		return e
	}
	for name, pair := range map[string][2]ftm.Entity{
		"agreeing_person": {
			person("name", "Katharina M. Osterwald", "birthDate", "1971-03-04", "nationality", "at", "passportNumber", "P1234567"),
			person("name", "OSTERWALD, Katharina", "birthDate", "1971-04-03", "nationality", "at", "passportNumber", "p 123 4567"),
		},
		"namesake": {
			person("name", "Ivan Petrovich Sokolov", "birthDate", "1956", "gender", "male", "birthPlace", "Kamnegorsk"),
			person("name", "Иван Петрович Соколов", "birthDate", "1990-10-10", "gender", "male", "birthPlace", "Novorechye"),
		},
		"tip": {
			person("name", "Big Dave M.", "ageText", "about 40", "describedAt", "2025", "address", "above the chip shop on Mill Street"),
			person("name", "David Miller", "birthDate", "1986-01-09", "address", "12 Mill Street, Harnleigh"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := match.PrepareEntity(&pair[0]), match.PrepareEntity(&pair[1])
			golden(t, filepath.Join("testdata", "explain", name+".golden"), explanation(match.Compare(&a, &b)))
		})
	}
}

func explanation(r match.Result) string {
	var out strings.Builder
	fmt.Fprintf(&out, "match %v\n", r.Match)
	lines := func(list []match.Feature, indent string) {
		for _, f := range list {
			sign := "+"
			if f.Weight < 0 {
				sign = "-"
			}
			fmt.Fprintf(&out, "%s%s %s: %q, %q: %s\n", indent, sign, f.Name, f.Left, f.Right, f.Note)
		}
	}
	for _, f := range r.Features {
		lines([]match.Feature{f}, "")
		lines(f.Parts, "    ")
	}
	return out.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", file, got, want)
	}
}
