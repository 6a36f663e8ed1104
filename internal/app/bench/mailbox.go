// SPDX-License-Identifier: AGPL-3.0-or-later

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// mailbox is the answer of api/mailbox/open, as far as it is needed here.
type mailbox struct {
	Report   id.ID         `json:"report"`
	Messages []seal.Stored `json:"messages"`
	Grants   []struct {
		Epoch int    `json:"epoch"`
		Body  []byte `json:"body"`
	} `json:"grants"`
}

func (r *run) fetch(ctx context.Context, receipt seal.Receipt) (mailbox, error) {
	var box mailbox
	body, err := json.Marshal(struct {
		Login []byte `json:"login"`
	}{receipt.Login()})
	if err != nil {
		return box, err
	}
	return box, r.post(ctx, "/api/mailbox/open", "application/json", body, http.StatusOK, &box)
}

// compare opens a mailbox as its reporter would and looks for the words.
func (r *run) compare(box mailbox, s sent) error {
	if len(box.Grants) == 0 {
		return errors.New("the mailbox holds no grant")
	}
	identity, err := s.receipt.Mailbox()
	if err != nil {
		return err
	}
	grant, err := seal.OpenGrant(identity, box.Grants[len(box.Grants)-1].Body, r.roster.Programme, box.Report)
	if err != nil {
		return fmt.Errorf("open grant: %w", err)
	}
	chain, err := seal.NewChain(grant, r.roster)
	if err != nil {
		return err
	}
	for _, m := range box.Messages {
		opened, _, err := chain.Next(m)
		if err != nil {
			return err
		}
		if rep, ok := opened.Content.(seal.Report); ok && rep.Text == s.text {
			return nil
		}
	}
	return errors.New("the report is not what was sent")
}
