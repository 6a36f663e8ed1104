// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type compartmentsPage struct {
	frame
	All  []compartmentView
	May  bool
	New  compartmentView
	Name string // of a form that was refused
}

type compartmentView struct {
	ID, Name string
	Members  []option // everybody who could be inside; Selected: is
	Inside   []string // names
}

// compartmentName names a compartment to somebody inside it.
func (s *Site) compartmentName(v *visit, r *http.Request, compartment id.ID) (string, error) {
	if compartment.IsZero() {
		return "", nil
	}
	all, err := s.Items.Closed(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return "", err
	}
	for _, c := range all {
		if c.ID == compartment {
			return c.Name, nil
		}
	}
	return short(compartment), nil
}

func (s *Site) compartmentsPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showCompartments(v, w, r, nil)
}

func (s *Site) showCompartments(v *visit, w http.ResponseWriter, r *http.Request, refused error) error {
	all, err := s.Items.Closed(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := compartmentsPage{
		frame: s.frame(v, "/compartments"), New: compartmentOf(intel.Compartment{}, colleagues),
		May: authz.Decide(v.Subject, authz.Change, authz.Object{Kind: authz.Closed, Programme: v.programme.ID}).Allowed,
	}
	for _, c := range all {
		p.All = append(p.All, compartmentOf(c, colleagues))
	}
	status := http.StatusOK
	if refused != nil {
		status, p.Name = page.Status(refused), r.PostFormValue("name")
		p.Problems = []page.Problem{{Field: "main", Message: s.sentence(v.lang, refused)}}
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "intel_compartments", p)
}

// compartmentOf offers those who read items, and whoever is inside already.
func compartmentOf(c intel.Compartment, colleagues []people.Colleague) compartmentView {
	out := compartmentView{Name: c.Name}
	if !c.ID.IsZero() {
		out.ID = c.ID.String()
	}
	for _, x := range colleagues {
		inside := slices.Contains(c.Members, x.ID)
		reads := slices.ContainsFunc(x.Grants, func(g authz.Grant) bool { return g.Role == authz.Reviewer || g.Role == authz.Analyst })
		if inside {
			out.Inside = append(out.Inside, x.Name)
		}
		if inside || reads && x.State == people.Active {
			out.Members = append(out.Members, option{Value: x.ID.String(), Text: x.Name, Selected: inside})
		}
	}
	slices.SortFunc(out.Members, byName)
	return out
}

func (s *Site) setCompartment(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	c := intel.Compartment{Programme: v.programme.ID, Name: form.Get("name")}
	if c.ID, err = formID(form, "compartment"); err != nil {
		return err
	}
	for _, text := range form["member"] {
		member, err := id.Parse(text)
		if err != nil {
			return fault.Wrap(fault.Invalid, "The form names somebody who isn't there.", err)
		}
		c.Members = append(c.Members, member)
	}
	_, err = s.Items.SetCompartment(r.Context(), v.Subject, c, form.Get("reason"))
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.TooLarge || k == fault.Conflict) {
		return s.showCompartments(v, w, r, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/compartments?done=saved"))
}

type schemesPage struct {
	frame
	Schemes  []schemeView
	Mappings []mappingView
	Now      string // scheme that is used for what is written now
}

type schemeView struct {
	ID, Name, From, Until string
	Version               int
	InForce               bool
	Scales                []scaleView
}

type scaleView struct {
	Title string // key of the catalogue
	Codes []codeView
}

type codeView struct {
	Code, Name, Means string
	Unknown, NoOnward bool
	Takes             []string
}

type mappingView struct {
	From, To, Lost string
	Lines          []mappingLine
}

type mappingLine struct {
	What     string // key
	From, To badge  // To without a code: has no equal, must be judged anew
	Unknown  bool
}

func (s *Site) schemesPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	if err := authz.Check(v.Subject, authz.Read, authz.Object{Kind: authz.Scheme, Programme: v.programme.ID}); err != nil {
		return err
	}
	p := schemesPage{frame: s.frame(v, "/schemes")}
	now := s.Clock.Now()
	for _, x := range s.Grading.Schemes() {
		inForce, _ := s.Grading.InForce(x.ID, now)
		p.Schemes = append(p.Schemes, schemeView{
			ID: x.ID, Name: x.Names.In(v.lang), Version: x.Version, From: day(x.ValidFrom.Time), Until: day(x.ValidUntil.Time), InForce: inForce == x,
			Scales: scales(v, x),
		})
	}
	for _, m := range s.Grading.Mappings() {
		if view, ok := s.mappingView(v, m); ok {
			p.Mappings = append(p.Mappings, view)
		}
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "intel_schemes", p)
}

func scales(v *visit, x *grading.Scheme) []scaleView {
	var out []scaleView
	for _, scale := range []struct {
		title string
		codes []grading.Code
	}{{"intel.source", x.Source}, {"intel.information", x.Information}, {"intel.handling", x.Handling}, {"intel.conditions", x.Conditions}} {
		if len(scale.codes) == 0 {
			continue
		}
		view := scaleView{Title: scale.title}
		for _, c := range scale.codes {
			view.Codes = append(view.Codes, codeView{c.Code, c.Names.In(v.lang), c.Means.In(v.lang), c.Unknown, c.NoOnward, c.Conditions})
		}
		out = append(out, view)
	}
	return out
}

func (s *Site) mappingView(v *visit, m grading.Mapping) (mappingView, bool) {
	from, okFrom := s.Grading.InForce(m.From, s.Clock.Now())
	to, okTo := s.Grading.InForce(m.To, s.Clock.Now())
	if !okFrom || !okTo {
		return mappingView{}, false
	}
	out := mappingView{From: from.Names.In(v.lang), To: to.Names.In(v.lang), Lost: m.Lost.In(v.lang)}
	add := func(what string, source, target []grading.Code, lines map[string]string) {
		for _, c := range source {
			line := mappingLine{What: what, From: badge{c.Code, c.Names.In(v.lang)}, Unknown: c.Unknown}
			if d, ok := grading.Find(target, lines[c.Code]); ok {
				line.To = badge{d.Code, d.Names.In(v.lang)}
			}
			out.Lines = append(out.Lines, line)
		}
	}
	add("intel.source", from.Source, to.Source, m.Source)
	add("intel.information", from.Information, to.Information, m.Information)
	return out, true
}
