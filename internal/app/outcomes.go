// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/outcome/suppress"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store/intelstore"
	"github.com/turnstone-project/turnstone/internal/store/outcomestore"
)

// wireOutcomes makes the room of outcomes and its figures.
func (i *Installation) wireOutcomes() error {
	table, err := readKinds(i.Config.Desk.OutcomeKinds)
	if err != nil {
		return err
	}
	rollups := outcomestore.NewRollups(i.DB)
	i.Tally = stats.Tally{Rollups: rollups, Records: rollups}
	items := outcomeItems{i}
	kept := outcomestore.New(i.DB)
	i.Outcomes = &outcome.Service{
		Store: kept, Tells: kept, Items: items, Compartments: items, Tally: i.Tally, Table: table, Tx: i.Tx, Clock: i.Clock, SecondPerson: i.secondPerson,
	}
	i.Figures = &stats.Reader{Rollups: rollups, Records: rollups, Inside: i.Outcomes.Inside, Contacts: i.contacts, Clock: i.Clock}
	return nil
}

// readKinds reads the kinds of outcomes with the operator's own, if there are any.
func readKinds(path string) (_ *kinds.Table, err error) {
	if path == "" {
		return kinds.BuiltIn()
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read kinds of outcomes: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return kinds.Load(f)
}

// secondPerson says whether an outcome is confirmed by somebody else than who
// wrote it: always, but where a programme does without for its items too.
func (i *Installation) secondPerson(of id.ID) bool {
	p, ok := i.Programmes.ByID(of)
	return ok && !p.Intelligence.OnePerson
}

// outcomeItems is how the room outcome asks for items: those that are approved.
type outcomeItems struct{ *Installation }

func noItem() error { return fault.New(fault.NotFound, "There is no such item, or it is not for you.") }

// Source implements outcome.Items.
func (o outcomeItems) Source(ctx context.Context, s authz.Subject, programme, item id.ID) (outcome.Source, error) {
	v, err := o.Items.Read(ctx, s, programme, item)
	if err != nil {
		return outcome.Source{}, err
	}
	approved, ok := newestApproved(v.Versions)
	if !ok {
		return outcome.Source{}, noItem()
	}
	all, err := o.Any(ctx, programme, item)
	if err != nil {
		return outcome.Source{}, err
	}
	src := sourceOf(approved, v.Created)
	src.Compartment = all.Compartment
	src.Gone, err = o.gone(ctx, programme, all.Reports)
	return src, err
}

// newestApproved finds the version that stands, in versions with the newest first.
func newestApproved(versions []intel.Item) (intel.Item, bool) {
	for _, it := range versions {
		if it.State == intel.Approved {
			return it, true
		}
	}
	return intel.Item{}, false
}

func sourceOf(it intel.Item, created time.Time) outcome.Source {
	return outcome.Source{
		Item: it.ID, Number: it.Number, Desk: it.Desk, Compartment: it.Compartment, Category: it.Category, Channel: it.Channel, Language: it.Language,
		Day: outcome.DayOf(created), Reports: it.Reports,
	}
}

// gone returns those of the reports whose reporters have deleted them.
func (o outcomeItems) gone(ctx context.Context, programme id.ID, reports []id.ID) (gone []id.ID, err error) {
	for _, rep := range reports {
		_, err := o.Desk.Store.Report(ctx, programme, rep)
		if fault.KindOf(err) == fault.NotFound {
			gone = append(gone, rep)
		} else if err != nil {
			return nil, fmt.Errorf("look for a report: %w", err)
		}
	}
	return gone, nil
}

// Any implements outcome.Items.
func (o outcomeItems) Any(ctx context.Context, programme, item id.ID) (outcome.Source, error) {
	newest, _, err := o.Items.Store.Item(ctx, programme, item)
	if err != nil {
		return outcome.Source{}, err
	}
	versions, err := o.Items.Store.Versions(ctx, programme, item)
	if err != nil {
		return outcome.Source{}, err
	}
	approved, ok := newestApproved(versions)
	if !ok {
		return outcome.Source{}, noItem()
	}
	src := sourceOf(approved, newest.Created)
	src.Compartment, err = o.Items.Wall(ctx, programme, item)
	return src, err
}

// reported is the room of outcomes as the room of referrals knows it.
type reported struct{ *Installation }

// Report implements referral.OutcomeSink.
func (o reported) Report(ctx context.Context, rec *tx.Recorder, r referral.Result) error {
	p, err := o.Referrals.Partners.Partner(ctx, r.Programme, r.Partner)
	if err != nil {
		return fmt.Errorf("read partner: %w", err)
	}
	return o.Outcomes.Report(ctx, rec, outcome.Reported{
		Programme: r.Programme, Item: r.Item, Referral: r.Referral, Partner: r.Partner, By: r.By,
		Entry: outcome.Entry{
			Kind: r.Kind, Date: r.Day, By: p.Name, Reference: r.Reference, Quantity: r.Quantity, Unit: r.Unit, Of: r.Of,
			Value: r.Value, Currency: r.Currency, ValueSource: p.Name, Note: r.Text,
		},
	})
}

// Numbered implements outcome.Items.
func (o outcomeItems) Numbered(ctx context.Context, s authz.Subject, programme id.ID, number string) (outcome.Source, error) {
	item, err := intelstore.New(o.DB).Numbered(ctx, programme, strings.ToUpper(number))
	if err != nil {
		return outcome.Source{}, err
	}
	return o.Source(ctx, s, programme, item)
}

// Wall implements outcome.Items.
func (o outcomeItems) Wall(ctx context.Context, programme, item id.ID) (id.ID, error) {
	return o.Items.Wall(ctx, programme, item)
}

// Inside implements outcome.Compartments.
func (o outcomeItems) Inside(ctx context.Context, programme, account id.ID) ([]id.ID, error) {
	return o.Items.Inside(ctx, programme, account)
}

// contacts counts ended contacts for the figures, month by month.
func (i *Installation) contacts(ctx context.Context, s authz.Subject, of id.ID, a stats.Ask) ([]stats.Figure, error) {
	p, ok := i.Programmes.ByID(of)
	if !ok {
		return nil, fault.New(fault.NotFound, "There is no such programme.")
	}
	var figures []stats.Figure
	for month := a.From; month <= a.To; month++ {
		from, to := outcome.Date(month.FirstDay()), outcome.Date((month+1).FirstDay()-1)
		for _, d := range p.Desks {
			counts, err := i.Desk.Counts(ctx, s, of, []id.ID{d.ID}, from, to)
			if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
				continue // a desk where the reader has no part
			}
			if err != nil {
				return nil, err
			}
			figures = append(figures, contactFigures(counts, month, a.By, d.ID)...)
		}
	}
	return figures, nil
}

func contactFigures(counts map[report.Channel]map[report.Reason]int, month stats.Month, by stats.By, desk id.ID) []stats.Figure {
	var figures []stats.Figure
	for channel, reasons := range counts {
		for reason, n := range reasons {
			f := stats.Figure{Month: month, Measure: stats.Contacts, N: int64(n)}
			switch by {
			case stats.ByChannel:
				f.Key = string(channel)
			case stats.ByDesk:
				f.Key = desk.String()
			case stats.ByReason:
				f.Key = string(reason)
			}
			figures = append(figures, f)
			if reason.Told() {
				f.Measure = stats.Reports
				figures = append(figures, f)
			}
		}
	}
	return figures
}

// Publishing makes the room that gives figures to everybody; questions name
// the categories.
func (i *Installation) Publishing(questions *programme.Questionnaires) *outcome.Publishing {
	return &outcome.Publishing{
		Rollups: i.Figures.Rollups, Contacts: i.contacts, Table: i.Outcomes.Table, Policy: suppress.Policy{K: suppress.LeastK}, Out: i.Publications, Last: i.Publications, Tx: i.Tx, Clock: i.Clock,
		Category: func(_ id.ID, code string) programme.Text {
			for _, q := range questions.List {
				if q.Category == code {
					return q.Name
				}
			}
			return programme.Text{"en": code}
		},
	}
}

// Statistics returns a programme's figures for whoever holds the machine: of
// open compartments only, as an account that is inside of none.
func (i *Installation) Statistics(ctx context.Context, slug string, period Period) (stats.File, error) {
	a, err := period.ask()
	if err != nil {
		return stats.File{}, err
	}
	p, ok := i.Programmes.BySlug(slug)
	if !ok {
		return stats.File{}, fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	r, err := i.Figures.Read(ctx, holder(p), p.ID, a)
	return r.Export(p.Slug), err
}

// Checked is what a full count found wrong.
type Checked struct {
	Figures []stats.Difference
	Lists   []stats.Astray // behind the figures
}

// OK reports whether nothing is wrong.
func (c Checked) OK() bool { return len(c.Figures)+len(c.Lists) == 0 }

// CheckStatistics compares the rollups of a programme, and the lists behind
// them, with a full count of the records and returns every difference; with
// repair it puts the full count in their place.
func (i *Installation) CheckStatistics(ctx context.Context, slug string, repair bool) (found Checked, err error) {
	p, ok := i.Programmes.BySlug(slug)
	if !ok {
		return found, fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	rooms := []stats.Counter{i.Items.EachFact, i.Referrals.EachFact, i.eachTime}
	check := func(ctx context.Context) (err error) {
		if found.Figures, err = stats.Compare(ctx, i.Figures.Rollups, p.ID, append(rooms, i.Outcomes.EachFact)...); err != nil {
			return err
		}
		found.Lists, err = stats.CompareRecords(ctx, i.Figures.Records, p.ID, rooms...)
		return err
	}
	if !repair {
		return found, check(ctx)
	}
	err = i.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := check(ctx); err != nil || found.OK() {
			return err
		}
		rec.Entry(tx.Entry{Programme: p.ID, Kind: "audit", Payload: []byte(`{"act":"statistics counted anew"}`)})
		if err := stats.RepairRecords(ctx, i.Figures.Records, found.Lists); err != nil {
			return err
		}
		return i.Figures.Rollups.Add(ctx, stats.Repair(found.Figures))
	})
	return found, err
}
