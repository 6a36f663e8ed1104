// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// frame is what is around every page: who is here, where, and the ways on.
type frame struct {
	page.Shell
	Name       string // of the person; empty when nobody is logged in
	Slug       string // of the programme; empty outside of one
	Programme  string
	Programmes []link
	Ringing    int               // lives at risk that nobody has acknowledged, as far as they concern the visitor
	Ways       []link            // left navigation
	Admin      []link            // below it
	Words      map[string]string // what the script says
	Outside    bool              // a partner's page: nothing of the house, no key
	Done       string            // key of a sentence about what was just done, or ""
}

// link is one way on.
type link struct {
	To, Text string // Text is a key of the catalogue, but for programmes
	Here     bool
	Count    string // of what waits there; empty: nothing, or not counted
}

func (s *Site) shell(lang string) page.Shell { return page.NewShell(lang, "desk", "desk-app.js") }

// frame makes the frame of a page; here is the path after the programme.
func (s *Site) frame(v *visit, here string) frame {
	f := frame{Shell: s.shell(v.lang), Name: v.Account.Name, Slug: v.programme.Slug, Words: s.scriptTexts(v.lang), Ringing: v.ringing}
	if f.Slug == "" {
		f.Programmes = s.programmesOf(v)
		return f
	}
	f.Programme = v.programme.Name.In(v.lang)
	f.Programmes = s.programmesOf(v)
	for _, way := range ways {
		if !v.sees(way) {
			continue
		}
		l := link{To: v.at(way.path), Text: way.text, Here: here == way.path || strings.HasPrefix(here, way.path+"/")}
		if way.path == tellPath && v.toTell > 0 {
			l.Count = counted(v.toTell, outcome.MostToTell)
		}
		switch {
		case way.path == dangerPath && v.ringing > 0:
			f.Ways = append([]link{l}, f.Ways...)
		case way.admin:
			f.Admin = append(f.Admin, l)
		default:
			f.Ways = append(f.Ways, l)
		}
	}
	return f
}

func (s *Site) programmesOf(v *visit) []link {
	var links []link
	for _, of := range v.Subject.Programmes() {
		if p, ok := s.Programmes.ByID(of); ok {
			if !v.house(of) {
				continue
			}
			links = append(links, link{To: "/p/" + p.Slug + v.front(of), Text: p.Name.In(v.lang), Here: p.ID == v.programme.ID})
		}
	}
	return append(links, s.partnersOf(v)...)
}

// house reports whether the visitor works for the programme itself.
func (v *visit) house(of id.ID) bool {
	return slices.ContainsFunc(authz.House, func(role authz.Role) bool { return v.Subject.Holds(of, role) })
}

// front is the first page of a programme that the visitor may see.
func (v *visit) front(of id.ID) string {
	for _, way := range ways {
		for _, role := range way.roles {
			if v.Subject.Holds(of, role) {
				return way.path
			}
		}
	}
	return "/people"
}

// way is a page of the navigation with the roles to whom it is of use. Rooms
// decide; this only spares people doors that are closed to them.
type way struct {
	path, text string
	roles      []authz.Role
	admin      bool
}

var ways = []way{
	{"/inbox", "nav.inbox", []authz.Role{authz.Reviewer}, false},
	{"/calls", "nav.calls", []authz.Role{authz.CallTaker, authz.Reviewer}, false},
	dangerWay,
	{"/intelligence", "nav.intelligence", []authz.Role{authz.Reviewer, authz.Analyst}, false},
	matchingWay,
	{"/referrals", "nav.referrals", []authz.Role{authz.Reviewer, authz.Analyst}, false},
	{"/questions", "nav.questions", []authz.Role{authz.Reviewer}, false},
	{"/chase", "nav.chase", []authz.Role{authz.Reviewer, authz.Analyst}, false},
	{"/overdue", "nav.overdue", []authz.Role{authz.Director}, false},
	{tellPath, "nav.tell", []authz.Role{authz.Reviewer}, false},
	{"/outcomes", "nav.outcomes", []authz.Role{authz.Reviewer, authz.Analyst, authz.Director}, false},
	{"/statistics", "nav.statistics", []authz.Role{authz.Administrator, authz.Reviewer, authz.Analyst, authz.Auditor, authz.Director}, false},
	{"/publish", "nav.publish", []authz.Role{authz.Director}, false},
	contentWay,
	directoryWay,
	{"/partners", "nav.partners", authz.House, true},
	{"/compartments", "nav.compartments", []authz.Role{authz.Director, authz.Administrator, authz.Auditor, authz.Reviewer, authz.Analyst}, true},
	{"/schemes", "nav.schemes", authz.House, true},
	{"/people", "nav.people", authz.House, true},
	{"/keys", "nav.keys", []authz.Role{authz.Administrator, authz.Reviewer}, true},
	{"/duty", "nav.duty", authz.House, true},
	respondersWay,
	{"/roster", "nav.roster", []authz.Role{authz.Administrator, authz.Auditor}, true},
	{"/ledger", "nav.ledger", []authz.Role{authz.Administrator, authz.Auditor}, true},
}

// counted writes a count that is capped at most.
func counted(n, most int) string {
	if n >= most {
		return strconv.Itoa(most) + "+"
	}
	return strconv.Itoa(n)
}

func (v *visit) sees(w way) bool {
	for _, role := range w.roles {
		if v.Subject.Holds(v.programme.ID, role) {
			return true
		}
	}
	return false
}

// minute writes a moment of staff, in UTC as the ledger has it.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// hour writes the hour of a reporter, which is all that is known.
func hour(h clock.Hour) string {
	return h.Time().Format("2006-01-02 15") + "–" + h.Time().Add(time.Hour).Format("15")
}

// names returns the names of colleagues by account.
func names(colleagues []people.Colleague) map[id.ID]string {
	m := map[id.ID]string{}
	for _, c := range colleagues {
		m[c.ID] = c.Name
	}
	return m
}

// scriptTexts returns what the script says in lang, with the places that it
// fills in left as they are.
func (s *Site) scriptTexts(lang string) map[string]string {
	words := s.texts.In(lang)
	said := map[string]string{}
	for _, key := range words.Keys() {
		if name, ok := strings.CutPrefix(key, "js."); ok {
			text, err := words.Say(key, "n", "{n}", "m", "{m}", "reason", "{reason}", "who", "{who}", "when", "{when}", "until", "{until}")
			if err == nil {
				said[name] = text
			}
		}
	}
	for _, c := range s.categories(lang) {
		said["category."+c.Value] = c.Text
	}
	return said
}
