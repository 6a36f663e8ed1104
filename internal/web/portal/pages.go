// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// front sends a visitor to the start page in their language.
func (s *Site) front(w http.ResponseWriter, r *http.Request, v visit) error {
	lang := page.Negotiate(r.Header.Get("Accept-Language"), s.spoken(v.programme))
	w.Header().Set("Vary", "Accept-Language")
	http.Redirect(w, r, v.base+"/"+lang, http.StatusSeeOther)
	return nil
}

// deskView is a desk as a stranger sees it.
type deskView struct {
	ID, Name, Organisation string
	Police, Checked        bool
	Reads                  string // when it reads next, in words
}

type homePage struct {
	frame
	Desks  []deskView
	Crimes []crimeLink
}

func (s *Site) home(w http.ResponseWriter, _ *http.Request, v visit) error {
	p := homePage{frame: s.frame(v), Desks: s.desks(v, ""), Crimes: s.crimeLinks(v)}
	p.Robots = true
	return s.pages.Write(w, http.StatusOK, v.lang, "home", p)
}

// desks lists the desks that a report can be sealed to now: those of the
// valid roster, which may be fewer than the programme has.
func (s *Site) desks(v visit, chosen string) []deskView {
	published, ok := s.sealable(v)
	if !ok {
		return nil
	}
	var views []deskView
	for _, d := range published.Roster.Desks {
		desk, ok := v.programme.Desk(d.ID)
		if !ok {
			continue
		}
		views = append(views, deskView{
			ID: d.ID.String(), Name: desk.Name.In(v.lang), Organisation: desk.Organisation.In(v.lang),
			Police: desk.Police, Checked: d.ID.String() == chosen, Reads: s.reads(v, desk),
		})
	}
	if len(views) > 0 && chosen == "" {
		views[0].Checked = true
	}
	return views
}

// sealable returns the current roster when it is valid now.
func (s *Site) sealable(v visit) (programme.Published, bool) {
	published, ok := s.Programmes.Roster(v.programme.ID)
	now := s.Clock.Now()
	if !ok || now.Before(published.Roster.ValidFrom) || !now.Before(published.Roster.ValidUntil) {
		return programme.Published{}, false
	}
	return published, true
}

// reads says when a desk reads next.
func (s *Site) reads(v visit, d programme.Desk) string {
	now := s.Clock.Now()
	next, err := d.Hours.Next(now)
	if err != nil {
		return ""
	}
	local := now.In(next.Location())
	switch at := next.Format("15:04"); {
	case !next.After(now):
		return v.say("desk.reads_now")
	case next.YearDay() == local.YearDay():
		return v.say("desk.reads_today", "time", at, "zone", zoneName(next))
	default:
		return v.say("desk.reads_on", "day", v.say("day."+fmt.Sprint(int(next.Weekday()))), "time", at, "zone", zoneName(next))
	}
}

// zoneName is the city of a zone's name: "Copenhagen".
func zoneName(t time.Time) string {
	name := t.Location().String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// countryView is a country with its numbers to call.
type countryView struct {
	Name    string
	Numbers []numberView
}

type numberView struct{ Number, Dial, For string }

func countries(v visit) []countryView {
	var views []countryView
	for _, c := range v.programme.Countries {
		views = append(views, countryView{c.Name.In(v.lang), numbers(v, c)})
	}
	return views
}

// numbers are a country's numbers for emergencies.
func numbers(v visit, c programme.Country) []numberView {
	var all []numberView
	for _, e := range c.Emergency {
		all = append(all, numberView{Number: e.Number, Dial: strings.ReplaceAll(e.Number, " ", ""), For: e.For.In(v.lang)})
	}
	return all
}

type dangerPage struct {
	frame
	Countries []countryView
}

func (s *Site) danger(w http.ResponseWriter, _ *http.Request, v visit) error {
	return s.pages.Write(w, http.StatusOK, v.lang, "danger", dangerPage{s.frame(v), countries(v)})
}

type hidePage struct {
	frame
	Onion string
}

func (s *Site) hide(w http.ResponseWriter, _ *http.Request, v visit) error {
	p := hidePage{s.frame(v), s.Onion}
	p.Robots = true
	return s.pages.Write(w, http.StatusOK, v.lang, "hide", p)
}

type howPage struct {
	frame
	Desks      []deskView
	Checkpoint string
	Scripts    []*static.File
	RosterHash string
	Source     string
}

func (s *Site) how(w http.ResponseWriter, r *http.Request, v visit) error {
	p := howPage{frame: s.frame(v), Desks: s.desks(v, ""), Source: s.Source}
	p.Robots = true
	for _, f := range s.Assets.Files() {
		if strings.HasPrefix(f.Name, "portal-") && strings.HasSuffix(f.Name, ".js") || strings.HasSuffix(f.Name, ".wasm") {
			p.Scripts = append(p.Scripts, f)
		}
	}
	if published, ok := s.sealable(v); ok {
		p.RosterHash = published.Roster.Hash().String()
	}
	if s.Log != nil {
		checkpoint, err := s.Log.Checkpoint(r.Context())
		if err != nil {
			return fmt.Errorf("read checkpoint: %w", err)
		}
		p.Checkpoint = checkpoint
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "how", p)
}

func (s *Site) nowhere(http.ResponseWriter, *http.Request, visit) error {
	return fault.New(fault.NotFound, "There is no such page.")
}

type failurePage struct {
	frame
	Heading, Message string
}

// fail is the one place that shows an error as a page.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, act string, err error) {
	s.tell(act, err)
	v, visitErr := s.visit(r)
	if visitErr != nil && v.programme.ID.IsZero() {
		if first, ok := s.Programmes.BySlug(""); ok {
			v.programme = first
		}
	}
	v.here = ""
	p := failurePage{frame: s.frame(v), Heading: v.say("failure.title"), Message: v.say("failure.general_text")}
	for kind, key := range map[fault.Kind]string{
		fault.NotFound: "failure.not_found", fault.TooLarge: "failure.too_large", fault.Unavailable: "failure.unavailable",
		fault.TooMany: "failure.unavailable", fault.Invalid: "failure.invalid", fault.Gone: "failure.closed",
	} {
		if fault.KindOf(err) == kind {
			p.Heading, p.Message = v.say(key), v.say(key+"_text")
		}
	}
	if fault.KindOf(err) == fault.Locked {
		p.Message = fault.PublicOf(err)
	}
	if err := s.pages.Write(w, page.Status(err), v.lang, "failure", p); err != nil {
		s.Failed("show an error", err)
		w.WriteHeader(http.StatusInternalServerError)
	}
}
