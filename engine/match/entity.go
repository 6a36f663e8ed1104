// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// Entity is an entity made ready for comparing. Its zero value is an entity of
// which nothing is known.
type Entity struct {
	ID     string
	Schema string
	Sort   Sort
	// Names are its names, aliases and former names without repetitions,
	// strong ones first, MaxNames at most.
	Names []Name
	// Countries are the ISO codes of all the countries it is linked to, in
	// lower case, sorted.
	Countries []string

	ids     []identifier
	begun   []date // birth, incorporation, build
	ended   []date // death, dissolution
	gender  byte   // f, m, or 0 for unknown
	places  []Name // of birth or registration
	address []Name
	fathers []Name
	vehicle vehicle
}

// Bounds on how many values of one entity are looked at: lists are long, time
// is bounded.
const (
	MaxNames     = 32
	maxAddresses = 8
)

// PrepareEntity makes an entity ready for comparing. It keeps no reference to
// e.
func PrepareEntity(e *ftm.Entity) Entity {
	return loaded().prepareEntity(e)
}

// RestoreEntity is PrepareEntity for an entity whose names an earlier call
// prepared and somebody kept: names take most of the time. It keeps names.
func RestoreEntity(e *ftm.Entity, names []Name) Entity {
	return loaded().restoreEntity(e, names)
}

func (t *tables) prepareEntity(e *ftm.Entity) Entity {
	names := t.entityNames(e, SortOf(e.Schema))
	if e.Schema == "Substance" {
		names = t.substanceNames(names)
	}
	return t.restoreEntity(e, names)
}

func (t *tables) restoreEntity(e *ftm.Entity, names []Name) Entity {
	out := Entity{ID: e.ID, Schema: e.Schema, Sort: SortOf(e.Schema), Names: names}
	out.Countries = t.countries(e)
	out.ids = t.identifiers(e)
	out.begun = dates(e, "birthDate", "incorporationDate", "buildDate")
	out.begun = append(out.begun, t.describedBirths(e)...)
	out.ended = dates(e, "deathDate", "dissolutionDate")
	out.gender = gender(e.Get("gender"))
	out.places = t.texts(e, Address, "birthPlace", "placeOfBirth")
	out.address = t.texts(e, Address, "address", "addressEntity", "full")
	out.fathers = t.texts(e, Person, "fatherName")
	switch {
	case e.Schema == "Vehicle":
		out.vehicle = t.prepareVehicle(e)
	case out.Sort == Address:
		out.address = append(out.address, out.Names...)
	}
	return out
}

// entityNames prepares the names of an entity, and puts one together from its
// parts when it has none.
func (t *tables) entityNames(e *ftm.Entity, sort Sort) []Name {
	var out []Name
	seen := map[string]bool{}
	add := func(text string, weak bool) {
		n := t.prepare(sort, text)
		n.Weak = weak
		key := signature(&n)
		if len(n.Tokens) == 0 || seen[key] || len(out) == MaxNames {
			return
		}
		seen[key] = true
		out = append(out, n)
	}
	for _, prop := range []string{"name", "alias", "previousName", "nickname", "abbreviation", "weakAlias"} {
		for _, v := range e.Get(prop) {
			add(v, prop == "weakAlias" || prop == "abbreviation")
		}
	}
	if len(out) == 0 {
		parts := make([]string, 0, 4)
		for _, prop := range []string{"firstName", "secondName", "middleName", "fatherName", "lastName"} {
			if v := e.First(prop); v != "" && prop != "fatherName" {
				parts = append(parts, v)
			}
		}
		add(strings.Join(parts, " "), false)
	}
	if len(out) == 0 && sort == Address {
		add(cmp.Or(e.First("full"), e.First("street")), false)
	}
	if len(out) == 0 {
		add(e.Caption, false)
	}
	return out
}

// signature is the same for names that would compare the same.
func signature(n *Name) string {
	var key strings.Builder
	for i := range n.Tokens {
		key.WriteString(n.Tokens[i].Native)
		key.WriteByte(' ')
	}
	return key.String()
}

// texts prepares the values of properties as names of a sort.
func (t *tables) texts(e *ftm.Entity, sort Sort, props ...string) []Name {
	var out []Name
	seen := map[string]bool{}
	for _, prop := range props {
		for _, v := range e.Get(prop) {
			if strings.HasPrefix(v, "addr-") || len(out) == maxAddresses { // the id of an address entity
				continue
			}
			n := t.prepare(sort, v)
			if key := signature(&n); len(n.Tokens) > 0 && !seen[key] {
				seen[key] = true
				out = append(out, n)
			}
		}
	}
	return out
}

var countryProps = []string{
	"country", "nationality", "citizenship", "jurisdiction", "birthCountry", "mainCountry", "flag", "countryOfBirth", "pastFlag",
}

// countries gathers the codes of all countries that an entity is linked to.
func (t *tables) countries(e *ftm.Entity) []string {
	var out []string
	for _, prop := range countryProps {
		for _, v := range e.Get(prop) {
			v = strings.ToLower(strings.TrimSpace(v))
			if len(v) > 3 {
				if code, ok := t.places[t.key(v, Organisation)]; ok {
					v = code
				}
			}
			if len(v) == 2 || len(v) == 3 || strings.IndexByte(v, '-') == 2 {
				out = append(out, strings.Clone(v[:2]))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func dates(e *ftm.Entity, props ...string) []date {
	var out []date
	for _, prop := range props {
		for _, v := range e.Get(prop) {
			if d, ok := parseDate(v); ok && len(out) < maxDates && !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// gender is 0 unless all values agree on one of two.
func gender(values []string) byte {
	out := byte(0)
	for _, v := range values {
		g := byte(0)
		switch strings.ToLower(v) {
		case "male", "m":
			g = 'm'
		case "female", "f":
			g = 'f'
		}
		if g == 0 || out != 0 && out != g {
			return 0
		}
		out = g
	}
	return out
}
