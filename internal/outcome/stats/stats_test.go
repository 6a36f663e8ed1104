// SPDX-License-Identifier: AGPL-3.0-or-later

package stats_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
)

// A month's first day is in it, and the day before is in the month before.
func TestMonthsMeetAtTheirEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := stats.Month(rapid.IntRange(1950*12, 2100*12).Draw(t, "month"))
		if stats.MonthOf(m.FirstDay()) != m || stats.MonthOf(m.FirstDay()-1) != m-1 {
			t.Fatalf("%s begins on day %d", m, m.FirstDay())
		}
		if again, err := stats.ParseMonth(m.String()); err != nil || again != m {
			t.Fatalf("%s reads as %s (%v)", m, again, err)
		}
	})
}

func TestMeasuresAreTakenApart(t *testing.T) {
	for text, want := range map[string]stats.Measure{
		stats.OutcomeMeasure("drugs", "cocaine"):          {Sort: "outcome", Kind: "drugs", Of: "cocaine"},
		stats.QuantityMeasure("drugs", "cocaine", "mass"): {Sort: "quantity", Kind: "drugs", Of: "cocaine", In: "mass"},
		stats.ValueMeasure("cash", "NZD"):                 {Sort: "value", Kind: "cash", In: "NZD"},
		"items":                                           {Sort: "items"},
		"value/cash":                                      {Sort: "value/cash"},
	} {
		if diff := cmp.Diff(want, stats.ParseMeasure(text)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// Each dimension alone adds up to the whole.
func TestLawEachDivisionAddsUpToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := map[stats.By]int64{}
		for range rapid.IntRange(1, 20).Draw(t, "facts") {
			f := intel.Fact{Day: rapid.IntRange(0, 30000).Draw(t, "day"), Measure: "items", Category: rapid.StringN(0, 3, -1).Draw(t, "category"), N: rapid.Int64Range(-3, 3).Draw(t, "n")}
			if rapid.Bool().Draw(t, "with partner") {
				f.Partner = id.New()
			}
			for _, r := range stats.Rows(f) {
				sums[r.By] += r.N
			}
		}
		for by, n := range sums {
			if n != sums[stats.ByNothing] {
				t.Fatalf("by %q the figures add up to %d, not %d", by, n, sums[stats.ByNothing])
			}
		}
		if len(sums) != 5 {
			t.Fatalf("%d divisions", len(sums))
		}
	})
}

func TestASeriesCoversItsPeriod(t *testing.T) {
	r := stats.Report{Figures: []stats.Figure{{Month: 24000, Measure: "items", N: 3}, {Month: 24002, Measure: "items", N: 1}, {Month: 24003, Measure: "success", N: 9}}}
	first, n := r.Series("items")
	if diff := cmp.Diff([]int64{3, 0, 1, 0}, n); diff != "" || first != 24000 {
		t.Errorf("since inception, from %s: %s", first, diff)
	}
	r.From, r.To = 23999, 24001
	first, n = r.Series("items")
	if diff := cmp.Diff([]int64{0, 3, 0}, n); diff != "" || first != 23999 {
		t.Errorf("of a period, from %s: %s", first, diff)
	}
	for _, bad := range []stats.Ask{{By: "colour"}, {From: 5, To: 4}} {
		if fault.KindOf(bad.Check()) != fault.Invalid {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// A share of times is the least span that holds as many, and never one that
// holds fewer.
func TestLawSharesOfTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var took []time.Duration
		var r stats.Report
		for range rapid.IntRange(1, 60).Draw(t, "reports") {
			d := time.Duration(rapid.Int64Range(0, int64(10_000*time.Hour)).Draw(t, "took"))
			took = append(took, d)
			r.Figures = append(r.Figures, stats.Figure{Month: stats.Month(24000 + rapid.IntRange(0, 2).Draw(t, "month")), Measure: stats.TimeMeasure(stats.FirstRead, d), N: 1})
		}
		slices.Sort(took)
		for _, share := range []int64{50, 90} {
			got := r.Took(stats.FirstRead, share, nil)
			exact := took[(int64(len(took))*share+99)/100-1]
			i := slices.Index(stats.Spans, got.Hours)
			switch longest := time.Duration(stats.Spans[len(stats.Spans)-1]) * time.Hour; {
			case got.N != int64(len(took)):
				t.Fatalf("%d of %d reports", got.N, len(took))
			case got.Hours == stats.Longer:
				if exact <= longest {
					t.Fatalf("%d %% took at most %v, not longer than a year", share, exact)
				}
			case exact > time.Duration(got.Hours)*time.Hour, i > 0 && exact <= time.Duration(stats.Spans[i-1])*time.Hour:
				t.Fatalf("%d %% took at most %v, not within %d hours", share, exact, got.Hours)
			}
		}
		if none := r.Took(stats.FirstAnswer, 50, nil); none.N != 0 {
			t.Fatalf("times of another sort: %+v", none)
		}
	})
}

func TestTimesAreExportedWithTheirShares(t *testing.T) {
	r := stats.Report{Figures: []stats.Figure{
		{Month: 24000, Key: "web", Measure: stats.TimeMeasure(stats.FirstRead, 3*time.Hour), N: 8}, {Month: 24000, Key: "web", Measure: stats.TimeMeasure(stats.FirstRead, 9000*time.Hour), N: 2},
	}}
	want := []stats.FileFigure{
		{Month: "2000-01", Key: "web", Measure: "first-read", Within: "4", N: 8},
		{Month: "2000-01", Key: "web", Measure: "first-read", Within: "longer", N: 2},
		{Month: "2000-01", Key: "web", Measure: "first-read-median", Unit: "hour", N: 4},
		{Month: "2000-01", Key: "web", Measure: "first-read-p90", Unit: "hour", Within: "longer", N: 8760},
	}
	if diff := cmp.Diff(want, r.Export("line").Figures); diff != "" {
		t.Error(diff)
	}
}
