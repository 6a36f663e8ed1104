// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

func TestRosterSurvivesTheWire(t *testing.T) {
	w := newWorld(t)
	text, err := w.signed.Encode()
	w.check(err)
	signed, err := seal.ParseSignedRoster(text)
	w.check(err)
	got, err := signed.Verify(w.key(), w.now, 1)
	w.check(err)
	want := w.draft(1, seal.Hash{})
	want.Version = 1
	recipients := cmp.Comparer(func(a, b *seal.Recipient) bool { return a.String() == b.String() })
	if diff := cmp.Diff(&want, got, recipients, cmpopts.IgnoreUnexported(seal.Roster{})); diff != "" {
		t.Fatal(diff)
	}
	if got.Hash() != signed.Hash() || got.Hash() != seal.HashOf(signed.Roster) {
		t.Error("the roster's hash is not of the signed bytes")
	}
	again, err := signed.Encode()
	w.check(err)
	if !bytes.Equal(text, again) {
		t.Error("it is written differently the second time")
	}
}

func TestVerifyRefuses(t *testing.T) {
	w := newWorld(t)
	_, stranger, err := ed25519.GenerateKey(nil)
	w.check(err)
	forged, err := seal.SignRoster(w.draft(1, seal.Hash{}), stranger)
	w.check(err)
	disguised := forged
	disguised.Key = w.signed.Key
	for name, try := range map[string]struct {
		signed  seal.SignedRoster
		trusted ed25519.PublicKey
		now     time.Time
		min     int
		want    error
	}{
		"another key":          {forged, w.key(), w.now, 1, seal.ErrSignature},
		"another's signature":  {disguised, w.key(), w.now, 1, seal.ErrSignature},
		"no trusted key":       {w.signed, nil, w.now, 1, seal.ErrSignature},
		"no key and no truth":  {seal.SignedRoster{}, nil, w.now, 1, seal.ErrSignature},
		"too early":            {w.signed, w.key(), w.now.Add(-2 * time.Hour), 1, nil},
		"the moment it ends":   {w.signed, w.key(), w.roster.ValidUntil, 1, nil},
		"older than seen":      {w.signed, w.key(), w.now, 2, seal.ErrOutOfPlace},
		"a signature cut off":  {seal.SignedRoster{Roster: w.signed.Roster, Key: w.signed.Key, Signature: w.signed.Signature[:63]}, w.key(), w.now, 1, seal.ErrSignature},
		"a space in the bytes": {seal.SignedRoster{Roster: append([]byte(" "), w.signed.Roster...), Key: w.signed.Key, Signature: w.signed.Signature}, w.key(), w.now, 1, seal.ErrSignature},
	} {
		_, err := try.signed.Verify(try.trusted, try.now, try.min)
		if err == nil || try.want != nil && !errors.Is(err, try.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.signed.VerifyPast(w.key()); err != nil {
		t.Errorf("an expired roster can't be read: %v", err)
	}
}

// TestSignedNonsenseIsRefused shows that a signature alone is not enough.
func TestSignedNonsenseIsRefused(t *testing.T) {
	w := newWorld(t)
	honest := string(w.signed.Roster)
	for name, text := range map[string]string{
		"not JSON":       "hello",
		"empty":          "{}",
		"unknown field":  `{"x":1,` + honest[1:],
		"doubled field":  `{"v":1,` + honest[1:],
		"null":           `{"v":null,` + honest[len(`{"v":1,`):],
		"two documents":  honest + honest,
		"wrong version":  `{"v":2,` + honest[len(`{"v":1,`):],
		"capitals":       `{"V":1,` + honest[len(`{"v":1,`):],
		"another zone":   strings.Replace(honest, `"valid_from":"2026-11-23T11:00:00Z"`, `"valid_from":"2026-11-23T12:00:00+01:00"`, 1),
		"half a second":  strings.Replace(honest, `"valid_from":"2026-11-23T11:00:00Z"`, `"valid_from":"2026-11-23T11:00:00.5Z"`, 1),
		"trailing comma": honest[:len(honest)-1] + ",}",
	} {
		signed := signBytes(w.programmeKey, []byte(text))
		if _, err := signed.Verify(w.key(), w.now, 1); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSignRosterRefusesWhatNobodyCouldUse(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*seal.Roster){
		"no recovery":       func(r *seal.Roster) { r.Recovery = nil },
		"no number":         func(r *seal.Roster) { r.Number = 0 },
		"ends before":       func(r *seal.Roster) { r.ValidUntil = r.ValidFrom },
		"a desk twice":      func(r *seal.Roster) { r.Desks = append(r.Desks, r.Desks[0]) },
		"a desk's no key":   func(r *seal.Roster) { r.Desks[0].Recipient = nil },
		"a short key":       func(r *seal.Roster) { r.Desks[0].Members[0].Key = []byte{1} },
		"a member's no key": func(r *seal.Roster) { r.Desks[0].Members[0].Recipient = nil },
	} {
		draft := w.draft(1, seal.Hash{})
		change(&draft)
		if _, err := seal.SignRoster(draft, w.programmeKey); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestSignRosterTakesEmptyLists(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(1, seal.Hash{})
	draft.Desks[0].Members = nil
	signed, err := seal.SignRoster(draft, w.programmeKey)
	w.check(err)
	if _, err := signed.Verify(w.key(), w.now, 1); err != nil {
		t.Fatal(err)
	}
	if draft.Desks[0].Members != nil {
		t.Error("signing changed the draft")
	}
}

func TestRosterFindsDesksAndMembers(t *testing.T) {
	w := newWorld(t)
	if d, ok := w.roster.Desk(w.desk); !ok || d.Slug != "customs" {
		t.Errorf("desk = %+v, %v", d, ok)
	}
	if _, ok := w.roster.Desk(id.New()); ok {
		t.Error("an unknown desk is found")
	}
	key := w.member.SigningKey().Public().(ed25519.PublicKey)
	if d, m, ok := w.roster.MemberByKey(key); !ok || d.ID != w.desk || m.ID != w.memberID {
		t.Errorf("member = %+v of %+v, %v", m, d, ok)
	}
	if _, _, ok := w.roster.MemberByKey(w.key()); ok {
		t.Error("an unknown key is a member's")
	}
}

// signBytes signs any bytes as a roster.
func signBytes(key ed25519.PrivateKey, text []byte) seal.SignedRoster {
	return seal.SignedRoster{
		Roster: text, Key: key.Public().(ed25519.PublicKey),
		Signature: ed25519.Sign(key, append([]byte("turnstone/roster/v1\x00"), text...)),
	}
}
