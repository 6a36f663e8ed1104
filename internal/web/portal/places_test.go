// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

var placeLink = regexp.MustCompile(`href="(/[a-z]+/help\?[^"#]*place=[^"#]*)(?:#found)?"><span>([^<]*)</span>`)

// Of several places with one name a visitor is asked which; what they choose
// goes on to the next page, to other languages and to another question.
func TestWhichNewport(t *testing.T) {
	w := newWorld(t)
	w.registry.programmes[0].Countries = nil // no country is chosen for them
	w.build()
	page := w.get("/en/help?near=newport").Body.String()
	links := placeLink.FindAllStringSubmatch(page, -1)
	if !strings.Contains(page, "Which one do you mean?") || len(links) < 4 || strings.Contains(page, "near-error") || !strings.Contains(page, "Samaritans") {
		t.Fatalf("nobody is asked: %v", links)
	}
	names := map[string]bool{}
	for _, m := range links {
		if name := html.UnescapeString(m[2]); names[name] {
			t.Errorf("two places are called %s", name)
		}
		names[html.UnescapeString(m[2])] = true
		one := w.get(html.UnescapeString(m[1])).Body.String()
		if !strings.Contains(one, "Near <span>"+m[2]+"</span>.") || strings.Contains(one, "Which one do you mean?") || !strings.Contains(one, `<input type="hidden" name="place"`) {
			t.Errorf("%s is not taken", m[2])
		}
		place := strings.Split(m[1], "place=")[1]
		for _, lang := range []string{"da", "ar"} {
			if !strings.Contains(one, `href="/`+lang+`/help?country=&amp;near=newport&amp;place=`+place) {
				t.Errorf("%s is lost in %s", m[2], lang)
			}
		}
	}
	if !names["Newport, Wales"] || !names["Newport, England, near Gosport"] {
		t.Errorf("the places are called %v", names)
	}
	for _, place := range []string{"1,2", "x", "%22%3E%3Cscript%3E", strings.Repeat("9", 5000)} {
		if page := w.get("/en/help?near=Newport&place=" + place).Body.String(); !strings.Contains(page, "Which one do you mean?") || strings.Contains(page, "<script>") || strings.Contains(page, "99999") {
			t.Errorf("%.20s is taken for a place", place)
		}
	}
	if page := w.get("/ar/help?near=Bangor").Body.String(); !strings.Contains(page, "أيها تقصد؟") || !strings.Contains(page, "أيرلندا الشمالية") {
		t.Error("nobody is asked in Arabic")
	} else if !strings.Contains(page, "<span>\u2068Bangor\u2069، أيرلندا الشمالية</span>") {
		t.Error("the name stands on the wrong side of its region")
	}
}

// A place that is far larger than its namesakes is taken, and they are offered;
// one that has none is taken without a word about others.
func TestALargePlaceIsTaken(t *testing.T) {
	w := newWorld(t)
	page := w.get("/en/help?near=Newcastle").Body.String()
	if !strings.Contains(page, "Near <span>Newcastle upon Tyne, England</span>. Or do you mean:") || !strings.Contains(page, "<span>Newcastle, Northern Ireland, near Lisburn</span>") {
		t.Error("the larger one is not taken, or the smaller not offered")
	}
	if page := w.get("/da/help?near=Koebenhavn&country=DK").Body.String(); !strings.Contains(page, "I nærheden af <span>København, Region Hovedstaden</span>.") || strings.Contains(page, "Eller mener du") {
		t.Error("Copenhagen is not taken")
	}
	if page := w.get("/en/help?near=8600").Body.String(); !strings.Contains(page, "Near <span>Silkeborg, Central Jutland</span>.") {
		t.Error("a postcode is not taken")
	}
	if page := w.get("/en/help?near=SW1A+1AA").Body.String(); !strings.Contains(page, "Near <span>SW1A") {
		t.Error("a British postcode is not taken")
	}
}

// A village of a few hundred people is found, and who is near it.
func TestHelpNearAVillage(t *testing.T) {
	w := newWorld(t)
	data, _ := lighthouse()
	w.own(data)
	for near, want := range map[string]bool{"Hjortshøj": true, "Hjortshoej": true, "Ebeltoft": true, "Skagen": false, "Rønne": false, "Svaneke": false} {
		page := w.get("/en/help?near=" + near).Body.String()
		if strings.Contains(page, "near-error") || strings.Contains(page, "Natlinjen") != want {
			t.Errorf("%s: %v", near, !want)
		}
	}
	d := &hsds.Dataset{}
	d.Merge(data)
	record(d, "location", "id", hsds.MakeID("far"), "location_type", "physical", "name", "Kontor", "latitude", "47.37", "longitude", "8.54")
	record(d, "address", "id", hsds.MakeID("fa"), "location_id", hsds.MakeID("far"), "address_1", "Gasse 1", "city", "Zürich", "postal_code", "8001", "country", "CH", "address_type", "physical")
	record(d, "service", "id", hsds.MakeID("s2"), "organization_id", hsds.MakeID("org"), "name", "Nachtlinie", "status", "active")
	record(d, "service_at_location", "id", hsds.MakeID("at2"), "service_id", hsds.MakeID("s2"), "location_id", hsds.MakeID("far"))
	w.own(d)
	if page := w.get("/en/help?near=zurich").Body.String(); !strings.Contains(page, "Near <span>Zürich</span>.") || !strings.Contains(page, "Nachtlinie") {
		t.Error("a town of the directory alone is not found")
	}
}
