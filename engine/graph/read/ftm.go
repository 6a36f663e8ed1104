// SPDX-License-Identifier: Apache-2.0

package read

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// edgeSchemata are the FollowTheMoney schemata that are relations, with the
// properties that hold their two ends (the "edge" sections of the FtM model).
var edgeSchemata = map[string][2]string{
	"Associate":          {"person", "associate"},
	"Call":               {"caller", "receiver"},
	"CourtCaseParty":     {"party", "case"},
	"Debt":               {"debtor", "creditor"},
	"Directorship":       {"director", "organization"}, //nolint:misspell // the name of the property
	"Documentation":      {"document", "entity"},
	"Employment":         {"employee", "employer"},
	"Family":             {"person", "relative"},
	"Membership":         {"member", "organization"}, //nolint:misspell // the name of the property
	"Occupancy":          {"holder", "post"},
	"Ownership":          {"owner", "asset"},
	"Payment":            {"payer", "beneficiary"},
	"ProjectParticipant": {"participant", "project"},
	"Representation":     {"agent", "client"},
	"Similar":            {"candidate", "match"},
	"Succession":         {"predecessor", "successor"},
	"UnknownLink":        {"subject", "object"},
}

// entity is one line of FollowTheMoney JSON.
type entity struct {
	ID         string            `json:"id"`
	Schema     string            `json:"schema"`
	Caption    string            `json:"caption"`
	Properties map[string]values `json:"properties"`
}

// values are the values of one property; some writers leave out the list
// around a single one.
type values []string

func (v *values) UnmarshalJSON(data []byte) error {
	var list []any
	if err := json.Unmarshal(data, &list); err != nil {
		var one any
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		list = []any{one}
	}
	*v = (*v)[:0]
	for _, item := range list {
		switch item := item.(type) {
		case string:
			*v = append(*v, item)
		case map[string]any: // a nested entity stands for its id
			if id, ok := item["id"].(string); ok {
				*v = append(*v, id)
			}
		case nil:
		default:
			*v = append(*v, fmt.Sprint(item))
		}
	}
	return nil
}

func (e *entity) first(props ...string) string {
	for _, p := range props {
		if v := e.Properties[p]; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// relation is an entity of an edge schema, waiting until all nodes are known.
type relation struct {
	line int
	entity
}

// ftm reads FollowTheMoney entities. Entities of a relation's schema are
// edges, all others nodes, with columns "schema" and "caption". In a Multi
// graph edges have the columns "relation" (their schema) and "time", or as the
// options name them. Properties that merely point to another entity are no edges.
func (l *loader) ftm(in *bufio.Reader) error {
	r := newRecords(in)
	schema, caption := graph.NewColumn("schema", graph.Text), graph.NewColumn("caption", graph.Text)
	var pending []relation
	for {
		line, err := r.raw()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			l.problem(r.next, "%v", err)
			return &Error{l.report.Problems, l.total}
		}
		if len(trim(line)) == 0 {
			continue
		}
		l.report.Lines++
		var e entity
		if err := json.Unmarshal(line, &e); err != nil {
			l.problem(r.next-1, "not a JSON entity: %v", err)
			continue
		}
		if _, isEdge := edgeSchemata[e.Schema]; isEdge {
			pending = append(pending, relation{r.next - 1, e})
			continue
		}
		if e.ID == "" || e.Schema == "" {
			l.problem(r.next-1, "an entity needs an id and a schema")
			continue
		}
		if _, fresh := l.b.Node([]byte(e.ID)); !fresh {
			l.problem(r.next-1, "there are two entities %q", e.ID)
			continue
		}
		if e.Caption == "" {
			e.Caption = e.first("name", "title", "summary", "full", "registrationNumber", "number")
		}
		if err := errors.Join(schema.Append(e.Schema), caption.Append(e.Caption)); err != nil {
			return err
		}
	}
	l.b.NodeColumns(schema, caption)
	return l.relations(pending)
}

func (l *loader) relations(pending []relation) error {
	var cols columns
	if l.opts.Graph.Multi {
		cols.into = []*graph.Column{
			graph.NewColumn(orElse(l.opts.Relation, "relation"), graph.Text),
			graph.NewColumn(orElse(l.opts.Time, "time"), graph.Moment),
		}
		if l.opts.Grade != "" {
			cols.into = append(cols.into, graph.NewColumn(l.opts.Grade, graph.Graded))
		}
	}
	cols.kept = []int{0, 1, 2}[:len(cols.into)]
	for _, rel := range pending {
		l.relation(rel, &cols)
	}
	l.b.EdgeColumns(cols.into...)
	return nil
}

func orElse(name, usual string) string {
	if name == "" {
		return usual
	}
	return name
}

func (l *loader) relation(rel relation, cols *columns) {
	ends := edgeSchemata[rel.Schema]
	from, to := rel.Properties[ends[0]], rel.Properties[ends[1]]
	if len(from) == 0 || len(to) == 0 {
		l.problem(rel.line, "%s %q has no %s or no %s", rel.Schema, rel.ID, ends[0], ends[1])
		return
	}
	weight := 1.0
	if l.opts.Weight != "" {
		var err error
		if weight, err = weightAt([][]byte{[]byte(rel.first(l.opts.Weight))}, 0); err != nil {
			l.problem(rel.line, "%s %q: %v", rel.Schema, rel.ID, err)
			return
		}
	}
	at := rel.first("startDate", "date", "modifiedAt")
	if l.opts.Time != "" && l.opts.Time != "time" {
		at = rel.first(l.opts.Time)
	}
	kind := rel.Schema
	if v := rel.first(l.opts.Relation); v != "" {
		kind = v
	}
	fields := [][]byte{[]byte(kind), []byte(at), []byte(rel.first(l.opts.Grade))}
	for _, a := range from {
		for _, b := range to {
			l.link(rel.line, a, b, weight, fields, cols)
		}
	}
}

func (l *loader) link(line int, a, b string, weight float64, fields [][]byte, cols *columns) {
	u, isNode := l.b.Find([]byte(a))
	v, isNode2 := l.b.Find([]byte(b))
	if !isNode || !isNode2 {
		l.problem(line, "a relation leads from %q to %q, and one of them is no entity of this file", a, b)
		return
	}
	if err := keep(fields, cols); err != nil {
		l.problem(line, "%v", err)
		return
	}
	if err := l.b.Edge(u, v, weight); err != nil {
		l.problem(line, "%v", err)
	}
}

// EdgeSchemata returns the names of the FollowTheMoney schemata that are read as
// edges.
func EdgeSchemata() []string {
	var names []string
	for name := range edgeSchemata {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
