// SPDX-License-Identifier: AGPL-3.0-or-later

package programme_test

import (
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/programme"
)

const good = `
slug: north
name: {en: North Line, da: Nordlinjen}
languages: [en, da]
countries:
  - code: DK
    name: {en: Denmark, da: Danmark}
    emergency: [{number: "112", for: {en: Police and ambulance, da: Politi og ambulance}}]
desks:
  - slug: line
    name: {en: Reviewers, da: Læsere}
    organisation: {en: North Line, da: Nordlinjen}
    country: DK
    hours: {zone: Europe/Copenhagen, times: ["mon-fri 08:00-16:00", "sat 10:00-12:00"]}
  - slug: police
    name: {en: Intelligence, da: Efterretning}
    organisation: {en: Police, da: Politiet}
    police: true
    country: DK
    hours: {zone: Europe/Copenhagen}
`

func TestParse(t *testing.T) {
	p, err := programme.Parse(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(p.Desks[0].Hours.Windows); got != 6 {
		t.Errorf("windows = %d, want 6", got)
	}
	if w := p.Desks[0].Hours.Windows[5]; w.Day != time.Saturday || w.Start != 600 || w.End != 720 {
		t.Errorf("saturday = %+v", w)
	}
	if got := p.Name.In("ar"); got != "North Line" {
		t.Errorf("a missing language reads %q, want English", got)
	}
	if p.Language("ar") != "en" || p.Language("da") != "da" {
		t.Error("Language does not fall back to the default")
	}
}

func TestParseNamesEveryFault(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "languages:", "tongues:", "unknown field"},
		{"bad slug", "slug: north", "slug: North Line", "slug"},
		{"missing translation", "da: Danmark", "da: ''", `country DK: the text in "da" is missing`},
		{"bad number", `"112"`, `"call us"`, "can't be dialled"},
		{"only police", "slug: line", "police: true\n    slug: line", "outside the police"},
		{"bad hours", "mon-fri 08:00-16:00", "weekdays", "write them as"},
		{"hours backwards", "08:00-16:00", "16:00-08:00", "the end must come after"},
		{"unknown zone", "{zone: Europe/Copenhagen}", "{zone: Nowhere}", `time zone "Nowhere"`},
		{"unknown country", "country: DK\n    hours: {zone: Europe/Copenhagen}", "country: SE\n    hours: {zone: Europe/Copenhagen}", `country "SE"`},
		{"desk twice", "slug: police", "slug: line", "used twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := strings.Replace(good, c.old, c.new, 1)
			if src == good {
				t.Fatal("the case changes nothing")
			}
			_, err := programme.Parse(strings.NewReader(src))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("err = %v, want %q in it", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := programme.Parse(strings.NewReader(s))
		if err == nil && p.Check() != nil {
			t.Fatal("Parse let through what Check refuses")
		}
	})
}
