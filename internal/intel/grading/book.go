// SPDX-License-Identifier: AGPL-3.0-or-later

package grading

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/programme"
)

//go:embed schemes/*.yaml
var builtIn embed.FS

// mappingsFile holds the mappings of a folder; every other file is a scheme.
const mappingsFile = "_mappings.yaml"

// Code is one step of a scale.
type Code struct {
	Code string `yaml:"code"`
	// Rank orders the codes of a scale, the best first; 0 for codes that are
	// Unknown, which stand in no order.
	Rank    int            `yaml:"rank"`
	Unknown bool           `yaml:"unknown"`
	Names   programme.Text `yaml:"names"`
	Means   programme.Text `yaml:"means"`
	// Of a handling code: the conditions that it takes, and whether it needs
	// one of them.
	Conditions     []string `yaml:"conditions"`
	NeedsCondition bool     `yaml:"needs_condition"`
	// NoOnward says that the receiver may not pass it on.
	NoOnward bool `yaml:"no_onward"`
}

// Scheme is one version of a grading scheme.
type Scheme struct {
	ID          string         `yaml:"id"`
	Version     int            `yaml:"version"`
	ValidFrom   Day            `yaml:"valid_from"`
	ValidUntil  Day            `yaml:"valid_until"` // zero: still valid; the day itself is not
	Names       programme.Text `yaml:"names"`
	Source      []Code         `yaml:"source"`
	Information []Code         `yaml:"information"`
	Handling    []Code         `yaml:"handling"`
	Conditions  []Code         `yaml:"conditions"`
}

// Ref names this version.
func (s *Scheme) Ref() Ref { return Ref{Scheme: s.ID, Version: s.Version} }

// Find returns the code of a scale.
func Find(scale []Code, code string) (Code, bool) {
	i := slices.IndexFunc(scale, func(c Code) bool { return c.Code == code })
	if i < 0 {
		return Code{}, false
	}
	return scale[i], true
}

// Mapping says how grades of one scheme are said in another.
type Mapping struct {
	From        string            `yaml:"from"`
	To          string            `yaml:"to"`
	Source      map[string]string `yaml:"source"`
	Information map[string]string `yaml:"information"`
	Lost        programme.Text    `yaml:"lost"`
}

// Day is a date without a time, written 2016-01-01.
type Day struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Day) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return fmt.Errorf("%q is no date: write it as 2016-01-31", b)
	}
	d.Time = t
	return nil
}

// Book holds all versions of all schemes, and the mappings between them.
type Book struct {
	schemes  []*Scheme // by id and version
	mappings []Mapping
}

// BuiltIn returns the schemes that come with the binary.
func BuiltIn() (*Book, error) { return Load() }

// Load reads the schemes that come with the binary and then those of the
// operator's folders, which may add schemes and versions but not change one:
// what was graded must keep its meaning. It returns all faults together.
func Load(folders ...fs.FS) (*Book, error) {
	own, err := fs.Sub(builtIn, "schemes")
	if err != nil {
		return nil, fmt.Errorf("read schemes: %w", err)
	}
	b := &Book{}
	var faults []error
	for _, folder := range append([]fs.FS{own}, folders...) {
		faults = append(faults, b.read(folder))
	}
	slices.SortFunc(b.schemes, func(x, y *Scheme) int {
		return 2*strings.Compare(x.ID, y.ID) + min(1, max(-1, x.Version-y.Version))
	})
	for _, m := range b.mappings {
		faults = append(faults, b.checkMapping(m))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Book) read(folder fs.FS) error {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return fmt.Errorf("list schemes: %w", err)
	}
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return fmt.Errorf("read scheme: %w", err)
		}
		if path.Base(name) == mappingsFile {
			var more []Mapping
			if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&more); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", name, err))
			}
			b.mappings = append(b.mappings, more...)
			continue
		}
		s, err := Parse(text)
		if err == nil {
			err = b.Add(s)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(faults...)
}

// Parse reads one scheme and checks it for itself.
func Parse(text []byte) (*Scheme, error) {
	s := &Scheme{}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(s); err != nil {
		return nil, fmt.Errorf("read scheme: %w", err)
	}
	return s, s.check()
}

// Add puts a scheme into a book that nobody reads yet.
func (b *Book) Add(s *Scheme) error {
	if err := b.checkNew(s); err != nil {
		return err
	}
	b.schemes = append(b.schemes, s)
	return nil
}

func (b *Book) checkNew(s *Scheme) error {
	for _, other := range b.schemes {
		if other.ID == s.ID && other.Version == s.Version {
			return fmt.Errorf("version %d of %s is there already: what was graded with it must keep its meaning; use a new version", s.Version, s.ID)
		}
	}
	return nil
}

// check returns all that is wrong with a scheme, joined.
func (s *Scheme) check() error {
	var faults []error
	say := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if s.ID == "" || s.Version < 1 || s.ValidFrom.IsZero() || s.Names["en"] == "" {
		say("a scheme needs id, version from 1, valid_from and an English name")
	}
	if !s.ValidUntil.IsZero() && !s.ValidUntil.After(s.ValidFrom.Time) {
		say("valid_until comes after valid_from")
	}
	for name, scale := range map[string][]Code{"source": s.Source, "information": s.Information} {
		seen := map[int]bool{}
		unknown := false
		for _, c := range scale {
			unknown = unknown || c.Unknown
			if c.Unknown != (c.Rank == 0) || c.Rank < 0 || seen[c.Rank] && c.Rank > 0 {
				say("%s %s: a code is unknown and has no rank, or has a rank of its own from 1", name, c.Code)
			}
			seen[c.Rank] = true
		}
		if !unknown {
			say("%s: a scale needs a code for what can't be judged", name)
		}
	}
	if len(s.Handling) == 0 {
		say("handling: at least one code is needed")
	}
	for name, scale := range map[string][]Code{"source": s.Source, "information": s.Information, "handling": s.Handling, "conditions": s.Conditions} {
		seen := map[string]bool{}
		for _, c := range scale {
			if c.Code == "" || seen[c.Code] || c.Names["en"] == "" {
				say("%s %q: a code is given once, with an English name", name, c.Code)
			}
			seen[c.Code] = true
			for _, condition := range c.Conditions {
				if _, ok := Find(s.Conditions, condition); !ok {
					say("%s %s: there is no condition %q", name, c.Code, condition)
				}
			}
		}
	}
	return errors.Join(faults...)
}

// checkMapping demands that unknown stays unknown, and nothing else becomes it.
func (b *Book) checkMapping(m Mapping) error {
	from, okFrom := b.newest(m.From)
	to, okTo := b.newest(m.To)
	if !okFrom || !okTo {
		return fmt.Errorf("mapping from %s to %s: there is no such scheme", m.From, m.To)
	}
	var faults []error
	if m.Lost["en"] == "" {
		faults = append(faults, fmt.Errorf("mapping from %s to %s: say in English what is lost", m.From, m.To))
	}
	check := func(what string, lines map[string]string, source, target []Code) {
		for _, c := range source {
			if _, mapped := lines[c.Code]; c.Unknown && !mapped {
				faults = append(faults, fmt.Errorf("mapping from %s to %s: %s %s has no line: unknown stays unknown", m.From, m.To, what, c.Code))
			}
		}
		for _, x := range slices.Sorted(maps.Keys(lines)) {
			c, okC := Find(source, x)
			d, okD := Find(target, lines[x])
			if !okC || !okD || c.Unknown != d.Unknown {
				faults = append(faults, fmt.Errorf("mapping from %s to %s: %s %s → %s: both are codes, and unknown stays unknown", m.From, m.To, what, x, lines[x]))
			}
		}
	}
	check("source", m.Source, from.Source, to.Source)
	check("information", m.Information, from.Information, to.Information)
	return errors.Join(faults...)
}

func (b *Book) newest(scheme string) (*Scheme, bool) {
	var found *Scheme
	for _, s := range b.schemes {
		if s.ID == scheme {
			found = s
		}
	}
	return found, found != nil
}

// Schemes returns all versions of all schemes, by id and version.
func (b *Book) Schemes() []*Scheme { return slices.Clone(b.schemes) }

// Scheme returns one version.
func (b *Book) Scheme(r Ref) (*Scheme, bool) {
	i := slices.IndexFunc(b.schemes, func(s *Scheme) bool { return s.Ref() == r })
	if i < 0 {
		return nil, false
	}
	return b.schemes[i], true
}

// InForce returns the version of a scheme that is valid at t.
func (b *Book) InForce(scheme string, t time.Time) (*Scheme, bool) {
	var found *Scheme
	for _, s := range b.schemes {
		if s.ID == scheme && !t.Before(s.ValidFrom.Time) && (s.ValidUntil.IsZero() || t.Before(s.ValidUntil.Time)) {
			found = s
		}
	}
	return found, found != nil
}

// Check refuses a grade whose codes are not of its scheme.
func (b *Book) Check(g Grade) error {
	s, ok := b.Scheme(g.Ref)
	if !ok {
		return fault.Newf(fault.Invalid, "There is no grading scheme %q, version %d. There are: %s.", g.Scheme, g.Version, b.list())
	}
	if _, ok := Find(s.Source, g.Source); !ok {
		return fault.Newf(fault.Invalid, "%q grades no source in %s: use %s.", g.Source, s.Names.In("en"), codes(s.Source))
	}
	if _, ok := Find(s.Information, g.Information); !ok {
		return fault.Newf(fault.Invalid, "%q grades no information in %s: use %s.", g.Information, s.Names.In("en"), codes(s.Information))
	}
	return nil
}

// CheckHandling refuses a handling whose code or conditions are not of its
// scheme.
func (b *Book) CheckHandling(h Handling) error {
	s, ok := b.Scheme(h.Ref)
	if !ok {
		return fault.Newf(fault.Invalid, "There is no grading scheme %q, version %d. There are: %s.", h.Scheme, h.Version, b.list())
	}
	c, ok := Find(s.Handling, h.Code)
	if !ok {
		return fault.Newf(fault.Invalid, "%q is no handling code of %s: use %s.", h.Code, s.Names.In("en"), codes(s.Handling))
	}
	for _, x := range h.Conditions {
		if slices.Contains(c.Conditions, x) {
			continue
		}
		if len(c.Conditions) == 0 {
			return fault.Newf(fault.Invalid, "Handling code %s takes no condition, so %q has no place there.", h.Code, x)
		}
		return fault.Newf(fault.Invalid, "Handling code %s takes the conditions %s, not %q.", h.Code, strings.Join(c.Conditions, ", "), x)
	}
	if c.NeedsCondition && len(h.Conditions) == 0 {
		return fault.Newf(fault.Invalid, "Handling code %s needs at least one condition: %s.", h.Code, strings.Join(c.Conditions, ", "))
	}
	return nil
}

// Translated is a grade said in another scheme. An empty code has no equal
// there and must be judged anew.
type Translated struct {
	Grade
	Lost programme.Text // what the other scheme can't say; nil in the same scheme
}

// Translate says a grade in the version of another scheme that is valid at t;
// fault.Invalid where nobody wrote a mapping.
func (b *Book) Translate(g Grade, scheme string, t time.Time) (Translated, error) {
	if err := b.Check(g); err != nil {
		return Translated{}, err
	}
	if g.Scheme == scheme {
		return Translated{Grade: g}, nil
	}
	target, ok := b.InForce(scheme, t)
	i := slices.IndexFunc(b.mappings, func(m Mapping) bool { return m.From == g.Scheme && m.To == scheme })
	if !ok || i < 0 {
		return Translated{}, fault.Newf(fault.Invalid, "Nobody has written how grades of %s are said in %s: they must be judged anew.", g.Scheme, scheme)
	}
	m := b.mappings[i]
	return Translated{
		Grade: Grade{Ref: target.Ref(), Source: m.Source[g.Source], Information: m.Information[g.Information]},
		Lost:  m.Lost,
	}, nil
}

// Mappings returns all mappings.
func (b *Book) Mappings() []Mapping { return slices.Clone(b.mappings) }

func (b *Book) list() string {
	var all []string
	for _, s := range b.schemes {
		all = append(all, fmt.Sprintf("%s (version %d)", s.ID, s.Version))
	}
	return strings.Join(all, ", ")
}

func codes(scale []Code) string {
	var all []string
	for _, c := range scale {
		all = append(all, c.Code)
	}
	return strings.Join(all, ", ")
}
