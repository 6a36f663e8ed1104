// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/web/desk"
)

// partnership is a partner with a liaison, an item that was referred to it and a
// question that it asked.
type partnership struct {
	partner, rivals, item, referral, question id.ID
}

// oneItem is a room of items that holds one.
type oneItem struct{ item intel.Item }

func (o oneItem) Approved(_ context.Context, by authz.Subject, programme, item id.ID) (intel.Item, error) {
	kind := authz.Object{Kind: authz.Item, Programme: programme, Desk: o.item.Desk}
	if programme != o.item.Programme || item != o.item.ID || !authz.Decide(by, authz.Read, kind).Allowed {
		return intel.Item{}, fault.New(fault.NotFound, "There is no such item here, or it is not for you.")
	}
	return o.item, nil
}

func (oneItem) Named(context.Context, id.ID, id.ID) ([]id.ID, error)  { return nil, nil }
func (oneItem) Inside(context.Context, id.ID, id.ID) ([]id.ID, error) { return nil, nil }

const referredTitle = "Cigarettes behind the port"

// befriend makes the partnership through the rooms, as its people would.
func (o *office) befriend(t *testing.T) {
	t.Helper()
	p, a := o.founded.Programme.ID, o.founded.Programme.Desks[0].ID
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	item := o.approvedItem(t, intel.Change{
		Programme: p, Desk: a, Title: referredTitle, Category: "drugs", Seriousness: "high", Channel: "web", Language: "en", Handling: grading.Handling{Ref: ref, Code: "P"},
		Statements: []intel.Statement{{Text: "A lorry comes on Tuesdays.", Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}}, Reports: []id.ID{o.report},
	})
	o.item = item.ID
	admin := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: p}}}
	reviewer := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: a}}}
	enter := func(name string) id.ID {
		x, err := o.Referrals.SavePartner(t.Context(), admin, referral.Partner{
			Programme: p, Name: name, Kind: "police", Country: "DK", Languages: []string{"en"}, Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"},
			Agreement: referral.Agreement{Reference: "MoU", From: "2020-01-01", Codes: []referral.Allowed{{Scheme: "3x5x2", Code: "P"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return x.ID
	}
	o.partner, o.rivals = enter("North Police"), enter("South Police")
	o.enrol(t, "officer", authz.Grant{Role: authz.Liaison, Desk: o.partner})
	o.enrol(t, "rival", authz.Grant{Role: authz.Liaison, Desk: o.rivals})
	o.enrol(t, "director", authz.Grant{Role: authz.Director})
	made, err := o.Referrals.Refer(t.Context(), reviewer, referral.Order{Programme: p, Item: o.item, Version: item.Version, Partner: o.partner, Role: referral.Primary, Reason: "Their port."})
	if err != nil {
		t.Fatal(err)
	}
	o.referral = made.ID
	liaison := authz.Subject{Account: o.accounts["officer"].Account.ID, Grants: []authz.Grant{{Role: authz.Liaison, Programme: p, Desk: o.partner}}}
	for _, in := range []referral.Reply{{Act: referral.Acknowledge}, {Act: referral.Ask, Text: "Which pier?"}} {
		if _, err := o.Referrals.Reply(t.Context(), liaison, p, o.partner, o.referral, in); err != nil {
			t.Fatal(err)
		}
	}
	waiting, err := o.Referrals.OpenQuestions(t.Context(), reviewer, p)
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	o.question = waiting[0].ID
}

var (
	writers = []string{"boss", "reviewer", "neighbour"}
	lists   = []string{"boss", "reviewer", "neighbour", "analyst"}
	looks   = []string{"boss", "reviewer", "analyst"}
)

// referralDoors are the routes of partners and referrals inside a programme.
var referralDoors = []door{
	{"GET", "/p/{programme}/partners", everybody, "", ""},
	{"POST", "/p/{programme}/partners/times", admins, form, "revision=x"},
	{"GET", "/p/{programme}/partners/{partner}", everybody, "", ""},
	{"POST", "/p/{programme}/partners/{partner}", admins, form, "name="},
	{"POST", "/p/{programme}/partners/{partner}/people", admins, form, "handle=!"},
	{"GET", "/p/{programme}/referrals", lists, "", ""},
	{"GET", "/p/{programme}/refer/{item}", readers, "", ""},
	{"POST", "/p/{programme}/refer/{item}", readers, form, "role=primary"},
	{"GET", "/p/{programme}/referrals/{referral}", looks, "", ""},
	{"POST", "/p/{programme}/referrals/{referral}/typed", readers, form, "act=progress"},
	{"POST", "/p/{programme}/referrals/{referral}/recall", readers, form, "why="},
	{"POST", "/p/{programme}/referrals/{referral}/renew", readers, form, ""},
	{"POST", "/p/{programme}/referrals/{referral}/link", readers, form, ""},
	{"POST", "/p/{programme}/referrals/{referral}/link/revoke", readers, form, ""},
	{"GET", "/p/{programme}/questions", lists, "", ""},
	{"POST", "/p/{programme}/questions/{question}/put", readers, form, "report={report}"},
	{"POST", "/p/{programme}/questions/{question}/pass", readers, form, ""},
	{"POST", "/p/{programme}/questions/{question}/refuse", readers, form, "why="},
	{"GET", "/p/{programme}/chase", lists, "", ""},
	{"GET", "/p/{programme}/chase.csv", lists, "", ""},
	{"POST", "/p/{programme}/chase/{referral}", readers, form, ""},
	{"GET", "/p/{programme}/overdue", nil, "", ""}, // the director's, below
}

// A liaison probes every address inside the programme, and learns nothing: not a
// colleague's name, not a desk's, not whether a thing is there.
func (o *office) aLiaisonSeesNothingOfTheHouse(t *testing.T) {
	for _, d := range doors {
		for _, handle := range []string{"officer", "rival"} {
			if w := o.ask(t.Context(), handle, d.method, o.fill(d.path), d.media, o.fill(d.body)); w.Code != http.StatusNotFound {
				t.Errorf("%s %s by %s: %d, want 404", d.method, d.path, handle, w.Code)
			}
		}
	}
	pages := []string{"/me", o.fill("/at/one/{partner}"), o.fill("/at/one/{partner}/{referral}"), "/p/one/inbox"}
	for _, at := range pages {
		body := o.ask(t.Context(), "officer", "GET", at, "", "").Body.String()
		for _, secret := range []string{"reviewer", "neighbour", "Desk b", "/p/one/", "South Police", "data-programme", o.item.String(), o.report.String(), "with-reporter"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells a liaison %q", at, secret)
			}
		}
	}
	if w := o.ask(t.Context(), "officer", "GET", "/", "", ""); w.Header().Get("Location") != o.fill("/at/one/{partner}") {
		t.Errorf("a liaison's first page: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := o.ask(t.Context(), "director", "GET", "/p/one/overdue", "", ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), referredTitle) {
		t.Errorf("the director's page: %d", w.Code)
	}
	if w := o.ask(t.Context(), "director", "GET", o.fill("/p/one/referrals/{referral}"), "", ""); w.Code != http.StatusForbidden {
		t.Errorf("the director reads a referral: %d", w.Code)
	}
}

// The partner's pages let in its liaisons and nobody else, and each route of
// them is tried.
func (o *office) thePartnersOwnPages(t *testing.T) {
	for _, route := range desk.Routes {
		if route.Access != desk.AtPartner {
			continue
		}
		at := o.fill(route.Path)
		for _, handle := range append([]string{"rival", "stranger", "director"}, everybody...) {
			if w := o.ask(t.Context(), handle, route.Method, at, form, "act=progress"); w.Code != http.StatusNotFound {
				t.Errorf("%s %s by %s: %d, want 404", route.Method, route.Path, handle, w.Code)
			}
		}
		if w := o.ask(t.Context(), "", route.Method, at, form, ""); w.Code != http.StatusUnauthorized && w.Code != http.StatusSeeOther {
			t.Errorf("%s %s by nobody: %d", route.Method, route.Path, w.Code)
		}
		for _, moved := range []string{strings.Replace(at, "/at/one/", "/at/two/", 1), strings.Replace(at, o.partner.String(), o.rivals.String(), 1), strings.Replace(at, o.partner.String(), strings.Repeat("0", 32), 1)} {
			if w := o.ask(t.Context(), "officer", route.Method, moved, form, "act=progress"); w.Code != http.StatusNotFound {
				t.Errorf("%s %s by the officer: %d, want 404", route.Method, moved, w.Code)
			}
		}
	}
	list := o.ask(t.Context(), "officer", "GET", o.fill("/at/one/{partner}"), "", "").Body.String()
	if !strings.Contains(list, referredTitle) {
		t.Error("the partner doesn't find what was referred")
	}
	if other := o.ask(t.Context(), "rival", "GET", "/at/one/"+o.rivals.String(), "", ""); other.Code != http.StatusOK || strings.Contains(other.Body.String(), referredTitle) {
		t.Errorf("another partner's list: %d", other.Code)
	}
	if w := o.ask(t.Context(), "officer", "POST", o.fill("/at/one/{partner}/{referral}"), form, "act=progress&text=kept+words"+strings.Repeat("x", 9000)); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "kept words") {
		t.Errorf("a reply that is too long: %d, or its words are lost", w.Code)
	}
	if w := o.ask(t.Context(), "officer", "POST", o.fill("/at/one/{partner}/{referral}"), form, "act=accepted"); w.Code != http.StatusSeeOther {
		t.Errorf("accepted: %d", w.Code)
	}
}

var hidden = regexp.MustCompile(`name="token" value="([^"]*)"`)

// tokenIn returns the token that a page's form carries.
func tokenIn(t *testing.T, body string) string {
	t.Helper()
	m := hidden.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("the page has no token")
	}
	return html.UnescapeString(m[1])
}

func (o *office) aOneTimeLinkInTheBrowser(t *testing.T) {
	made := o.ask(t.Context(), "reviewer", "POST", o.fill("/p/one/referrals/{referral}/link"), form, "")
	link := regexp.MustCompile(`/partner/[\w-]+`).FindString(made.Body.String())
	if made.Code != http.StatusOK || len(link) < len("/partner/")+43 {
		t.Fatalf("link %q: %d", link, made.Code)
	}
	post := func(at, token, more string) (int, string) {
		w := o.ask(t.Context(), "", "POST", at, form, url.Values{"token": {token}}.Encode()+more)
		return w.Code, w.Body.String()
	}
	// Scanners and previews ask for the address as often as they like, and get
	// the page that every other token gets.
	var first string
	for i := range 5 {
		for _, method := range []string{"GET", "HEAD"} {
			w := o.ask(t.Context(), "", method, link, "", "")
			if w.Code != http.StatusOK || strings.Contains(w.Body.String(), referredTitle) {
				t.Fatalf("%s %d: %d", method, i, w.Code)
			}
			if method == "GET" {
				first = w.Body.String()
			}
		}
	}
	token := strings.TrimPrefix(link, "/partner/")
	guess := strings.Repeat("A", len(token))
	if other := o.ask(t.Context(), "", "GET", "/partner/"+guess, "", "").Body.String(); strings.ReplaceAll(other, guess, token) != first {
		t.Error("the page before the click tells whether a token is right")
	}
	code, wrong := post("/partner", guess, "")
	if code != http.StatusNotFound {
		t.Errorf("a guessed token: %d", code)
	}
	code, body := post("/partner", token, "")
	if code != http.StatusOK || !strings.Contains(body, referredTitle) || strings.Contains(body, "<script src") {
		t.Fatalf("the click: %d", code)
	}
	step := tokenIn(t, body)
	if code, again := post("/partner", token, ""); code != http.StatusNotFound || again != wrong {
		t.Errorf("a used link: %d, or it is answered otherwise than a guess", code)
	}
	for what, at := range map[string]string{"link as step": token, "nothing": "", "guess": guess} {
		if code, got := post("/partner/answer", at, "&act=progress&text=x"); code != http.StatusNotFound || got != wrong {
			t.Errorf("%s: %d, or it is answered otherwise than a guess", what, code)
		}
	}
	code, body = post("/partner/answer", step, "&act=progress&text=")
	if code != http.StatusUnprocessableEntity || tokenIn(t, body) != step {
		t.Fatalf("an empty progress: %d: the same step can be sent again", code)
	}
	code, body = post("/partner/answer", step, "&act=progress&text=Two+on+it")
	if code != http.StatusOK || !strings.Contains(body, "Two on it") || tokenIn(t, body) == step {
		t.Fatalf("a step: %d", code)
	}
	if code, got := post("/partner/answer", step, "&act=progress&text=again"); code != http.StatusNotFound || got != wrong {
		t.Errorf("a step's token twice: %d", code)
	}
}

// The reviewer sees the partner's question beside the answer, and the clocks of
// the report; nobody sees a question that is not theirs to put.
func (o *office) aPartnersQuestionBesideTheAnswer(t *testing.T) {
	at := o.fill("/p/one/reports/{report}?question=")
	w := o.ask(t.Context(), "reviewer", "GET", at+o.question.String(), "", "")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Which pier?") || !strings.Contains(w.Body.String(), "Acknowledge reporter") {
		t.Errorf("the reading room: %d, without the question or the clocks", w.Code)
	}
	for _, other := range []string{id.New().String(), "x", o.item.String()} {
		if w := o.ask(t.Context(), "reviewer", "GET", at+other, "", ""); w.Code != http.StatusNotFound {
			t.Errorf("question %s: %d, want 404", other, w.Code)
		}
	}
	if w := o.ask(t.Context(), "neighbour", "GET", at+o.question.String(), "", ""); w.Code != http.StatusNotFound {
		t.Errorf("another desk's reviewer: %d, want 404", w.Code)
	}
}
