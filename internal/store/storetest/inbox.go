// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
)

// testInbox compares every queue with the same choice made over a list in
// memory.
func testInbox(t *testing.T, open Factory) {
	r := withReport(t, open)
	me, colleague := id.New(), id.New()
	desks := []id.ID{r.desk, id.New(), id.New()}
	replied := map[id.ID]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	var all []report.Report
	must(t, r.try(t, func(ctx context.Context) error {
		for range 120 {
			rep, answered := inboxReport(t, ctx, r, random, desks, []id.ID{{}, me, colleague})
			all, replied[rep.ID] = append(all, rep), answered
		}
		return r.Delete(ctx, r.programme, r.one.Report.ID)
	}))
	open3 := func(rep report.Report) bool { return rep.Marks.State != report.StateClosed }
	queues := map[report.Queue]func(rep report.Report) bool{
		report.QueueDanger:  func(rep report.Report) bool { return alarmed(rep) },
		report.QueueNew:     func(rep report.Report) bool { return rep.Marks.State == report.StateNew },
		report.QueueMine:    func(rep report.Report) bool { return open3(rep) && rep.Marks.Assigned == me },
		report.QueueReplied: func(rep report.Report) bool { return open3(rep) && replied[rep.ID] },
		report.QueueWaiting: func(rep report.Report) bool { return rep.Marks.State == report.StateWaiting },
		report.QueueOpen:    open3,
		report.QueueClosed:  func(rep report.Report) bool { return !open3(rep) },
	}
	tally, err := r.Tally(t.Context(), r.programme, desks[:2], me)
	must(t, err)
	for queue, fits := range queues {
		for _, urgency := range []report.Urgency{report.UrgencyNone, report.UrgencyHigh} {
			want := expected(all, func(rep report.Report) bool {
				return slices.Contains(desks[:2], rep.Desk) && fits(rep) && (urgency == "" || rep.Marks.Urgency == urgency)
			})
			if len(want) == 0 {
				t.Fatalf("%s: no case", queue)
			}
			if urgency == "" && tally[queue] != len(want) {
				t.Errorf("%s: counted %d, want %d", queue, tally[queue], len(want))
			}
			wantPages(t, r, report.Filter{Desks: desks[:2], Queue: queue, Me: me, Urgency: urgency}, want)
		}
	}
	if none, more, err := r.List(t.Context(), r.programme, report.Filter{Queue: report.QueueOpen, Limit: 10}); len(none) != 0 || more || err != nil {
		t.Errorf("no desks: %d reports, %v, %v", len(none), more, err)
	}
}

// inboxReport puts down one report with random marks; answered says whether the
// reporter has written since.
func inboxReport(t *testing.T, ctx context.Context, r *reports, random *rand.Rand, desks, accounts []id.ID) (report.Report, bool) {
	t.Helper()
	a := Arrival(r.programme, desks[random.IntN(len(desks))], 0)
	setHour(&a, 1000+clock.Hour(random.IntN(4)))
	a.Report.Danger = random.IntN(5) == 0
	must(t, r.Insert(ctx, a))
	wrote := random.IntN(3) == 0
	if wrote {
		e := report.Envelope{Seq: 2, Role: "reporter", Hash: report.Hash{2}, Hour: a.Report.Arrived, Body: []byte("sealed")}
		must(t, r.Append(ctx, r.programme, a.Report.ID, a.Report.Head.Hash, e))
		a.Report.Head = report.Head{Seq: 2, Hash: e.Hash}
	}
	m := &a.Report.Marks
	m.Version = 1
	m.State = []report.State{report.StateNew, report.StateOpen, report.StateWaiting, report.StateClosed}[random.IntN(4)]
	m.Urgency = []report.Urgency{report.UrgencyNone, report.UrgencyLow, report.UrgencyHigh, report.UrgencyHigh, report.UrgencyDanger}[random.IntN(5)]
	m.Assigned = accounts[random.IntN(len(accounts))]
	must(t, r.SaveMarks(ctx, r.programme, a.Report.ID, *m))
	return a.Report, wrote
}

func alarmed(rep report.Report) bool {
	return rep.Marks.State != report.StateClosed && (rep.Danger || rep.Marks.Urgency == report.UrgencyDanger)
}

// expected chooses and sorts as report.DeskStore says: danger first, then the
// newest hour; the rest of the order is free but stable.
func expected(all []report.Report, fits func(report.Report) bool) []report.Report {
	chosen := slices.DeleteFunc(slices.Clone(all), func(rep report.Report) bool { return !fits(rep) })
	slices.SortFunc(chosen, func(a, b report.Report) int {
		if alarmed(a) != alarmed(b) {
			if alarmed(a) {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Arrived, a.Arrived), slices.Compare(b.ID[:], a.ID[:]))
	})
	return chosen
}

// wantPages reads a queue page by page.
func wantPages(t *testing.T, r *reports, f report.Filter, want []report.Report) {
	t.Helper()
	f.Limit = 7
	var got []report.Report
	for {
		page, more, err := r.List(t.Context(), r.programme, f)
		must(t, err)
		if more && len(page) != f.Limit {
			t.Fatalf("a page of %d with more to come", len(page))
		}
		got = append(got, page...)
		f.Offset += len(page)
		if !more {
			break
		}
	}
	wantSame(t, string(f.Queue)+" "+string(f.Urgency), got, want)
}
