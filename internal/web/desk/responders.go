// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
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
}

type callRow struct {
	N, Minutes int
	Who        string
}

func (s *Site) respondersPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showResponders(v, w, r, danger.Responder{}, nil)
}

func (s *Site) showResponders(v *visit, w http.ResponseWriter, r *http.Request, typed danger.Responder, problem error) error {
	all, err := s.Danger.Responders(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	policy, err := s.Danger.PolicyOf(r.Context(), v.programme.ID)
	if err != nil {
		return err
	}
	p := respondersPage{frame: s.frame(v, "/responders"), May: v.Subject.Holds(v.programme.ID, authz.Administrator), Responders: all, Form: typed}
	for n, step := range policy.Steps {
		p.Steps = append(p.Steps, callRow{N: n + 1, Minutes: step.Minutes, Who: v.say("danger.who." + string(step.Who))})
	}
	status := http.StatusOK
	if problem != nil {
		p.Problems, status = []page.Problem{{Message: fault.PublicOf(problem)}}, http.StatusUnprocessableEntity
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "responders", p)
}

func (s *Site) addResponder(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	typed := danger.Responder{Programme: v.programme.ID, Name: form.Get("name"), Place: form.Get("place"), Phone: form.Get("phone"), Hours: form.Get("hours")}
	err = s.Danger.AddResponder(r.Context(), v.Subject, typed)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return s.showResponders(v, w, r, typed, err)
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

// saveSteps changes how long each step waits; who is called stays.
func (s *Site) saveSteps(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	policy, err := s.Danger.PolicyOf(r.Context(), v.programme.ID)
	if err != nil {
		return err
	}
	policy.Steps = slices.Clone(policy.Steps)
	for n := range policy.Steps {
		policy.Steps[n].Minutes = minutesOf(form, n+1)
	}
	err = s.Danger.SavePolicy(r.Context(), v.Subject, v.programme.ID, policy)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return s.showResponders(v, w, r, danger.Responder{}, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/responders?done=saved"))
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
