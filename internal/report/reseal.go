// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Reseal is a new epoch of a report, made in a holder's browser: a signed key
// message of the epoch before announces its recipient, and all grants are made
// anew. With Named the report is restricted to those accounts.
type Reseal struct {
	Prev   Hash
	Key    Envelope
	Epoch  int
	Grants []Grant
	Named  []id.ID
	Reason string
}

// Restrict replaces a report's grants by those of a new epoch in one
// transaction. There must be grants to recovery and the mailbox, and either
// one to the desk or one to each named account.
func (d *Desk) Restrict(ctx context.Context, s authz.Subject, programme, report id.ID, r Reseal) error {
	seen, err := d.may(ctx, s, authz.Restrict, programme, report)
	if err != nil {
		return err
	}
	if err := checkAppend(r.Key, seal.RoleDesk); err != nil {
		return err
	}
	if r.Epoch != seen.report.Epoch+1 || r.Key.Epoch != seen.report.Epoch {
		return fault.New(fault.Conflict, "Somebody changed who may read this report. Load it again.")
	}
	if err := checkGrants(r, seen.report.Desk); err != nil {
		return err
	}
	wrapped := make([]Grant, len(r.Grants))
	for i, g := range r.Grants {
		g.Epoch = r.Epoch
		if g.Body, err = d.Slots.Wrap(seen.report.Slot, g.Body); err != nil {
			return fmt.Errorf("wrap grant: %w", err)
		}
		wrapped[i] = g
	}
	now := d.Clock.Now()
	r.Key.Hour = clock.HourOf(now)
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Reports.Append(ctx, programme, report, r.Prev, r.Key); err != nil {
			return err
		}
		if err := d.Store.Reseal(ctx, programme, report, r.Epoch, wrapped); err != nil {
			return err
		}
		rep, err := d.Store.Report(ctx, programme, report)
		if err != nil {
			return err
		}
		m := rep.Marks
		m.Version++
		m.Restricted = len(r.Named) > 0
		if err := d.Store.SaveMarks(ctx, programme, report, m); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, "restricted", r.Reason, "release", report)
	})
}

func checkGrants(r Reseal, desk id.ID) error {
	has := map[string]int{}
	for _, g := range r.Grants {
		if err := seal.CheckEnvelope(seal.KindGrant, g.Body); err != nil {
			return fault.Wrap(fault.Invalid, "A key for this report is not sealed as it must be.", err)
		}
		has[g.To]++
		if g.To == ToDesk && g.Recipient != desk || g.To == ToMember && !slices.Contains(r.Named, g.Recipient) {
			return fault.New(fault.Invalid, "A key for this report is for somebody else.")
		}
	}
	whole := has[ToRecovery] == 1 && has[ToMailbox] == 1 && has[ToMember] == len(r.Named)
	if len(r.Named) == 0 {
		whole = whole && has[ToDesk] == 1
	} else {
		whole = whole && has[ToDesk] == 0
	}
	if !whole || len(r.Grants) != has[ToRecovery]+has[ToMailbox]+has[ToMember]+has[ToDesk] {
		return fault.New(fault.Invalid, "The keys for this report are not complete.")
	}
	return nil
}
