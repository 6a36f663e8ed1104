// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import "sync"

// The terms of Turnstone's own vocabulary: what the standard has no field for
// and lets attributes say. Other readers may pass over them.
const (
	TermZone     = "timezone"  // of a schedule: the name of its time zone
	TermHolidays = "holidays"  // of a schedule: on public holidays closed, sunday (as on Sundays), or open (as always)
	TermHours    = "hours"     // of a schedule: unknown, because part of it could not be read and the rest would say other hours
	TermRegion   = "region"    // of a service: whose public holidays it keeps, such as GB-SCT
	TermReview   = "review_by" // of a service: the day by which it must be checked again
	TermCountry  = "country"   // of a service: the country that it serves, ISO 3166-1
	TermCrime    = "crime"     // of a service: a kind of crime that it is for
	TermFor      = "for"       // of a service: for whom it is
	TermKind     = "kind"      // of a service: what it is
	TermAbout    = "about"     // of a service: what it is in another language, "da: …"
)

var termNames = map[string]string{
	TermZone:     "Time zone of a schedule, by its name in the IANA database",
	TermHolidays: "What a schedule does on public holidays: closed, sunday or open",
	TermHours:    "That the hours of a schedule are unknown, because part of it could not be read",
	TermRegion:   "The country or part of one whose public holidays a service keeps",
	TermReview:   "The day by which a service must be checked again",
	TermCountry:  "The country that a service serves, ISO 3166-1",
	TermCrime:    "A kind of crime that a service is for",
	TermFor:      "For whom a service is: young, women, men, older, business",
	TermKind:     "What a service is: emergency, police, report, helpline",
	TermAbout:    "What a service is in another language, after the language's tag and a colon",
}

const vocabularyName = "turnstone"

// Describe adds an attribute of Turnstone's vocabulary to a record, with the
// term and the taxonomy if they are not there yet. It panics for a term that
// the vocabulary does not have.
func Describe(d *Dataset, rec *Record, term, value string) {
	name, ok := termNames[term]
	if !ok {
		panic("hsds: there is no term " + term)
	}
	taxonomy := MakeID("taxonomy", vocabularyName)
	id := MakeID("term", vocabularyName, term)
	if d.Find("taxonomy_term", id) == nil {
		if d.Find("taxonomy", taxonomy) == nil {
			d.Add(NewRecord(TableOf("taxonomy")).Set("id", taxonomy).Set("name", "Turnstone").Set("description", "What a help directory says beside the standard's fields"))
		}
		d.Add(NewRecord(TableOf("taxonomy_term")).Set("id", id).Set("code", term).Set("name", term).Set("description", name).
			Set("taxonomy", "Turnstone").Set("taxonomy_id", taxonomy).Set("language", "en"))
	}
	d.Add(NewRecord(TableOf("attribute")).Set("id", MakeID("attribute", rec.Table.Name, rec.ID(), term, value)).Set("link_id", rec.ID()).
		Set("link_entity", rec.Table.Name).Set("link_type", term).Set("taxonomy_term_id", id).Set("value", value))
}

// TermOf returns the term of Turnstone's vocabulary that an attribute bears,
// or "".
func TermOf(attribute *Record) string { return termIDs()[attribute.Get("taxonomy_term_id")] }

var termIDs = sync.OnceValue(func() map[string]string {
	ids := map[string]string{}
	for term := range termNames {
		ids[MakeID("term", vocabularyName, term)] = term
	}
	return ids
})
