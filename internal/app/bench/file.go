// SPDX-License-Identifier: AGPL-3.0-or-later

package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// SendFile seals a file to the report of a receipt, sends its pieces and then
// its manifest, as a browser does; nil means that all of it was acknowledged.
// Of f it takes what a browser can say of a file, and finds out the rest.
func (c *Client) SendFile(ctx context.Context, receipt seal.Receipt, f seal.File, content []byte) error {
	chain, identity, err := c.conversation(ctx, receipt)
	if err != nil {
		return err
	}
	f.Blob, f.Length = id.New(), int64(len(content))
	if f.Cleaned == "" {
		f.Cleaned = seal.Cleaned
	}
	if f.Removed == nil {
		f.Removed = []string{}
	}
	var pieces [][]byte
	f.Pieces, err = seal.SealFile(bytes.NewReader(content), f.Length, identity.Recipient(), func(_ int, piece []byte) error {
		pieces = append(pieces, slices.Clone(piece))
		return nil
	})
	if err != nil {
		return err
	}
	for i, piece := range pieces {
		if err := c.sendPiece(ctx, receipt, f, i, piece); err != nil {
			return fmt.Errorf("send piece %d: %w", i, err)
		}
	}
	prev := chain.Place().Prev
	m, err := chain.Seal(f, seal.RoleReporter, receipt.SigningKey())
	if err != nil {
		return err
	}
	body, err := json.Marshal(struct {
		Login []byte    `json:"login"`
		Seq   int       `json:"seq"`
		Epoch int       `json:"epoch"`
		Prev  seal.Hash `json:"prev"`
		Hash  seal.Hash `json:"hash"`
		Body  []byte    `json:"body"`
		File  id.ID     `json:"file"`
	}{receipt.Login(), m.Seq, m.Epoch, prev, m.Hash, m.Body, f.Blob})
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return c.call(ctx, http.MethodPost, "/api/mailbox/append", "application/json", body, http.StatusCreated, nil)
}

func (c *Client) sendPiece(ctx context.Context, receipt seal.Receipt, f seal.File, index int, piece []byte) error {
	head, err := json.Marshal(struct {
		Login []byte    `json:"login"`
		Blob  id.ID     `json:"blob"`
		Index int       `json:"index"`
		Bytes int64     `json:"bytes"`
		Sum   seal.Hash `json:"sha256"`
	}{receipt.Login(), f.Blob, index, seal.SealedLength(f.Length), f.Pieces[index]})
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	body := slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head, piece)
	return c.call(ctx, http.MethodPost, "/api/files/piece", "application/octet-stream", body, http.StatusCreated, nil)
}

// conversation opens the mailbox and returns the conversation as it stands,
// with the identity of its epoch.
func (c *Client) conversation(ctx context.Context, receipt seal.Receipt) (*seal.Chain, *seal.Identity, error) {
	box, err := c.Open(ctx, receipt)
	if err != nil {
		return nil, nil, err
	}
	if len(box.Grants) == 0 {
		return nil, nil, errors.New("the mailbox holds no grant")
	}
	mailbox, err := receipt.Mailbox()
	if err != nil {
		return nil, nil, err
	}
	grant, err := seal.OpenGrant(mailbox, box.Grants[len(box.Grants)-1].Body, c.Roster.Programme, box.Report)
	if err != nil {
		return nil, nil, fmt.Errorf("open grant: %w", err)
	}
	chain, err := seal.NewChain(grant, c.Roster)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range box.Messages {
		if _, _, err := chain.Next(m); err != nil {
			return nil, nil, err
		}
	}
	identity, err := grant.Identity(chain.Place().Epoch)
	return chain, identity, err
}
