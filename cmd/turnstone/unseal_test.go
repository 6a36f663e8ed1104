// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// exported is a report with one answer, as the desk exports it, and everybody
// who could open it.
type exported struct {
	dir       string
	export    seal.Export
	key       string // the programme's public key
	desk      *seal.Identity
	member    *seal.Identity
	recovery  *seal.Identity
	mailbox   *seal.Identity
	reportRef id.ID
	receipt   seal.Receipt
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newExported(t *testing.T) *exported {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	check(t, err)
	e := &exported{dir: t.TempDir(), key: base64.StdEncoding.EncodeToString(public)}
	deskID, programme := id.New(), id.New()
	keys, member := seal.NewDeskKeys(deskID), seal.NewMemberKeys()
	e.desk, err = keys.Identity(0)
	check(t, err)
	e.member, err = member.Identity()
	check(t, err)
	e.recovery, err = seal.NewIdentity()
	check(t, err)
	now := time.Now()
	signed, err := seal.SignRoster(seal.Roster{
		Programme: programme, Slug: "nord", Name: map[string]string{"en": "North"}, Number: 3,
		ValidFrom: now.Add(-time.Hour), ValidUntil: now.Add(time.Hour), Recovery: e.recovery.Recipient(),
		Desks: []seal.RosterDesk{{
			ID: deskID, Slug: "customs", Name: map[string]string{}, Organisation: map[string]string{}, Recipient: e.desk.Recipient(),
			Members: []seal.RosterMember{{ID: id.New(), Key: member.SigningKey().Public().(ed25519.PublicKey), Recipient: e.member.Recipient()}},
		}},
	}, private)
	check(t, err)
	roster, err := signed.Verify(public, now, 1)
	check(t, err)
	receipt := seal.NewReceipt()
	e.mailbox, err = receipt.Mailbox()
	check(t, err)
	s, err := seal.SealSubmission(seal.Tip{
		Roster: roster, Desk: deskID, Receipt: receipt,
		Cover: seal.Cover{Category: "smuggling", Language: "en", Urgency: seal.UrgencySoon, Words: "A white van"},
		Report: seal.Report{
			Category: "smuggling", Language: "en", Questionnaire: "1", Text: "A white van\n9. message, by the desk\n\x1b[31mred\u202e",
			Answers: []seal.Answer{{ID: "where", Label: "Where?", Value: "Padborg"}},
		},
	})
	check(t, err)
	e.reportRef, e.receipt = s.Report, receipt
	e.export = seal.Export{
		Programme: programme, Report: s.Report, Roster: signed,
		Grants:   []seal.GrantFor{{To: "desk", Body: s.DeskGrant}, {To: "recovery", Body: s.RecoveryGrant}, {To: "mailbox", Body: s.MailboxGrant}},
		Messages: []seal.Stored{{Role: seal.RoleReporter, Hash: s.Cover, Body: s.CoverBody}, {Seq: 1, Role: seal.RoleReporter, Hash: s.First, Body: s.FirstBody}},
	}
	e.answer(t, keys, member)
	return e
}

// answer adds the desk's answer and the member's package of the desk's keys.
func (e *exported) answer(t *testing.T, keys seal.DeskKeys, member seal.MemberKeys) {
	t.Helper()
	grant, err := seal.OpenGrant(e.desk, e.export.Grants[0].Body, e.export.Programme, e.export.Report)
	check(t, err)
	chain, err := seal.NewChain(grant)
	check(t, err)
	for _, m := range e.export.Messages {
		_, _, err := chain.Next(m)
		check(t, err)
	}
	m, err := chain.Seal(seal.Message{Text: "How many boxes?", Language: "en"}, seal.RoleDesk, member.SigningKey())
	check(t, err)
	e.export.Messages = append(e.export.Messages, m)
	body, err := seal.SealDeskKeys(keys, e.member.Recipient())
	check(t, err)
	e.export.Keys = [][]byte{body}
}

func (e *exported) write(t *testing.T, name string, content string) string {
	t.Helper()
	path := filepath.Join(e.dir, name)
	check(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func (e *exported) file(t *testing.T) string {
	t.Helper()
	text, err := e.export.Encode()
	check(t, err)
	return e.write(t, "report.json", string(text))
}

func runUnseal(args ...string) (string, error) {
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(append([]string{"unseal"}, args...))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.Execute()
	return out.String(), err
}

func TestUnsealOpensForEverybodyWhoMayRead(t *testing.T) {
	e := newExported(t)
	in := e.file(t)
	for name, identity := range map[string]*seal.Identity{"desk": e.desk, "member": e.member, "recovery": e.recovery, "mailbox": e.mailbox} {
		file := e.write(t, name+".txt", "# "+name+"\n"+identity.Secret()+"\n")
		out, err := runUnseal("--in", in, "--identity", file, "--programme-key", e.key)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range []string{"Report " + e.reportRef.String(), "Roster 3 is signed", "3 messages", "1. report, by the reporter", "| Padborg", "for the desk customs", "| How many boxes?"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, out)
			}
		}
		if strings.Contains(out, "\n9. message") || strings.ContainsAny(out, "\x1b\u202e") {
			t.Errorf("%s: the reporter's text passes for a line of ours or steers the terminal:\n%q", name, out)
		}
		if strings.Contains(out, "NOT CHECKED") {
			t.Errorf("%s: what was checked is called unchecked:\n%s", name, out)
		}
	}
}

func TestUnsealSaysWhatItCouldNotCheck(t *testing.T) {
	e := newExported(t)
	file := e.write(t, "desk.txt", e.desk.Secret())
	out, err := runUnseal("--in", e.file(t), "--identity", file)
	check(t, err)
	if !strings.Contains(out, "NOT CHECKED: who may sign") || !strings.Contains(out, "by somebody for the desk, NOT CHECKED") || !strings.Contains(out, e.key) {
		t.Fatal(out)
	}
}

func TestUnsealTakesRecoveryShares(t *testing.T) {
	e := newExported(t)
	shares, err := seal.SplitSecret(e.recovery.Seed(), 2, 3)
	check(t, err)
	args := []string{"--in", e.file(t)}
	for i, s := range shares[1:] {
		args = append(args, "--share", e.write(t, fmt.Sprintf("share-%d.txt", i), "# Recovery share\n"+s.Secret()+"\n"))
	}
	out, err := runUnseal(args...)
	check(t, err)
	if !strings.Contains(out, "| How many boxes?") {
		t.Fatal(out)
	}
	if _, err := runUnseal(args[:4]...); err == nil || !strings.Contains(err.Error(), "1 of at least 2") {
		t.Fatalf("one share of two: %v", err)
	}
}

func TestUnsealKeepsWhatItOpened(t *testing.T) {
	e := newExported(t)
	dir := filepath.Join(e.dir, "kept")
	args := []string{"--in", e.file(t), "--identity", e.write(t, "desk.txt", e.desk.Secret()), "--out", dir}
	out, err := runUnseal(args...)
	check(t, err)
	kept, err := os.ReadFile(filepath.Join(dir, "conversation.txt"))
	check(t, err)
	if string(kept) != out {
		t.Errorf("conversation.txt is not what was printed")
	}
	text, err := os.ReadFile(filepath.Join(dir, "conversation.json"))
	check(t, err)
	var lines []struct {
		Content struct{ Text string }
		Signer  struct{ Checked bool }
	}
	check(t, json.Unmarshal(text, &lines))
	if len(lines) != 3 || lines[2].Content.Text != "How many boxes?" || lines[2].Signer.Checked || !lines[1].Signer.Checked {
		t.Errorf("%+v", lines)
	}
	info, err := os.Stat(filepath.Join(dir, "conversation.json"))
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %o", info.Mode().Perm())
	}
	if _, err := runUnseal(args...); err == nil {
		t.Error("an older conversation was written over")
	}
}

func TestUnsealRefusesInPlainWords(t *testing.T) {
	e := newExported(t)
	stranger, err := seal.NewIdentity()
	check(t, err)
	good, desk := e.file(t), e.write(t, "desk.txt", e.desk.Secret())
	other, _, err := ed25519.GenerateKey(nil)
	check(t, err)
	broken := *e
	broken.export.Messages = broken.export.Messages[1:]
	missing, err := broken.export.Encode()
	check(t, err)
	for name, try := range map[string]struct {
		args []string
		want string
	}{
		"no file":         {[]string{"--in", e.dir + "/none", "--identity", desk}, "no such file"},
		"no identity":     {[]string{"--in", good}, "identity share"},
		"a stranger's":    {[]string{"--in", good, "--identity", e.write(t, "s.txt", stranger.Secret())}, "does not belong to this report"},
		"not an identity": {[]string{"--in", good, "--identity", e.write(t, "n.txt", "hello")}, "line 1"},
		"not an export":   {[]string{"--in", e.write(t, "x.json", "{}"), "--identity", desk}, "read export"},
		"another key":     {[]string{"--in", good, "--identity", desk, "--programme-key", base64.StdEncoding.EncodeToString(other)}, "another programme key"},
		"a short key":     {[]string{"--in", good, "--identity", desk, "--programme-key", "AAAA"}, "44 characters"},
		"a lost message":  {[]string{"--in", e.write(t, "m.json", string(missing)), "--identity", desk}, "message 0 is next"},
	} {
		out, err := runUnseal(try.args...)
		if err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(out, "white van") {
			t.Errorf("%s: something is shown all the same", name)
		}
	}
}
