// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
)

// reviewers are two people of a desk who exist only in tests.
func (h house) reviewers(desk id.ID) (writer, second authz.Subject) {
	p, _ := h.Programmes.BySlug("")
	grants := []authz.Grant{{Role: authz.Reviewer, Programme: p.ID, Desk: desk}}
	return authz.Subject{Account: id.New(), Grants: grants}, authz.Subject{Account: id.New(), Grants: grants}
}

// itemFrom writes and approves an item that rests on a report.
func (h house) itemFrom(t *testing.T, rep id.ID) intel.Item {
	t.Helper()
	p, _ := h.Programmes.BySlug("")
	known, err := h.Desk.Store.Report(t.Context(), p.ID, rep)
	if err != nil {
		t.Fatal(err)
	}
	writer, second := h.reviewers(known.Desk)
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	it, err := h.Items.Write(t.Context(), writer, intel.Change{
		Programme: p.ID, Desk: known.Desk, Title: "A van that comes on Tuesdays", Category: "drugs", Seriousness: "high", Channel: "web", Language: "en", Handling: grading.Handling{Ref: ref, Code: "P"},
		Statements: []intel.Statement{{Text: "A van delivers on Tuesdays.", Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}}, Reports: []id.ID{rep},
	})
	if err != nil {
		t.Fatal(err)
	}
	if it, err = h.Items.Submit(t.Context(), writer, p.ID, it.ID, it.Version); err != nil {
		t.Fatal(err)
	}
	if it, err = h.Items.Approve(t.Context(), second, p.ID, it.ID, it.Version); err != nil {
		t.Fatal(err)
	}
	return it
}

// achieve confirms an outcome of an item.
func (h house) achieve(t *testing.T, it intel.Item, kind string) {
	t.Helper()
	writer, second := h.reviewers(it.Desk)
	o, err := h.Outcomes.Record(t.Context(), writer, it.Programme, outcome.Entry{
		Kind: kind, Date: time.Now().UTC().Format(time.DateOnly), By: "Made-up Police", Quantity: "1", Links: []outcome.LinkEntry{{Item: it.Number, Basis: outcome.LedTo}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Outcomes.Confirm(t.Context(), second, it.Programme, o.ID, o.Version); err != nil {
		t.Fatal(err)
	}
}

// TestTheReporterIsToldWhatCameOfIt is the last step of the way: a confirmed
// outcome, a message in the reporter's language that the reviewer edits and the
// browser seals, and the mailbox in which it is read.
func TestTheReporterIsToldWhatCameOfIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	stranger := newBrowser(t, mode{})
	ten := stranger.tell(h, "da", "drugs", "En varevogn kommer hver tirsdag bag mejeriet.")
	rita := newBrowser(t, mode{})
	rita.logIn(h, "rita")
	rita.visit(inDemo+"/inbox?queue=new", "inbox")
	rita.covers()
	rep, err := id.Parse(get[string](rita, `[...document.querySelectorAll('[data-report]')].find(r => r.textContent.includes('bag mejeriet')).dataset.report`))
	if err != nil {
		t.Fatal(err)
	}
	item := h.itemFrom(t, rep)
	h.achieve(t, item, "arrest")

	rita.visit(inDemo+"/tell", "tells")
	rita.until(`document.querySelector('.dk-nav__count')`)
	rita.picture("tells")
	rita.do(run(fmt.Sprintf(`[...document.querySelectorAll('.dk-row__link')].find(a => a.textContent === %q).click()`, item.Number)))
	rita.until(`document.querySelector('#message')?.disabled === false`)
	if draft := get[string](rita, `document.querySelector('#message').value`); !strings.Contains(draft, "draget til ansvar") {
		t.Errorf("the draft is not in the reporter's language: %q", draft)
	}
	rita.picture("tell")
	rita.do(typed("#message", " Hilsen fra Wombat."), clicked("[data-tell-form] button"))
	rita.until(`document.querySelector('main').dataset.page === 'tells' && document.querySelector('.dk-done').textContent.includes('sealed in the reporter')`)
	rita.neverSent("Wombat")
	rita.neverSent("draget til ansvar")
	if get[bool](rita, fmt.Sprintf(`document.querySelector('main').textContent.includes(%q)`, item.Number)) {
		t.Error("who was told still waits")
	}

	stranger.openMailbox(h, "da", ten)
	stranger.until(`document.querySelector('#talk').textContent.includes('draget til ansvar') && document.querySelector('#talk').textContent.includes('Hilsen fra Wombat.')`)
	stranger.picture("mailbox")

	// Another outcome, and meanwhile the reporter has deleted the mailbox.
	h.achieve(t, item, "fugitive")
	stranger.do(run(`document.querySelector('#delete-button').closest('details').open = true`), clicked("#delete-button"))
	stranger.confirmDeletion()
	stranger.until(`!document.querySelector('#deleted').hidden`)
	rita.visit(inDemo+"/inbox?queue=open", "inbox")
	rita.visit(inDemo+"/tell", "tells")
	rita.do(run(fmt.Sprintf(`[...document.querySelectorAll('.dk-row__link')].find(a => a.textContent === %q).click()`, item.Number)))
	rita.until(`document.querySelector('main').textContent.includes('has deleted the mailbox')`)
	rita.picture("gone")
	rita.do(clicked(`main form[action$="/leave"] button`))
	rita.until(`document.querySelector('main').dataset.page === 'tells'`)
	if get[bool](rita, fmt.Sprintf(`document.querySelector('main').textContent.includes(%q)`, item.Number)) {
		t.Error("who is gone still waits")
	}
	rita.stayed(h.desk)
	stranger.stayed(h.portal)
}
