// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/people"
)

type dutyPage struct {
	frame
	Desks []dutyDesk
	May   bool
	Now   string
}

type dutyDesk struct {
	ID, Name string
	Shifts   []shiftRow
	Members  []memberOption
}

type shiftRow struct {
	ID, Name, From, Until string
	Present               bool
}

func (s *Site) dutyPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	who := names(colleagues)
	now := s.Clock.Now()
	p := dutyPage{frame: s.frame(v, "/duty"), May: v.Subject.Holds(v.programme.ID, authz.Administrator), Now: minute(now)}
	for _, d := range v.programme.Desks {
		shifts, err := s.People.Shifts(r.Context(), v.Subject, v.programme.ID, d.ID)
		if fault.KindOf(err) == fault.NotFound {
			continue // a desk where the visitor has no part
		}
		if err != nil {
			return err
		}
		row := dutyDesk{ID: d.ID.String(), Name: d.Name.In(v.lang)}
		for _, x := range shifts {
			row.Shifts = append(row.Shifts, shiftRow{ID: x.ID.String(), Name: who[x.Account], From: minute(x.From), Until: minute(x.Until), Present: !x.From.After(now)})
		}
		for _, c := range colleagues {
			if c.State == people.Active && (c.AtDesk(d.ID, authz.Reviewer) || c.AtDesk(d.ID, authz.CallTaker)) {
				row.Members = append(row.Members, memberOption{ID: c.ID.String(), Name: c.Name})
			}
		}
		p.Desks = append(p.Desks, row)
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "duty", p)
}

func (s *Site) putOnDuty(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	shift := people.Shift{Programme: v.programme.ID}
	if shift.Desk, err = formID(form, "desk"); err != nil {
		return err
	}
	if shift.Account, err = formID(form, "account"); err != nil {
		return err
	}
	if shift.From, err = formTime(form.Get("from")); err != nil {
		return err
	}
	if shift.Until, err = formTime(form.Get("until")); err != nil {
		return err
	}
	if err := s.People.PutOnDuty(r.Context(), v.Subject, shift); err != nil {
		return err
	}
	return back(w, r, v.at("/duty?done=saved"))
}

// formTime reads a datetime-local field as UTC, which the page says it is.
func formTime(text string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02T15:04", text, time.UTC)
	if err != nil {
		return time.Time{}, fault.Wrap(fault.Invalid, "Give day and time, such as 2026-11-23T08:00.", err)
	}
	return t, nil
}

func (s *Site) takeOffDuty(v *visit, w http.ResponseWriter, r *http.Request) error {
	desk, err := v.pathDesk(r)
	if err != nil {
		return err
	}
	shift, err := pathID(r, "shift")
	if err != nil {
		return err
	}
	if err := s.People.TakeOffDuty(r.Context(), v.Subject, v.programme.ID, desk, shift); err != nil {
		return err
	}
	return back(w, r, v.at("/duty?done=saved"))
}
