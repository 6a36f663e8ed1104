// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type readingPage struct {
	frame
	Row       inboxRow
	Report    string
	FirstRead string
	Waited    int // hours until the first read, or until now
	Members   []memberOption
	Urgencies []option
	States    []option
	Reasons   []reasonKey
	Acts      []actRow
	Named     []string
	Question  *questionRow // of a partner, to be rewritten
	Clocks    []reportClock
	Alarm     *alarmRow // that the report rings
	Shut      bool      // restricted to others: the visitor sees that it is there, no more

	Selectors []seal.BlindKind
	Item      *itemForm  // nil for who writes no items
	Items     []draftRow // written from the report
	Hard      string     // categories whose files are hard to look at
	Break     int        // minutes of looking at such files after which a break is suggested
}

// breakAfter is in minutes. Who moderates such material is advised to pause
// at least every half hour.
const breakAfter = 20

type memberOption struct {
	ID, Name string
	Assigned bool
	Named    bool
	Holder   bool
}

type actRow struct{ At, Who, What, Detail string }

// readingPage shows a report's marks. What it says comes later, when the
// browser asks for it with its keys unlocked.
func (s *Site) readingPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	look, err := s.Reports.Look(r.Context(), v.Subject, v.programme.ID, rep)
	if err != nil {
		return err
	}
	rows, err := s.inboxRows(v, r, []report.Report{look.Report})
	if err != nil {
		return err
	}
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	m := look.Report.Marks
	p := readingPage{
		frame: s.frame(v, "/inbox/reading"), Row: rows[0], Report: rep.String(), FirstRead: minute(m.FirstRead),
		Urgencies: options(urgencies, m.Urgency, "urgency."),
		States:    options([]report.State{report.StateOpen, report.StateWaiting}, m.State, "state."),
		Reasons:   reasonKeys(), Acts: s.actRows(v, look.Acts, names(colleagues)), Selectors: seal.BlindKinds(),
		Hard: strings.Join(s.Questions.Hard(), " "), Break: breakAfter,
	}
	until := clock.HourOf(s.Clock.Now())
	if !m.FirstRead.IsZero() {
		until = clock.HourOf(m.FirstRead)
	}
	p.Waited = int(until - look.Report.Arrived)
	p.Members = membersOf(colleagues, look)
	for _, x := range p.Members {
		if x.Named {
			p.Named = append(p.Named, x.Name)
		}
	}
	p.Shut = shut(v, look)
	if p.Question, err = s.questionFor(v, r, rep); err != nil {
		return err
	}
	if p.Alarm, err = s.alarmOf(v, r, rep); err != nil {
		return err
	}
	if p.Clocks, err = s.reportClocks(v, r, look.Report); err != nil {
		return err
	}
	if !p.Shut {
		if p.Item, p.Items, err = s.besideReport(v, r, look.Report); err != nil {
			return err
		}
		v.leakTexts(p.Words)
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "reading", p)
}

// shut reports whether a report is restricted to others than the visitor.
func shut(v *visit, look report.Look) bool {
	return look.Report.Marks.Restricted && !slices.Contains(look.Named, v.Account.ID)
}

// membersOf lists the reviewers of a report's desk.
func membersOf(colleagues []people.Colleague, look report.Look) []memberOption {
	var members []memberOption
	for _, c := range colleagues {
		if c.State != people.Active || !c.AtDesk(look.Report.Desk, authz.Reviewer) {
			continue
		}
		members = append(members, memberOption{
			ID: c.ID.String(), Name: c.Name, Assigned: c.ID == look.Report.Marks.Assigned, Named: slices.Contains(look.Named, c.ID),
		})
	}
	return members
}

// actRows words the history. The desk's acts are a word, perhaps with an object.
func (s *Site) actRows(v *visit, acts []report.Act, who map[id.ID]string) []actRow {
	rows := make([]actRow, len(acts))
	for i, a := range acts {
		rows[i] = actRow{At: minute(a.At), Who: who[a.Who], What: v.act(a.What, who), Detail: a.Detail}
	}
	return rows
}

// act words what somebody did: a verb, perhaps with an object, which is a
// person or a mark.
func (v *visit) act(what string, who map[id.ID]string) string {
	verb, object, _ := strings.Cut(what, " ")
	if account, err := id.Parse(object); err == nil {
		object = who[account]
	}
	word, err := v.words.Say("act." + verb)
	if err != nil {
		word = strings.ReplaceAll(verb, "-", " ")
	}
	for _, prefix := range []string{"state.", "urgency.", "reason."} {
		if said, err := v.words.Say(prefix + object); err == nil && object != "" {
			object = said
			break
		}
	}
	return strings.TrimSpace(word + " " + object)
}

type openedJSON struct {
	Report     id.ID          `json:"report"`
	Desk       id.ID          `json:"desk"`
	Epoch      int            `json:"epoch"`
	Roster     report.Hash    `json:"roster"`
	Version    int            `json:"version"`
	State      string         `json:"state"`      // in words, as it is after the opening
	FirstRead  string         `json:"first_read"` // the same
	Restricted bool           `json:"restricted"`
	Named      []id.ID        `json:"named"`
	Envelopes  []envelopeJSON `json:"envelopes"`
	Grants     []grantJSON    `json:"grants"`
	Mentions   []mentionJSON  `json:"mentions"`
}

type mentionJSON struct {
	Report id.ID  `json:"report"`
	Short  string `json:"short"`
}

func opened(v *visit, o report.Opened) openedJSON {
	out := openedJSON{
		Report: o.Report.ID, Desk: o.Report.Desk, Epoch: o.Report.Epoch, Roster: o.Report.Roster, Version: o.Report.Marks.Version,
		State: v.say("state." + string(o.Report.Marks.State)), FirstRead: minute(o.Report.Marks.FirstRead),
		Restricted: o.Report.Marks.Restricted, Named: o.Named, Grants: grants(o.Grants), Envelopes: []envelopeJSON{},
	}
	for _, e := range o.Envelopes {
		out.Envelopes = append(out.Envelopes, envelope(e))
	}
	return out
}

func mentions(reports []id.ID) []mentionJSON {
	out := make([]mentionJSON, len(reports))
	for i, x := range reports {
		out[i] = mentionJSON{Report: x, Short: short(x)}
	}
	return out
}

// openReport releases a report to the member's browser.
func (s *Site) openReport(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	o, err := s.Reports.Open(r.Context(), v.Subject, v.programme.ID, rep)
	if err != nil {
		return err
	}
	also, err := s.Reports.Mentions(r.Context(), v.Subject, v.programme.ID, rep)
	if err != nil {
		return err
	}
	out := opened(v, o)
	out.Mentions = mentions(also)
	page.WriteJSON(w, http.StatusOK, out)
	return nil
}

// export releases a report as the document that `turnstone unseal` reads.
func (s *Site) export(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	o, err := s.Reports.Export(r.Context(), v.Subject, v.programme.ID, rep)
	if err != nil {
		return err
	}
	document, err := s.exportDocument(v, r, o)
	if err != nil {
		return err
	}
	kind, ending := "application/json", ".json"
	if len(o.Files) > 0 {
		kind, ending = "application/zip", ".zip"
	}
	w.Header().Set("Content-Disposition", `attachment; filename="report-`+short(rep)+ending+`"`)
	w.Header().Set("Content-Type", kind)
	missing, err := archive.Write(w, document, o.Files)
	for _, m := range missing { // unseal tells the reader by the file's name, which nobody knows here
		s.Logger.ErrorContext(r.Context(), "a piece of a file is lost", "blob", m.Blob, "piece", m.Piece, "error", m.Err)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the browser left, or must see that it is not the whole
	}
	return nil
}

type sealedJSON struct {
	Seq   int         `json:"seq"`
	Epoch int         `json:"epoch"`
	Prev  report.Hash `json:"prev"`
	Hash  report.Hash `json:"hash"`
	Body  []byte      `json:"body"`
}

func (x sealedJSON) envelope() report.Envelope {
	return report.Envelope{Seq: x.Seq, Epoch: x.Epoch, Role: "desk", Hash: x.Hash, Body: x.Body}
}

// answer appends what the member's browser sealed.
func (s *Site) answer(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	var in struct {
		sealedJSON
		Ask bool `json:"ask"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := s.Reports.Answer(r.Context(), v.Subject, v.programme.ID, rep, in.Prev, in.envelope(), in.Ask); err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusCreated, map[string]string{"next": v.at("/reports/" + rep.String())})
	return nil
}

// restrict seals a report anew to named members, or to the whole desk again.
func (s *Site) restrict(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	var in struct {
		Key    sealedJSON  `json:"key"`
		Epoch  int         `json:"epoch"`
		Grants []grantJSON `json:"grants"`
		Named  []id.ID     `json:"named"`
		Reason string      `json:"reason"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := s.reviewersOnly(v, r, rep, in.Named); err != nil {
		return err
	}
	again := report.Reseal{Prev: in.Key.Prev, Key: in.Key.envelope(), Epoch: in.Epoch, Named: in.Named, Reason: in.Reason}
	for _, g := range in.Grants {
		again.Grants = append(again.Grants, report.Grant{Epoch: in.Epoch, To: g.To, Recipient: g.Recipient, Body: g.Body})
	}
	if err := s.Reports.Restrict(r.Context(), v.Subject, v.programme.ID, rep, again); err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, map[string]string{"next": v.at("/reports/" + rep.String())})
	return nil
}

// reviewersOnly refuses to name people who don't review at the report's desk:
// the report would be out of everybody's reach.
func (s *Site) reviewersOnly(v *visit, r *http.Request, rep id.ID, named []id.ID) error {
	look, err := s.Reports.Look(r.Context(), v.Subject, v.programme.ID, rep)
	if err != nil {
		return err
	}
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	members := membersOf(colleagues, look)
	for _, n := range named {
		if !slices.ContainsFunc(members, func(m memberOption) bool { return m.ID == n.String() }) {
			return fault.New(fault.Invalid, "Only people who review at this desk can be named.")
		}
	}
	return nil
}

// index stores the blind tokens that the member confirmed.
func (s *Site) index(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	var in struct {
		Tokens [][]byte `json:"tokens"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	also, err := s.Reports.Index(r.Context(), v.Subject, v.programme.ID, rep, in.Tokens)
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, map[string]any{"mentions": mentions(also)})
	return nil
}

// mark changes the desk's marks: a form, and what one key of the inbox sends.
func (s *Site) mark(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	c := report.Change{Note: strings.TrimSpace(form.Get("note"))}
	if c.Version, err = strconv.Atoi(form.Get("version")); err != nil {
		return fault.Wrap(fault.Invalid, "The form does not say which version it saw.", err)
	}
	if form.Has("state") {
		state := report.State(form.Get("state"))
		c.State = &state
	}
	if form.Has("urgency") {
		urgency := report.Urgency(form.Get("urgency"))
		c.Urgency = &urgency
	}
	if form.Has("close") {
		reason := report.Reason(form.Get("close"))
		c.Close = &reason
	}
	if form.Has("assigned") {
		to, err := formID(form, "assigned")
		if err != nil {
			return err
		}
		if err := s.reviewersOnly(v, r, rep, slices.DeleteFunc([]id.ID{to}, id.ID.IsZero)); err != nil {
			return err
		}
		c.Assigned = &to
	}
	m, err := s.Reports.Mark(r.Context(), v.Subject, v.programme.ID, rep, c)
	if err != nil {
		return err
	}
	if fromScript(r) {
		page.WriteJSON(w, http.StatusOK, map[string]any{"version": m.Version, "state": m.State, "reason": m.Reason})
		return nil
	}
	return back(w, r, v.at("/reports/"+rep.String()+"?done=saved"))
}
