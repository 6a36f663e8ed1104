// SPDX-License-Identifier: AGPL-3.0-or-later

// Package gazetteer knows where the places of the United Kingdom and Denmark
// are, by the names that people type and by postcode. SOURCES.md says where it
// has that from; tools/gazetteer makes its tables.
//
// It must never ask anybody else, and never keep what was looked for. Its
// tables are read once, when somebody first asks, and read-only afterwards.
package gazetteer

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var (
	//go:embed places.tsv
	placesTSV string
	//go:embed codes.tsv
	codesTSV string
	//go:embed byhand.tsv
	byhandTSV string
)

// Place is a town or village.
type Place struct {
	ID        int // of GeoNames; 0: it is from elsewhere
	Name      string
	Country   string // ISO 3166-1
	Region    string // GB-ENG, GB-SCT, GB-WLS, GB-NIR; DK-17 to DK-21; may be empty
	Near      string // a larger town beside it; "" for a large one
	Lat, Long float64
	People    int
}

// table is what was read: places, their folded names in order, and codes.
type table struct {
	places []Place
	names  []named
	codes  map[string]Place // "GB SW1A", "GB SW", "DK 86"
}

type named struct {
	name  string
	place int32
}

var read = sync.OnceValue(func() *table {
	t, err := parse(placesTSV, codesTSV, byhandTSV)
	if err != nil {
		panic("gazetteer: " + err.Error()) // the tables are built in, and a test reads them
	}
	return t
})

// lines are the fields of a table's lines, without its comments.
func lines(tsv string, fields int, each func(f []string) error) error {
	n := 0
	for line := range strings.Lines(tsv) {
		n++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != fields {
			return fmt.Errorf("line %d has %d fields, want %d", n, len(f), fields)
		}
		if err := each(f); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

func point(lat, long string) (p Place, err error) {
	if p.Lat, err = strconv.ParseFloat(lat, 64); err != nil {
		return p, err
	}
	p.Long, err = strconv.ParseFloat(long, 64)
	return p, err
}

func parse(places, codes, byhand string) (*table, error) {
	t := &table{codes: map[string]Place{}}
	err := lines(places, 9, func(f []string) error {
		id, err := strconv.Atoi(f[0])
		if err != nil {
			return err
		}
		at, err := point(f[4], f[5])
		if err != nil {
			return err
		}
		people, err := strconv.Atoi(f[6])
		if err != nil {
			return err
		}
		place := int32(len(t.places))
		if f[2] != "" {
			f[2] = f[1] + "-" + f[2]
		}
		t.places = append(t.places, Place{ID: id, Name: f[3], Country: f[1], Region: f[2], Near: f[7], Lat: at.Lat, Long: at.Long, People: people})
		t.names = append(t.names, named{Fold(f[3]), place})
		if f[8] != "" {
			for name := range strings.SplitSeq(f[8], "|") {
				t.names = append(t.names, named{Fold(name), place})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	slices.SortFunc(t.names, func(a, b named) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.place, b.place)) })
	t.names = slices.Compact(t.names)
	err = lines(codes, 3, func(f []string) error {
		at, err := point(f[1], f[2])
		at.Name, at.Country = f[0], "GB"
		t.codes["GB "+f[0]] = at
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("codes: %w", err)
	}
	err = lines(byhand, 3, func(f []string) error {
		country, _, _ := strings.Cut(f[0], "-")
		found := slices.DeleteFunc(t.find(f[2], country), func(p Place) bool { return country != f[0] && p.Region != f[0] })
		if len(found) == 0 {
			return fmt.Errorf("there is no place %q in %s", f[2], f[0])
		}
		t.codes[country+" "+f[1]] = found[0]
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("byhand: %w", err)
	}
	return t, nil
}

// Find returns the places with a name, in a country unless that is "", the
// largest first. Its time grows with the logarithm of their number.
func Find(name, country string) []Place { return read().find(name, country) }

func (t *table) find(name, country string) []Place {
	key := Fold(name)
	if key == "" {
		return nil
	}
	at, _ := slices.BinarySearchFunc(t.names, key, func(n named, key string) int { return cmp.Compare(n.name, key) })
	var found []Place
	for ; at < len(t.names) && t.names[at].name == key; at++ {
		if p := t.places[t.names[at].place]; country == "" || p.Country == country {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b Place) int { return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.ID, b.ID)) })
	return found
}

// Code returns the middle of a British postcode district (SW1A) or area (SW),
// or a town among those whose Danish codes begin so (86).
func Code(country, code string) (Place, bool) {
	p, ok := read().codes[country+" "+code]
	return p, ok
}

// spellings are letters that people type in more than one way.
var spellings = strings.NewReplacer("ø", "o", "æ", "a", "å", "a", "ß", "ss", "ð", "d", "þ", "th", "ł", "l", "ى", "ي", "ة", "ه", "ک", "ك", "ی", "ي", "ـ", "")

// pairs are two letters that people type for one, or one for two: "Aarhus" and
// "Århus", "København" and "Koebenhavn".
var pairs = strings.NewReplacer("aa", "a", "ae", "a", "oe", "o")

// Fold makes names that people write differently the same: case, marks over
// letters, Saint for St, and what is no letter or digit.
func Fold(s string) string {
	s = strings.ToLower(strings.ToValidUTF8(s, ""))
	if rest, ok := strings.CutPrefix(s, "saint"); ok && strings.IndexFunc(rest, unicode.IsLetter) > 0 {
		s = "st" + rest
	}
	var b strings.Builder
	for _, c := range norm.NFD.String(spellings.Replace(norm.NFC.String(s))) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(c)
		}
	}
	return pairs.Replace(b.String())
}
