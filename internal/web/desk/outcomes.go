// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
)

// outcomeRoutes are the pages of the room outcome.
var outcomeRoutes = []Route{
	{"GET", "/p/{programme}/outcomes", Inside, (*Site).outcomesPage},
	{"GET", "/p/{programme}/outcomes.csv", Inside, (*Site).outcomesCSV},
	{"GET", "/p/{programme}/outcomes/new", Inside, (*Site).newOutcomePage},
	{"POST", "/p/{programme}/outcomes", Inside, (*Site).recordOutcome},
	{"GET", "/p/{programme}/outcomes/{outcome}", Inside, (*Site).outcomePage},
	{"GET", "/p/{programme}/outcomes/{outcome}/correct", Inside, (*Site).correctOutcomePage},
	{"POST", "/p/{programme}/outcomes/{outcome}/confirm", Inside, (*Site).confirmOutcome},
	{"POST", "/p/{programme}/outcomes/{outcome}/correct", Inside, (*Site).correctOutcome},
	{"POST", "/p/{programme}/outcomes/{outcome}/withdraw", Inside, (*Site).withdrawOutcome},
	{"POST", "/p/{programme}/outcomes/{outcome}/merge", Inside, (*Site).mergeOutcome},
	{"GET", "/p/{programme}/statistics", Inside, (*Site).statisticsPage},
	{"GET", "/p/{programme}/statistics.csv", Inside, (*Site).statisticsCSV},
	{"GET", "/p/{programme}/statistics.json", Inside, (*Site).statisticsJSON},
	{"GET", "/p/{programme}/statistics/records", Inside, (*Site).recordsPage},
	{"GET", "/p/{programme}/statistics/{year}", Inside, (*Site).annualPage},
	{"GET", "/p/{programme}/publish", Inside, (*Site).publishPage},
	{"POST", "/p/{programme}/publish", Inside, (*Site).publishFigures},
}

const outcomesSize = 50

type outcomesPage struct {
	frame
	Rows                      []outcomeRow
	Kinds, States, Categories []option
	From, To                  string
	CSV, More                 string
	MayRecord                 bool
	Totals                    []totalRow
	Filtered                  bool
}

type outcomeRow struct {
	To, Date, Kind, Of, Quantity, Value string
	State                               outcome.State
	Items                               int
	By, Reference                       string
}

// totalRow is one total with the list that it was counted from.
type totalRow struct{ To, Name, Count, Quantity, Value string }

func (s *Site) outcomesPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, err := outcomeFilter(q)
	if err != nil {
		return err
	}
	f.Limit = outcomesSize
	found, more, err := s.Outcomes.List(r.Context(), v.Subject, v.programme.ID, f)
	if err != nil {
		return err
	}
	p := outcomesPage{
		frame: s.frame(v, "/outcomes"), From: q.Get("from"), To: q.Get("to"), CSV: v.at("/outcomes.csv?" + q.Encode()), Filtered: len(q) > 0,
		States: options(append([]outcome.State{""}, outcome.States...), f.State, "outcome.state."), Kinds: s.kindOptions(v, f.Kind), Categories: s.categoryOptions(v, f.Category),
		MayRecord: v.Subject.Holds(v.programme.ID, authz.Reviewer) || v.Subject.Holds(v.programme.ID, authz.Analyst),
	}
	for _, o := range found {
		p.Rows = append(p.Rows, s.outcomeRow(v, o))
	}
	if more {
		last := found[len(found)-1]
		q.Set("after", strconv.Itoa(last.Day)+" "+last.ID.String())
		p.More = v.at("/outcomes?" + q.Encode())
	}
	if p.Totals, err = s.totals(v, r); err != nil {
		return err
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "outcomes", p)
}

// outcomeFilter reads the filters of an address.
func outcomeFilter(q url.Values) (f outcome.Filter, err error) {
	f = outcome.Filter{
		Kind: q.Get("kind"), Of: q.Get("of"), State: outcome.State(q.Get("state")), Category: q.Get("category"), Channel: q.Get("channel"), Currency: q.Get("currency"),
		Counting: q.Get("counting") == "1", Roots: q.Get("roots") == "1",
	}
	for name, into := range map[string]*int{"from": &f.From, "to": &f.To} {
		if q.Get(name) == "" {
			continue
		}
		if *into, err = outcome.ParseDay(q.Get(name)); err != nil {
			return f, err
		}
	}
	for name, into := range map[string]*id.ID{"partner": &f.Partner, "desk": &f.Desk} {
		if *into, err = formID(q, name); err != nil {
			return f, err
		}
	}
	if day, last, ok := strings.Cut(q.Get("after"), " "); ok {
		f.After.Day, err = strconv.Atoi(day)
		if err == nil {
			f.After.ID, err = id.Parse(last)
		}
		if err != nil {
			return f, fault.Wrap(fault.Invalid, "The address names a page that isn't there.", err)
		}
	}
	return f, nil
}

func (s *Site) kindOptions(v *visit, selected string) []option {
	out := []option{{Value: "", Text: v.say("inbox.any"), Selected: selected == ""}}
	for _, k := range s.Outcomes.Table.Kinds {
		out = append(out, option{Value: k.Code, Text: k.Name.In(v.lang), Selected: k.Code == selected})
	}
	return out
}

func (s *Site) categoryOptions(v *visit, selected string) []option {
	out := []option{{Value: "", Text: v.say("inbox.any"), Selected: selected == ""}}
	for _, c := range s.categories(v.lang) {
		out = append(out, option{Value: c.Value, Text: c.Text, Selected: c.Value == selected})
	}
	return out
}

func (s *Site) outcomeRow(v *visit, o outcome.Outcome) outcomeRow {
	return outcomeRow{
		To: v.at("/outcomes/" + o.ID.String()), Date: outcome.Date(o.Day).Format(time.DateOnly), Kind: s.kindName(v, o.Kind), Of: s.ofName(v, o.Of), Quantity: s.quantityText(v, o),
		Value: s.valueText(o.Value), State: o.State, Items: len(o.Links), By: o.By, Reference: o.Reference,
	}
}

func (s *Site) kindName(v *visit, code string) string {
	if k, ok := s.Outcomes.Table.Kind(code); ok {
		return k.Name.In(v.lang)
	}
	return code
}

func (s *Site) ofName(v *visit, code string) string {
	if code == "" {
		return ""
	}
	return s.Outcomes.Table.OfName(code, v.lang)
}

func (s *Site) quantityText(v *visit, o outcome.Outcome) string {
	if o.Quantity == nil {
		return ""
	}
	u, ok := s.Outcomes.Table.Unit(o.Quantity.Unit)
	if !ok {
		return o.Quantity.Written
	}
	return grouped(o.Quantity.Written) + " " + u.Name.In(v.lang)
}

func (s *Site) valueText(x *outcome.Value) string {
	if x == nil {
		return ""
	}
	return s.moneyText(x.Currency, x.Minor)
}

func (s *Site) moneyText(code string, minor int64) string {
	c, _ := s.Outcomes.Table.Money.Find(code)
	return code + "\u00a0" + grouped(c.Of(minor).Trim().String())
}

// grouped writes thousands apart with a narrow space, which no language takes
// for a decimal sign.
func grouped(number string) string {
	whole, fraction, has := strings.Cut(number, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if has {
		whole += "." + fraction
	}
	return sign + whole
}

// totals are the figures of this reader since inception, each with the list
// that it was counted from.
func (s *Site) totals(v *visit, r *http.Request) ([]totalRow, error) {
	report, err := s.Figures.Read(r.Context(), v.Subject, v.programme.ID, stats.Ask{})
	if fault.KindOf(err) == fault.Forbidden {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.totalRows(v, report), nil
}

// totalRows gathers the figures of a period by kind and what it is of.
func (s *Site) totalRows(v *visit, report stats.Report) []totalRow {
	var rows []totalRow
	for _, k := range s.Outcomes.Table.Kinds {
		for _, of := range append([]string{""}, k.Of...) {
			row := totalRow{Name: k.Name.In(v.lang)}
			if of != "" {
				row.Name += ": " + s.ofName(v, of)
			}
			n := report.Total(stats.OutcomeMeasure(k.Code, of))
			if n == 0 {
				continue
			}
			row.Count = grouped(strconv.FormatInt(n, 10))
			row.Quantity = strings.Join(s.quantities(v, report, k, of), ", ")
			if of == "" || len(k.Of) == 0 {
				row.Value = strings.Join(s.values(report, k), ", ")
			}
			if row.Value != "" && row.Quantity == "" {
				row.Count = "" // how often says less than how much
			}
			row.To = v.at("/outcomes?" + listOf(report, url.Values{"kind": {k.Code}, "of": {of}, "counting": {"1"}}))
			rows = append(rows, row)
		}
		if len(k.Of) > 0 { // values are by kind, whatever it is of
			if values := s.values(report, k); len(values) > 0 {
				rows = append(rows, totalRow{Name: k.Name.In(v.lang), Value: strings.Join(values, ", "), To: v.at("/outcomes?" + listOf(report, url.Values{"kind": {k.Code}, "counting": {"1"}}))})
			}
		}
	}
	return rows
}

// listOf adds the period of a report to the filters of a list.
func listOf(report stats.Report, q url.Values) string {
	if report.From != 0 {
		q.Set("from", outcome.Date(report.From.FirstDay()).Format(time.DateOnly))
	}
	if report.To != 0 {
		q.Set("to", outcome.Date((report.To+1).FirstDay()-1).Format(time.DateOnly))
	}
	for key := range q {
		if q.Get(key) == "" {
			q.Del(key)
		}
	}
	return q.Encode()
}

func (s *Site) quantities(v *visit, report stats.Report, k kinds.Kind, of string) []string {
	var out []string
	for _, dimension := range s.dimensions(k) {
		if n := report.Total(stats.QuantityMeasure(k.Code, of, dimension)); n != 0 {
			u := s.Outcomes.Table.Shown(dimension, n)
			out = append(out, grouped(u.Of(n).String())+" "+u.Name.In(v.lang))
		}
	}
	return out
}

func (s *Site) dimensions(k kinds.Kind) []string {
	var out []string
	seen := map[string]bool{}
	for _, code := range k.Units {
		if u, ok := s.Outcomes.Table.Unit(code); ok && !seen[u.Dimension] {
			seen[u.Dimension] = true
			out = append(out, u.Dimension)
		}
	}
	return out
}

func (s *Site) values(report stats.Report, k kinds.Kind) []string {
	var out []string
	for _, c := range report.Currencies(k.Code) {
		out = append(out, s.moneyText(c, report.Total(stats.ValueMeasure(k.Code, c))))
	}
	return out
}

func (s *Site) outcomesCSV(v *visit, w http.ResponseWriter, r *http.Request) error {
	f, err := outcomeFilter(r.URL.Query())
	if err != nil {
		return err
	}
	f.Limit = 500
	found, more, err := s.Outcomes.List(r.Context(), v.Subject, v.programme.ID, f)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="outcomes.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"outcome", "date", "kind", "of", "quantity", "unit", "value", "currency", "value_source", "state", "category", "channel", "by", "reference", "items"}) // errors show in Error
	for {
		for _, o := range found {
			_ = out.Write(s.outcomeCells(o))
		}
		if !more {
			break
		}
		last := found[len(found)-1]
		f.After = outcome.Cursor{Day: last.Day, ID: last.ID}
		if found, more, err = s.Outcomes.List(r.Context(), v.Subject, v.programme.ID, f); err != nil {
			return err
		}
	}
	out.Flush()
	return nil
}

func (s *Site) outcomeCells(o outcome.Outcome) []string {
	cells := []string{o.ID.String(), outcome.Date(o.Day).Format(time.DateOnly), o.Kind, o.Of, "", "", "", "", "", string(o.State), safeCell(o.Category), safeCell(o.Channel), safeCell(o.By), safeCell(o.Reference), strconv.Itoa(len(o.Links))}
	if o.Quantity != nil {
		cells[4], cells[5] = o.Quantity.Written, o.Quantity.Unit
	}
	if o.Value != nil {
		c, _ := s.Outcomes.Table.Money.Find(o.Value.Currency)
		cells[6], cells[7], cells[8] = c.Of(o.Value.Minor).String(), o.Value.Currency, safeCell(o.Value.Source)
	}
	return cells
}
