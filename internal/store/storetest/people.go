// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/store/peoplestore"
)

// someone makes an account with a handle.
func someone(handle string) people.Account {
	return people.Account{
		ID: id.New(), Handle: handle, Name: "Name of " + handle, Language: "da", State: people.Active,
		Created: time.Unix(1_700_000_000, 0).UTC(), Recipient: "age1pq1x", SigningKey: []byte{1, 2, 3},
	}
}

// staff is the people store of a fresh house.
type staff struct {
	*House
	peoplestore.Store
	t *testing.T
}

func hire(t *testing.T, open Factory) staff {
	h := Build(t, open)
	return staff{House: h, Store: peoplestore.Store{DB: h.DB}, t: t}
}

// do runs one change that records nothing.
func (s staff) do(change func(ctx context.Context) error) error {
	s.t.Helper()
	return s.Runner.Do(s.t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return change(ctx) })
}

func (s staff) must(change func(ctx context.Context) error) {
	s.t.Helper()
	if err := s.do(change); err != nil {
		s.t.Fatal(err)
	}
}

// same fails the test unless got, err is want without an error.
func same[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func missing(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || fault.KindOf(err) != fault.NotFound {
		t.Errorf("%s: %v, want fault.NotFound", what, err)
	}
}

func testPeople(t *testing.T, open Factory) {
	t.Run("accounts and roles", func(t *testing.T) { testAccounts(t, open) })
	t.Run("log-ins", func(t *testing.T) { testLogins(t, open) })
	t.Run("sessions", func(t *testing.T) { testSessions(t, open) })
	t.Run("desk keys", func(t *testing.T) { testDeskKeys(t, open) })
	t.Run("duty and alerts", func(t *testing.T) { testDuty(t, open) })
	t.Run("no write outside of a change", func(t *testing.T) {
		s := hire(t, open)
		if err := s.SaveAccount(t.Context(), someone("anna")); err == nil {
			t.Fatal("written")
		}
	})
}

func testAccounts(t *testing.T, open Factory) {
	s := hire(t, open)
	anna, bo := someone("anna"), someone("bo")
	bo.Recipient, bo.SigningKey, bo.State = "", nil, people.Invited
	here, there, desk := id.New(), id.New(), id.New()
	reviewer := people.Assignment{Account: anna.ID, Grant: authz.Grant{Role: authz.Reviewer, Programme: here, Desk: desk}}
	auditor := people.Assignment{Account: anna.ID, Grant: authz.Grant{Role: authz.Auditor, Programme: there}}
	s.must(func(ctx context.Context) error {
		for _, a := range []people.Account{bo, anna} {
			if err := s.SaveAccount(ctx, a); err != nil {
				return err
			}
		}
		for _, a := range []people.Assignment{reviewer, reviewer, auditor} {
			if err := s.Assign(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := s.Account(t.Context(), anna.ID)
	same(t, "by id", got, err, anna)
	got, err = s.ByHandle(t.Context(), "bo")
	same(t, "by handle", got, err, bo)
	_, err = s.ByHandle(t.Context(), "Anna")
	missing(t, "another spelling", err)
	_, err = s.Account(t.Context(), id.New())
	missing(t, "an unknown account", err)
	in, err := s.InProgramme(t.Context(), here)
	same(t, "in the programme", in, err, []people.Account{anna})
	in, err = s.InProgramme(t.Context(), id.New())
	same(t, "in another", in, err, nil)
	roles, err := s.AssignmentsIn(t.Context(), here)
	same(t, "roles here", roles, err, []people.Assignment{reviewer})
	thief := someone("anna")
	if err := s.do(func(ctx context.Context) error { return s.SaveAccount(ctx, thief) }); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second anna: %v", err)
	}
	anna.State = people.Suspended
	s.must(func(ctx context.Context) error {
		if err := s.Withdraw(ctx, reviewer); err != nil {
			return err
		}
		return s.SaveAccount(ctx, anna)
	})
	got, err = s.Account(t.Context(), anna.ID)
	same(t, "after the change", got, err, anna)
	roles, err = s.Assignments(t.Context(), anna.ID)
	same(t, "roles left", roles, err, []people.Assignment{auditor})
}

func testLogins(t *testing.T, open Factory) {
	s := hire(t, open)
	account := id.New()
	secret := people.Secret{Account: account, Salt: [16]byte{1}, Verifier: people.Hash{2}, Wrapped: []byte{3}}
	_, err := s.Secret(t.Context(), account)
	missing(t, "no secret yet", err)
	s.must(func(ctx context.Context) error { return s.SaveSecret(ctx, secret) })
	secret.Wrapped = []byte{4, 5}
	s.must(func(ctx context.Context) error { return s.SaveSecret(ctx, secret) })
	got, err := s.Secret(t.Context(), account)
	same(t, "secret", got, err, secret)

	first := people.Invitation{Account: account, Token: people.Hash{7}, Expires: time.Unix(1_700_000_000, 0).UTC(), By: id.New()}
	second := first
	second.Token = people.Hash{8}
	s.must(func(ctx context.Context) error { return s.SaveInvitation(ctx, first) })
	s.must(func(ctx context.Context) error { return s.SaveInvitation(ctx, second) })
	_, err = s.Invitation(t.Context(), first.Token)
	missing(t, "the invitation that was replaced", err)
	found, err := s.Invitation(t.Context(), second.Token)
	same(t, "invitation", found, err, second)
	for _, want := range []int{1, 0} {
		s.must(func(ctx context.Context) error {
			n, err := s.DropInvitations(ctx, account)
			if n != want {
				t.Errorf("dropped %d invitations, want %d", n, want)
			}
			return err
		})
	}
}

func testSessions(t *testing.T, open Factory) {
	s := hire(t, open)
	at := func(minute int) time.Time { return time.Unix(1_700_000_000+int64(minute)*60, 0).UTC() }
	mine, other := id.New(), id.New()
	one := people.Session{ID: id.New(), Account: mine, Token: people.Hash{1}, Created: at(0), Seen: at(0), Label: "first"}
	two := people.Session{ID: id.New(), Account: mine, Token: people.Hash{2}, Created: at(5), Seen: at(5), Label: "second"}
	three := people.Session{ID: id.New(), Account: other, Token: people.Hash{3}, Created: at(5), Seen: at(5)}
	one2 := one
	one2.Seen = at(9)
	for _, x := range []people.Session{one, two, three, one2} {
		s.must(func(ctx context.Context) error { return s.SaveSession(ctx, x) })
	}
	list, err := s.Sessions(t.Context(), mine)
	same(t, "sessions, newest first", list, err, []people.Session{two, one2})
	got, err := s.SessionByToken(t.Context(), people.Hash{1})
	same(t, "by token", got, err, one2)
	s.must(func(ctx context.Context) error { return s.DropSession(ctx, mine, three.ID) })
	_, err = s.SessionByToken(t.Context(), three.Token)
	if err != nil {
		t.Errorf("another's session was dropped: %v", err)
	}
	s.must(func(ctx context.Context) error { return s.DropSessionsBefore(ctx, at(-1), at(6)) })
	list, err = s.Sessions(t.Context(), mine)
	same(t, "not idle", list, err, []people.Session{one2})
	s.must(func(ctx context.Context) error { return s.DropSessionsBefore(ctx, at(1), at(0)) })
	list, err = s.Sessions(t.Context(), mine)
	same(t, "not old", list, err, nil)
}

func testDeskKeys(t *testing.T, open Factory) {
	s := hire(t, open)
	programme, desk, by, made := id.New(), id.New(), id.New(), time.Unix(1_700_000_000, 0).UTC()
	epoch := func(n int) people.Epoch {
		return people.Epoch{Programme: programme, Desk: desk, Epoch: n, Recipient: "age1pq1", By: by, Made: made}
	}
	for n := range 2 {
		s.must(func(ctx context.Context) error { return s.AddEpoch(ctx, epoch(n)) })
	}
	if err := s.do(func(ctx context.Context) error { return s.AddEpoch(ctx, epoch(1)) }); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same epoch twice: %v", err)
	}
	epochs, err := s.Epochs(t.Context(), programme, desk)
	same(t, "epochs, newest first", epochs, err, []people.Epoch{epoch(1), epoch(0)})
	epochs, err = s.Epochs(t.Context(), id.New(), desk)
	same(t, "epochs of another programme", epochs, err, nil)

	p := people.Package{Programme: programme, Desk: desk, Member: id.New(), Epoch: 0, Body: []byte("a"), By: by, Given: made}
	s.must(func(ctx context.Context) error { return s.SavePackage(ctx, p) })
	p.Epoch, p.Body = 1, []byte("b")
	s.must(func(ctx context.Context) error { return s.SavePackage(ctx, p) })
	packages, err := s.Packages(t.Context(), programme, desk)
	same(t, "packages", packages, err, []people.Package{p})
	s.must(func(ctx context.Context) error { return s.DropPackage(ctx, programme, id.New(), p.Member) })
	packages, err = s.Packages(t.Context(), programme, desk)
	same(t, "after dropping another desk's", packages, err, []people.Package{p})
	s.must(func(ctx context.Context) error { return s.DropPackage(ctx, programme, desk, p.Member) })
	packages, err = s.Packages(t.Context(), programme, desk)
	same(t, "after dropping", packages, err, nil)
}

func testDuty(t *testing.T, open Factory) {
	s := hire(t, open)
	programme, desk, start := id.New(), id.New(), time.Unix(1_700_000_000, 0).UTC()
	shift := func(from, until int) people.Shift {
		return people.Shift{
			ID: id.New(), Programme: programme, Desk: desk, Account: id.New(),
			From: start.Add(time.Duration(from) * time.Hour), Until: start.Add(time.Duration(until) * time.Hour),
		}
	}
	late, early, past := shift(4, 8), shift(0, 4), shift(-8, 0)
	for _, x := range []people.Shift{late, early, past} {
		s.must(func(ctx context.Context) error { return s.SaveShift(ctx, x) })
	}
	shifts, err := s.Shifts(t.Context(), programme, desk, start)
	same(t, "shifts by start", shifts, err, []people.Shift{early, late})
	s.must(func(ctx context.Context) error { return s.DropShift(ctx, id.New(), early.ID) })
	s.must(func(ctx context.Context) error { return s.DropShift(ctx, programme, late.ID) })
	shifts, err = s.Shifts(t.Context(), programme, desk, start)
	same(t, "shifts left", shifts, err, []people.Shift{early})

	account := id.New()
	alerts, err := s.Alerts(t.Context(), account)
	same(t, "no wishes yet", alerts, err, people.Alerts{Account: account})
	for _, want := range []people.Alerts{{Account: account, Browser: true, Email: "a@example.org"}, {Account: account}} {
		s.must(func(ctx context.Context) error { return s.SaveAlerts(ctx, want) })
		alerts, err = s.Alerts(t.Context(), account)
		same(t, "wishes", alerts, err, want)
	}
}
