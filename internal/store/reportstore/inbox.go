// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
)

// line is what an index knows of a report: enough to put it in order.
type line struct {
	alarm   bool
	arrived clock.Hour
	id      id.ID
}

// order is danger first, then the newest hour; within an hour by id, which is
// random.
func order(a, b line) int {
	if a.alarm != b.alarm {
		return cmp.Compare(flag(b.alarm), flag(a.alarm))
	}
	return cmp.Or(cmp.Compare(b.arrived, a.arrived), slices.Compare(b.id[:], a.id[:]))
}

// part is one run of an index: a condition, and its arguments after the
// programme and the desk.
type part struct {
	where string
	args  []any
}

var openStates = []report.State{report.StateNew, report.StateOpen, report.StateWaiting}

// parts returns the runs whose union is a queue. Each of them can be read in
// order from one index, so a page costs the same however many reports there are.
func parts(f report.Filter) []part {
	if f.Urgency != report.UrgencyNone {
		return []part{{`urgency = ? AND urgency <> ''` + within(f.Queue), append([]any{string(f.Urgency)}, withinArgs(f)...)}}
	}
	states := openStates
	switch f.Queue {
	case report.QueueMine:
		return []part{{`assigned = ? AND state <> 'closed'`, []any{f.Me}}}
	case report.QueueReplied:
		return []part{{`unanswered = 1 AND state <> 'closed'`, nil}}
	case report.QueueNew:
		states = []report.State{report.StateNew}
	case report.QueueWaiting:
		states = []report.State{report.StateWaiting}
	case report.QueueClosed:
		states = []report.State{report.StateClosed}
	}
	var all []part
	for _, state := range states {
		p := part{`state = ?`, []any{string(state)}}
		if f.Queue == report.QueueDanger {
			p.where += ` AND alarm = 1`
		}
		all = append(all, p)
	}
	return all
}

// within is the condition of a queue on rows that another index found.
func within(q report.Queue) string {
	switch q {
	case report.QueueDanger:
		return ` AND alarm = 1`
	case report.QueueMine:
		return ` AND assigned = ? AND state <> 'closed'`
	case report.QueueReplied:
		return ` AND unanswered = 1 AND state <> 'closed'`
	case report.QueueNew:
		return ` AND state = 'new'`
	case report.QueueWaiting:
		return ` AND state = 'waiting'`
	case report.QueueClosed:
		return ` AND state = 'closed'`
	}
	return ` AND state <> 'closed'`
}

func withinArgs(f report.Filter) []any {
	if f.Queue == report.QueueMine {
		return []any{f.Me}
	}
	return nil
}

// List implements report.DeskStore. Its time grows with offset + limit, not
// with the number of reports.
func (s *Store) List(ctx context.Context, programme id.ID, f report.Filter) ([]report.Report, bool, error) {
	var lines []line
	want := f.Offset + f.Limit + 1
	for _, desk := range f.Desks {
		for _, p := range parts(f) {
			args := append([]any{programme, desk}, p.args...)
			found, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (l line, err error) {
				return l, rows.Scan(&l.alarm, &l.arrived, &l.id)
			}, `SELECT alarm, arrived, id FROM report WHERE programme = ? AND desk = ? AND `+p.where+` ORDER BY alarm DESC, arrived DESC, id DESC LIMIT ?`, append(args, want)...)
			if err != nil {
				return nil, false, fmt.Errorf("list reports: %w", err)
			}
			lines = append(lines, found...)
		}
	}
	slices.SortFunc(lines, order)
	more := len(lines) >= want
	lines = lines[min(f.Offset, len(lines)):min(f.Offset+f.Limit, len(lines))]
	page := make([]report.Report, 0, len(lines))
	for _, l := range lines {
		r, err := s.row(ctx, programme, l.id)
		if err != nil {
			return nil, false, err
		}
		page = append(page, r.Report)
	}
	return page, more, nil
}

const tallyCap = 10000

// Tally implements report.DeskStore.
func (s *Store) Tally(ctx context.Context, programme id.ID, desks []id.ID, me id.ID) (report.Tally, error) {
	tally := report.Tally{}
	for _, queue := range []report.Queue{report.QueueDanger, report.QueueNew, report.QueueMine, report.QueueReplied, report.QueueWaiting, report.QueueOpen, report.QueueClosed} {
		n := 0
		for _, desk := range desks {
			for _, p := range parts(report.Filter{Queue: queue, Me: me}) {
				var found int
				args := append([]any{programme, desk}, p.args...)
				err := s.db.Reader(ctx).Row(ctx, `SELECT count(*) FROM (SELECT 1 FROM report WHERE programme = ? AND desk = ? AND `+p.where+` LIMIT ?) AS few`,
					append(args, tallyCap-min(n, tallyCap)), &found)
				if err != nil {
					return nil, fmt.Errorf("count %s: %w", queue, err)
				}
				n += found
			}
		}
		tally[queue] = n
	}
	return tally, nil
}
