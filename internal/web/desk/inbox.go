// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// inboxSize is how many reports one page of the inbox shows.
const inboxSize = 50

// overdueAfter is when a report that nobody has read counts as overdue; one
// that may be about a life at risk counts at once.
const overdueAfter = 24

type inboxPage struct {
	frame
	Queue     report.Queue
	Queues    []queueLink
	Rows      []inboxRow
	Reasons   []reasonKey
	First     clockView // time to first read
	Danger    clockView
	Urgencies []option
	Urgency   string
	Newer     string
	Older     string
	Query     string // the present filters, for the CSV
}

// clockView is one of the clocks on top.
type clockView struct {
	Hours int
	Count int
	Loud  bool
}

type queueLink struct {
	To, Text string
	Count    int
	Here     bool
	Loud     bool
}

type reasonKey struct {
	Key    int
	Reason report.Reason
	Text   string
}

type option struct {
	Value, Text string
	Selected    bool
}

type inboxRow struct {
	ID         string
	Short      string
	Desk       string
	DeskID     string
	Arrived    string
	ArrivedAt  int64 // hours since the epoch, to sort by
	State      report.State
	Urgency    report.Urgency
	Danger     bool
	Assigned   string
	Mine       bool
	Size       string
	Restricted bool
	Phone      bool
	Replied    bool
	Overdue    bool
	Late       string // the clock that ran out: first-read, acknowledge-reporter, feedback
	Mentions   int    // other reports that mention the same
	Version    int
	Reason     report.Reason
}

// rank puts danger first and what is overdue before the rest of its page.
func (r inboxRow) rank() int {
	switch {
	case r.Danger:
		return 2
	case r.Overdue:
		return 1
	}
	return 0
}

// filter reads the filters that the address holds.
func filter(q url.Values) report.Filter {
	f := report.Filter{Queue: report.Queue(q.Get("queue")), Urgency: report.Urgency(q.Get("urgency")), Limit: inboxSize}
	if !slices.Contains(queues, f.Queue) {
		f.Queue = report.QueueOpen
	}
	if !slices.Contains(urgencies, f.Urgency) {
		f.Urgency = report.UrgencyNone
	}
	if n, err := strconv.Atoi(q.Get("from")); err == nil && n > 0 {
		f.Offset = n
	}
	return f
}

var queues = []report.Queue{
	report.QueueDanger, report.QueueNew, report.QueueMine, report.QueueReplied, report.QueueWaiting, report.QueueOpen, report.QueueClosed,
}

var urgencies = []report.Urgency{report.UrgencyNone, report.UrgencyLow, report.UrgencyHigh, report.UrgencyDanger}

func (s *Site) inboxPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	f := filter(r.URL.Query())
	in, err := s.Reports.List(r.Context(), v.Subject, v.programme.ID, f)
	if err != nil {
		return err
	}
	rows, err := s.inboxRows(v, r, in.Reports)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, func(a, b inboxRow) int { return b.rank() - a.rank() })
	p := inboxPage{frame: s.frame(v, "/inbox"), Queue: f.Queue, Rows: rows, Reasons: reasonKeys(), Urgency: string(f.Urgency)}
	p.Query = v.at("/inbox.csv?") + r.URL.RawQuery
	for _, q := range queues {
		p.Queues = append(p.Queues, queueLink{
			To: v.at("/inbox?queue=") + string(q), Text: "queue." + string(q), Count: in.Tally[q], Here: q == f.Queue, Loud: q == report.QueueDanger,
		})
	}
	p.Urgencies = options(urgencies, f.Urgency, "urgency.")
	p.First, p.Danger, err = s.clocks(v, r, in.Tally)
	if err != nil {
		return err
	}
	if f.Offset > 0 {
		p.Newer = v.inboxAt(f, max(0, f.Offset-inboxSize))
	}
	if in.More {
		p.Older = v.inboxAt(f, f.Offset+inboxSize)
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "inbox", p)
}

func (v *visit) inboxAt(f report.Filter, from int) string {
	q := url.Values{"queue": {string(f.Queue)}, "from": {strconv.Itoa(from)}}
	if f.Urgency != "" {
		q.Set("urgency", string(f.Urgency))
	}
	return v.at("/inbox?") + q.Encode()
}

// clocks says how long the oldest unread report has waited, and the oldest
// that may be about a life at risk. Unread ones about danger stand first in
// their queue; the other clock is theirs.
func (s *Site) clocks(v *visit, r *http.Request, tally report.Tally) (first, danger clockView, err error) {
	now := clock.HourOf(s.Clock.Now())
	look := func(q report.Queue) (clockView, error) {
		c := clockView{Count: tally[q]}
		oldest, ok, err := s.Reports.Oldest(r.Context(), v.Subject, v.programme.ID, q, c.Count)
		if ok {
			c.Hours = int(now - oldest.Arrived)
		}
		return c, err
	}
	if first, err = look(report.QueueNew); err != nil {
		return first, danger, err
	}
	danger, err = look(report.QueueDanger)
	first.Loud, danger.Loud = first.Hours >= overdueAfter, danger.Count > 0
	return first, danger, err
}

func (s *Site) inboxRows(v *visit, r *http.Request, reports []report.Report) ([]inboxRow, error) {
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return nil, err
	}
	who := names(colleagues)
	also, err := s.Reports.MentionCounts(r.Context(), v.Subject, v.programme.ID, reports)
	if err != nil {
		return nil, err
	}
	times, err := s.Referrals.Times(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return nil, err
	}
	rows := make([]inboxRow, len(reports))
	for i, rep := range reports {
		m := rep.Marks
		rows[i] = inboxRow{
			ID: rep.ID.String(), Short: short(rep.ID), Desk: v.deskName(rep.Desk), DeskID: rep.Desk.String(), Arrived: hour(rep.Arrived), ArrivedAt: int64(rep.Arrived),
			State: m.State, Urgency: m.Urgency, Danger: rep.Danger || m.Urgency == report.UrgencyDanger,
			Assigned: who[m.Assigned], Mine: m.Assigned == v.Account.ID, Size: kilobytes(rep.Size), Restricted: m.Restricted,
			Phone: rep.Channel == report.ChannelPhone, Mentions: also[rep.ID], Version: m.Version, Reason: m.Reason,
			Replied: rep.Head.Seq > 1 && m.Replied >= clock.HourOf(m.Answered),
		}
		if rows[i].Late, err = s.lateClock(v, times, rep); err != nil {
			return nil, err
		}
		rows[i].Overdue = rows[i].Late != ""
	}
	return rows, nil
}

// inboxCSV is the list as the server knows it: marks, never contents.
func (s *Site) inboxCSV(v *visit, w http.ResponseWriter, r *http.Request) error {
	in, err := s.Reports.List(r.Context(), v.Subject, v.programme.ID, filter(r.URL.Query()))
	if err != nil {
		return err
	}
	rows, err := s.inboxRows(v, r, in.Reports)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="inbox.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"report", "arrived", "desk", "state", "reason", "urgency", "danger", "assigned", "size", "restricted"}) // errors show in Error
	for _, x := range rows {
		_ = out.Write([]string{
			x.ID, time.Unix(x.ArrivedAt*3600, 0).UTC().Format(time.RFC3339), x.Desk, string(x.State), string(x.Reason), string(x.Urgency),
			strconv.FormatBool(x.Danger), safeCell(x.Assigned), x.Size, strconv.FormatBool(x.Restricted),
		})
	}
	out.Flush()
	return nil
}

// safeCell keeps a spreadsheet from taking a name for a formula.
func safeCell(text string) string {
	if text != "" && slices.Contains([]byte("=+-@\t\r"), text[0]) {
		return "'" + text
	}
	return text
}

// waiting answers what the browser's notification needs: counts, nothing else.
func (s *Site) waiting(v *visit, w http.ResponseWriter, r *http.Request) error {
	in, err := s.Reports.List(r.Context(), v.Subject, v.programme.ID, report.Filter{Queue: report.QueueNew, Limit: 1})
	if err != nil && fault.KindOf(err) != fault.Forbidden { // who reads no reports may still be called for a life at risk
		return err
	}
	page.WriteJSON(w, http.StatusOK, map[string]int{
		"ringing": v.ringing,
		"new":     in.Tally[report.QueueNew], "danger": in.Tally[report.QueueDanger], "replied": in.Tally[report.QueueReplied],
	})
	return nil
}

// covers releases sealed covers to the member's browser; each release is in
// the ledger before it is answered.
func (s *Site) covers(v *visit, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Reports []id.ID `json:"reports"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	covers, err := s.Reports.Covers(r.Context(), v.Subject, v.programme.ID, in.Reports)
	if err != nil {
		return err
	}
	out := make([]coverJSON, len(covers))
	for i, c := range covers {
		out[i] = coverJSON{Report: c.Report, Envelope: envelope(c.Envelope), Grants: grants(c.Grants)}
	}
	page.WriteJSON(w, http.StatusOK, map[string]any{"covers": out})
	return nil
}

type coverJSON struct {
	Report   id.ID        `json:"report"`
	Envelope envelopeJSON `json:"envelope"`
	Grants   []grantJSON  `json:"grants"`
}

type envelopeJSON struct {
	Seq   int         `json:"seq"`
	Epoch int         `json:"epoch"`
	Role  string      `json:"role"`
	Hash  report.Hash `json:"hash"`
	Hour  clock.Hour  `json:"hour"`
	Body  []byte      `json:"body"`
}

type grantJSON struct {
	Epoch     int    `json:"epoch"`
	To        string `json:"to"`
	Recipient id.ID  `json:"recipient"`
	Body      []byte `json:"body"`
}

func envelope(e report.Envelope) envelopeJSON {
	return envelopeJSON{Seq: e.Seq, Epoch: e.Epoch, Role: e.Role, Hash: e.Hash, Hour: e.Hour, Body: e.Body}
}

func grants(all []report.Grant) []grantJSON {
	out := make([]grantJSON, len(all))
	for i, g := range all {
		out[i] = grantJSON{Epoch: g.Epoch, To: g.To, Recipient: g.Recipient, Body: g.Body}
	}
	return out
}

func reasonKeys() []reasonKey {
	keys := make([]reasonKey, len(report.Reasons))
	for i, reason := range report.Reasons {
		keys[i] = reasonKey{Key: i + 1, Reason: reason, Text: "reason." + string(reason)}
	}
	return keys
}

// options makes the options of a select; texts are prefix + value, and the
// empty value is called none.
func options[T ~string](values []T, selected T, prefix string) []option {
	out := make([]option, len(values))
	for i, value := range values {
		text := prefix + string(value)
		if value == "" {
			text = prefix + "none"
		}
		out[i] = option{Value: string(value), Text: text, Selected: value == selected}
	}
	return out
}

// short is the part of an id that people say to each other.
func short(report id.ID) string { return report.String()[:8] }

func kilobytes(n int) string { return strconv.Itoa((n+1023)/1024) + " KB" }

func (v *visit) deskName(desk id.ID) string {
	d, ok := v.programme.Desk(desk)
	if !ok {
		return short(desk)
	}
	return d.Name.In(v.lang)
}

// formID reads an id of a form.
func formID(form url.Values, name string) (id.ID, error) {
	if form.Get(name) == "" {
		return id.ID{}, nil
	}
	x, err := id.Parse(form.Get(name))
	if err != nil {
		return id.ID{}, fault.Wrap(fault.Invalid, "The form names something that isn't there.", err)
	}
	return x, nil
}
