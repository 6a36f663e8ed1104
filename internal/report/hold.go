// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// SetHold puts a report under legal hold, or ends the hold: while it lasts the
// reporter can't delete the report, and is told so. It is for whoever holds the
// machine and was served with an order, so it asks for no role; the reason is
// in the ledger. It opens nothing.
func (d *Desk) SetHold(ctx context.Context, programme, report id.ID, hold bool, reason string) error {
	if strings.TrimSpace(reason) == "" || len(reason) > 1000 {
		return fault.New(fault.Invalid, "Give the reason, such as the number of the order, in at most 1,000 characters.")
	}
	what := "hold ended"
	if hold {
		what = "held"
	}
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Log.SaveHold(ctx, programme, report, hold); err != nil {
			return err
		}
		return d.note(ctx, rec, authz.Subject{}, programme, what, reason, "audit", report)
	})
}
