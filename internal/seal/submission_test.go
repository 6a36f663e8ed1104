// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// rewrite changes the head of a submission and repairs its length and checksum:
// what a hostile client can send.
func rewrite(wire []byte, change func(head string) string) []byte {
	n := binary.BigEndian.Uint32(wire[4:])
	head := change(string(wire[8 : 8+n]))
	out := binary.BigEndian.AppendUint32([]byte("TSN1"), uint32(len(head)))
	out = append(append(out, head...), wire[8+n:len(wire)-sha256.Size]...)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

func TestDecodeSubmissionRefuses(t *testing.T) {
	w := newWorld(t)
	s := w.send(w.tip()).Submission
	wire, err := s.Encode()
	w.check(err)
	if _, err := seal.DecodeSubmission(rewrite(wire, func(h string) string { return h })); err != nil {
		t.Fatalf("an unchanged one is refused: %v", err)
	}
	swap := func(old, new string) []byte {
		return rewrite(wire, func(head string) string {
			if !strings.Contains(head, old) {
				t.Fatalf("%q is not in the head", old)
			}
			return strings.Replace(head, old, new, 1)
		})
	}
	for name, body := range map[string][]byte{
		"nothing": nil, "cut off": wire[:100], "without the end": wire[:len(wire)-1], "something after": append(slices.Clone(wire), 0),
		"no checksum":      wire[:len(wire)-sha256.Size],
		"too large":        append(slices.Clone(wire), make([]byte, seal.MaxSubmission)...),
		"unknown field":    swap(`{"programme"`, `{"x":1,"programme"`),
		"a space":          swap(`,"desk"`, `, "desk"`),
		"capitals":         swap(`"danger"`, `"Danger"`),
		"danger as number": swap(`"danger":false`, `"danger":0`),
		"danger as null":   swap(`"danger":false`, `"danger":null`),
		"no programme":     swap(`"programme":"`+s.Programme.String()+`",`, ``),
		"zero report":      swap(s.Report.String(), strings.Repeat("0", 32)),
		"short login":      swap(`"login":"`, `"login":"AAAA","x":"`),
		"six parts":        swap(`"parts":[`, `"parts":[0,`),
		"negative part":    swap(`"parts":[`, `"parts":[-`),
		"huge part":        swap(`"parts":[`, `"parts":[99999999`),
		"long head":        swap(`{"programme"`, `{"x":"`+strings.Repeat("x", 5000)+`","programme"`),
		"empty head":       rewrite(wire, func(string) string { return "" }),
		"list for a head":  rewrite(wire, func(string) string { return "[]" }),
		"deep head":        rewrite(wire, func(string) string { return strings.Repeat("[", 4000) }),
	} {
		if _, err := seal.DecodeSubmission(body); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNothingFollowsTheParts(t *testing.T) {
	w := newWorld(t)
	wire, err := w.send(w.tip()).Encode()
	w.check(err)
	longer := append(slices.Clone(wire[:len(wire)-sha256.Size]), "more"...)
	sum := sha256.Sum256(longer)
	if _, err := seal.DecodeSubmission(append(longer, sum[:]...)); err == nil || !strings.Contains(err.Error(), "follows the parts") {
		t.Fatal(err)
	}
}

func TestDecodeSubmissionChecksEveryEnvelope(t *testing.T) {
	w := newWorld(t)
	other, err := seal.NewIdentity()
	w.check(err)
	two := encryptTo(t, make([]byte, 1024), w.deskIdentity().Recipient().String(), other.Recipient().String())
	for name, change := range map[string]func(*seal.Submission){
		"desk grant":       func(s *seal.Submission) { s.DeskGrant = two },
		"recovery grant":   func(s *seal.Submission) { s.RecoveryGrant = two },
		"mailbox grant":    func(s *seal.Submission) { s.MailboxGrant = nil },
		"cover":            func(s *seal.Submission) { s.CoverBody = s.FirstBody },
		"report":           func(s *seal.Submission) { s.FirstBody = s.CoverBody },
		"report of grants": func(s *seal.Submission) { s.FirstBody = s.DeskGrant },
	} {
		s := *w.send(w.tip()).Submission
		change(&s)
		wire, err := s.Encode()
		w.check(err)
		_, err = seal.DecodeSubmission(wire)
		if !errors.Is(err, seal.ErrEnvelope) || !strings.Contains(err.Error(), strings.Fields(name)[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheLongestReportFitsAndOneMoreIsSaid(t *testing.T) {
	w := newWorld(t)
	tip := w.tip()
	tip.Report.Text = strings.Repeat("æ", 62000)
	wire, err := w.send(tip).Encode()
	w.check(err)
	if len(wire) > seal.MaxSubmission {
		t.Fatalf("%d bytes", len(wire))
	}
	if _, err := seal.DecodeSubmission(wire); err != nil {
		t.Fatal(err)
	}
	tip.Report.Text = strings.Repeat("æ", 66000)
	if _, err := seal.SealSubmission(tip); !errors.Is(err, seal.ErrTooLong) {
		t.Fatalf("too long a report gives %v", err)
	}
}
