// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
)

// reportClock is one clock of a report in the identity bar.
type reportClock struct {
	Name, Text string
	Loud       bool
}

// clocksOf returns the clocks of a report. They start at the end of the hour in
// which it arrived, because nothing finer is kept.
func (s *Site) clocksOf(v *visit, times referral.Settings, rep report.Report) ([]referral.Clock, error) {
	hours := programme.Hours{Zone: "UTC"}
	if d, ok := v.programme.Desk(rep.Desk); ok && d.Hours.Zone != "" {
		hours = d.Hours
	}
	return referral.ReportClocks(referral.ReportFacts{
		Arrived: (rep.Arrived + 1).Time(), Danger: rep.Danger, FirstRead: rep.Marks.FirstRead, Answered: rep.Marks.Answered,
		Closed: rep.Marks.State == report.StateClosed,
	}, times, hours)
}

// needless reports whether a report owes its reporter nothing any more: ended as
// spam or a prank, nobody is waiting for an answer.
func needless(m report.Marks) bool {
	return m.State == report.StateClosed && slices.Contains([]report.Reason{report.ReasonSpam, report.ReasonSilent}, m.Reason)
}

// lateClock names the first clock of a report that ran out, "" when none did.
func (s *Site) lateClock(v *visit, times referral.Settings, rep report.Report) (string, error) {
	if rep.Marks.State == report.StateClosed {
		return "", nil
	}
	clocks, err := s.clocksOf(v, times, rep)
	if err != nil {
		return "", err
	}
	for _, c := range clocks {
		if c.Status(s.Clock.Now()) == referral.Overdue {
			return c.Name, nil
		}
	}
	return "", nil
}

// lateReports is how many reports of a desk have a clock that ran out.
type lateReports struct {
	Desk, Clock string // Clock is a key of the catalogue
	N, Days     int    // Days since the oldest ran out
}

// lateReports counts them for the director, by desk and clock: no report by
// itself, and nothing of what it is about.
func (s *Site) lateReports(v *visit, r *http.Request) ([]lateReports, error) {
	times, err := s.Referrals.Times(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	desks := make([]id.ID, 0, len(v.programme.Desks))
	for _, d := range v.programme.Desks {
		desks = append(desks, d.ID)
	}
	type place struct {
		desk  id.ID
		clock string
	}
	late := map[place]*lateReports{}
	var failed error
	err = s.Reports.Waiting(r.Context(), v.Subject, v.programme.ID, desks, func(rep report.Report) {
		if failed != nil || needless(rep.Marks) {
			return
		}
		clocks, err := s.clocksOf(v, times, rep)
		if err != nil {
			failed = err
			return
		}
		for _, c := range clocks {
			if c.Status(now) != referral.Overdue {
				continue
			}
			at := place{rep.Desk, c.Name}
			if late[at] == nil {
				late[at] = &lateReports{Clock: "ref.short_" + c.Name}
			}
			late[at].N++
			late[at].Days = max(late[at].Days, int(c.Over(now)/(24*time.Hour)))
		}
	})
	if err := errors.Join(err, failed); err != nil {
		return nil, err
	}
	var rows []lateReports
	for _, d := range v.programme.Desks {
		for _, name := range []string{"first-read", "acknowledge-reporter", "feedback"} {
			if x := late[place{d.ID, name}]; x != nil {
				x.Desk = d.Name.In(v.lang)
				rows = append(rows, *x)
			}
		}
	}
	return rows, nil
}

// reportClocks words the clocks of a report for its identity bar.
func (s *Site) reportClocks(v *visit, r *http.Request, rep report.Report) ([]reportClock, error) {
	if needless(rep.Marks) {
		return nil, nil
	}
	times, err := s.Referrals.Times(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return nil, err
	}
	clocks, err := s.clocksOf(v, times, rep)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	rows := make([]reportClock, 0, len(clocks))
	for _, c := range clocks {
		if c.Name == "first-read" && !c.Done.IsZero() {
			continue // the bar says when it was read
		}
		row := reportClock{Name: c.Name}
		switch c.Status(now) {
		case referral.Overdue:
			row.Loud, row.Text = true, v.say("ref.time_over", "time", v.span(c.Over(now)))
		case referral.Running:
			row.Text = v.say("ref.time_left", "time", v.span(c.Left(now)))
		case referral.Met:
			row.Text = v.say("ref.time_met")
		case referral.Late:
			row.Text = v.say("ref.time_late", "time", v.span(c.Over(now)))
		case referral.Off:
			continue
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// span words a duration in whole days, or in hours when there are few.
func (v *visit) span(d time.Duration) string {
	if d < 48*time.Hour {
		return v.say("ref.hours", "n", int(d/time.Hour))
	}
	return v.say("ref.days_n", "n", int(d/(24*time.Hour)))
}

// questionFor returns the partner's question that the address names, when it may
// be put to the reporter of this report.
func (s *Site) questionFor(v *visit, r *http.Request, rep id.ID) (*questionRow, error) {
	text := r.URL.Query().Get("question")
	if text == "" {
		return nil, nil //nolint:nilnil // no question is asked, and none is shown
	}
	question, err := id.Parse(text)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, "There is no such page.", err)
	}
	w, err := s.Referrals.AQuestion(r.Context(), v.Subject, v.programme.ID, question)
	if err != nil {
		return nil, err
	}
	if !w.Open() || !slices.Contains(w.Reports, rep) {
		return nil, errNoPage()
	}
	row := questionRows(v, []referral.Question{w.Question})[0]
	return &row, nil
}
