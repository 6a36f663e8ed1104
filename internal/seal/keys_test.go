// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

func TestDeskKeysOpenForTheirMemberOnly(t *testing.T) {
	w := newWorld(t)
	member, err := w.member.Identity()
	w.check(err)
	keys := w.deskKeys.Next().Next()
	body, err := seal.SealDeskKeys(keys, member.Recipient())
	w.check(err)
	got, err := seal.OpenDeskKeys(member, body, w.desk)
	w.check(err)
	if diff := cmp.Diff(keys, got); diff != "" {
		t.Fatal(diff)
	}
	if _, err := seal.OpenDeskKeys(w.recovery, body, w.desk); !errors.Is(err, seal.ErrNotForThisKey) {
		t.Errorf("another member opens it: %v", err)
	}
	if _, err := seal.OpenDeskKeys(member, body, id.New()); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Errorf("it is taken for another desk's: %v", err)
	}
}

func TestADeskReadsWhatCameInItsEarlierEpochs(t *testing.T) {
	w := newWorld(t)
	a := w.send(w.tip())
	next := w.deskKeys.Next()
	if _, err := seal.OpenGrant(mustIdentity(t, next, 1), a.DeskGrant, w.programme, a.Report); !errors.Is(err, seal.ErrNotForThisKey) {
		t.Errorf("the new epoch's key opens an old grant: %v", err)
	}
	if _, err := seal.OpenGrant(mustIdentity(t, next, 0), a.DeskGrant, w.programme, a.Report); err != nil {
		t.Errorf("after a new epoch the desk can't read what came before: %v", err)
	}
	if len(w.deskKeys.Epochs) != 1 || bytes.Equal(next.Epochs[0].Index, next.Epochs[1].Index) {
		t.Error("a new epoch changed the old keys or kept the index key")
	}
}

func mustIdentity(t *testing.T, keys seal.DeskKeys, epoch int) *seal.Identity {
	t.Helper()
	identity, err := keys.Identity(epoch)
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func TestForgedDeskKeysDoNotMatchTheRoster(t *testing.T) {
	w := newWorld(t)
	desk := w.roster.Desks[0]
	w.check(w.deskKeys.Matches(desk))
	w.check(w.deskKeys.Next().Matches(desk)) // the roster may lag behind
	for name, keys := range map[string]seal.DeskKeys{"the server's own": seal.NewDeskKeys(w.desk), "another desk's": seal.NewDeskKeys(id.New())} {
		if err := keys.Matches(desk); !errors.Is(err, seal.ErrOutOfPlace) {
			t.Errorf("%s: %v", name, err)
		}
	}
	desk.Epoch = 1
	if err := w.deskKeys.Matches(desk); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Errorf("an old package: %v", err)
	}
}

func TestSealDeskKeysRefusesBrokenOnes(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*seal.DeskKeys){
		"no epoch":   func(d *seal.DeskKeys) { d.Epochs = nil },
		"a gap":      func(d *seal.DeskKeys) { d.Epochs[0].Epoch = 1 },
		"short seed": func(d *seal.DeskKeys) { d.Epochs[0].Seed = []byte{1} },
		"no index":   func(d *seal.DeskKeys) { d.Epochs[0].Index = nil },
		"a version":  func(d *seal.DeskKeys) { d.Version = 2 },
	} {
		keys := seal.NewDeskKeys(w.desk)
		change(&keys)
		if _, err := seal.SealDeskKeys(keys, w.recovery.Recipient()); err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
}

func TestGrantRefusesAnotherReport(t *testing.T) {
	w := newWorld(t)
	a := w.send(w.tip())
	for name, where := range map[string][2]id.ID{"report": {w.programme, id.New()}, "programme": {id.New(), a.Report}} {
		if _, err := seal.OpenGrant(w.deskIdentity(), a.DeskGrant, where[0], where[1]); !errors.Is(err, seal.ErrOutOfPlace) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	grant, err := seal.OpenGrant(w.deskIdentity(), a.DeskGrant, w.programme, a.Report)
	w.check(err)
	for _, epoch := range []int{-1, 1} {
		if _, err := grant.Identity(epoch); !errors.Is(err, seal.ErrOutOfPlace) {
			t.Errorf("epoch %d: %v", epoch, err)
		}
	}
}

func TestGrantsGrowByBlocksAndEnd(t *testing.T) {
	w := newWorld(t)
	grant, _, err := seal.NewGrant(w.programme, w.desk)
	w.check(err)
	sizes := map[int]int{}
	for range 40 {
		body, err := seal.SealGrant(grant, w.recovery.Recipient())
		w.check(err)
		sizes[len(body)]++
		got, err := seal.OpenGrant(w.recovery, body, w.programme, w.desk)
		w.check(err)
		if diff := cmp.Diff(grant, got); diff != "" {
			t.Fatal(diff)
		}
		grant, _, err = grant.Next()
		w.check(err)
	}
	if sizes[seal.EnvelopeSize(1024)] < 15 || len(sizes) > 3 {
		t.Errorf("grants have the sizes %v", sizes)
	}
	for len(grant.Seeds) < 2000 {
		grant.Seeds = append(grant.Seeds, grant.Seeds[0])
	}
	grant.Epoch = len(grant.Seeds) - 1
	if _, err := seal.SealGrant(grant, w.recovery.Recipient()); !errors.Is(err, seal.ErrTooLong) {
		t.Errorf("a grant without end: %v", err)
	}
	grant.Seeds = grant.Seeds[:3]
	if _, err := seal.SealGrant(grant, w.recovery.Recipient()); err == nil {
		t.Error("a grant with missing seeds is sealed")
	}
}

// TestGrantPaddingIsChecked seals grants by hand that carry something.
func TestGrantPaddingIsChecked(t *testing.T) {
	w := newWorld(t)
	grant, _, err := seal.NewGrant(w.programme, w.desk)
	w.check(err)
	body, err := seal.SealGrant(grant, w.recovery.Recipient())
	w.check(err)
	honest := openByHand(t, body, w.recovery)
	for name, plain := range map[string][]byte{
		"honest":            honest,
		"at the end":        append(bytes.Clone(honest[:1023]), 1),
		"an empty block":    append(bytes.Clone(honest), make([]byte, 1024)...),
		"a length too long": append([]byte{0xff}, honest[1:]...),
		"a length of zero":  append(make([]byte, 4), honest[4:]...),
	} {
		_, err := seal.OpenGrant(w.recovery, encryptTo(t, plain, w.recovery.Recipient().String()), w.programme, w.desk)
		if (err == nil) != (name == "honest") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMemberKeysAreBoundToAccountAndPassphrase(t *testing.T) {
	w := newWorld(t)
	salt := bytes.Repeat([]byte{1}, seal.SaltSize)
	s, err := seal.StretchPassphrase("six words of the list here", salt, seal.MinStretch())
	w.check(err)
	wrapped, err := seal.WrapMemberKeys(w.member, s.Wrap, w.memberID)
	w.check(err)
	got, err := seal.UnwrapMemberKeys(wrapped, s.Wrap, w.memberID)
	w.check(err)
	if diff := cmp.Diff(w.member, got); diff != "" {
		t.Fatal(diff)
	}
	again, err := seal.WrapMemberKeys(w.member, s.Wrap, w.memberID)
	w.check(err)
	if bytes.Equal(wrapped, again) {
		t.Error("the nonce repeats")
	}
	if _, err := seal.UnwrapMemberKeys(wrapped, s.Login, w.memberID); !errors.Is(err, seal.ErrNotForThisKey) {
		t.Errorf("the key that is sent to the server opens them: %v", err)
	}
	if _, err := seal.UnwrapMemberKeys(wrapped, s.Wrap, id.New()); !errors.Is(err, seal.ErrNotForThisKey) {
		t.Errorf("another account's: %v", err)
	}
	if _, err := seal.UnwrapMemberKeys(wrapped[:5], s.Wrap, w.memberID); err == nil {
		t.Error("cut off: accepted")
	}
	if _, err := seal.WrapMemberKeys(w.member, s.Wrap[:16], w.memberID); err == nil {
		t.Error("a short key: accepted")
	}
	if _, err := seal.WrapMemberKeys(seal.MemberKeys{}, s.Wrap, w.memberID); err == nil {
		t.Error("no keys: accepted")
	}
}

func TestStretchRefusesWhatAServerMayAskFor(t *testing.T) {
	salt, least := make([]byte, seal.SaltSize), seal.MinStretch()
	for name, p := range map[string]seal.StretchParams{
		"zero": {}, "little memory": {least.Memory - 1, least.Passes, 1}, "two passes": {least.Memory, 2, 1}, "no lane": {least.Memory, 3, 0},
		"all memory": {1 << 31, 3, 1}, "for ever": {least.Memory, 1 << 30, 1}, "many lanes": {least.Memory, 3, 200},
	} {
		if _, err := seal.StretchPassphrase("x", salt, p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := seal.StretchPassphrase("x", salt[:8], least); err == nil {
		t.Error("a short salt: accepted")
	}
}

func TestStretchTakesPassphrasesInAnyForm(t *testing.T) {
	salt := make([]byte, seal.SaltSize)
	composed, err := seal.StretchPassphrase("på", salt, seal.MinStretch())
	if err != nil {
		t.Fatal(err)
	}
	decomposed, err := seal.StretchPassphrase("pa\u030a", salt, seal.MinStretch())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(composed.Login, decomposed.Login) || bytes.Equal(composed.Login, composed.Wrap) {
		t.Error("the form of å matters, or the two keys are one")
	}
}

func TestPRFWantsItsLength(t *testing.T) {
	for _, n := range []int{0, 31, 33, 64} {
		if _, err := seal.WrapKeyFromPRF(make([]byte, n)); err == nil {
			t.Errorf("%d bytes: accepted", n)
		}
	}
}

// TestBlindTokensAreEqualOnlyForEqualThings is the law of the blind index.
func TestBlindTokensAreEqualOnlyForEqualThings(t *testing.T) {
	programmes := []id.ID{{1}, {2}}
	indexes := [][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}
	type thing struct {
		Index, Programme int
		Kind             seal.BlindKind
		Value            string
	}
	draw := rapid.Custom(func(t *rapid.T) thing {
		return thing{
			rapid.IntRange(0, 1).Draw(t, "index"), rapid.IntRange(0, 1).Draw(t, "programme"),
			rapid.SampledFrom(seal.BlindKinds()).Draw(t, "kind"), rapid.SampledFrom([]string{"a", "b", "+45", "phone\x00a"}).Draw(t, "value"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		tokenA, errA := seal.BlindToken(indexes[a.Index], programmes[a.Programme], a.Kind, a.Value)
		tokenB, errB := seal.BlindToken(indexes[b.Index], programmes[b.Programme], b.Kind, b.Value)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if bytes.Equal(tokenA, tokenB) != (a == b) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

func TestBlindTokenRefuses(t *testing.T) {
	index := make([]byte, seal.KeySize)
	for name, err := range map[string]error{
		"short key":    second(seal.BlindToken(index[:16], id.ID{1}, "phone", "x")),
		"unknown kind": second(seal.BlindToken(index, id.ID{1}, "name", "x")),
		"no value":     second(seal.BlindToken(index, id.ID{1}, "phone", "")),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
