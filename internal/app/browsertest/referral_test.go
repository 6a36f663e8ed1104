// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/app/ceremony"
	"github.com/turnstone-project/turnstone/internal/app/demo"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/report"
)

// onShelf is a room of items that holds one, so that this test hangs on
// nothing but the way to the partner and back.
type onShelf struct{ item *intel.Item }

func (o onShelf) Approved(_ context.Context, by authz.Subject, programme, item id.ID) (intel.Item, error) {
	if item != o.item.ID || !authz.Decide(by, authz.Read, authz.Object{Kind: authz.Item, Programme: programme, Desk: o.item.Desk}).Allowed {
		return intel.Item{}, fault.New(fault.NotFound, "There is no such item.")
	}
	return *o.item, nil
}

func (onShelf) Named(context.Context, id.ID, id.ID) ([]id.ID, error)  { return nil, nil }
func (onShelf) Inside(context.Context, id.ID, id.ID) ([]id.ID, error) { return nil, nil }

// befriend enters a partner with one liaison, "lene", and puts an item on the
// shelf that rests on one of rita's reports.
func befriend(t *testing.T, h house) (*intel.Item, id.ID) {
	t.Helper()
	p := h.Programmes.All()[0]
	desk := p.Desks[0].ID
	reviewer := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p.ID, Desk: desk}}}
	in, err := h.Desk.List(t.Context(), reviewer, p.ID, report.Filter{Queue: report.QueueOpen, Limit: 1})
	if err != nil || len(in.Reports) == 0 {
		t.Fatal(in, err)
	}
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	item := &intel.Item{
		Programme: p.ID, ID: id.New(), Number: "2026-4F7K", Version: 1, State: intel.Approved, Desk: desk, Title: "Cigarettes behind the port", Category: "contraband", Language: "en",
		Handling: grading.Handling{Ref: ref, Code: "C", Conditions: []string{"A1"}}, Reports: []id.ID{in.Reports[0].ID},
		Statements: []intel.Statement{{Text: "A lorry from the south brings cigarettes without stamps to a warehouse behind the port.", Grade: grading.Grade{Ref: ref, Source: "2", Information: "C"}}},
	}
	h.Referrals.Items = onShelf{item}
	return item, h.partner(t, "C", "A1")
}

// partner enters a customs partner that receives what bears a code, with one
// liaison, "lene".
func (h house) partner(t *testing.T, code string, conditions ...string) id.ID {
	t.Helper()
	p := h.Programmes.All()[0]
	admin := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: p.ID}}}
	x, err := h.Referrals.SavePartner(t.Context(), admin, referral.Partner{
		Programme: p.ID, Name: "Told- og grænsekontrollen, Nordsøkysten", Kind: "customs", Country: "DK", Languages: []string{"en"}, Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"},
		Agreement: referral.Agreement{Reference: "MoU 2025/7", From: "2020-01-01", Codes: []referral.Allowed{{Scheme: "3x5x2", Code: code, Conditions: conditions}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.enrol(t, people.Newcomer{Handle: "lene", Name: "Lene Dahl", Language: "en", Grant: authz.Grant{Role: authz.Liaison, Programme: p.ID, Desk: x.ID}})
	return x.ID
}

// enrol lets somebody in who can log in with the demo's passphrase.
func (h house) enrol(t *testing.T, n people.Newcomer) {
	t.Helper()
	_, token, err := h.People.Found(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ceremony.Enrol(t.Context(), h.People, token, demo.Passphrase, n.Grant); err != nil {
		t.Fatal(err)
	}
}

// wait waits for a page by its name.
func (b *browser) wait(page string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.readyState === 'complete' && document.querySelector('main')?.dataset.page === %q`, page))
}

// From the desk to a partner and back: referred, acknowledged, accepted, asked,
// put to the reporter in other words, answered with a new version.
func TestReferredAcceptedAskedAndAnswered(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	item, _ := befriend(t, h)
	rita, lene := newBrowser(t, mode{}), newBrowser(t, mode{width: 320})
	look := func(b *browser, where string) {
		b.accessible(source, where)
		b.fits(where)
		b.picture(where)
	}
	rita.logIn(h, "rita")
	rita.covers()
	rita.visit(inDemo+"/refer/"+item.ID.String(), "refer")
	look(rita, "refer")
	rita.do(clicked("input[name=partner]:not([disabled])"), typed("#reason", "The warehouse is in their district."), clicked("main form .govuk-button"))
	rita.wait("referral")
	look(rita, "referral")
	made := get[string](rita, `location.pathname`)

	lene.logIn(h, "lene")
	lene.wait("received")
	look(lene, "received")
	if words := get[string](lene, `document.body.innerText`); strings.Contains(words, "Rita") || strings.Contains(words, "Inbox") {
		t.Error("a liaison sees the house")
	}
	lene.do(clicked(".dk-row__link"))
	lene.wait("received-one")
	look(lene, "received-one")
	say := func(act, text string) {
		lene.do(clicked("#act-"+act), typed("#text", text), clicked("main form .govuk-button"))
		lene.until(`document.querySelector('.dk-done') !== null && document.readyState === 'complete'`)
		lene.do(run(`document.querySelector('.dk-done').remove()`))
	}
	say("acknowledged", "")
	say("accepted", "")
	const question = "Which warehouse door did you see?"
	say("asked", question)
	look(lene, "asked")

	rita.visit(inDemo+"/questions", "questions")
	look(rita, "questions")
	rita.do(run(`[...document.querySelectorAll('main a')].find(a => a.href.includes('question=')).click()`))
	rita.until(`document.querySelector('main')?.dataset.page === 'reading' && document.querySelector('#answer')?.value !== '' && !document.querySelector('#answer').disabled`)
	look(rita, "reading")
	rita.do(clicked("[data-answer] button"))
	rita.until(`document.querySelector('[data-answer] [data-progress]').textContent.includes('Rewrite')`)
	rita.do(run(`document.querySelector('#answer').value = 'Do you know more about the building?'`), clicked("[data-answer] button"))
	rita.wait("questions")
	rita.until(`document.querySelector('main').textContent.includes('With the reporter')`)

	item.Version, item.Statements = 2, append(item.Statements, intel.Statement{Text: "Addendum: it is the building with the green door.", Grade: item.Statements[0].Grade})
	rita.do(clicked(`form[action$="/pass"] button`))
	rita.until(`document.querySelector('main').textContent.includes('No partner waits')`)
	lene.do(chromedp.Reload())
	lene.until(`document.body.innerText.includes('green door')`)
	look(lene, "answered")

	// Recalled: the partner is told, and reads it no more.
	rita.visit(made, "referral")
	rita.do(typed("#why", "The source is in danger."), clicked(".govuk-button--warning"))
	rita.until(`document.querySelector('.dk-done') !== null`)
	look(rita, "recalled")
	lene.do(chromedp.Reload())
	lene.until(`document.body.innerText.includes('This was recalled')`)
	if strings.Contains(get[string](lene, `document.body.innerText`), "green door") {
		t.Error("a recalled package is still shown")
	}
	rita.stayed(h.desk)
	lene.stayed(h.desk)
	rita.neverSent("more about the building")
}

// The one-time link, on a telephone, without an account.
func TestTheOneTimeLinkWithoutAnAccount(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	item, partner := befriend(t, h)
	p := h.Programmes.All()[0]
	reviewer := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p.ID, Desk: p.Desks[0].ID}}}
	made, err := h.Referrals.Refer(t.Context(), reviewer, referral.Order{Programme: p.ID, Item: item.ID, Version: 1, Partner: partner, Role: referral.Primary, Reason: "Their port."})
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.Referrals.MakeLink(t.Context(), reviewer, p.ID, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, mode{width: 320})
	b.do(chromedp.Navigate(h.desk + "/partner/" + token))
	b.wait("link")
	b.accessible(source, "link")
	b.fits("link")
	b.picture("closed")
	b.do(clicked("main .govuk-button"))
	b.wait("received-one")
	b.accessible(source, "opened link")
	b.fits("opened link")
	b.picture("opened")
	b.do(clicked("#act-acknowledged"), clicked("main form .govuk-button"))
	b.until(`document.readyState === 'complete' && document.querySelector('#act-accepted') !== null`)
	b.do(clicked("#act-accepted"), clicked("main form .govuk-button"))
	b.until(`document.readyState === 'complete' && document.querySelector('#act-progress') !== null`)
	b.picture("accepted")
	b.do(chromedp.Navigate(h.desk + "/partner/" + token))
	b.wait("link")
	b.do(clicked("main .govuk-button"))
	b.wait("error")
	b.stayed(h.desk)
}

// The pages about partners and what is overdue shut nobody out, and the chase
// list obeys the keyboard.
func TestPagesAboutPartners(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	item, partner := befriend(t, h)
	p := h.Programmes.All()[0]
	reviewer := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p.ID, Desk: p.Desks[0].ID}}}
	made, err := h.Referrals.Refer(t.Context(), reviewer, referral.Order{Programme: p.ID, Item: item.ID, Version: 1, Partner: partner, Role: referral.Primary, Reason: "Their port."})
	if err != nil {
		t.Fatal(err)
	}
	err = h.Tx.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error {
		made.Due, made.Revision = made.Due.AddDate(0, 0, -9), made.Revision+1
		return h.Referrals.Store.Save(ctx, made)
	})
	if err != nil {
		t.Fatal(err)
	}
	boss := demo.Accounts()[0].Handle
	admin, rita := newBrowser(t, mode{}), newBrowser(t, mode{})
	look := func(b *browser, at, page string) {
		b.visit(inDemo+at, page)
		b.narrowAndWide(func(width int64) {
			b.accessible(source, page)
			b.fits(page)
			b.picture(fmt.Sprint(page, width))
		})
	}
	admin.logIn(h, boss)
	look(admin, "/partners", "partners")
	look(admin, "/partners/"+partner.String(), "partner")
	rita.logIn(h, "rita")
	rita.covers()
	look(rita, "/referrals", "referrals")
	look(rita, "/chase", "chase")
	rita.narrowAndWide(func(int64) {
		rita.leave(chromedp.KeyEvent("j"), chromedp.KeyEvent("c"))
		rita.until(`document.querySelector('.dk-done') !== null && document.querySelector('main').textContent.includes('Chased')`)
	})
	rita.stayed(h.desk)
}
