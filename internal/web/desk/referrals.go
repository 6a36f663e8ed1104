// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

const referralsSize = 50

// referralRoutes are the pages about partners and what is referred to them.
var referralRoutes = []Route{
	{"GET", "/p/{programme}/partners", Inside, (*Site).partnersPage},
	{"POST", "/p/{programme}/partners/times", Inside, (*Site).setTimes},
	{"GET", "/p/{programme}/partners/{partner}", Inside, (*Site).partnerPage},
	{"POST", "/p/{programme}/partners/{partner}", Inside, (*Site).savePartner},
	{"POST", "/p/{programme}/partners/{partner}/people", Inside, (*Site).inviteLiaison},

	{"GET", "/p/{programme}/referrals", Inside, (*Site).referralsPage},
	{"GET", "/p/{programme}/refer/{item}", Inside, (*Site).referPage},
	{"POST", "/p/{programme}/refer/{item}", Inside, (*Site).refer},
	{"GET", "/p/{programme}/referrals/{referral}", Inside, (*Site).referralPage},
	{"POST", "/p/{programme}/referrals/{referral}/typed", Inside, (*Site).typeIn},
	{"POST", "/p/{programme}/referrals/{referral}/recall", Inside, (*Site).recall},
	{"POST", "/p/{programme}/referrals/{referral}/renew", Inside, (*Site).renewReferral},
	{"POST", "/p/{programme}/referrals/{referral}/link", Inside, (*Site).makeLink},
	{"POST", "/p/{programme}/referrals/{referral}/link/revoke", Inside, (*Site).revokeLink},
	{"GET", "/p/{programme}/questions", Inside, (*Site).questionsPage},
	{"POST", "/p/{programme}/questions/{question}/put", Inside, (*Site).putQuestion},
	{"POST", "/p/{programme}/questions/{question}/pass", Inside, (*Site).passOn},
	{"POST", "/p/{programme}/questions/{question}/refuse", Inside, (*Site).refuseQuestion},
	{"GET", "/p/{programme}/chase", Inside, (*Site).chasePage},
	{"GET", "/p/{programme}/chase.csv", Inside, (*Site).chaseCSV},
	{"POST", "/p/{programme}/chase/{referral}", Inside, (*Site).chased},
	{"GET", "/p/{programme}/overdue", Inside, (*Site).overduePage},

	{"GET", "/at/{programme}/{partner}", AtPartner, (*Site).receivedPage},
	{"GET", "/at/{programme}/{partner}/{referral}", AtPartner, (*Site).receivedOne},
	{"POST", "/at/{programme}/{partner}/{referral}", AtPartner, (*Site).replyTo},

	{"GET", "/partner/{token}", Anybody, (*Site).linkPage},
	{"POST", "/partner", Anybody, (*Site).openLink},
	{"POST", "/partner/answer", Anybody, (*Site).stepLink},
}

// referralRow is one referral in a list.
type referralRow struct {
	ID, To, Number, Title, Item, Partner, Desk, Sent, Due, Chased string
	State                                                         referral.State
	Role                                                          referral.Role
	Overdue                                                       bool
	Days                                                          int // overdue by
	Chases                                                        int
	Questions                                                     int
}

func (s *Site) referralRows(v *visit, r *http.Request, all []referral.Referral) ([]referralRow, error) {
	partners, err := s.Referrals.AllPartners(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return nil, err
	}
	called := map[id.ID]string{}
	for _, p := range partners {
		called[p.ID] = p.Name
	}
	rows := make([]referralRow, len(all))
	for i, x := range all {
		rows[i] = s.referralRow(v, x)
		rows[i].Partner = called[x.Partner]
	}
	return rows, nil
}

func (s *Site) referralRow(v *visit, x referral.Referral) referralRow {
	clock, now := x.Clock(), s.Clock.Now()
	row := referralRow{
		ID: x.ID.String(), To: v.at("/referrals/" + x.ID.String()), Number: x.Number, Title: x.Title, Item: x.ItemNumber, Sent: minute(x.SentAt), Due: minute(x.Due),
		Chased: minute(x.ChasedAt), State: x.State, Role: x.Role, Chases: x.Chases,
		Overdue: clock.Status(now) == referral.Overdue, Days: int(clock.Over(now) / (24 * time.Hour)),
	}
	if d, ok := v.programme.Desk(x.Desk); ok {
		row.Desk = d.Name.In(v.lang)
	}
	return row
}

type referralsPage struct {
	frame
	Rows     []referralRow
	States   []option
	Partners []option
	Newer    string
	Older    string
}

func (s *Site) referralsPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := referral.Filter{Limit: referralsSize, Offset: pageOffset(q)}
	if state := q.Get("state"); state != "" {
		f.States = []referral.State{referral.State(state)}
	}
	var err error
	if f.Partner, err = formID(q, "partner"); err != nil {
		return err
	}
	all, more, err := s.Referrals.All(r.Context(), v.Subject, v.programme.ID, f)
	if err != nil {
		return err
	}
	p := referralsPage{frame: s.frame(v, "/referrals"), States: options(append([]referral.State{""}, referral.States...), referral.State(q.Get("state")), "ref.state_")}
	if p.Rows, err = s.referralRows(v, r, all); err != nil {
		return err
	}
	partners, err := s.Referrals.AllPartners(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	for _, x := range partners {
		p.Partners = append(p.Partners, option{Value: x.ID.String(), Text: x.Name, Selected: x.ID == f.Partner})
	}
	p.Newer, p.Older = turn(q, f.Offset, referralsSize, more)
	return s.templates.Write(w, http.StatusOK, v.lang, "referrals", p)
}

// pageOffset reads where a list starts.
func pageOffset(q url.Values) int {
	n, err := strconv.Atoi(q.Get("from"))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, 10_000)
}

// turn returns the addresses of the pages before and after.
func turn(q url.Values, offset, size int, more bool) (newer, older string) {
	at := func(n int) string {
		to := url.Values{}
		for key, values := range q {
			to[key] = values
		}
		to.Set("from", strconv.Itoa(n))
		return "?" + to.Encode()
	}
	if offset > 0 {
		newer = at(max(0, offset-size))
	}
	if more && offset+size <= 10_000 {
		older = at(offset + size)
	}
	return newer, older
}

type referPage struct {
	frame
	Item     string
	Title    string
	Number   string
	Version  int
	Handling string
	Words    []string
	Leave    bool // the handling asks for somebody's leave
	Partners []referChoice
	Rows     []referralRow
	Form     url.Values
}

// referChoice is a partner with what stands against referring to it.
type referChoice struct {
	ID, Name, Against string
	Selected          bool
}

func (s *Site) referPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showRefer(v, w, r, url.Values{"role": {"primary"}}, nil)
}

func (s *Site) showRefer(v *visit, w http.ResponseWriter, r *http.Request, form url.Values, problem error) error {
	of, err := pathID(r, "item")
	if err != nil {
		return err
	}
	item, err := s.Referrals.Referable(r.Context(), v.Subject, v.programme.ID, of)
	if err != nil {
		return err
	}
	partners, err := s.Referrals.AllPartners(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := referPage{
		frame: s.frame(v, "/referrals/refer"), Item: of.String(), Title: item.Title, Number: item.Number, Version: item.Version,
		Handling: referral.Allowed{Scheme: item.Handling.Scheme, Code: item.Handling.Code, Conditions: item.Handling.Conditions}.String(),
		Leave:    s.Referrals.Rules.NeedsPermission(item.Handling), Form: form,
	}
	if p.Words, err = s.Referrals.Rules.Instructions(item.Handling, v.lang); err != nil && !correctable(err) {
		return err
	}
	for _, x := range partners {
		if x.Ended {
			continue
		}
		c := referChoice{ID: x.ID.String(), Name: x.Name, Selected: form.Get("partner") == x.ID.String()}
		if against := s.Referrals.Rules.Admit(x, item.Handling, item.Category, "asked", s.Clock.Now()); against != nil {
			c.Against = against.Error()
		}
		p.Partners = append(p.Partners, c)
	}
	sent, err := s.Referrals.OfItem(r.Context(), v.Subject, v.programme.ID, of)
	if err != nil {
		return err
	}
	if p.Rows, err = s.referralRows(v, r, sent); err != nil {
		return err
	}
	return s.templates.Write(w, s.told(&p.frame, problem, "reason"), v.lang, "refer", p)
}

func (s *Site) refer(v *visit, w http.ResponseWriter, r *http.Request) error {
	of, err := pathID(r, "item")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	o := referral.Order{Programme: v.programme.ID, Item: of, Role: referral.Role(form.Get("role")), Reason: form.Get("reason"), Permission: form.Get("permission")}
	if o.Partner, err = formID(form, "partner"); err != nil {
		return err
	}
	if o.Version, err = strconv.Atoi(form.Get("version")); err != nil {
		o.Version = -1 // no version was seen: refused as an old one
	}
	made, err := s.Referrals.Refer(r.Context(), v.Subject, o)
	if correctable(err) {
		return s.showRefer(v, w, r, form, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/referrals/"+made.ID.String()+"?done=referred"))
}

// stepRow is one line of a referral's history.
type stepRow struct{ At, Act, Way, Who, Said, Code, Text string }

func (s *Site) stepRows(v *visit, steps []referral.Step, who map[id.ID]string) []stepRow {
	rows := make([]stepRow, len(steps))
	for i, x := range steps {
		rows[i] = stepRow{At: minute(x.At), Act: v.say("ref.act_" + string(x.Act)), Way: string(x.Way), Who: who[x.By], Said: x.Said, Text: x.Text}
		if x.Code != "" {
			rows[i].Code = v.named(s.Referrals.Rules.Declines, x.Code)
		}
		if x.How != "" {
			rows[i].Said += " (" + x.How
			if x.When != "" {
				rows[i].Said += ", " + x.When
			}
			rows[i].Said += ")"
		}
	}
	return rows
}

// canDo lists the partner's acts that the referral allows now.
func (s *Site) canDo(x referral.Referral) []option {
	var acts []option
	for _, a := range []referral.Act{referral.Acknowledge, referral.Accept, referral.Decline, referral.Progress, referral.Outcome, referral.Close, referral.Ask} {
		if x.Check(a) == nil {
			acts = append(acts, option{Value: string(a), Text: "ref.do_" + string(a)})
		}
	}
	return acts
}

func (s *Site) declines(v *visit, chosen string) []option {
	var all []option
	for _, m := range s.Referrals.Rules.Declines {
		all = append(all, option{Value: m.Code, Text: m.In(v.lang), Selected: m.Code == chosen})
	}
	return all
}

type referralPage struct {
	frame
	Row       referralRow
	Reason    string
	Leave     string
	Item      string
	PartnerTo string
	Package   referral.Package
	Versions  int
	Newest    int // offered when above the package's version
	Steps     []stepRow
	Questions []questionRow
	Links     []linkRow
	Acts      []option
	Legend    string
	Declines  []option
	resultChoices
	May   bool
	Over  bool // recalled: nothing more can be done
	Today string
	Link  string
	Form  url.Values
}

type linkRow struct{ Made, Expires, State string }

func (s *Site) referralPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showReferral(v, w, r, url.Values{}, nil, "")
}

func (s *Site) showReferral(v *visit, w http.ResponseWriter, r *http.Request, form url.Values, problem error, link string) error {
	of, err := pathID(r, "referral")
	if err != nil {
		return err
	}
	x, err := s.Referrals.Look(r.Context(), v.Subject, v.programme.ID, of)
	if err != nil {
		return err
	}
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	who, now := names(colleagues), s.Clock.Now()
	p := referralPage{
		frame: s.frame(v, "/referrals/one"), Row: s.referralRow(v, x.Referral), Reason: x.Referral.Reason, Leave: x.Referral.Permission, Item: x.Referral.Item.String(),
		PartnerTo: v.at("/partners/" + x.Partner.ID.String()), Package: x.Package, Versions: len(x.Packages), Steps: s.stepRows(v, x.Steps, who),
		Questions: questionRows(v, x.Questions), Acts: s.canDo(x.Referral), Legend: "ref.what_said", Declines: s.declines(v, form.Get("code")), resultChoices: s.resultChoices(v, form),
		May: v.Subject.Holds(v.programme.ID, authz.Reviewer), Over: x.Referral.State == referral.Recalled, Today: now.UTC().Format(time.DateOnly), Link: link, Form: form,
	}
	p.Row.Partner, p.Package.Category = x.Partner.Name, s.categoryName(v, x.Package.Category)
	if x.Newest > x.Referral.Version && x.Referral.Check(referral.Renew) == nil {
		p.Newest = x.Newest
	}
	for _, l := range x.Links {
		row := linkRow{Made: minute(l.Made), Expires: minute(l.Expires), State: "ref.link_open"}
		switch {
		case !l.Revoked.IsZero():
			row.State = "ref.link_revoked"
		case !l.Used.IsZero():
			row.State = "ref.link_used"
		case !now.Before(l.Expires):
			row.State = "ref.link_old"
		}
		p.Links = append(p.Links, row)
	}
	p.Done = done(r)
	return s.templates.Write(w, s.told(&p.frame, problem, "text"), v.lang, "referral", p)
}
