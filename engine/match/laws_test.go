// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/match"
)

// parts are words of names in many scripts, for laws to put together.
var parts = []string{
	"Mohammed", "Мухаммад", "محمد", "bin", "al", "Salman", "سلمان", "von", "der", "Müller", "Мюллер", "J.", "Jean-Claude", "O'Neill",
	"Kim", "김정은", "习近平", "Παπαδόπουλος", "גולדשטיין", "შევარდნაძე", "Օբամա", "नरेन्द्र", "GmbH", "LLC", "ООО", "Trading", "12", "XIV",
	"Vladimirovich", "Dr", "the", "&", "С0m", "\u202e", "Ltd", "株式会社", "Bank", "of", "China",
}

func anyName(t *rapid.T, label string) match.Name {
	schema := rapid.SampledFrom([]string{"Person", "Company", "Vessel", "LegalEntity"}).Draw(t, label+" schema")
	if rapid.Bool().Draw(t, label+" wild") {
		return match.Prepare(schema, rapid.String().Draw(t, label))
	}
	return match.Prepare(schema, strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 7).Draw(t, label), " "))
}

func TestComparingNamesIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyName(t, "a"), anyName(t, "b")
		ab, ba := match.ScoreNames(&a, &b), match.ScoreNames(&b, &a)
		if ab != ba {
			t.Fatalf("%q and %q: %v one way, %v the other", a.Raw, b.Raw, ab, ba)
		}
		if ab < 0 || ab > 1 {
			t.Fatalf("%q and %q: score %v", a.Raw, b.Raw, ab)
		}
	})
}

func TestNameEqualsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyName(t, "a")
		if s := match.ScoreNames(&a, &a); len(a.Tokens) > 0 && s < match.Threshold {
			t.Fatalf("%q (%v) and itself: %v", a.Raw, a.Tokens, s)
		}
	})
}

func TestBadNamesTakeBoundedTime(t *testing.T) {
	for _, name := range []string{
		"", " ", "a", "\x00", "\xff\xfe", strings.Repeat("a", 1<<20), strings.Repeat("a ", 1<<19), strings.Repeat("é", 1<<19),
		strings.Repeat("\u0301", 1<<16), strings.Repeat("x\u202e", 1<<16), strings.Repeat("ab cd ", 1<<18),
	} {
		a := match.Prepare("Person", name)
		b := match.Prepare("Person", "x"+name)
		if len(a.Tokens) > match.MaxTokens || len(a.Raw) > match.MaxNameBytes {
			t.Errorf("a name of %d bytes gives %d tokens of %d bytes", len(name), len(a.Tokens), len(a.Raw))
		}
		match.ScoreNames(&a, &b)
	}
}

func FuzzCompareNames(f *testing.F) {
	f.Add("Person", "Mohammed bin Salman", "محمد بن سلمان")
	f.Add("Company", "Gazprom OAO", "ПАО \"Газпром\"")
	f.Add("Vessel", "MV Hellenic Spirit II", "IMO 1234")
	f.Fuzz(func(t *testing.T, schema, left, right string) {
		a, b := match.Prepare(schema, left), match.Prepare(schema, right)
		if s := match.ScoreNames(&a, &b); !(s >= 0 && s <= 1) || s != match.ScoreNames(&b, &a) {
			t.Errorf("%q, %q: score %v", left, right, s)
		}
	})
}

func TestExplanationAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyName(t, "a"), anyName(t, "b")
		r := match.CompareNames(&a, &b)
		odds := 0.0
		for _, f := range r.Features {
			odds += f.Weight
		}
		if got := 1 / (1 + math.Exp(-odds)); math.Abs(got-r.Score) > 1e-4 {
			t.Fatalf("%q and %q: features add up to %v, the score is %v: %+v", a.Raw, b.Raw, got, r.Score, r.Features)
		}
	})
}
