// SPDX-License-Identifier: AGPL-3.0-or-later

package demo_test

import (
	"testing"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/demo"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/report"
)

func TestTheMonthIsToldThroughTheRoomsOwnDoors(t *testing.T) {
	c := config.Default()
	c.Data = t.TempDir()
	clock := &demo.Clock{}
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
}
