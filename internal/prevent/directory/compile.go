// SPDX-License-Identifier: AGPL-3.0-or-later

package directory

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// languageNames are the English names of languages that have a two-letter
// code, and of the others that this software meets.
var languageNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	english := display.Languages(language.English)
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			base, err := language.ParseBase(string([]rune{a, b}))
			if err != nil {
				continue
			}
			if tag, err := language.Compose(base); err == nil {
				if name := english.Name(tag); name != "" {
					names[strings.ToLower(name)] = base.String()
				}
			}
		}
	}
	return names
})

// zoneOf is the time zone of countries that have one only.
var zoneOf = map[string]string{"GB": "Europe/London", "DK": "Europe/Copenhagen", "IE": "Europe/Dublin", "SE": "Europe/Stockholm", "NO": "Europe/Oslo", "DE": "Europe/Berlin", "NL": "Europe/Amsterdam"}

// hours reads the schedules of the service and of it at its places; where
// there are none, those of its places.
func (m *maker) hours(s *Service, rec *hsds.Record, region, zone string) {
	records := m.tree.Kids("schedule", rec)
	ats := m.tree.Kids("service_at_location", rec)
	for _, at := range ats {
		records = append(slices.Clone(records), m.tree.Kids("schedule", at)...)
	}
	for _, at := range ats {
		if loc := m.data.Find("location", at.Get("location_id")); loc != nil && len(records) == 0 {
			records = m.tree.Kids("schedule", loc)
		}
	}
	country := ""
	if len(s.Countries) == 1 {
		country = s.Countries[0]
	}
	table := &hours.Timetable{Region: cmp.Or(region, country)}
	table.Zone, _ = hours.Zone(cmp.Or(zone, zoneOf[country])) // unknown: nil
	if !hours.HasHolidays(table.Region) {
		table.Region = ""
	}
	for _, r := range records {
		if text := r.Get("description"); text != "" {
			s.HoursSaid = append(s.HoursSaid, text)
		}
		spec, known := m.spec(r)
		rule, ok, err := hours.Parse(spec)
		if err != nil || !known {
			s.Hours = nil // one rule that can't be reckoned with makes all of them doubtful
			return
		}
		if ok {
			table.Rules = append(table.Rules, rule)
		}
	}
	if len(table.Rules) > 0 {
		s.Hours = table
	}
}

// spec returns a schedule as it stands, and whether that is all that it said.
func (m *maker) spec(r *hsds.Record) (s hours.Spec, known bool) {
	s, known = hours.Spec{
		Freq: r.Get("freq"), ByDay: r.Get("byday"), ByMonthDay: r.Get("bymonthday"), ByYearDay: r.Get("byyearday"), ByWeekNo: r.Get("byweekno"), Wkst: r.Get("wkst"),
		Interval: r.Get("interval"), Count: r.Get("count"), DTStart: r.Get("dtstart"), Until: r.Get("until"), ValidFrom: r.Get("valid_from"), ValidTo: r.Get("valid_to"),
		OpensAt: r.Get("opens_at"), ClosesAt: r.Get("closes_at"), Offset: r.Get("timezone"),
	}, true
	for _, a := range m.tree.Kids("attribute", r) {
		switch hsds.TermOf(a) {
		case hsds.TermZone:
			s.Zone = a.Get("value") // one that does not exist makes the hours unknown: we don't guess another
		case hsds.TermHours:
			known = false
		case hsds.TermHolidays:
			s.Holidays = hours.Policy(a.Get("value"))
		}
	}
	return s, known
}
