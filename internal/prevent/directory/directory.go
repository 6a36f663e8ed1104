// SPDX-License-Identifier: AGPL-3.0-or-later

// Package directory is whom one can call: services in the standard's form
// (HSDS, package hsds), with their hours (package hours), made ready to be
// searched by place, language, kind of crime, for whom, and "open now".
//
// It must never keep who searched for what, never guess a number or an hour,
// and never import part of a file unnoticed. Directories and their indexes are
// read-only once made and safe for concurrent use.
package directory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/turnstone-project/turnstone/internal/kernel/memo"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// Topics are what help can be about beside the kinds of crime: violence at
// home, and somebody to talk to.
var Topics = []string{"home", "talk"}

// Persons are those whom help can be for.
var Persons = []string{"young", "adult", "women", "men", "older", "business"}

// Phone is a number to call.
type Phone struct {
	Number    string // as people write it
	Dial      string // as a phone dials it
	Extension string
	Type      string // voice, text, fax; "" is voice
	About     string
	Languages []string
}

// Place is where a service is.
type Place struct {
	Name      string
	Lines     []string // of the address
	City      string
	Postcode  string
	Country   string // ISO 3166-1
	Lat, Long float64
	Known     bool // whether Lat and Long are
	Access    []string
}

// Service is one entry of the directory.
type Service struct {
	ID           string
	Name         string
	Organization string
	Description  string            // in whatever language the source has
	About        map[string]string // by language, where the source says it
	Kind         string            // emergency, police, report, helpline, advice; "" when nobody said
	Status       string
	Countries    []string // that it serves; empty: nobody said
	Areas        []string
	Crimes       []string // empty: any
	For          []string // empty: anybody
	MinAge       int
	MaxAge       int // 0: none
	Eligibility  string
	Interpreters string
	Fees         string
	Alert        string
	Site, Email  string
	Phones       []Phone
	Places       []Place
	Languages    []string // ISO 639, two letters where there are
	Hours        *hours.Timetable
	HoursSaid    []string // descriptions of schedules
	Checked      string   // day of the last check; "" never
	How          string   // how it was checked
	ReviewBy     string   // day by which it must be checked again
}

// reviewAfter is how long a check is good for when nobody said.
const reviewAfter = 365 * 24 * time.Hour

// reviewAtMost is how long after a check a service may say that it need not be
// checked again.
const reviewAtMost = 2 * 365 * 24 * time.Hour

// Stale reports whether the service should have been checked again before
// now. One that was never checked is stale, and one that was checked on a day
// that has not come yet by far: nobody can have done that.
func (s *Service) Stale(now time.Time) bool { return s.stale(daysOf(now)) }

// days are today, and the last day that a slip of the pen or another clock may
// give for a check.
type days struct{ today, latest string }

func daysOf(now time.Time) days {
	return days{now.Format(time.DateOnly), now.AddDate(0, 0, 31).Format(time.DateOnly)}
}

func (s *Service) stale(d days) bool {
	return s.Checked == "" || s.Checked > d.latest || s.ReviewBy == "" || d.today > s.ReviewBy
}

// AboutIn returns what the service is, in lang when somebody said it, and the
// language that it is in ("" when nobody said that).
func (s *Service) AboutIn(lang string) (text, in string) {
	for _, l := range []string{lang, "en"} {
		if t, ok := s.About[l]; ok {
			return t, l
		}
	}
	return s.Description, ""
}

// Directory is all services that can be shown, with the records behind them.
type Directory struct {
	Services []Service
	Data     *hsds.Dataset
	Tree     *hsds.Tree

	byID map[string]*Service
}

// Service returns the service with that id, or nil.
func (d *Directory) Service(id string) *Service { return d.byID[id] }

// New makes a directory of records. Services that are not active are left out
// of Services; Data has them.
func New(data *hsds.Dataset) *Directory {
	d := &Directory{Data: data, Tree: hsds.NewTree(data), byID: map[string]*Service{}}
	m := maker{data: data, tree: d.Tree}
	for _, rec := range data.All("service") {
		if rec.Get("status") == "active" {
			d.Services = append(d.Services, m.service(rec))
		}
	}
	slices.SortFunc(d.Services, func(a, b Service) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	for i := range d.Services {
		d.byID[d.Services[i].ID] = &d.Services[i]
	}
	return d
}

// maker makes services of records.
type maker struct {
	data *hsds.Dataset
	tree *hsds.Tree
}

func (m *maker) service(rec *hsds.Record) Service {
	s := Service{
		ID: rec.ID(), Name: rec.Get("name"), Description: rec.Get("description"), Status: rec.Get("status"), Eligibility: rec.Get("eligibility_description"),
		Interpreters: rec.Get("interpretation_services"), Fees: cmp.Or(rec.Get("fees_description"), rec.Get("fees")), Alert: rec.Get("alert"), Email: rec.Get("email"),
		Checked: rec.Get("assured_date"), About: map[string]string{},
	}
	s.MinAge, _ = strconv.Atoi(rec.Get("minimum_age")) // absent: 0
	s.MaxAge, _ = strconv.Atoi(rec.Get("maximum_age"))
	site := rec.Get("url")
	if org := m.data.Find("organization", rec.Get("organization_id")); org != nil {
		s.Organization = org.Get("name")
		site = cmp.Or(site, org.Get("website"))
	}
	s.Site = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(site, "https://"), "http://"), "/")
	region, zone := m.describe(&s, rec)
	for _, meta := range m.tree.Kids("metadata", rec) {
		if meta.Get("last_action_type") == "check" && meta.Get("last_action_date") >= s.Checked {
			s.Checked, s.How = meta.Get("last_action_date"), meta.Get("replacement_value")
		}
	}
	if t, err := time.Parse(time.DateOnly, s.Checked); err == nil {
		s.ReviewBy = min(cmp.Or(s.ReviewBy, t.Add(reviewAfter).Format(time.DateOnly)), t.Add(reviewAtMost).Format(time.DateOnly))
	}
	m.where(&s, rec)
	for _, area := range m.tree.Kids("service_area", rec) {
		s.Areas = append(s.Areas, area.Get("name"))
	}
	m.phones(&s, rec)
	m.languages(&s, rec)
	m.hours(&s, rec, region, zone)
	return s
}

// describe reads the attributes of Turnstone's vocabulary.
func (m *maker) describe(s *Service, rec *hsds.Record) (region, zone string) {
	for _, a := range m.tree.Kids("attribute", rec) {
		v := a.Get("value")
		switch hsds.TermOf(a) {
		case hsds.TermCrime:
			s.Crimes = append(s.Crimes, v)
		case hsds.TermFor:
			s.For = append(s.For, v)
		case hsds.TermKind:
			s.Kind = v
		case hsds.TermCountry:
			s.Countries = append(s.Countries, v)
		case hsds.TermRegion:
			region = v
		case hsds.TermZone:
			zone = v
		case hsds.TermReview:
			if _, err := time.Parse(time.DateOnly, v); err == nil {
				s.ReviewBy = v
			}
		case hsds.TermAbout:
			if lang, text, ok := strings.Cut(v, ": "); ok {
				s.About[lang] = text
			}
		}
	}
	slices.Sort(s.Crimes)
	slices.Sort(s.For)
	return region, zone
}

// where reads the places of a service.
func (m *maker) where(s *Service, rec *hsds.Record) {
	for _, at := range m.tree.Kids("service_at_location", rec) {
		loc := m.data.Find("location", at.Get("location_id"))
		if loc == nil || loc.Get("location_type") == "virtual" {
			continue
		}
		p := Place{Name: loc.Get("name")}
		for _, a := range m.tree.Kids("address", loc) {
			if a.Get("address_type") == "postal" && p.City != "" {
				continue
			}
			p.Lines = nil
			for _, f := range []string{"attention", "address_1", "address_2"} {
				if v := a.Get(f); v != "" {
					p.Lines = append(p.Lines, v)
				}
			}
			p.City, p.Postcode, p.Country = a.Get("city"), a.Get("postal_code"), strings.ToUpper(a.Get("country"))
		}
		if lat := loc.Get("latitude"); lat != "" {
			p.Lat, _ = strconv.ParseFloat(lat, 64) // checked when they were read
			p.Long, _ = strconv.ParseFloat(loc.Get("longitude"), 64)
			p.Known = true
		}
		for _, a := range m.tree.Kids("accessibility", loc) {
			p.Access = append(p.Access, cmp.Or(a.Get("description"), a.Get("details")))
		}
		s.Places = append(s.Places, p)
		if p.Country != "" && !slices.Contains(s.Countries, p.Country) {
			s.Countries = append(s.Countries, p.Country)
		}
	}
	slices.Sort(s.Countries)
}

// phones collects the numbers of the service, of it at its places, and, when
// there are none, those of its places and its organization.
func (m *maker) phones(s *Service, rec *hsds.Record) {
	add := func(owner *hsds.Record) {
		for _, p := range m.tree.Kids("phone", owner) {
			phone := Phone{Number: p.Get("number"), Dial: dial(p.Get("number")), Extension: p.Get("extension"), Type: p.Get("type"), About: p.Get("description")}
			for _, l := range m.tree.Kids("language", p) {
				phone.Languages = append(phone.Languages, languageCode(l.Get("code"), l.Get("name")))
			}
			if phone.Dial != "" && !slices.ContainsFunc(s.Phones, func(q Phone) bool { return q.Dial == phone.Dial && q.Extension == phone.Extension }) {
				s.Phones = append(s.Phones, phone)
			}
		}
	}
	add(rec)
	ats := m.tree.Kids("service_at_location", rec)
	for _, at := range ats {
		add(at)
	}
	for _, at := range ats {
		if loc := m.data.Find("location", at.Get("location_id")); loc != nil && len(s.Phones) == 0 {
			add(loc)
		}
	}
	if org := m.data.Find("organization", rec.Get("organization_id")); org != nil && len(s.Phones) == 0 {
		add(org)
	}
	slices.SortStableFunc(s.Phones, func(a, b Phone) int { return cmp.Compare(b2i(a.Type == "fax"), b2i(b.Type == "fax")) })
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dial returns the digits of a number, with the + before them if there is one.
func dial(number string) string {
	var b strings.Builder
	for i, c := range number {
		if c >= '0' && c <= '9' || c == '+' && i == 0 {
			b.WriteRune(c)
		}
	}
	if b.Len() < 2 {
		return ""
	}
	return b.String()
}

func (m *maker) languages(s *Service, rec *hsds.Record) {
	add := func(owner *hsds.Record) {
		for _, l := range m.tree.Kids("language", owner) {
			if code := languageCode(l.Get("code"), l.Get("name")); code != "" {
				s.Languages = append(s.Languages, code)
			}
		}
	}
	add(rec)
	for _, at := range m.tree.Kids("service_at_location", rec) {
		if loc := m.data.Find("location", at.Get("location_id")); loc != nil {
			add(loc)
		}
	}
	for _, p := range s.Phones {
		s.Languages = append(s.Languages, p.Languages...)
	}
	slices.Sort(s.Languages)
	s.Languages = slices.DeleteFunc(slices.Compact(s.Languages), func(l string) bool { return l == "" })
}

// languageCode returns the code of a language that a source names by code
// (ISO 639-1 or -3) or by its English name, "" when it is neither.
func languageCode(code, name string) string {
	for _, s := range []string{code, name} {
		if base, err := language.ParseBase(strings.ToLower(strings.TrimSpace(s))); err == nil && base.String() != "und" {
			return base.String()
		}
	}
	return languageNames()[strings.ToLower(strings.TrimSpace(name))]
}

// mostNames is how many names of languages are remembered: some dozens of
// languages are spoken by services, and a site is read in a few.
const mostNames = 5000

var languageNamesIn = memo.Of(mostNames, func(k [2]string) string { return languageName(k[0], k[1]) })

// LanguageName returns what a language is called in another one.
func LanguageName(code, in string) string { return languageNamesIn([2]string{code, in}) }

func languageName(code, in string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	namer := display.Languages(language.Make(in))
	if namer == nil {
		namer = display.Languages(language.English)
	}
	return cmp.Or(namer.Name(tag), code)
}
