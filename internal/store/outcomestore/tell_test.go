// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome"
)

func (w *world) waiting(t *testing.T, s authz.Subject) []outcome.Tell {
	t.Helper()
	all, err := w.ToTell(t.Context(), s, w.programme)
	w.must(t, err)
	n, err := w.CountToTell(t.Context(), s, w.programme)
	w.must(t, err)
	if n != len(all) {
		t.Errorf("the count says %d, the list has %d", n, len(all))
	}
	return all
}

// keep is a desk that keeps the sealed message.
func (w *world) keep(ctx context.Context) func(func(context.Context, *tx.Recorder) error) error {
	return func(also func(context.Context, *tx.Recorder) error) error { return w.Tx.Do(ctx, also) }
}

func TestReportersAreToldOnce(t *testing.T) {
	w := newWorld(t)
	closed := id.New()
	w.item("2019-C", closed, "drugs", "web")
	w.inside[w.reviewer.Account], w.inside[w.other.Account] = []id.ID{closed}, []id.ID{closed}
	outsider := authz.Subject{Account: id.New(), Grants: w.other.Grants}
	e := cigarettes()[4]
	e.Links = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.LedTo}, {Item: "2019-B", Basis: outcome.Known}}
	o := w.recorded(t, e)
	if waiting := w.waiting(t, w.reviewer); len(waiting) != 0 {
		t.Errorf("told of what nobody confirmed: %v", waiting)
	}
	w.confirm(t, o)
	hidden := cigarettes()[2]
	hidden.Links = []outcome.LinkEntry{{Item: "2019-C", Basis: outcome.LedTo}}
	gone := w.confirmed(t, hidden)

	waiting := w.waiting(t, outsider)
	if len(waiting) != 1 || waiting[0].Number != "2019-A" || len(waiting[0].Reports) != 1 || !strings.Contains(waiting[0].Draft(), "draget til ansvar") {
		t.Fatalf("who is outside of the compartment tells %+v", waiting)
	}
	if all := w.waiting(t, w.reviewer); len(all) != 2 {
		t.Fatalf("who is inside tells %d", len(all))
	}
	_, err := w.ToTell(t.Context(), w.analyst, w.programme)
	wantKind(t, "who answers no reporter", err, fault.Forbidden, "")
	if n, err := w.CountToTell(t.Context(), w.analyst, w.programme); err != nil || n != 0 {
		t.Errorf("an analyst counts %d %v", n, err)
	}
	_, err = w.OneToTell(t.Context(), outsider, w.programme, gone.ID, w.items["2019-C"].Item)
	wantKind(t, "one of a compartment", err, fault.NotFound, "")

	_, err = w.Withdraw(t.Context(), w.reviewer, w.programme, gone.ID, gone.Version, "it was not so")
	w.must(t, err)
	tell := outcome.Telling{Outcome: o.ID, Item: waiting[0].Item, Report: waiting[0].Reports[0]}
	broken := errors.New("the message could not be kept")
	if err := w.Inform(t.Context(), w.reviewer, w.programme, tell, func(func(context.Context, *tx.Recorder) error) error { return broken }); !errors.Is(err, broken) || len(w.waiting(t, w.reviewer)) != 1 {
		t.Errorf("marked as told of what was not sent: %v", err)
	}
	w.must(t, w.Inform(t.Context(), w.reviewer, w.programme, tell, w.keep(t.Context())))
	wantKind(t, "told twice", w.Inform(t.Context(), w.reviewer, w.programme, tell, w.keep(t.Context())), fault.NotFound, "")
	if left := w.waiting(t, w.reviewer); len(left) != 0 {
		t.Errorf("left to tell: %+v", left)
	}
	look, err := w.Look(t.Context(), outsider, w.programme, o.ID)
	if err != nil || len(look.Tellings) != 1 || look.Tellings[0].By != w.reviewer.Account || !look.Tellings[0].At.Equal(today) || look.Tellings[0].Ending != outcome.Told {
		t.Errorf("who told whom and when: %+v %v", look.Tellings, err)
	}
}

// An item stays on the list until each of its reporters is told or left.
func TestEachReporterOfAnItem(t *testing.T) {
	w := newWorld(t)
	src := w.items["2019-A"]
	src.Reports = []id.ID{id.New(), id.New(), id.New()}
	w.items["2019-A"] = src
	e := cigarettes()[4]
	e.Links = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.LedTo}}
	o := w.confirmed(t, e)
	at := func(i int, ending outcome.Ending, reason string) outcome.Telling {
		return outcome.Telling{Outcome: o.ID, Item: src.Item, Report: src.Reports[i], Ending: ending, Reason: reason}
	}
	leave := func(t *testing.T, x outcome.Telling) error {
		t.Helper()
		return w.Leave(t.Context(), w.reviewer, w.programme, x)
	}
	wantKind(t, "no reason", leave(t, at(0, outcome.NotTold, " ")), fault.Invalid, "why")
	wantKind(t, "no ending", leave(t, at(0, outcome.Told, "so")), fault.Invalid, "")
	wantKind(t, "a mailbox that is there", leave(t, at(0, outcome.Gone, "")), fault.NotFound, "")
	wantKind(t, "another's report", w.Leave(t.Context(), w.reviewer, w.programme, outcome.Telling{Outcome: o.ID, Item: src.Item, Report: id.New(), Ending: outcome.NotTold, Reason: "because"}), fault.NotFound, "")
	w.must(t, leave(t, at(0, outcome.NotTold, "the case is still in court")))
	w.must(t, w.Inform(t.Context(), w.reviewer, w.programme, at(1, "", ""), w.keep(t.Context())))
	if waits := w.waiting(t, w.reviewer); len(waits) != 1 || len(waits[0].Reports) != 1 || waits[0].Reports[0] != src.Reports[2] {
		t.Fatalf("after two of three: %+v", waits)
	}
	w.deleted = []id.ID{src.Reports[2]}
	if waits := w.waiting(t, w.reviewer); len(waits) != 1 || len(waits[0].Reports) != 0 || len(waits[0].Gone) != 1 {
		t.Fatalf("the third has deleted the mailbox: %+v", waits)
	}
	wantKind(t, "told without a mailbox", w.Inform(t.Context(), w.reviewer, w.programme, at(2, "", ""), w.keep(t.Context())), fault.NotFound, "")
	w.must(t, leave(t, at(2, outcome.Gone, "")))
	if waits := w.waiting(t, w.reviewer); len(waits) != 0 {
		t.Errorf("left: %+v", waits)
	}
}

// Nobody waits behind an item that rests on no report.
func TestAnItemWithoutReportsIsNotQueued(t *testing.T) {
	w := newWorld(t)
	src := w.items["2019-A"]
	src.Reports = nil
	w.items["2019-A"] = src
	e := cigarettes()[4]
	e.Links = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.LedTo}}
	w.confirmed(t, e)
	if n, err := w.Tells.CountTells(t.Context(), w.programme, []id.ID{w.desk}, []id.ID{{}}, 10); err != nil || n != 0 {
		t.Errorf("%d wait, %v", n, err)
	}
}

// A draft thanks in the reporter's language and gives nothing away.
func TestDraftsSayNothingExact(t *testing.T) {
	w := newWorld(t)
	for _, k := range w.Table.Kinds {
		drafts, err := w.Drafts(k.Code)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, lang := range []string{"en", "da-DK", "ar"} {
			text := outcome.Tell{Drafts: drafts, Language: lang}.Draft()
			if text == "" || seen[text] || strings.ContainsAny(text, "0123456789") {
				t.Errorf("%s in %s: %q", k.Code, lang, text)
			}
			seen[text] = true
		}
		if text := (outcome.Tell{Drafts: drafts, Language: "tlh"}).Draft(); !strings.Contains(text, "Thank you") {
			t.Errorf("a language without drafts: %q", text)
		}
	}
}
