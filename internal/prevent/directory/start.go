// SPDX-License-Identifier: AGPL-3.0-or-later

package directory

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

//go:embed start.yaml
var startYAML []byte

// StartSource is the source of the starting set: an import of the same name
// takes its place.
const StartSource = "start"

// startEntry is one service of start.yaml.
type startEntry struct {
	ID        string            `yaml:"id"`
	Country   string            `yaml:"country"`
	Kind      string            `yaml:"kind"`
	Org       string            `yaml:"org"`
	Name      string            `yaml:"name"`
	Phone     string            `yaml:"phone"`
	Site      string            `yaml:"site"`
	About     map[string]string `yaml:"about"`
	Crimes    []string          `yaml:"crimes"`
	For       []string          `yaml:"for"`
	MinAge    int               `yaml:"min_age"`
	MaxAge    int               `yaml:"max_age"`
	Hours     string            `yaml:"hours"`
	Holidays  string            `yaml:"holidays"`
	Region    string            `yaml:"region"`
	Languages []string          `yaml:"languages"`
	How       string            `yaml:"how"`
}

// Start returns the starting set as records.
func Start() (*hsds.Dataset, error) {
	var set struct {
		Checked struct {
			On       string `yaml:"on"`
			How      string `yaml:"how"`
			ReviewBy string `yaml:"review_by"`
		} `yaml:"checked"`
		Services []startEntry `yaml:"services"`
	}
	if err := yaml.UnmarshalWithOptions(startYAML, &set, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the starting set: %w", err)
	}
	d := &hsds.Dataset{}
	for _, e := range set.Services {
		if e.How == "" {
			e.How = set.Checked.How
		}
		if err := e.add(d, set.Checked.On, set.Checked.ReviewBy); err != nil {
			return nil, fmt.Errorf("read the starting set: %s: %w", e.ID, err)
		}
	}
	d.Sort()
	return d, nil
}

// add writes an entry as records of the standard.
func (e startEntry) add(d *hsds.Dataset, on, reviewBy string) error {
	put := func(table string, pairs ...string) *hsds.Record {
		r := hsds.NewRecord(hsds.TableOf(table))
		for i := 0; i < len(pairs); i += 2 {
			r.Set(pairs[i], pairs[i+1])
		}
		d.Add(r)
		return r
	}
	org := hsds.MakeID("start", "organization", e.Org)
	put("organization", "id", org, "name", e.Org, "description", e.Org)
	id := hsds.MakeID("start", "service", e.ID)
	s := put("service", "id", id, "organization_id", org, "name", e.Name, "description", e.About["en"], "status", "active", "assured_date", on)
	if e.Site != "" {
		s.Set("url", "https://"+e.Site)
	}
	if e.MinAge > 0 {
		s.Set("minimum_age", strconv.Itoa(e.MinAge))
	}
	if e.MaxAge > 0 {
		s.Set("maximum_age", strconv.Itoa(e.MaxAge))
	}
	if e.Phone != "" {
		put("phone", "id", hsds.MakeID("start", "phone", e.ID), "service_id", id, "number", e.Phone, "type", "voice")
	}
	for _, l := range e.Languages {
		put("language", "id", hsds.MakeID("start", "language", e.ID, l), "service_id", id, "code", l, "name", LanguageName(l, "en"))
	}
	put("metadata", "id", hsds.MakeID("start", "check", e.ID), "resource_id", id, "resource_type", "service", "last_action_date", on, "last_action_type", "check",
		"field_name", "assured_date", "previous_value", "never", "replacement_value", e.How, "updated_by", "Turnstone")
	for lang, text := range e.About {
		hsds.Describe(d, s, hsds.TermAbout, lang+": "+text)
	}
	for term, values := range map[string][]string{
		hsds.TermCountry: {e.Country}, hsds.TermKind: {e.Kind}, hsds.TermCrime: e.Crimes, hsds.TermFor: e.For, hsds.TermReview: {reviewBy}, hsds.TermRegion: {e.Region},
	} {
		for _, v := range values {
			if v != "" {
				hsds.Describe(d, s, term, v)
			}
		}
	}
	return e.schedule(d, id, put)
}

func (e startEntry) schedule(d *hsds.Dataset, service string, put func(string, ...string) *hsds.Record) error {
	if e.Hours == "" {
		return nil
	}
	days, opens, closes := "MO,TU,WE,TH,FR,SA,SU", "00:00", "24:00"
	if e.Hours != "always" {
		var span string
		var ok bool
		if days, span, ok = strings.Cut(e.Hours, " "); !ok {
			return fmt.Errorf("hours %q: write always, or MO,TU 09:00-17:00", e.Hours)
		}
		if opens, closes, ok = strings.Cut(span, "-"); !ok {
			return fmt.Errorf("hours %q: write always, or MO,TU 09:00-17:00", e.Hours)
		}
	}
	r := put("schedule", "id", hsds.MakeID("start", "schedule", e.ID), "service_id", service, "freq", "WEEKLY", "byday", days, "opens_at", opens+":00", "closes_at", closes+":00")
	hsds.Describe(d, r, hsds.TermZone, zoneOf[e.Country])
	if e.Holidays != "" {
		hsds.Describe(d, r, hsds.TermHolidays, e.Holidays)
	}
	return nil
}

// FromPublicKnowledge is how the services of the starting set were checked.
const FromPublicKnowledge = "from public knowledge, not called"
