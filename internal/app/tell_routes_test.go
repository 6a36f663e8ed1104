// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
)

// tellDoors are the routes on which reporters are told what came of it.
var tellDoors = []door{
	{"GET", "/p/{programme}/tell", writers, "", ""},
	{"GET", "/p/{programme}/tell/{told}/{item}", readers, "", ""},
	{"POST", "/p/{programme}/tell/{told}/{item}/{report}", readers, jsons, `{"seq":2}`},
	{"POST", "/p/{programme}/tell/{told}/{item}/{report}/leave", readers, form, "ending=not-told"},
}

// achieveFromItem confirms an outcome of the item that rests on the report.
func (o *office) achieveFromItem(t *testing.T) id.ID {
	t.Helper()
	p, a := o.founded.Programme.ID, o.founded.Programme.Desks[0].ID
	by := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: a}}}
	made, err := o.Outcomes.Record(t.Context(), by, p, outcome.Entry{
		Kind: "arrest", Date: o.Clock.Now().Format("2006-01-02"), By: "North Police", Quantity: "1", Links: []outcome.LinkEntry{{Item: o.item.String(), Basis: outcome.LedTo}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Outcomes.Confirm(t.Context(), authz.Subject{Account: id.New(), Grants: by.Grants}, p, made.ID, 1); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// A reason is asked for and kept where those who see the outcome read it; who
// answers no reporter is told of none.
func (o *office) aReporterIsToldOrNot(t *testing.T) {
	at := o.fill("/p/one/tell/{told}/{item}")
	for handle, n := range map[string]bool{"reviewer": true, "neighbour": false} {
		if body := o.ask(t.Context(), handle, "GET", "/p/one/tell", "", "").Body.String(); strings.Contains(body, at) != n || strings.Contains(body, "dk-nav__count") != n {
			t.Errorf("%s sees whom desk a tells: %v", handle, !n)
		}
	}
	page := o.ask(t.Context(), "reviewer", "GET", at, "", "").Body.String()
	if !strings.Contains(page, "have been held to account") || !strings.Contains(page, "draget til ansvar") || !strings.Contains(page, "data-conversation") {
		t.Errorf("the page has no draft: %s", page)
	}
	leave := o.fill(at + "/{report}/leave")
	if w := o.ask(t.Context(), "reviewer", "POST", leave, form, "ending=not-told&why="); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Say why") {
		t.Errorf("without a reason: %d", w.Code)
	}
	if w := o.ask(t.Context(), "reviewer", "POST", leave, form, "ending=gone"); w.Code != http.StatusNotFound {
		t.Errorf("gone, with the mailbox still there: %d", w.Code)
	}
	if w := o.ask(t.Context(), "reviewer", "POST", leave, form, url.Values{"ending": {"not-told"}, "why": {"still in court"}}.Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("with a reason: %d %s", w.Code, w.Body)
	}
	if w := o.ask(t.Context(), "reviewer", "GET", at, "", ""); w.Code != http.StatusNotFound {
		t.Errorf("it still waits: %d", w.Code)
	}
	if body := o.ask(t.Context(), "neighbour", "GET", o.fill("/p/one/outcomes/{told}"), "", "").Body.String(); !strings.Contains(body, "still in court") || strings.Contains(body, o.report.String()) {
		t.Error("the outcome's page must say why, and not of which report")
	}
}
