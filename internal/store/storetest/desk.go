// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
)

func testMarks(t *testing.T, open Factory) {
	r := withReport(t, open)
	rep := r.one.Report.ID
	m := report.Marks{
		Version: 1, State: report.StateClosed, Urgency: report.UrgencyHigh, Assigned: id.New(), Restricted: true, Reason: report.ReasonPassedOn,
		FirstRead: time.Date(2026, 11, 23, 1, 2, 3, 4, time.UTC), Replied: 1001, Answered: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC),
	}
	save := func(ctx context.Context) error { return r.SaveMarks(ctx, r.programme, rep, m) }
	must(t, r.try(t, save))
	got, err := r.Report(t.Context(), r.programme, rep)
	must(t, err)
	wantSame(t, "marks", got.Marks, m)
	wantKind(t, "the same version again", r.try(t, save), fault.Conflict)
	m = report.Marks{Version: 2, State: report.StateOpen, Replied: 1001}
	must(t, r.try(t, save))
	got, err = r.Report(t.Context(), r.programme, rep)
	must(t, err)
	wantSame(t, "marks set back", got.Marks, m)
}

func testReseal(t *testing.T, open Factory) {
	r := withReport(t, open)
	rep, member := r.one.Report.ID, id.New()
	grants := []report.Grant{
		{Epoch: 1, To: report.ToRecovery, Body: RandomBytes(40)},
		{Epoch: 1, To: report.ToMailbox, Body: RandomBytes(41)},
		{Epoch: 1, To: report.ToMember, Recipient: member, Body: RandomBytes(42)},
	}
	must(t, r.try(t, func(ctx context.Context) error { return r.Reseal(ctx, r.programme, rep, 1, grants) }))
	got, err := r.Report(t.Context(), r.programme, rep)
	must(t, err)
	if got.Epoch != 1 {
		t.Errorf("epoch %d, want 1", got.Epoch)
	}
	toDesk, err := r.Grants(t.Context(), r.programme, rep, report.ToDesk)
	must(t, err)
	if len(toDesk) != 0 {
		t.Error("the desk's grant of the old epoch is still there")
	}
	toMember, err := r.Grants(t.Context(), r.programme, rep, report.ToMember)
	must(t, err)
	wantSame(t, "grants to members", toMember, grants[2:])
}

func testTokens(t *testing.T, open Factory) {
	r := withReport(t, open)
	a, b := r.one.Report.ID, r.insert(t, func(*report.Arrival) {}).Report.ID
	save := func(rep id.ID, tokens ...report.Hash) {
		t.Helper()
		must(t, r.try(t, func(ctx context.Context) error { return r.SaveTokens(ctx, r.programme, rep, tokens) }))
	}
	mentions := func(rep id.ID) []id.ID {
		t.Helper()
		found, err := r.Mentions(t.Context(), r.programme, rep, 10)
		must(t, err)
		return found
	}
	save(a, report.Hash{1}, report.Hash{2}, report.Hash{2})
	save(b, report.Hash{2}, report.Hash{1}, report.Hash{3})
	wantSame(t, "mentions, each report once", mentions(a), []id.ID{b})
	wantSame(t, "mentions the other way", mentions(b), []id.ID{a})
	save(a, report.Hash{4})
	if found := mentions(b); len(found) != 0 {
		t.Errorf("replaced tokens still find %d reports", len(found))
	}
}

func testCounts(t *testing.T, open Factory) {
	r := withReport(t, open)
	other := id.New()
	for _, c := range []struct {
		desk   id.ID
		day    int
		reason report.Reason
		times  int
	}{{r.desk, 10, report.ReasonSpam, 2}, {r.desk, 11, report.ReasonSpam, 1}, {r.desk, 12, report.ReasonSpam, 5}, {other, 11, report.ReasonSilent, 1}} {
		for range c.times {
			must(t, r.try(t, func(ctx context.Context) error {
				return r.Count(ctx, r.programme, c.desk, c.day, report.ChannelPhone, c.reason)
			}))
		}
	}
	got, err := r.Counts(t.Context(), r.programme, []id.ID{r.desk, other}, 10, 11)
	must(t, err)
	wantSame(t, "both desks", got, map[report.Channel]map[report.Reason]int{report.ChannelPhone: {report.ReasonSpam: 3, report.ReasonSilent: 1}})
	got, err = r.Counts(t.Context(), r.programme, []id.ID{other}, 0, 100)
	must(t, err)
	wantSame(t, "one desk", got, map[report.Channel]map[report.Reason]int{report.ChannelPhone: {report.ReasonSilent: 1}})
}

func testActs(t *testing.T, open Factory) {
	r := withReport(t, open)
	rep := r.one.Report.ID
	var want []report.Act
	for i := range 3 {
		a := report.Act{ID: id.New(), Report: rep, Who: id.New(), At: time.Unix(int64(100+i), 5).UTC(), What: "marked", Detail: "a note"}
		must(t, r.try(t, func(ctx context.Context) error { return r.AddAct(ctx, r.programme, a) }))
		want = append(want, a)
	}
	slices.Reverse(want)
	got, err := r.Acts(t.Context(), r.programme, rep)
	must(t, err)
	wantSame(t, "acts, newest first", got, want)

	ids := []id.ID{rep}
	for i := range 6 {
		a := r.insert(t, func(a *report.Arrival) {
			a.Report.Danger = i%2 == 0
			if i < 3 {
				a.Report.Desk = id.ID{byte(i)}
			}
		})
		ids = append(ids, a.Report.ID)
	}
	later := r.insert(t, func(a *report.Arrival) { setHour(a, 1001) })
	slices.SortFunc(ids, func(a, b id.ID) int { return slices.Compare(a[:], b[:]) })
	for hour, want := range map[int64][]id.ID{999: nil, 1000: ids, 1001: {later.Report.ID}} {
		got, err := r.ArrivalsOf(t.Context(), r.programme, hour)
		must(t, err)
		wantSame(t, "arrivals of an hour, sorted", got, want)
	}
}

func setHour(a *report.Arrival, hour clock.Hour) {
	a.Report.Arrived, a.Report.Marks.Replied = hour, hour
	for i := range a.Envelopes {
		a.Envelopes[i].Hour = hour
	}
}
