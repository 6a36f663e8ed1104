// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type respondersPage struct {
	frame
	May        bool
	Responders []danger.Responder
	Form       danger.Responder
	Steps      []callRow
	Results    []resultRow
}

// callRow is a step of the escalation; the last of the form is empty.
type callRow struct {
	N       int
	Minutes string
	Who     string
	Whos    []option
}

// resultRow is a way in which an alarm ends; the last of the form is empty.
type resultRow struct {
	N     int
	Code  string
	Names []resultName
}

type resultName struct{ Lang, Language, Name string }

func (s *Site) respondersPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showResponders(v, w, r, danger.Responder{}, nil, nil)
}

// showResponders shows the page; policy is one that was typed, nil for the one
// that stands.
func (s *Site) showResponders(v *visit, w http.ResponseWriter, r *http.Request, typed danger.Responder, policy *danger.Policy, problem error) error {
	all, err := s.Danger.Responders(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	if policy == nil {
		stands, err := s.Danger.PolicyOf(r.Context(), v.programme.ID)
		if err != nil {
			return err
		}
		policy = &stands
	}
	p := respondersPage{frame: s.frame(v, "/responders"), May: v.Subject.Holds(v.programme.ID, authz.Administrator), Responders: all, Form: typed}
	s.fillPolicy(v, &p, *policy)
	status := http.StatusOK
	if problem != nil {
		p.Problems, status = []page.Problem{{Message: s.sentence(v.lang, problem)}}, http.StatusUnprocessableEntity
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "responders", p)
}

// fillPolicy fills the forms of whom an alarm calls and how it ends, each with
// an empty row.
func (s *Site) fillPolicy(v *visit, p *respondersPage, policy danger.Policy) {
	for n, step := range append(slices.Clone(policy.Steps), danger.Step{}) {
		row := callRow{N: n + 1, Whos: options(append([]danger.Who{""}, danger.Circles...), step.Who, "danger.who.")}
		if step.Who != "" {
			row.Who, row.Minutes = v.say("danger.who."+string(step.Who)), strconv.Itoa(step.Minutes)
		}
		p.Steps = append(p.Steps, row)
	}
	for n, result := range append(slices.Clone(policy.Results), danger.Result{}) {
		row := resultRow{N: n + 1, Code: result.Code}
		for _, lang := range s.resultLanguages() {
			row.Names = append(row.Names, resultName{Lang: lang, Language: page.NativeName(lang), Name: result.Name[lang]})
		}
		p.Results = append(p.Results, row)
	}
}

// resultLanguages are those of the desk's pages, English first.
func (s *Site) resultLanguages() []string {
	return append([]string{page.Base}, slices.DeleteFunc(slices.Clone(s.texts.Languages()), func(lang string) bool { return lang == page.Base })...)
}

func (s *Site) addResponder(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	typed := danger.Responder{Programme: v.programme.ID, Name: form.Get("name"), Place: form.Get("place"), Phone: form.Get("phone"), Hours: form.Get("hours")}
	err = s.Danger.AddResponder(r.Context(), v.Subject, typed)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return s.showResponders(v, w, r, typed, nil, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/responders?done=saved"))
}

func (s *Site) removeResponder(v *visit, w http.ResponseWriter, r *http.Request) error {
	responder, err := pathID(r, "responder")
	if err != nil {
		return err
	}
	if err := s.Danger.RemoveResponder(r.Context(), v.Subject, v.programme.ID, responder); err != nil {
		return err
	}
	return back(w, r, v.at("/responders?done=saved"))
}

// saveSteps changes whom an alarm calls, when, and how it can end. A row that is
// emptied is taken out.
func (s *Site) saveSteps(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	policy, err := s.Danger.PolicyOf(r.Context(), v.programme.ID)
	if err != nil {
		return err
	}
	if form.Has("who-1") {
		policy.Steps = nil
		for n := 1; form.Has("who-" + strconv.Itoa(n)); n++ {
			if who := danger.Who(form.Get("who-" + strconv.Itoa(n))); who != "" {
				policy.Steps = append(policy.Steps, danger.Step{Who: who, Minutes: minutesOf(form, n)})
			}
		}
	}
	if form.Has("code-1") {
		policy.Results = s.resultsOf(form, policy.Results)
	}
	err = s.Danger.SavePolicy(r.Context(), v.Subject, v.programme.ID, policy)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return s.showResponders(v, w, r, danger.Responder{}, &policy, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/responders?done=saved"))
}

// resultsOf reads the ways in which an alarm ends. Names in languages that the
// form does not have stay.
func (s *Site) resultsOf(form url.Values, before []danger.Result) (results []danger.Result) {
	for n := 1; form.Has("code-" + strconv.Itoa(n)); n++ {
		code := strings.TrimSpace(form.Get("code-" + strconv.Itoa(n)))
		if code == "" {
			continue
		}
		r := danger.Result{Code: code, Name: map[string]string{}}
		if i := slices.IndexFunc(before, func(x danger.Result) bool { return x.Code == code }); i >= 0 {
			r.Name = maps.Clone(before[i].Name)
		}
		for _, lang := range s.resultLanguages() {
			if r.Name[lang] = strings.TrimSpace(form.Get("name-" + strconv.Itoa(n) + "-" + lang)); r.Name[lang] == "" {
				delete(r.Name, lang) // English stands in
			}
		}
		results = append(results, r)
	}
	return results
}

// minutesOf reads the field of a step; what is no number is 0, which the room
// refuses in words.
func minutesOf(form url.Values, n int) int {
	minutes, err := strconv.Atoi(strings.TrimSpace(form.Get("minutes-" + strconv.Itoa(n))))
	if err != nil {
		return 0
	}
	return minutes
}
