// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"net/url"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// outside is the frame of the partner's own pages: nothing of the house, and no
// script.
func (s *Site) outside(v *visit) frame {
	f := frame{Shell: page.NewShell(v.lang, "desk"), Name: v.Account.Name, Words: map[string]string{}, Outside: true}
	if f.Name != "" {
		f.Programmes = s.programmesOf(v)
	}
	return f
}

type receivedPage struct {
	frame
	Partner string
	House   string
	Rows    []referralRow
	States  []option
	Newer   string
	Older   string
}

// receivedPage lists what was referred to the partner.
func (s *Site) receivedPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	partner, err := s.Referrals.At(r.Context(), v.Subject, v.programme.ID, v.partner)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	offset := pageOffset(q)
	var states []referral.State
	if state := q.Get("state"); state != "" {
		states = []referral.State{referral.State(state)}
	}
	all, more, err := s.Referrals.Inbox(r.Context(), v.Subject, v.programme.ID, v.partner, states, offset, referralsSize)
	if err != nil {
		return err
	}
	p := receivedPage{
		frame: s.outside(v), Partner: partner.Name, House: v.programme.Name.In(v.lang),
		States: options(append([]referral.State{""}, referral.States...), referral.State(q.Get("state")), "ref.state_"),
	}
	for _, x := range all {
		row := s.referralRow(v, x)
		row.To = v.atPartner(x.ID)
		p.Rows = append(p.Rows, row)
	}
	p.Newer, p.Older = turn(q, offset, referralsSize, more)
	return s.templates.Write(w, http.StatusOK, v.lang, "received", p)
}

func (v *visit) atPartner(of id.ID) string {
	return "/at/" + v.programme.Slug + "/" + v.partner.String() + "/" + of.String()
}

// receivedView is what both the partner's page and the one-time page show.
type receivedView struct {
	frame
	Partner   string
	House     string
	Row       referralRow
	Package   referral.Package
	Reason    string
	Steps     []stepRow
	Questions []questionRow
	Acts      []option
	Legend    string
	Declines  []option
	resultChoices
	To       string // where the form goes
	Back     string
	Token    string // of the next step; empty on the account's page
	Form     url.Values
	Today    string
	Recalled bool
}

// view words what a partner may see.
func (s *Site) view(v *visit, got referral.Received, form url.Values) receivedView {
	p := receivedView{
		frame: s.outside(v), Row: s.referralRow(v, got.Referral), Package: got.Package, Reason: got.Referral.Reason, Steps: s.stepRows(v, got.Steps, nil),
		Questions: questionRows(v, got.Questions), Acts: s.canDo(got.Referral), Legend: "ref.what", Declines: s.declines(v, form.Get("code")), Form: form, resultChoices: s.resultChoices(v, form),
		Today: s.Clock.Now().UTC().Format(time.DateOnly), Recalled: got.Referral.State == referral.Recalled, House: got.Package.Programme,
	}
	p.Package.Category = s.categoryName(v, got.Package.Category)
	return p
}

func (s *Site) receivedOne(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showReceived(v, w, r, url.Values{}, nil)
}

func (s *Site) showReceived(v *visit, w http.ResponseWriter, r *http.Request, form url.Values, problem error) error {
	of, err := pathID(r, "referral")
	if err != nil {
		return err
	}
	got, err := s.Referrals.Receive(r.Context(), v.Subject, v.programme.ID, v.partner, of)
	if err != nil {
		return err
	}
	p := s.view(v, got, form)
	p.To, p.Back, p.House = v.atPartner(of), "/at/"+v.programme.Slug+"/"+v.partner.String(), v.programme.Name.In(v.lang)
	p.Done = done(r)
	return s.templates.Write(w, s.told(&p.frame, problem, "text"), v.lang, "received_one", p)
}

// replyTo records what a liaison answers.
func (s *Site) replyTo(v *visit, w http.ResponseWriter, r *http.Request) error {
	of, err := pathID(r, "referral")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	_, err = s.Referrals.Reply(r.Context(), v.Subject, v.programme.ID, v.partner, of, replyOf(form))
	if correctable(err) {
		return s.showReceived(v, w, r, form, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.atPartner(of)+"?done=saved")
}

type linkClosedPage struct {
	frame
	Token string
}

// linkPage is what a one-time link shows before a person clicks. It looks at
// no store and is the same for every token, so that previews and scanners learn
// and use up nothing.
func (s *Site) linkPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	if len(token) > 100 {
		token = token[:100] // longer ones open nothing
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "link", linkClosedPage{frame: s.outside(v), Token: token})
}

// openLink uses a link up, for a person's click.
func (s *Site) openLink(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	got, err := s.Referrals.OpenLink(r.Context(), form.Get("token"))
	return s.showLink(v, w, got, url.Values{}, err, err)
}

// stepLink records one answer on the page behind a link.
func (s *Site) stepLink(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	token := form.Get("token")
	got, problem := s.Referrals.StepLink(r.Context(), token, replyOf(form))
	if correctable(problem) {
		got, err = s.Referrals.Peek(r.Context(), token)
		return s.showLink(v, w, got, form, problem, err)
	}
	return s.showLink(v, w, got, url.Values{}, nil, problem)
}

// showLink shows the page behind a link, or that there is none.
func (s *Site) showLink(v *visit, w http.ResponseWriter, got referral.Opened, form url.Values, problem, missing error) error {
	if missing != nil {
		if k := fault.KindOf(missing); k != fault.NotFound && k != fault.TooMany {
			return missing
		}
		p := errorPage{frame: s.outside(v), Sentence: s.sentence(v.lang, missing), Status: page.Status(missing)}
		return s.templates.Write(w, p.Status, v.lang, "error", p)
	}
	p := s.view(v, got.Received, form)
	p.Partner, p.To, p.Token = got.Partner.Name, "/partner/answer", got.Next
	return s.templates.Write(w, s.told(&p.frame, problem, "text"), v.lang, "received_one", p)
}
