// SPDX-License-Identifier: Apache-2.0

package ftm

import (
	"crypto/sha1" //nolint:gosec // the published format's key, no protection
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Statement is one value of one property of one entity, and who says so.
type Statement struct {
	CanonicalID   string // the entity after merging; EntityID when never merged
	EntityID      string
	Prop          string
	PropType      string
	Schema        string
	Value         string
	Dataset       string
	Origin        string
	Lang          string
	OriginalValue string
	External      string // "t", "f" or as it came
	FirstSeen     string
	LastSeen      string
	ID            string
	// Extra holds the columns that the format doesn't name, by header.
	Extra map[string]string
}

// columns are those of the published format, in its order.
var columns = []string{
	"canonical_id", "entity_id", "prop", "prop_type", "schema", "value", "dataset", "origin", "lang", "original_value", "external",
	"first_seen", "last_seen", "id",
}

// field returns the place of a column in s, nil for an unknown one.
func (s *Statement) field(column string) *string {
	at := slices.Index(columns, column)
	if at < 0 {
		return nil
	}
	return []*string{
		&s.CanonicalID, &s.EntityID, &s.Prop, &s.PropType, &s.Schema, &s.Value, &s.Dataset, &s.Origin, &s.Lang, &s.OriginalValue, &s.External,
		&s.FirstSeen, &s.LastSeen, &s.ID,
	}[at]
}

// Key computes the statement's id as FollowTheMoney does: a SHA-1 over data
// set, entity, property and value.
func (s *Statement) Key() string {
	key := strings.Join([]string{s.Dataset, s.EntityID, s.Prop, s.Value}, ".")
	if s.Lang != "" {
		key += "@" + s.Lang
	}
	if s.External == "t" || s.External == "true" {
		key += ".ext"
	}
	sum := sha1.Sum([]byte(key)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// StatementReader reads statements from CSV. It takes the columns in any
// order.
type StatementReader struct {
	csv    *csv.Reader
	header []string
}

// NewStatementReader reads the header; one without entity_id, prop and value is
// an error.
func NewStatementReader(in io.Reader) (*StatementReader, error) {
	r := csv.NewReader(in)
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read statements: header: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for _, need := range []string{"entity_id", "prop", "value"} {
		if !slices.Contains(header, need) {
			return nil, fmt.Errorf("read statements: the header has no column %s", need)
		}
	}
	return &StatementReader{r, header}, nil
}

// Columns returns the header.
func (r *StatementReader) Columns() []string { return slices.Clone(r.header) }

// Read returns the next statement, io.EOF at the end. After an error about one
// line the next call goes on with the next line.
func (r *StatementReader) Read() (Statement, error) {
	row, err := r.csv.Read()
	if err == io.EOF {
		return Statement{}, io.EOF
	}
	if err != nil {
		return Statement{}, fmt.Errorf("read statements: %w", err)
	}
	var s Statement
	for i, column := range r.header {
		if field := s.field(column); field != nil {
			*field = row[i]
			continue
		}
		if s.Extra == nil {
			s.Extra = map[string]string{}
		}
		s.Extra[column] = row[i]
	}
	if s.CanonicalID == "" {
		s.CanonicalID = s.EntityID
	}
	return s, nil
}

// StatementWriter writes statements as CSV.
type StatementWriter struct {
	csv    *csv.Writer
	header []string
	wrote  bool
}

// NewStatementWriter writes the published columns, followed by extra ones.
func NewStatementWriter(out io.Writer, extra ...string) *StatementWriter {
	return &StatementWriter{csv: csv.NewWriter(out), header: append(slices.Clone(columns), extra...)}
}

// Write writes one statement.
func (w *StatementWriter) Write(s Statement) error {
	if !w.wrote {
		w.wrote = true
		if err := w.csv.Write(w.header); err != nil {
			return fmt.Errorf("write statements: %w", err)
		}
	}
	row := make([]string, len(w.header))
	for i, column := range w.header {
		if field := s.field(column); field != nil {
			row[i] = *field
		} else {
			row[i] = s.Extra[column]
		}
	}
	if err := w.csv.Write(row); err != nil {
		return fmt.Errorf("write statements: %w", err)
	}
	return nil
}

// Close writes what is left; it doesn't close the file.
func (w *StatementWriter) Close() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return fmt.Errorf("write statements: %w", err)
	}
	return nil
}

// baseProp is the property of the statement that says that an entity is there.
const baseProp = "id"

// memberProp marks statements for what JSON has beside properties. Its value is
// a JSON object.
const memberProp = "_members"

// members is what an entity has beside its properties.
type members struct {
	Caption string                     `json:"caption,omitempty"`
	Nested  map[string][]Entity        `json:"nested,omitempty"`
	Empty   []string                   `json:"empty,omitempty"` // properties without values
	Extra   map[string]json.RawMessage `json:"extra,omitempty"`
}

// Statements returns the statements of an entity, said by a data set. The
// first one says that the entity is there. What JSON has beside properties
// becomes a statement of the property "_members", so that nothing is lost.
func (m *Model) Statements(e *Entity, dataset string) ([]Statement, error) {
	var out []Statement
	add := func(prop, kind, value string) {
		s := Statement{CanonicalID: e.ID, EntityID: e.ID, Prop: prop, PropType: kind, Schema: e.Schema, Value: value, Dataset: dataset, External: "f"}
		s.ID = s.Key()
		out = append(out, s)
	}
	add(baseProp, baseProp, e.ID)
	schema := m.Schema(e.Schema)
	beside := members{Caption: e.Caption, Nested: e.Nested, Extra: e.Extra}
	for _, prop := range sortedKeys(e.Properties) {
		kind := "string"
		if schema != nil {
			if p, ok := schema.Properties[prop]; ok {
				kind = p.Type
			}
		}
		if len(e.Properties[prop]) == 0 {
			beside.Empty = append(beside.Empty, prop)
		}
		for _, v := range e.Properties[prop] {
			add(prop, kind, v)
		}
	}
	if beside.Caption != "" || beside.Nested != nil || beside.Empty != nil || beside.Extra != nil {
		value, err := json.Marshal(beside)
		if err != nil {
			return nil, fmt.Errorf("write statements: %w", err)
		}
		add(memberProp, "json", string(value))
	}
	return out, nil
}

// Gather puts entities together from statements, in the order of their first
// statements. Statements of entities that were merged come together under
// their canonical id; of their schemata the most special one is kept.
func (m *Model) Gather(statements []Statement) ([]Entity, error) {
	at := map[string]int{}
	var out []Entity
	for _, s := range statements {
		id := s.CanonicalID
		if id == "" {
			id = s.EntityID
		}
		i, known := at[id]
		if !known {
			i = len(out)
			at[id] = i
			out = append(out, Entity{ID: id, Schema: s.Schema})
		}
		e := &out[i]
		if s.Schema != e.Schema {
			e.Schema = m.special(e.Schema, s.Schema)
		}
		switch s.Prop {
		case baseProp:
		case memberProp:
			if err := e.restore(s.Value); err != nil {
				return nil, fmt.Errorf("read statements: entity %s: %w", id, err)
			}
		default:
			if e.Properties == nil {
				e.Properties = map[string][]string{}
			}
			e.Properties[s.Prop] = append(e.Properties[s.Prop], s.Value)
		}
	}
	return out, nil
}

func (e *Entity) restore(value string) error {
	var beside members
	if err := json.Unmarshal([]byte(value), &beside); err != nil {
		return err
	}
	e.Caption, e.Nested, e.Extra = beside.Caption, beside.Nested, beside.Extra
	for _, prop := range beside.Empty {
		if e.Properties == nil {
			e.Properties = map[string][]string{}
		}
		e.Properties[prop] = []string{}
	}
	return nil
}

// special returns the schema that extends the other; the first when neither
// does.
func (m *Model) special(a, b string) string {
	if s := m.Schema(b); s != nil && s.IsA(a) || a == "" {
		return b
	}
	return a
}
