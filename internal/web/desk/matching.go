// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/screen"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// matchingRoutes are those of the page Matching. What is asked comes in the
// body of a POST, so that no name stands in an address, a history or a log.
var matchingRoutes = []Route{
	{"GET", "/p/{programme}/matching", Inside, (*Site).matchingPage},
	{"POST", "/p/{programme}/matching", Inside, (*Site).match},
}

var matchingWay = way{"/matching", "nav.matching", []authz.Role{authz.Reviewer, authz.Analyst}, false}

type matchingPage struct {
	frame
	Mode   string // compare or search
	Sides  []sideForm
	Search searchForm
	Lists  []option
	Found  []hitRow
	Asked  bool // a search was made
	Result *explained
	Entry  *hitRow // the entity of a list that was compared with
}

// sideForm is the form of one description.
type sideForm struct {
	Side        string // left or right
	Schemata    []option
	Names       string
	Born        string
	Country     string
	Genders     []option
	Address     string
	Kinds       []option
	Identifying string
	Plate       string
	Colour      string
	Make        string
	More        bool // a further fact is given
}

type searchForm struct {
	Top, Threshold, Country string
	Schemata                []option
}

type hitRow struct {
	N                                                  int
	ID, List, Name, Schema, Dates, Countries, Datasets string
	Percent                                            string
	Match                                              bool
}

func (s *Site) matchingPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	form := url.Values{"mode": {r.URL.Query().Get("mode")}, "top": {"20"}, "threshold": {"0.3"}}
	p, err := s.matchingForm(v, form)
	if err != nil {
		return err
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "matching", p)
}

// match compares or searches, and shows the page with the answer.
func (s *Site) match(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	p, err := s.matchingForm(v, form)
	if err != nil {
		return err
	}
	left := factsOf(form, "left")
	switch form.Get("mode") {
	case "search":
		err = s.searchLists(v, r, form, left, &p)
	case "entry":
		var c screen.Comparison
		var h screen.Hit
		if c, h, err = s.Screen.CompareEntry(v.Subject, v.programme.ID, left, form.Get("in"), form.Get("entity")); err == nil {
			row := hitRowOf(v, h)
			p.Entry, p.Result = &row, explain(v, c)
		}
	default:
		right := factsOf(form, "right")
		right.Schema = left.Schema
		var c screen.Comparison
		if c, err = s.Screen.Compare(v.Subject, v.programme.ID, left, right); err == nil {
			p.Result = explain(v, c)
		}
	}
	status := http.StatusOK
	var field *screen.FieldError
	if errors.As(err, &field) {
		p.Problems, status = []page.Problem{{Field: field.Field, Message: s.sentence(v.lang, err)}}, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	return s.templates.Write(w, status, v.lang, "matching", p)
}

func (s *Site) searchLists(v *visit, r *http.Request, form url.Values, left screen.Facts, p *matchingPage) error {
	q := screen.Query{For: left, List: form.Get("list"), K: -1, Threshold: -1}
	if n, err := strconv.Atoi(strings.TrimSpace(form.Get("top"))); err == nil {
		q.K = n
	}
	if x, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(form.Get("threshold")), ",", ".", 1), 64); err == nil {
		q.Threshold = x
	}
	for c := range strings.SplitSeq(form.Get("in-country"), ",") {
		if c = strings.TrimSpace(c); c != "" {
			q.Countries = append(q.Countries, c)
		}
	}
	if schema := form.Get("in-schema"); schema != "" {
		q.Schemata = []string{schema}
	}
	hits, err := s.Screen.Search(r.Context(), v.Subject, v.programme.ID, q)
	if err != nil {
		return err
	}
	p.Asked = true
	for i, h := range hits {
		row := hitRowOf(v, h)
		row.N = i
		p.Found = append(p.Found, row)
	}
	return nil
}

func hitRowOf(v *visit, h screen.Hit) hitRow {
	e := &h.Entity
	row := hitRow{
		ID: e.ID, List: h.List, Name: first(e.First("name"), e.Caption, e.First("registrationNumber"), e.First("full"), e.ID), Schema: v.schema(e.Schema),
		Percent: percent(h.Score), Match: h.Score >= 0.5, Datasets: strings.Join(e.Strings("datasets"), ", "),
	}
	row.Dates = values(e, "birthDate", "deathDate", "incorporationDate", "buildDate")
	row.Countries = strings.ToUpper(values(e, "country", "nationality", "citizenship", "jurisdiction", "flag"))
	return row
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// values lists what properties say, each once.
func values(e *ftm.Entity, props ...string) string {
	var out []string
	seen := map[string]bool{}
	for _, prop := range props {
		for _, x := range e.Get(prop) {
			if !seen[x] && len(out) < 6 {
				out, seen[x] = append(out, x), true
			}
		}
	}
	return strings.Join(out, ", ")
}

// schema words a kind of thing; one that the page does not offer keeps its name.
func (v *visit) schema(name string) string {
	return v.translated("match.schema."+strings.ToLower(name), name)
}

// translated is a text of the catalogue, or otherwise where it has none.
func (v *visit) translated(key, otherwise string, args ...any) string {
	if text, err := v.words.Say(key, args...); err == nil {
		return text
	}
	return otherwise
}

func factsOf(form url.Values, side string) screen.Facts {
	get := func(name string) string { return strings.TrimSpace(form.Get(side + "-" + name)) }
	return screen.Facts{
		Schema: get("schema"), Names: lines(form.Get(side + "-names")), Born: get("born"), Country: get("country"), Gender: get("gender"), Address: get("address"),
		Identifier: get("identifier"), Identifying: lines(strings.ReplaceAll(form.Get(side+"-identifying"), ",", "\n")), Plate: get("plate"), Colour: get("colour"), Make: get("make"),
	}
}

func lines(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.Trim(line, " \r\t"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// matchingForm is the page with its form filled in as it was sent.
func (s *Site) matchingForm(v *visit, form url.Values) (matchingPage, error) {
	names, err := s.Screen.Open(v.Subject, v.programme.ID)
	if err != nil {
		return matchingPage{}, err
	}
	p := matchingPage{frame: s.frame(v, "/matching"), Mode: "compare"}
	p.Sides = []sideForm{v.side(form, "left")}
	if mode := form.Get("mode"); mode == "search" || mode == "entry" {
		p.Mode = "search"
	} else {
		p.Sides = append(p.Sides, v.side(form, "right"))
	}
	if len(names) > 1 {
		p.Lists = append(p.Lists, option{Text: v.say("match.all_lists")})
	}
	for _, name := range names {
		p.Lists = append(p.Lists, option{Value: name, Text: name, Selected: name == form.Get("list")})
	}
	p.Search = searchForm{Top: form.Get("top"), Threshold: form.Get("threshold"), Country: form.Get("in-country")}
	p.Search.Schemata = append([]option{{Text: v.say("match.any_schema")}}, v.choices("match.schema.", form.Get("in-schema"), screen.Schemata...)...)
	return p, nil
}

func (v *visit) choices(prefix, selected string, values ...string) []option {
	var out []option
	for _, x := range values {
		out = append(out, option{Value: x, Text: v.say(prefix + strings.ToLower(x)), Selected: x == selected})
	}
	return out
}

func (v *visit) side(form url.Values, side string) sideForm {
	get := func(name string) string { return form.Get(side + "-" + name) }
	f := sideForm{
		Side: side, Names: get("names"), Born: get("born"), Country: get("country"), Address: get("address"), Identifying: get("identifying"),
		Plate: get("plate"), Colour: get("colour"), Make: get("make"),
	}
	f.More = f.Born+f.Country+f.Address+f.Identifying+f.Plate+f.Colour+f.Make+get("gender") != ""
	f.Schemata = v.choices("match.schema.", get("schema"), screen.Schemata...)
	f.Genders = append([]option{{Text: v.say("match.unknown")}}, v.choices("match.gender.", get("gender"), "female", "male")...)
	f.Kinds = v.choices("match.id.", get("identifier"), screen.Identifiers...)
	return f
}
