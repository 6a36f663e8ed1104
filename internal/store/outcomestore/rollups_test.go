// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"cmp"
	"context"
	"slices"
	"testing"

	compare "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store/outcomestore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// Whatever is counted and taken back, over years and compartments: any question
// is answered as if every fact were counted anew for it.
func TestLawRollupsAnswerLikeAFullCount(t *testing.T) {
	h := storetest.Build(t, storetest.SQLite)
	rapid.Check(t, func(t *rapid.T) {
		w := &world{House: h, programme: id.New()}
		kept := outcomestore.NewRollups(h.DB)
		tally := stats.Tally{Rollups: kept}
		compartments, partners := []id.ID{{}, id.New(), id.New()}, []id.ID{{}, id.New()}
		const first = 18000 // a day of 2019
		var facts []intel.Fact
		for range rapid.IntRange(1, 30).Draw(t, "facts") {
			facts = append(facts, intel.Fact{
				Programme: w.programme, Compartment: rapid.SampledFrom(compartments).Draw(t, "compartment"), Day: first + rapid.IntRange(0, 1500).Draw(t, "day"),
				Measure: rapid.SampledFrom([]string{"items", "referred", stats.Success}).Draw(t, "measure"), Category: rapid.SampledFrom([]string{"drugs", "fraud"}).Draw(t, "category"),
				Partner: rapid.SampledFrom(partners).Draw(t, "partner"), N: 1,
			})
		}
		for _, i := range rapid.SliceOfDistinct(rapid.IntRange(0, len(facts)-1), rapid.ID).Draw(t, "taken back") {
			back := facts[i]
			back.N = -1
			facts = append(facts, back)
		}
		w.must(t, h.Runner.Do(context.Background(), counted(tally, facts)))
		q := stats.Query{
			Programme: w.programme, Inside: rapid.SliceOfDistinct(rapid.SampledFrom(compartments), rapid.ID).Draw(t, "inside"),
			By:   rapid.SampledFrom([]stats.By{stats.ByNothing, stats.ByCategory, stats.ByPartner}).Draw(t, "by"),
			From: rapid.SampledFrom([]stats.Month{0, stats.MonthOf(first + 200), stats.MonthOf(first + 900)}).Draw(t, "from"),
			To:   rapid.SampledFrom([]stats.Month{0, stats.MonthOf(first + 500), stats.MonthOf(first + 1100)}).Draw(t, "to"),
		}
		q.Measures = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"items", stats.Success, "nothing"}), rapid.ID).Draw(t, "measures")
		got, err := kept.Sum(context.Background(), q)
		w.must(t, err)
		if diff := compare.Diff(counting(facts, q), got); diff != "" {
			t.Fatalf("a full count and the rollups differ (-full +rollups):\n%s", diff)
		}
		full := func(_ context.Context, _ id.ID, do func(intel.Fact) error) error {
			for _, f := range facts {
				if err := do(f); err != nil {
					return err
				}
			}
			return nil
		}
		differ, err := stats.Compare(context.Background(), kept, w.programme, full)
		if w.must(t, err); len(differ) > 0 {
			t.Fatalf("the rollups are not the full count: %v", differ)
		}
	})
}

// counting answers a question from the facts alone.
func counting(facts []intel.Fact, q stats.Query) []stats.Figure {
	sums := map[stats.Figure]int64{}
	for _, f := range facts {
		for _, r := range stats.Rows(f) {
			if r.By != q.By || !slices.Contains(q.Inside, r.Compartment) || r.Month < q.From || q.To != 0 && r.Month > q.To {
				continue
			}
			if len(q.Measures) == 0 || slices.Contains(q.Measures, r.Measure) {
				sums[stats.Figure{Month: r.Month, Key: r.Key, Measure: r.Measure}] += r.N
			}
		}
	}
	var all []stats.Figure
	for f, n := range sums {
		if f.N = n; n != 0 {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b stats.Figure) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Month, b.Month))
	})
	return all
}
