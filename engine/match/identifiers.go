// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// strength says what an identifier of a kind can prove.
type strength uint8

const (
	decides strength = iota // one thing has one: the same decides, another speaks against
	several                 // a thing may have several: another one speaks little
	sharing                 // several things may have it: accounts, wallets
	contact                 // telephone, mail, website
)

// idKind is what the table says of a property.
type idKind struct {
	number   uint8
	strength strength
}

// identifier is a value with the kind of its property.
type identifier struct {
	kind  idKind
	value string
}

func (t *tables) loadIdentifiers() error {
	t.ids = map[string]idKind{}
	kinds := numbering{}
	return each("identifiers.csv", 3, func(row []string) error {
		k := idKind{number: uint8(kinds.of(row[1]))}
		switch row[2] {
		case "unique":
			k.strength = decides
		case "several":
			k.strength = several
		case "shared":
			k.strength = sharing
		case "contact":
			k.strength = contact
		case "none":
			return nil
		default:
			return fmt.Errorf("no such strength: %q", row[2])
		}
		t.ids[strings.Clone(row[0])] = k
		return nil
	})
}

// maxIdentifiers bounds how many identifiers of one entity are looked at.
const maxIdentifiers = 64

// identifiers gathers the identifiers of an entity, written alike and sorted
// by value.
func (t *tables) identifiers(e *ftm.Entity) []identifier {
	var out []identifier
	for prop, kind := range t.ids {
		for _, v := range e.Get(prop) {
			value := cleanIdentifier(v, kind)
			if len(value) < 4 || e.Schema == "Vehicle" && prop == "registrationNumber" {
				continue // too short to prove anything; plates are compared by their letters
			}
			out = append(out, identifier{kind, value})
		}
	}
	slices.SortFunc(out, func(a, b identifier) int {
		if c := strings.Compare(a.value, b.value); c != 0 {
			return c
		}
		return int(a.kind.number) - int(b.kind.number)
	})
	out = slices.Compact(out)
	return out[:min(len(out), maxIdentifiers)]
}

// Identifiers returns the entity's identifiers, each with the number of its
// kind before it, so that equal texts mean equal identifiers. Those by which
// people are reached are among them.
func (e *Entity) Identifiers() []string {
	out := make([]string, len(e.ids))
	for i, id := range e.ids {
		out[i] = string(rune(id.kind.number)) + id.value
	}
	return out
}

// cleanIdentifier leaves letters and digits of an identifier; of a website the
// host, of a telephone number its last nine digits.
func cleanIdentifier(v string, kind idKind) string {
	v = clip(v, 256)
	if strings.Contains(v, "://") || strings.HasPrefix(v, "www.") {
		_, after, found := strings.Cut(v, "://")
		if !found {
			after = v
		}
		v, _, _ = strings.Cut(after, "/")
		v = strings.TrimPrefix(v, "www.")
	}
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '@' {
			return unicode.ToUpper(r)
		}
		return -1
	}, v)
	clean = strings.TrimPrefix(clean, "IMO")
	if kind.strength == contact && isDigits(clean) && len(clean) > 9 {
		clean = clean[len(clean)-9:]
	}
	return clean
}

// compareIdentifiers finds the best that two sorted lists say: what they
// share, and kinds that decide and differ.
func compareIdentifiers(a, b []identifier) (same [contact + 1]int, example string, differ, differSeveral bool) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := strings.Compare(a[i].value, b[j].value); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			s := max(a[i].kind.strength, b[j].kind.strength)
			if s == several && a[i].kind.number != b[j].kind.number && len(a[i].value) < 6 {
				s = contact // a short number under two names may be chance
			}
			if same[s]++; example == "" || s == decides {
				example = a[i].value
			}
			i++
			j++
		}
	}
	shared := func(k idKind) bool {
		for _, x := range a {
			if x.kind != k {
				continue
			}
			for _, y := range b {
				if y.kind == k && (x.value == y.value) {
					return true
				}
			}
		}
		return false
	}
	for _, x := range a {
		for _, y := range b {
			if x.kind != y.kind || x.kind.strength > several || shared(x.kind) {
				continue
			}
			if x.kind.strength == decides {
				differ = true
			} else {
				differSeveral = true
			}
		}
	}
	return same, example, differ, differSeveral
}
