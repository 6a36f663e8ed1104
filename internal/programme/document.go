// SPDX-License-Identifier: AGPL-3.0-or-later

package programme

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

var (
	slugForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	numberForm = regexp.MustCompile(`^[+*#0-9][0-9 *#]{1,20}$`)
	windowForm = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))? ([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})$`)
	weekdays   = map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
)

// document is the file form of a programme; hours are written as
// "mon-fri 08:00-16:00".
type document struct {
	Slug      string         `yaml:"slug"`
	Name      Text           `yaml:"name"`
	Languages []string       `yaml:"languages"`
	Countries []Country      `yaml:"countries"`
	Desks     []deskDocument `yaml:"desks"`

	Intelligence Intelligence `yaml:"intelligence"`
}

type deskDocument struct {
	Slug         string        `yaml:"slug"`
	Name         Text          `yaml:"name"`
	Organisation Text          `yaml:"organisation"`
	Police       bool          `yaml:"police"`
	Country      string        `yaml:"country"`
	Hours        hoursDocument `yaml:"hours"`
}

type hoursDocument struct {
	Zone  string   `yaml:"zone"`
	Times []string `yaml:"times"`
}

// Parse reads a programme from YAML and checks it whole: the error joins one
// line for each fault, so that an operator mends a file in one go. Ids and the
// key are left zero. Unknown keys are errors.
func Parse(src io.Reader) (Programme, error) {
	raw, err := io.ReadAll(io.LimitReader(src, 1<<20))
	if err != nil {
		return Programme{}, fmt.Errorf("read programme: %w", err)
	}
	var d document
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&d); err != nil {
		return Programme{}, fmt.Errorf("read programme: %w", err)
	}
	p := Programme{Slug: d.Slug, Name: d.Name, Languages: d.Languages, Countries: d.Countries, Intelligence: d.Intelligence}
	var faults []error
	for _, dd := range d.Desks {
		hours, err := dd.Hours.parse()
		if err != nil {
			faults = append(faults, fmt.Errorf("desk %s: %w", dd.Slug, err))
		}
		p.Desks = append(p.Desks, Desk{
			Slug: dd.Slug, Name: dd.Name, Organisation: dd.Organisation,
			Police: dd.Police, Country: dd.Country, Hours: hours,
		})
	}
	if err := errors.Join(append(faults, p.Check())...); err != nil {
		return Programme{}, err
	}
	return p, nil
}

func (h hoursDocument) parse() (Hours, error) {
	hours := Hours{Zone: h.Zone}
	for _, line := range h.Times {
		m := windowForm.FindStringSubmatch(strings.ToLower(line))
		if m == nil {
			return Hours{}, fmt.Errorf("hours %q: write them as \"mon-fri 08:00-16:00\"", line)
		}
		start, end := minutes(m[3], m[4]), minutes(m[5], m[6])
		if start >= end || end > 24*60 {
			return Hours{}, fmt.Errorf("hours %q: the end must come after the start", line)
		}
		first, last := weekdays[m[1]], weekdays[m[1]]
		if m[2] != "" {
			last = weekdays[m[2]]
		}
		for day := first; ; day = (day + 1) % 7 {
			hours.Windows = append(hours.Windows, Window{Day: day, Start: start, End: end})
			if day == last {
				break
			}
		}
	}
	return hours, nil
}

func minutes(hour, minute string) int {
	return (int(hour[0]-'0')*10+int(hour[1]-'0'))*60 + int(minute[0]-'0')*10 + int(minute[1]-'0')
}

// Check returns all that is wrong with a programme, joined, or nil.
func (p Programme) Check() error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !slugForm.MatchString(p.Slug) || len(p.Slug) > 40 {
		say("slug %q: use a to z, 0 to 9 and hyphens", p.Slug)
	}
	if len(p.Languages) == 0 {
		say("languages: at least one is needed")
	}
	full := func(what string, t Text) {
		for _, lang := range p.Languages {
			if strings.TrimSpace(t[lang]) == "" {
				say("%s: the text in %q is missing", what, lang)
			}
		}
	}
	full("name", p.Name)
	countries := map[string]bool{}
	for _, c := range p.Countries {
		countries[c.Code] = true
		full("country "+c.Code, c.Name)
		if len(c.Emergency) == 0 {
			say("country %s: at least one emergency number is needed", c.Code)
		}
		for _, e := range c.Emergency {
			if !numberForm.MatchString(e.Number) {
				say("country %s: emergency number %q can't be dialled", c.Code, e.Number)
			}
			full("country "+c.Code+": emergency number "+e.Number, e.For)
		}
	}
	if len(p.Countries) == 0 {
		say("countries: at least one is needed")
	}
	faults = append(faults, p.checkDesks(countries, full)...)
	return errors.Join(faults...)
}

func (p Programme) checkDesks(countries map[string]bool, full func(string, Text)) []error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	seen, outside := map[string]bool{}, false
	for _, d := range p.Desks {
		if !slugForm.MatchString(d.Slug) || seen[d.Slug] {
			say("desk %q: the slug is malformed or used twice", d.Slug)
		}
		seen[d.Slug] = true
		outside = outside || !d.Police
		full("desk "+d.Slug+": name", d.Name)
		full("desk "+d.Slug+": organisation", d.Organisation)
		if !countries[d.Country] {
			say("desk %s: country %q is not one of the programme's", d.Slug, d.Country)
		}
		if _, err := time.LoadLocation(d.Hours.Zone); err != nil || d.Hours.Zone == "" {
			say("desk %s: time zone %q is unknown", d.Slug, d.Hours.Zone)
		}
	}
	if !outside {
		say("desks: at least one must be outside the police, for reports about the police")
	}
	return faults
}
