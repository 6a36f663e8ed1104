// SPDX-License-Identifier: AGPL-3.0-or-later

package people_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
)

func TestLogInAndOut(t *testing.T) {
	h := newHouse(t)
	anna := h.join(t, "anna", authz.Reviewer)
	welcome, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna"), Label: "Chromium"})
	noError(t, err)
	m, err := h.Authenticate(t.Context(), welcome.Session)
	noError(t, err)
	if m.Account.ID != anna.Account || len(m.Subject.Grants) != 1 || m.Session.Label != "Chromium" {
		t.Fatalf("member %+v", m)
	}
	noError(t, h.LogOut(t.Context(), m))
	_, err = h.Authenticate(t.Context(), welcome.Session)
	wantKind(t, err, fault.Unsigned)
}

func TestTheStoreNeverHoldsWhatOpensAnything(t *testing.T) {
	h := newHouse(t)
	h.join(t, "anna", authz.Reviewer)
	welcome, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna")})
	noError(t, err)
	all, err := json.Marshal([]any{h.store.accounts, h.store.secrets, h.store.sessions, h.store.entries, h.store.invitations})
	noError(t, err)
	login, err := json.Marshal(loginOf("anna"))
	noError(t, err)
	for _, secret := range [][]byte{[]byte(welcome.Session), login[1:20]} {
		if bytes.Contains(all, secret) {
			t.Errorf("the store holds %q", secret)
		}
	}
}

func TestEveryFailureAnswersTheSame(t *testing.T) {
	h := newHouse(t)
	anna := h.join(t, "anna", authz.Reviewer)
	h.join(t, "bo", authz.Reviewer)
	admin := h.join(t, "chief", authz.Administrator)
	_, _, err := h.Invite(t.Context(), admin, people.Newcomer{Handle: "not-yet", Name: "Not Yet", Grant: anna.Grants[0]})
	noError(t, err)
	noError(t, h.Suspend(t.Context(), admin, h.programme, anna.Account))
	_, first := h.LogIn(t.Context(), people.Attempt{Handle: "nobody", Login: loginOf("nobody")})
	wantKind(t, first, fault.Unsigned)
	for _, a := range []people.Attempt{
		{Handle: "anna", Login: loginOf("anna")},       // suspended, right passphrase
		{Handle: "bo", Login: loginOf("wrong")},        // wrong passphrase
		{Handle: "not-yet", Login: loginOf("not-yet")}, // has no keys yet
		{Handle: "not-yet", Login: nil},
		{Handle: "", Login: nil},
	} {
		_, err := h.LogIn(t.Context(), a)
		if err == nil || err.Error() != first.Error() || fault.PublicOf(err) != fault.PublicOf(first) {
			t.Errorf("%s: %v, want the same as for nobody", a.Handle, err)
		}
	}
}

func TestFalseSaltsAreStableAndApart(t *testing.T) {
	h := newHouse(t)
	h.join(t, "anna", authz.Reviewer)
	salt := func(handle string) people.Stretch {
		s, err := h.StretchFor(t.Context(), handle)
		noError(t, err)
		return s
	}
	if first, second := salt("nobody"), salt("nobody"); first != second {
		t.Error("a false salt changes: a stranger sees that the name is false")
	}
	if salt("nobody") == salt("somebody") || salt("nobody").Salt == [16]byte{} {
		t.Error("false salts are not apart")
	}
	if got := salt("anna"); got.Salt != acceptance(id.ID{}, "anna").Salt || got.Memory != 64<<10 || got.Passes != 3 || got.Lanes != 1 {
		t.Errorf("stretch of a real account: %+v", got)
	}
}

func TestTriesAreLimitedAndNobodyIsLockedOutForGood(t *testing.T) {
	h := newHouse(t)
	h.join(t, "anna", authz.Reviewer)
	at := func(handle, login, device string) error {
		_, err := h.LogIn(t.Context(), people.Attempt{Handle: handle, Login: loginOf(login), Device: device})
		return err
	}
	welcome, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna")})
	noError(t, err)
	for _, handle := range []string{"anna", "nobody"} {
		for range 5 {
			wantKind(t, at(handle, "wrong", ""), fault.Unsigned)
		}
		wantKind(t, at(handle, "wrong", ""), fault.TooMany)
	}
	wantKind(t, at("anna", "anna", ""), fault.TooMany)
	noError(t, at("anna", "anna", welcome.Device)) // a known browser isn't held up by strangers
	wantKind(t, at("anna", "anna", "forged"), fault.TooMany)
	for range 100 { // an attacker who never stops
		h.clock.advance(10 * time.Second)
		_ = at("anna", "wrong", "")
	}
	h.clock.advance(2*time.Minute + time.Second)
	noError(t, at("anna", "anna", ""))
}

func TestSessionsEnd(t *testing.T) {
	tests := []struct {
		name string
		pass func(h house, token string)
		want fault.Kind
	}{
		{"idle", func(h house, _ string) { h.clock.advance(people.IdleFor + 2*time.Minute) }, fault.Unsigned},
		{"old in spite of work", func(h house, token string) {
			for range 13 * 3 {
				h.clock.advance(20 * time.Minute)
				_, _ = h.Authenticate(t.Context(), token)
			}
		}, fault.Unsigned},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			h.join(t, "anna", authz.Reviewer)
			w, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna")})
			noError(t, err)
			tt.pass(h, w.Session)
			_, err = h.Authenticate(t.Context(), w.Session)
			wantKind(t, err, tt.want)
		})
	}
	h := newHouse(t)
	for _, token := range []string{"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		_, err := h.Authenticate(t.Context(), token)
		wantKind(t, err, fault.Unsigned)
	}
}

func TestWorkKeepsASessionAlive(t *testing.T) {
	h := newHouse(t)
	h.join(t, "anna", authz.Reviewer)
	w, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna")})
	noError(t, err)
	for range 6 {
		h.clock.advance(25 * time.Minute)
		_, err = h.Authenticate(t.Context(), w.Session)
		noError(t, err)
	}
}

func TestAPageThatAsksByItselfKeepsNoSessionAlive(t *testing.T) {
	h := newHouse(t)
	h.join(t, "anna", authz.Reviewer)
	w, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna")})
	noError(t, err)
	for range 3 {
		h.clock.advance(10 * time.Minute)
		_, err = h.Recognise(t.Context(), w.Session)
		noError(t, err)
	}
	h.clock.advance(2 * time.Minute)
	_, err = h.Recognise(t.Context(), w.Session)
	wantKind(t, err, fault.Unsigned)
}

func TestSessionsAreListedAndRevoked(t *testing.T) {
	h := newHouse(t)
	anna, bo := h.join(t, "anna", authz.Reviewer), h.join(t, "bo", authz.Reviewer)
	admin := h.join(t, "chief", authz.Administrator)
	w, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna"), Label: "lost machine"})
	noError(t, err)
	_, err = h.Sessions(t.Context(), bo, h.programme, anna.Account)
	wantKind(t, err, fault.Forbidden)
	list, err := h.Sessions(t.Context(), anna, h.programme, anna.Account)
	noError(t, err)
	if len(list) != 1 || list[0].Label != "lost machine" {
		t.Fatalf("sessions %+v", list)
	}
	wantKind(t, h.Revoke(t.Context(), bo, h.programme, anna.Account, list[0].ID), fault.Forbidden)
	// Naming oneself as the owner of another's session ends nothing.
	noError(t, h.Revoke(t.Context(), bo, h.programme, bo.Account, list[0].ID))
	_, err = h.Authenticate(t.Context(), w.Session)
	noError(t, err)
	noError(t, h.Revoke(t.Context(), admin, h.programme, anna.Account, list[0].ID))
	_, err = h.Authenticate(t.Context(), w.Session)
	wantKind(t, err, fault.Unsigned)
}

func TestRewrapNeedsThePresentPassphrase(t *testing.T) {
	h := newHouse(t)
	h.join(t, "anna", authz.Reviewer)
	log := func(login string) (people.Welcome, error) {
		return h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf(login)})
	}
	first, err := log("anna")
	noError(t, err)
	second, err := log("anna")
	noError(t, err)
	m, err := h.Authenticate(t.Context(), first.Session)
	noError(t, err)
	next := people.Secret{Salt: [16]byte{9}, Wrapped: make([]byte, 150)}
	wantKind(t, h.Rewrap(t.Context(), m, loginOf("guess"), next, loginOf("new")), fault.Invalid)
	wantKind(t, h.Rewrap(t.Context(), m, loginOf("anna"), next, nil), fault.Invalid)
	noError(t, h.Rewrap(t.Context(), m, loginOf("anna"), next, loginOf("new")))
	_, err = log("anna")
	wantKind(t, err, fault.Unsigned)
	_, err = log("new")
	noError(t, err)
	_, err = h.Authenticate(t.Context(), first.Session)
	noError(t, err)
	_, err = h.Authenticate(t.Context(), second.Session)
	wantKind(t, err, fault.Unsigned)
	secret, err := h.Unlock(t.Context(), m.Subject)
	noError(t, err)
	if secret.Salt != next.Salt || secret.Verifier != (people.Hash{}) {
		t.Errorf("unlock hands out %+v", secret)
	}
}

func TestAPepperIsRequired(t *testing.T) {
	if _, err := people.New(people.Config{Pepper: []byte("short")}); err == nil {
		t.Fatal("accepted")
	}
}

func TestOnesLanguageIsOnesOwn(t *testing.T) {
	h := newHouse(t)
	h.join(t, "anna", authz.Reviewer)
	w, err := h.LogIn(t.Context(), people.Attempt{Handle: "anna", Login: loginOf("anna")})
	noError(t, err)
	m, err := h.Authenticate(t.Context(), w.Session)
	noError(t, err)
	noError(t, h.SetLanguage(t.Context(), m, "da"))
	again, err := h.Authenticate(t.Context(), w.Session)
	noError(t, err)
	if again.Account.Language != "da" || again.Account.State != people.Active {
		t.Errorf("account %+v", again.Account)
	}
	wantKind(t, h.SetLanguage(t.Context(), people.Member{Account: m.Account}, "en"), fault.Unsigned)
}
