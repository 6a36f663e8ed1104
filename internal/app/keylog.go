// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/web/portal"
)

// keyLog gives the portal proofs of the ledger and nothing else of it.
type keyLog struct{ log *ledger.Log }

// Checkpoint implements portal.KeyLog.
func (k keyLog) Checkpoint(ctx context.Context) (string, error) {
	text, err := k.log.Checkpoint(ctx)
	return string(text), err
}

// Prove implements portal.KeyLog.
func (k keyLog) Prove(ctx context.Context, entry id.ID) (string, portal.Proof, error) {
	row, err := k.log.ByID(ctx, entry)
	if err != nil {
		return "", portal.Proof{}, fmt.Errorf("find entry: %w", err)
	}
	text, err := k.log.Checkpoint(ctx)
	if err != nil {
		return "", portal.Proof{}, err
	}
	body, _, _ := strings.Cut(string(text), "\n\n") // the signatures follow the empty line
	c, err := ledger.ParseCheckpoint(body + "\n")
	if err != nil {
		return "", portal.Proof{}, err
	}
	p, err := k.log.Prove(ctx, row.N, c.Size)
	if err != nil {
		return "", portal.Proof{}, err
	}
	return string(text), portal.Proof{Index: p.Index, Salt: p.Salt, Hashes: p.Hashes}, nil
}
