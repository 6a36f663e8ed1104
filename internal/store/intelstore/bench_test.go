// SPDX-License-Identifier: AGPL-3.0-or-later

package intelstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/intelstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// crowd is a programme with many items: twenty desks, fifty compartments that
// hold a tenth of them, words as uneven as in a language.
type crowd struct {
	*intelstore.Store
	programme    id.ID
	desks        []id.ID
	compartments []id.ID
	some         []id.ID // items
}

var benchCategories = []string{"drugs", "fraud", "firearms", "cyber", "corruption", "sport"}

func (c *crowd) item(r *rand.Rand) intel.Item {
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	word := func() string { return "word" + strconv.Itoa(int(r.ExpFloat64()*400)) }
	text := make([]string, 60)
	for i := range text {
		text[i] = word()
	}
	it := intel.Item{
		Programme: c.programme, ID: id.New(), Version: 1, State: intel.Approved, Desk: c.desks[r.IntN(len(c.desks))], Title: word() + " " + word(),
		Category: benchCategories[min(len(benchCategories)-1, int(r.ExpFloat64()))], Seriousness: intel.Seriousnesses[r.IntN(4)], Channel: "web", Language: "en",
		Handling: grading.Handling{Ref: ref, Code: "P"}, Author: id.New(), Review: benchNow.AddDate(0, 0, r.IntN(2000)-1),
		Statements: []intel.Statement{{ID: id.New(), Text: strings.Join(text, " "), Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}},
	}
	it.Number = "2026-" + it.ID.String()[:12]
	if r.IntN(10) == 0 {
		it.Compartment = c.compartments[r.IntN(len(c.compartments))]
	}
	if r.IntN(50) == 0 {
		it.State = intel.Draft
	}
	if r.IntN(3) == 0 {
		it.Statements[0].Selectors = []intel.Selector{{Kind: "phone", Value: fmt.Sprint("+45", r.IntN(100_000))}}
	}
	return it
}

var benchNow = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func fill(b *testing.B, n int) *crowd {
	b.Helper()
	db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "items.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	c := &crowd{Store: intelstore.New(db), programme: id.New()}
	for range 20 {
		c.desks = append(c.desks, id.New())
	}
	for range 50 {
		c.compartments = append(c.compartments, id.New())
	}
	runner, r := store.NewRunner(db, noLedger{}, store.NewOutbox(db)), rand.New(rand.NewPCG(1, 2))
	for done := 0; done < n; done += 1000 {
		err := runner.Do(b.Context(), func(ctx context.Context, _ *tx.Recorder) error {
			for i := range min(1000, n-done) {
				it := c.item(r)
				if r.IntN(max(1, n/500)) == 0 {
					c.some = append(c.some, it.ID)
				}
				if err := c.Insert(ctx, it, benchNow.Add(-time.Duration(n-done-i)*time.Minute)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return c
}

type noLedger struct{}

func (noLedger) Append(context.Context, []tx.Entry) error { return nil }

// BenchmarkFull asks what the desk's pages ask, of TURNSTONE_BENCH_ITEMS items,
// as readers with one desk or all of them, inside no, two or fifty
// compartments. p99 is the figure; ns/op is the mean.
func BenchmarkFull(b *testing.B) {
	n, _ := strconv.Atoi(os.Getenv("TURNSTONE_BENCH_ITEMS"))
	if n == 0 {
		b.Skip("set TURNSTONE_BENCH_ITEMS")
	}
	c := fill(b, n)
	readers := map[string]intel.Scope{
		"desk":       {Desks: c.desks[:1]},
		"analyst":    {All: true},
		"analyst+2":  {All: true, Inside: c.compartments[:2]},
		"analyst+50": {All: true, Inside: c.compartments},
	}
	for _, who := range []string{"desk", "analyst", "analyst+2", "analyst+50"} {
		s := readers[who]
		c.measure(b, who+"/list", func(ctx context.Context, _ *rand.Rand) error { return c.page(ctx, s, intel.Filter{Limit: 50}) })
		c.measure(b, who+"/category", func(ctx context.Context, r *rand.Rand) error {
			return c.page(ctx, s, intel.Filter{Limit: 50, Category: benchCategories[r.IntN(len(benchCategories))]})
		})
		c.measure(b, who+"/due", func(ctx context.Context, _ *rand.Rand) error {
			return c.page(ctx, s, intel.Filter{Limit: 50, DueBefore: benchNow})
		})
		c.measure(b, who+"/none-fits", func(ctx context.Context, _ *rand.Rand) error {
			return c.page(ctx, s, intel.Filter{Limit: 50, Malicious: true})
		})
		c.measure(b, who+"/common-words", func(ctx context.Context, r *rand.Rand) error {
			return c.find(ctx, s, "word"+strconv.Itoa(r.IntN(20)), false)
		})
		c.measure(b, who+"/rare-words", func(ctx context.Context, r *rand.Rand) error {
			return c.find(ctx, s, "word"+strconv.Itoa(2000+r.IntN(1500)), false)
		})
		c.measure(b, who+"/two-words", func(ctx context.Context, r *rand.Rand) error {
			return c.find(ctx, s, fmt.Sprintf("word%d word%d", r.IntN(100), 500+r.IntN(500)), false)
		})
		c.measure(b, who+"/ranked", func(ctx context.Context, r *rand.Rand) error {
			return c.find(ctx, s, "word"+strconv.Itoa(r.IntN(20)), true)
		})
		c.measure(b, who+"/selector", func(ctx context.Context, r *rand.Rand) error {
			_, err := c.BySelector(ctx, c.programme, s, "phone", fmt.Sprint("+45", r.IntN(100_000)), 100)
			return err
		})
	}
	c.measure(b, "item", func(ctx context.Context, r *rand.Rand) error {
		item := c.some[r.IntN(len(c.some))]
		if _, _, err := c.Item(ctx, c.programme, item); err != nil {
			return err
		}
		_, err := c.Versions(ctx, c.programme, item)
		return err
	})
}

func (c *crowd) page(ctx context.Context, s intel.Scope, f intel.Filter) error {
	if _, _, err := c.List(ctx, c.programme, s, f); err != nil {
		return err
	}
	_, err := c.Count(ctx, c.programme, s, f)
	return err
}

func (c *crowd) find(ctx context.Context, s intel.Scope, words string, ranked bool) error {
	_, err := c.Search(ctx, c.programme, s, intel.Query{Words: words, Language: "en", Ranked: ranked, Limit: 50})
	return err
}

func (c *crowd) measure(b *testing.B, name string, ask func(ctx context.Context, r *rand.Rand) error) {
	b.Run(name, func(b *testing.B) {
		r := rand.New(rand.NewPCG(3, 4))
		storetest.Measure(b, func() error { return ask(b.Context(), r) })
	})
}
