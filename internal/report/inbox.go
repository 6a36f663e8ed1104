// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Inbox is a page of the inbox.
type Inbox struct {
	Reports []Report
	More    bool
	Tally   Tally
}

// List returns a page of the reports of the desks where s reviews. Desks in f
// are cut to those; none named means all of them.
func (d *Desk) List(ctx context.Context, s authz.Subject, programme id.ID, f Filter) (Inbox, error) {
	mine := s.Desks(programme, authz.Reviewer)
	if len(mine) == 0 {
		return Inbox{}, authz.Check(s, authz.List, authz.Object{Kind: authz.Report, Programme: programme, Handling: authz.Sealed})
	}
	if len(f.Desks) == 0 {
		f.Desks = mine
	}
	for _, desk := range f.Desks {
		if err := authz.Check(s, authz.List, authz.Object{Kind: authz.Report, Programme: programme, Desk: desk, Handling: authz.Sealed}); err != nil {
			return Inbox{}, err
		}
	}
	f.Me = s.Account
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	f.Offset = max(0, f.Offset)
	var in Inbox
	var err error
	if in.Reports, in.More, err = d.Store.List(ctx, programme, f); err != nil {
		return Inbox{}, fmt.Errorf("list reports: %w", err)
	}
	if in.Tally, err = d.Store.Tally(ctx, programme, f.Desks, s.Account); err != nil {
		return Inbox{}, fmt.Errorf("count reports: %w", err)
	}
	return in, nil
}

// Covers releases the covers of at most 200 reports. Reports that s may not
// read, for want of a role or of being named, are left out, and so are those
// whose slot was erased.
func (d *Desk) Covers(ctx context.Context, s authz.Subject, programme id.ID, reports []id.ID) ([]Cover, error) {
	if len(reports) > 200 {
		return nil, fault.New(fault.Invalid, "Ask for at most 200 covers at once.")
	}
	var allowed []id.ID
	for _, report := range reports {
		_, err := d.may(ctx, s, authz.Read, programme, report)
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Forbidden:
			continue
		}
		if err != nil {
			return nil, err
		}
		allowed = append(allowed, report)
	}
	if len(allowed) == 0 {
		return nil, nil
	}
	covers, err := d.Store.Covers(ctx, programme, allowed)
	if err != nil {
		return nil, fmt.Errorf("read covers: %w", err)
	}
	released := covers[:0]
	for _, c := range covers {
		c.Grants = forReader(c.Grants, s.Account)
		err := unwrap(d.Slots, c.Slot, c.Grants)
		if fault.KindOf(err) == fault.NotFound {
			continue // being deleted: its slot goes before its rows, also when the server stops between
		}
		if err != nil {
			return nil, err
		}
		released = append(released, c)
	}
	return released, d.record(ctx, s, programme, "covers", "", allowed...)
}
