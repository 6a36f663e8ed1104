// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"context"
	"net/http"
	"net/url"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type peoplePage struct {
	frame
	People    []personRow
	MayInvite bool
	Form      inviteForm
	Link      string // of the invitation just made, shown this once
	For       string
}

type personRow struct {
	To, Name, Handle string
	State            people.State
	Roles            []roleRow
}

type roleRow struct {
	Value    string // role, or role and desk, as the form has it
	Role     string // key of the catalogue
	Desk     string
	Selected bool
}

type inviteForm struct {
	Handle, Name, Language string
	Roles                  []roleRow
	Languages              []languageRow
}

func (s *Site) peoplePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showPeople(v, w, r, http.StatusOK, url.Values{}, nil, "")
}

func (s *Site) showPeople(v *visit, w http.ResponseWriter, r *http.Request, status int, form url.Values, problem error, link string) error {
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := peoplePage{frame: s.frame(v, "/people"), Link: link, For: form.Get("name"), MayInvite: v.Subject.Holds(v.programme.ID, authz.Administrator)}
	for _, c := range colleagues {
		p.People = append(p.People, personRow{To: v.at("/people/" + c.ID.String()), Name: c.Name, Handle: c.Handle, State: c.State, Roles: s.roleRows(v, c.Grants)})
	}
	p.Form = inviteForm{Roles: s.roleChoices(v, form.Get("role")), Languages: s.siteLanguages(form.Get("language"))}
	if link == "" {
		p.Form.Handle, p.Form.Name = form.Get("handle"), form.Get("name")
	}
	if problem != nil {
		p.Problems = []page.Problem{{Field: "handle", Message: s.sentence(v.lang, problem)}}
	}
	return s.templates.Write(w, status, v.lang, "people", p)
}

func (s *Site) siteLanguages(selected string) []languageRow {
	var rows []languageRow
	for _, code := range s.texts.Languages() {
		rows = append(rows, languageRow{Code: code, Name: page.NativeName(code), Selected: code == selected})
	}
	return rows
}

// roleRows words grants; those of other programmes are left out.
func (s *Site) roleRows(v *visit, held []authz.Grant) []roleRow {
	var rows []roleRow
	for _, g := range held {
		if !v.programme.ID.IsZero() && g.Programme != v.programme.ID {
			continue
		}
		row := roleRow{Value: roleValue(g), Role: "role." + string(g.Role)}
		if p, ok := s.Programmes.ByID(g.Programme); ok && !g.Desk.IsZero() {
			if d, ok := p.Desk(g.Desk); ok {
				row.Desk = d.Name.In(v.lang)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// roleChoices lists every role of the programme, those of desks once for each.
func (s *Site) roleChoices(v *visit, selected string) []roleRow {
	var choices []authz.Grant
	for _, role := range authz.House {
		if !role.OfDesk() {
			choices = append(choices, authz.Grant{Role: role, Programme: v.programme.ID})
			continue
		}
		for _, d := range v.programme.Desks {
			choices = append(choices, authz.Grant{Role: role, Programme: v.programme.ID, Desk: d.ID})
		}
	}
	rows := s.roleRows(v, choices)
	for i := range rows {
		rows[i].Selected = rows[i].Value == selected
	}
	return rows
}

func roleValue(g authz.Grant) string {
	if g.Desk.IsZero() {
		return string(g.Role)
	}
	return string(g.Role) + " " + g.Desk.String()
}

// grantOf reads a choice of roleChoices; anything else is refused.
func (s *Site) grantOf(v *visit, value string) (authz.Grant, error) {
	for _, role := range authz.House {
		g := authz.Grant{Role: role, Programme: v.programme.ID}
		if !role.OfDesk() {
			if roleValue(g) == value {
				return g, nil
			}
			continue
		}
		for _, d := range v.programme.Desks {
			if g.Desk = d.ID; roleValue(g) == value {
				return g, nil
			}
		}
	}
	return authz.Grant{}, fault.New(fault.Invalid, "Choose a role.")
}

func (s *Site) invite(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	g, err := s.grantOf(v, form.Get("role"))
	if err == nil {
		var token string
		_, token, err = s.People.Invite(r.Context(), v.Subject, people.Newcomer{
			Handle: form.Get("handle"), Name: form.Get("name"), Language: s.speak(form.Get("language"), "en"), Grant: g,
		})
		if err == nil {
			return s.showPeople(v, w, r, http.StatusOK, form, nil, "/invitation/"+token)
		}
	}
	if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	// Somebody who may not invite is told that, not what is wrong with the form.
	if denied := authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Person, Programme: v.programme.ID}); denied != nil {
		return denied
	}
	return s.showPeople(v, w, r, page.Status(err), form, err, "")
}

type personPage struct {
	frame
	Person   people.Colleague
	ID       string
	Mine     bool
	Roles    []roleRow
	Choices  []roleRow
	Sessions []sessionRow
	MayRead  bool // sessions
	May      bool // change
	Print    string
	Link     string
}

func (s *Site) personPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showPerson(v, w, r, "")
}

func (s *Site) showPerson(v *visit, w http.ResponseWriter, r *http.Request, link string) error {
	account, err := pathID(r, "account")
	if err != nil {
		return err
	}
	c, err := s.People.Colleague(r.Context(), v.Subject, v.programme.ID, account)
	if err != nil {
		return err
	}
	p := personPage{
		frame: s.frame(v, "/people/one"), Person: c, ID: c.ID.String(), Mine: c.ID == v.Account.ID, Roles: s.roleRows(v, c.Grants),
		Choices: s.roleChoices(v, ""), May: v.Subject.Holds(v.programme.ID, authz.Administrator), Link: link, Print: fingerprint(c.Recipient),
	}
	sessions, err := s.People.Sessions(r.Context(), v.Subject, v.programme.ID, account)
	switch {
	case err == nil:
		p.MayRead, p.Sessions = true, sessionRows(sessions, v.Session.ID)
	case fault.KindOf(err) != fault.Forbidden:
		return err
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "person", p)
}

// onPerson runs one act of administration and goes back to the person's page.
func (s *Site) onPerson(v *visit, w http.ResponseWriter, r *http.Request, done string, act func(ctx context.Context, account id.ID, form url.Values) error) error {
	account, err := pathID(r, "account")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := act(r.Context(), account, form); err != nil {
		return err
	}
	return back(w, r, v.at("/people/"+account.String()+"?done="+done))
}

func (s *Site) assign(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onPerson(v, w, r, "saved", func(ctx context.Context, account id.ID, form url.Values) error {
		g, err := s.grantOf(v, form.Get("role"))
		if err != nil {
			return err
		}
		return s.People.Assign(ctx, v.Subject, people.Assignment{Account: account, Grant: g})
	})
}

// heldBy reads a role that a colleague holds, a liaison's included, which no
// form offers; without it, one of roleChoices.
func (s *Site) heldBy(ctx context.Context, v *visit, account id.ID, value string) (authz.Grant, error) {
	c, err := s.People.Colleague(ctx, v.Subject, v.programme.ID, account)
	if err != nil {
		return authz.Grant{}, err
	}
	for _, g := range c.Grants {
		if roleValue(g) == value {
			return g, nil
		}
	}
	return s.grantOf(v, value)
}

func (s *Site) withdraw(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onPerson(v, w, r, "saved", func(ctx context.Context, account id.ID, form url.Values) error {
		g, err := s.heldBy(ctx, v, account, form.Get("role"))
		if err != nil {
			return err
		}
		return s.People.Withdraw(ctx, v.Subject, people.Assignment{Account: account, Grant: g})
	})
}

func (s *Site) suspend(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onPerson(v, w, r, "saved", func(ctx context.Context, account id.ID, _ url.Values) error {
		return s.People.Suspend(ctx, v.Subject, v.programme.ID, account)
	})
}

func (s *Site) resume(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onPerson(v, w, r, "saved", func(ctx context.Context, account id.ID, _ url.Values) error {
		return s.People.Resume(ctx, v.Subject, v.programme.ID, account)
	})
}

func (s *Site) endSession(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onPerson(v, w, r, "ended", func(ctx context.Context, account id.ID, _ url.Values) error {
		session, err := pathID(r, "session")
		if err != nil {
			return err
		}
		return s.People.Revoke(ctx, v.Subject, v.programme.ID, account, session)
	})
}

func (s *Site) inviteAgain(v *visit, w http.ResponseWriter, r *http.Request) error {
	account, err := pathID(r, "account")
	if err != nil {
		return err
	}
	token, err := s.People.InviteAgain(r.Context(), v.Subject, v.programme.ID, account)
	if err != nil {
		return err
	}
	return s.showPerson(v, w, r, "/invitation/"+token)
}
