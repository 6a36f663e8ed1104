// SPDX-License-Identifier: AGPL-3.0-or-later

// Package alert tells people outside the browser that something waits at the
// desk: a webhook and e-mail. It must never carry content, a report's id, a
// place, a category or a time: who reads the mail learns only that somebody
// should log in.
//
// A Sender is safe for concurrent use.
package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/smtp"
	"strings"
	"time"
)

// Kind says how much it hurries.
type Kind string

// The kinds of alert.
const (
	Arrived Kind = "arrived"
	Danger  Kind = "danger"
	Overdue Kind = "overdue" // for the director
)

// Notice is all that leaves the house.
type Notice struct {
	Kind      Kind   `json:"kind"`
	Programme string `json:"programme"` // slug
	Text      string `json:"text"`
}

// NoticeOf words a notice.
func NoticeOf(kind Kind, programme string) Notice {
	text := "Something new waits at the desk. Log in to read it."
	if kind == Overdue {
		text = "Something is overdue. Log in to see what."
	}
	if kind == Danger {
		text = "Somebody may be in danger. Log in to the desk now."
	}
	return Notice{Kind: kind, Programme: programme, Text: text}
}

// Sender sends notices to a webhook and by mail; either may be empty.
type Sender struct {
	Webhook  string
	SMTP     string // host:port
	From     string
	To       []string
	DangerTo []string // besides To, for Danger
	Client   *http.Client
}

// Send delivers n on every way that is set and joins what went wrong, so that
// one way's failure doesn't silence the other.
func (s Sender) Send(ctx context.Context, n Notice) error {
	return errors.Join(s.post(ctx, n), s.mail(n))
}

func (s Sender) post(ctx context.Context, n Notice) error {
	if s.Webhook == "" {
		return nil
	}
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("send alert: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Webhook, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send alert: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("send alert to the webhook: %w", err)
	}
	if err := res.Body.Close(); err != nil {
		return fmt.Errorf("send alert to the webhook: %w", err)
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("send alert to the webhook: it answered %s", res.Status)
	}
	return nil
}

func (s Sender) mail(n Notice) error {
	to := s.To
	if n.Kind == Danger {
		to = append(to[:len(to):len(to)], s.DangerTo...)
	}
	if s.SMTP == "" || len(to) == 0 {
		return nil
	}
	for _, field := range append(to[:len(to):len(to)], s.From) {
		if strings.ContainsAny(field, "\r\n") {
			return fmt.Errorf("send alert by mail: an address contains a line break")
		}
	}
	subject := "Turnstone: something waits"
	if n.Kind == Danger {
		subject = "Turnstone: URGENT"
	}
	msg := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
		s.From, strings.Join(to, ", "), subject, n.Text)
	if err := smtp.SendMail(s.SMTP, nil, s.From, to, []byte(msg)); err != nil {
		return fmt.Errorf("send alert by mail: %w", err)
	}
	return nil
}
