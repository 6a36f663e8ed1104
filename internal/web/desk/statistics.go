// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"cmp"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type statisticsPage struct {
	frame
	From, To  string
	By        []option
	ByName    string
	Heads     []headline
	Chart     chart
	Totals    []totalRow
	Parts     []partRow
	CSV, JSON string
	Years     []link
	Year      string // of the annual report; empty on the page for work
	PerReport string
	Times     []timeRow
}

// timeRow says how long something took for half and for nine in ten reports.
type timeRow struct{ Name, N, Half, Most, To string }

// headline is one figure with its curve, what it means and where its records are.
type headline struct{ Name, N, Means, To, Spark string }

// partRow is one line of the figures divided.
type partRow struct {
	Name  string
	Cells []partCell
}

// partCell is one figure with the list of its records.
type partCell struct{ N, To string }

// columns are the figures that are divided; the times of reports stand behind
// them where somebody knows them.
var columns = []string{stats.Contacts, "items", "referred", "acted-on", stats.Success}

// heads are the figures that stand on top, in the order of the way.
var heads = []string{stats.Contacts, stats.Reports, "items", "referred", "acted-on", stats.Success}

func askOf(q url.Values) (a stats.Ask, err error) {
	a.By = stats.By(q.Get("by"))
	for name, into := range map[string]*stats.Month{"from": &a.From, "to": &a.To} {
		if q.Get(name) == "" {
			continue
		}
		if *into, err = stats.ParseMonth(q.Get(name)); err != nil {
			return a, err
		}
	}
	return a, a.Check()
}

func (s *Site) statisticsPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	a, err := askOf(r.URL.Query())
	if err != nil {
		return err
	}
	p := statisticsPage{frame: s.frame(v, "/statistics")}
	if err := s.fillStatistics(v, r, a, &p); err != nil {
		return err
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "statistics", p)
}

// annualPage is the report of a year, to be printed.
func (s *Site) annualPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || year < 1970 || year > 9999 {
		return errNoPage()
	}
	a := stats.Ask{By: stats.ByCategory, From: stats.Month(year * 12), To: stats.Month(year*12 + 11)}
	p := statisticsPage{frame: s.frame(v, "/statistics/year"), Year: strconv.Itoa(year)}
	if err := s.fillStatistics(v, r, a, &p); err != nil {
		return err
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "statistics", p)
}

func (s *Site) fillStatistics(v *visit, r *http.Request, a stats.Ask, p *statisticsPage) error {
	whole, err := s.Figures.Read(r.Context(), v.Subject, v.programme.ID, stats.Ask{From: a.From, To: a.To})
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p.From, p.To = q.Get("from"), q.Get("to")
	p.CSV, p.JSON = v.at("/statistics.csv?"+q.Encode()), v.at("/statistics.json?"+q.Encode())
	p.By = options(append([]stats.By{stats.ByNothing}, stats.Divisions...), a.By, "stats.by.")
	for _, m := range heads {
		n := whole.Total(m)
		_, series := whole.Series(m)
		h := headline{Name: "stats.measure." + m, Means: "stats.means." + m, N: grouped(strconv.FormatInt(n, 10)), Spark: spark(series)}
		if n != 0 {
			h.To = s.recordsOf(v, whole, m, stats.ByNothing, "")
		}
		p.Heads = append(p.Heads, h)
	}
	if reports := whole.Total(stats.Reports); reports > 0 {
		p.PerReport = strconv.FormatFloat(float64(whole.Total(stats.Success))/float64(reports), 'f', 2, 64)
	}
	first, series := whole.Series(stats.Success)
	p.Chart = bars(first, series)
	p.Totals = s.totalRows(v, whole)
	p.Times = s.times(v, whole)
	if a.By != stats.ByNothing {
		if p.Parts, err = s.parts(v, r, a); err != nil {
			return err
		}
		p.ByName = "stats.by." + string(a.By)
	}
	now := stats.MonthOf(outcome.DayOf(s.Clock.Now())).Year()
	for year := now; year > now-5; year-- {
		p.Years = append(p.Years, link{To: v.at("/statistics/" + strconv.Itoa(year)), Text: strconv.Itoa(year)})
	}
	return nil
}

// recordsOf is the list that a figure was counted from; "" where there is none
// that this reader could open.
func (s *Site) recordsOf(v *visit, report stats.Report, measure string, by stats.By, key string) string {
	if measure == stats.Success {
		if by != stats.ByNothing && key == "" {
			return ""
		}
		q := url.Values{"counting": {"1"}, "roots": {"1"}}
		if key != "" {
			q.Set(string(by), key)
		}
		return v.at("/outcomes?" + listOf(report, q))
	}
	kind, ok := behind[measure]
	if !ok || !mayList(v, kind) {
		return ""
	}
	q := url.Values{"measure": {measure}}
	for name, m := range map[string]stats.Month{"from": report.From, "to": report.To} {
		if m != 0 {
			q.Set(name, m.String())
		}
	}
	if by != stats.ByNothing {
		q.Set("by", string(by))
		q.Set("key", key)
	}
	return v.at("/statistics/records?" + q.Encode())
}

// mayList reports whether the reader could open any record of a kind.
func mayList(v *visit, kind authz.Kind) bool {
	return v.Subject.Holds(v.programme.ID, authz.Reviewer) || kind != authz.Report && v.Subject.Holds(v.programme.ID, authz.Analyst)
}

// took words how long something took.
func (s *Site) took(v *visit, report stats.Report, what string, which func(stats.Figure) bool) (n int64, half, most string) {
	t := report.Took(what, 50, which)
	if t.N == 0 {
		return 0, "", ""
	}
	return t.N, s.span(v, strconv.Itoa(t.Hours)), s.span(v, strconv.Itoa(report.Took(what, 90, which).Hours))
}

func (s *Site) times(v *visit, report stats.Report) []timeRow {
	var rows []timeRow
	for _, what := range []string{stats.FirstRead, stats.FirstAnswer} {
		if n, half, most := s.took(v, report, what, nil); n > 0 {
			rows = append(rows, timeRow{
				Name: "stats.measure." + what, N: grouped(strconv.FormatInt(n, 10)), Half: half, Most: most, To: s.recordsOf(v, report, what, stats.ByNothing, ""),
			})
		}
	}
	return rows
}

func (s *Site) parts(v *visit, r *http.Request, a stats.Ask) ([]partRow, error) {
	a.Measures = append([]string{"items", "referred", "acted-on", stats.Success}, append(stats.TimeMeasures(stats.FirstRead), stats.TimeMeasures(stats.FirstAnswer)...)...)
	report, err := s.Figures.Read(r.Context(), v.Subject, v.programme.ID, a)
	if err != nil {
		return nil, err
	}
	var rows []partRow
	for _, key := range report.Keys() {
		row := partRow{Name: s.partName(v, a.By, key)}
		for _, measure := range columns {
			n := report.Of(measure, key)
			c := partCell{N: grouped(strconv.FormatInt(n, 10))}
			if n != 0 {
				c.To = s.recordsOf(v, report, measure, a.By, key)
			}
			row.Cells = append(row.Cells, c)
		}
		for _, what := range []string{stats.FirstRead, stats.FirstAnswer} {
			n, half, most := s.took(v, report, what, func(f stats.Figure) bool { return f.Key == key })
			c := partCell{}
			if n > 0 {
				c = partCell{N: half + " / " + most, To: s.recordsOf(v, report, what, a.By, key)}
			}
			row.Cells = append(row.Cells, c)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b partRow) int { return cmp.Compare(a.Name, b.Name) })
	return rows, nil
}

// partName words a key of a dimension.
func (s *Site) partName(v *visit, by stats.By, key string) string {
	if key == "" {
		return v.say("stats.not_known")
	}
	switch by {
	case stats.ByCategory:
		return s.categoryName(v, key)
	case stats.ByReason:
		return v.say("reason." + key)
	case stats.ByDesk:
		if desk, err := id.Parse(key); err == nil {
			if d, ok := v.programme.Desk(desk); ok {
				return d.Name.In(v.lang)
			}
		}
	}
	return key
}

func (s *Site) statisticsFile(v *visit, r *http.Request) (stats.File, error) {
	a, err := askOf(r.URL.Query())
	if err != nil {
		return stats.File{}, err
	}
	report, err := s.Figures.Read(r.Context(), v.Subject, v.programme.ID, a)
	return report.Export(v.programme.Slug), err
}

func (s *Site) statisticsJSON(v *visit, w http.ResponseWriter, r *http.Request) error {
	f, err := s.statisticsFile(v, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="statistics.json"`)
	page.WriteJSON(w, http.StatusOK, f)
	return nil
}

func (s *Site) statisticsCSV(v *visit, w http.ResponseWriter, r *http.Request) error {
	f, err := s.statisticsFile(v, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="statistics.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"month", "by", "key", "measure", "kind", "of", "unit", "currency", "within", "n"}) // errors show in Error
	for _, x := range f.Figures {
		_ = out.Write([]string{x.Month, string(f.By), safeCell(x.Key), x.Measure, x.Kind, x.Of, x.Unit, x.Currency, x.Within, strconv.FormatInt(x.N, 10)})
	}
	out.Flush()
	return nil
}

// chart is a bar chart for the page and the table that stands beside it.
type chart struct {
	Bars          []bar
	Width, Height int
	Top           string // the largest value
}

type bar struct {
	X, Y, W, H int
	Name, N    string
}

const (
	chartHeight = 160
	barStep     = 22
	mostBars    = 36
)

// bars draws a series by month, or by year when it is long.
func bars(first stats.Month, n []int64) chart {
	names := make([]string, len(n))
	for i := range n {
		names[i] = (first + stats.Month(i)).String()
	}
	if len(n) > mostBars {
		byYear := map[string]int64{}
		var years []string
		for i, x := range n {
			year := names[i][:4]
			if !slices.Contains(years, year) {
				years = append(years, year)
			}
			byYear[year] += x
		}
		names, n = years, make([]int64, len(years))
		for i, year := range years {
			n[i] = byYear[year]
		}
	}
	c := chart{Width: max(len(n), 1) * barStep, Height: chartHeight}
	if len(n) == 0 {
		return c
	}
	most := max(slices.Max(n), 1)
	c.Top = grouped(strconv.FormatInt(most, 10))
	for i, x := range n {
		h := int(x * int64(chartHeight) / most)
		if x > 0 {
			h = max(h, 2)
		}
		c.Bars = append(c.Bars, bar{X: i*barStep + 3, Y: chartHeight - h, W: barStep - 6, H: h, Name: names[i], N: grouped(strconv.FormatInt(x, 10))})
	}
	return c
}

// spark is the points of a small curve, 100 by 24.
func spark(n []int64) string {
	if len(n) < 2 {
		return ""
	}
	most := max(slices.Max(n), 1)
	points := make([]byte, 0, len(n)*8)
	for i, x := range n {
		points = strconv.AppendInt(points, int64(i*100/(len(n)-1)), 10)
		points = append(points, ',')
		points = strconv.AppendInt(points, 23-x*22/most, 10)
		points = append(points, ' ')
	}
	return string(points)
}
