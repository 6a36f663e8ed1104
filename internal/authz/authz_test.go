// SPDX-License-Identifier: AGPL-3.0-or-later

package authz_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

var (
	kinds = []authz.Kind{
		authz.Report, authz.Call, authz.Desk, authz.Person, authz.Session, authz.Roster,
		authz.Ledger, authz.Statistics, authz.Programme,
		authz.Draft, authz.Item, authz.Closed, authz.Scheme, authz.Partner, authz.Referral, authz.Outcome, authz.Publication,
		authz.Matching, authz.Alarm, authz.Responder, authz.Text, authz.Translation,
	}
	acts = []authz.Act{
		authz.List, authz.Read, authz.Answer, authz.Mark, authz.Index, authz.Restrict, authz.HandOver,
		authz.Export, authz.History, authz.File, authz.Change, authz.GiveKey, authz.Renew,
		authz.Approve, authz.Judge, authz.Refer, authz.Dispose, authz.Confirm, authz.Publish,
	}
	here, there      = id.New(), id.New()
	deskOne, deskTwo = id.New(), id.New()
)

func with(role authz.Role) authz.Subject {
	g := authz.Grant{Role: role, Programme: here}
	if role.OfDesk() {
		g.Desk = deskOne
	}
	return authz.Subject{Account: id.New(), Grants: []authz.Grant{g}}
}

// The whole of what each role may do with a sealed report, spelled out apart
// from the rules, so that a change there must be meant.
func TestWhoMayDoWhatWithASealedReport(t *testing.T) {
	want := map[authz.Role][]authz.Act{
		authz.Administrator: {},
		authz.Reviewer: {
			authz.List, authz.Read, authz.Answer, authz.Mark, authz.Index, authz.Restrict,
			authz.HandOver, authz.Export, authz.History,
		},
		authz.CallTaker:  {},
		authz.Analyst:    {},
		authz.Auditor:    {authz.History},
		authz.Director:   {},
		authz.Translator: {}, authz.Editor: {}, authz.ChiefEditor: {},
		authz.Liaison: {},
	}
	report := authz.Object{Kind: authz.Report, Programme: here, Desk: deskOne, Handling: authz.Sealed}
	for _, role := range authz.Roles {
		for _, act := range acts {
			got := authz.Decide(with(role), act, report)
			if got.Allowed != slices.Contains(want[role], act) {
				t.Errorf("%s, %s a report: allowed %v (%s)", role, act, got.Allowed, got.Reason)
			}
			if got.Reason == "" {
				t.Errorf("%s, %s: no reason", role, act)
			}
		}
	}
}

func TestWhoMayDoWhatElse(t *testing.T) {
	everybody := authz.House
	tests := []struct {
		kind authz.Kind
		act  authz.Act
		may  []authz.Role
	}{
		{authz.Call, authz.File, []authz.Role{authz.CallTaker, authz.Reviewer}},
		{authz.Desk, authz.Read, []authz.Role{authz.Reviewer}},
		{authz.Desk, authz.GiveKey, []authz.Role{authz.Reviewer}},
		{authz.Desk, authz.Renew, []authz.Role{authz.Reviewer}},
		{authz.Desk, authz.Change, []authz.Role{authz.Administrator}},
		{authz.Desk, authz.List, everybody},
		{authz.Person, authz.List, everybody},
		{authz.Person, authz.Change, []authz.Role{authz.Administrator}},
		{authz.Person, authz.Read, nil},
		{authz.Person, authz.History, []authz.Role{authz.Administrator, authz.Auditor}},
		{authz.Session, authz.List, []authz.Role{authz.Administrator}},
		{authz.Session, authz.Change, []authz.Role{authz.Administrator}},
		{authz.Roster, authz.Read, everybody},
		{authz.Roster, authz.Change, []authz.Role{authz.Administrator}},
		{authz.Ledger, authz.Read, []authz.Role{authz.Administrator, authz.Auditor}},
		{authz.Ledger, authz.Change, nil},
		{authz.Statistics, authz.Read, []authz.Role{authz.Administrator, authz.Reviewer, authz.Analyst, authz.Auditor, authz.Director}},
		{authz.Draft, authz.Read, []authz.Role{authz.Reviewer}},
		{authz.Draft, authz.Approve, []authz.Role{authz.Reviewer}},
		{authz.Item, authz.Read, []authz.Role{authz.Reviewer, authz.Analyst}},
		{authz.Item, authz.Judge, []authz.Role{authz.Reviewer, authz.Analyst}},
		{authz.Item, authz.Refer, []authz.Role{authz.Reviewer}},
		{authz.Item, authz.Dispose, []authz.Role{authz.Reviewer}},
		{authz.Item, authz.History, []authz.Role{authz.Reviewer, authz.Analyst, authz.Auditor}},
		{authz.Closed, authz.Change, []authz.Role{authz.Director}},
		{authz.Partner, authz.Change, []authz.Role{authz.Administrator}},
		{authz.Referral, authz.List, []authz.Role{authz.Reviewer, authz.Analyst, authz.Director}},
		{authz.Referral, authz.Read, []authz.Role{authz.Reviewer, authz.Analyst, authz.Liaison}},
		{authz.Referral, authz.Answer, []authz.Role{authz.Liaison}},
		{authz.Outcome, authz.Read, []authz.Role{authz.Reviewer, authz.Analyst, authz.Director}},
		{authz.Outcome, authz.Change, []authz.Role{authz.Reviewer, authz.Analyst}},
		{authz.Outcome, authz.Confirm, []authz.Role{authz.Reviewer, authz.Director}},
		{authz.Alarm, authz.List, []authz.Role{authz.Reviewer, authz.Administrator, authz.Director}},
		{authz.Alarm, authz.Mark, []authz.Role{authz.Reviewer, authz.Administrator, authz.Director}},
		{authz.Alarm, authz.Change, nil},
		{authz.Responder, authz.List, []authz.Role{authz.Reviewer, authz.CallTaker, authz.Administrator, authz.Director}},
		{authz.Responder, authz.Change, []authz.Role{authz.Administrator}},
		{authz.Matching, authz.Read, []authz.Role{authz.Reviewer, authz.Analyst}},
		{authz.Publication, authz.Publish, []authz.Role{authz.Director}},
		{authz.Text, authz.Read, everybody},
		{authz.Text, authz.Change, []authz.Role{authz.Editor, authz.ChiefEditor}},
		{authz.Text, authz.Approve, []authz.Role{authz.ChiefEditor, authz.Director}},
		{authz.Text, authz.Publish, []authz.Role{authz.ChiefEditor, authz.Director}},
		{authz.Translation, authz.History, everybody},
		{authz.Translation, authz.Change, []authz.Role{authz.Translator, authz.Editor, authz.ChiefEditor}},
		{authz.Translation, authz.Approve, []authz.Role{authz.ChiefEditor, authz.Director}},
		{authz.Programme, authz.Read, everybody},
		{authz.Programme, authz.Change, []authz.Role{authz.Administrator}},
	}
	for _, tt := range tests {
		o := authz.Object{Kind: tt.kind, Programme: here, Desk: deskOne}
		for _, role := range authz.Roles {
			if got := authz.Decide(with(role), tt.act, o); got.Allowed != slices.Contains(tt.may, role) {
				t.Errorf("%s, %s a %s: allowed %v (%s)", role, tt.act, tt.kind, got.Allowed, got.Reason)
			}
		}
	}
}

// Insecure direct references: whatever the role, kind and act, a thing of
// another programme is as if it were not there.
func TestAnotherProgrammeIsNotThere(t *testing.T) {
	for _, role := range authz.Roles {
		for _, kind := range kinds {
			for _, act := range acts {
				for _, programme := range []id.ID{there, {}} {
					o := authz.Object{Kind: kind, Programme: programme, Desk: deskOne}
					got := authz.Decide(with(role), act, o)
					if got.Allowed || !got.Hidden {
						t.Errorf("%s, %s a %s elsewhere: %+v", role, act, kind, got)
					}
					if k := fault.KindOf(authz.Check(with(role), act, o)); k != fault.NotFound {
						t.Errorf("%s, %s a %s elsewhere: fault %v", role, act, kind, k)
					}
				}
			}
		}
	}
}

func TestAnotherDeskIsNotThere(t *testing.T) {
	for _, role := range []authz.Role{authz.Reviewer, authz.CallTaker, authz.Liaison} {
		for _, kind := range kinds {
			for _, act := range acts {
				o := authz.Object{Kind: kind, Programme: here, Desk: deskTwo}
				if got := authz.Decide(with(role), act, o); got.Allowed || !got.Hidden {
					t.Errorf("%s, %s a %s of another desk: %+v", role, act, kind, got)
				}
			}
		}
	}
}

func TestARoleOfADeskWithoutADeskOpensNothing(t *testing.T) {
	s := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: here}}}
	o := authz.Object{Kind: authz.Report, Programme: here, Desk: deskOne, Handling: authz.Sealed}
	if d := authz.Decide(s, authz.Read, o); d.Allowed || !d.Hidden {
		t.Fatalf("a reviewer of no desk reads: %+v", d)
	}
}

func TestACompartmentIsForThoseNamed(t *testing.T) {
	inside, outside := with(authz.Reviewer), with(authz.Reviewer)
	administrator := with(authz.Administrator)
	o := authz.Object{
		Kind: authz.Report, Programme: here, Desk: deskOne, Handling: authz.Sealed,
		Compartment: authz.Compartment{Closed: true, Named: []id.ID{inside.Account, administrator.Account}},
	}
	for _, act := range []authz.Act{authz.Read, authz.Answer, authz.Mark, authz.Index, authz.Restrict, authz.HandOver, authz.Export, authz.History} {
		if !authz.Decide(inside, act, o).Allowed {
			t.Errorf("%s refused to somebody named", act)
		}
		if d := authz.Decide(outside, act, o); d.Allowed || d.Hidden {
			t.Errorf("%s to a colleague who is not named: %+v", act, d)
		}
		if authz.Decide(administrator, act, o).Allowed {
			t.Errorf("%s: being named gave an administrator a report", act)
		}
	}
	if !authz.Decide(outside, authz.List, o).Allowed {
		t.Error("a restricted report's clock is hidden from its desk")
	}
}

func TestASecondRoleHelpsWhereTheFirstIsShutOut(t *testing.T) {
	s := with(authz.Reviewer)
	s.Grants = append(s.Grants, authz.Grant{Role: authz.Auditor, Programme: here})
	o := authz.Object{
		Kind: authz.Report, Programme: here, Desk: deskOne, Handling: authz.Sealed,
		Compartment: authz.Compartment{Closed: true},
	}
	if !authz.Decide(s, authz.History, o).Allowed {
		t.Error("an auditor who is a reviewer too lost the history")
	}
	if authz.Decide(s, authz.Read, o).Allowed {
		t.Error("an auditor reads")
	}
}

func TestAnEmptyClosedCompartmentAdmitsNobody(t *testing.T) {
	if (authz.Compartment{Closed: true}).Admits(id.New()) {
		t.Fatal("admitted")
	}
}

func TestOwnThings(t *testing.T) {
	for _, role := range authz.Roles {
		me, other := with(role), id.New()
		for _, tt := range []struct {
			kind authz.Kind
			act  authz.Act
		}{{authz.Person, authz.Read}, {authz.Person, authz.Change}, {authz.Session, authz.List}, {authz.Session, authz.Change}} {
			if !authz.Decide(me, tt.act, authz.Object{Kind: tt.kind, Owner: me.Account}).Allowed {
				t.Errorf("%s may not %s their own %s", role, tt.act, tt.kind)
			}
			if authz.Decide(me, tt.act, authz.Object{Kind: tt.kind, Owner: other}).Allowed {
				t.Errorf("%s may %s another's %s", role, tt.act, tt.kind)
			}
		}
	}
}

func TestNobodyMayNothing(t *testing.T) {
	for _, kind := range kinds {
		for _, act := range acts {
			o := authz.Object{Kind: kind, Programme: here, Desk: deskOne}
			if d := authz.Decide(authz.Subject{Grants: with(authz.Reviewer).Grants}, act, o); d.Allowed {
				t.Errorf("%s a %s without an account", act, kind)
			}
		}
	}
	if k := fault.KindOf(authz.Check(authz.Subject{}, authz.Read, authz.Object{})); k != fault.Unsigned {
		t.Errorf("fault %v, want Unsigned", k)
	}
}

func TestInstallationAdministratorOpensNoProgramme(t *testing.T) {
	s := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator}}}
	if authz.Decide(s, authz.Change, authz.Object{Kind: authz.Person, Programme: here}).Allowed {
		t.Error("changes people of a programme")
	}
	if !authz.Decide(s, authz.Change, authz.Object{Kind: authz.Programme}).Allowed {
		t.Error("may not found a programme")
	}
}

// Law: taking a grant away never allows more, and an unknown role allows nothing.
func TestFewerGrantsNeverAllowMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		programmes := []id.ID{here, there, {}}
		desks := []id.ID{deskOne, deskTwo, {}}
		roles := append(slices.Clone(authz.Roles), "root", "")
		s := authz.Subject{Account: id.New()}
		for range rapid.IntRange(0, 5).Draw(t, "grants") {
			s.Grants = append(s.Grants, authz.Grant{
				Role:      rapid.SampledFrom(roles).Draw(t, "role"),
				Programme: rapid.SampledFrom(programmes).Draw(t, "programme"),
				Desk:      rapid.SampledFrom(desks).Draw(t, "desk"),
			})
		}
		o := authz.Object{
			Kind:        rapid.SampledFrom(kinds).Draw(t, "kind"),
			Programme:   rapid.SampledFrom(programmes).Draw(t, "of"),
			Desk:        rapid.SampledFrom(desks).Draw(t, "at"),
			Compartment: authz.Compartment{Closed: rapid.Bool().Draw(t, "closed")},
			Handling:    rapid.SampledFrom([]authz.Handling{authz.Plain, authz.Sealed}).Draw(t, "handling"),
		}
		act := rapid.SampledFrom(acts).Draw(t, "act")
		all := authz.Decide(s, act, o).Allowed
		for i := range s.Grants {
			fewer := authz.Subject{Account: s.Account, Grants: slices.Delete(slices.Clone(s.Grants), i, i+1)}
			if authz.Decide(fewer, act, o).Allowed && !all {
				t.Fatalf("without %+v more is allowed", s.Grants[i])
			}
		}
	})
}

func TestDesksAreThoseOfTheProgrammeAndRole(t *testing.T) {
	s := authz.Subject{Account: id.New(), Grants: []authz.Grant{
		{Role: authz.Reviewer, Programme: here, Desk: deskOne},
		{Role: authz.CallTaker, Programme: here, Desk: deskTwo},
		{Role: authz.Reviewer, Programme: there, Desk: deskTwo},
		{Role: authz.Reviewer, Programme: here, Desk: deskOne},
	}}
	if got := s.Desks(here, authz.Reviewer); !slices.Equal(got, []id.ID{deskOne}) {
		t.Errorf("reviewer desks %v", got)
	}
	if got := s.Desks(here, authz.Reviewer, authz.CallTaker); !slices.Equal(got, []id.ID{deskOne, deskTwo}) {
		t.Errorf("all desks %v", got)
	}
	if got := s.Programmes(); !slices.Equal(got, []id.ID{here, there}) {
		t.Errorf("programmes %v", got)
	}
	if !s.Holds(there, authz.Reviewer) || s.Holds(there, authz.CallTaker) {
		t.Error("Holds")
	}
}
