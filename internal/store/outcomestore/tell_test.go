// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
)

func TestReportersAreToldOnce(t *testing.T) {
	w := newWorld(t)
	closed := id.New()
	w.item("2019-C", closed, "drugs", "web")
	w.inside[w.reviewer.Account], w.inside[w.other.Account] = []id.ID{closed}, []id.ID{closed}
	e := cigarettes()[4]
	e.Links = []outcome.LinkEntry{{Item: "2019-A", Basis: outcome.LedTo}, {Item: "2019-B", Basis: outcome.Known}}
	o := w.recorded(t, e)
	if waiting, err := w.ToTell(t.Context(), w.reviewer, w.programme); err != nil || len(waiting) != 0 {
		t.Errorf("told of what nobody confirmed: %v %v", waiting, err)
	}
	w.confirm(t, o)
	hidden := cigarettes()[2]
	hidden.Links = []outcome.LinkEntry{{Item: "2019-C", Basis: outcome.LedTo}}
	gone := w.confirmed(t, hidden)

	waiting, err := w.ToTell(t.Context(), w.analyst, w.programme)
	w.must(t, err)
	if len(waiting) != 1 || waiting[0].Number != "2019-A" || len(waiting[0].Reports) != 1 || !strings.Contains(waiting[0].Draft, "draget til ansvar") {
		t.Fatalf("who is outside of the compartment tells %+v", waiting)
	}
	if all, err := w.ToTell(t.Context(), w.reviewer, w.programme); err != nil || len(all) != 2 {
		t.Fatalf("who is inside tells %d: %v", len(all), err)
	}
	_, err = w.Withdraw(t.Context(), w.reviewer, w.programme, gone.ID, gone.Version, "it was not so")
	w.must(t, err)
	w.must(t, w.MarkTold(t.Context(), w.reviewer, w.programme, o.ID, waiting[0].Item))
	wantKind(t, "told twice", w.MarkTold(t.Context(), w.reviewer, w.programme, o.ID, waiting[0].Item), fault.Conflict, "already")
	wantKind(t, "told of another's item", w.MarkTold(t.Context(), w.reviewer, w.programme, o.ID, id.New()), fault.NotFound, "")
	if left, err := w.ToTell(t.Context(), w.reviewer, w.programme); err != nil || len(left) != 0 {
		t.Errorf("left to tell: %+v %v", left, err)
	}
}

// A draft thanks in the reporter's language and gives nothing away.
func TestDraftsSayNothingExact(t *testing.T) {
	w := newWorld(t)
	for _, k := range w.Table.Kinds {
		seen := map[string]bool{}
		for _, lang := range []string{"en", "da-DK", "ar"} {
			text, err := w.Draft(k.Code, lang)
			if err != nil || text == "" || seen[text] || strings.ContainsAny(text, "0123456789") {
				t.Errorf("%s in %s: %q %v", k.Code, lang, text, err)
			}
			seen[text] = true
		}
		if text, err := w.Draft(k.Code, "tlh"); err != nil || !strings.Contains(text, "Thank you") {
			t.Errorf("a language without drafts: %q %v", text, err)
		}
	}
}
