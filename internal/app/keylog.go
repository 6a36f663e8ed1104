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
	text, size, err := k.head(ctx)
	if err != nil {
		return "", portal.Proof{}, err
	}
	p, err := k.log.Prove(ctx, row.N, size)
	if err != nil {
		return "", portal.Proof{}, err
	}
	return text, portal.Proof{Index: p.Index, Salt: p.Salt, Hashes: p.Hashes}, nil
}

// Continue implements portal.KeyLog.
func (k keyLog) Continue(ctx context.Context, earlier int64) (string, [][]byte, error) {
	text, size, err := k.head(ctx)
	if err != nil {
		return "", nil, err
	}
	p, err := k.log.ProveConsistency(ctx, earlier, size)
	return text, p.Hashes, err
}

// head returns the newest checkpoint as it is signed, and its size.
func (k keyLog) head(ctx context.Context) (string, int64, error) {
	text, err := k.log.Checkpoint(ctx)
	if err != nil {
		return "", 0, err
	}
	body, _, _ := strings.Cut(string(text), "\n\n") // the signatures follow the empty line
	c, err := ledger.ParseCheckpoint(body + "\n")
	return string(text), c.Size, err
}
