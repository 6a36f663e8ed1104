// SPDX-License-Identifier: AGPL-3.0-or-later

package directory

import (
	"cmp"
	_ "embed"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/unicode/norm"
)

//go:embed places.yaml
var placesYAML []byte

// Spot is a point on Earth that somebody named.
type Spot struct {
	Name      string
	Country   string // "" when coordinates were given
	Lat, Long float64
}

type gazetteerEntry struct {
	Name  string   `yaml:"name"`
	Also  []string `yaml:"also"`
	Lat   float64  `yaml:"lat"`
	Long  float64  `yaml:"long"`
	Codes []string `yaml:"codes"`
}

// gazetteer is the built-in towns by folded name, and by the beginning of
// their postcodes.
type gazetteer struct {
	names map[string][]Spot
	codes map[string]Spot // "DK 80", "GB SW"
}

var builtInPlaces = sync.OnceValue(func() gazetteer {
	var raw map[string][]gazetteerEntry
	if err := yaml.UnmarshalWithOptions(placesYAML, &raw, yaml.Strict()); err != nil {
		panic("directory: places.yaml: " + err.Error()) // it is built in, and a test reads it
	}
	g := gazetteer{map[string][]Spot{}, map[string]Spot{}}
	for country, entries := range raw {
		for _, e := range entries {
			spot := Spot{e.Name, country, e.Lat, e.Long}
			for _, name := range append([]string{e.Name}, e.Also...) {
				g.names[fold(name)] = append(g.names[fold(name)], spot)
			}
			for _, code := range e.Codes {
				g.codes[country+" "+code] = spot
			}
		}
	}
	return g
})

// fold makes names that people write differently the same: case, marks over
// letters, and what is no letter.
func fold(s string) string {
	var b strings.Builder
	for _, c := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case c == 'ø':
			b.WriteByte('o')
		case c == 'æ':
			b.WriteString("ae")
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			b.WriteRune(c)
		}
	}
	return b.String()
}

var (
	coordinates = regexp.MustCompile(`^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,;]\s*(-?\d{1,3}(?:\.\d+)?)\s*$`)
	britishCode = regexp.MustCompile(`^([A-Z]{1,2})(\d[A-Z0-9]?)(?:\d[A-Z]{2})?$`)
	danishCode  = regexp.MustCompile(`^(?:DK-?)?(\d{4})$`)
)

// maxPlace is how long the name of a place may be in bytes.
const maxPlace = 100

// Where finds the place that a person named: coordinates, a postcode, a town,
// or the address of a service of the directory. country, when it is not "",
// decides between places of the same name.
func (x *Index) Where(text, country string) (Spot, bool) {
	if text = strings.TrimSpace(text); text == "" || len(text) > maxPlace {
		return Spot{}, false
	}
	if m := coordinates.FindStringSubmatch(text); m != nil {
		lat, _ := strconv.ParseFloat(m[1], 64) // the form has been looked at
		long, _ := strconv.ParseFloat(m[2], 64)
		return Spot{Name: text, Lat: lat, Long: long}, math.Abs(lat) <= 90 && math.Abs(long) <= 180
	}
	if spot, ok := x.byCode(text, country); ok {
		return spot, true
	}
	// "8000 Aarhus" and "Aarhus, Denmark": the first part that is known
	for _, part := range append([]string{text}, strings.FieldsFunc(text, func(c rune) bool { return c == ',' })...) {
		for _, spots := range [][]Spot{builtInPlaces().names[fold(part)], x.towns[fold(part)]} {
			if i := slices.IndexFunc(spots, func(s Spot) bool { return country == "" || s.Country == country }); i >= 0 {
				return spots[i], true
			}
		}
		if spot, ok := x.byCode(part, country); ok {
			return spot, true
		}
	}
	first, _, _ := strings.Cut(text, " ") // "8000 Aarhus C"
	return x.byCode(first, country)
}

// postcode writes a postcode as it is looked for.
func postcode(s string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(s), " ", ""))
}

func compareSpots(a, b Spot) int {
	return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Name, b.Name))
}

// byCode finds a postcode.
func (x *Index) byCode(text, country string) (Spot, bool) {
	code := postcode(text)
	if spot, ok := x.codes[code]; ok && (country == "" || spot.Country == country) {
		return spot, true
	}
	if m := danishCode.FindStringSubmatch(code); m != nil && (country == "" || country == "DK") {
		for n := 2; n > 0; n-- {
			if spot, ok := builtInPlaces().codes["DK "+m[1][:n]]; ok {
				return spot, true
			}
		}
	}
	if m := britishCode.FindStringSubmatch(code); m != nil && (country == "" || country == "GB") {
		if spot, ok := x.codes[m[1]+m[2]]; ok {
			return spot, true
		}
		spot, ok := builtInPlaces().codes["GB "+m[1]]
		return spot, ok
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
