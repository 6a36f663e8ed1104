// SPDX-License-Identifier: AGPL-3.0-or-later

package demo_test

import (
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/demo"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/report"
)

func TestTheMonthIsToldThroughTheRoomsOwnDoors(t *testing.T) {
	told(t, &demo.Clock{})
}

// The demo can be started at any moment: in the first minute and the last of a
// year, and in the small hours of the day that most years lack.
func TestTheMonthIsToldOnAnyDay(t *testing.T) {
	if testing.Short() {
		t.Skip("tells whole months: not with -short")
	}
	for name, now := range map[string]time.Time{
		"the first minute of a year": time.Date(2027, 1, 1, 0, 0, 20, 0, time.UTC),
		"the last minute of a year":  time.Date(2026, 12, 31, 23, 59, 30, 0, time.UTC),
		"a leap day":                 time.Date(2028, 2, 29, 0, 30, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told(t, &demo.Clock{Machine: func() time.Time { return now }})
		})
	}
}

// told tells the month and looks at what came of it.
func told(t *testing.T, clock *demo.Clock) {
	t.Helper()
	c := config.Default()
	c.Data = t.TempDir()
	i, err := app.OpenOrMake(t.Context(), c, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := demo.Fill(t.Context(), i, clock, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	p, ok := i.Programmes.BySlug("")
	if !ok {
		t.Fatal("no programme was founded")
	}
	people, err := i.Everybody(t.Context())
	if err != nil || len(people) != len(demo.Accounts()) {
		t.Fatalf("%d people, %v; want %d", len(people), err, len(demo.Accounts()))
	}
	reader := authz.Subject{Account: p.ID}
	for _, d := range p.Desks {
		reader.Grants = append(reader.Grants, authz.Grant{Role: authz.Reviewer, Programme: p.ID, Desk: d.ID})
	}
	inbox, err := i.Desk.List(t.Context(), reader, p.ID, report.Filter{Limit: 200, Queue: report.QueueOpen})
	if err != nil {
		t.Fatal(err)
	}
	if inbox.Tally[report.QueueDanger] < 2 || inbox.Tally[report.QueueNew] < 5 || inbox.Tally[report.QueueClosed] < 10 {
		t.Fatalf("tally %v", inbox.Tally)
	}
	mentions := 0
	for _, r := range inbox.Reports {
		ids, err := i.Desk.Mentions(t.Context(), reader, p.ID, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		mentions += len(ids)
	}
	if mentions == 0 {
		t.Error("no two sealed reports mention the same thing")
	}
	if err := i.LogArrivals(t.Context()); err != nil {
		t.Fatal(err)
	}
	whatCameOfIt(t, i, p.ID, reader)
}

// whatCameOfIt looks at the chain right of the wall: items, referrals, outcomes,
// whom to tell, figures.
func whatCameOfIt(t *testing.T, i *app.Installation, p id.ID, reader authz.Subject) {
	t.Helper()
	items, err := i.Items.List(t.Context(), reader, p, intel.Filter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	states := map[intel.State]int{}
	for _, it := range items.Rows {
		states[it.State]++
	}
	if states[intel.Draft] != 1 || states[intel.Submitted] != 1 || states[intel.Approved] != 8 {
		t.Errorf("items that who is in no compartment sees: %v", states)
	}
	late, err := i.Referrals.Due.DueCounts(t.Context(), p, i.Clock.Now())
	if err != nil || len(late) == 0 {
		t.Errorf("no referral is overdue: %v %v", late, err)
	}
	totals := map[string]int64{}
	all, _, err := i.Outcomes.List(t.Context(), reader, p, outcome.Filter{Counting: true, From: outcome.DayOf(i.Clock.Now().AddDate(0, 0, -40)), Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if o.Quantity != nil && o.By != "the programme's own record" { // last year's, of which January's list holds some
			totals[o.Kind+o.Of] += o.Quantity.Base
		}
	}
	if totals["goodscigarettes"] != 2_700_000 || totals["property"] != 3 || totals["vehicle"] != 2 || totals["arrest"] != 4 {
		t.Errorf("what came of it: %v", totals)
	}
	if tells, err := i.Outcomes.ToTell(t.Context(), reader, p); err != nil || len(tells) < 5 {
		t.Errorf("%d reporters wait to be told, %v", len(tells), err)
	}
	told, err := i.Publications.Latest(t.Context(), p)
	if err != nil || len(told.Tables) != 3 {
		t.Errorf("figures for the public: %d tables, %v", len(told.Tables), err)
	}
	if checked, err := i.CheckStatistics(t.Context(), "north-sea-line", false); err != nil || !checked.OK() {
		t.Errorf("the figures are not what a full count gives: %+v %v", checked, err)
	}
}
