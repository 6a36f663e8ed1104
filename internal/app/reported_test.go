// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
)

// A partner's outcome comes by its own page, by the one-time link and typed in
// by the desk; each waits for the desk, names the partner and hangs on the item.
func (o *office) partnersReportOutcomes(t *testing.T) {
	today := o.Clock.Now().Format("2006-01-02")
	form1 := func(more url.Values) url.Values {
		v := url.Values{"act": {"outcome"}, "kind": {"goods"}, "of": {"cigarettes"}, "unit": {"piece"}, "quantity": {"2000000"}, "day": {today}, "theirs": {"N-2026/7"}, "text": {"found in a shed"}}
		for key, values := range more {
			v[key] = values
		}
		return v
	}
	at := o.fill("/at/one/{partner}/{referral}")
	for what, bad := range map[string]url.Values{
		"no such kind": {"kind": {"medals"}}, "the wrong unit": {"unit": {"person"}}, "no such currency": {"value": {"7"}, "currency": {"DDK"}}, "before it was known": {"day": {"2001-01-01"}},
	} {
		w := o.ask(t.Context(), "officer", "POST", at, form, form1(bad).Encode())
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "found in a shed") || strings.Contains(w.Body.String(), o.itemNumber(t)) {
			t.Errorf("%s: %d, or what was written is lost, or the item is named", what, w.Code)
		}
	}
	had := len(o.outcomesOfItem(t))
	if w := o.ask(t.Context(), "officer", "POST", at, form, form1(nil).Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("by the account: %d %s", w.Code, w.Body)
	}
	made := o.ask(t.Context(), "reviewer", "POST", o.fill("/p/one/referrals/{referral}/link"), form, "")
	_, token, _ := strings.Cut(made.Body.String(), "/partner/")
	token, _, _ = strings.Cut(token, "<")
	opened := o.ask(t.Context(), "", "POST", "/partner", form, url.Values{"token": {token}}.Encode())
	if w := o.ask(t.Context(), "", "POST", "/partner/answer", form, form1(url.Values{"token": {tokenIn(t, opened.Body.String())}, "theirs": {"by link"}}).Encode()); w.Code != http.StatusOK {
		t.Fatalf("by the link: %d %s", w.Code, w.Body)
	}
	if w := o.ask(t.Context(), "reviewer", "POST", o.fill("/p/one/referrals/{referral}/typed"), form, form1(url.Values{"said": {"the officer"}, "how": {"telephone"}, "when": {today}, "theirs": {"by telephone"}}).Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("typed in: %d %s", w.Code, w.Body)
	}
	all := o.outcomesOfItem(t)
	if len(all) != had+3 {
		t.Fatalf("%d outcomes came of three reports", len(all)-had)
	}
	for _, x := range all {
		if x.Kind != "goods" {
			continue
		}
		if x.State != outcome.Recorded || x.Partner != o.partner || x.Referral != o.referral || x.Quantity.Base != 2_000_000 || x.Note != "found in a shed" {
			t.Errorf("reported: %+v", x)
		}
		body := o.ask(t.Context(), "reviewer", "GET", "/p/one/outcomes/"+x.ID.String(), "", "").Body.String()
		for _, want := range []string{"North Police", "Reported by the partner", o.fill("/p/one/referrals/{referral}")} {
			if !strings.Contains(body, want) {
				t.Errorf("the outcome's page is without %q", want)
			}
		}
		confirms := http.StatusSeeOther
		if x.Reference == "by telephone" {
			confirms = http.StatusForbidden // who typed it in doesn't stand for it
		}
		if w := o.ask(t.Context(), "reviewer", "POST", "/p/one/outcomes/"+x.ID.String()+"/confirm", form, "version=1"); w.Code != confirms {
			t.Errorf("%s confirmed by the reviewer: %d, want %d", x.Reference, w.Code, confirms)
		}
		if body = o.ask(t.Context(), "reviewer", "GET", "/p/one/outcomes/"+x.ID.String()+"/correct", "", "").Body.String(); !strings.Contains(body, `value="`+o.partner.String()+`" selected`) {
			t.Error("the form forgets the partner")
		}
	}
	p2 := o.ask(t.Context(), "officer", "GET", at, "", "").Body.String()
	if strings.Contains(p2, "/p/one/outcomes") || !strings.Contains(p2, "2000000 piece") {
		t.Error("the partner sees the house's outcome, or not what it reported")
	}
}

func (o *office) itemNumber(t *testing.T) string {
	t.Helper()
	it, _, err := o.Items.Store.Item(t.Context(), o.founded.Programme.ID, o.item)
	if err != nil {
		t.Fatal(err)
	}
	return it.Number
}

func (o *office) outcomesOfItem(t *testing.T) []outcome.Outcome {
	t.Helper()
	all, err := o.Outcomes.Store.Linked(t.Context(), o.founded.Programme.ID, o.item)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// An item is moved into a closed compartment: from the moment of the draft its
// outcome is there for nobody who is outside, and comes back when it is moved out.
func (o *office) anOutcomeFollowsItsItem(t *testing.T) {
	p, a := o.founded.Programme.ID, o.founded.Programme.Desks[0].ID
	director := authz.Subject{Account: o.accounts["director"].Account.ID, Grants: []authz.Grant{{Role: authz.Director, Programme: p}}}
	who := func() authz.Subject {
		return authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: a}}}
	}
	writer, second, outside := who(), who(), who()
	closed, err := o.Items.SetCompartment(t.Context(), director, intel.Compartment{Programme: p, Name: "harbour", Members: []id.ID{writer.Account, second.Account}}, "a source in danger")
	if err != nil {
		t.Fatal(err)
	}
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	it := o.approvedItem(t, intel.Change{
		Programme: p, Desk: a, Title: "A shed", Category: "drugs", Seriousness: "high", Channel: "web", Language: "en", Handling: grading.Handling{Ref: ref, Code: "P"},
		Statements: []intel.Statement{{Text: "A shed is used.", Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}},
	})
	made, err := o.Outcomes.Record(t.Context(), writer, p, outcome.Entry{Kind: "arrest", Date: o.Clock.Now().Format("2006-01-02"), By: "police", Quantity: "1", Links: []outcome.LinkEntry{{Item: it.ID.String(), Basis: outcome.LedTo}}})
	if err != nil {
		t.Fatal(err)
	}
	sees := func(s authz.Subject) bool {
		t.Helper()
		_, err := o.Outcomes.Look(t.Context(), s, p, made.ID)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Fatal(err)
		}
		return err == nil
	}
	move := func(to id.ID) {
		t.Helper()
		it, err = o.Items.Write(t.Context(), writer, intel.Change{
			Programme: p, Item: it.ID, Seen: it.Version, Compartment: to, Title: it.Title, Category: it.Category, Seriousness: it.Seriousness, Language: it.Language, Handling: it.Handling, Statements: it.Statements,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	approve := func() {
		t.Helper()
		if it, err = o.Items.Submit(t.Context(), writer, p, it.ID, it.Version); err != nil {
			t.Fatal(err)
		}
		if it, err = o.Items.Approve(t.Context(), second, p, it.ID, it.Version); err != nil {
			t.Fatal(err)
		}
	}
	move(closed.ID)
	if sees(outside) || !sees(writer) {
		t.Error("while the move into the compartment waits, the outcome is seen outside of it, or not inside")
	}
	approve()
	if sees(outside) || !sees(second) {
		t.Error("in the compartment, the outcome is seen outside of it, or not inside")
	}
	move(id.ID{})
	if sees(outside) {
		t.Error("before the move out is approved, the outcome is seen outside")
	}
	approve()
	if !sees(outside) {
		t.Error("out of the compartment, the outcome is still hidden")
	}
	differ, err := o.CheckStatistics(t.Context(), "one", false)
	if err != nil || !differ.OK() {
		t.Errorf("the figures are not what a full count gives: %v %v", differ, err)
	}
}
