// SPDX-License-Identifier: AGPL-3.0-or-later

package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
)

// Client is an honest visitor of one portal. It is safe for concurrent use.
type Client struct {
	portal string
	http   *http.Client
	Roster *seal.Roster
}

// Refusal is an answer other than the one that was hoped for.
type Refusal struct {
	Path   string
	Status int
	Body   string
}

// Error implements error.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: the portal answered %d: %.200s", r.Path, r.Status, r.Body)
}

// Visit fetches and verifies the roster of the portal at an address.
func Visit(ctx context.Context, portal string, connections int) (*Client, error) {
	c := &Client{portal: portal, http: &http.Client{
		Timeout:   60 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true},
	}}
	var served struct {
		seal.SignedRoster
		ProgrammeKey []byte `json:"programme_key"`
	}
	if err := c.call(ctx, http.MethodGet, "/api/roster", "", nil, http.StatusOK, &served); err != nil {
		return nil, fmt.Errorf("fetch roster: %w", err)
	}
	// A first visit trusts the key that the page came with, as a browser does.
	var err error
	if c.Roster, err = served.Verify(served.ProgrammeKey, time.Now(), 1); err != nil {
		return nil, err
	}
	return c, nil
}

// Seal seals a tip of these words to one of the desks, in turn by n.
func (c *Client) Seal(n int, receipt seal.Receipt, text string) ([]byte, error) {
	sub, err := seal.SealSubmission(seal.Tip{
		Roster: c.Roster, Desk: c.Roster.Desks[n%len(c.Roster.Desks)].ID, Receipt: receipt,
		Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: text},
		Report: seal.Report{Category: "drugs", Language: "en", Questionnaire: "bench", Text: text},
	})
	if err != nil {
		return nil, err
	}
	return sub.Encode()
}

// Submit sends a sealed report; nil means that it was acknowledged.
func (c *Client) Submit(ctx context.Context, body []byte) error {
	return c.call(ctx, http.MethodPost, "/api/submit", "application/octet-stream", body, http.StatusCreated, nil)
}

// SubmitForm sends a report as a browser without script does: in clear, in one
// POST that carries the receipt. It takes the address of the form in English.
func (c *Client) SubmitForm(ctx context.Context, n int, receipt seal.Receipt, text string) error {
	return c.form(ctx, "/en/report", [][2]string{
		{"receipt", base64.StdEncoding.EncodeToString(receipt.Bytes())},
		{"category", "not-sure"},
		{"desk", c.Roster.Desks[n%len(c.Roster.Desks)].ID.String()},
		{"text", text},
		{"danger", "no"},
	}, "", nil)
}

// FileInClear adds a file to a report as a browser without script does, to be
// sent even where it can't be cleaned.
func (c *Client) FileInClear(ctx context.Context, receipt seal.Receipt, name string, content []byte) error {
	list, _ := words.For("en")
	return c.form(ctx, "/en/mailbox", [][2]string{{"act", "files"}, {"words", strings.Join(receipt.Words(list), " ")}, {"anyway", "yes"}}, name, content)
}

// form posts fields, and a file where it has a name.
func (c *Client) form(ctx context.Context, path string, fields [][2]string, name string, content []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range fields {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return err
		}
	}
	if name != "" {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			return err
		}
		if _, err := part.Write(content); err != nil {
			return err
		}
	}
	if err := form.Close(); err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, path, form.FormDataContentType(), body.Bytes(), http.StatusOK, nil)
}

// Mailbox is the answer of api/mailbox/open, as far as it is needed here.
type Mailbox struct {
	Report   id.ID         `json:"report"`
	Messages []seal.Stored `json:"messages"`
	Grants   []struct {
		Epoch int    `json:"epoch"`
		Body  []byte `json:"body"`
	} `json:"grants"`
}

// Open fetches the mailbox of a receipt.
func (c *Client) Open(ctx context.Context, receipt seal.Receipt) (Mailbox, error) {
	var box Mailbox
	return box, c.mailbox(ctx, "open", receipt, http.StatusOK, &box)
}

// Delete deletes the report of a receipt.
func (c *Client) Delete(ctx context.Context, receipt seal.Receipt) error {
	return c.mailbox(ctx, "delete", receipt, http.StatusNoContent, nil)
}

func (c *Client) mailbox(ctx context.Context, act string, receipt seal.Receipt, want int, into any) error {
	body, err := json.Marshal(struct {
		Login []byte `json:"login"`
	}{receipt.Login()})
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, "/api/mailbox/"+act, "application/json", body, want, into)
}

// Compare opens a mailbox as its reporter would and looks for the words.
func (c *Client) Compare(box Mailbox, receipt seal.Receipt, text string) error {
	if len(box.Grants) == 0 {
		return errors.New("the mailbox holds no grant")
	}
	identity, err := receipt.Mailbox()
	if err != nil {
		return err
	}
	grant, err := seal.OpenGrant(identity, box.Grants[len(box.Grants)-1].Body, c.Roster.Programme, box.Report)
	if err != nil {
		return fmt.Errorf("open grant: %w", err)
	}
	chain, err := seal.NewChain(grant, c.Roster)
	if err != nil {
		return err
	}
	for _, m := range box.Messages {
		opened, _, err := chain.Next(m)
		if err != nil {
			return err
		}
		if rep, ok := opened.Content.(seal.Report); ok && rep.Text == text {
			return nil
		}
	}
	return errors.New("the report is not what was sent")
}

func (c *Client) call(ctx context.Context, method, path, kind string, body []byte, want int, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.portal+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode != want {
		return &Refusal{Path: path, Status: res.StatusCode, Body: string(answer)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
