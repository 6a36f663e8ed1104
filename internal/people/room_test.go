// SPDX-License-Identifier: AGPL-3.0-or-later

package people_test

import (
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
)

func TestAnInvitationIsGoodOnceAndForAWhile(t *testing.T) {
	h := newHouse(t)
	admin := h.join(t, "chief", authz.Administrator)
	g := authz.Grant{Role: authz.Reviewer, Programme: h.programme, Desk: h.desk}
	a, token, err := h.Invite(t.Context(), admin, people.Newcomer{Handle: " Anna ", Name: " Anna A. ", Grant: g})
	noError(t, err)
	if a.Handle != "anna" || a.Name != "Anna A." || a.State != people.Invited {
		t.Fatalf("account %+v", a)
	}
	renewed, err := h.InviteAgain(t.Context(), admin, h.programme, a.ID)
	noError(t, err)
	_, err = h.Invited(t.Context(), token)
	wantKind(t, err, fault.NotFound) // the first link died with the second
	_, err = h.Accept(t.Context(), renewed, acceptance(id.New(), "anna"))
	wantKind(t, err, fault.Invalid)
	_, err = h.Accept(t.Context(), renewed, acceptance(a.ID, "anna"))
	noError(t, err)
	_, err = h.Accept(t.Context(), renewed, acceptance(a.ID, "anna"))
	wantKind(t, err, fault.NotFound)
	_, err = h.InviteAgain(t.Context(), admin, h.programme, a.ID)
	wantKind(t, err, fault.Conflict)

	_, late, err := h.Invite(t.Context(), admin, people.Newcomer{Handle: "late", Name: "Late", Grant: g})
	noError(t, err)
	h.clock.advance(people.InvitationFor)
	_, err = h.Invited(t.Context(), late)
	wantKind(t, err, fault.NotFound)
	if n := len(h.store.acts("membership")); n != 2+4 {
		t.Errorf("%d entries of membership in the ledger, want 6", n)
	}
}

func TestAcceptRefusesWhatIsNotWhole(t *testing.T) {
	h := newHouse(t)
	a, token, err := h.Found(t.Context(), people.Newcomer{Handle: "anna", Name: "Anna", Grant: authz.Grant{Role: authz.Auditor, Programme: h.programme}})
	noError(t, err)
	for name, spoil := range map[string]func(*people.Acceptance){
		"login":     func(x *people.Acceptance) { x.Login = x.Login[1:] },
		"wrapped":   func(x *people.Acceptance) { x.Wrapped = nil },
		"huge":      func(x *people.Acceptance) { x.Wrapped = make([]byte, people.MaxWrapped+1) },
		"recipient": func(x *people.Acceptance) { x.Recipient = "age1qqq" },
		"signing":   func(x *people.Acceptance) { x.SigningKey = nil },
		"salt":      func(x *people.Acceptance) { x.Salt = [16]byte{} },
	} {
		x := acceptance(a.ID, "anna")
		spoil(&x)
		_, err := h.Accept(t.Context(), token, x)
		if fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = h.Accept(t.Context(), token, acceptance(a.ID, "anna"))
	noError(t, err) // nothing of the bad tries used the link up
}

func TestInviteRefusesBadInput(t *testing.T) {
	h := newHouse(t)
	admin := h.join(t, "chief", authz.Administrator)
	g := authz.Grant{Role: authz.Reviewer, Programme: h.programme, Desk: h.desk}
	for name, tt := range map[string]struct {
		n    people.Newcomer
		want fault.Kind
	}{
		"handle":         {people.Newcomer{Handle: "a b", Name: "A", Grant: g}, fault.Invalid},
		"no name":        {people.Newcomer{Handle: "abc", Grant: g}, fault.Invalid},
		"long name":      {people.Newcomer{Handle: "abc", Name: strings.Repeat("å", 81), Grant: g}, fault.Invalid},
		"no desk":        {people.Newcomer{Handle: "abc", Name: "A", Grant: authz.Grant{Role: authz.Reviewer, Programme: h.programme}}, fault.Invalid},
		"desk too much":  {people.Newcomer{Handle: "abc", Name: "A", Grant: authz.Grant{Role: authz.Auditor, Programme: h.programme, Desk: h.desk}}, fault.Invalid},
		"role":           {people.Newcomer{Handle: "abc", Name: "A", Grant: authz.Grant{Role: "root", Programme: h.programme}}, fault.Invalid},
		"elsewhere":      {people.Newcomer{Handle: "abc", Name: "A", Grant: authz.Grant{Role: authz.Auditor, Programme: id.New()}}, fault.NotFound},
		"taken":          {people.Newcomer{Handle: "chief", Name: "A", Grant: g}, fault.Conflict},
		"installation's": {people.Newcomer{Handle: "abc", Name: "A", Grant: authz.Grant{Role: authz.Administrator}}, fault.NotFound},
	} {
		_, _, err := h.Invite(t.Context(), admin, tt.n)
		if err == nil || fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want kind %v", name, err, tt.want)
		}
	}
}

// Each act of administration, tried by everybody who may not: colleagues
// without the role, and an administrator of another programme.
func TestOnlyTheProgrammesAdministratorAdministers(t *testing.T) {
	h := newHouse(t)
	victim := h.join(t, "anna", authz.Reviewer)
	stranger := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: id.New()}}}
	acts := map[string]func(by authz.Subject) error{
		"invite": func(by authz.Subject) error {
			_, _, err := h.Invite(t.Context(), by, people.Newcomer{Handle: "abc", Name: "A", Grant: victim.Grants[0]})
			return err
		},
		"invite again": func(by authz.Subject) error {
			_, err := h.InviteAgain(t.Context(), by, h.programme, victim.Account)
			return err
		},
		"assign": func(by authz.Subject) error {
			return h.Assign(t.Context(), by, people.Assignment{Account: victim.Account, Grant: authz.Grant{Role: authz.Auditor, Programme: h.programme}})
		},
		"withdraw": func(by authz.Subject) error {
			return h.Withdraw(t.Context(), by, people.Assignment{Account: victim.Account, Grant: victim.Grants[0]})
		},
		"suspend": func(by authz.Subject) error { return h.Suspend(t.Context(), by, h.programme, victim.Account) },
		"resume":  func(by authz.Subject) error { return h.Resume(t.Context(), by, h.programme, victim.Account) },
		"revoke":  func(by authz.Subject) error { return h.Revoke(t.Context(), by, h.programme, victim.Account, id.New()) },
		"duty": func(by authz.Subject) error {
			return h.PutOnDuty(t.Context(), by, people.Shift{Programme: h.programme, Desk: h.desk, Account: victim.Account})
		},
	}
	for name, act := range acts {
		for _, role := range []authz.Role{authz.Reviewer, authz.CallTaker, authz.Analyst, authz.Auditor} {
			by := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: role, Programme: h.programme, Desk: h.desk}}}
			if err := act(by); err == nil || fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s by %s: %v", name, role, err)
			}
		}
		if err := act(stranger); err == nil || fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s by another programme's administrator: %v", name, err)
		}
	}
	if a := h.store.accounts[victim.Account]; a.State != people.Active || len(h.store.assignments) != 1 {
		t.Error("something happened to the victim")
	}
}

// An administrator can't reach an account of another programme by its id.
func TestAnotherProgrammesPeopleAreNotThere(t *testing.T) {
	h := newHouse(t)
	admin := h.join(t, "chief", authz.Administrator)
	elsewhere := h
	elsewhere.programme = id.New()
	other := elsewhere.join(t, "other", authz.Reviewer)
	_, err := h.Colleague(t.Context(), admin, h.programme, other.Account)
	wantKind(t, err, fault.NotFound)
	wantKind(t, h.Suspend(t.Context(), admin, h.programme, other.Account), fault.NotFound)
	_, err = h.Sessions(t.Context(), admin, h.programme, other.Account)
	wantKind(t, err, fault.NotFound)
	wantKind(t, h.Revoke(t.Context(), admin, h.programme, other.Account, id.New()), fault.NotFound)
	wantKind(t, h.Assign(t.Context(), admin, people.Assignment{Account: other.Account, Grant: authz.Grant{Role: authz.Auditor, Programme: h.programme}}), fault.NotFound)
}

func TestWhoWorksForTwoProgrammesIsNotSuspendedByOne(t *testing.T) {
	h := newHouse(t)
	admin := h.join(t, "chief", authz.Administrator)
	anna := h.join(t, "anna", authz.Reviewer)
	h.store.assignments = append(h.store.assignments, people.Assignment{Account: anna.Account, Grant: authz.Grant{Role: authz.Auditor, Programme: id.New()}})
	wantKind(t, h.Suspend(t.Context(), admin, h.programme, anna.Account), fault.Conflict)
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := newHouse(t)
	admin := h.join(t, "chief", authz.Administrator)
	mine := people.Assignment{Account: admin.Account, Grant: admin.Grants[0]}
	wantKind(t, h.Withdraw(t.Context(), admin, mine), fault.Conflict)
	wantKind(t, h.Suspend(t.Context(), admin, h.programme, admin.Account), fault.Conflict)
	second := h.join(t, "second", authz.Administrator)
	noError(t, h.Suspend(t.Context(), second, h.programme, admin.Account))
	wantKind(t, h.Resume(t.Context(), second, h.programme, second.Account), fault.Conflict)
	noError(t, h.Resume(t.Context(), second, h.programme, admin.Account))
}

func (h house) epoch(n int) people.Epoch {
	return people.Epoch{Programme: h.programme, Desk: h.desk, Epoch: n, Recipient: recipient()}
}

func TestADesksKeyGoesFromHandToHand(t *testing.T) {
	h := newHouse(t)
	anna, bo := h.join(t, "anna", authz.Reviewer), h.join(t, "bo", authz.Reviewer)
	admin := h.join(t, "chief", authz.Administrator)
	body := []byte("package")

	wantKind(t, h.RenewKey(t.Context(), admin, h.epoch(0), map[id.ID][]byte{admin.Account: body}), fault.Forbidden)
	wantKind(t, h.RenewKey(t.Context(), anna, h.epoch(0), map[id.ID][]byte{bo.Account: body}), fault.Invalid)
	wantKind(t, h.RenewKey(t.Context(), anna, h.epoch(0), map[id.ID][]byte{anna.Account: body, admin.Account: body}), fault.Invalid)
	wantKind(t, h.RenewKey(t.Context(), anna, h.epoch(1), map[id.ID][]byte{anna.Account: body}), fault.Conflict)
	noError(t, h.RenewKey(t.Context(), anna, h.epoch(0), map[id.ID][]byte{anna.Account: body}))
	wantKind(t, h.RenewKey(t.Context(), anna, h.epoch(0), map[id.ID][]byte{anna.Account: body}), fault.Conflict)

	// Bo has no key: can neither give nor renew it, not even to himself.
	wantKind(t, h.GiveKey(t.Context(), bo, h.programme, h.desk, bo.Account, body), fault.Forbidden)
	wantKind(t, h.RenewKey(t.Context(), bo, h.epoch(1), map[id.ID][]byte{bo.Account: body}), fault.Forbidden)
	wantKind(t, h.GiveKey(t.Context(), anna, h.programme, h.desk, admin.Account, body), fault.NotFound)
	wantKind(t, h.GiveKey(t.Context(), anna, h.programme, h.desk, bo.Account, nil), fault.Invalid)
	keys, err := h.DeskKeys(t.Context(), anna, h.programme, h.desk)
	noError(t, err)
	if len(keys.Holders) != 1 || len(keys.Waiting) != 1 || keys.Waiting[0].ID != bo.Account || string(keys.Mine) != "package" {
		t.Fatalf("keys %+v", keys)
	}
	noError(t, h.GiveKey(t.Context(), anna, h.programme, h.desk, bo.Account, body))
	noError(t, h.RenewKey(t.Context(), bo, h.epoch(1), map[id.ID][]byte{bo.Account: body}))
	keys, err = h.DeskKeys(t.Context(), anna, h.programme, h.desk)
	noError(t, err)
	if len(keys.Holders) != 1 || keys.Holders[0] != bo.Account || keys.Epochs[0].Epoch != 1 || len(keys.Epochs) != 2 {
		t.Fatalf("after renewal: %+v", keys)
	}
	_, err = h.DeskKeys(t.Context(), admin, h.programme, h.desk)
	wantKind(t, err, fault.Forbidden)
	state, err := h.DeskKeyState(t.Context(), admin, h.programme, h.desk)
	noError(t, err)
	if state.Mine != nil || len(state.Waiting) != 1 {
		t.Fatalf("state for the administrator: %+v", state)
	}
}

func TestLeavingTakesThePackageAway(t *testing.T) {
	h := newHouse(t)
	anna := h.join(t, "anna", authz.Reviewer)
	admin := h.join(t, "chief", authz.Administrator)
	noError(t, h.RenewKey(t.Context(), anna, h.epoch(0), map[id.ID][]byte{anna.Account: []byte("p")}))
	noError(t, h.Withdraw(t.Context(), admin, people.Assignment{Account: anna.Account, Grant: anna.Grants[0]}))
	if len(h.store.packages) != 0 {
		t.Fatal("the package stayed")
	}
}

func TestDutyAndAlerts(t *testing.T) {
	h := newHouse(t)
	anna, bo := h.join(t, "anna", authz.Reviewer), h.join(t, "bo", authz.Reviewer)
	admin, watch := h.join(t, "chief", authz.Administrator), h.join(t, "watch", authz.Auditor)
	wantKind(t, h.SetAlerts(t.Context(), anna, people.Alerts{Email: "not an address"}), fault.Invalid)
	wantKind(t, h.SetAlerts(t.Context(), anna, people.Alerts{Email: "A <a@example.org>"}), fault.Invalid)
	// The account in the wish is not believed.
	noError(t, h.SetAlerts(t.Context(), anna, people.Alerts{Account: bo.Account, Email: "anna@example.org"}))
	mine, err := h.Alerts(t.Context(), anna)
	noError(t, err)
	if mine.Email != "anna@example.org" || h.store.alerts[bo.Account].Email != "" {
		t.Fatalf("alerts %+v", h.store.alerts)
	}
	called, err := h.ToAlert(t.Context(), h.programme, h.desk)
	noError(t, err)
	if len(called) != 2 {
		t.Fatalf("nobody on duty: %d called, want both reviewers", len(called))
	}
	now := h.clock.Now()
	shift := people.Shift{Programme: h.programme, Desk: h.desk, Account: bo.Account, From: now.Add(-time.Hour), Until: now.Add(time.Hour)}
	backwards := shift
	backwards.Until = now.Add(-2 * time.Hour)
	wantKind(t, h.PutOnDuty(t.Context(), admin, backwards), fault.Invalid)
	outsider := shift
	outsider.Account = watch.Account
	wantKind(t, h.PutOnDuty(t.Context(), admin, outsider), fault.Invalid)
	noError(t, h.PutOnDuty(t.Context(), admin, shift))
	called, err = h.ToAlert(t.Context(), h.programme, h.desk)
	noError(t, err)
	if len(called) != 1 || called[0].Account != bo.Account {
		t.Fatalf("called %+v, want who is on duty", called)
	}
	list, err := h.Shifts(t.Context(), anna, h.programme, h.desk)
	noError(t, err)
	wantKind(t, h.TakeOffDuty(t.Context(), admin, h.programme, h.desk, id.New()), fault.NotFound)
	noError(t, h.TakeOffDuty(t.Context(), admin, h.programme, h.desk, list[0].ID))
	if len(h.store.shifts) != 0 {
		t.Fatal("the shift stayed")
	}
}
