// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type partnersPage struct {
	frame
	Partners []partnerRow
	May      bool
	Times    referral.Settings
	Days     []option
	Form     url.Values
}

type partnerRow struct {
	To, Name, Kind, Country, Ways, Until string
	Holds, Ended                         bool
}

// named words a mark of the release rules.
func (v *visit) named(marks []referral.Mark, code string) string {
	for _, m := range marks {
		if m.Code == code {
			return m.In(v.lang)
		}
	}
	return code
}

func (s *Site) partnersPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	times, err := s.Referrals.Times(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	return s.showPartners(v, w, r, times, nil)
}

func (s *Site) showPartners(v *visit, w http.ResponseWriter, r *http.Request, times referral.Settings, problem error) error {
	all, err := s.Referrals.AllPartners(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := partnersPage{frame: s.frame(v, "/partners"), May: v.Subject.Holds(v.programme.ID, authz.Administrator), Times: times}
	for day := time.Sunday; day <= time.Saturday; day++ {
		p.Days = append(p.Days, option{Value: strconv.Itoa(int(day)), Text: "ref.day" + strconv.Itoa(int(day)), Selected: day == times.Digest})
	}
	now := s.Clock.Now()
	for _, x := range all {
		row := partnerRow{To: v.at("/partners/" + x.ID.String()), Name: x.Name, Kind: v.named(s.Referrals.Rules.Organisations, x.Kind), Country: x.Country, Until: x.Agreement.Until, Holds: x.Agreement.Holds(now), Ended: x.Ended}
		row.Ways = v.say(wayOf(x))
		p.Partners = append(p.Partners, row)
	}
	p.Done = done(r)
	return s.templates.Write(w, s.told(&p.frame, problem, "first_read"), v.lang, "partners", p)
}

// wayOf is the key of how a partner without an account is reached.
func wayOf(p referral.Partner) string {
	switch {
	case p.Mailbox == "":
		return "ref.way_none"
	case p.Recipient == "":
		return "ref.way_link"
	}
	return "ref.way_sealed"
}

// told puts a problem on the page and returns the page's status.
func (s *Site) told(f *frame, problem error, field string) int {
	if problem == nil {
		return http.StatusOK
	}
	f.Problems = []page.Problem{{Field: field, Message: s.sentence(f.Lang, problem)}}
	return page.Status(problem)
}

// correctable reports whether a person can put right what err is about.
func correctable(err error) bool {
	k := fault.KindOf(err)
	return err != nil && (k == fault.Invalid || k == fault.Conflict)
}

// spans reads several times allowed; the first that is wrong is told.
func spans(form url.Values, into map[string]*referral.Span) error {
	for _, name := range slices.Sorted(maps.Keys(into)) {
		span, err := referral.ParseSpan(strings.TrimSpace(form.Get(name)))
		if err != nil {
			return err
		}
		*into[name] = span
	}
	return nil
}

func (s *Site) setTimes(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	times, err := s.Referrals.Times(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	seen := times
	if seen.Revision, err = strconv.Atoi(form.Get("revision")); err == nil {
		err = spans(form, map[string]*referral.Span{
			"first_read": &seen.FirstRead, "danger": &seen.Danger, "reporter": &seen.Reporter, "feedback": &seen.Feedback, "escalate": &seen.Escalate, "link": &seen.Link,
		})
	}
	if err == nil {
		var day int
		day, err = strconv.Atoi(form.Get("digest"))
		seen.Digest = time.Weekday(day)
	}
	if err != nil && fault.KindOf(err) == fault.Internal {
		err = fault.Wrap(fault.Invalid, "The form is not as this page made it. Load it again.", err)
	}
	if err == nil {
		err = s.Referrals.SetTimes(r.Context(), v.Subject, v.programme.ID, seen)
	}
	if correctable(err) {
		if denied := authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Programme, Programme: v.programme.ID}); denied != nil {
			return denied
		}
		return s.showPartners(v, w, r, times, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/partners?done=saved"))
}

type partnerPage struct {
	frame
	ID         string // empty for a new one
	Partner    referral.Partner
	Codes      string
	Languages  string
	Categories []option
	Kinds      []option
	May        bool
	Liaisons   []personRow
	Form       url.Values
	Speak      []languageRow
	Link       string
	For        string
}

// partnerID reads the partner of the path; "new" is the zero one.
func partnerID(r *http.Request) (id.ID, error) {
	if r.PathValue("partner") == "new" {
		return id.ID{}, nil
	}
	return pathID(r, "partner")
}

func (s *Site) partnerPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	partner, err := partnerID(r)
	if err != nil {
		return err
	}
	x := referral.Partner{Programme: v.programme.ID, Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"}, Languages: []string{v.programme.Languages[0]}}
	if partner.IsZero() {
		err = authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Partner, Programme: v.programme.ID})
	} else {
		x, err = s.Referrals.APartner(r.Context(), v.Subject, v.programme.ID, partner)
	}
	if err != nil {
		return err
	}
	return s.showPartner(v, w, r, partnerPage{Partner: x, Codes: codesOf(x), Form: url.Values{}}, nil)
}

func codesOf(p referral.Partner) string {
	var lines []string
	for _, a := range p.Agreement.Codes {
		lines = append(lines, a.String())
	}
	return strings.Join(lines, "\n")
}

func (s *Site) showPartner(v *visit, w http.ResponseWriter, r *http.Request, p partnerPage, problem error) error {
	p.frame = s.frame(v, "/partners/one")
	p.May = v.Subject.Holds(v.programme.ID, authz.Administrator)
	if !p.Partner.ID.IsZero() {
		p.ID = p.Partner.ID.String()
		colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
		if err != nil {
			return err
		}
		for _, c := range colleagues {
			if c.AtDesk(p.Partner.ID, authz.Liaison) {
				p.Liaisons = append(p.Liaisons, personRow{To: v.at("/people/" + c.ID.String()), Name: c.Name, Handle: c.Handle, State: c.State})
			}
		}
	}
	p.Languages = strings.Join(p.Partner.Languages, ", ")
	for _, c := range s.categories(v.lang) {
		p.Categories = append(p.Categories, option{Value: c.Value, Text: c.Text, Selected: slices.Contains(p.Partner.Agreement.Categories, c.Value)})
	}
	for _, k := range s.Referrals.Rules.Organisations {
		p.Kinds = append(p.Kinds, option{Value: k.Code, Text: k.In(v.lang), Selected: k.Code == p.Partner.Kind})
	}
	p.Speak = s.siteLanguages(v.lang)
	p.Done = done(r)
	return s.templates.Write(w, s.told(&p.frame, problem, "name"), v.lang, "partner", p)
}

// partnerOf reads the form of a partner as far as it can be read.
func partnerOf(form url.Values) (referral.Partner, error) {
	p := referral.Partner{
		Name: form.Get("name"), Kind: form.Get("kind"), Country: form.Get("country"), Mailbox: form.Get("mailbox"), Recipient: strings.TrimSpace(form.Get("recipient")),
		Languages: strings.FieldsFunc(form.Get("languages"), func(c rune) bool { return c == ',' || c == ' ' }), Ended: form.Get("ended") == "yes",
		Agreement: referral.Agreement{Reference: form.Get("reference"), From: form.Get("from"), Until: form.Get("until"), Categories: form["category"]},
	}
	var err error
	if p.Agreement.Codes, err = referral.ParseAllowed(form.Get("codes")); err != nil {
		return p, err
	}
	return p, spans(form, map[string]*referral.Span{"acknowledge": &p.Acknowledge, "progress": &p.Progress})
}

func (s *Site) savePartner(v *visit, w http.ResponseWriter, r *http.Request) error {
	partner, err := partnerID(r)
	if err != nil {
		return err
	}
	if err := authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Partner, Programme: v.programme.ID}); err != nil {
		return err
	}
	if !partner.IsZero() {
		if _, err := s.Referrals.APartner(r.Context(), v.Subject, v.programme.ID, partner); err != nil {
			return err
		}
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	x, err := partnerOf(form)
	x.Programme, x.ID = v.programme.ID, partner
	if err == nil && x.Recipient != "" {
		err = s.CheckRecipient(x.Recipient)
	}
	if err == nil && !partner.IsZero() {
		if x.Revision, err = strconv.Atoi(form.Get("revision")); err != nil {
			err = fault.Wrap(fault.Invalid, "The form does not say which revision it saw. Load the page again.", err)
		}
	}
	if err == nil {
		var saved referral.Partner
		if saved, err = s.Referrals.SavePartner(r.Context(), v.Subject, x); err == nil {
			return back(w, r, v.at("/partners/"+saved.ID.String()+"?done=saved"))
		}
	}
	if !correctable(err) {
		return err
	}
	return s.showPartner(v, w, r, partnerPage{Partner: x, Codes: form.Get("codes"), Form: form}, err)
}

// inviteLiaison makes an account at the partner, whose link is shown once.
func (s *Site) inviteLiaison(v *visit, w http.ResponseWriter, r *http.Request) error {
	partner, err := pathID(r, "partner")
	if err != nil {
		return err
	}
	x, err := s.Referrals.APartner(r.Context(), v.Subject, v.programme.ID, partner)
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	_, token, err := s.People.Invite(r.Context(), v.Subject, people.Newcomer{
		Handle: form.Get("handle"), Name: form.Get("person"), Language: s.speak(form.Get("language"), "en"),
		Grant: authz.Grant{Role: authz.Liaison, Programme: v.programme.ID, Desk: partner},
	})
	p := partnerPage{Partner: x, Codes: codesOf(x), Form: form, For: form.Get("person")}
	if err == nil {
		p.Link, p.Form = "/invitation/"+token, url.Values{}
	} else if !correctable(err) {
		return err
	}
	return s.showPartner(v, w, r, p, err)
}
