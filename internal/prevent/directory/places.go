// SPDX-License-Identifier: AGPL-3.0-or-later

package directory

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/gazetteer"
)

// Spot is a point on Earth that somebody named.
type Spot struct {
	Name      string
	Country   string // "" when coordinates were given
	Region    string // GB-SCT, DK-18; may be empty
	Beside    string // a larger town near it; may be empty
	Lat, Long float64
	People    int // who live there; 0: nobody said
}

// ID tells a spot from the others of its name.
func (s Spot) ID() string { return fmt.Sprintf("%.3f,%.3f", s.Lat, s.Long) }

var (
	coordinates = regexp.MustCompile(`^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,;]\s*(-?\d{1,3}(?:\.\d+)?)\s*$`)
	britishCode = regexp.MustCompile(`^([A-Z]{1,2})(\d[A-Z0-9]?)(?:\d[A-Z]{2})?$`)
	danishCode  = regexp.MustCompile(`^(?:DK-?)?(\d{4})$`)
	danishTown  = regexp.MustCompile(`^(?i:DK-?)?(\d{4})\s+(\pL.*)$`)
	danishPart  = regexp.MustCompile(`(?i)\s+(?:c|k|n|s|v|ø|nv|nø|sv|sø)\.?$`) // Aarhus C, København NV
)

const (
	// maxPlace is how long the name of a place may be in bytes.
	maxPlace = 100
	// maxSpots is how many places of one name are told.
	maxSpots = 12
	// samePlace is within how many kilometres two places of a name are one.
	samePlace = 15.0
	// farLarger is how many times larger a place is than all others of its name
	// when it is meant unless somebody says otherwise.
	farLarger = 20
)

// Clear reports whether the first of the places that have a name is meant
// beyond reasonable doubt.
func Clear(spots []Spot) bool {
	return len(spots) == 1 || len(spots) > 1 && spots[0].People > farLarger*spots[1].People
}

// Where finds the place that a person most likely means; country, when it is
// not "", decides between places of the same name.
func (x *Index) Where(text, country string) (Spot, bool) {
	spots := x.Places(text, country)
	if len(spots) == 0 {
		return Spot{}, false
	}
	return spots[0], true
}

// Places finds the places that a person may mean, the likeliest first: by
// coordinates, a postcode, the name of a town, or the address of a service of
// the directory. What stands beside a name ("Newport, Wales") narrows it.
func (x *Index) Places(text, country string) []Spot {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if text == "" || len(text) > maxPlace {
		return nil
	}
	if m := coordinates.FindStringSubmatch(text); m != nil {
		lat, _ := strconv.ParseFloat(m[1], 64) // the form has been looked at
		long, _ := strconv.ParseFloat(m[2], 64)
		if math.Abs(lat) > 90 || math.Abs(long) > 180 {
			return nil
		}
		return []Spot{{Name: text, Lat: lat, Long: long}}
	}
	if spot, ok := x.byCode(text, country); ok {
		return []Spot{spot}
	}
	if spots := x.named(text, country); len(spots) > 0 {
		return spots
	}
	parts := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == '،' })
	for i, part := range parts {
		if spots := x.part(strings.TrimSpace(part), country); len(spots) > 0 {
			spots, _ = narrowed(spots, slices.Concat(parts[:i], parts[i+1:]))
			return spots
		}
	}
	// "Newport Wales"
	if i := strings.LastIndexByte(text, ' '); i > 0 && len(parts) == 1 {
		if spots, said := narrowed(x.named(text[:i], country), []string{text[i+1:]}); said {
			return spots
		}
	}
	return nil
}

// part finds a name with a postcode before or behind it, or the postcode alone.
func (x *Index) part(text, country string) []Spot {
	if spots := x.named(text, country); len(spots) > 0 {
		return spots
	}
	if spot, ok := x.byCode(text, country); ok {
		return []Spot{spot}
	}
	if m := danishTown.FindStringSubmatch(text); m != nil && (country == "" || country == "DK") {
		code, ok := x.byCode(m[1], "DK")
		spots := x.named(m[2], "DK")
		if len(spots) > 0 && ok {
			slices.SortStableFunc(spots, func(a, b Spot) int {
				return cmp.Compare(Distance(a.Lat, a.Long, code.Lat, code.Long), Distance(b.Lat, b.Long, code.Lat, code.Long))
			})
			return spots[:1]
		}
		if ok {
			return []Spot{code}
		}
	}
	words := strings.Fields(text)
	for n := 2; n > 0; n-- { // "Leeds LS1 4AP"
		if len(words) > n {
			if spot, ok := x.byCode(strings.Join(words[len(words)-n:], ""), country); ok {
				return []Spot{spot}
			}
		}
	}
	return nil
}

// named finds the places of a name, the largest first.
func (x *Index) named(name, country string) []Spot {
	var spots []Spot
	add := func(s Spot) {
		if (country == "" || s.Country == country) && !slices.ContainsFunc(spots, func(t Spot) bool { return Distance(s.Lat, s.Long, t.Lat, t.Long) < samePlace }) && len(spots) < maxSpots {
			spots = append(spots, s)
		}
	}
	for _, name := range []string{name, danishPart.ReplaceAllString(name, "")} {
		for _, p := range gazetteer.Find(name, country) {
			add(Spot{Name: p.Name, Country: p.Country, Region: p.Region, Beside: p.Near, Lat: p.Lat, Long: p.Long, People: p.People})
		}
		for _, s := range x.towns[gazetteer.Fold(name)] {
			add(s)
		}
		if len(spots) > 0 {
			break
		}
	}
	return spots
}

// regions are what people call countries and regions.
var regions = map[string][]string{
	"GB":     {"UK", "United Kingdom", "Britain", "Great Britain", "Storbritannien", "المملكة المتحدة", "بريطانيا"},
	"GB-ENG": {"England", "إنجلترا"},
	"GB-SCT": {"Scotland", "Skotland", "اسكتلندا"},
	"GB-WLS": {"Wales", "Cymru", "ويلز"},
	"GB-NIR": {"Northern Ireland", "Nordirland", "أيرلندا الشمالية"},
	"DK":     {"Denmark", "Danmark", "الدنمارك", "الدانمارك"},
	"DK-17":  {"Hovedstaden", "Region Hovedstaden"},
	"DK-18":  {"Midtjylland", "Region Midtjylland", "Jylland", "Jutland"},
	"DK-19":  {"Nordjylland", "Region Nordjylland", "Jylland", "Jutland"},
	"DK-20":  {"Sjælland", "Region Sjælland", "Zealand"},
	"DK-21":  {"Syddanmark", "Region Syddanmark", "Fyn", "Sønderjylland"},
}

// narrowed keeps the places that lie where something else of the text says; all
// of them when that says nothing.
func narrowed(spots []Spot, hints []string) (left []Spot, said bool) {
	for _, hint := range hints {
		key := gazetteer.Fold(hint)
		is := func(name string) bool { return key != "" && gazetteer.Fold(name) == key }
		some := slices.DeleteFunc(slices.Clone(spots), func(s Spot) bool {
			return !is(s.Country) && !is(s.Beside) && !slices.ContainsFunc(regions[s.Country], is) && !slices.ContainsFunc(regions[s.Region], is)
		})
		if len(some) > 0 {
			spots, said = some, true
		}
	}
	return spots, said
}

// postcode writes a postcode as it is looked for.
func postcode(s string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(s), " ", ""))
}

func compareSpots(a, b Spot) int {
	return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Name, b.Name))
}

// byCode finds a postcode: that of a service exactly, else the middle of its
// district, else that of its area.
func (x *Index) byCode(text, country string) (Spot, bool) {
	code := postcode(text)
	if spot, ok := x.codes[code]; ok && (country == "" || spot.Country == country) {
		return spot, true
	}
	find := func(country string, codes ...string) (Spot, bool) {
		for _, c := range codes {
			if p, ok := gazetteer.Code(country, c); ok {
				return Spot{Name: p.Name, Country: country, Region: p.Region, Lat: p.Lat, Long: p.Long}, true
			}
		}
		return Spot{}, false
	}
	if m := danishCode.FindStringSubmatch(code); m != nil && (country == "" || country == "DK") {
		return find("DK", m[1][:2], m[1][:1])
	}
	if m := britishCode.FindStringSubmatch(code); m != nil && (country == "" || country == "GB") {
		if spot, ok := find("GB", m[1]+m[2]); ok {
			return spot, true
		}
		if spot, ok := x.codes[m[1]+m[2]]; ok {
			return spot, true
		}
		return find("GB", m[1])
	}
	return Spot{}, false
}

const earth = 6371.0 // mean radius in kilometres

// Distance returns how far two points are from each other in kilometres, on a
// ball.
func Distance(lat1, long1, lat2, long2 float64) float64 {
	const rad = math.Pi / 180
	a := math.Sin((lat2 - lat1) * rad / 2)
	b := math.Sin((long2 - long1) * rad / 2)
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(a*a+math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b)))
}
