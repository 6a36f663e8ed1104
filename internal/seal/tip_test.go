// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

func TestATipReachesItsThreeReadersAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	tip := w.tip()
	a := w.send(tip)
	mailbox, err := tip.Receipt.Mailbox()
	w.check(err)
	stranger, err := seal.NewIdentity()
	w.check(err)
	for name, reader := range map[string]struct {
		key   *seal.Identity
		grant []byte
	}{
		"desk": {w.deskIdentity(), a.DeskGrant}, "recovery": {w.recovery, a.RecoveryGrant}, "mailbox": {mailbox, a.MailboxGrant},
	} {
		grant, err := seal.OpenGrant(reader.key, reader.grant, w.programme, a.Report)
		w.check(err)
		chain, err := seal.NewChain(grant, w.roster)
		w.check(err)
		cover, _, err := chain.Next(a.messages[0])
		w.check(err)
		if diff := cmp.Diff(tip.Cover, cover.Content); diff != "" {
			t.Errorf("%s reads another cover:\n%s", name, diff)
		}
		report, signer, err := chain.Next(a.messages[1])
		w.check(err)
		want := tip.Report
		want.Mailbox, want.Roster = mailbox.Recipient().String(), w.roster.Hash()
		if diff := cmp.Diff(want, report.Content); diff != "" {
			t.Errorf("%s reads another report:\n%s", name, diff)
		}
		if !signer.Known || signer.Role != seal.RoleReporter {
			t.Errorf("%s: signer = %+v", name, signer)
		}
		_, err = seal.OpenGrant(stranger, reader.grant, w.programme, a.Report)
		if !errors.Is(err, seal.ErrNotForThisKey) {
			t.Errorf("a stranger opens the grant of %s: %v", name, err)
		}
	}
}

func TestASubmissionSurvivesTheWire(t *testing.T) {
	w := newWorld(t)
	sent := w.send(w.tip()).Submission
	wire, err := sent.Encode()
	w.check(err)
	got, err := seal.DecodeSubmission(wire)
	w.check(err)
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Fatal(diff)
	}
	again, err := got.Encode()
	w.check(err)
	if !bytes.Equal(wire, again) {
		t.Fatal("it is written differently the second time")
	}
}

func TestWithoutScriptTheReceiptNamesTheReport(t *testing.T) {
	w := newWorld(t)
	tip := w.tip()
	tip.ID = tip.Receipt.ReportID()
	first, second := w.send(tip), w.send(tip)
	if first.Report != second.Report || first.Report.IsZero() {
		t.Fatalf("a repeated form is another report: %s, %s", first.Report, second.Report)
	}
	if !bytes.Equal(first.Login, second.Login) {
		t.Fatal("a repeated form has another mailbox")
	}
}

func TestACallTakerSignsForACaller(t *testing.T) {
	w := newWorld(t)
	tip := w.tip()
	tip.Caller = w.member.SigningKey()
	tip.Report.Case = "2026-0417"
	a := w.send(tip)
	chain := w.chain(a)
	for _, m := range a.messages {
		_, signer, err := chain.Next(m)
		w.check(err)
		if want := (seal.Signer{Role: seal.RoleCall, Desk: w.desk, Member: w.memberID, Known: true}); signer != want {
			t.Errorf("signer = %+v, want %+v", signer, want)
		}
	}
}

func TestATipNeedsAVerifiedRosterAndAKnownDesk(t *testing.T) {
	w := newWorld(t)
	tip := w.tip()
	tip.Desk = id.New()
	if _, err := seal.SealSubmission(tip); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Errorf("sealed to a desk that is not in the roster: %v", err)
	}
	tip = w.tip()
	forged := w.draft(1, seal.Hash{})
	tip.Roster = &forged
	if _, err := seal.SealSubmission(tip); !errors.Is(err, seal.ErrSignature) {
		t.Errorf("sealed to a roster that nobody verified: %v", err)
	}
}

func BenchmarkSealSubmission(b *testing.B) {
	w := newWorld(b)
	tip := w.tip()
	b.ReportAllocs()
	for b.Loop() {
		s, err := seal.SealSubmission(tip)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeSubmission(b *testing.B) {
	w := newWorld(b)
	wire, err := w.send(w.tip()).Encode()
	w.check(err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := seal.DecodeSubmission(wire); err != nil {
			b.Fatal(err)
		}
	}
}
