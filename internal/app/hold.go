// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// SetHold puts a report of a programme under legal hold, or ends it.
func (i *Installation) SetHold(ctx context.Context, slug, reportID string, hold bool, reason string) error {
	p, ok := i.Programmes.BySlug(slug)
	if !ok {
		return fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	report, err := id.Parse(reportID)
	if err != nil {
		return fmt.Errorf("read the report's id: %w", err)
	}
	return i.Desk.SetHold(ctx, p.ID, report, hold, reason)
}
