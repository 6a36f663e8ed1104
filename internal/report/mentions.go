// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// MaxTokens bounds the blind tokens of one report.
const MaxTokens = 200

// Index replaces the blind tokens of a report by those that a member
// confirmed, and returns the other reports that share one and that s may list.
func (d *Desk) Index(ctx context.Context, s authz.Subject, programme, report id.ID, tokens [][]byte) ([]id.ID, error) {
	if _, err := d.may(ctx, s, authz.Index, programme, report); err != nil {
		return nil, err
	}
	if len(tokens) > MaxTokens {
		return nil, fault.Newf(fault.Invalid, "A report can mention at most %d things.", MaxTokens)
	}
	hashed := make([]Hash, len(tokens))
	for i, t := range tokens {
		if len(t) != 32 {
			return nil, fault.New(fault.Invalid, "A blind token has 32 bytes.")
		}
		hashed[i] = d.Pepper("blind", t)
	}
	err := d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Store.SaveTokens(ctx, programme, report, hashed); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, "indexed", fmt.Sprint(len(tokens)), "audit", report)
	})
	if err != nil {
		return nil, err
	}
	return d.Mentions(ctx, s, programme, report)
}

// Mentions returns the other reports that share a blind token with report, of
// those that s may list, at most 20.
func (d *Desk) Mentions(ctx context.Context, s authz.Subject, programme, report id.ID) ([]id.ID, error) {
	if _, err := d.may(ctx, s, authz.List, programme, report); err != nil {
		return nil, err
	}
	all, err := d.Store.Mentions(ctx, programme, report, 100)
	if err != nil {
		return nil, fmt.Errorf("look for mentions: %w", err)
	}
	var out []id.ID
	for _, other := range all {
		if _, err := d.may(ctx, s, authz.List, programme, other); err == nil && len(out) < 20 {
			out = append(out, other)
		}
	}
	return out, nil
}
