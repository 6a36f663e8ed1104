// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Recover releases a report to the recovery keepers: its messages,
// its files and the one grant that only they, enough of them together, can open. It asks for no
// role, because it is for the day on which nobody with a role can log in:
// whoever holds the machine can call it, and gets ciphertext. The release is
// in the ledger like every other one.
func (d *Desk) Recover(ctx context.Context, programme, report id.ID) (Opened, error) {
	rep, err := d.Store.Report(ctx, programme, report)
	if err != nil {
		return Opened{}, fmt.Errorf("read report: %w", err)
	}
	o := Opened{Report: rep}
	if err := d.record(ctx, authz.Subject{}, programme, "exported for recovery", "", report); err != nil {
		return Opened{}, err
	}
	if o.Envelopes, err = d.Reports.Envelopes(ctx, programme, report); err != nil {
		return Opened{}, fmt.Errorf("read messages: %w", err)
	}
	if o.Grants, err = d.Reports.Grants(ctx, programme, report, ToRecovery); err != nil {
		return Opened{}, fmt.Errorf("read grants: %w", err)
	}
	if o.Files, err = d.exportedFiles(ctx, programme, report); err != nil {
		return Opened{}, err
	}
	return o, unwrap(d.Slots, rep.Slot, o.Grants)
}
