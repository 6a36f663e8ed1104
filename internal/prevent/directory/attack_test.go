// SPDX-License-Identifier: AGPL-3.0-or-later

package directory_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// one reads a directory of one service with one schedule, and what was told.
func one(t *testing.T, country string, schedule string, attributes map[string]string) (*directory.Service, []string) {
	t.Helper()
	var more []string
	for term, value := range attributes {
		more = append(more, fmt.Sprintf(`{"id": "%[1]s", "link_type": "%[1]s", "taxonomy_term_id": %[2]q, "value": %[3]q}`, term, hsds.MakeID("term", "turnstone", term), value))
	}
	var terms []string
	for term := range attributes {
		terms = append(terms, fmt.Sprintf(`{"id": %q, "name": %q, "description": "x", "taxonomy_id": %q}`, hsds.MakeID("term", "turnstone", term), term, hsds.MakeID("taxonomy", "turnstone")))
	}
	body := fmt.Sprintf(`{"services": [{"id": "s", "name": "Line", "status": "active", "description": "x", "organization": {"id": "o", "name": "Org", "description": "x"},
		"schedules": [{"id": "h", %s, "attributes": [%s]}], "service_areas": [],
		"service_at_locations": [{"id": "at", "location": {"id": "l", "location_type": "physical", "addresses": [{"id": "a", "address_1": "x", "city": "x", "state_province": "x", "postal_code": "1", "country": %q, "address_type": "physical"}]}}]}],
		"taxonomies": [{"id": %q, "name": "Turnstone", "description": "x"}], "taxonomy_terms": [%s]}`, schedule, strings.Join(more, ", "), country, hsds.MakeID("taxonomy", "turnstone"), strings.Join(terms, ", "))
	data, report, err := hsds.Read("d.json", []byte(body), hsds.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, p := range report.Problems {
		told = append(told, p.String())
	}
	d := directory.New(data)
	if len(d.Services) != 1 {
		t.Fatalf("%d services: %v", len(d.Services), told)
	}
	return &d.Services[0], told
}

const weekdays = `"freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "09:00:00", "closes_at": "17:00:00"`

// A zone that does not exist is told when it is imported, and makes the hours
// unknown: never closed, never open, and never by another country's clock.
func TestAZoneThatDoesNotExistMakesHoursUnknown(t *testing.T) {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for _, zone := range []string{"Europe/Atlantis", "localtime", "right/Europe/London", "../../etc/localtime", "CET/../Europe/London"} {
		s, told := one(t, "DK", weekdays, map[string]string{"timezone": zone})
		if state := s.Hours.At(at); state.Known || state.Open {
			t.Errorf("%s: %+v", zone, state)
		}
		if !strings.Contains(strings.Join(told, "\n"), "says nothing about timezone") {
			t.Errorf("%s is not told: %v", zone, told)
		}
		_, told = one(t, "DK", weekdays+`, "timezone": "`+zone+`"`, nil)
		if !strings.Contains(strings.Join(told, "\n"), "there is no time zone") {
			t.Errorf("%s in the standard's own field is not told: %v", zone, told)
		}
	}
	s, told := one(t, "US", weekdays, nil) // many zones, and nobody said which
	if state := s.Hours.At(at); state.Known {
		t.Errorf("%+v %v", state, told)
	}
	s, _ = one(t, "US", weekdays, map[string]string{"timezone": "America/Los_Angeles"})
	if state := s.Hours.At(at); !state.Known || state.Open || !state.Next.Equal(time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", state)
	}
	s, told = one(t, "DK", weekdays, nil)
	if state := s.Hours.At(at); !state.Open || len(told) > 0 && strings.Contains(strings.Join(told, " "), "zone") {
		t.Errorf("%+v %v", state, told)
	}
}

// Times and days that don't exist are told and left out; whatever is left never
// makes a service look closed.
func TestTimesThatDoNotExistAreTold(t *testing.T) {
	for _, schedule := range []string{
		`"freq": "WEEKLY", "byday": "MO", "opens_at": "25:00:00", "closes_at": "26:00:00"`, `"freq": "WEEKLY", "byday": "XX", "opens_at": "09:00:00", "closes_at": "10:00:00"`,
		`"freq": "WEEKLY", "byday": "MO", "valid_from": "2026-02-30"`, `"freq": "HOURLY", "byday": "MO"`, `"freq": "MONTHLY", "bymonthday": "32"`, `"freq": "WEEKLY", "byday": "MO", "opens_at": "soon", "closes_at": "late"`,
		`"freq": "WEEKLY", "byday": "MO", "valid_from": "2026-05-01", "valid_to": "2026-01-01"`, `"freq": "WEEKLY", "interval": "0"`, `"freq": "WEEKLY", "byday": "MO", "timezone": "99"`,
	} {
		s, told := one(t, "DK", schedule, nil)
		if len(told) == 0 {
			t.Errorf("%s: nothing is told", schedule)
		}
		for hour := range 7 * 24 { // without its times it would be open all day, without its days every day
			if state := s.Hours.At(time.Date(2026, 11, 23, hour, 30, 0, 0, time.UTC)); state.Known || state.Open {
				t.Fatalf("%s: %+v", schedule, state)
			}
		}
	}
	// a wrong word about something else leaves the hours as they are
	if s, told := one(t, "DK", weekdays+`, "schedule_link": "no address"`, nil); !s.Hours.Known() || len(told) == 0 {
		t.Errorf("%v", told)
	}
}

// What was left out stays unknown in what is kept of an import, which is read
// back without a complaint.
func TestUnknownHoursAreKept(t *testing.T) {
	body := `{"services": [{"id": "s", "name": "Line", "status": "active", "description": "x", "organization": {"id": "o", "name": "Org", "description": "x"},
		"schedules": [{"id": "h", "freq": "WEEKLY", "byday": "MO", "opens_at": "25:00", "closes_at": "26:00"}, {"id": "g", ` + weekdays + `}]}]}`
	data, report, err := hsds.Read("d.json", []byte(body), hsds.Options{})
	if err != nil || report.Changed() == 0 {
		t.Fatalf("%v %v", err, report.Problems)
	}
	var kept bytes.Buffer
	if err := hsds.WriteTables(&kept, data); err != nil {
		t.Fatal(err)
	}
	data, report, err = hsds.Read("import.zip", kept.Bytes(), hsds.Options{})
	if err != nil || report.Changed() > 0 {
		t.Fatalf("%v %v", err, report.Problems)
	}
	if s := directory.New(data).Services[0]; s.Hours.Known() {
		t.Errorf("it claims to know %+v", s.Hours)
	}
}

// What an attribute says in words that nobody knows counts as not said.
func TestAttributesThatSayNothing(t *testing.T) {
	s, told := one(t, "DK", weekdays, map[string]string{"holidays": "perhaps"})
	if !strings.Contains(strings.Join(told, "\n"), "says nothing about holidays") {
		t.Errorf("%v", told)
	}
	if state := s.Hours.At(time.Date(2026, 4, 6, 10, 0, 0, 0, time.UTC)); !state.Open || !state.Doubt {
		t.Errorf("%+v", state)
	}
	d := &hsds.Dataset{}
	rec := hsds.NewRecord(hsds.TableOf("service")).Set("id", hsds.MakeID("s")).Set("name", "Line").Set("status", "active").Set("assured_date", "2026-11-01")
	d.Add(rec)
	hsds.Describe(d, rec, hsds.TermReview, "2026-13-45")
	if s := directory.New(d).Services[0]; s.ReviewBy != "2027-11-01" {
		t.Errorf("it is due by %s", s.ReviewBy)
	}
	d = &hsds.Dataset{}
	d.Add(rec)
	hsds.Describe(d, rec, hsds.TermReview, "9999-12-31")
	if s := directory.New(d).Services[0]; s.ReviewBy != "2028-10-31" {
		t.Errorf("it is due by %s", s.ReviewBy)
	}
}
