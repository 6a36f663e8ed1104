// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// answer writes to a reporter as the desk. Whether the server believes the
// signature is not its business: it can't open the message.
func (r *teller) answer(by authz.Subject, of id.ID) {
	r.t.Helper()
	chain, _, _ := r.chain()
	prev := chain.Place().Prev
	m, err := chain.Seal(seal.Message{Text: "Thank you.", Language: "en"}, seal.RoleDesk, r.receipt.SigningKey())
	r.check(err)
	r.check(r.i.Desk.Answer(r.t.Context(), by, r.p, of, prev, report.Envelope{Seq: m.Seq, Epoch: m.Epoch, Role: string(m.Role), Hash: m.Hash, Body: m.Body}, false))
}

// The times of a report are counted when it is read and answered, get the
// category of the item that rests on it, hide it again with the item, and go
// when the reporter deletes the report.
func TestTimesOfReportsFollowTheirRecords(t *testing.T) {
	i, p := founded(t)
	of, _ := i.Programmes.ByID(p)
	desk := of.Desks[0].ID
	grants := []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: desk}}
	writer, second := authz.Subject{Account: id.New(), Grants: grants}, authz.Subject{Account: id.New(), Grants: grants}
	r := newTeller(t, i, p)
	_, _, box := r.chain()
	rep := box.Report.ID
	arrived := box.Report.Arrived.Time()

	figures := func(by stats.By, key string) (read, answered stats.Took) {
		t.Helper()
		found, err := i.CheckStatistics(t.Context(), of.Slug, false)
		if err != nil || !found.OK() {
			t.Fatalf("the figures are not the records: %v %v", err, found)
		}
		got, err := i.Figures.Read(t.Context(), writer, p, stats.Ask{By: by})
		r.check(err)
		of := func(f stats.Figure) bool { return f.Key == key }
		return got.Took(stats.FirstRead, 50, of), got.Took(stats.FirstAnswer, 50, of)
	}
	want := func(what string, by stats.By, key string, wantRead, wantAnswered stats.Took) {
		t.Helper()
		if read, answered := figures(by, key); read != wantRead || answered != wantAnswered {
			t.Errorf("%s: read %+v, answered %+v", what, read, answered)
		}
	}
	none := stats.Took{}
	want("nobody looked", stats.ByNothing, "", none, none)
	for hours := range []int{3, 4} { // only the first time counts
		i.Desk.Clock = clock.Fixed(arrived.Add(time.Duration(hours*3)*time.Hour + 7*time.Hour))
		_, err := i.Desk.Open(t.Context(), writer, p, rep)
		r.check(err)
	}
	want("read", stats.ByNothing, "", stats.Took{N: 1, Hours: 8}, none)
	for _, days := range []int{3, 9} {
		i.Desk.Clock = clock.Fixed(arrived.AddDate(0, 0, days))
		r.answer(writer, rep)
	}
	want("answered", stats.ByNothing, "", stats.Took{N: 1, Hours: 8}, stats.Took{N: 1, Hours: 72})
	want("of no category yet", stats.ByCategory, "", stats.Took{N: 1, Hours: 8}, stats.Took{N: 1, Hours: 72})

	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	it, err := i.Items.Write(t.Context(), writer, intel.Change{
		Programme: p, Desk: desk, Title: "A lorry", Category: "drugs", Seriousness: "high", Channel: "web", Language: "en", Handling: grading.Handling{Ref: ref, Code: "P"},
		Statements: []intel.Statement{{Text: "It comes at night.", Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}}, Reports: []id.ID{rep},
	})
	r.check(err)
	want("a draft says nothing", stats.ByCategory, "drugs", none, none)
	it, err = i.Items.Submit(t.Context(), writer, p, it.ID, it.Version)
	r.check(err)
	it, err = i.Items.Approve(t.Context(), second, p, it.ID, it.Version)
	r.check(err)
	want("with the item's category", stats.ByCategory, "drugs", stats.Took{N: 1, Hours: 8}, stats.Took{N: 1, Hours: 72})
	want("and no longer without", stats.ByCategory, "", none, none)

	listed, _, err := i.Figures.List(t.Context(), writer, p, authz.Report, stats.RecordQuery{Measures: stats.TimeMeasures(stats.FirstRead), By: stats.ByCategory, Key: "drugs", Limit: 9})
	if err != nil || len(listed) != 1 || listed[0].Record != rep {
		t.Errorf("the report behind the figure: %v %v", listed, err)
	}
	stranger := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Analyst, Programme: p}}}
	if listed, _, err := i.Figures.List(t.Context(), stranger, p, authz.Report, stats.RecordQuery{Measures: stats.TimeMeasures(stats.FirstRead), Limit: 9}); err == nil || len(listed) > 0 {
		t.Errorf("an analyst lists sealed reports: %v %v", listed, err)
	}

	r.check(i.Items.ProposeDisposal(t.Context(), writer, p, it.ID, it.Version, "old"))
	r.check(i.Items.Dispose(t.Context(), second, p, it.ID, it.Version))
	want("the item is gone", stats.ByCategory, "drugs", none, none)
	want("its report is not", stats.ByCategory, "", stats.Took{N: 1, Hours: 8}, stats.Took{N: 1, Hours: 72})

	r.check(i.Intake.Delete(t.Context(), p, r.receipt.Login()))
	want("deleted by the reporter", stats.ByNothing, "", none, none)
	asksNarrowly(t, i.DB, 40)
}

// Ended contacts lead to the reports that they were, and to nothing when they
// were none.
func TestEndedContactsOpenTheirReports(t *testing.T) {
	i, p := founded(t)
	of, _ := i.Programmes.ByID(p)
	desk := of.Desks[0].ID
	s := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: desk}}}
	reasons := []report.Reason{report.ReasonSpam, report.ReasonNewItem, report.ReasonNewItem}
	for _, reason := range reasons {
		rep := send(t, i, p, false)
		m, err := i.Desk.Mark(t.Context(), s, p, rep, report.Change{Close: &reason})
		if err != nil {
			t.Fatal(err)
		}
		if reason == report.ReasonSpam { // opened and ended again: counted twice
			open := report.StateOpen
			if m, err = i.Desk.Mark(t.Context(), s, p, rep, report.Change{Version: m.Version, State: &open}); err != nil {
				t.Fatal(err)
			}
			if _, err = i.Desk.Mark(t.Context(), s, p, rep, report.Change{Version: m.Version, Close: &reason}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, x := range []struct {
		f report.EndedFilter
		n int
	}{
		{report.EndedFilter{}, 4},
		{report.EndedFilter{Reasons: []report.Reason{report.ReasonSpam}}, 2},
		{report.EndedFilter{Reasons: []report.Reason{report.ReasonNewItem, report.ReasonAdded}}, 2},
		{report.EndedFilter{Channel: report.ChannelPhone}, 0},
		{report.EndedFilter{Desk: desk}, 4},
		{report.EndedFilter{Desk: id.New()}, 0},
		{report.EndedFilter{To: 1}, 0},
		{report.EndedFilter{From: 1}, 4},
	} {
		n := 0
		for x.f.Limit = 1; ; {
			page, end, more, err := i.Desk.Ended(t.Context(), s, p, x.f)
			if err != nil {
				t.Fatal(err)
			}
			if n += len(page); !more {
				break
			}
			x.f.After = end
		}
		if n != x.n {
			t.Errorf("%+v: %d ended contacts, want %d", x.f, n, x.n)
		}
	}
	other := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: id.New()}}}
	if page, _, _, err := i.Desk.Ended(t.Context(), other, p, report.EndedFilter{}); err != nil || len(page) > 0 {
		t.Errorf("another desk's reviewer: %v %v", page, err)
	}
}
