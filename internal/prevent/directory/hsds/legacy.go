// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"strings"
)

// oldFiles are tables of version 2 under the names that they had.
var oldFiles = map[string]string{
	"services_at_location.csv": "service_at_location", "services_at_locations.csv": "service_at_location", "service_at_locations.csv": "service_at_location",
	"physical_address.csv": "address", "physical_addresses.csv": "address", "postal_address.csv": "address", "postal_addresses.csv": "address", "address.csv": "address",
	"regular_schedule.csv": "schedule", "regular_schedules.csv": "schedule", "schedule.csv": "schedule",
	"accessibility_for_disabilities.csv": "accessibility", "taxonomy_term.csv": "taxonomy_term", "taxonomy.csv": "taxonomy_term",
	"service_taxonomy.csv": "attribute", "services_taxonomy.csv": "attribute", "other_attributes.csv": "attribute", "other_attribute.csv": "attribute",
	"organization.csv": "organization", "service.csv": "service", "location.csv": "location", "phone.csv": "phone", "contact.csv": "contact", "program.csv": "program",
	"language.csv": "language", "service_area.csv": "service_area", "required_document.csv": "required_document", "url.csv": "url",
}

// oldFields are fields of version 2 and what they are called now.
var oldFields = map[string]map[string]string{
	"organization":  {"url": "website"},
	"language":      {"language": "name"},
	"accessibility": {"accessibility": "description"},
	"service_area":  {"service_area": "name"},
	"taxonomy_term": {"vocabulary": "taxonomy"},
	"attribute":     {"taxonomy_id": "taxonomy_term_id", "service_id": "link_id"},
	"schedule":      {"weekday": "byday"},
}

// alias reads a key that this version does not have, if an earlier one did.
func (j *jsonReader) alias(rec *Record, key string, n node, at int) {
	if name, ok := oldFields[rec.Table.Name][key]; ok && n.kind != '{' && n.kind != '[' {
		f := rec.Table.Field(name)
		j.old(rec, f, key, n.text, j.at(at))
		return
	}
	j.unknown(rec, key, at, "the standard has no such key here", "")
}

// old reads a value that stood under another name in version 2.
func (r *reader) old(rec *Record, f int, key, raw string, at Place) {
	if key == "weekday" {
		raw = weekdays(raw)
		rec.Set("freq", "WEEKLY")
	}
	if key == "service_id" {
		rec.Set("link_entity", "service")
	}
	r.set(rec, f, raw, at, &flaw{Mended, "version 2 called it " + key, "it is called " + rec.Table.Fields[f].Name + " now"})
}

// weekdays reads what version 2 wrote for days: 1 is Monday.
func weekdays(raw string) string {
	days := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	var all []string
	for _, part := range strings.FieldsFunc(raw, func(c rune) bool { return c == ',' || c == ' ' }) {
		found := part
		for i, d := range days {
			if part == string(rune('1'+i)) || len(part) >= 2 && strings.EqualFold(part[:2], d) {
				found = d
			}
		}
		all = append(all, found)
	}
	return strings.Join(all, ",")
}

// isOldDirectory recognises the form that the first Open Referral tools wrote
// about 2015: {"organization": {"name", "urls"}, "locs": {"address", "phones"}}.
func isOldDirectory(n node) bool {
	_, org := n.get("organization")
	_, locs := n.get("locs")
	return org && locs
}

// oldDirectory reads one entry of that form: an organization with one service
// at one place. The service bears the name of the place.
func (j *jsonReader) oldDirectory(n node) error {
	o, _ := n.get("organization")
	l, _ := n.get("locs")
	if o.kind != '{' || l.kind != '{' {
		j.report.Add(Problem{Place: j.at(n.at), Wrong: "organization and locs are wanted as records", Right: "write {…}", Effect: RecordOut})
		return nil
	}
	if err := j.count(TableOf("service")); err != nil {
		return err
	}
	old := &oldEntry{j: j}
	org, service, place := old.fresh("organization", o), old.fresh("service", l), old.fresh("location", l)
	old.take(org, o, "name", "name")
	old.take(org, l, "description", "description")
	old.urls(org, o)
	old.take(service, l, "name", "name")
	old.take(service, l, "description", "description")
	service.Set("status", "active")
	old.take(place, l, "name", "name")
	place.Set("location_type", "physical")
	j.report.Add(Problem{
		Place: j.at(n.at), Table: "service", Wrong: "the entry has a form of before version 2", Right: "it becomes an organization, a service with the status active, and a place", Effect: Mended,
	})
	if name := org.Get("name"); name == "" || service.Get("name") == "" {
		j.report.Add(Problem{Place: j.at(o.at), Table: "organization", Field: "name", Wrong: "the entry names nobody", Right: "write the organization's name", Effect: RecordOut})
		return nil
	}
	for _, rec := range []*Record{org, service, place} {
		rec.Values[0] = MakeID("old", j.Source, rec.Table.Name, rec.Get("name"))
	}
	service.Set("organization_id", org.ID())
	place.Set("organization_id", org.ID())
	at := old.fresh("service_at_location", l).Set("id", MakeID("old at", service.ID(), place.ID())).Set("service_id", service.ID()).Set("location_id", place.ID())
	for _, rec := range []*Record{org, service, place, at} {
		j.keep(rec, false)
	}
	old.address(place, l)
	old.phones(service, l, "phones", "voice")
	old.phones(service, l, "fax", "fax")
	old.shorter(l)
	old.rest(o, "organization", "name", "urls")
	old.rest(l, "locs", "name", "description", "short_desc", "address", "phones", "fax")
	return nil
}

// oldEntry helps to read one entry.
type oldEntry struct{ j *jsonReader }

func (e *oldEntry) fresh(table string, at node) *Record {
	rec := NewRecord(TableOf(table))
	rec.At = e.j.at(at.at)
	return rec
}

// take reads a key of the old form into a field.
func (e *oldEntry) take(rec *Record, from node, key, field string) {
	if v, ok := from.get(key); ok {
		e.j.field(rec, rec.Table.Field(field), v)
	}
}

func (e *oldEntry) urls(org *Record, o node) {
	list, _ := o.get("urls")
	for i, u := range list.items {
		if i == 0 {
			e.j.field(org, org.Table.Field("website"), u)
			continue
		}
		e.j.report.Add(Problem{Place: e.j.at(u.at), Table: "organization", Field: "urls", Wrong: "an organization has one website", Right: "", Effect: ValueOut})
	}
}

func (e *oldEntry) address(place *Record, l node) {
	a, ok := l.get("address")
	if !ok || a.kind != '{' {
		return
	}
	rec := e.fresh("address", a).Set("address_type", "physical").Set("location_id", place.ID())
	for _, pair := range [][2]string{{"street", "address_1"}, {"city", "city"}, {"state", "state_province"}, {"zip", "postal_code"}} {
		e.take(rec, a, pair[0], pair[1])
	}
	if rec.Get("address_1") == "" {
		e.j.report.Add(Problem{Place: e.j.at(a.at), Table: "address", Field: "street", Wrong: "the address has no street", Right: "write one, or leave the address out if it is secret", Effect: Noted})
	}
	rec.Values[0] = MakeID("old", place.ID(), "address")
	e.j.keep(rec, true)
	e.rest(a, "address", "street", "city", "state", "zip")
}

func (e *oldEntry) phones(service *Record, l node, key, kind string) {
	list, _ := l.get(key)
	for _, p := range list.items {
		rec := e.fresh("phone", p).Set("type", kind).Set("service_id", service.ID())
		e.take(rec, p, "number", "number")
		if rec.Get("number") == "" {
			e.j.report.Add(Problem{Place: e.j.at(p.at), Table: "phone", Field: "number", Wrong: "the number is missing", Right: "write it, or leave the phone out", Effect: RecordOut})
			continue
		}
		rec.Values[0] = MakeID("old", service.ID(), kind, rec.Get("number"))
		e.j.keep(rec, true)
	}
}

// shorter tells of a short description that says something of its own.
func (e *oldEntry) shorter(l node) {
	long, _ := l.get("description")
	short, ok := l.get("short_desc")
	if ok && !strings.HasPrefix(long.text, strings.TrimSuffix(short.text, "...")) {
		e.j.report.Add(Problem{Place: e.j.at(short.at), Table: "service", Field: "short_desc", Wrong: "this key has no place in the standard", Right: "write it into the description", Effect: ValueOut})
	}
}

// rest tells of keys that nobody read.
func (e *oldEntry) rest(n node, where string, known ...string) {
	for i, k := range n.keys {
		found := false
		for _, name := range known {
			found = found || name == k
		}
		if !found {
			e.j.report.Add(Problem{Place: e.j.at(n.keyAt[i]), Field: short(where+"."+k, 60), Wrong: "this key has no place in the standard", Right: "", Effect: ValueOut})
		}
	}
}
