// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// PackageFormat names the form of a package's bytes.
const PackageFormat = "turnstone-referral/1"

// Package is what a partner gets: the approved version as it was, and nothing
// that leads to a sealed report or names who wrote it. docs/partners.md
// describes it.
type Package struct {
	Format      string      `json:"format"`
	Reference   string      `json:"reference"` // the referral's number
	Version     int         `json:"version"`   // of the item
	Role        Role        `json:"role"`
	Programme   string      `json:"programme"`
	Desk        string      `json:"desk"`
	Day         string      `json:"day"` // on which the version was approved
	Title       string      `json:"title"`
	Category    string      `json:"category"`
	Seriousness string      `json:"seriousness,omitempty"`
	Language    string      `json:"language"`
	Handling    Handling    `json:"handling"`
	Statements  []Statement `json:"statements"`
	Cautions    []string    `json:"cautions,omitempty"` // one-source, malicious-suspected, one-voice
	Reason      string      `json:"reason"`             // why this partner
}

// Handling is the code with what it says in words.
type Handling struct {
	Scheme       string   `json:"scheme"`
	Version      int      `json:"version"`
	Code         string   `json:"code"`
	Conditions   []string `json:"conditions,omitempty"`
	Instructions []string `json:"instructions"`
}

// Statement is one thing that is said, with its grade.
type Statement struct {
	Text        string           `json:"text"`
	Scheme      string           `json:"scheme"`
	Source      string           `json:"source"`
	Information string           `json:"information"`
	SourceWords string           `json:"source_words,omitempty"`
	InfoWords   string           `json:"information_words,omitempty"`
	Selectors   []intel.Selector `json:"selectors,omitempty"`
}

// names are what a package calls the house.
type names struct{ programme, desk string }

// freeze makes the package of r from the approved item. It copies field by
// field, so that a field added to intel.Item stays in the house until somebody
// decides otherwise.
func freeze(r Referral, item intel.Item, rules Rules, words Words, house names, lang string) (Package, error) {
	instructions, err := rules.Instructions(item.Handling, lang)
	if err != nil {
		return Package{}, err
	}
	p := Package{
		Format: PackageFormat, Reference: r.Number, Version: item.Version, Role: r.Role, Programme: house.programme, Desk: house.desk,
		Day: day(item.Approved), Title: item.Title, Category: item.Category, Seriousness: item.Seriousness, Language: item.Language,
		Handling: Handling{
			Scheme: item.Handling.Scheme, Version: item.Handling.Version, Code: item.Handling.Code,
			Conditions: item.Handling.Conditions, Instructions: instructions,
		},
		Cautions: cautions(item.Sources), Reason: r.Reason,
	}
	for _, s := range item.Statements {
		said := Statement{Text: s.Text, Scheme: s.Grade.Scheme, Source: s.Grade.Source, Information: s.Grade.Information, Selectors: s.Selectors}
		if words != nil {
			said.SourceWords, said.InfoWords = words.Grade(s.Grade, lang)
		}
		p.Statements = append(p.Statements, said)
	}
	return p, nil
}

func cautions(s intel.Sources) []string {
	var all []string
	if s.Independence != intel.Independent {
		all = append(all, "one-source")
	}
	if s.Malicious {
		all = append(all, "malicious-suspected")
	}
	if s.OneVoice {
		all = append(all, "one-voice")
	}
	return all
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// Encode returns the package's bytes, which are kept and sent as they are.
func (p Package) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write package: %w", err)
	}
	return append(b, '\n'), nil
}

// ParsePackage reads the bytes of a package.
func ParsePackage(b []byte) (Package, error) {
	var p Package
	if err := json.Unmarshal(b, &p); err != nil {
		return Package{}, fault.Wrap(fault.Invalid, "This is not a package of a referral.", err)
	}
	if p.Format != PackageFormat {
		return Package{}, fault.Newf(fault.Invalid, "This package has the format %q; %q can be read.", clip(p.Format, 40), PackageFormat)
	}
	return p, nil
}

// Text returns the package as plain text, for mail and print.
func (p Package) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  (%s, version %d)\n%s: %s\n\n", p.Reference, p.Role, p.Version, p.Programme, p.Desk)
	fmt.Fprintf(&b, "HANDLING %s %s %s\n", p.Handling.Scheme, p.Handling.Code, strings.Join(p.Handling.Conditions, " "))
	for _, line := range p.Handling.Instructions {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	fmt.Fprintf(&b, "\n%s\n%s · %s\n\n", p.Title, p.Category, p.Day)
	for i, s := range p.Statements {
		fmt.Fprintf(&b, "%d. %s\n   [%s: %s %s, %s %s]\n", i+1, s.Text, s.Scheme, s.Source, s.SourceWords, s.Information, s.InfoWords)
	}
	if len(p.Cautions) > 0 {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(p.Cautions, ", "))
	}
	fmt.Fprintf(&b, "\n%s\n", p.Reason)
	return b.String()
}
