// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// mailServer takes mails for as long as the test runs and returns each as it
// came.
func mailServer(t *testing.T) (string, <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	out := make(chan string, 20)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go takeMail(textproto.NewConn(conn), out)
		}
	}()
	return l.Addr().String(), out
}

func takeMail(c *textproto.Conn, out chan<- string) {
	defer func() { _ = c.Close() }()
	_ = c.PrintfLine("220 hello")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		answer := "250 ok"
		switch strings.ToUpper(line) {
		case "DATA":
			_ = c.PrintfLine("354 go")
			body, err := c.ReadDotBytes()
			if err != nil {
				return
			}
			out <- string(body)
		case "QUIT":
			answer = "221 bye"
		}
		_ = c.PrintfLine("%s", answer)
	}
}

// decoded returns the base64 parts of a mail, in order.
func decoded(t *testing.T, mail string) [][]byte {
	t.Helper()
	var parts [][]byte
	for _, block := range strings.Split(strings.ReplaceAll(mail, "\r\n", "\n"), "\n\n") {
		text := strings.ReplaceAll(strings.TrimSpace(strings.SplitN(block, "\n--", 2)[0]), "\n", "")
		if b, err := base64.StdEncoding.DecodeString(text); err == nil && len(b) > 0 {
			parts = append(parts, b)
		}
	}
	return parts
}

const (
	mailTitle = "Cigarettes behind the port"
	mailWords = "A lorry comes on Tuesdays."
)

// postOffice is a running installation that writes to partners.
type postOffice struct {
	*app.Installation
	t         *testing.T
	by        authz.Subject
	programme id.ID
	item      intel.Item
}

func startMail(t *testing.T, smtp string) *postOffice {
	t.Helper()
	i, p := founded(t)
	i.Config.Alerts.SMTP, i.Config.Alerts.From, i.Config.Desk.Origin = smtp, "desk@example.org", "https://desk.example.org"
	i.Config.Portal.Listen, i.Config.Desk.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	tenant, _ := i.Programmes.ByID(p)
	desk := tenant.Desks[0].ID
	m := &postOffice{Installation: i, t: t, programme: p}
	m.by = authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: p}, {Role: authz.Reviewer, Programme: p, Desk: desk}}}
	m.item = intel.Item{
		Programme: p, ID: id.New(), Number: "2026-4F7K", Version: 1, State: intel.Approved, Desk: desk, Title: mailTitle, Category: "contraband",
		Handling: grading.Handling{Ref: grading.Ref{Scheme: "3x5x2", Version: 1}, Code: "P"}, Statements: []intel.Statement{{Text: mailWords, Grade: grading.Grade{Ref: grading.Ref{Scheme: "3x5x2", Version: 1}, Source: "2", Information: "D"}}},
	}
	i.Referrals.Items = oneItem{m.item}
	ctx, cancel := context.WithCancel(context.Background())
	running, err := i.Listen(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return m
}

// refer sends the item, for information, to a new partner.
func (m *postOffice) refer(name, recipient string) referral.Referral {
	m.t.Helper()
	x, err := m.Referrals.SavePartner(m.t.Context(), m.by, referral.Partner{
		Programme: m.programme, Name: name, Kind: "police", Country: "DK", Languages: []string{"da"}, Mailbox: "in@example.org", Recipient: recipient,
		Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"},
		Agreement: referral.Agreement{Reference: "MoU", From: "2020-01-01", Codes: []referral.Allowed{{Scheme: "3x5x2", Code: "P"}}},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	r, err := m.Referrals.Refer(m.t.Context(), m.by, referral.Order{Programme: m.programme, Item: m.item.ID, Version: 1, Partner: x.ID, Role: referral.Information, Reason: "Their port."})
	if err != nil {
		m.t.Fatal(err)
	}
	return r
}

// A partner with a key gets the package encrypted to it, one without a link that
// opens once; neither mail tells what it is about, and a recall withdraws it.
func TestLettersToPartnersCarryNothingInClear(t *testing.T) {
	smtp, mails := mailServer(t)
	m := startMail(t, smtp)
	next := func() (string, [][]byte) {
		t.Helper()
		select {
		case mail := <-mails:
			parts := decoded(t, mail)
			for _, secret := range []string{mailTitle, mailWords, "Tuesdays", "Their port", m.item.ID.String(), "contraband"} {
				for _, part := range append(parts, []byte(mail)) {
					if bytes.Contains(part, []byte(secret)) {
						t.Errorf("a mail says %q in clear", secret)
					}
				}
			}
			return mail, parts
		case <-time.After(30 * time.Second):
			t.Fatal("no mail came")
			return "", nil
		}
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]struct {
		recipient string
		identity  age.Identity
	}{"x25519": {key.Recipient().String(), key}, "hybrid": {hybrid.Recipient().String(), hybrid}} {
		m.refer(name, to.recipient)
		_, parts := next()
		if len(parts) != 2 {
			t.Fatalf("%s: %d parts, want text and attachment", name, len(parts))
		}
		clear, err := age.Decrypt(bytes.NewReader(parts[1]), to.identity)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(clear)
		if err != nil {
			t.Fatal(err)
		}
		pack, err := referral.ParsePackage(body)
		if err != nil || pack.Title != mailTitle || pack.Statements[0].SourceWords != "Uprøvet" {
			t.Errorf("%s: the attachment opens as %+v, %v", name, pack, err)
		}
	}
	linked := m.refer("no key", "")
	_, parts := next()
	_, token, found := strings.Cut(string(parts[0]), "https://desk.example.org/partner/")
	if !found {
		t.Fatalf("no link in %q", parts[0])
	}
	token = strings.TrimSpace(token)
	if opened, err := m.Referrals.OpenLink(t.Context(), token); err != nil || opened.Package.Title != mailTitle {
		t.Errorf("the link: %v", err)
	}
	if _, err := m.Referrals.Recall(t.Context(), m.by, m.programme, linked.ID, "The source is in danger."); err != nil {
		t.Fatal(err)
	}
	if _, parts = next(); !strings.Contains(string(parts[0]), linked.Number) || strings.Contains(string(parts[0]), "danger") {
		t.Errorf("the recall says %q", parts[0])
	}
}

// A mail that can't be sent stands in the history, where the desk sees it.
func TestALetterThatCannotBeSentIsInTheHistory(t *testing.T) {
	m := startMail(t, "")
	lost := m.refer("no server", "")
	deadline := time.Now().Add(30 * time.Second)
	for {
		v, err := m.Referrals.Look(t.Context(), m.by, m.programme, lost.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Steps[len(v.Steps)-1].Act == referral.Unsent {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("history %+v", v.Steps)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
