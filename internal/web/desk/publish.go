// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type publishPage struct {
	frame
	Year    string
	Years   []option
	Tables  []publishTable
	Hidden  int
	K       int
	Last    string // of the last publication: its year and day
	Changes []publishChange
	Ready   bool
}

type publishTable struct {
	Title, Definition string
	Columns           []string
	Rows              []publishRow
}

type publishRow struct {
	Label string
	Total bool
	Cells []publishCell
}

type publishCell struct{ N, Why string } // Why is a key; empty: it is told

type publishChange struct {
	Where    string
	Was, Now publishCell
}

func (s *Site) publishPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	year, err := strconv.Atoi(r.URL.Query().Get("year"))
	if err != nil {
		year = s.Clock.Now().Year() - 1
	}
	return s.showPublish(v, w, r, year, nil)
}

func (s *Site) showPublish(v *visit, w http.ResponseWriter, r *http.Request, year int, problem error) error {
	p := publishPage{frame: s.frame(v, "/publish"), Year: strconv.Itoa(year)}
	now := s.Clock.Now().Year()
	for y := now - 1; y > now-6; y-- {
		p.Years = append(p.Years, option{Value: strconv.Itoa(y), Text: strconv.Itoa(y), Selected: y == year})
	}
	d, err := s.Publishing.Draft(r.Context(), v.Subject, v.programme.ID, year)
	if problem == nil {
		problem = err
	}
	status := http.StatusOK
	switch {
	case problem != nil && fault.KindOf(problem) != fault.Invalid:
		return problem
	case problem != nil:
		status = http.StatusUnprocessableEntity
		p.Problems = []page.Problem{{Field: "year", Message: s.sentence(v.lang, problem)}}
	default:
		p.Ready = true
		s.fillPublish(v, &p, d)
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "publish", p)
}

func (s *Site) fillPublish(v *visit, p *publishPage, d outcome.Draft) {
	p.Hidden, p.K = d.Hidden, d.Publication.K
	if d.Last.Number > 0 {
		p.Last = d.Last.Period.From[:4] + ", " + d.Last.Made
	}
	for _, t := range d.Publication.Tables {
		out := publishTable{Title: t.Title.In(v.lang), Definition: t.Definition.In(v.lang)}
		for _, c := range t.Columns {
			out.Columns = append(out.Columns, c.Name.In(v.lang))
		}
		for _, row := range t.Rows {
			x := publishRow{Label: row.Label.In(v.lang), Total: row.Total}
			for _, c := range row.Cells {
				x.Cells = append(x.Cells, shownCell(c))
			}
			out.Rows = append(out.Rows, x)
		}
		p.Tables = append(p.Tables, out)
	}
	for _, c := range d.Changes {
		p.Changes = append(p.Changes, publishChange{Where: c.Table.In(v.lang) + " · " + c.Row.In(v.lang) + " · " + c.Column.In(v.lang), Was: shownCell(c.Was), Now: shownCell(c.Now)})
	}
}

func shownCell(c prevent.Cell) publishCell {
	if c.Mark != "" {
		return publishCell{Why: "publish.why." + string(c.Mark)}
	}
	return publishCell{N: grouped(strconv.FormatInt(c.Value, 10))}
}

func (s *Site) publishFigures(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := authz.Check(v.Subject, authz.Publish, authz.Object{Kind: authz.Publication, Programme: v.programme.ID}); err != nil {
		return err
	}
	year, err := strconv.Atoi(form.Get("year"))
	if err != nil {
		return fault.Wrap(fault.Invalid, "Choose a year.", err)
	}
	if err := s.Publishing.Publish(r.Context(), v.Subject, v.programme.ID, year); err != nil {
		return s.showPublish(v, w, r, year, err)
	}
	return back(w, r, v.at("/publish?year="+strconv.Itoa(year)+"&done=saved"))
}
