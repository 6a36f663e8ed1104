// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"fmt"
	"slices"
	"strings"
)

// Kind says what the values of a column are, and so how two of them compare.
type Kind uint8

// The kinds of column.
const (
	Ignore     Kind = iota // not compared: an answer, a constant, a note
	RecordID               // names the record in the output, never compared
	Given                  // given names
	Family                 // family names
	FullName               // whole names of persons or organisations, in any order
	Date                   // a date in one column
	Year                   // the year of a date in three columns
	Month                  // its month
	Day                    // its day
	Phone                  // telephone numbers
	Email                  // e-mail addresses
	Postcode               // postal codes
	Number                 // house numbers and other short numbers
	Address                // streets and whole addresses
	Place                  // towns, suburbs, birth places
	Category               // a few values: state, gender, country
	Identifier             // numbers that a register gave
	Text                   // anything else worth comparing
)

var kindNames = []string{
	"ignore", "record-id", "given", "family", "name", "date", "year", "month", "day", "phone", "email",
	"postcode", "number", "address", "place", "category", "identifier", "text",
}

// String returns the kind's name as mapping files write it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind returns the kind of that name; the error lists the names there are.
func ParseKind(name string) (Kind, error) {
	i := slices.Index(kindNames, strings.ToLower(strings.TrimSpace(name)))
	if i < 0 {
		return Ignore, fmt.Errorf("unknown kind of column %q: use one of %s", name, strings.Join(kindNames, ", "))
	}
	return Kind(i), nil
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	kind, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = kind
	return nil
}

// Mapping says what each column of a table is, in the order of the columns.
type Mapping []Column

// Column is one column's name and kind.
type Column struct {
	Name string `json:"name" yaml:"name"`
	Kind Kind   `json:"kind" yaml:"kind"`
	// Told says that somebody named the kind: of too many columns those that
	// are only guessed are left out first.
	Told bool `json:"told,omitempty" yaml:"told,omitempty"`
}

// String shows the mapping on one line, for people to check.
func (m Mapping) String() string {
	parts := make([]string, len(m))
	for i, c := range m {
		parts[i] = c.Name + "=" + c.Kind.String()
	}
	return strings.Join(parts, " ")
}
