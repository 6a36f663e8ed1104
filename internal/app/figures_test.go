// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// calendar is a clock that is moved by hand.
type calendar struct{ now time.Time }

func (c *calendar) Now() time.Time { return c.now }

// years is an installation in which a programme works for years.
type years struct {
	*app.Installation
	at         *calendar
	of         programme.Programme
	closed     []intel.Compartment
	partners   []id.ID
	writer     authz.Subject // reviews both desks, inside everywhere
	second     authz.Subject
	analyst    authz.Subject // inside of the first compartment alone
	director   authz.Subject
	categories []string
}

func openYears(t testing.TB, dir string) *years {
	t.Helper()
	c := config.Default()
	c.Data = dir
	y := &years{at: &calendar{time.Date(2023, 1, 10, 9, 0, 0, 0, time.UTC)}}
	var err error
	if y.Installation, err = app.OpenOrMake(t.Context(), c, y.at); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := y.Close(); err != nil {
			t.Error(err)
		}
	})
	y.categories = y.Items.Categories[:3]
	return y
}

// found makes another programme in the installation.
func (y *years) found(t interface{ Fatal(...any) }) *years {
	next := *y
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	name := programme.Text{"en": "Years"}
	p := programme.Programme{ID: id.New(), Slug: "y" + id.New().String()[:12], Name: name, Languages: []string{"en"}, Countries: []programme.Country{{Code: "GB", Name: name, Emergency: []programme.Emergency{{Number: "999", For: name}}}}, Key: make([]byte, 32)}
	for _, slug := range []string{"a", "b"} {
		p.Desks = append(p.Desks, programme.Desk{ID: id.New(), Slug: slug, Name: name, Organisation: name, Country: "GB", Hours: programme.Hours{Zone: "UTC"}})
	}
	must(y.Programmes.Found(context.Background(), p))
	next.of = p
	who := func(grants ...authz.Grant) authz.Subject {
		for i := range grants {
			grants[i].Programme = p.ID
		}
		return authz.Subject{Account: id.New(), Grants: grants}
	}
	both := []authz.Grant{{Role: authz.Reviewer, Desk: p.Desks[0].ID}, {Role: authz.Reviewer, Desk: p.Desks[1].ID}, {Role: authz.Analyst}}
	next.writer, next.second = who(slices.Clone(both)...), who(slices.Clone(both)...)
	next.analyst, next.director = who(authz.Grant{Role: authz.Analyst}), who(authz.Grant{Role: authz.Director})
	next.closed, next.partners = nil, nil
	for i := range 2 {
		members := []id.ID{next.writer.Account, next.second.Account}
		if i == 0 {
			members = append(members, next.analyst.Account)
		}
		made, err := y.Items.SetCompartment(context.Background(), next.director, intel.Compartment{Programme: p.ID, Name: fmt.Sprint("c", i), Members: members}, "work")
		must(err)
		next.closed = append(next.closed, made)
		partner, err := y.Referrals.SavePartner(context.Background(), who(authz.Grant{Role: authz.Administrator}), referral.Partner{
			Programme: p.ID, Name: fmt.Sprint("Police ", i), Kind: "police", Country: "GB", Languages: []string{"en"}, Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"},
			Agreement: referral.Agreement{Reference: "MoU", From: "2020-01-01", Codes: []referral.Allowed{{Scheme: "3x5x2", Code: "P"}}},
		})
		must(err)
		next.partners = append(next.partners, partner.ID)
	}
	return &next
}

// text is what an item of years says.
func (y *years) text(words string, compartment id.ID, category string, desk id.ID) intel.Change {
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	return intel.Change{
		Programme: y.of.ID, Desk: desk, Compartment: compartment, Title: words, Category: category, Seriousness: "high", Channel: "web", Language: "en", Handling: grading.Handling{Ref: ref, Code: "P"},
		Statements: []intel.Statement{{Text: words, Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}},
	}
}

// approve submits the newest draft and approves it.
func (y *years) approve(it intel.Item) (intel.Item, error) {
	it, err := y.Items.Submit(context.Background(), y.writer, y.of.ID, it.ID, it.Version)
	if err != nil {
		return it, err
	}
	return y.Items.Approve(context.Background(), y.second, y.of.ID, it.ID, it.Version)
}

// step does something that people do with what is there; what a room refuses
// is not done.
func (y *years) step(t *rapid.T, items, referrals *[]id.ID) error {
	ctx, p := context.Background(), y.of.ID
	pick := func(all []id.ID, what string) id.ID {
		if len(all) == 0 {
			return id.New()
		}
		return rapid.SampledFrom(all).Draw(t, what)
	}
	compartment := rapid.SampledFrom([]id.ID{{}, {}, y.closed[0].ID, y.closed[1].ID}).Draw(t, "compartment")
	category := rapid.SampledFrom(y.categories).Draw(t, "category")
	switch what := rapid.SampledFrom([]string{"write", "write", "amend", "amend and approve", "dispose", "refer", "refer", "answer", "answer", "recall", "outcome", "outcome"}).Draw(t, "step"); what {
	case "write":
		it, err := y.Items.Write(ctx, y.writer, y.text("Words", compartment, category, rapid.SampledFrom(y.of.Desks).Draw(t, "desk").ID))
		if err != nil {
			return err
		}
		*items = append(*items, it.ID)
		if rapid.IntRange(0, 3).Draw(t, "approved") > 0 {
			_, err = y.approve(it)
		}
		return err
	case "amend", "amend and approve":
		v, err := y.Items.Read(ctx, y.writer, p, pick(*items, "item"))
		if err != nil {
			return err
		}
		c := y.text("Other words", compartment, category, id.ID{})
		c.Item, c.Seen = v.ID, v.Version
		it, err := y.Items.Write(ctx, y.writer, c)
		if err == nil && what != "amend" {
			_, err = y.approve(it)
		}
		return err
	case "dispose":
		v, err := y.Items.Read(ctx, y.writer, p, pick(*items, "item"))
		if err != nil {
			return err
		}
		if err := y.Items.ProposeDisposal(ctx, y.writer, p, v.ID, v.Version, "old"); err != nil {
			return err
		}
		return y.Items.Dispose(ctx, y.second, p, v.ID, v.Version)
	case "refer":
		v, err := y.Items.Read(ctx, y.writer, p, pick(*items, "item"))
		if err != nil {
			return err
		}
		r, err := y.Referrals.Refer(ctx, y.writer, referral.Order{Programme: p, Item: v.ID, Version: v.Version, Partner: rapid.SampledFrom(y.partners).Draw(t, "partner"), Role: rapid.SampledFrom([]referral.Role{referral.Primary, referral.Primary, referral.Information}).Draw(t, "role"), Reason: "Theirs."})
		if err == nil {
			*referrals = append(*referrals, r.ID)
		}
		return err
	case "answer":
		in := referral.Reply{Act: rapid.SampledFrom([]referral.Act{referral.Acknowledge, referral.Accept, referral.Decline, referral.Progress, referral.Close}).Draw(t, "act"), Text: "They look into it."}
		if in.Act == referral.Decline {
			in.Code = "capacity"
		}
		_, err := y.Referrals.Type(ctx, y.writer, p, pick(*referrals, "referral"), referral.Typed{Reply: in, Said: "A sergeant", How: "telephone", When: "2023-01-09"})
		return err
	case "recall":
		_, err := y.Referrals.Recall(ctx, y.writer, p, pick(*referrals, "referral"), "a mistake")
		return err
	}
	e := outcome.Entry{Kind: "arrest", Date: y.at.now.Format(time.DateOnly), Quantity: "1", Unit: "person", By: "Police"}
	for _, item := range rapid.SliceOfNDistinct(rapid.SampledFrom(append([]id.ID{id.New()}, *items...)), 0, 2, rapid.ID).Draw(t, "linked") {
		e.Links = append(e.Links, outcome.LinkEntry{Item: item.String(), Basis: rapid.SampledFrom(outcome.Bases).Draw(t, "basis")})
	}
	o, err := y.Outcomes.Record(ctx, y.writer, p, e)
	if err == nil {
		_, err = y.Outcomes.Confirm(ctx, y.second, p, o.ID, o.Version)
	}
	return err
}

// Whatever is done in whatever order, the figures and the lists behind them are
// what the records say, and nothing of a closed item can be seen or counted by
// somebody outside.
func TestLawFiguresAndListsFollowTheRecords(t *testing.T) {
	oneAfterTheOther(t)
	open := openYears(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		y := open.found(t)
		var items, referrals []id.ID
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			y.at.now = y.at.now.Add(time.Duration(rapid.IntRange(1, 24*20).Draw(t, "hours later")) * time.Hour)
			if err := y.step(t, &items, &referrals); err != nil && fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
		}
		y.at.now = time.Date(2023, 1, 10, 9, 0, 0, 0, time.UTC)
		found, err := y.CheckStatistics(context.Background(), y.of.Slug, false)
		if err != nil || !found.OK() {
			t.Fatalf("the figures are not the records: %v %v", err, found)
		}
		for _, reader := range []authz.Subject{y.writer, y.analyst} {
			for _, by := range []stats.By{stats.ByNothing, stats.ByCategory, stats.ByPartner, stats.ByDesk, stats.ByChannel} {
				y.eachFigureOpensItsRecords(t, reader, by)
			}
		}
		y.nothingClosedIsSeen(t, y.analyst, items)
	})
}

// eachFigureOpensItsRecords demands of a reader of everything that the list
// behind a figure is as long as the figure says.
func (y *years) eachFigureOpensItsRecords(t *rapid.T, s authz.Subject, by stats.By) {
	ctx := context.Background()
	report, err := y.Figures.Read(ctx, s, y.of.ID, stats.Ask{By: by})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Figures {
		var n int64
		switch m := stats.ParseMeasure(f.Measure); m.Sort {
		case "outcome":
			q := outcome.Filter{Kind: m.Kind, Of: m.Of, Counting: true, From: f.Month.FirstDay(), To: (f.Month + 1).FirstDay() - 1, Limit: 500}
			if f.Key == "" && by != stats.ByNothing {
				continue // of no known part: their list has no filter for that
			}
			setPart(t, &q, by, f.Key)
			all, _, err := y.Outcomes.List(ctx, s, y.of.ID, q)
			if err != nil {
				t.Fatal(err)
			}
			n = int64(len(all))
		case "quantity", stats.Success:
			continue
		default:
			q := stats.RecordQuery{Measures: []string{f.Measure}, By: by, Key: f.Key, From: f.Month, To: f.Month, Limit: 3}
			for more := true; more; {
				var page []intel.Fact
				if page, more, err = y.Figures.List(ctx, s, y.of.ID, authz.Item, q); err != nil {
					t.Fatal(err)
				}
				if n += int64(len(page)); more {
					last := page[len(page)-1]
					q.After = stats.Cursor{Day: last.Day, Record: last.Record}
				}
			}
		}
		if n != f.N {
			t.Fatalf("%s %s by %s %q says %d and opens %d records", f.Month, f.Measure, by, f.Key, f.N, n)
		}
	}
}

func setPart(t *rapid.T, q *outcome.Filter, by stats.By, key string) {
	var err error
	switch by {
	case stats.ByCategory:
		q.Category = key
	case stats.ByChannel:
		q.Channel = key
	case stats.ByPartner:
		q.Partner, err = id.Parse(key)
	case stats.ByDesk:
		q.Desk, err = id.Parse(key)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// nothingClosedIsSeen looks for what somebody outside of a compartment could
// learn of its items by what came of them.
func (y *years) nothingClosedIsSeen(t *rapid.T, s authz.Subject, items []id.ID) {
	ctx := context.Background()
	inside, err := y.Items.Inside(ctx, y.of.ID, s.Account)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		wall, err := y.Items.Wall(ctx, y.of.ID, item)
		if err != nil {
			t.Fatal(err)
		}
		if wall.IsZero() || slices.Contains(inside, wall) {
			continue
		}
		referred, err := y.Referrals.OfItem(ctx, s, y.of.ID, item)
		if err != nil || len(referred) > 0 {
			t.Fatalf("%d referrals of a closed item, %v", len(referred), err)
		}
		led, err := y.Outcomes.OfItem(ctx, s, y.of.ID, item)
		if err != nil || len(led) > 0 {
			t.Fatalf("%d outcomes of a closed item, %v", len(led), err)
		}
		referrals := []string{referral.CountReferred, referral.CountAcknowledged, referral.CountAccepted, referral.CountDeclined, referral.CountActedOn}
		listed, _, err := y.Figures.List(ctx, s, y.of.ID, authz.Referral, stats.RecordQuery{Measures: referrals, Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range listed {
			if r, err := y.Referrals.Store.Referral(ctx, y.of.ID, f.Record); err != nil || r.Item == item {
				t.Fatalf("a referral of a closed item is in a list, %v", err)
			}
		}
		for _, measures := range [][]string{{intel.Written}, {intel.Disposed}} {
			listed, _, err := y.Figures.List(ctx, s, y.of.ID, authz.Item, stats.RecordQuery{Measures: measures, Limit: 500})
			if err != nil || slices.ContainsFunc(listed, func(f intel.Fact) bool { return f.Record == item }) {
				t.Fatalf("a closed item is in a list: %v", err)
			}
		}
	}
}
