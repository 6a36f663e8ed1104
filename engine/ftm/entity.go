// SPDX-License-Identifier: Apache-2.0

package ftm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
)

// Entity is one FollowTheMoney entity: a schema and properties that each hold
// any number of values. Members that this package doesn't know are kept as
// they came, so that reading and writing loses nothing.
type Entity struct {
	ID         string
	Schema     string
	Caption    string
	Properties map[string][]string
	// Nested holds the values that came as whole entities instead of ids, by
	// property; their ids are in Properties too.
	Nested map[string][]Entity
	// Extra holds every other member (datasets, referents, first_seen, …).
	Extra map[string]json.RawMessage
}

// Get returns the values of a property, nil when there are none.
func (e *Entity) Get(prop string) []string { return e.Properties[prop] }

// First returns the first value of a property, "" when there is none.
func (e *Entity) First(prop string) string {
	if v := e.Properties[prop]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Add appends values to a property, leaving out empty and repeated ones.
func (e *Entity) Add(prop string, values ...string) {
	for _, v := range values {
		if v == "" || slices.Contains(e.Properties[prop], v) {
			continue
		}
		if e.Properties == nil {
			e.Properties = map[string][]string{}
		}
		e.Properties[prop] = append(e.Properties[prop], v)
	}
}

// Strings returns an unknown member that holds a list of texts, such as
// "datasets" or "referents"; nil when it is absent or something else.
func (e *Entity) Strings(member string) []string {
	var list []string
	if json.Unmarshal(e.Extra[member], &list) != nil {
		return nil
	}
	return list
}

// UnmarshalJSON reads one entity. A property may be a list, a single text, a
// number or a truth value, or a nested entity; anything else is an error that
// names the property.
func (e *Entity) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
			return fmt.Errorf(`read entity: %s where an object was expected, as {"schema":"Person","properties":{"name":["…"]}}`, wrong.Value)
		}
		return fmt.Errorf("read entity: %w", err)
	}
	*e = Entity{}
	for name, target := range map[string]*string{"id": &e.ID, "schema": &e.Schema, "caption": &e.Caption} {
		raw, ok := members[name]
		if !ok {
			continue
		}
		delete(members, name)
		text, err := scalar(raw)
		if err != nil {
			return fmt.Errorf("read entity: %s: %w", name, err)
		}
		*target = text
	}
	raw, ok := members["properties"]
	delete(members, "properties")
	if len(members) > 0 {
		e.Extra = members
	}
	if !ok || isNull(raw) {
		return nil
	}
	var props map[string]json.RawMessage
	if err := json.Unmarshal(raw, &props); err != nil {
		return fmt.Errorf("read entity: properties: %w", err)
	}
	for _, prop := range sortedKeys(props) {
		if err := e.readProperty(prop, props[prop]); err != nil {
			return fmt.Errorf("read entity: property %s: %w", prop, err)
		}
	}
	return nil
}

func (e *Entity) readProperty(prop string, raw json.RawMessage) error {
	values := []json.RawMessage{raw}
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '[' {
		values = nil
		if err := json.Unmarshal(raw, &values); err != nil {
			return err
		}
	}
	if e.Properties == nil {
		e.Properties = map[string][]string{}
	}
	list := make([]string, 0, len(values))
	for _, value := range values {
		if trimmed := bytes.TrimSpace(value); len(trimmed) > 0 && trimmed[0] == '{' {
			var nested Entity
			if err := json.Unmarshal(value, &nested); err != nil {
				return err
			}
			if e.Nested == nil {
				e.Nested = map[string][]Entity{}
			}
			e.Nested[prop] = append(e.Nested[prop], nested)
			list = append(list, nested.ID)
			continue
		}
		if isNull(value) {
			continue
		}
		text, err := scalar(value)
		if err != nil {
			return err
		}
		list = append(list, text)
	}
	e.Properties[prop] = list
	return nil
}

// MarshalJSON writes the entity with its members in a fixed order: id,
// caption, schema, properties, then the others by name.
func (e Entity) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	sep := ""
	write := func(name string, value any) error {
		raw, err := encode(value)
		if err != nil {
			return fmt.Errorf("write entity: %s: %w", name, err)
		}
		key, err := encode(name)
		if err != nil {
			return fmt.Errorf("write entity: %s: %w", name, err)
		}
		out.WriteString(sep)
		out.Write(key)
		out.WriteByte(':')
		out.Write(raw)
		sep = ","
		return nil
	}
	if err := write("id", e.ID); err != nil {
		return nil, err
	}
	if e.Caption != "" {
		if err := write("caption", e.Caption); err != nil {
			return nil, err
		}
	}
	if err := write("schema", e.Schema); err != nil {
		return nil, err
	}
	if err := write("properties", e.properties()); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(e.Extra) {
		if err := write(name, e.Extra[name]); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// properties puts nested entities back where their ids stand.
func (e *Entity) properties() map[string]any {
	props := make(map[string]any, len(e.Properties))
	for prop, values := range e.Properties {
		nested := e.Nested[prop]
		if len(nested) == 0 {
			props[prop] = values
			continue
		}
		mixed := make([]any, len(values))
		for i, v := range values {
			mixed[i] = v
			if len(nested) > 0 && nested[0].ID == v {
				mixed[i], nested = nested[0], nested[1:]
			}
		}
		props[prop] = mixed
	}
	return props
}

func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func scalar(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || isNull(raw) {
		return "", nil
	}
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case '{', '[':
		return "", errors.New("a text was expected, not a list or an object")
	default: // a number or a truth value reads as it is written
		return string(raw), nil
	}
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
