// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
)

var today = outcome.DayOf(time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC))

func drugs() outcome.Entry {
	return outcome.Entry{
		Kind: "drugs", Date: "2026-10-01", By: "Customs", Quantity: "2.5", Unit: "kg", Of: "cocaine", Value: "900000", Currency: "DKK", ValueSource: "street prices 2026",
		Details: map[string]string{"purity": "71,5"},
	}
}

func TestAnEntryIsReadExactly(t *testing.T) {
	tab, err := kinds.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	o, err := outcome.Read(tab, drugs(), today)
	if err != nil {
		t.Fatal(err)
	}
	if o.Quantity.Base != 2_500_000_000 || o.Value.Minor != 90_000_000 || o.Value.Day != o.Day || o.Details["purity"] != "71.5" || o.Of != "cocaine" {
		t.Errorf("read as %+v %+v %+v", o, o.Quantity, o.Value)
	}
}

// Bad input is refused with its field and with what would be right.
func TestBadEntriesAreRefusedWithWhatWouldBeRight(t *testing.T) {
	tab, err := kinds.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change      func(e *outcome.Entry)
		field, hint string
	}{
		"no such kind":           {func(e *outcome.Entry) { e.Kind = "arests" }, "kind", "There are: arrest"},
		"a currency that is not": {func(e *outcome.Entry) { e.Currency = "DDK" }, "currency", "Did you mean DKK"},
		"a withdrawn currency":   {func(e *outcome.Entry) { e.Currency = "DEM" }, "currency", "withdrawn on 2002-02-28"},
		"a weight of pieces":     {func(e *outcome.Entry) { e.Unit = "person" }, "unit", "Use one of: g, kg"},
		"no unit":                {func(e *outcome.Entry) { e.Unit = "" }, "unit", "Use one of"},
		"a negative weight":      {func(e *outcome.Entry) { e.Quantity = "-2" }, "quantity", "withdraw it"},
		"a weight of nothing":    {func(e *outcome.Entry) { e.Quantity = "0" }, "quantity", "more than nothing"},
		"a negative amount":      {func(e *outcome.Entry) { e.Value = "-1" }, "value", "more than nothing"},
		"half an øre":            {func(e *outcome.Entry) { e.Value = "1.005001" }, "value", "2 decimals"},
		"a number of two kinds":  {func(e *outcome.Entry) { e.Quantity = "1,250" }, "quantity", "two ways"},
		"tomorrow":               {func(e *outcome.Entry) { e.Date = "2026-11-27" }, "date", "future"},
		"a year of long ago":     {func(e *outcome.Entry) { e.Date = "1026-10-01" }, "date", "Check the year"},
		"an American date":       {func(e *outcome.Entry) { e.Date = "10/01/2026" }, "date", "2026-01-31"},
		"valued tomorrow":        {func(e *outcome.Entry) { e.ValueDate = "2026-12-01" }, "value_date", "future"},
		"purer than pure":        {func(e *outcome.Entry) { e.Details["purity"] = "100.1" }, "detail_purity", "between 0 and 100"},
		"a detail of others":     {func(e *outcome.Entry) { e.Details["months"] = "3" }, "detail_months", "has no"},
		"of nothing known":       {func(e *outcome.Entry) { e.Of = "sugar" }, "of", "cocaine"},
		"nobody said so":         {func(e *outcome.Entry) { e.By = " " }, "by", "who told you"},
		"valued by nobody":       {func(e *outcome.Entry) { e.ValueSource = "" }, "value_source", "who valued it"},
		"a mountain":             {func(e *outcome.Entry) { e.Quantity, e.Unit = "6", "t" }, "quantity", "unusually much"},
		"a fortune":              {func(e *outcome.Entry) { e.Value = "100000001" }, "value", "unusually much"},
		"a novel":                {func(e *outcome.Entry) { e.Note = strings.Repeat("a", 3000) }, "note", "2000 characters"},
	} {
		e := drugs()
		c.change(&e)
		_, err := outcome.Read(tab, e, today)
		var bad *outcome.Invalid
		if !errors.As(err, &bad) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if bad.Problems[0].Field != c.field || !strings.Contains(bad.Problems[0].Message(), c.hint) {
			t.Errorf("%s: %+v, want %s with %q", name, bad.Problems, c.field, c.hint)
		}
		if bad.AskSure != strings.Contains(c.hint, "unusually") {
			t.Errorf("%s: asks whether it is sure: %v", name, bad.AskSure)
		}
		if e.Sure = true; bad.AskSure {
			if _, err := outcome.Read(tab, e, today); err != nil {
				t.Errorf("%s, surely: %v", name, err)
			}
		}
	}
}

func TestWholeThingsAreCountedWhole(t *testing.T) {
	tab, err := kinds.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	e := outcome.Entry{Kind: "arrest", Date: "2026-10-01", By: "police", Quantity: "2.5"}
	if _, err := outcome.Read(tab, e, today); !strings.Contains(fault.PublicOf(err), "counted whole") {
		t.Errorf("half a person: %v", err)
	}
	e.Quantity, e.Value, e.Currency = "2", "5", "EUR"
	if _, err := outcome.Read(tab, e, today); !strings.Contains(fault.PublicOf(err), "has no value") {
		t.Errorf("a price for people: %v", err)
	}
}
