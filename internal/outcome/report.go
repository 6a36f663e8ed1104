// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Reported is an outcome as a partner reported it on a referral, whichever way
// that came.
type Reported struct {
	Programme, Item, Referral, Partner id.ID
	By                                 id.ID // account that reported it or typed it in; zero for a one-time link
	Entry                              Entry // without links
}

// Report keeps what a partner reported, inside the change that records that.
// It waits for somebody of the house to confirm it, like every other outcome.
// What is refused says nothing of the item: the partner reads it.
func (v *Service) Report(ctx context.Context, rec *tx.Recorder, r Reported) error {
	r.Entry.Sure = true // whoever confirms it looks at the amount
	o, err := Read(v.Table, r.Entry, DayOf(v.Clock.Now()))
	if err != nil {
		return err
	}
	src, err := v.Items.Any(ctx, r.Programme, r.Item)
	if fault.KindOf(err) == fault.NotFound {
		return fault.Wrap(fault.Conflict, "What was referred is not kept any more, so nothing can be recorded of it here. Write to the desk.", err)
	}
	if err != nil {
		return fmt.Errorf("read item: %w", err)
	}
	if o.Day < src.Day {
		return &Invalid{Problems: []Problem{problemf("date", "That day lies before what was referred to you was known here. Check the day.")}}
	}
	o.Programme, o.ID, o.Version, o.State, o.What = r.Programme, id.New(), 1, Recorded, "reported"
	o.Partner, o.Referral, o.Desk, o.Compartment = r.Partner, r.Referral, src.Desk, src.Compartment
	o.Category, o.Channel = src.Category, src.Channel
	o.Links = []Link{{Item: r.Item, Basis: LedTo}}
	return v.put(ctx, rec, authz.Subject{Account: r.By}, Outcome{}, &o)
}
