// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// say seals a message of either side and lets the chain read it.
func say(t testing.TB, chain *seal.Chain, text string, role seal.Role, w *world, tip seal.Tip) seal.Stored {
	t.Helper()
	key := tip.Receipt.SigningKey()
	if role == seal.RoleDesk {
		key = w.member.SigningKey()
	}
	m, err := chain.Seal(seal.Message{Text: text, Language: "da"}, role, key)
	w.check(err)
	_, signer, err := chain.Next(m)
	w.check(err)
	if signer.Role != role || !signer.Known {
		t.Fatalf("signer = %+v", signer)
	}
	return m
}

func TestAConversationGoesBothWays(t *testing.T) {
	w := newWorld(t)
	desk, _, tip, a := w.opened()
	messages := a.messages
	messages = append(messages, say(t, desk, "Hvor mange kasser?", seal.RoleDesk, w, tip))
	messages = append(messages, say(t, desk, "Omkring fyrre.", seal.RoleReporter, w, tip))

	mailbox, err := tip.Receipt.Mailbox()
	w.check(err)
	grant, err := seal.OpenGrant(mailbox, a.MailboxGrant, w.programme, a.Report)
	w.check(err)
	reporter, err := seal.NewChain(grant, w.roster)
	w.check(err)
	var said []string
	for _, m := range messages {
		opened, _, err := reporter.Next(m)
		w.check(err)
		if text, ok := opened.Content.(seal.Message); ok {
			said = append(said, text.Text)
		}
	}
	if !slices.Equal(said, []string{"Hvor mange kasser?", "Omkring fyrre."}) {
		t.Fatalf("the reporter reads %q", said)
	}
	if reporter.Place() != desk.Place() {
		t.Fatal("the two sides stand at different places")
	}
}

// TestChainReadsOnlyItsOwnOrder is the law of the chain: of all ways to serve
// the messages of two conversations, only the prefix of its own passes.
func TestChainReadsOnlyItsOwnOrder(t *testing.T) {
	w := newWorld(t)
	desk, _, tip, a := w.opened()
	messages := slices.Clone(a.messages)
	for _, text := range []string{"one", "two", "three"} {
		messages = append(messages, say(t, desk, text, seal.RoleDesk, w, tip))
	}
	_, _, _, foreign := w.opened()
	pool := append(slices.Clone(messages), foreign.messages...)
	rapid.Check(t, func(rt *rapid.T) {
		chain := w.chain(a)
		for range 8 {
			at := rapid.IntRange(0, len(pool)-1).Draw(rt, "message")
			m := pool[at]
			if rapid.Bool().Draw(rt, "renumbered") {
				m.Seq = chain.Place().Seq
			}
			before := chain.Place()
			_, _, err := chain.Next(m)
			if belongs := at < len(messages) && at == before.Seq; belongs != (err == nil) {
				rt.Fatalf("message %d at place %d: %v", at, before.Seq, err)
			}
			if err != nil && chain.Place() != before {
				rt.Fatal("a refused message moved the chain")
			}
		}
	})
}

func TestChainRefusesWhatTheServerSaysOtherwise(t *testing.T) {
	w := newWorld(t)
	_, _, _, a := w.opened()
	for name, change := range map[string]func(*seal.Stored){
		"role": func(m *seal.Stored) { m.Role = seal.RoleCall }, "hash": func(m *seal.Stored) { m.Hash[0]++ },
		"epoch": func(m *seal.Stored) { m.Epoch = 1 }, "negative epoch": func(m *seal.Stored) { m.Epoch = -1 },
	} {
		m := a.messages[0]
		change(&m)
		if _, _, err := w.chain(a).Next(m); !errors.Is(err, seal.ErrOutOfPlace) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyTheReporterSpeaksAsTheReporter(t *testing.T) {
	w := newWorld(t)
	chain, identity, _, _ := w.opened()
	// A member has the report's key and could write as the reporter, but for
	// the signature.
	m, err := seal.SealMessage(chain.Place(), seal.Message{Text: "I made it up"}, seal.RoleReporter, w.member.SigningKey(), identity.Recipient())
	w.check(err)
	if _, _, err := chain.Next(m); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("a member spoke as the reporter: %v", err)
	}
	call := w.tip()
	call.Caller = w.member.SigningKey()
	a := w.send(call)
	chain = w.chain(a)
	for _, m := range a.messages {
		_, _, err := chain.Next(m)
		w.check(err)
	}
	m, err = chain.Seal(seal.Message{Text: "hello"}, seal.RoleReporter, call.Caller)
	w.check(err)
	if _, _, err := chain.Next(m); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("somebody replied as the reporter of a call: %v", err)
	}
}

func TestAnUnknownMemberIsNamedAsUnknown(t *testing.T) {
	w := newWorld(t)
	chain, _, _, _ := w.opened()
	m, err := chain.Seal(seal.Message{Text: "We pay you"}, seal.RoleDesk, seal.NewMemberKeys().SigningKey())
	w.check(err)
	_, signer, err := chain.Next(m)
	w.check(err)
	if signer.Known || !signer.Desk.IsZero() {
		t.Fatalf("an unknown key is taken for %+v", signer)
	}
}

func TestADeskCannotSendAReport(t *testing.T) {
	w := newWorld(t)
	grant, identity, err := seal.NewGrant(w.programme, w.desk)
	w.check(err)
	chain, err := seal.NewChain(grant, w.roster)
	w.check(err)
	m, err := seal.SealMessage(chain.Place(), w.tip().Cover, seal.RoleDesk, w.member.SigningKey(), identity.Recipient())
	w.check(err)
	if _, _, err := chain.Next(m); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatal(err)
	}
}

func TestANewEpochShutsOutWhoIsNotGrantedIt(t *testing.T) {
	w := newWorld(t)
	chain, _, tip, a := w.opened()
	old, err := seal.OpenGrant(w.deskIdentity(), a.DeskGrant, w.programme, a.Report)
	w.check(err)
	turn, err := chain.NewEpoch(w.member.SigningKey())
	w.check(err)

	member, err := w.member.Identity()
	w.check(err)
	body, err := seal.SealGrant(turn.Grant, member.Recipient())
	w.check(err)
	if _, err := seal.OpenGrant(w.deskIdentity(), body, w.programme, a.Report); !errors.Is(err, seal.ErrNotForThisKey) {
		t.Fatalf("the desk key opens a restricted grant: %v", err)
	}
	next, err := seal.OpenGrant(member, body, w.programme, a.Report)
	w.check(err)
	named, err := seal.NewChain(next, w.roster)
	w.check(err)
	shutOut, err := seal.NewChain(old, w.roster)
	w.check(err)
	for _, m := range append(slices.Clone(a.messages), turn.Key) {
		_, _, err := named.Next(m)
		w.check(err)
		_, _, err = shutOut.Next(m)
		w.check(err)
	}
	m := say(t, named, "Kun for dig", seal.RoleDesk, w, tip)
	if _, _, err := shutOut.Next(m); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("who was shut out reads on: %v", err)
	}
	if _, err := shutOut.Seal(seal.Message{}, seal.RoleDesk, w.member.SigningKey()); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("who was shut out writes on: %v", err)
	}
	// A message to the old key is refused after the new one was announced,
	// though everybody here could open it.
	place := named.Place()
	place.Epoch = 0
	before, err := old.Identity(0)
	w.check(err)
	late, err := seal.SealMessage(place, seal.Message{}, seal.RoleDesk, w.member.SigningKey(), before.Recipient())
	w.check(err)
	if _, _, err := named.Next(late); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("a message to the old key is read: %v", err)
	}
}

func TestOnlyTheDeskTurnsTheKeyAndByOne(t *testing.T) {
	w := newWorld(t)
	chain, _, tip, _ := w.opened()
	fresh, err := seal.NewIdentity()
	w.check(err)
	for name, try := range map[string]struct {
		epoch int
		role  seal.Role
	}{"reporter": {1, seal.RoleReporter}, "same epoch": {0, seal.RoleDesk}, "two further": {2, seal.RoleDesk}} {
		key := w.member.SigningKey()
		if try.role == seal.RoleReporter {
			key = tip.Receipt.SigningKey()
		}
		m, err := chain.Seal(seal.Key{Epoch: try.epoch, Recipient: fresh.Recipient().String()}, try.role, key)
		w.check(err)
		if _, _, err := chain.Next(m); !errors.Is(err, seal.ErrOutOfPlace) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNobodySealsToAKeyThatTheGrantDoesNotHold(t *testing.T) {
	w := newWorld(t)
	chain, _, _, _ := w.opened()
	turn, err := chain.NewEpoch(w.member.SigningKey())
	w.check(err)
	_, _, err = chain.Next(turn.Key)
	w.check(err)
	if _, err := chain.NewEpoch(w.member.SigningKey()); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("an old grant turns the key again: %v", err)
	}
	// A grant that is ahead of what was read must not skip an epoch.
	_, _, _, a := w.opened()
	behind, err := seal.OpenGrant(w.deskIdentity(), a.DeskGrant, w.programme, a.Report)
	w.check(err)
	ahead, _, err := behind.Next()
	w.check(err)
	early, err := seal.NewChain(ahead, w.roster)
	w.check(err)
	for _, m := range a.messages {
		_, _, err := early.Next(m)
		w.check(err)
	}
	if _, err := early.NewEpoch(w.member.SigningKey()); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("an epoch is skipped: %v", err)
	}
	// The desk announced one key and granted another.
	foreign, err := seal.NewIdentity()
	w.check(err)
	m, err := early.Seal(seal.Key{Epoch: 1, Recipient: foreign.Recipient().String()}, seal.RoleDesk, w.member.SigningKey())
	w.check(err)
	_, _, err = early.Next(m)
	w.check(err)
	if _, err := early.Seal(seal.Message{}, seal.RoleDesk, w.member.SigningKey()); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Fatalf("a message is sealed to a key that nobody announced: %v", err)
	}
}

func TestCoverAndReportHaveOneSender(t *testing.T) {
	w := newWorld(t)
	grant, identity, err := seal.NewGrant(w.programme, w.desk)
	w.check(err)
	mine, theirs := w.member.SigningKey(), seal.NewReceipt().SigningKey()
	tip := w.tip()
	tip.Report.Mailbox = w.recovery.Recipient().String()
	for name, try := range map[string]struct {
		role seal.Role
		key  ed25519.PrivateKey
		ok   bool
	}{
		"honest": {seal.RoleReporter, mine, true}, "another key": {seal.RoleReporter, theirs, false}, "another role": {seal.RoleCall, mine, false},
	} {
		chain, err := seal.NewChain(grant, w.roster)
		w.check(err)
		cover, err := seal.SealMessage(chain.Place(), tip.Cover, seal.RoleReporter, mine, identity.Recipient())
		w.check(err)
		_, _, err = chain.Next(cover)
		w.check(err)
		report, err := seal.SealMessage(chain.Place(), tip.Report, try.role, try.key, identity.Recipient())
		w.check(err)
		if _, _, err := chain.Next(report); (err == nil) != try.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
