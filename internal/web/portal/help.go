// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// hitView is a service as a list shows it.
type hitView struct {
	ID, Name, Organization     string
	About, AboutLang, AboutDir string
	Number, Dial, Site         string
	Open                       string // in words
	OpenNow, Doubt, Stale      bool
	Place, Far                 string
	Speaks                     string
	Checked, How, ReviewBy     string
	HowLang                    string // language of How
}

type helpPage struct {
	frame
	Countries []countryView
	Copies    []choice // countries that a copy can be had for alone
	Asked     bool     // whether anything was asked
	Near      string
	Place     string     // id of the place that is meant, of several of one name
	Which     []spotView // places to choose from, when nobody can tell which is meant
	Taken     string     // the place that is taken for what was typed
	Else      []spotView // others of the same name
	Where     []choice
	About     []choice
	For       []choice
	Spoken    []choice
	OpenNow   bool
	Rows      template.HTML // services that were found
	Total     int
	From, To  int
	Next      string // addresses of the pages beside this one
	Previous  string
}

// perHelpPage is how many services stand on a page.
const perHelpPage = 15

// directory returns the index of the help directory, or not found when the
// site has none.
func (s *Site) directory() (*directory.Index, error) {
	if s.Help == nil || s.Help() == nil {
		return nil, fault.New(fault.NotFound, "There is no such page.")
	}
	return s.Help(), nil
}

// contact asks three questions and shows whom to contact. What is chosen stands
// in the address, goes to this server only, and is written down nowhere.
func (s *Site) contact(w http.ResponseWriter, r *http.Request, v visit) error {
	x, err := s.directory()
	if err != nil {
		return err
	}
	ask := r.URL.Query()
	p := helpPage{Countries: countries(v), Copies: countryLinks(v), Near: short(ask.Get("near"), 100), OpenNow: ask.Get("open") == "yes"}
	q := directory.Query{Country: ask.Get("country"), Crime: ask.Get("about"), For: ask.Get("for"), Language: ask.Get("language"), OpenNow: p.OpenNow, Now: s.Clock.Now(), Limit: perHelpPage}
	s.choices(v, x, &p, &q)
	p.Asked = len(ask) > 0
	at, _ := strconv.Atoi(ask.Get("page")) // anything else is the first page
	at = min(max(at, 1), 1000)
	s.place(v, x, &p, &q, ask.Get("place"))
	if p.Asked {
		v.query = p.again(q, at)
	}
	p.frame = s.frame(v)
	p.Robots = !p.Asked
	if strings.TrimSpace(p.Near) != "" && q.Near == nil && p.Which == nil {
		p.Problems = append(p.Problems, page.Problem{Field: "near", Message: v.say("help.near_unknown")})
	}
	if p.Asked {
		q.Offset = (at - 1) * perHelpPage
		answer := x.Find(q)
		p.Total = answer.Total
		var hits []hitView
		for _, h := range answer.Hits {
			hits = append(hits, hit(v, h, s.Clock.Now()))
		}
		p.Rows = rows(v, hits)
		p.From, p.To = q.Offset+1, q.Offset+len(hits)
		if p.To < p.Total {
			p.Next = v.root() + "/help" + p.again(q, at+1)
		}
		if at > 1 {
			p.Previous = v.root() + "/help" + p.again(q, at-1)
		}
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "help", p)
}

// again is the address's part that asks the same again, for another page or
// in another language; what was in no list is left out.
func (p *helpPage) again(q directory.Query, page int) string {
	ask := url.Values{"country": {q.Country}}
	for key, value := range map[string]string{"near": p.Near, "place": p.Place, "about": q.Crime, "for": q.For, "language": q.Language} {
		if value != "" {
			ask.Set(key, value)
		}
	}
	if q.OpenNow {
		ask.Set("open", "yes")
	}
	if page > 1 {
		ask.Set("page", strconv.Itoa(page))
	}
	return "?" + ask.Encode() + "#found"
}

// choices fills the lists, and takes out of q what is in none of them.
func (s *Site) choices(v visit, x *directory.Index, p *helpPage, q *directory.Query) {
	pick := func(value *string, any string, list ...choice) []choice {
		if !slices.ContainsFunc(list, func(c choice) bool { return c.ID == *value }) {
			*value = ""
		}
		list = append([]choice{{Name: any}}, list...)
		for i := range list {
			list[i].Chosen = list[i].ID == *value
		}
		return list
	}
	var where, about, persons, spoken []choice
	for _, c := range v.programme.Countries {
		where = append(where, choice{ID: c.Code, Name: c.Name.In(v.lang)})
	}
	if v.content != nil {
		for _, c := range v.content.Crimes {
			about = append(about, choice{ID: c.ID, Name: c.Page(v.lang).Title})
		}
	}
	for _, t := range directory.Topics {
		about = append(about, choice{ID: t, Name: v.say("help.about_" + t)})
	}
	for _, f := range directory.Persons {
		persons = append(persons, choice{ID: f, Name: v.say("help.for_" + f)})
	}
	for _, l := range x.LanguageCodes() {
		spoken = append(spoken, choice{ID: l, Name: directory.LanguageName(l, v.lang)})
	}
	p.Where = pick(&q.Country, v.say("help.where_any"), where...)
	p.About = pick(&q.Crime, v.say("help.about_any"), about...)
	p.For = pick(&q.For, v.say("help.for_any"), persons...)
	p.Spoken = pick(&q.Language, v.say("help.language_any"), spoken...)
}

// short cuts what a visitor typed, at a character.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// hit says a service in words.
func hit(v visit, h directory.Hit, now time.Time) hitView {
	about, lang := h.AboutIn(v.lang)
	view := hitView{
		ID: h.ID, Name: h.Name, Organization: h.Organization, About: about, AboutLang: lang, AboutDir: dirOf(lang), Site: h.Site, Stale: h.Stale,
		Checked: h.Checked, How: h.How, HowLang: "en", ReviewBy: h.ReviewBy, OpenNow: h.State.Open, Doubt: h.State.Doubt, Open: openWords(v, h.State, now),
	}
	if h.How == directory.FromPublicKnowledge {
		view.How, view.HowLang = v.say("help.how_public"), v.lang
	}
	if h.Name == h.Organization {
		view.Organization = ""
	}
	for _, p := range h.Phones {
		if p.Type != "fax" {
			view.Number, view.Dial = p.Number, p.Dial
			break
		}
	}
	if h.Place >= 0 && h.Places[h.Place].City != "" {
		view.Place = h.Places[h.Place].City
	}
	if h.Distance >= 0 {
		view.Far = v.say("help.far", "n", max(1, int(h.Distance+0.5)))
	}
	var names []string
	for _, l := range h.Languages {
		names = append(names, directory.LanguageName(l, v.lang))
	}
	view.Speaks = strings.Join(names, v.say("help.comma"))
	return view
}

// openWords says whether something is open, and when that changes.
func openWords(v visit, s hours.State, now time.Time) string {
	at := func(t time.Time) (clock, zone string) { return t.Format("15:04"), zoneName(t) }
	switch {
	case !s.Known:
		return v.say("help.open_unknown")
	case s.Always:
		return v.say("help.open_always")
	case s.Open && s.Until.IsZero():
		return v.say("help.open_now")
	case s.Open && s.Until.Sub(now) > 7*24*time.Hour:
		clock, zone := at(s.Until)
		return v.say("help.open_until_date", "date", s.Until.Format(time.DateOnly), "time", clock, "zone", zone)
	case s.Open && s.Until.Sub(now) > 24*time.Hour:
		clock, zone := at(s.Until)
		return v.say("help.open_until_day", "day", v.say("day."+strconv.Itoa(int(s.Until.Weekday()))), "time", clock, "zone", zone)
	case s.Open:
		clock, zone := at(s.Until)
		return v.say("help.open_until", "time", clock, "zone", zone)
	case s.Next.IsZero():
		return v.say("help.closed")
	}
	clock, zone := at(s.Next)
	local := now.In(s.Next.Location())
	switch days := dayNumber(s.Next) - dayNumber(local); {
	case days == 0:
		return v.say("help.opens_today", "time", clock, "zone", zone)
	case days < 7:
		return v.say("help.opens_on", "day", v.say("day."+strconv.Itoa(int(s.Next.Weekday()))), "time", clock, "zone", zone)
	}
	return v.say("help.opens_date", "date", s.Next.Format(time.DateOnly), "time", clock, "zone", zone)
}

// dayNumber counts the days of a zone's calendar.
func dayNumber(t time.Time) int {
	return int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// phoneView is one number on a service's page.
type phoneView struct {
	Number, Dial, Extension, Kind, About, Languages string
}

// phones says numbers in words.
func phones(v visit, all []directory.Phone) []phoneView {
	var views []phoneView
	for _, n := range all {
		view := phoneView{Number: n.Number, Dial: n.Dial, Extension: n.Extension, About: n.About}
		if n.Type == "fax" || n.Type == "text" || n.Type == "textphone" {
			view.Kind = v.say("help.phone_" + n.Type)
		}
		var names []string
		for _, l := range n.Languages {
			names = append(names, directory.LanguageName(l, v.lang))
		}
		view.Languages = strings.Join(names, v.say("help.comma"))
		views = append(views, view)
	}
	return views
}

type weekView struct{ Day, Spans, Holiday string }

type placeView struct {
	Name  string
	Lines []string
	Token string // city and postcode
	Ways  []string
}

type servicePage struct {
	frame
	hitView
	Phones       []phoneView
	Email        string
	Week         []weekView
	Zone         string
	HoursSaid    []string
	Where        []placeView
	Areas        []string
	Eligibility  string
	Interpreters string
	Fees, Alert  string
}

// service is the page of one service.
func (s *Site) service(w http.ResponseWriter, r *http.Request, v visit) error {
	x, err := s.directory()
	if err != nil {
		return err
	}
	found := x.Service(r.PathValue("service"))
	if found == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	now := s.Clock.Now()
	h := directory.Hit{Service: found, State: found.Hours.At(now), Place: -1, Distance: -1, Stale: found.Stale(now)}
	p := servicePage{
		frame: s.frame(v), hitView: hit(v, h, now), Email: found.Email, HoursSaid: found.HoursSaid, Areas: found.Areas, Eligibility: found.Eligibility,
		Interpreters: found.Interpreters, Fees: found.Fees, Alert: found.Alert,
	}
	p.Robots = true
	p.Phones = phones(v, found.Phones)
	if found.Hours.Known() && !h.State.Always {
		for _, d := range found.Hours.Week(now) {
			view := weekView{Day: v.say("day." + strconv.Itoa(int(d.Day.Weekday()))), Holiday: d.Holiday, Spans: strings.Join(d.Spans, v.say("help.comma"))}
			p.Week = append(p.Week, view)
		}
		p.Zone = zoneName(now.In(found.Hours.ZoneOrUTC()))
	}
	for _, place := range found.Places {
		p.Where = append(p.Where, placeView{place.Name, place.Lines, strings.TrimSpace(place.Postcode + " " + place.City), place.Access})
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "service", p)
}

// packCountry is a country's part of the pack.
type packCountry struct {
	Name    string
	Numbers []numberView
	Hits    []hitView
}

type packPage struct {
	frame
	Pack   []packCountry
	Copies []choice
	Made   string
	What   string
}

// maxPack is how many services of a country the pack has.
const maxPack = 60

// pack is a list to print and hang up: numbers first, no question asked.
func (s *Site) pack(w http.ResponseWriter, r *http.Request, v visit) error {
	x, err := s.directory()
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	p := packPage{Copies: countryLinks(v), Made: now.Format(time.DateOnly)}
	crime := ""
	if v.content != nil {
		if c, ok := v.content.Crime(r.URL.Query().Get("about")); ok {
			crime, p.What = c.ID, c.Page(v.lang).Title
			v.query = "?about=" + url.QueryEscape(c.ID)
		}
	}
	p.frame = s.frame(v)
	p.Robots = true
	for _, c := range v.programme.Countries {
		part := packCountry{Name: c.Name.In(v.lang), Numbers: numbers(v, c)}
		answer := x.Find(directory.Query{Country: c.Code, Crime: crime, Now: now, Limit: maxPack})
		for _, h := range answer.Hits {
			if repeats(c, h) {
				continue // it stands above already
			}
			part.Hits = append(part.Hits, hit(v, h, now))
		}
		p.Pack = append(p.Pack, part)
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "pack", p)
}
