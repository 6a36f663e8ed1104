// SPDX-License-Identifier: AGPL-3.0-or-later

package alert_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app/alert"
)

func TestWebhookCarriesNothingButThatSomethingWaits(t *testing.T) {
	var got map[string]any
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer hook.Close()
	if err := (alert.Sender{Webhook: hook.URL}).Send(context.Background(), alert.NoticeOf(alert.Danger, "north")); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got["kind"] != "danger" || got["programme"] != "north" {
		t.Fatalf("got %v", got)
	}
}

func TestARefusedWebhookDoesNotSilenceTheMail(t *testing.T) {
	hook := httptest.NewServer(http.NotFoundHandler())
	defer hook.Close()
	addr, mail := listenSMTP(t)
	err := alert.Sender{Webhook: hook.URL, SMTP: addr, From: "desk@example.org", To: []string{"a@example.org"}, DangerTo: []string{"b@example.org"}}.
		Send(context.Background(), alert.NoticeOf(alert.Danger, "north"))
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("err = %v, want the webhook's answer in it", err)
	}
	text := <-mail
	for _, want := range []string{"URGENT", "RCPT TO:<a@example.org>", "RCPT TO:<b@example.org>"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %q", want, text)
		}
	}
}

func TestHeaderInjectionIsRefused(t *testing.T) {
	err := alert.Sender{SMTP: "127.0.0.1:1", From: "x", To: []string{"a@example.org\r\nBcc: b@example.org"}}.
		Send(context.Background(), alert.NoticeOf(alert.Arrived, "north"))
	if err == nil || !strings.Contains(err.Error(), "line break") {
		t.Fatalf("err = %v", err)
	}
}

// listenSMTP takes one mail and returns everything that the client said.
func listenSMTP(t *testing.T) (string, <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	out := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		var all strings.Builder
		in := bufio.NewScanner(conn)
		_, _ = fmt.Fprint(conn, "220 hello\r\n")
		data := false
		for in.Scan() {
			line := in.Text()
			all.WriteString(line + "\n")
			switch {
			case data && line == ".":
				data = false
				_, _ = fmt.Fprint(conn, "250 kept\r\n")
			case data:
			case line == "DATA":
				data = true
				_, _ = fmt.Fprint(conn, "354 go\r\n")
			case line == "QUIT":
				_, _ = fmt.Fprint(conn, "221 bye\r\n")
				out <- all.String()
				return
			default:
				_, _ = fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	return l.Addr().String(), out
}
