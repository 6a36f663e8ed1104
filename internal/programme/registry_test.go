// SPDX-License-Identifier: AGPL-3.0-or-later

package programme_test

import (
	"context"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/seal"
)

type fake struct {
	programmes []programme.Programme
	rosters    []programme.Roster // newest first
	entries    []tx.Entry
}

func (f *fake) Do(ctx context.Context, change func(context.Context, *tx.Recorder) error) error {
	var rec tx.Recorder
	err := change(ctx, &rec)
	f.entries = append(f.entries, rec.Entries()...)
	return err
}

func (f *fake) Programmes(context.Context) ([]programme.Programme, error) { return f.programmes, nil }

func (f *fake) Save(_ context.Context, p programme.Programme) error {
	f.programmes = append(slices.DeleteFunc(f.programmes, func(q programme.Programme) bool { return q.ID == p.ID }), p)
	return nil
}

func (f *fake) Rosters(_ context.Context, p id.ID, limit int) ([]programme.Roster, error) {
	out := slices.DeleteFunc(slices.Clone(f.rosters), func(r programme.Roster) bool { return r.Programme != p })
	return out[:min(limit, len(out))], nil
}

func (f *fake) SaveRoster(_ context.Context, r programme.Roster) error {
	f.rosters = slices.Insert(f.rosters, 0, r)
	return nil
}

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func found(t *testing.T) (*programme.Registry, *fake, programme.Programme, ed25519.PrivateKey) {
	t.Helper()
	p, err := programme.Parse(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.ID, p.Key = id.New(), public
	for i := range p.Desks {
		p.Desks[i].ID = id.New()
	}
	f := &fake{}
	r, err := programme.Open(t.Context(), f, f, clock.Fixed(today))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Found(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return r, f, p, private
}

func roster(t *testing.T, p programme.Programme, number int, previous seal.Hash) seal.Roster {
	t.Helper()
	recovery, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	out := seal.Roster{
		Programme: p.ID, Slug: p.Slug, Name: p.Name, Number: number, Previous: previous, Recovery: recovery.Recipient(),
		ValidFrom: today.Add(-time.Hour), ValidUntil: today.Add(time.Hour), Log: "log",
	}
	for _, d := range p.Desks {
		out.Desks = append(out.Desks, seal.RosterDesk{ID: d.ID, Slug: d.Slug, Name: d.Name, Organisation: d.Organisation, Recipient: recovery.Recipient()})
	}
	return out
}

func sign(t *testing.T, r seal.Roster, key ed25519.PrivateKey) seal.SignedRoster {
	t.Helper()
	s, err := seal.SignRoster(r, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOnlyTheTwoNewestRostersAreSealedTo(t *testing.T) {
	r, f, p, key := found(t)
	var hashes []seal.Hash
	previous := seal.Hash{}
	for number := 1; number <= 3; number++ {
		s := sign(t, roster(t, p, number, previous), key)
		if err := r.Publish(t.Context(), p.ID, s); err != nil {
			t.Fatal(err)
		}
		previous = s.Hash()
		hashes = append(hashes, previous)
	}
	for i, want := range []bool{false, true, true} {
		desks, err := r.Sealed(t.Context(), p.ID, hashes[i])
		if (err == nil) != want || want && len(desks) != 2 {
			t.Errorf("roster %d: %v desks, %v; sealable should be %v", i+1, len(desks), err, want)
		}
		if !want && fault.KindOf(err) != fault.Gone {
			t.Errorf("roster %d: kind %v", i+1, fault.KindOf(err))
		}
	}
	if _, err := r.Sealed(t.Context(), id.New(), hashes[2]); err == nil {
		t.Error("another programme takes the roster")
	}
	if got := len(r.Rosters(p.ID)); got != 3 {
		t.Errorf("%d rosters are held for reading, want 3", got)
	}
	if last := f.entries[len(f.entries)-1]; last.Kind != "roster" || last.ID != f.rosters[0].Entry {
		t.Errorf("the roster's entry in the log can't be found: %+v", last)
	}
}

func TestFalseRostersAreRefused(t *testing.T) {
	r, f, p, key := found(t)
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	foreign := roster(t, p, 1, seal.Hash{})
	foreign.Programme = id.New()
	stranger := roster(t, p, 1, seal.Hash{})
	stranger.Desks[0].ID = id.New()
	late := roster(t, p, 1, seal.Hash{})
	late.ValidFrom, late.ValidUntil = today.Add(time.Hour), today.Add(2*time.Hour)
	for name, s := range map[string]seal.SignedRoster{
		"another key":       sign(t, roster(t, p, 1, seal.Hash{}), other),
		"number skipped":    sign(t, roster(t, p, 2, seal.Hash{}), key),
		"invented previous": sign(t, roster(t, p, 1, seal.HashOf([]byte("x"))), key),
		"another programme": sign(t, foreign, key),
		"unknown desk":      sign(t, stranger, key),
		"not valid yet":     sign(t, late, key),
	} {
		if err := r.Publish(t.Context(), p.ID, s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if len(f.rosters) != 0 {
		t.Error("a refused roster was kept")
	}
}

func TestAProgrammesKeyNeverChanges(t *testing.T) {
	r, _, p, _ := found(t)
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Key = public
	if err := r.Found(t.Context(), p); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("err = %v", err)
	}
	p.ID = id.New()
	if err := r.Found(t.Context(), p); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("a second programme took the slug: %v", err)
	}
}

func TestAStoredRosterThatDoesNotVerifyStopsTheStart(t *testing.T) {
	r, f, p, key := found(t)
	if err := r.Publish(t.Context(), p.ID, sign(t, roster(t, p, 1, seal.Hash{}), key)); err != nil {
		t.Fatal(err)
	}
	f.rosters[0].Bytes[20] ^= 1
	if _, err := programme.Open(t.Context(), f, f, clock.Fixed(today)); err == nil {
		t.Fatal("started with a forged roster")
	}
}
