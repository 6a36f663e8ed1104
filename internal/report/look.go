// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Look is what the desk sees of a report without opening it.
type Look struct {
	Report Report
	Acts   []Act   // newest first; none for those who may not know the history
	Named  []id.ID // accounts that a restricted report is sealed to
}

// Look returns a report's marks and, to those who may know it, its history. It
// releases nothing that is sealed, so it leaves no entry in the ledger.
func (d *Desk) Look(ctx context.Context, s authz.Subject, programme, report id.ID) (Look, error) {
	v, err := d.may(ctx, s, authz.List, programme, report)
	if err != nil {
		return Look{}, err
	}
	look := Look{Report: v.report, Named: v.named}
	look.Acts, err = d.History(ctx, s, programme, report)
	if err != nil && fault.KindOf(err) != fault.Forbidden {
		return Look{}, err
	}
	return look, nil
}

// Oldest returns the last of the n reports that a queue of s holds, which is
// the one that waits longest: queues show the newest hour first. It reports
// false for an empty queue.
func (d *Desk) Oldest(ctx context.Context, s authz.Subject, programme id.ID, queue Queue, n int) (Report, bool, error) {
	desks := s.Desks(programme, authz.Reviewer)
	if n <= 0 || len(desks) == 0 {
		return Report{}, false, nil
	}
	f := Filter{Desks: desks, Queue: queue, Me: s.Account, Offset: n - 1, Limit: 1}
	last, _, err := d.Store.List(ctx, programme, f)
	if err != nil {
		return Report{}, false, fmt.Errorf("look for the oldest report: %w", err)
	}
	if len(last) == 0 {
		return Report{}, false, nil // one was taken meanwhile; the next look is right
	}
	return last[0], true, nil
}

// MentionCounts returns for each of the reports how many others share a blind
// token with it, at most 100; those with none are left out. Tokens are keyed
// by desk, so a count never tells of another desk's reports.
func (d *Desk) MentionCounts(ctx context.Context, s authz.Subject, programme id.ID, reports []Report) (map[id.ID]int, error) {
	counts := map[id.ID]int{}
	for _, rep := range reports {
		o := authz.Object{Kind: authz.Report, Programme: programme, Desk: rep.Desk, Handling: authz.Sealed}
		if err := authz.Check(s, authz.List, o); err != nil {
			return nil, err
		}
		others, err := d.Store.Mentions(ctx, programme, rep.ID, 100)
		if err != nil {
			return nil, fmt.Errorf("count mentions: %w", err)
		}
		if len(others) > 0 {
			counts[rep.ID] = len(others)
		}
	}
	return counts, nil
}

// Listable returns those of the reports that s may list, in their order. One
// that is not there is left out like one that is none of theirs.
func (d *Desk) Listable(ctx context.Context, s authz.Subject, programme id.ID, reports []id.ID) ([]id.ID, error) {
	var out []id.ID
	for _, report := range reports {
		_, err := d.may(ctx, s, authz.List, programme, report)
		if err == nil {
			out = append(out, report)
			continue
		}
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Forbidden, fault.Unsigned:
		default:
			return nil, err
		}
	}
	return out, nil
}

// MostWaiting is how many reports Waiting looks at.
const MostWaiting = 10_000

// Waiting calls count with the marks of each report that is not closed, at most
// MostWaiting, for who may read a programme's figures: whoever answers for its
// clocks counts those that ran out. It is told of no report by itself: what
// count gets has no id.
func (d *Desk) Waiting(ctx context.Context, s authz.Subject, programme id.ID, desks []id.ID, count func(Report)) error {
	if err := authz.Check(s, authz.Read, authz.Object{Kind: authz.Statistics, Programme: programme}); err != nil {
		return err
	}
	f := Filter{Desks: desks, Queue: QueueOpen, Limit: 200}
	for ; f.Offset < MostWaiting; f.Offset += f.Limit {
		found, more, err := d.Store.List(ctx, programme, f)
		if err != nil {
			return fmt.Errorf("list reports: %w", err)
		}
		for _, r := range found {
			count(Report{Programme: r.Programme, Desk: r.Desk, Channel: r.Channel, Danger: r.Danger, Arrived: r.Arrived, Marks: r.Marks})
		}
		if !more {
			break
		}
	}
	return nil
}
