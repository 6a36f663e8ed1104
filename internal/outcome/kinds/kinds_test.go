// SPDX-License-Identifier: AGPL-3.0-or-later

package kinds_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
)

func table(t testing.TB) *kinds.Table {
	t.Helper()
	tab, err := kinds.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestDecimalsAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "12": "12", "12.5": "12.5", "12,5": "12.5", "11,15": "11.15", "2,000,000": "2000000", "2.000.000": "2000000", "700 000": "700000",
		"700\u00a0000": "700000", "1.234,5": "1234.5", "1,234.50": "1234.50", "0.125": "0.125", "0,125": "0.125", ".5": "0.5", "1.1250": "1.1250", "-3": "-3", "1'000'000": "1000000",
		"1234.567": "1234.567", "007": "7",
	} {
		d, err := kinds.ParseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%q is %s (%v), want %s", text, d, err, want)
		}
	}
	for text, hint := range map[string]string{
		"": "Write a number", "abc": "digits", "1,250": "Write 1250 for the large number, 1.2500 for the small one", "2.000": "two ways", "1,2,3": "don't fit",
		"1.2.3": "don't fit", "1e3": "digits", "٣": "digits", "1.234.5": "don't fit", "12345678901234567890": "digits", "1,,000": "don't fit", "--1": "digits", ".": "not a number",
	} {
		_, err := kinds.ParseDecimal(text)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.PublicOf(err), hint) {
			t.Errorf("%q: %v, want a hint with %q", text, err, hint)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"1", "1.5", "1,234,567.89", "-0", "1 000", "1.000", "'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := kinds.ParseDecimal(s)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again, err := kinds.ParseDecimal(d.String() + map[bool]string{true: "0", false: ""}[d.Scale == 3])
		if err != nil || again.Cmp(d) != 0 {
			t.Fatalf("%q reads as %s, which reads as %s (%v)", s, d, again, err)
		}
	})
}

func TestUnitsAreExact(t *testing.T) {
	tab := table(t)
	for _, c := range []struct {
		n, unit string
		want    int64
	}{
		{"1", "g", 1e6}, {"2.5", "kg", 2.5e9}, {"1", "t", 1e12}, {"1", "lb", 453592370}, {"8", "oz", 226796185}, {"1", "oz", 28349523}, {"2", "oz", 56699046}, {"0.5", "ml", 500}, {"3", "person", 3},
	} {
		u, _ := tab.Unit(c.unit)
		d, err := kinds.ParseDecimal(c.n)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := u.Count(d); err != nil || got != c.want {
			t.Errorf("%s %s = %d (%v), want %d", c.n, c.unit, got, err, c.want)
		}
	}
	u, _ := tab.Unit("t")
	if _, err := u.Count(kinds.Decimal{Unscaled: 999_999_999_999_999}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a mountain of drugs: %v", err)
	}
}

// A count is never further from the exact product than half a base unit, and
// what a whole unit counts reads back as it was.
func TestCountsAreTheNearest(t *testing.T) {
	tab := table(t)
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.SampledFrom(tab.Units).Draw(t, "unit")
		d := kinds.Decimal{Unscaled: rapid.Int64Range(0, 1e9).Draw(t, "n"), Scale: rapid.IntRange(0, 4).Draw(t, "scale")}
		n, err := u.Count(d)
		if err != nil {
			t.Skip("too large")
		}
		base, _ := new(big.Rat).SetString(u.Base)
		off := new(big.Rat).Sub(new(big.Rat).Mul(d.Rat(), base), new(big.Rat).SetInt64(n))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%s %s is off by %s", d, u.Code, off)
		}
	})
}

func TestCurrenciesAreThoseOfTheirDay(t *testing.T) {
	money := table(t).Money
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct{ code, day, hint string }{
		{"NZD", "2019-12-01", ""},
		{" dkk ", "2026-01-01", ""},
		{"DEM", "2001-05-01", ""},
		{"DEM", "2019-01-01", "withdrawn on 2002-02-28"},
		{"NZ$", "2019-12-01", "NZD"},
		{"EURO", "2019-01-01", "EUR"},
		{"DDK", "2019-01-01", "DKK"},
		{"", "2019-01-01", "Did you mean"},
		{"XAU", "2019-01-01", "Did you mean"},
		{"GPB", "2019-01-01", "GBP"},
	} {
		_, err := money.On(c.code, day(c.day))
		if (err == nil) != (c.hint == "") || err != nil && !strings.Contains(fault.PublicOf(err), c.hint) {
			t.Errorf("%q on %s: %v, want %q", c.code, c.day, err, c.hint)
		}
	}
	yen, _ := money.Find("JPY")
	if _, err := yen.Amount(kinds.Decimal{Unscaled: 15, Scale: 1}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("half a yen: %v", err)
	}
	dinar, _ := money.Find("BHD")
	if n, err := dinar.Amount(kinds.Decimal{Unscaled: 15, Scale: 1}); err != nil || n != 1500 || dinar.Of(n).String() != "1.500" {
		t.Errorf("a dinar and a half: %d, %v", n, err)
	}
}

const ownKinds = `{"version":"own-1","source":"ours","kinds":[{"code":"laptops","name":{"en":"Laptops","da":"Bærbare","ar":"حواسيب"},"group":"seized",
	"dimension":"piece","units":["piece"],"value":"optional","ask_above":"100"}]}`

func TestAnOperatorAddsKindsWithoutCode(t *testing.T) {
	tab, err := kinds.Load(strings.NewReader(ownKinds))
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := tab.Kind("laptops"); !ok || k.Name.In("da") != "Bærbare" || tab.Version != "own-1" {
		t.Errorf("the operator's kind: %+v", k)
	}
	for name, c := range map[string]struct{ old, by, hint string }{
		"one that is there": {`"laptops"`, `"cash"`, `"cash" stands there twice`}, "no such unit": {`["piece"]`, `["gross"]`, `no unit "gross"`},
		"no name": {`"ar":"حواسيب"`, `"ar":""`, "no name in ar"}, "a strange field": {`"group"`, `"colour":"red","group"`, "colour"}, "a word for value": {`"optional"`, `"maybe"`, "maybe"},
		"no quantity and no value": {`"dimension":"piece","units":["piece"],`, ``, "neither a quantity nor a value"}, "no such group": {`"seized"`, `"stolen"`, "no group"},
	} {
		if _, err := kinds.Load(strings.NewReader(strings.Replace(ownKinds, c.old, c.by, 1))); err == nil || !strings.Contains(err.Error(), c.hint) {
			t.Errorf("%s: %v, want %q", name, err, c.hint)
		}
	}
}

func TestTotalsAreShownInAUnitThatFits(t *testing.T) {
	tab := table(t)
	for _, c := range []struct {
		dimension string
		base      int64
		want      string
	}{{"mass", 0, "0 ug"}, {"mass", 2_500_000, "2.5 g"}, {"mass", 3_250_000_000, "3.25 kg"}, {"mass", 4e12, "4 t"}, {"piece", 2_700_000, "2700000 piece"}, {"volume", 1500, "1.5 ml"}} {
		u := tab.Shown(c.dimension, c.base)
		if got := u.Of(c.base).String() + " " + u.Code; got != c.want {
			t.Errorf("%d of %s is %s, want %s", c.base, c.dimension, got, c.want)
		}
	}
}
