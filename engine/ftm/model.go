// SPDX-License-Identifier: Apache-2.0

package ftm

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.json
var dataFiles embed.FS

// Property is a property of a schema.
type Property struct {
	// Type is the kind of its values: name, date, country, entity, …
	Type  string `json:"type"`
	Label string `json:"label"`
	// Range is the schema of the entities that it points to, when Type is
	// "entity".
	Range string `json:"range,omitempty"`
}

// Edge says which properties of a relation hold its two ends.
type Edge struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// Schema is a kind of entity.
type Schema struct {
	Name    string   `json:"-"`
	Label   string   `json:"label"`
	Extends []string `json:"extends"`
	// Abstract schemata have no entities of their own.
	Abstract bool `json:"abstract"`
	// Matchable says whether comparing entities of it makes sense.
	Matchable bool `json:"matchable"`
	// Edge is set for relations, and inherited.
	Edge *Edge `json:"edge"`
	// Caption lists the properties that name an entity, the best first.
	Caption []string `json:"caption"`
	// Properties are its own and all inherited ones, by name.
	Properties map[string]Property `json:"properties"`

	ancestors []string // itself and all it extends
}

// IsA reports whether the schema is the named one or extends it.
func (s *Schema) IsA(name string) bool { return slices.Contains(s.ancestors, name) }

// Model is a set of schemata. It is immutable.
type Model struct {
	schemata map[string]*Schema
	names    []string
}

// Default returns the schemata of FollowTheMoney with those that crime needs.
// They are embedded; ones that can't be read are a mistake of who built the
// binary, so it panics.
func Default() *Model { return defaultModel() }

var defaultModel = sync.OnceValue(func() *Model {
	var files [][]byte
	for _, name := range []string{"followthemoney.json", "turnstone.json"} {
		raw, err := dataFiles.ReadFile("data/" + name)
		if err != nil {
			panic(err)
		}
		files = append(files, raw)
	}
	m, err := NewModel(files...)
	if err != nil {
		panic(err)
	}
	return m
})

// NewModel reads schemata from JSON objects of schemata by name. A later file
// adds schemata and adds properties to those of earlier files. A schema that
// extends an unknown one, or itself, is an error.
func NewModel(files ...[]byte) (*Model, error) {
	m := &Model{schemata: map[string]*Schema{}}
	for _, raw := range files {
		var file map[string]*Schema
		if err := json.Unmarshal(raw, &file); err != nil {
			return nil, fmt.Errorf("read schemata: %w", err)
		}
		for name, s := range file {
			known, ok := m.schemata[name]
			if !ok {
				s.Name = name
				m.schemata[name] = s
				continue
			}
			for prop, p := range s.Properties {
				known.Properties[prop] = p
			}
		}
	}
	m.names = sortedKeys(m.schemata)
	for _, name := range m.names {
		if err := m.inherit(m.schemata[name], nil); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// inherit fills in what a schema has from those it extends.
func (m *Model) inherit(s *Schema, below []string) error {
	if s.ancestors != nil {
		return nil
	}
	if slices.Contains(below, s.Name) {
		return fmt.Errorf("read schemata: %s extends itself", s.Name)
	}
	ancestors := []string{s.Name}
	if s.Properties == nil {
		s.Properties = map[string]Property{}
	}
	for _, name := range s.Extends {
		parent, ok := m.schemata[name]
		if !ok {
			return fmt.Errorf("read schemata: %s extends %s, which isn't known", s.Name, name)
		}
		if err := m.inherit(parent, append(below, s.Name)); err != nil {
			return err
		}
		for prop, p := range parent.Properties {
			if _, own := s.Properties[prop]; !own {
				s.Properties[prop] = p
			}
		}
		if s.Edge == nil {
			s.Edge = parent.Edge
		}
		if s.Caption == nil {
			s.Caption = parent.Caption
		}
		for _, a := range parent.ancestors {
			if !slices.Contains(ancestors, a) {
				ancestors = append(ancestors, a)
			}
		}
	}
	s.ancestors = ancestors
	return nil
}

// Schema returns a schema by name, nil when the model has none.
func (m *Model) Schema(name string) *Schema { return m.schemata[name] }

// Known returns an error that names the schema when the model lacks it, with the
// one that was probably meant. Without a name nothing is claimed.
func (m *Model) Known(schema string) error {
	if schema == "" || m.Schema(schema) != nil {
		return nil
	}
	for _, name := range m.names {
		if strings.EqualFold(name, strings.TrimSpace(schema)) {
			return fmt.Errorf("unknown schema %.60q: %s is meant, perhaps", schema, name)
		}
	}
	return fmt.Errorf("unknown schema %.60q", schema)
}

// Names returns the names of all schemata, sorted.
func (m *Model) Names() []string { return slices.Clone(m.names) }

// Problem is something in an entity that the model doesn't allow.
type Problem struct {
	Property string // "" when it is about the entity itself
	Text     string
}

// Check lists what is wrong with an entity: no id, an unknown or abstract
// schema, properties that the schema doesn't have. It is for those who write
// entities; readers take what comes.
func (m *Model) Check(e *Entity) []Problem {
	var out []Problem
	if e.ID == "" {
		out = append(out, Problem{"", "no id"})
	}
	s := m.Schema(e.Schema)
	if s == nil {
		return append(out, Problem{"", fmt.Sprintf("unknown schema %q", e.Schema)})
	}
	if s.Abstract {
		out = append(out, Problem{"", fmt.Sprintf("schema %s is abstract", e.Schema)})
	}
	for _, prop := range sortedKeys(e.Properties) {
		if _, ok := s.Properties[prop]; !ok {
			out = append(out, Problem{prop, fmt.Sprintf("schema %s has no such property", e.Schema)})
		}
	}
	return out
}
