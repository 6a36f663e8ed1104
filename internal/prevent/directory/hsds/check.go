// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
)

// complete tells of fields that a record can't be without, and reports
// whether it has them all.
func (r *reader) complete(rec *Record) bool {
	whole := true
	for i, f := range rec.Table.Fields {
		if rec.Values[i] != "" {
			continue
		}
		if f.Needed && rec.Table.Name == "location" && f.Name == "location_type" {
			rec.Values[i] = "physical" // version 2 knew no other
			r.tell(rec, f.Name, "it is missing", "it becomes physical", Mended)
			continue
		}
		if f.Needed {
			r.tell(rec, f.Name, "it is missing", "the "+strings.ReplaceAll(rec.Table.Name, "_", " ")+" can't be without it", RecordOut)
			whole = false
			break
		}
	}
	return whole
}

func (r *reader) tell(rec *Record, field, wrong, right string, e Effect) {
	r.report.Add(Problem{Place: rec.At, Table: rec.Table.Name, ID: rec.ID(), Field: field, Wrong: wrong, Right: right, Effect: e})
	r.spoil(rec, field, e)
}

// ruleFields are the fields of a schedule that say when something is open.
const ruleFields = " valid_from valid_to dtstart timezone until count wkst freq interval byday byweekno bymonthday byyearday opens_at closes_at "

// spoil marks a schedule of which a part of the rule was left out: what is left
// says other hours than were meant. Without its times it would be open all day,
// and without its days every day.
func (r *reader) spoil(rec *Record, field string, e Effect) {
	if e == ValueOut && rec.Table.Name == "schedule" && strings.Contains(ruleFields, " "+field+" ") {
		r.spoilt[rec] = true
	}
}

// unknownHours says of spoilt schedules that nobody knows their hours.
func (r *reader) unknownHours() {
	for _, rec := range slices.Clone(r.data.All("schedule")) {
		if r.spoilt[rec] {
			r.tell(rec, "", "part of it was left out, and the rest would say other hours", "until it is mended the hours count as unknown", Noted)
			Describe(r.data, rec, TermHours, "unknown")
		}
	}
}

// moveZone moves the name of a time zone into an attribute: the standard's
// field holds an offset, which is wrong for half of the year.
func (r *reader) moveZone(rec *Record) {
	if rec.Table.Name != "schedule" {
		return
	}
	name := rec.Get("timezone")
	if _, err := strconv.ParseFloat(name, 64); name == "" || err == nil {
		return
	}
	rec.Set("timezone", "")
	Describe(r.data, rec, TermZone, name)
	r.tell(rec, "timezone", "the name of a zone stands where the standard wants an offset", "it becomes an attribute", Mended)
}

// check looks at what only all records together tell: whether what is named
// is there, and whether values fit each other.
func (r *reader) check() {
	total := int64(r.data.Len())
	for round := 0; ; round++ {
		lost := map[*Record]bool{}
		n := int64(0)
		for rec := range r.data.Every() {
			if !r.linked(rec) {
				lost[rec] = true
			}
			n++
			if round == 0 && n%5000 == 0 {
				r.Progress("checking", n, total)
			}
		}
		if len(lost) == 0 {
			break
		}
		r.data.Remove(func(rec *Record) bool { return lost[rec] })
	}
	r.circles("organization", "parent_organization_id")
	r.circles("taxonomy_term", "parent_id")
	for rec := range r.data.Every() {
		r.fits(rec)
	}
	r.unknownHours()
	r.Progress("checking", total, total)
}

// linked looks whether the records that rec names are there. It reports
// whether rec can stay.
func (r *reader) linked(rec *Record) bool {
	for i, f := range rec.Table.Fields {
		id := rec.Values[i]
		if id == "" && f.InTables {
			r.tell(rec, f.Name, "it is missing", "the "+strings.ReplaceAll(rec.Table.Name, "_", " ")+" belongs to something: name it", RecordOut)
			return false
		}
		table := f.Table
		switch f.Name {
		case "link_id":
			table = rec.Get("link_entity")
		case "resource_id":
			table = rec.Get("resource_type")
		}
		if id == "" || f.Kind != Ref && (table == "" || byName()[table] == nil) || r.data.Find(table, id) != nil {
			continue
		}
		if f.InTables {
			r.tell(rec, f.Name, "there is no "+table+" "+id, "bring it with the same import", RecordOut)
			return false
		}
		r.tell(rec, f.Name, "there is no "+table+" "+id, "bring it with the same import", ValueOut)
		rec.Values[i] = ""
	}
	return true
}

// circles breaks chains of parents that come back to where they began.
func (r *reader) circles(table, parent string) {
	const safe, here = 1, 2
	state := map[*Record]int{}
	for _, start := range r.data.All(table) {
		var way []*Record
		for at := start; at != nil && state[at] != safe; at = r.data.Find(table, at.Get(parent)) {
			if state[at] == here {
				last := way[len(way)-1]
				r.tell(last, parent, "the records are each other's parents, in a circle", "one of them has none", ValueOut)
				last.Set(parent, "")
				break
			}
			state[at] = here
			way = append(way, at)
		}
		for _, rec := range way {
			state[rec] = safe
		}
	}
}

// fits looks whether the values of a record fit each other.
func (r *reader) fits(rec *Record) {
	for i, f := range rec.Table.Fields {
		if f.Wanted && rec.Values[i] == "" {
			r.tell(rec, f.Name, "the standard wants it and it is missing", "write it", Noted)
		}
	}
	switch rec.Table.Name {
	case "location":
		r.onEarth(rec)
	case "attribute":
		r.means(rec)
	case "service":
		r.between(rec, "minimum_age", 0, 130)
		r.between(rec, "maximum_age", 0, 130)
		if low, high := number(rec.Get("minimum_age")), number(rec.Get("maximum_age")); rec.Get("maximum_age") != "" && low > high {
			r.tell(rec, "maximum_age", "nobody is both older and younger", "write the lower age into minimum_age", ValueOut)
			rec.Set("minimum_age", "").Set("maximum_age", "")
		}
	case "phone":
		if !dialable(rec.Get("number")) {
			r.tell(rec, "number", quote(rec.Get("number"))+" can't be dialled as it stands", "write digits, spaces and + only", Noted)
		}
	case "schedule":
		if from, to := rec.Get("valid_from"), rec.Get("valid_to"); from != "" && to != "" && from > to {
			r.tell(rec, "valid_to", "it ends before it begins", "write the later day into valid_to", ValueOut)
			rec.Set("valid_to", "")
		}
		if (rec.Get("opens_at") == "") != (rec.Get("closes_at") == "") {
			r.tell(rec, "closes_at", "of opening and closing there is only one", "write both, or neither for the whole day", Noted)
		}
		r.between(rec, "interval", 1, 1000)
		r.between(rec, "count", 1, 10_000)
		for _, field := range []string{"byday", "bymonthday", "byyearday", "byweekno"} {
			if v := rec.Get(field); v != "" && !ruleParts(field, v) {
				r.tell(rec, field, quote(v)+" is no rule of days", ruleRight[field], ValueOut)
				rec.Set(field, "")
			}
		}
	}
}

// means tells of attributes of Turnstone's vocabulary that say nothing. They are
// kept: what reads them takes them for not said.
func (r *reader) means(rec *Record) {
	v := rec.Get("value")
	one := func(words string) (bool, string) {
		return slices.Contains(strings.Fields(words), v), "write one of " + strings.ReplaceAll(words, " ", ", ")
	}
	ok, right := true, ""
	switch TermOf(rec) {
	case TermZone:
		ok, right = ZoneExists(v), "write a name such as Europe/Copenhagen; until then the hours count as unknown"
	case TermHours:
		ok, right = one("unknown")
	case TermHolidays:
		ok, right = one("closed sunday open")
	case TermRegion:
		ok, right = hours.HasHolidays(v), "no public holidays are known there"
	case TermReview:
		_, err := time.Parse(day, v)
		ok, right = err == nil, "write a day such as 2027-05-26"
	case TermCountry:
		ok, right = len(v) == 2 && strings.ToUpper(v) == v, "write two capitals, such as DK"
	case TermFor:
		ok, right = one("young women men older business")
	case TermKind:
		ok, right = one("emergency police report helpline advice")
	case TermAbout:
		ok, right = strings.Contains(v, ": "), "write the language before it: da: …"
	}
	if !ok {
		r.tell(rec, "value", quote(v)+" says nothing about "+TermOf(rec), right, Noted)
	}
}

// onEarth looks at coordinates.
func (r *reader) onEarth(rec *Record) {
	lat, long := rec.Get("latitude"), rec.Get("longitude")
	if lat == "" && long == "" {
		return
	}
	says := ""
	switch a, o := number(lat), number(long); {
	case lat == "" || long == "":
		says = "of latitude and longitude there is only one"
	case a < -90 || a > 90 || o < -180 || o > 180:
		says = lat + ", " + long + " is not on Earth"
	case a == 0 && o == 0:
		says = "0, 0 lies in the sea; it is what forms write for nothing"
	}
	if says != "" {
		r.tell(rec, "latitude", says, "write degrees such as 55.68 and 12.57", ValueOut)
		rec.Set("latitude", "").Set("longitude", "")
	}
}

func number(s string) float64 {
	n, _ := strconv.ParseFloat(s, 64) // values were checked when they were read; absent is 0
	return n
}

func (r *reader) between(rec *Record, field string, low, high float64) {
	if v := rec.Get(field); v != "" && (number(v) < low || number(v) > high) {
		r.tell(rec, field, v+" makes no sense here", "write "+strconv.FormatFloat(low, 'f', -1, 64)+" to "+strconv.FormatFloat(high, 'f', -1, 64), ValueOut)
		rec.Set(field, "")
	}
}

// dialable reports whether a phone can dial the number: digits, and what
// people write between them.
func dialable(s string) bool {
	digits := 0
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '+' && i == 0, strings.ContainsRune(" -().", c):
		default:
			return false
		}
	}
	return digits >= 2 && digits <= 20
}

var ruleRight = map[string]string{
	"byday":      "write MO,TU or, in months, 2MO or -1FR",
	"bymonthday": "write numbers from 1 to 31 or -1 to -31, with commas",
	"byyearday":  "write numbers from 1 to 366 or -1 to -366, with commas",
	"byweekno":   "write numbers from 1 to 53 or -1 to -53, with commas",
}

// ruleParts reports whether a value of RFC 5545 is well-formed.
func ruleParts(field, value string) bool {
	limit := map[string]int{"bymonthday": 31, "byyearday": 366, "byweekno": 53, "byday": 53}[field]
	parts := strings.Split(value, ",")
	if len(parts) > 400 {
		return false
	}
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if field == "byday" {
			if len(part) < 2 || !strings.Contains("MO TU WE TH FR SA SU", part[len(part)-2:]) {
				return false
			}
			if part = part[:len(part)-2]; part == "" {
				continue
			}
		}
		n, err := strconv.Atoi(part)
		if err != nil || n == 0 || n > limit || n < -limit {
			return false
		}
	}
	return true
}
