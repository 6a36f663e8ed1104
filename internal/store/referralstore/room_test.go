// SPDX-License-Identifier: AGPL-3.0-or-later

package referralstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/store/referralstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// shelf is a room of items that holds what it is given.
type shelf struct {
	items map[id.ID]intel.Item
	named map[id.ID][]id.ID // by compartment
}

func (s *shelf) Approved(_ context.Context, by authz.Subject, programme, item id.ID) (intel.Item, error) {
	got, ok := s.items[item]
	o := authz.Object{Kind: authz.Item, Programme: programme, Desk: got.Desk}
	if !got.Compartment.IsZero() {
		o.Compartment = authz.Compartment{Closed: true, Named: s.named[got.Compartment]}
	}
	if !ok || got.Programme != programme || !authz.Decide(by, authz.Read, o).Allowed {
		return intel.Item{}, fault.New(fault.NotFound, "There is no such item.")
	}
	return got, nil
}

func (s *shelf) Named(_ context.Context, _, compartment id.ID) ([]id.ID, error) {
	return s.named[compartment], nil
}

func (s *shelf) Inside(_ context.Context, _, account id.ID) (in []id.ID, err error) {
	for compartment, named := range s.named {
		if slices.Contains(named, account) {
			in = append(in, compartment)
		}
	}
	return in, nil
}

type tenants map[id.ID]programme.Programme

func (t tenants) ByID(of id.ID) (programme.Programme, bool) { p, ok := t[of]; return p, ok }

type tally struct {
	counts  map[string]int64
	settled map[id.ID][]intel.Fact
}

func (t *tally) Settle(ctx context.Context, _, record id.ID, facts ...intel.Fact) error {
	for _, f := range t.settled[record] {
		t.counts[f.Measure] -= f.N
	}
	t.settled[record] = facts
	return t.Count(ctx, facts...)
}

func (t *tally) Count(_ context.Context, facts ...intel.Fact) error {
	for _, f := range facts {
		t.counts[f.Measure] += f.N
	}
	return nil
}

type results struct{ got []referral.Result }

func (r *results) Report(_ context.Context, _ *tx.Recorder, x referral.Result) error {
	if x.Kind != "arrests" {
		return fault.New(fault.Invalid, "There is no such outcome.")
	}
	r.got = append(r.got, x)
	return nil
}

// hand is a clock that a test moves.
type hand struct{ now time.Time }

func (h *hand) Now() time.Time { return h.now }

// room is the whole room on a real database.
type room struct {
	*referral.Service
	t                                        *testing.T
	house                                    *storetest.House
	shelf                                    *shelf
	tally                                    *tally
	results                                  *results
	clock                                    *hand
	here, desk, other                        id.ID
	admin, reviewer, neighbour, analyst, dir authz.Subject
	police, customs                          referral.Partner
	officer, collector                       authz.Subject // their liaisons
	item                                     intel.Item
}

var _ clock.Clock = (*hand)(nil)

func person(programme id.ID, role authz.Role, at id.ID) authz.Subject {
	return authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: role, Programme: programme, Desk: at}}}
}

func open(t *testing.T) *room {
	t.Helper()
	house := storetest.Build(t, storetest.SQLite)
	kept := referralstore.New(house.DB)
	rules, err := referral.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	r := &room{
		t: t, house: house, shelf: &shelf{items: map[id.ID]intel.Item{}, named: map[id.ID][]id.ID{}}, tally: &tally{map[string]int64{}, map[id.ID][]intel.Fact{}}, results: &results{},
		clock: &hand{time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}, here: id.New(), desk: id.New(), other: id.New(),
	}
	text := func(s string) programme.Text { return programme.Text{"en": s} }
	hours := programme.Hours{Zone: "Europe/Copenhagen"}
	r.Service = referral.New(referral.Config{
		Items: r.shelf, Partners: kept, Store: kept, Due: kept, Links: kept, Questions: kept, Rules: rules, Tally: r.tally, Outcomes: r.results,
		Programmes: tenants{r.here: {ID: r.here, Name: text("Tip line"), Desks: []programme.Desk{{ID: r.desk, Name: text("Desk"), Hours: hours}, {ID: r.other, Name: text("Other"), Hours: hours}}}},
		Tx:         house.Runner, Clock: r.clock,
		Pepper: func(use string, token []byte) [32]byte { return sha256.Sum256(append([]byte(use+"\x00"), token...)) },
	})
	r.admin, r.dir = person(r.here, authz.Administrator, id.ID{}), person(r.here, authz.Director, id.ID{})
	r.reviewer, r.neighbour, r.analyst = person(r.here, authz.Reviewer, r.desk), person(r.here, authz.Reviewer, r.other), person(r.here, authz.Analyst, id.ID{})
	r.police, r.customs = r.partner("North Police", "police"), r.partner("Customs", "customs")
	r.officer, r.collector = person(r.here, authz.Liaison, r.police.ID), person(r.here, authz.Liaison, r.customs.ID)
	r.item = r.write("3x5x2", "C", "A1")
	return r
}

func (r *room) partner(name, kind string) referral.Partner {
	r.t.Helper()
	p, err := r.SavePartner(r.t.Context(), r.admin, referral.Partner{
		Programme: r.here, Name: name, Kind: kind, Country: "DK", Languages: []string{"da"}, Mailbox: kind + "@example.org",
		Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"},
		Agreement: referral.Agreement{Reference: "MoU", From: "2026-01-01", Codes: []referral.Allowed{{Scheme: "3x5x2", Code: "P"}, {Scheme: "3x5x2", Code: "C", Conditions: []string{"A1"}}}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func (r *room) write(scheme, code string, conditions ...string) intel.Item {
	ref := grading.Ref{Scheme: scheme, Version: 1}
	item := intel.Item{
		Programme: r.here, ID: id.New(), Number: "2026-4F7K", Version: 1, State: intel.Approved, Desk: r.desk, Title: "Cigarettes at the port", Category: "contraband",
		Channel: "web", Language: "da", Handling: grading.Handling{Ref: ref, Code: code, Conditions: conditions},
		Statements: []intel.Statement{{ID: id.New(), Text: "A lorry brings cigarettes.", Grade: grading.Grade{Ref: ref, Source: "2", Information: "C"}}},
		Reports:    []id.ID{id.New()}, Sources: intel.Sources{Independence: intel.OneSource, Malicious: true}, Author: id.New(), Approver: id.New(),
		Written: r.clock.now, Approved: r.clock.now,
	}
	r.shelf.items[item.ID] = item
	return item
}

func (r *room) amend(item intel.Item) intel.Item {
	item.Version++
	item.Statements = append(slices.Clone(item.Statements), intel.Statement{ID: id.New(), Text: "It comes on Tuesdays."})
	r.shelf.items[item.ID] = item
	return item
}

func (r *room) order(p referral.Partner, role referral.Role) referral.Order {
	return referral.Order{Programme: r.here, Item: r.item.ID, Version: r.item.Version, Partner: p.ID, Role: role, Reason: "It is in their port."}
}

func (r *room) refer(p referral.Partner, role referral.Role) referral.Referral {
	r.t.Helper()
	got, err := r.Refer(r.t.Context(), r.reviewer, r.order(p, role))
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func (r *room) say(by authz.Subject, p referral.Partner, of referral.Referral, in referral.Reply) error {
	_, err := r.Reply(r.t.Context(), by, r.here, p.ID, of.ID, in)
	return err
}

func (r *room) want(what string, err error, kind fault.Kind, words string) {
	r.t.Helper()
	if err == nil || fault.KindOf(err) != kind || !strings.Contains(err.Error(), words) {
		r.t.Errorf("%s: %v, want kind %v and %q", what, err, kind, words)
	}
}

func TestFromReferralToOutcome(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	copied := r.refer(r.customs, referral.Information)
	r.want("accepted unseen", r.say(r.officer, r.police, one, referral.Reply{Act: referral.Accept}), fault.Conflict, "Acknowledge it first")
	for _, in := range []referral.Reply{
		{Act: referral.Acknowledge},
		{Act: referral.Accept},
		{Act: referral.Progress, Text: "Two officers are on it."},
		{Act: referral.Outcome, Result: referral.Result{Kind: "arrests", Quantity: "3", Day: "2026-03-02"}},
		{Act: referral.Close},
	} {
		if err := r.say(r.officer, r.police, one, in); err != nil {
			t.Fatalf("%s: %v", in.Act, err)
		}
	}
	for what, bad := range map[string]referral.Result{
		"Say what":                 {Quantity: "3", Day: "2026-03-02"},
		"Say how much":             {Kind: "arrests", Day: "2026-03-02"},
		"quantity is a number":     {Kind: "arrests", Quantity: "-3", Day: "2026-03-02"},
		"value is a number":        {Kind: "arrests", Value: "lots", Currency: "DKK", Day: "2026-03-02"},
		"currency of three":        {Kind: "arrests", Value: "5", Day: "2026-03-02"},
		"not later than today":     {Kind: "arrests", Quantity: "3", Day: "2026-03-03"},
		"There is no such outcome": {Kind: "unicorns", Quantity: "3", Day: "2026-03-02"},
	} {
		r.want(what, r.say(r.officer, r.police, one, referral.Reply{Act: referral.Outcome, Result: bad}), fault.Invalid, what)
	}
	if err := r.say(r.collector, r.customs, copied, referral.Reply{Act: referral.Acknowledge}); err != nil {
		t.Fatal(err)
	}
	r.want("a copy is accepted", r.say(r.collector, r.customs, copied, referral.Reply{Act: referral.Accept}), fault.Conflict, "for information only")
	if r.tally.counts["referred"] != 1 || r.tally.counts["acknowledged"] != 1 || r.tally.counts["accepted"] != 1 || r.tally.counts["declined"] != 0 {
		t.Errorf("counted %v: a copy for information counts as nothing", r.tally.counts)
	}
	if len(r.results.got) != 1 || r.results.got[0].Item != r.item.ID || r.results.got[0].Partner != r.police.ID || r.results.got[0].By != r.officer.Account {
		t.Errorf("outcomes %+v", r.results.got)
	}
	v, err := r.Look(t.Context(), r.reviewer, r.here, one.ID)
	if err != nil || v.Referral.State != referral.Closed || len(v.Steps) != 6 {
		t.Errorf("looks like %+v, %v", v.Referral, err)
	}
}

// What leaves holds nothing that leads to a sealed report or names anybody.
func TestThePackageLeadsBackToNobody(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	packages, err := referralstore.New(r.house.DB).Packages(t.Context(), r.here, one.ID)
	if err != nil || len(packages) != 1 {
		t.Fatal(packages, err)
	}
	for what, secret := range map[string]id.ID{
		"a sealed report": r.item.Reports[0], "the author": r.item.Author, "the approver": r.item.Approver, "who referred it": r.reviewer.Account,
		"the item": r.item.ID, "the desk": r.desk, "a statement": r.item.Statements[0].ID,
	} {
		if bytes.Contains(packages[0].Body, []byte(secret.String())) {
			t.Errorf("the package holds the id of %s", what)
		}
	}
	pack, err := referral.ParsePackage(packages[0].Body)
	if err != nil || len(pack.Handling.Instructions) != 2 || !strings.Contains(pack.Handling.Instructions[1], "fordækt") || !slices.Equal(pack.Cautions, []string{"one-source", "malicious-suspected"}) {
		t.Errorf("package %+v, %v", pack, err)
	}
	// The package stays as it was when the item is amended.
	r.item = r.amend(r.item)
	got, err := r.Receive(t.Context(), r.officer, r.here, r.police.ID, one.ID)
	if err != nil || got.Package.Version != 1 || len(got.Package.Statements) != 1 {
		t.Errorf("received %+v, %v", got.Package, err)
	}
	if _, err := r.Renew(t.Context(), r.reviewer, r.here, one.ID); err != nil {
		t.Fatal(err)
	}
	if got, err = r.Receive(t.Context(), r.officer, r.here, r.police.ID, one.ID); err != nil || got.Package.Version != 2 || !slices.Equal(got.Versions, []int{2, 1}) {
		t.Errorf("received %+v of %v, %v", got.Package, got.Versions, err)
	}
	seen, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string]id.ID{"the item": r.item.ID, "the desk": r.desk, "who referred": r.reviewer.Account, "a report": r.item.Reports[0]} {
		if bytes.Contains(seen, []byte(secret.String())) {
			t.Errorf("the partner is shown the id of %s", what)
		}
	}
	_, err = r.Renew(t.Context(), r.reviewer, r.here, one.ID)
	r.want("renewed twice", err, fault.Conflict, "has the newest")
}

func TestWhatIsNotReferred(t *testing.T) {
	r := open(t)
	try := func(by authz.Subject, change func(o *referral.Order)) error {
		o := r.order(r.police, referral.Primary)
		change(&o)
		_, err := r.Refer(t.Context(), by, o)
		return err
	}
	nothing := func(*referral.Order) {}
	r.want("no reason", try(r.reviewer, func(o *referral.Order) { o.Reason = " " }), fault.Invalid, "why this partner")
	r.want("an old version", try(r.reviewer, func(o *referral.Order) { o.Version = 7 }), fault.Conflict, "amended meanwhile")
	r.want("no role", try(r.reviewer, func(o *referral.Order) { o.Role = "owner" }), fault.Invalid, "Choose whether")
	r.want("no such partner", try(r.reviewer, func(o *referral.Order) { o.Partner = id.New() }), fault.NotFound, "")
	r.want("an analyst refers", try(r.analyst, nothing), fault.Forbidden, "")
	r.want("another desk's reviewer", try(r.neighbour, nothing), fault.NotFound, "")
	r.want("a liaison refers", try(r.officer, nothing), fault.NotFound, "")
	for _, h := range [][]string{{"C", "A2"}, {"C", "S2"}, {"Z"}} {
		item := r.write("3x5x2", h[0], h[1:]...)
		err := try(r.reviewer, func(o *referral.Order) { o.Item = item.ID })
		r.want("handling "+strings.Join(h, " "), err, fault.Invalid, h[len(h)-1])
	}
	draft := r.write("3x5x2", "P")
	draft.State = intel.Submitted
	r.shelf.items[draft.ID] = draft
	r.want("a draft", try(r.reviewer, func(o *referral.Order) { o.Item = draft.ID }), fault.Conflict, "approved")
	first := r.refer(r.police, referral.Primary)
	r.want("the same partner again", try(r.reviewer, nothing), fault.Conflict, first.Number)
	r.want("a second primary", try(r.reviewer, func(o *referral.Order) { o.Partner = r.customs.ID }), fault.Conflict, "Recall it first")
	if err := r.say(r.officer, r.police, first, referral.Reply{Act: referral.Acknowledge}); err != nil {
		t.Fatal(err)
	}
	r.want("declined without reason", r.say(r.officer, r.police, first, referral.Reply{Act: referral.Decline, Code: "mood"}), fault.Invalid, "Choose why")
	if err := r.say(r.officer, r.police, first, referral.Reply{Act: referral.Decline, Code: "jurisdiction"}); err != nil {
		t.Fatal(err)
	}
	r.refer(r.customs, referral.Primary) // the first has declined, so somebody else may own it
}

// Two reviewers refer one item to two primary partners at once: one of them wins.
func TestOnePrimaryEvenWhenTwoHurry(t *testing.T) {
	r := open(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			p := r.police
			if i%2 == 1 {
				p = r.customs
			}
			_, errs[i] = r.Refer(t.Context(), r.reviewer, r.order(p, referral.Primary))
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Fatalf("%d primary partners", won)
	}
}

func TestAnotherPartnersLiaisonFindsNothing(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	stranger := person(id.New(), authz.Liaison, r.police.ID) // of the same place in another programme
	for what, by := range map[string]authz.Subject{"customs": r.collector, "a stranger": stranger, "a reviewer": r.reviewer, "an administrator": r.admin, "an analyst": r.analyst, "nobody": {}} {
		_, err := r.Receive(t.Context(), by, r.here, r.police.ID, one.ID)
		r.want(what+" reads", err, fault.NotFound, "")
		_, _, err = r.Inbox(t.Context(), by, r.here, r.police.ID, nil, 0, 9)
		r.want(what+" lists", err, fault.NotFound, "")
		r.want(what+" answers", r.say(by, r.police, one, referral.Reply{Act: referral.Acknowledge}), fault.NotFound, "")
	}
	_, err := r.Receive(t.Context(), r.collector, r.here, r.customs.ID, one.ID)
	r.want("under one's own address", err, fault.NotFound, "")
	r.want("answered under one's own address", r.say(r.collector, r.customs, one, referral.Reply{Act: referral.Acknowledge}), fault.NotFound, "")
	_, err = r.Receive(t.Context(), r.collector, r.here, id.ID{}, one.ID)
	r.want("under no address", err, fault.NotFound, "")
	// A liaison is nobody in the house.
	if _, _, err := r.All(t.Context(), r.officer, r.here, referral.Filter{Limit: 9}); err == nil {
		t.Error("a liaison lists the house's referrals")
	}
	if _, err := r.AllPartners(t.Context(), r.officer, r.here); err == nil {
		t.Error("a liaison lists partners")
	}
	if _, err := r.Overdue(t.Context(), r.officer, r.here); err == nil {
		t.Error("a liaison sees what is overdue")
	}
	if _, err := r.Look(t.Context(), r.officer, r.here, one.ID); err == nil {
		t.Error("a liaison looks at the desk's side")
	}
	if _, err := r.OpenQuestions(t.Context(), r.officer, r.here); err == nil {
		t.Error("a liaison lists questions")
	}
	if _, err := r.MakeLink(t.Context(), r.officer, r.here, one.ID); err == nil {
		t.Error("a liaison makes a link")
	}
	if got, err := r.OfItem(t.Context(), r.officer, r.here, r.item.ID); err != nil || len(got) != 0 {
		t.Errorf("a liaison finds %v by the item, %v", got, err)
	}
}

func TestACompartmentHidesItsReferrals(t *testing.T) {
	r := open(t)
	closed := id.New()
	r.shelf.named[closed] = []id.ID{r.reviewer.Account}
	r.item.Compartment = closed
	r.shelf.items[r.item.ID] = r.item
	one := r.refer(r.police, referral.Primary)
	r.clock.now = r.clock.now.AddDate(0, 1, 0)
	colleague := person(r.here, authz.Reviewer, r.desk)
	for what, by := range map[string]authz.Subject{"a colleague outside": colleague, "an analyst outside": r.analyst} {
		if got, _, err := r.All(t.Context(), by, r.here, referral.Filter{Limit: 9}); err != nil || len(got) != 0 {
			t.Errorf("%s lists %v, %v", what, got, err)
		}
		if got, _, err := r.ChaseList(t.Context(), by, r.here, 0, 9); err != nil || len(got) != 0 {
			t.Errorf("%s chases %v, %v", what, got, err)
		}
		_, err := r.Look(t.Context(), by, r.here, one.ID)
		r.want(what+" looks", err, fault.NotFound, "")
		if got, err := r.OfItem(t.Context(), by, r.here, r.item.ID); err != nil || len(got) != 0 {
			t.Errorf("%s finds %v, %v", what, got, err)
		}
	}
	if got, _, err := r.ChaseList(t.Context(), r.reviewer, r.here, 0, 9); err != nil || len(got) != 1 {
		t.Errorf("who is inside chases %v, %v", got, err)
	}
}

func TestNothingAfterARecall(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	token, err := r.MakeLink(t.Context(), r.reviewer, r.here, one.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Recall(t.Context(), r.reviewer, r.here, one.ID, "")
	r.want("without a reason", err, fault.Invalid, "why it is recalled")
	if _, err := r.Recall(t.Context(), r.reviewer, r.here, one.ID, "The source is in danger."); err != nil {
		t.Fatal(err)
	}
	for _, a := range []referral.Act{referral.Acknowledge, referral.Accept, referral.Ask, referral.Close} {
		r.want(string(a), r.say(r.officer, r.police, one, referral.Reply{Act: a, Text: "x"}), fault.Conflict, "recalled")
	}
	got, err := r.Receive(t.Context(), r.officer, r.here, r.police.ID, one.ID)
	if err != nil || got.Package.Title != "" || got.Referral.Title != "" || len(got.Steps) != 2 || !strings.Contains(got.Steps[1].Text, "danger") {
		t.Errorf("the partner sees %+v, %v: it is told of the recall and reads nothing more", got, err)
	}
	_, err = r.OpenLink(t.Context(), token)
	r.want("the link", err, fault.NotFound, "opens nothing")
	_, err = r.MakeLink(t.Context(), r.reviewer, r.here, one.ID)
	r.want("a new link", err, fault.Conflict, "recalled")
	if err := r.Mailed(t.Context(), r.here, one.ID, "mail"); err != nil {
		t.Errorf("that the partner was told: %v", err)
	}
	v, err := r.Look(t.Context(), r.reviewer, r.here, one.ID)
	if err != nil || v.Package.Title == "" || len(v.Steps) != 4 {
		t.Errorf("the desk sees %d steps, %v: history stays", len(v.Steps), err)
	}
}

func TestTheDeskTypesItIn(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	typed := referral.Typed{Reply: referral.Reply{Act: referral.Acknowledge}, Said: "Sgt. Holm", How: "telephone", When: "2026-03-02"}
	for what, spoil := range map[string]func(x *referral.Typed){
		"who at the partner": func(x *referral.Typed) { x.Said = "" },
		"how you were told":  func(x *referral.Typed) { x.How = "" },
		"not later than":     func(x *referral.Typed) { x.When = "2026-03-03" },
		"Choose what":        func(x *referral.Typed) { x.Act = referral.Recall },
	} {
		bad := typed
		spoil(&bad)
		_, err := r.Type(t.Context(), r.reviewer, r.here, one.ID, bad)
		r.want(what, err, fault.Invalid, what)
	}
	_, err := r.Type(t.Context(), r.analyst, r.here, one.ID, typed)
	r.want("an analyst", err, fault.Forbidden, "")
	got, err := r.Type(t.Context(), r.reviewer, r.here, one.ID, typed)
	if err != nil || got.State != referral.Acknowledged {
		t.Fatal(got, err)
	}
	v, err := r.Look(t.Context(), r.reviewer, r.here, one.ID)
	if err != nil || v.Steps[1].Said != "Sgt. Holm" || v.Steps[1].Way != referral.ByDesk || v.Steps[1].By != r.reviewer.Account {
		t.Errorf("history %+v, %v", v.Steps, err)
	}
}

func TestOverdueRisesAndGoesToTheDirectorOnce(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	if n, err := r.Escalate(t.Context(), r.here); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	r.clock.now = r.clock.now.Add(49 * time.Hour)
	if got, _, err := r.ChaseList(t.Context(), r.reviewer, r.here, 0, 9); err != nil || len(got) != 1 || got[0].ID != one.ID {
		t.Fatal(got, err)
	}
	if got, _, err := r.ChaseList(t.Context(), r.neighbour, r.here, 0, 9); err != nil || len(got) != 0 {
		t.Errorf("another desk chases %v, %v", got, err)
	}
	if got, err := r.Chased(t.Context(), r.reviewer, r.here, one.ID); err != nil || got.Chases != 1 || !got.Due.Equal(one.Due) {
		t.Errorf("chased: %+v, %v", got, err)
	}
	if n, err := r.Escalate(t.Context(), r.here); err != nil || n != 0 {
		t.Errorf("escalated after an hour: %d, %v", n, err)
	}
	r.clock.now = r.clock.now.AddDate(0, 0, 7)
	for _, want := range []int{1, 0} {
		if n, err := r.Escalate(t.Context(), r.here); err != nil || n != want {
			t.Errorf("escalated %d, %v, want %d", n, err, want)
		}
	}
	late, err := r.Overdue(t.Context(), r.dir, r.here)
	if err != nil || len(late) != 1 || late[0].N != 1 || late[0].Partner != "North Police" {
		t.Errorf("overdue: %+v, %v", late, err)
	}
	for what, by := range map[string]authz.Subject{"a reviewer": r.reviewer, "an analyst": r.analyst, "an administrator": r.admin} {
		_, err := r.Overdue(t.Context(), by, r.here)
		r.want(what, err, fault.Forbidden, "")
	}
	_, err = r.Look(t.Context(), r.dir, r.here, one.ID)
	r.want("the director reads", err, fault.Forbidden, "")
	for _, want := range []bool{true, false} {
		r.clock.now = time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC) // a Monday
		if due, err := r.DigestDue(t.Context(), r.here, time.UTC); err != nil || due != want {
			t.Errorf("digest %v, %v, want %v", due, err, want)
		}
	}
}

// Everything that happens to a referral is in the ledger, with who did it and
// why, and without what the item or the partner said.
func TestTheLedgerTellsWhatWasHandedToWhom(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	const words = "Two officers watch the pier."
	for _, in := range []referral.Reply{{Act: referral.Acknowledge}, {Act: referral.Accept}, {Act: referral.Progress, Text: words}} {
		if err := r.say(r.officer, r.police, one, in); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Recall(t.Context(), r.reviewer, r.here, one.ID, "The source asks for it."); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Reply(t.Context(), r.officer, r.here, r.police.ID, one.ID, referral.Reply{Act: referral.Close}); err == nil {
		t.Fatal("closed after a recall")
	}
	var told []string
	for _, kind := range []string{"release", "audit"} {
		rows, err := r.house.Log.Find(t.Context(), ledger.Query{Programme: r.here, Kind: kind, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			told = append(told, string(row.Payload))
		}
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{"partner-entered", "referral-referred", "referral-acknowledged", "referral-accepted", "referral-progress", "referral-recalled", "The source asks for it.", one.Number, r.officer.Account.String(), r.police.ID.String()} {
		if !strings.Contains(all, want) {
			t.Errorf("the ledger doesn't tell %q", want)
		}
	}
	for _, secret := range []string{words, r.item.Title, "lorry", r.item.Reports[0].String(), "referral-closed"} {
		if strings.Contains(all, secret) {
			t.Errorf("the ledger tells %q", secret)
		}
	}
}
