// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/outcomestore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// noLedger keeps nothing: what is measured writes no entry.
type noLedger struct{}

func (noLedger) Append(context.Context, []tx.Entry) error { return nil }

// decade is ten years of a large programme.
type decade struct {
	db           *store.DB
	runner       *store.Runner
	programme    id.ID
	compartments []id.ID // the first is the open one
	desks        []id.ID
	partners     []id.ID
	r            *rand.Rand
	last         int // day
}

var categories = []string{
	"drugs", "firearms", "fraud", "laundering", "corruption", "immigration", "slavery", "cyber", "counterfeit", "medicines", "wildlife", "sport", "extortion", "maritime", "wanted", "child-abuse", "other",
}

// BenchmarkFull measures ten years of 200,000 outcomes with the facts of a
// million items and 300,000 referrals (TURNSTONE_BENCH_OUTCOMES=200000).
func BenchmarkFull(b *testing.B) {
	want, err := strconv.Atoi(os.Getenv("TURNSTONE_BENCH_OUTCOMES"))
	if err != nil {
		b.Skip("set TURNSTONE_BENCH_OUTCOMES=200000")
	}
	db, err := store.Open(b.Context(), store.Options{Path: b.TempDir() + "/full.db"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	d := &decade{db: db, runner: store.NewRunner(db, noLedger{}, store.NewOutbox(db)), programme: id.New(), r: rand.New(rand.NewPCG(1, 2)), last: outcome.DayOf(today)}
	d.compartments = []id.ID{{}}
	for range 10 {
		d.compartments, d.partners = append(d.compartments, id.New()), append(d.partners, id.New(), id.New())
	}
	d.desks = []id.ID{id.New(), id.New(), id.New()}
	d.fill(b, want)
	rollups, kept := outcomestore.NewRollups(db), outcomestore.New(db)
	for name, by := range map[string]stats.By{"whole": stats.ByNothing, "category": stats.ByCategory, "partner": stats.ByPartner} {
		b.Run("statistics-"+name, func(b *testing.B) {
			storetest.Measure(b, func() error {
				_, err := rollups.Sum(b.Context(), stats.Query{Programme: d.programme, Inside: d.compartments, By: by})
				return err
			})
		})
	}
	page := append([]string{"items", "referred", "acted-on", stats.Success}, append(stats.TimeMeasures(stats.FirstRead), stats.TimeMeasures(stats.FirstAnswer)...)...)
	for name, by := range map[string]stats.By{"category": stats.ByCategory, "partner": stats.ByPartner} {
		b.Run("statistics-page-"+name, func(b *testing.B) {
			storetest.Measure(b, func() error {
				_, err := rollups.Sum(b.Context(), stats.Query{Programme: d.programme, Inside: d.compartments, By: by, Measures: page})
				return err
			})
		})
	}
	for name, q := range map[string]stats.RecordQuery{
		"items": {Measures: []string{"items"}}, "items-category": {Measures: []string{"items"}, By: stats.ByCategory, Key: "sport"}, "items-deep": {Measures: []string{"items"}, To: stats.MonthOf(d.last - 3000)},
		"referred-partner": {Measures: []string{"referred"}, By: stats.ByPartner, Key: d.partners[0].String()}, "none": {Measures: []string{"referred"}, By: stats.ByPartner, Key: id.New().String()},
		"all-spans": {Measures: stats.TimeMeasures(stats.FirstRead)},
	} {
		q.Inside, q.Limit = d.compartments, 50
		b.Run("records-"+name, func(b *testing.B) {
			storetest.Measure(b, func() error {
				_, _, err := rollups.List(b.Context(), d.programme, q)
				return err
			})
		})
	}
	for name, f := range map[string]outcome.Filter{"newest": {}, "kind": {Kind: "goods"}, "category": {Category: "sport"}, "roots": {Kind: "restrained", Counting: true, Roots: true}, "old": {To: d.last - 3000}} {
		f.Inside, f.Limit = d.compartments[:3], 50
		b.Run("list-"+name, func(b *testing.B) {
			storetest.Measure(b, func() error {
				_, _, err := kept.List(b.Context(), d.programme, f)
				return err
			})
		})
	}
}

func (d *decade) fact(measure string) intel.Fact {
	f := intel.Fact{
		Programme: d.programme, Desk: d.desks[d.r.IntN(3)], Day: d.last - d.r.IntN(3650), Measure: measure, Category: categories[d.r.IntN(len(categories))],
		Channel: []string{"web", "phone", "partner", "import"}[d.r.IntN(4)], N: 1,
	}
	if d.r.IntN(20) == 0 {
		f.Compartment = d.compartments[1+d.r.IntN(10)]
	}
	return f
}

func (d *decade) fill(b *testing.B, outcomes int) {
	cells := map[stats.Row]int64{}
	rollups := outcomestore.NewRollups(d.db)
	var records []intel.Fact
	keep := func() {
		d.do(b, func(ctx context.Context) error { return rollups.Keep(ctx, records) })
		records = records[:0]
	}
	count := func(f intel.Fact) {
		if !f.Record.IsZero() {
			if records = append(records, f); len(records) == 5000 {
				keep()
			}
		}
		for _, r := range stats.Rows(f) {
			n := r.N
			r.N = 0
			cells[r] += n
		}
	}
	for range outcomes * 5 {
		f := d.fact("items")
		f.Record = id.New()
		count(f)
	}
	for range outcomes * 3 / 2 {
		for _, m := range []string{"referred", "acknowledged", "accepted", "acted-on"} {
			f := d.fact(m)
			f.Partner, f.Record = d.partners[d.r.IntN(len(d.partners))], id.New()
			count(f)
		}
	}
	for range outcomes { // a fifth of the items' reports were read within hours or days
		f := d.fact(stats.TimeMeasure(stats.FirstRead, time.Duration(d.r.ExpFloat64()*float64(20*time.Hour))))
		f.Record = id.New()
		count(f)
	}
	keep()
	table, err := kinds.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	kept := outcomestore.New(d.db)
	for at := 0; at < outcomes; at += 500 {
		d.do(b, func(ctx context.Context) error {
			for range 500 {
				o := d.outcome(table)
				for _, f := range outcome.Facts(table, o, true) {
					count(f)
				}
				if err := kept.Save(ctx, o); err != nil {
					return err
				}
			}
			return nil
		})
	}
	rows := make([]stats.Row, 0, len(cells))
	for r, n := range cells {
		r.N = n
		rows = append(rows, r)
	}
	b.Logf("%d cells", len(rows))
	for part := range slices.Chunk(rows, 5000) {
		d.do(b, func(ctx context.Context) error { return rollups.Add(ctx, part) })
	}
}

func (d *decade) outcome(table *kinds.Table) outcome.Outcome {
	k := table.Kinds[d.r.IntN(len(table.Kinds))]
	f := d.fact("")
	o := outcome.Outcome{
		Programme: d.programme, ID: id.New(), Version: 1, State: outcome.Confirmed, Kind: k.Code, Day: f.Day, Desk: f.Desk, Compartment: f.Compartment, Category: f.Category, Channel: f.Channel,
		Partner: d.partners[d.r.IntN(len(d.partners))], By: "Customs", Reference: "2026-" + strconv.Itoa(d.r.IntN(1e6)), Links: []outcome.Link{{Item: id.New(), Basis: outcome.LedTo}},
	}
	if k.Dimension != "" {
		o.Quantity = &outcome.Quantity{Written: "3", Unit: k.Units[0], Base: 3}
	}
	if len(k.Of) > 0 {
		o.Of = k.Of[d.r.IntN(len(k.Of))]
	}
	if k.Value != kinds.ValueNo {
		o.Value = &outcome.Value{Currency: []string{"DKK", "EUR", "GBP", "NZD"}[d.r.IntN(4)], Minor: d.r.Int64N(1e8), Source: "price list", Day: f.Day}
	}
	return o
}

func (d *decade) do(b *testing.B, change func(ctx context.Context) error) {
	b.Helper()
	if err := d.runner.Do(b.Context(), func(ctx context.Context, _ *tx.Recorder) error { return change(ctx) }); err != nil {
		b.Fatal(err)
	}
}
