// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

var one = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.LedTo}}

// cigarettes is the case of New Zealand's customs, December 2019, as reported.
func cigarettes() []outcome.Entry {
	base := outcome.Entry{By: "NZ Customs", Category: "counterfeit", Channel: "web", Links: one, ValueSource: "NZ Customs", Currency: "NZD"}
	with := func(kind, date, quantity, unit, of, value string) outcome.Entry {
		e := base
		e.Kind, e.Date, e.Quantity, e.Unit, e.Of, e.Value = kind, date, quantity, unit, of, value
		e.Sure = true
		if value == "" {
			e.Currency, e.ValueSource = "", ""
		}
		return e
	}
	return []outcome.Entry{
		with("goods", "2019-12-05", "2000000", "piece", "cigarettes", ""),
		with("property", "2019-12-05", "3", "piece", "", "6000000"),
		with("cash", "2019-12-05", "", "", "", "4,000,000"),
		with("vehicle", "2019-12-05", "2", "piece", "", ""),
		with("arrest", "2019-12-05", "3", "person", "", ""),
		with("goods", "2019-12-19", "700 000", "piece", "cigarettes", ""),
		with("duty", "2019-12-19", "", "", "", "18000000"),
	}
}

var wantCigarettes = []string{
	"2019-12  outcome/arrest/ 1", "2019-12  outcome/cash/ 1", "2019-12  outcome/duty/ 1", "2019-12  outcome/goods/cigarettes 2", "2019-12  outcome/property/ 1",
	"2019-12  outcome/vehicle/ 1", "2019-12  quantity/arrest//person 3", "2019-12  quantity/goods/cigarettes/piece 2700000", "2019-12  quantity/property//piece 3",
	"2019-12  quantity/vehicle//piece 2", "2019-12  success 7", "2019-12  value/cash/NZD 400000000", "2019-12  value/duty/NZD 1800000000", "2019-12  value/property/NZD 600000000",
}

// The cigarette case, entered in any order, with wrong entries that are
// corrected, duplicates that are merged and inventions that are withdrawn in
// between, comes to the same totals.
func TestLawTheCigaretteCaseComesToTheSameInAnyOrder(t *testing.T) {
	h := storetest.Build(t, storetest.SQLite)
	rapid.Check(t, func(t *rapid.T) {
		w := on(t, h)
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6}).Draw(t, "order") {
			e := cigarettes()[i]
			detour := rapid.SampledFrom([]string{"", "corrected", "corrected later", "twice", "three times", "invented"}).Draw(t, "detour")
			switch detour {
			case "":
				w.confirmed(t, e)
			case "corrected", "corrected later":
				wrong := e
				wrong.Date = "2019-11-30"
				if wrong.Quantity != "" {
					wrong.Quantity = "1"
				} else {
					wrong.Value = "77"
				}
				o := w.recorded(t, wrong)
				if detour == "corrected later" {
					o = w.confirm(t, o)
				}
				o, err := w.Correct(context.Background(), w.reviewer, w.programme, o.ID, o.Version, e, "a slip of the pen")
				w.must(t, err)
				if o.State == outcome.Recorded {
					w.confirm(t, o)
				}
			case "twice", "three times":
				kept := w.confirmed(t, e)
				for range map[string]int{"twice": 1, "three times": 2}[detour] {
					again := e
					again.Links = append(slices.Clone(one), outcome.LinkEntry{Item: "2019-B", Basis: outcome.Contributed})
					dup := w.confirmed(t, again)
					for range rapid.IntRange(1, 3).Draw(t, "merges") { // merging again changes nothing
						w.must(t, w.Merge(context.Background(), w.reviewer, w.programme, dup.ID, kept.ID, "the same seizure"))
					}
				}
			case "invented":
				w.confirmed(t, e)
				never := w.confirmed(t, e)
				_, err := w.Withdraw(context.Background(), w.reviewer, w.programme, never.ID, never.Version, "it never happened")
				w.must(t, err)
			}
		}
		if diff := cmp.Diff(wantCigarettes, w.figures(t, w.reviewer, stats.ByNothing)); diff != "" {
			t.Fatalf("the totals (-want +got):\n%s", diff)
		}
		few, err := w.rollups.Sum(context.Background(), stats.Query{Programme: w.programme, Inside: []id.ID{{}}, Measures: []string{stats.Success, "nothing"}})
		if w.must(t, err); len(few) != 1 || few[0].N != 7 {
			t.Fatalf("one measure alone: %v", few)
		}
		if d := w.drift(t); len(d) > 0 {
			t.Fatalf("the rollups are not the full count: %v", d)
		}
	})
}

// fataler is a *testing.T or a *rapid.T.
type fataler interface{ Fatal(...any) }

func (w *world) must(t fataler, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) recorded(t fataler, e outcome.Entry) outcome.Outcome {
	o, err := w.Record(context.Background(), w.reviewer, w.programme, e)
	w.must(t, err)
	return o
}

func (w *world) confirm(t fataler, o outcome.Outcome) outcome.Outcome {
	o, err := w.Confirm(context.Background(), w.other, w.programme, o.ID, o.Version)
	w.must(t, err)
	return o
}

func (w *world) confirmed(t fataler, e outcome.Entry) outcome.Outcome {
	return w.confirm(t, w.recorded(t, e))
}

// Stages of the same thing are one success, and are not added: in whatever
// order the stages are confirmed, withdrawn or merged.
func TestLawStagesAreOneSuccess(t *testing.T) {
	h := storetest.Build(t, storetest.SQLite)
	rapid.Check(t, func(t *rapid.T) {
		w := on(t, h)
		chain := []string{"cash", "restrained", "confiscated", "returned"}
		var made []outcome.Outcome
		for i, kind := range chain {
			e := outcome.Entry{Kind: kind, Date: "2020-01-0" + string(rune('1'+i)), By: "court", Value: "100", Currency: "DKK", ValueSource: "court", Links: one}
			if i > 0 {
				e.Follows = made[i-1].ID.String()
			}
			made = append(made, w.recorded(t, e))
		}
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "order")[:rapid.IntRange(1, 4).Draw(t, "confirmed")] {
			made[i] = w.confirm(t, made[i])
		}
		i := rapid.IntRange(0, 3).Draw(t, "withdrawn")
		o, err := w.Withdraw(context.Background(), w.reviewer, w.programme, made[i].ID, made[i].Version, "not so")
		w.must(t, err)
		made[i] = o
		counting, successes := 0, 0
		for _, o := range made {
			if o.Counts() {
				counting++
			}
		}
		found, err := w.rollups.Sum(context.Background(), stats.Query{Programme: w.programme, Inside: []id.ID{{}}})
		w.must(t, err)
		for _, f := range found {
			if f.Measure == stats.Success {
				successes += int(f.N)
			}
		}
		if want := min(counting, 1); successes != want {
			t.Fatalf("%d stages count as %d successes, want %d", counting, successes, want)
		}
		if d := w.drift(t); len(d) > 0 {
			t.Fatalf("the rollups are not the full count: %v", d)
		}
	})
}

// What a reader may not see leaves no trace in what they get: figures and
// lists are those of a programme in which the hidden outcomes were never recorded.
func TestLawFiguresAreThoseWithoutTheHidden(t *testing.T) {
	h := storetest.Build(t, storetest.SQLite)
	rapid.Check(t, func(t *rapid.T) {
		closed := []id.ID{id.New(), id.New(), id.New()}
		full, less := on(t, h), on(t, h)
		less.desk, less.reviewer, less.other, less.analyst = full.desk, full.reviewer, full.other, full.analyst
		for _, w := range []*world{full, less} {
			w.reviewer.Grants, w.other.Grants, w.analyst.Grants = slices.Clone(full.reviewer.Grants), slices.Clone(full.other.Grants), slices.Clone(full.analyst.Grants)
			w.reviewer.Grants[0].Programme, w.other.Grants[0].Programme, w.analyst.Grants[0].Programme = w.programme, w.programme, w.programme
			for i, c := range closed {
				w.item("closed-"+string(rune('0'+i)), c, "drugs", "web")
			}
			w.inside[w.reviewer.Account], w.inside[w.other.Account] = closed, closed
		}
		reader := rapid.SliceOfDistinct(rapid.SampledFrom(closed), rapid.ID).Draw(t, "reader inside")
		full.inside[full.analyst.Account], less.inside[less.analyst.Account] = reader, reader
		for range rapid.IntRange(1, 6).Draw(t, "outcomes") {
			e := cigarettes()[rapid.IntRange(0, 6).Draw(t, "which")]
			e.Links = nil
			visible := true
			for _, n := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"2019-A", "closed-0", "closed-1", "closed-2"}), rapid.ID).Draw(t, "items") {
				e.Links = append(e.Links, outcome.LinkEntry{Item: n, Basis: outcome.LedTo})
				c := full.items[n].Compartment
				visible = visible && (c.IsZero() || slices.Contains(reader, c))
			}
			o := full.confirmed(t, e)
			_, err := full.Look(context.Background(), full.analyst, full.programme, o.ID)
			if visible != (err == nil) || err != nil && fault.KindOf(err) != fault.NotFound {
				t.Fatalf("visible %v, but looking at it: %v", visible, err)
			}
			if visible {
				less.confirmed(t, e)
			}
		}
		for _, by := range []stats.By{stats.ByNothing, stats.ByCategory, stats.ByChannel} {
			if diff := cmp.Diff(less.figures(t, less.analyst, by), full.figures(t, full.analyst, by)); diff != "" {
				t.Fatalf("figures by %q tell of what is hidden:\n%s", by, diff)
			}
		}
		a, _, err := full.List(context.Background(), full.analyst, full.programme, outcome.Filter{Limit: 100})
		full.must(t, err)
		b, _, err := less.List(context.Background(), less.analyst, less.programme, outcome.Filter{Limit: 100})
		full.must(t, err)
		if len(a) != len(b) {
			t.Fatalf("the list has %d rows, want %d", len(a), len(b))
		}
	})
}
