// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// maxForm bounds a form; maxJSON bounds what a browser seals at once, which
// for a new epoch of a desk's key is a package for each member.
const (
	maxForm = 64 << 10
	maxJSON = 4 << 20
)

// visit is one request with who makes it and where.
type visit struct {
	people.Member
	programme programme.Programme // zero outside of one
	ringing   int                 // alarms that concern the visitor
	toTell    int                 // reporters whom the visitor could tell what came of it
	partner   id.ID               // of a liaison's page
	lang      string
	words     *page.Words
}

func errNoPage() error { return fault.New(fault.NotFound, "There is no such page.") }

func errForged() error {
	return fault.New(fault.Forbidden, "This request came from another site, so nothing was done.")
}

// serve prepares a visit and calls the route's handler.
func (s *Site) serve(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{lang: s.language(r)}
		if err := s.visited(route, v, w, r); err != nil {
			s.fail(w, r, v.lang, err)
		}
	})
}

// visited fills in a visit and calls the route's handler.
func (s *Site) visited(route Route, v *visit, w http.ResponseWriter, r *http.Request) error {
	if route.Access >= Colleague {
		who := s.People.Authenticate
		if route.Path == askedByPages {
			who = s.People.Recognise
		}
		m, err := who(r.Context(), s.cookie(r, sessionCookie))
		if err != nil {
			return err
		}
		v.Member, v.lang = m, s.speak(m.Account.Language, v.lang)
	}
	if route.Access == Inside {
		p, ok := s.Programmes.BySlug(r.PathValue("programme"))
		// A programme without a role is as if it were not there.
		if !ok || authz.Check(v.Subject, authz.Read, authz.Object{Kind: authz.Programme, Programme: p.ID}) != nil {
			return errNoPage()
		}
		v.programme = p
		var err error
		if v.ringing, err = s.Danger.Ringing(r.Context(), v.Subject, p.ID); err != nil {
			return err
		}
		if r.Method == http.MethodGet && route.Path != askedByPages {
			if v.toTell, err = s.Outcomes.CountToTell(r.Context(), v.Subject, p.ID); err != nil {
				return err
			}
		}
	}
	if route.Access == AtPartner {
		if err := s.atPartner(v, r); err != nil {
			return err
		}
	}
	v.words = s.texts.In(v.lang)
	return route.handle(s, v, w, r)
}

// atPartner lets in a liaison of the partner of the path. To everybody else
// programme and partner are as if they were not there.
func (s *Site) atPartner(v *visit, r *http.Request) error {
	p, ok := s.Programmes.BySlug(r.PathValue("programme"))
	partner, err := id.Parse(r.PathValue("partner"))
	if !ok || err != nil || partner.IsZero() ||
		authz.Check(v.Subject, authz.Answer, authz.Object{Kind: authz.Referral, Programme: p.ID, Desk: partner}) != nil {
		return errNoPage()
	}
	v.programme, v.partner = p, partner
	return nil
}

// language is that of a visitor whom nobody knows yet.
func (s *Site) language(r *http.Request) string {
	return page.Negotiate(r.Header.Get("Accept-Language"), s.texts.Languages())
}

func (s *Site) speak(wanted, otherwise string) string {
	if s.texts.Has(wanted) {
		return wanted
	}
	return otherwise
}

// failed shows an error to a visitor whom nobody knows yet.
func (s *Site) failed(w http.ResponseWriter, r *http.Request, err error) {
	s.fail(w, r, s.language(r), err)
}

// fail shows an error in a language: as JSON to scripts, as the log-in page to
// who is logged out, else as a page.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, lang string, err error) {
	status := page.Status(err)
	if status >= http.StatusInternalServerError {
		s.Logger.ErrorContext(r.Context(), "desk request failed", "method", r.Method, "route", r.Pattern, "error", err)
	}
	if fromScript(r) {
		page.WriteJSON(w, status, map[string]string{"error": s.sentence(lang, err)})
		return
	}
	if status == http.StatusUnauthorized && r.Method == http.MethodGet {
		to := "/log-in"
		if r.URL.Path != "/" {
			to += "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	p := errorPage{frame: frame{Shell: s.shell(lang), Words: s.scriptTexts(lang)}, Sentence: s.sentence(lang, err), Status: status}
	if status == http.StatusUnauthorized {
		p.LogIn = true
	}
	if err := s.templates.Write(w, status, lang, "error", p); err != nil {
		s.Logger.ErrorContext(r.Context(), "desk error page failed", "error", err)
		http.Error(w, p.Sentence, status)
	}
}

type errorPage struct {
	frame
	Sentence string
	Status   int
	LogIn    bool
}

// fromScript reports whether a script asked, which wants JSON back.
func fromScript(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

// readJSON reads the body of a script's request: one JSON value of known
// fields, nothing after it.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return fault.New(fault.Invalid, "This address takes JSON.")
	}
	body, err := readBody(w, r, maxJSON)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fault.Wrap(fault.Invalid, "The request is not what this address takes.", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "There is something after the end of the request.")
	}
	return nil
}

func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return nil, fault.Wrap(fault.TooLarge, "That is more than this address takes.", err)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "The request broke off.", err)
	}
	return body, nil
}

// readForm reads a small form.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	return readFormOf(w, r, maxForm)
}

// readFormOf is readForm for a form that may be longer.
func readFormOf(w http.ResponseWriter, r *http.Request, most int64) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, most)
	err := r.ParseForm()
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return nil, fault.Wrap(fault.TooLarge, "That is more than this page takes. Leave out what it did not ask for.", err)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "The form could not be read.", err)
	}
	return r.PostForm, nil
}

// pathID reads an id of the path; one that is malformed names nothing.
func pathID(r *http.Request, name string) (id.ID, error) {
	v, err := id.Parse(r.PathValue(name))
	if err != nil {
		return id.ID{}, fault.Wrap(fault.NotFound, "There is no such page.", err)
	}
	return v, nil
}

// pathDesk reads a desk of the path; one of another programme is not there.
func (v *visit) pathDesk(r *http.Request) (id.ID, error) {
	desk, err := pathID(r, "desk")
	if err != nil {
		return id.ID{}, err
	}
	if _, ok := v.programme.Desk(desk); !ok {
		return id.ID{}, errNoPage()
	}
	return desk, nil
}

// back answers a form that was done.
func back(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// at is an address inside the visit's programme.
func (v *visit) at(rest string) string { return "/p/" + v.programme.Slug + rest }

// say returns a text of the catalogue; a key that is missing, which the test
// of the texts finds, is shown as it is.
func (v *visit) say(key string, args ...any) string {
	text, err := v.words.Say(key, args...)
	if err != nil {
		return key
	}
	return text
}
