// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type mePage struct {
	frame
	Account  people.Account
	Sessions []sessionRow
	Alerts   people.Alerts
	Roles    []roleRow
	Spoken   []languageRow
}

type sessionRow struct {
	ID, Label, Created, Seen string
	This                     bool
}

func sessionRows(sessions []people.Session, this id.ID) []sessionRow {
	rows := make([]sessionRow, len(sessions))
	for i, x := range sessions {
		rows[i] = sessionRow{ID: x.ID.String(), Label: x.Label, Created: minute(x.Created), Seen: minute(x.Seen), This: x.ID == this}
	}
	return rows
}

func (s *Site) mePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	sessions, err := s.People.Sessions(r.Context(), v.Subject, id.ID{}, v.Account.ID)
	if err != nil {
		return err
	}
	alerts, err := s.People.Alerts(r.Context(), v.Subject)
	if err != nil {
		return err
	}
	p := mePage{
		frame: s.frame(v, ""), Account: v.Account, Sessions: sessionRows(sessions, v.Session.ID), Alerts: alerts,
		Roles: s.roleRows(v, v.Subject.Grants), Spoken: s.siteLanguages(v.lang),
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "me", p)
}

// done reads which sentence about a finished form the page should show.
func done(r *http.Request) string {
	switch key := r.URL.Query().Get("done"); key {
	case "saved", "ended", "invited", "changed", "published", "referred", "chased", "told":
		return "done." + key
	}
	return ""
}

// myKeys hands the member's own wrapped keys to the member's own browser.
func (s *Site) myKeys(v *visit, w http.ResponseWriter, r *http.Request) error {
	secret, err := s.People.Unlock(r.Context(), v.Subject)
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, struct {
		Account   id.ID         `json:"account"`
		Stretch   stretchParams `json:"stretch"`
		Wrapped   []byte        `json:"wrapped"`
		Recipient string        `json:"recipient"`
		Key       []byte        `json:"key"`
	}{
		v.Account.ID,
		stretchParams{Salt: secret.Salt[:], Memory: people.StretchMemory, Passes: people.StretchPasses, Threads: people.StretchLanes},
		secret.Wrapped, v.Account.Recipient, v.Account.SigningKey,
	})
	return nil
}

func (s *Site) changePassphrase(v *visit, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Old     []byte `json:"old"`
		Salt    []byte `json:"salt"`
		Login   []byte `json:"login"`
		Wrapped []byte `json:"wrapped"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if len(in.Salt) != 16 {
		return fault.New(fault.Invalid, "The salt is not 16 bytes.")
	}
	err := s.People.Rewrap(r.Context(), v.Member, in.Old, people.Secret{Salt: [16]byte(in.Salt), Wrapped: in.Wrapped}, in.Login)
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, map[string]string{"next": "/me?done=changed"})
	return nil
}

func (s *Site) setAlerts(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	err = s.People.SetAlerts(r.Context(), v.Subject, people.Alerts{Browser: form.Get("browser") == "on", Email: form.Get("email")})
	if err != nil {
		return err
	}
	return back(w, r, "/me?done=saved")
}

func (s *Site) setLanguage(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := s.People.SetLanguage(r.Context(), v.Member, s.speak(form.Get("language"), v.lang)); err != nil {
		return err
	}
	return back(w, r, "/me?done=saved")
}

func (s *Site) endMySession(v *visit, w http.ResponseWriter, r *http.Request) error {
	session, err := pathID(r, "session")
	if err != nil {
		return err
	}
	if err := s.People.Revoke(r.Context(), v.Subject, id.ID{}, v.Account.ID, session); err != nil {
		return err
	}
	return back(w, r, "/me?done=ended")
}
