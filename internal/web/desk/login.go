// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// The names of the cookies; with https they get the prefix that lets only
// this very host set them.
const (
	sessionCookie = "turnstone-session"
	deviceCookie  = "turnstone-device"
)

func (s *Site) cookieName(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

func (s *Site) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie for this host only; maxAge 0 lasts as long as the
// browser, below 0 removes it.
func (s *Site) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteStrictMode,
	})
}

// home leads to the first page that is of use.
func (s *Site) home(v *visit, w http.ResponseWriter, r *http.Request) error {
	if all := s.programmesOf(v); len(all) > 0 {
		return back(w, r, all[0].To)
	}
	return back(w, r, "/me")
}

type logInPage struct {
	frame
	Next string
}

func (s *Site) logInPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	p := logInPage{frame: s.frame(v, ""), Next: local(r.URL.Query().Get("next"))}
	return s.templates.Write(w, http.StatusOK, v.lang, "login", p)
}

// local keeps an address that leads back to this site; any other becomes "/".
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	if !strings.HasPrefix(u.Path, "/p/") && !strings.HasPrefix(u.Path, "/at/") && u.Path != "/me" {
		return "/"
	}
	return u.String()
}

// stretch answers what a browser needs to stretch a passphrase.
func (s *Site) stretch(_ *visit, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Handle string `json:"handle"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	st, err := s.People.StretchFor(r.Context(), clean(in.Handle))
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, stretchJSON(st))
	return nil
}

func clean(handle string) string { return strings.ToLower(strings.TrimSpace(handle)) }

type stretchParams struct {
	Salt    []byte `json:"salt"`
	Memory  int    `json:"memory"`
	Passes  int    `json:"passes"`
	Threads int    `json:"threads"`
}

func stretchJSON(st people.Stretch) stretchParams {
	return stretchParams{Salt: st.Salt[:], Memory: st.Memory, Passes: st.Passes, Threads: st.Lanes}
}

func (s *Site) logIn(_ *visit, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Handle string `json:"handle"`
		Login  []byte `json:"login"`
		Label  string `json:"label"`
		Next   string `json:"next"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	welcome, err := s.People.LogIn(r.Context(), people.Attempt{
		Handle: clean(in.Handle), Login: in.Login, Device: s.cookie(r, deviceCookie), Label: in.Label,
	})
	if err != nil {
		return err
	}
	s.setCookie(w, sessionCookie, welcome.Session, 0)
	s.setCookie(w, deviceCookie, welcome.Device, 365*24*3600)
	page.WriteJSON(w, http.StatusOK, map[string]string{"next": local(in.Next)})
	return nil
}

func (s *Site) logOut(v *visit, w http.ResponseWriter, r *http.Request) error {
	if err := s.People.LogOut(r.Context(), v.Member); err != nil {
		return err
	}
	s.setCookie(w, sessionCookie, "", -1)
	return back(w, r, "/log-in")
}

type invitationPage struct {
	frame
	Account people.Account
	ID      string
	Token   string
	Memory  int
	Passes  int
	Lanes   int
}

func (s *Site) invitationPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	account, err := s.People.Invited(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	v.lang = s.speak(account.Language, v.lang)
	p := invitationPage{
		frame: s.frame(v, ""), Account: account, ID: account.ID.String(), Token: r.PathValue("token"),
		Memory: people.StretchMemory, Passes: people.StretchPasses, Lanes: people.StretchLanes,
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "invitation", p)
}

func (s *Site) acceptInvitation(_ *visit, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Account   id.ID  `json:"account"`
		Salt      []byte `json:"salt"`
		Login     []byte `json:"login"`
		Wrapped   []byte `json:"wrapped"`
		Recipient string `json:"recipient"`
		Key       []byte `json:"key"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if len(in.Salt) != 16 {
		return fault.New(fault.Invalid, "The salt is not 16 bytes.")
	}
	_, err := s.People.Accept(r.Context(), r.PathValue("token"), people.Acceptance{
		Account: in.Account, Salt: [16]byte(in.Salt), Login: in.Login, Wrapped: in.Wrapped, Recipient: in.Recipient, SigningKey: in.Key,
	})
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusCreated, map[string]string{"next": "/log-in"})
	return nil
}
