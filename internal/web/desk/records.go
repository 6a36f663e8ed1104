// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/report"
)

const recordsSize = 50

// behind says of each measure that has a list what its records are.
var behind = map[string]authz.Kind{
	stats.Contacts: authz.Report, stats.Reports: authz.Report, stats.FirstRead: authz.Report, stats.FirstAnswer: authz.Report,
	intel.Written: authz.Item, intel.Disposed: authz.Item,
	referral.CountReferred: authz.Referral, referral.CountAcknowledged: authz.Referral, referral.CountAccepted: authz.Referral, referral.CountDeclined: authz.Referral, referral.CountActedOn: authz.Referral,
}

type recordsPage struct {
	frame
	Figure, Means string // keys of texts
	Part          string // of a divided figure
	From, To      string
	N             string // the figure
	Rows          []recordRow
	More          string
	Back          string
	Others        bool // there may be records that the reader may not see
	Calls         bool // contacts that were no reports have no record
}

// recordRow is one record behind a figure. Without To the reader can't open it.
type recordRow struct{ Date, Name, To, Category, Desk, Partner, Note string }

// recordsPage shows what a figure was counted from, as far as the reader may
// see it.
func (s *Site) recordsPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	measure := q.Get("measure")
	a, err := askOf(q)
	if err != nil {
		return err
	}
	measures := []string{measure}
	if measure == stats.FirstRead || measure == stats.FirstAnswer {
		measures = stats.TimeMeasures(measure)
	}
	n, err := s.figure(v, r, a, measures, q.Get("key"))
	if err != nil {
		return err
	}
	kind, ok := behind[measure]
	if !ok {
		return fault.New(fault.Invalid, "There is no such figure.")
	}
	p := recordsPage{frame: s.frame(v, "/statistics"), Figure: "stats.measure." + measure, Means: "stats.means." + measure, From: q.Get("from"), To: q.Get("to"), N: n}
	if a.By != stats.ByNothing {
		p.Part = s.partName(v, a.By, q.Get("key"))
	}
	back := url.Values{}
	for _, name := range []string{"from", "to", "by"} {
		if q.Get(name) != "" {
			back.Set(name, q.Get(name))
		}
	}
	p.Back = v.at("/statistics?" + back.Encode())
	var last string
	if measure == stats.Contacts || measure == stats.Reports {
		p.Calls = true
		last, err = s.contactRows(v, r, a, &p)
	} else {
		last, err = s.factRows(v, r, a, kind, measures, &p)
	}
	if k := fault.KindOf(err); err != nil && k != fault.Forbidden {
		return err
	}
	p.Others = kind == authz.Report || !v.Subject.Holds(v.programme.ID, authz.Analyst)
	if last != "" {
		q.Set("after", last)
		p.More = v.at("/statistics/records?" + q.Encode())
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "records", p)
}

// figure is the number that the records were counted to.
func (s *Site) figure(v *visit, r *http.Request, a stats.Ask, measures []string, key string) (string, error) {
	a.Measures = measures
	found, err := s.Figures.Read(r.Context(), v.Subject, v.programme.ID, a)
	if err != nil {
		return "", err
	}
	var n int64
	for _, m := range measures {
		if a.By == stats.ByNothing {
			n += found.Total(m)
		} else {
			n += found.Of(m, key)
		}
	}
	return grouped(strconv.FormatInt(n, 10)), nil
}

// place reads where a page of records begins.
func place(text string) (day, again int, record id.ID, err error) {
	if text == "" {
		return 0, 0, id.ID{}, nil
	}
	parts := strings.Split(text, " ")
	if len(parts) != 3 {
		return 0, 0, id.ID{}, fault.New(fault.Invalid, "The address names a page that isn't there.")
	}
	if day, err = strconv.Atoi(parts[0]); err == nil {
		if again, err = strconv.Atoi(parts[1]); err == nil {
			record, err = id.Parse(parts[2])
		}
	}
	if err != nil {
		err = fault.Wrap(fault.Invalid, "The address names a page that isn't there.", err)
	}
	return day, again, record, err
}

func placeOf(day, again int, record id.ID) string {
	return strconv.Itoa(day) + " " + strconv.Itoa(again) + " " + record.String()
}

func (s *Site) factRows(v *visit, r *http.Request, a stats.Ask, kind authz.Kind, measures []string, p *recordsPage) (last string, err error) {
	q := stats.RecordQuery{Measures: measures, By: a.By, Key: r.URL.Query().Get("key"), From: a.From, To: a.To, Limit: recordsSize}
	if a.By == stats.ByReason {
		return "", fault.New(fault.Invalid, "Only contacts are divided by their closing reason.")
	}
	if q.After.Day, _, q.After.Record, err = place(r.URL.Query().Get("after")); err != nil {
		return "", err
	}
	found, more, err := s.Figures.List(r.Context(), v.Subject, v.programme.ID, kind, q)
	if err != nil {
		return "", err
	}
	partners, err := s.Referrals.AllPartners(r.Context(), v.Subject, v.programme.ID)
	if err != nil && fault.KindOf(err) != fault.Forbidden {
		return "", err
	}
	for _, f := range found {
		row := recordRow{Date: outcome.Date(f.Day).Format(time.DateOnly), Desk: v.deskName(f.Desk)}
		if f.Category != "" {
			row.Category = s.categoryName(v, f.Category)
		}
		if i := slices.IndexFunc(partners, func(x referral.Partner) bool { return x.ID == f.Partner }); i >= 0 {
			row.Partner = partners[i].Name
		}
		if err := s.nameRecord(r.Context(), v, kind, f, &row); err != nil {
			return "", err
		}
		p.Rows = append(p.Rows, row)
	}
	if more {
		end := found[len(found)-1]
		last = placeOf(end.Day, 0, end.Record)
	}
	return last, nil
}

// nameRecord says what a record is called and where it is. One that the reader
// may not open has neither.
func (s *Site) nameRecord(ctx context.Context, v *visit, kind authz.Kind, f intel.Fact, row *recordRow) error {
	var err error
	switch kind {
	case authz.Item:
		var it intel.Row
		if it, err = s.Items.Find(ctx, v.Subject, v.programme.ID, f.Record); err == nil {
			row.Name, row.To = it.Number+" "+it.Title, v.at("/items/"+f.Record.String())
		} else if fault.KindOf(err) == fault.NotFound {
			var t intel.Tombstone
			if t, err = s.Items.Buried(ctx, v.Subject, v.programme.ID, f.Record); err == nil {
				row.Name, row.Note = t.Number, "stats.disposed"
			}
		}
	case authz.Referral:
		var x referral.Referral
		if x, err = s.Referrals.Find(ctx, v.Subject, v.programme.ID, f.Record); err == nil {
			row.Name, row.To = strings.TrimSpace(x.Number+" "+x.Title), v.at("/referrals/"+f.Record.String())
		}
	case authz.Report:
		var known []id.ID
		if known, err = s.Reports.Listable(ctx, v.Subject, v.programme.ID, []id.ID{f.Record}); err == nil && len(known) == 1 {
			row.Name, row.To = short(f.Record), v.at("/reports/"+f.Record.String())
		}
		if m := stats.ParseMeasure(f.Measure).Sort; err == nil {
			_, hours, _ := strings.Cut(m, "/")
			row.Note = s.span(v, hours)
		}
	}
	if k := fault.KindOf(err); err != nil && k != fault.NotFound && k != fault.Forbidden {
		return err
	}
	if row.Note == "stats.disposed" {
		row.Note = v.say(row.Note)
	}
	return nil
}

func (s *Site) contactRows(v *visit, r *http.Request, a stats.Ask, p *recordsPage) (last string, err error) {
	q := r.URL.Query()
	f := report.EndedFilter{Limit: recordsSize}
	if a.From != 0 {
		f.From = a.From.FirstDay()
	}
	if a.To != 0 {
		f.To = (a.To + 1).FirstDay() - 1
	}
	if f.After.Day, f.After.Again, f.After.Report, err = place(q.Get("after")); err != nil {
		return "", err
	}
	if q.Get("measure") == stats.Reports {
		f.Reasons = slices.DeleteFunc(slices.Clone(report.Reasons), func(x report.Reason) bool { return !x.Told() })
	}
	switch a.By {
	case stats.ByChannel:
		f.Channel = report.Channel(q.Get("key"))
	case stats.ByReason:
		f.Reasons = []report.Reason{report.Reason(q.Get("key"))}
	case stats.ByDesk:
		if f.Desk, err = formID(q, "key"); err != nil {
			return "", err
		}
	}
	found, end, more, err := s.Reports.Ended(r.Context(), v.Subject, v.programme.ID, f)
	if err != nil {
		return "", err
	}
	for _, e := range found {
		p.Rows = append(p.Rows, recordRow{
			Date: outcome.Date(e.Day).Format(time.DateOnly), Name: short(e.Report), To: v.at("/reports/" + e.Report.String()), Desk: v.deskName(e.Desk),
			Note: v.say("reason." + string(e.Reason)),
		})
	}
	if more {
		last = placeOf(end.Day, end.Again, end.Report)
	}
	return last, nil
}

// span words hours: "8 h", "3 d", more than a year.
func (s *Site) span(v *visit, hours string) string {
	n, err := strconv.Atoi(hours)
	switch {
	case err != nil:
		return ""
	case n == stats.Longer:
		return v.say("stats.longer")
	case n > 48:
		return v.say("stats.days", "n", strconv.Itoa(n/24))
	}
	return v.say("stats.hours", "n", hours)
}
