// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

func (w *world) reported(ctx context.Context, r outcome.Reported) error {
	r.Programme = w.programme
	return w.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error { return w.Report(ctx, rec, r) })
}

func (w *world) moveItem(ctx context.Context, number string, to id.ID) error {
	src := w.items[number]
	src.Compartment = to
	w.items[number] = src
	return w.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		return w.Changed(ctx, rec, intel.Standing{Programme: w.programme, Item: src.Item, Wall: to})
	})
}

// What a partner reports waits for somebody of the house, stands behind the
// walls of its item, and what is refused names nothing of the house's.
func TestAPartnerReportsAnOutcome(t *testing.T) {
	w := newWorld(t)
	closed, partner, referral := id.New(), id.New(), id.New()
	w.item("2019-C", closed, "drugs", "phone")
	w.inside[w.reviewer.Account], w.inside[w.other.Account] = []id.ID{closed}, []id.ID{closed}
	r := outcome.Reported{Item: w.items["2019-C"].Item, Partner: partner, Referral: referral, Entry: outcome.Entry{Kind: "arrest", Date: "2020-02-03", Quantity: "3", By: "North Police", Reference: "N-7"}}
	w.must(t, w.reported(t.Context(), r))
	for who, n := range map[string]int{"inside": 1, "outside": 0} {
		s := w.reviewer
		if who == "outside" {
			s = w.director
		}
		found, err := w.OfItem(t.Context(), s, w.programme, r.Item)
		if err != nil || len(found) != n {
			t.Fatalf("who is %s sees %d outcomes, %v", who, len(found), err)
		}
		if n == 0 {
			continue
		}
		o := found[0]
		if o.State != outcome.Recorded || o.Partner != partner || o.Referral != referral || o.Desk != w.desk || o.Category != "drugs" || o.Channel != "phone" || !o.Author.IsZero() {
			t.Errorf("what was reported: %+v", o)
		}
		if figures := w.figures(t, w.reviewer, stats.ByNothing); len(figures) != 0 {
			t.Errorf("counted before anybody confirmed it: %v", figures)
		}
		o, err = w.Confirm(t.Context(), w.reviewer, w.programme, o.ID, 1)
		w.must(t, err)
		o, err = w.Correct(t.Context(), w.reviewer, w.programme, o.ID, o.Version, outcome.Entry{Kind: "arrest", Date: "2020-02-03", Quantity: "2", By: "North Police", Links: []outcome.LinkEntry{{Item: "2019-C", Basis: outcome.LedTo}}}, "one was let go")
		w.must(t, err)
		if o.Referral != referral {
			t.Error("a correction forgets the referral")
		}
	}
	early := r
	early.Entry.Date = "2019-10-01"
	wantKind(t, "before the item", w.reported(t.Context(), early), fault.Invalid, "known here")
	odd := r
	odd.Entry.Kind = "medals"
	wantKind(t, "no such kind", w.reported(t.Context(), odd), fault.Invalid, "There are: arrest")
	lost := r
	lost.Item = id.New()
	wantKind(t, "an item that is gone", w.reported(t.Context(), lost), fault.Conflict, "")
}

// However items move between compartments, a reader sees an outcome only from
// inside of all the walls its items are behind now, and gets figures as if what
// is hidden were not there.
func TestOutcomesMoveWithTheirItems(t *testing.T) {
	h := storetest.Build(t, storetest.SQLite)
	rapid.Check(t, func(t *rapid.T) {
		w := on(t, h)
		walls := []id.ID{id.New(), id.New()}
		names := []string{"2019-A", "2019-B"}
		w.inside[w.reviewer.Account], w.inside[w.other.Account] = walls, walls
		reader := rapid.SliceOfDistinct(rapid.SampledFrom(walls), rapid.ID).Draw(t, "reader inside")
		w.inside[w.analyst.Account] = reader
		e := cigarettes()[0]
		e.Links = nil
		for _, n := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 2, rapid.ID).Draw(t, "items") {
			e.Links = append(e.Links, outcome.LinkEntry{Item: n, Basis: outcome.LedTo})
		}
		o := w.confirmed(t, e)
		for range rapid.IntRange(1, 4).Draw(t, "moves") {
			to := rapid.SampledFrom(append([]id.ID{{}}, walls...)).Draw(t, "to")
			if err := w.moveItem(context.Background(), rapid.SampledFrom(names).Draw(t, "item"), to); err != nil {
				t.Fatal(err)
			}
			visible := true
			for _, l := range e.Links {
				wall := w.items[l.Item].Compartment
				visible = visible && (wall.IsZero() || slices.Contains(reader, wall))
			}
			look, err := w.Look(context.Background(), w.analyst, w.programme, o.ID)
			if visible != (err == nil) || err != nil && fault.KindOf(err) != fault.NotFound {
				t.Fatalf("visible %v, but looking at it: %v", visible, err)
			}
			if err == nil && !look.Outcome.Counts() {
				t.Fatal("a move takes it out of the figures")
			}
			if figures := w.figures(t, w.analyst, stats.ByNothing); visible != (len(figures) > 0) {
				t.Fatalf("visible %v, figures %v", visible, figures)
			}
			if d := w.drift(t); len(d) > 0 {
				t.Fatalf("the rollups are not what a full count gives: %v", d)
			}
		}
	})
}
