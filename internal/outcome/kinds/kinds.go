// SPDX-License-Identifier: AGPL-3.0-or-later

// Package kinds is the tables that say what outcomes are: kinds with the
// quantities, units and values that each takes and the kinds that it may be a
// stage of, exact units, exact decimals, and currencies by ISO 4217. They are
// data with a version and a source; an operator adds kinds without code.
//
// It must never use a floating-point number: what is measured is kept as it
// was written and counted in whole base units. A Table is immutable once
// loaded; everything here is safe for concurrent use.
package kinds

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
)

//go:embed kinds.json currencies.json
var files embed.FS

// Text is a name by language.
type Text map[string]string

// Languages are those that every name must have.
var Languages = []string{"en", "da", "ar"}

// In returns the name in lang, else in English.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	return t["en"]
}

// Named is a code with its name.
type Named struct {
	Code string `json:"code"`
	Name Text   `json:"name"`
}

// Unit is a measure of one dimension; Base is how many base units it is.
// Units of different dimensions are never added.
type Unit struct {
	Named
	Dimension string `json:"dimension"` // person, case, piece, mass (µg), volume (µl)
	Base      string `json:"base"`      // an exact decimal

	ratio *big.Rat
}

// The values of Kind.Value.
const (
	ValueNo       = "no"
	ValueOptional = "optional"
	ValueRequired = "required"
)

// Detail is a field that only some kinds have.
type Detail struct {
	Named
	Type string `json:"type"` // integer, decimal, text
	Max  string `json:"max"`  // largest number; of a text, the most characters
}

// Kind is a sort of outcome.
type Kind struct {
	Named
	Group     string   `json:"group"`
	Dimension string   `json:"dimension"` // of the quantity in its first unit; empty: it takes none
	Units     []string `json:"units"`     // the first is offered first
	Value     string   `json:"value"`
	Of        []string `json:"of"`      // what the quantity is of; empty: nothing to say
	Follows   []string `json:"follows"` // kinds of which it may be a later stage
	Details   []Detail `json:"details"`
	AskAbove  string   `json:"ask_above"` // above so many of its first unit somebody must say that they are sure
}

// Table is everything, loaded and checked.
type Table struct {
	Version string
	Groups  []Named
	Units   []Unit
	Of      []Named
	Kinds   []Kind
	Money   *Currencies
}

// tableFile is a file of kinds as it is written.
type tableFile struct {
	Version string  `json:"version"`
	Source  string  `json:"source"`
	Groups  []Named `json:"groups"`
	Units   []Unit  `json:"units"`
	Of      []Named `json:"of"`
	Kinds   []Kind  `json:"kinds"`
}

// BuiltIn returns the tables that come with the binary.
func BuiltIn() (*Table, error) { return Load(nil) }

// Load returns the tables that come with the binary together with an
// operator's own, which add kinds, units, groups and what quantities are of,
// and may not change one that is there: figures of the past would change with it.
func Load(own io.Reader) (*Table, error) {
	b, err := files.ReadFile("kinds.json")
	if err != nil {
		return nil, fmt.Errorf("read kinds: %w", err)
	}
	money, err := loadCurrencies()
	if err != nil {
		return nil, err
	}
	t := &Table{Money: money}
	if err := t.add(bytes.NewReader(b)); err != nil {
		return nil, fmt.Errorf("read kinds: %w", err)
	}
	if own != nil {
		if err := t.add(own); err != nil {
			return nil, fmt.Errorf("read your own kinds: %w", err)
		}
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("read kinds: %w", err)
	}
	return t, nil
}

func (t *Table) add(r io.Reader) error {
	var f tableFile
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return err
	}
	t.Version = f.Version
	t.Groups, t.Units = append(t.Groups, f.Groups...), append(t.Units, f.Units...)
	t.Of, t.Kinds = append(t.Of, f.Of...), append(t.Kinds, f.Kinds...)
	return nil
}

// check returns all that is wrong with the tables, joined.
func (t *Table) check() error {
	var faults []error
	seen := map[string]bool{}
	name := func(what string, n Named) {
		if seen[what+n.Code] {
			faults = append(faults, fmt.Errorf("%s %q stands there twice", what, n.Code))
		}
		seen[what+n.Code] = true
		for _, lang := range Languages {
			if n.Name[lang] == "" {
				faults = append(faults, fmt.Errorf("%s %q has no name in %s", what, n.Code, lang))
			}
		}
	}
	for _, g := range t.Groups {
		name("group ", g)
	}
	for _, o := range t.Of {
		name("of ", o)
	}
	for i := range t.Units {
		name("unit ", t.Units[i].Named)
		ratio, ok := new(big.Rat).SetString(t.Units[i].Base)
		if !ok || ratio.Sign() <= 0 {
			faults = append(faults, fmt.Errorf("unit %q: base %q is no positive decimal", t.Units[i].Code, t.Units[i].Base))
			ratio = big.NewRat(1, 1)
		}
		t.Units[i].ratio = ratio
	}
	for _, k := range t.Kinds {
		name("kind ", k.Named)
		faults = append(faults, t.checkKind(k)...)
	}
	return errors.Join(faults...)
}

func (t *Table) checkKind(k Kind) []error {
	var faults []error
	bad := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("kind %q: "+format, append([]any{k.Code}, args...)...))
	}
	if !slices.Contains([]string{ValueNo, ValueOptional, ValueRequired}, k.Value) {
		bad("value is %q, not no, optional or required", k.Value)
	}
	if (k.Dimension == "") != (len(k.Units) == 0) {
		bad("a dimension needs units, and units a dimension")
	}
	if k.Dimension == "" && k.Value != ValueRequired {
		bad("it has neither a quantity nor a value")
	}
	for i, code := range k.Units {
		u, ok := t.Unit(code)
		if !ok {
			bad("there is no unit %q", code)
		} else if i == 0 && u.Dimension != k.Dimension {
			bad("its first unit measures %s", u.Dimension)
		}
	}
	for _, code := range k.Of {
		if find(t.Of, code) < 0 {
			bad("there is no %q to be of", code)
		}
	}
	for _, code := range k.Follows {
		if _, ok := t.Kind(code); !ok {
			bad("it follows %q, which is no kind", code)
		}
	}
	if find(t.Groups, k.Group) < 0 {
		bad("there is no group %q", k.Group)
	}
	for _, d := range k.Details {
		if !slices.Contains([]string{"integer", "decimal", "text"}, d.Type) {
			bad("detail %q is a %q, not integer, decimal or text", d.Code, d.Type)
		}
		if _, err := ParseDecimal(d.Max); err != nil {
			bad("detail %q: max: %w", d.Code, err)
		}
	}
	if k.Dimension != "" {
		if _, err := ParseDecimal(k.AskAbove); err != nil {
			bad("ask_above: %w", err)
		}
	}
	return faults
}

func find(all []Named, code string) int {
	return slices.IndexFunc(all, func(n Named) bool { return n.Code == code })
}

// Kind returns the kind with that code.
func (t *Table) Kind(code string) (Kind, bool) {
	i := slices.IndexFunc(t.Kinds, func(k Kind) bool { return k.Code == code })
	if i < 0 {
		return Kind{}, false
	}
	return t.Kinds[i], true
}

// Unit returns the unit with that code.
func (t *Table) Unit(code string) (Unit, bool) {
	i := slices.IndexFunc(t.Units, func(u Unit) bool { return u.Code == code })
	if i < 0 {
		return Unit{}, false
	}
	return t.Units[i], true
}

// OfName returns the name of what a quantity is of.
func (t *Table) OfName(code, lang string) string {
	if i := find(t.Of, code); i >= 0 {
		return t.Of[i].Name.In(lang)
	}
	return code
}

// Shown returns the unit in which a total of a dimension is shown: the largest
// that leaves at least one of it.
func (t *Table) Shown(dimension string, base int64) Unit {
	var best Unit
	for _, u := range t.Units {
		if u.Dimension != dimension || !u.ratio.IsInt() || u.Code == "lb" {
			continue
		}
		fits := u.ratio.Cmp(new(big.Rat).SetInt64(max(base, -base))) <= 0
		if best.ratio == nil || fits && u.ratio.Cmp(best.ratio) > 0 {
			best = u
		}
	}
	return best
}
