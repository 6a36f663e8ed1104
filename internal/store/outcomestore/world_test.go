// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store/outcomestore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// world is the room on a real database, with items and compartments by hand.
type world struct {
	*outcome.Service
	*storetest.House
	rollups   *outcomestore.Rollups
	programme id.ID
	desk      id.ID
	items     map[string]outcome.Source
	inside    map[id.ID][]id.ID // account → compartments
	deleted   []id.ID           // reports that are gone
	second    bool
	reviewer  authz.Subject
	other     authz.Subject
	director  authz.Subject
	analyst   authz.Subject
}

var today = time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	return on(t, storetest.Build(t, storetest.SQLite))
}

// on makes a world of a programme of its own in a database.
func on(t interface{ Fatal(...any) }, h *storetest.House) *world {
	table, err := kinds.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{House: h, rollups: outcomestore.NewRollups(h.DB), programme: id.New(), desk: id.New(), items: map[string]outcome.Source{}, inside: map[id.ID][]id.ID{}}
	who := func(role authz.Role) authz.Subject {
		g := authz.Grant{Role: role, Programme: w.programme}
		if role.OfDesk() {
			g.Desk = w.desk
		}
		return authz.Subject{Account: id.New(), Grants: []authz.Grant{g}}
	}
	w.reviewer, w.other, w.director, w.analyst = who(authz.Reviewer), who(authz.Reviewer), who(authz.Director), who(authz.Analyst)
	w.Service = &outcome.Service{
		Store: outcomestore.New(h.DB), Tells: outcomestore.New(h.DB), Items: w, Compartments: w, Tally: stats.Tally{Rollups: w.rollups, Records: w.rollups}, Table: table, Tx: h.Runner, Clock: clock.Fixed(today),
		SecondPerson: func(id.ID) bool { return w.second },
	}
	w.item("2019-A", id.ID{}, "counterfeit", "web")
	w.item("2019-B", id.ID{}, "drugs", "phone")
	return w
}

func (w *world) item(number string, compartment id.ID, category, channel string) {
	w.items[number] = outcome.Source{
		Item: id.New(), Number: number, Desk: w.desk, Compartment: compartment, Category: category, Channel: channel, Language: "da",
		Day: outcome.DayOf(time.Date(2019, 11, 1, 0, 0, 0, 0, time.UTC)), Reports: []id.ID{id.New()},
	}
}

func (w *world) Inside(_ context.Context, _, account id.ID) ([]id.ID, error) {
	return w.inside[account], nil
}

func (w *world) Numbered(_ context.Context, s authz.Subject, _ id.ID, number string) (outcome.Source, error) {
	src, ok := w.items[number]
	if !ok || !src.Compartment.IsZero() && !slices.Contains(w.inside[s.Account], src.Compartment) {
		return src, fault.New(fault.NotFound, "There is no such item.")
	}
	return src, nil
}

// Wall answers with the compartment of an item, whoever asks.
func (w *world) Wall(_ context.Context, _, item id.ID) (id.ID, error) {
	for _, src := range w.items {
		if src.Item == item {
			return src.Compartment, nil
		}
	}
	return id.ID{}, fault.New(fault.NotFound, "There is no such item.")
}

func (w *world) Source(ctx context.Context, s authz.Subject, programme, item id.ID) (outcome.Source, error) {
	for number, src := range w.items {
		if src.Item == item {
			found, err := w.Numbered(ctx, s, programme, number)
			gone := func(x id.ID) bool { return slices.Contains(w.deleted, x) }
			found.Reports = slices.DeleteFunc(slices.Clone(found.Reports), gone)
			found.Gone = slices.DeleteFunc(slices.Clone(src.Reports), func(x id.ID) bool { return !gone(x) })
			return found, err
		}
	}
	return outcome.Source{}, fault.New(fault.NotFound, "There is no such item.")
}

func (w *world) Any(_ context.Context, _, item id.ID) (outcome.Source, error) {
	for _, src := range w.items {
		if src.Item == item {
			return src, nil
		}
	}
	return outcome.Source{}, fault.New(fault.NotFound, "There is no such item.")
}

// figures returns what a reader gets, as lines that can be compared.
func (w *world) figures(t interface{ Fatal(...any) }, s authz.Subject, by stats.By) []string {
	inside, err := w.Service.Inside(context.Background(), s, w.programme)
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.rollups.Sum(context.Background(), stats.Query{Programme: w.programme, Inside: inside, By: by})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range found {
		lines = append(lines, fmt.Sprintf("%s %s %s %d", f.Month, f.Key, f.Measure, f.N))
	}
	return lines
}

// drift compares the rollups with a full count.
func (w *world) drift(t interface{ Fatal(...any) }) []stats.Difference {
	d, err := stats.Compare(context.Background(), w.rollups, w.programme, w.EachFact)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var _ func(context.Context, id.ID, func(intel.Fact) error) error = (*outcome.Service)(nil).EachFact

// spoil breaks two cells of the rollups.
func spoil(w *world) func(context.Context, *tx.Recorder) error {
	return func(ctx context.Context, _ *tx.Recorder) error {
		month := stats.MonthOf(outcome.DayOf(time.Date(2019, 12, 5, 0, 0, 0, 0, time.UTC)))
		return w.rollups.Add(ctx, []stats.Row{
			{Programme: w.programme, Month: month, Measure: "outcome/arrest/", N: 7}, {Programme: w.programme, Month: month, Measure: stats.Success, By: stats.ByChannel, Key: "web", N: -1},
		})
	}
}

func add(w *world, rows []stats.Row) func(context.Context, *tx.Recorder) error {
	return func(ctx context.Context, _ *tx.Recorder) error { return w.rollups.Add(ctx, rows) }
}

func counted(tally stats.Tally, facts []intel.Fact) func(context.Context, *tx.Recorder) error {
	return func(ctx context.Context, _ *tx.Recorder) error { return tally.Count(ctx, facts...) }
}
