// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
)

func wantKind(t *testing.T, what string, err error, kind fault.Kind, hint string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind || !strings.Contains(fault.PublicOf(err), hint) {
		t.Errorf("%s: %v, want kind %d with %q", what, err, kind, hint)
	}
}

func TestNothingCountsUntilSomebodyElseStandsForIt(t *testing.T) {
	w := newWorld(t)
	w.second = true
	o := w.recorded(t, cigarettes()[0])
	if got := w.figures(t, w.reviewer, stats.ByNothing); len(got) != 0 {
		t.Errorf("counted before it was confirmed: %v", got)
	}
	_, err := w.Confirm(t.Context(), w.reviewer, w.programme, o.ID, o.Version)
	wantKind(t, "confirming one's own", err, fault.Forbidden, "somebody else")
	_, err = w.Confirm(t.Context(), w.analyst, w.programme, o.ID, o.Version)
	wantKind(t, "an analyst confirms", err, fault.Forbidden, "")
	_, err = w.Confirm(t.Context(), w.director, w.programme, o.ID, o.Version+1)
	wantKind(t, "confirming what was not seen", err, fault.Conflict, "meanwhile")
	o, err = w.Confirm(t.Context(), w.director, w.programme, o.ID, o.Version)
	w.must(t, err)
	e := cigarettes()[0]
	e.Quantity = "1900000"
	o, err = w.Correct(t.Context(), w.director, w.programme, o.ID, o.Version, e, "counted again")
	wantKind(t, "a director corrects", err, fault.Forbidden, "")
	look, err := w.Look(t.Context(), w.reviewer, w.programme, w.one(t).ID)
	w.must(t, err)
	o, err = w.Correct(t.Context(), w.reviewer, w.programme, look.Outcome.ID, look.Outcome.Version, e, "counted again")
	w.must(t, err)
	if o.State != outcome.Recorded || len(w.figures(t, w.reviewer, stats.ByNothing)) != 0 {
		t.Errorf("a correction by one person counts: %s", o.State)
	}
	o, err = w.Confirm(t.Context(), w.other, w.programme, o.ID, o.Version)
	w.must(t, err)
	look, err = w.Look(t.Context(), w.reviewer, w.programme, o.ID)
	w.must(t, err)
	var history []string
	for _, v := range look.Versions {
		history = append(history, v.What+" "+v.Quantity.Written+" "+v.Reason)
	}
	if got := strings.Join(history, "; "); got != "confirmed 1900000 ; corrected 1900000 counted again; confirmed 2000000 ; recorded 2000000 " || o.State != outcome.Corrected {
		t.Errorf("history %q, state %s", got, o.State)
	}
}

func (w *world) one(t *testing.T) outcome.Outcome {
	t.Helper()
	all, _, err := w.List(t.Context(), w.reviewer, w.programme, outcome.Filter{Limit: 10})
	w.must(t, err)
	if len(all) != 1 {
		t.Fatalf("%d outcomes, want one", len(all))
	}
	return all[0]
}

func TestWhatWasKnownAlreadyDoesNotCount(t *testing.T) {
	w := newWorld(t)
	e := cigarettes()[4]
	e.Links = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.Known}}
	w.confirmed(t, e)
	if got := w.figures(t, w.reviewer, stats.ByNothing); len(got) != 0 {
		t.Errorf("what was known already counts: %v", got)
	}
}

func TestLinksAreRefusedWithWhatWouldBeRight(t *testing.T) {
	w := newWorld(t)
	w.item("2019-X", id.New(), "drugs", "web") // in a compartment that nobody is inside of
	for name, c := range map[string]struct {
		change      func(e *outcome.Entry)
		field, hint string
	}{
		"before its item":   {func(e *outcome.Entry) { e.Date = "2019-10-31" }, "date", "before item 2019-A was written on 2019-11-01"},
		"no such item":      {func(e *outcome.Entry) { e.Links[0].Item = "2018-Z" }, "items", `no item "2018-Z"`},
		"a hidden item":     {func(e *outcome.Entry) { e.Links[0].Item = "2019-X" }, "items", `no item "2019-X"`},
		"no basis":          {func(e *outcome.Entry) { e.Links[0].Basis = "" }, "items", "led-to"},
		"too large a share": {func(e *outcome.Entry) { e.Links[0].Share = "101" }, "items", "1 to 100"},
		"more than all": {func(e *outcome.Entry) {
			e.Links = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.LedTo, Share: "60"}, {Item: "2019-B", Basis: outcome.LedTo, Share: "50 %"}}
		}, "items", "110 per cent"},
		"twice": {func(e *outcome.Entry) {
			e.Links = append(e.Links, e.Links[0])
		}, "items", "linked twice"},
		"a stage of nothing": {func(e *outcome.Entry) { e.Follows = id.New().String() }, "follows", "not there"},
		"a strange partner":  {func(e *outcome.Entry) { e.Partner = "police" }, "partner", "from the list"},
	} {
		e := cigarettes()[2]
		e.Links = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.LedTo}}
		c.change(&e)
		_, err := w.Record(t.Context(), w.reviewer, w.programme, e)
		bad, ok := err.(*outcome.Invalid) //nolint:errorlint // the room returns it as it is
		if !ok || bad.Problems[0].Field != c.field || !strings.Contains(bad.Problems[0].Message(), c.hint) {
			t.Errorf("%s: %v, want %s with %q", name, err, c.field, c.hint)
		}
	}
}

func TestAStageFollowsOnlyWhatItMay(t *testing.T) {
	w := newWorld(t)
	cash, arrest := w.confirmed(t, cigarettes()[2]), w.confirmed(t, cigarettes()[4])
	e := outcome.Entry{Kind: "restrained", Date: "2019-12-10", By: "court", Value: "4000000", Currency: "NZD", ValueSource: "court", Follows: arrest.ID.String(), Links: one}
	_, err := w.Record(t.Context(), w.reviewer, w.programme, e)
	wantKind(t, "assets of an arrest", err, fault.Invalid, "can't be a later stage")
	e.Follows, e.Date = cash.ID.String(), "2019-12-01"
	_, err = w.Record(t.Context(), w.reviewer, w.programme, e)
	wantKind(t, "restrained before it was seized", err, fault.Invalid, "before its earlier stage")
	err = w.Merge(t.Context(), w.reviewer, w.programme, cash.ID, arrest.ID, "the same")
	wantKind(t, "cash is no arrest", err, fault.Invalid, "two kinds")
	err = w.Merge(t.Context(), w.reviewer, w.programme, cash.ID, cash.ID, "the same")
	wantKind(t, "merged with itself", err, fault.Invalid, "itself")
	_, err = w.Withdraw(t.Context(), w.reviewer, w.programme, cash.ID, cash.Version, "")
	wantKind(t, "withdrawn without a reason", err, fault.Invalid, "Say why")
}

func TestTheRecountNamesEveryDifference(t *testing.T) {
	w := newWorld(t)
	w.confirmed(t, cigarettes()[4])
	if d := w.drift(t); len(d) != 0 {
		t.Fatalf("differences at first: %v", d)
	}
	w.Do(t, spoil(w))
	d := w.drift(t)
	if len(d) != 2 || !strings.Contains(d[0].String()+d[1].String(), `2019-12 outcome/arrest/: the rollups say 8, the records 1`) {
		t.Errorf("differences: %v", d)
	}
	w.Do(t, add(w, stats.Repair(d)))
	if d := w.drift(t); len(d) != 0 {
		t.Errorf("differences after the repair: %v", d)
	}
}
