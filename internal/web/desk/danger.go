// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// dangerRoutes are those of lives at risk.
var dangerRoutes = []Route{
	{"GET", "/p/{programme}/danger", Inside, (*Site).dangerPage},
	{"POST", "/p/{programme}/danger/{alarm}/acknowledge", Inside, (*Site).acknowledgeAlarm},
	{"POST", "/p/{programme}/danger/{alarm}/take-over", Inside, (*Site).takeOverAlarm},
	{"POST", "/p/{programme}/danger/{alarm}/hand-over", Inside, (*Site).handOverAlarm},
	{"POST", "/p/{programme}/danger/{alarm}/close", Inside, (*Site).closeAlarm},
	{"GET", "/p/{programme}/responders", Inside, (*Site).respondersPage},
	{"POST", "/p/{programme}/responders", Inside, (*Site).addResponder},
	{"POST", "/p/{programme}/responders/{responder}/remove", Inside, (*Site).removeResponder},
	{"POST", "/p/{programme}/responders/steps", Inside, (*Site).saveSteps},
}

const dangerPath = "/danger"

var (
	dangerWay     = way{dangerPath, "nav.danger", []authz.Role{authz.Reviewer, authz.Administrator, authz.Director}, false}
	respondersWay = way{"/responders", "nav.responders", []authz.Role{authz.Reviewer, authz.CallTaker, authz.Administrator, authz.Director}, true}
)

type alarmPage struct {
	frame
	Open   []alarmRow
	Closed []alarmRow
	Older  string
	Steps  string // who is called when, in words
}

type alarmRow struct {
	ID, Short, Desk   string
	State             danger.State
	Report            string // address in the reading room
	FromReport        bool
	Hour              string
	Since             int64 // Unix seconds, for a running clock; 0: none
	Hours             int   // since the hour it came in
	Flood             bool
	MayRead           bool
	Alert             danger.Alert
	Reference, Source string
	AckBy, Holder     string
	AckAt, Took       string
	Mine              bool
	Responder, Told   string
	HandedAt          string
	Result, Reason    string
	ClosedAt, Closer  string
	Responders        []option
	Results           []option
	Typed, Why        string // what was sent with a fault
}

const closedSize = 25

func (r alarmRow) rank() int {
	switch {
	case r.State == danger.Ringing:
		return 0
	case r.Mine:
		return 1
	}
	return 2
}

func (s *Site) dangerPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showDanger(v, w, r, nil, nil)
}

// showDanger shows the page, with what was sent when a problem came of it.
func (s *Site) showDanger(v *visit, w http.ResponseWriter, r *http.Request, form url.Values, problem error) error {
	p := alarmPage{frame: s.frame(v, dangerPath)}
	p.Ringing = 0 // the page itself shows them
	open, err := s.Danger.List(r.Context(), v.Subject, v.programme.ID, danger.Filter{})
	if err != nil {
		return err
	}
	f := danger.Filter{Closed: true, Before: cursorOf(r.URL.Query().Get("before")), Limit: closedSize + 1}
	closed, err := s.Danger.List(r.Context(), v.Subject, v.programme.ID, f)
	if err != nil {
		return err
	}
	if len(closed) > closedSize {
		closed = closed[:closedSize]
		last := closed[closedSize-1]
		p.Older = v.at(dangerPath + "?" + url.Values{"before": {strconv.FormatInt(int64(last.Hour), 10) + "-" + last.ID.String()}}.Encode())
	}
	c, err := s.alarmContext(r.Context(), v)
	if err != nil {
		return err
	}
	for _, a := range open {
		row := c.row(v, a)
		if problem != nil && r.PathValue("alarm") == row.ID {
			row.Typed, row.Why = form.Get("told"), form.Get("why")
			p.Problems = []page.Problem{{Field: "alarm-" + row.ID, Message: s.sentence(v.lang, problem)}}
		}
		p.Open = append(p.Open, row)
	}
	// What rings comes first, then what is the visitor's own.
	slices.SortStableFunc(p.Open, func(x, y alarmRow) int { return x.rank() - y.rank() })
	for _, a := range closed {
		p.Closed = append(p.Closed, c.row(v, a))
	}
	for n, step := range c.policy.Steps {
		if n > 0 {
			p.Steps += " · "
		}
		p.Steps += v.say("danger.step", "who", v.say("danger.who."+string(step.Who)), "minutes", step.Minutes)
	}
	p.Done = done(r)
	status := http.StatusOK
	if problem != nil {
		status = page.Status(problem)
	}
	return s.templates.Write(w, status, v.lang, "danger", p)
}

func cursorOf(text string) danger.Cursor {
	var c danger.Cursor
	if len(text) < 2*id.Size+2 {
		return c
	}
	at := len(text) - 2*id.Size
	hour, err := strconv.ParseInt(text[:at-1], 10, 64)
	if err != nil {
		return c
	}
	if c.ID, err = id.Parse(text[at:]); err != nil {
		return danger.Cursor{}
	}
	c.Hour = clock.Hour(hour)
	return c
}

// alarmContext is what rows are worded with.
type alarmContext struct {
	who        map[id.ID]string
	policy     danger.Policy
	responders []danger.Responder
	now        time.Time
}

func (s *Site) alarmContext(ctx context.Context, v *visit) (alarmContext, error) {
	colleagues, err := s.People.Colleagues(ctx, v.Subject, v.programme.ID)
	if err != nil {
		return alarmContext{}, err
	}
	c := alarmContext{who: names(colleagues), now: s.Clock.Now()}
	if c.policy, err = s.Danger.PolicyOf(ctx, v.programme.ID); err != nil {
		return alarmContext{}, err
	}
	c.responders, err = s.Danger.Responders(ctx, v.Subject, v.programme.ID)
	return c, err
}

func (c alarmContext) row(v *visit, a danger.Seen) alarmRow {
	row := alarmRow{
		ID: a.ID.String(), Short: short(a.ID), Desk: v.deskName(a.Desk), State: a.State, FromReport: a.Origin == danger.FromReport, Hour: hour(a.Hour),
		Hours: int(clock.HourOf(c.now) - a.Hour), Flood: a.Flood, MayRead: a.MayRead, Alert: a.Alert, Reference: a.Reference, Source: a.Source,
		AckBy: c.who[a.AckBy], Holder: c.who[a.Holder], AckAt: minute(a.AckAt), Mine: a.Holder == v.Subject.Account,
		Responder: a.Name, Told: a.Told, HandedAt: minute(a.HandedAt), Reason: a.Reason, ClosedAt: minute(a.ClosedAt), Closer: c.who[a.ClosedBy],
	}
	if !a.Report.IsZero() {
		row.Report = v.at("/reports/" + a.Report.String())
	}
	if !a.Opened.IsZero() && a.State == danger.Ringing {
		row.Since = a.Opened.Unix()
	}
	switch {
	case row.FromReport:
		row.Took = v.say("danger.took_hours", "n", a.Took)
	default:
		row.Took = v.say("danger.took_minutes", "n", a.Took)
	}
	for _, r := range c.responders {
		text := r.Place + ": " + r.Name + ", " + r.Phone
		if r.Hours != "" {
			text += " (" + r.Hours + ")"
		}
		row.Responders = append(row.Responders, option{Value: r.ID.String(), Text: text, Selected: r.ID == a.Responder})
	}
	for _, r := range c.policy.Results {
		row.Results = append(row.Results, option{Value: r.Code, Text: r.In(v.lang)})
		if r.Code == a.Result {
			row.Result = r.In(v.lang)
		}
	}
	if row.Result == "" {
		row.Result = a.Result
	}
	return row
}

// alarmOf returns the alarm of a report, nil when it rings none.
func (s *Site) alarmOf(v *visit, r *http.Request, rep id.ID) (*alarmRow, error) {
	a, err := s.Danger.OfReport(r.Context(), v.Subject, v.programme.ID, rep)
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
		return nil, nil //nolint:nilnil // most reports ring nothing
	}
	if err != nil {
		return nil, err
	}
	c, err := s.alarmContext(r.Context(), v)
	if err != nil {
		return nil, err
	}
	row := c.row(v, a)
	return &row, nil
}

// onAlarm runs one act of a form and goes back to the page, or shows it with
// what was wrong.
func (s *Site) onAlarm(v *visit, w http.ResponseWriter, r *http.Request, act func(alarm id.ID, form url.Values) error) error {
	alarm, err := pathID(r, "alarm")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	err = act(alarm, form)
	if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.Conflict) {
		return s.showDanger(v, w, r, form, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at(dangerPath+"?done=saved#alarm-"+alarm.String()))
}

func (s *Site) acknowledgeAlarm(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onAlarm(v, w, r, func(alarm id.ID, _ url.Values) error {
		return s.Danger.Acknowledge(r.Context(), v.Subject, v.programme.ID, alarm)
	})
}

func (s *Site) takeOverAlarm(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onAlarm(v, w, r, func(alarm id.ID, _ url.Values) error {
		return s.Danger.TakeOver(r.Context(), v.Subject, v.programme.ID, alarm)
	})
}

func (s *Site) handOverAlarm(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onAlarm(v, w, r, func(alarm id.ID, form url.Values) error {
		responder, err := id.Parse(form.Get("responder"))
		if err != nil {
			responder = id.ID{} // the room says so
		}
		return s.Danger.HandOver(r.Context(), v.Subject, v.programme.ID, alarm, responder, form.Get("told"))
	})
}

func (s *Site) closeAlarm(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onAlarm(v, w, r, func(alarm id.ID, form url.Values) error {
		return s.Danger.Close(r.Context(), v.Subject, v.programme.ID, alarm, form.Get("result"), form.Get("why"))
	})
}
