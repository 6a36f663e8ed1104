// SPDX-License-Identifier: AGPL-3.0-or-later

package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/programme"
)

//go:embed chain.yaml
var chainFile []byte

// chain is what came of the month, as its file has it.
type chain struct {
	Partners    []chainPartner `yaml:"partners"`
	Compartment struct {
		Name    string   `yaml:"name"`
		Members []string `yaml:"members"`
	} `yaml:"compartment"`
	Items   []chainItem `yaml:"items"`
	History []struct {
		Kind       string   `yaml:"kind"`
		Months     []int    `yaml:"months"`
		Categories []string `yaml:"categories"`
	} `yaml:"history"`
}

type chainPartner struct {
	Key       string   `yaml:"key"`
	Name      string   `yaml:"name"`
	Kind      string   `yaml:"kind"`
	Country   string   `yaml:"country"`
	Languages []string `yaml:"languages"`
	Mailbox   string   `yaml:"mailbox"`
	Liaison   string   `yaml:"liaison"` // handle; empty: a mailbox only
}

type chainItem struct {
	About       string `yaml:"about"` // words of the report that it rests on
	Desk        string `yaml:"desk"`
	Days        int    `yaml:"days"`
	Hour        int    `yaml:"hour"`
	Title       string `yaml:"title"`
	Category    string `yaml:"category"`
	Seriousness string `yaml:"seriousness"`
	State       string `yaml:"state"`
	Compartment bool   `yaml:"compartment"`
	Statements  []struct {
		Text        string `yaml:"text"`
		Source      string `yaml:"source"`
		Information string `yaml:"information"`
	} `yaml:"statements"`
	Refer    []chainReferral `yaml:"refer"`
	Outcomes []chainOutcome  `yaml:"outcomes"`
}

type chainReferral struct {
	Partner string         `yaml:"partner"`
	Days    int            `yaml:"days"`
	Role    referral.Role  `yaml:"role"`
	Reason  string         `yaml:"reason"`
	Acts    []referral.Act `yaml:"acts"`  // by the liaison
	Typed   []referral.Act `yaml:"typed"` // told on the telephone
}

type chainOutcome struct {
	Days      int    `yaml:"days"`
	Kind      string `yaml:"kind"`
	Of        string `yaml:"of"`
	Quantity  string `yaml:"quantity"`
	Unit      string `yaml:"unit"`
	Value     string `yaml:"value"`
	ByPartner string `yaml:"by_partner"` // who reported it on the referral; empty: the desk recorded it
	Confirm   bool   `yaml:"confirm"`
	Tell      string `yaml:"tell"` // why the reporter is not told
}

// event is something that happens in the month, and when.
type event struct {
	at time.Time
	do func(ctx context.Context) error
}

// come is a chain on its way, with what was made so far.
type come struct {
	*telling
	today     time.Time
	file      chain
	partners  map[string]id.ID
	liaisons  map[string]authz.Subject
	closed    id.ID
	referrals map[string]id.ID // by item and partner
}

// chain enters the partners and returns what happens in the month: items,
// referrals and outcomes, each through the room's own door.
func (t *telling) chain(ctx context.Context, today time.Time) ([]event, error) {
	c := &come{telling: t, today: today, partners: map[string]id.ID{}, liaisons: map[string]authz.Subject{}, referrals: map[string]id.ID{}}
	if err := yaml.NewDecoder(bytes.NewReader(chainFile), yaml.Strict()).Decode(&c.file); err != nil {
		return nil, fmt.Errorf("read what came of the demo's month: %w", err)
	}
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	var events []event
	for i := range c.file.Items {
		events = append(events, c.item(&c.file.Items[i])...)
	}
	return events, nil
}

// when is a moment so many days before today.
func (c *come) when(days, hour, minute int) time.Time {
	day := time.Date(c.today.Year(), c.today.Month(), c.today.Day(), hour, minute, 0, 0, time.UTC).AddDate(0, 0, -days)
	if day.After(c.today) {
		return c.today
	}
	return day
}

func (c *come) enter(ctx context.Context) error {
	boss := c.members[admin.Handle].Subject
	for _, p := range c.file.Partners {
		made, err := c.Referrals.SavePartner(ctx, boss, referral.Partner{
			Programme: c.programme.ID, Name: p.Name, Kind: p.Kind, Country: p.Country, Languages: p.Languages, Mailbox: p.Mailbox,
			Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"},
			Agreement: referral.Agreement{Reference: "Memorandum of understanding (made up)", From: "2020-01-01", Codes: []referral.Allowed{{Scheme: "3x5x2", Code: "P"}}},
		})
		if err != nil {
			return fmt.Errorf("enter %s: %w", p.Name, err)
		}
		c.partners[p.Key] = made.ID
		if p.Liaison == "" {
			continue
		}
		i := slices.IndexFunc(accounts, func(a Account) bool { return a.Handle == p.Liaison })
		if err := c.joinAt(ctx, accounts[i], authz.Grant{Role: authz.Liaison, Programme: c.programme.ID, Desk: made.ID}); err != nil {
			return err
		}
		c.liaisons[p.Key] = c.members[p.Liaison].Subject
	}
	inside := intel.Compartment{Programme: c.programme.ID, Name: c.file.Compartment.Name}
	for _, handle := range c.file.Compartment.Members {
		inside.Members = append(inside.Members, c.members[handle].Account.ID)
	}
	made, err := c.Items.SetCompartment(ctx, c.members["dora"].Subject, inside, "Two reports come from people who work there.")
	c.closed = made.ID
	return err
}

// pair returns two people of a desk: who writes and who approves.
func (c *come) pair(desk string) (writer, second authz.Subject) {
	if desk == "line" {
		return c.members["rita"].Subject, c.members["sam"].Subject
	}
	return c.reviewerOf(desk).Subject, c.members[admin.Handle].Subject
}

func (c *come) item(x *chainItem) []event {
	var made intel.Item
	hour := x.Hour
	if hour == 0 {
		hour = 14
	}
	events := []event{{c.when(x.Days, hour, 0), func(ctx context.Context) (err error) {
		made, err = c.write(ctx, *x)
		return err
	}}}
	for n := range x.Refer {
		r := &x.Refer[n]
		events = append(events, c.refer(x, &made, r, hour+n)...)
	}
	for n := range x.Outcomes {
		o := &x.Outcomes[n]
		events = append(events, event{c.when(o.Days, min(hour+4, 23), n), func(ctx context.Context) error { return c.outcome(ctx, *x, made, *o) }})
	}
	return events
}

func (c *come) write(ctx context.Context, x chainItem) (intel.Item, error) {
	desk, err := c.deskID(x.Desk)
	if err != nil {
		return intel.Item{}, err
	}
	rep, ok := c.find(x.About)
	if !ok {
		return intel.Item{}, fmt.Errorf("no report says %q", x.About)
	}
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	change := intel.Change{
		Programme: c.programme.ID, Desk: desk, Title: x.Title, Category: x.Category, Seriousness: x.Seriousness, Channel: "web", Language: "en",
		Handling: grading.Handling{Ref: ref, Code: "P"}, Reports: []id.ID{rep},
	}
	if x.Compartment {
		change.Compartment = c.closed
	}
	for _, st := range x.Statements {
		change.Statements = append(change.Statements, intel.Statement{Text: st.Text, Grade: grading.Grade{Ref: ref, Source: st.Source, Information: st.Information}})
	}
	writer, second := c.pair(x.Desk)
	it, err := c.Items.Write(ctx, writer, change)
	if err != nil || x.State == string(intel.Draft) {
		return it, err
	}
	if it, err = c.Items.Submit(ctx, writer, c.programme.ID, it.ID, it.Version); err != nil || x.State == string(intel.Submitted) {
		return it, err
	}
	return c.Items.Approve(ctx, second, c.programme.ID, it.ID, it.Version)
}

// find returns the report that holds some words.
func (t *telling) find(words string) (id.ID, bool) {
	for text, rep := range t.sent {
		if strings.Contains(text, words) {
			return rep, true
		}
	}
	return id.ID{}, false
}

// said words what a partner says with an act.
func said(a referral.Act) referral.Reply {
	r := referral.Reply{Act: a}
	switch a {
	case referral.Decline:
		r.Code = "jurisdiction"
	case referral.Progress:
		r.Text = "Two officers are on it. More in a week."
	}
	return r
}

func (c *come) refer(x *chainItem, item *intel.Item, r *chainReferral, hour int) []event {
	key := x.Title + r.Partner
	events := []event{{c.when(r.Days, min(hour, 23), 30), func(ctx context.Context) error {
		writer, _ := c.pair(x.Desk)
		made, err := c.Referrals.Refer(ctx, writer, referral.Order{Programme: c.programme.ID, Item: item.ID, Version: item.Version, Partner: c.partners[r.Partner], Role: r.Role, Reason: r.Reason})
		c.referrals[key] = made.ID
		return err
	}}}
	for n, a := range r.Acts {
		events = append(events, event{c.when(max(r.Days-1-n, 0), 9, 10*n), func(ctx context.Context) error {
			_, err := c.Referrals.Reply(ctx, c.liaisons[r.Partner], c.programme.ID, c.partners[r.Partner], c.referrals[key], said(a))
			return err
		}})
	}
	for n, a := range r.Typed {
		at := c.when(max(r.Days-1-n, 0), 10, 10*n)
		events = append(events, event{at, func(ctx context.Context) error {
			writer, _ := c.pair(x.Desk)
			_, err := c.Referrals.Type(ctx, writer, c.programme.ID, c.referrals[key], referral.Typed{Reply: said(a), Said: "The duty officer", How: "telephone", When: at.Format(time.DateOnly)})
			return err
		}})
	}
	return events
}

func (c *come) outcome(ctx context.Context, x chainItem, item intel.Item, o chainOutcome) error {
	writer, second := c.pair(x.Desk)
	primary := x.Refer[slices.IndexFunc(x.Refer, func(r chainReferral) bool { return r.Role == referral.Primary })].Partner
	currency := ""
	if o.Value != "" {
		currency = "NZD"
	}
	day := c.clock.Now().Format(time.DateOnly)
	var made id.ID
	if o.ByPartner != "" {
		reply := referral.Reply{Act: referral.Outcome, Result: referral.Result{Kind: o.Kind, Of: o.Of, Quantity: o.Quantity, Unit: o.Unit, Value: o.Value, Currency: currency, Day: day, Reference: "MDC-77"}}
		if _, err := c.Referrals.Reply(ctx, c.liaisons[o.ByPartner], c.programme.ID, c.partners[o.ByPartner], c.referrals[x.Title+o.ByPartner], reply); err != nil {
			return err
		}
		all, err := c.Outcomes.OfItem(ctx, writer, c.programme.ID, item.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(o outcome.Outcome) bool { return o.State == outcome.Recorded && !o.Referral.IsZero() })
		if i < 0 {
			return errors.New("what the partner reported made no outcome")
		}
		made = all[i].ID
	} else {
		e := outcome.Entry{
			Kind: o.Kind, Date: day, By: "The partner, by letter", Quantity: o.Quantity, Unit: o.Unit, Of: o.Of, Value: o.Value, Currency: currency, Partner: c.partners[primary].String(),
			Links: []outcome.LinkEntry{{Item: item.ID.String(), Basis: outcome.LedTo}}, Sure: true,
		}
		if o.Value != "" {
			e.ValueSource = "the partner"
		}
		recorded, err := c.Outcomes.Record(ctx, writer, c.programme.ID, e)
		if err != nil {
			return err
		}
		made = recorded.ID
	}
	if !o.Confirm {
		return nil
	}
	if _, err := c.Outcomes.Confirm(ctx, second, c.programme.ID, made, 1); err != nil {
		return err
	}
	if o.Tell == "" {
		return nil
	}
	return c.Outcomes.Leave(ctx, writer, c.programme.ID, outcome.Telling{Outcome: made, Item: item.ID, Report: item.Reports[0], Ending: outcome.NotTold, Reason: o.Tell})
}

// past brings in the figures of the year that is over, and publishes them.
func (t *telling) past(ctx context.Context, today time.Time) error {
	var file chain
	if err := yaml.NewDecoder(bytes.NewReader(chainFile), yaml.Strict()).Decode(&file); err != nil {
		return fmt.Errorf("read the demo's history: %w", err)
	}
	year := today.Year() - 1
	var history []outcome.Outcome
	for _, h := range file.History {
		n := 0
		for month, count := range h.Months {
			for range count {
				n++
				o, err := outcome.Read(t.Outcomes.Table, outcome.Entry{
					Kind: h.Kind, Date: fmt.Sprintf("%d-%02d-%02d", year, month+1, 1+n%28), By: "the programme's own record", Quantity: "1",
					Category: h.Categories[n%len(h.Categories)], Channel: "web", Key: h.Kind + "-" + strconv.Itoa(n),
				}, outcome.DayOf(today))
				if err != nil {
					return fmt.Errorf("read the demo's history: %w", err)
				}
				o.Programme, o.ID, o.Desk = t.programme.ID, id.New(), t.programme.Desks[0].ID
				history = append(history, o)
			}
		}
	}
	if _, _, err := t.Outcomes.Import(ctx, t.programme.ID, history, false); err != nil {
		return fmt.Errorf("bring in the demo's history: %w", err)
	}
	questions, err := programme.BuiltIn(t.programme.Languages)
	if err != nil {
		return err
	}
	t.clock.set(today) // weeks ago, in January, that year was not over
	if err := t.Publishing(questions).Publish(ctx, t.members["dora"].Subject, t.programme.ID, year); err != nil {
		return fmt.Errorf("publish the demo's figures: %w", err)
	}
	return nil
}
