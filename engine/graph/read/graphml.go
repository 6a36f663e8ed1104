// SPDX-License-Identifier: Apache-2.0

package read

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// key declares one attribute of nodes or edges.
type key struct {
	name string
	kind graph.Kind
	text string // default
}

// graphML reads the core of GraphML: nodes, edges and their data. Nested graphs
// are read as part of the whole; hyperedges and ports are problems, because a
// graph can't hold them.
func (l *loader) graphML(in io.Reader) error {
	x := &xmlGraph{
		loader: l, dec: xml.NewDecoder(in), keys: map[string]key{},
		nodes: map[string]*graph.Column{}, edges: map[string]*graph.Column{},
	}
	for {
		tok, err := x.dec.Token()
		if errors.Is(err, io.EOF) {
			return x.end()
		}
		if err != nil {
			l.problem(x.line(), "%v", strings.TrimPrefix(err.Error(), "XML syntax "))
			return &Error{l.report.Problems, l.total}
		}
		if start, ok := tok.(xml.StartElement); ok {
			x.start(start)
		}
	}
}

type xmlGraph struct {
	*loader
	dec          *xml.Decoder
	keys         map[string]key
	seen         bool
	nodes, edges map[string]*graph.Column
	nodeOrder    []*graph.Column
	edgeOrder    []*graph.Column
	pending      []pendingEdge
}

// pendingEdge waits until all nodes are known.
type pendingEdge struct {
	line     int
	from, to string
	data     map[string]string
}

func (x *xmlGraph) line() int {
	line, _ := x.dec.InputPos()
	return line
}

func (x *xmlGraph) start(e xml.StartElement) {
	switch e.Name.Local {
	case "key":
		x.key(e)
	case "graph":
		x.seen = true
		if way := attr(e, "edgedefault"); way != "" && (way == "directed") != x.opts.Graph.Directed {
			x.note("the file calls its edges %s; they are read as asked for", way)
		}
	case "node":
		x.node(e)
	case "edge":
		x.edge(e)
	case "hyperedge", "port":
		x.problem(x.line(), "a graph can't hold a %s", e.Name.Local)
	}
}

func (x *xmlGraph) key(e xml.StartElement) {
	k := key{name: attr(e, "attr.name"), kind: graph.Text}
	if k.name == "" {
		k.name = attr(e, "id")
	}
	switch attr(e, "attr.type") {
	case "int", "long", "float", "double":
		k.kind = graph.Number
	}
	var body struct {
		Default string `xml:"default"`
	}
	if err := x.dec.DecodeElement(&body, &e); err != nil {
		x.problem(x.line(), "key %s: %v", k.name, err)
		return
	}
	k.text = strings.TrimSpace(body.Default)
	x.keys[attr(e, "id")] = k
	kind := k.kind
	switch k.name {
	case x.opts.Time:
		kind = graph.Moment
	case x.opts.Grade:
		kind = graph.Graded
	case x.opts.Relation:
		kind = graph.Text
	}
	side := attr(e, "for")
	if side == "node" || side == "all" || side == "" {
		declare(x.nodes, &x.nodeOrder, k.name, k.kind)
	}
	if side == "edge" || side == "all" || side == "" {
		declare(x.edges, &x.edgeOrder, k.name, kind)
	}
}

func declare(cols map[string]*graph.Column, order *[]*graph.Column, name string, kind graph.Kind) {
	if cols[name] == nil {
		cols[name] = graph.NewColumn(name, kind)
		*order = append(*order, cols[name])
	}
}

// data reads the <data> children of an element, by the name of their key.
func (x *xmlGraph) data(e xml.StartElement) (map[string]string, bool) {
	var body struct {
		Data []struct {
			Key  string `xml:"key,attr"`
			Text string `xml:",chardata"`
		} `xml:"data"`
	}
	line := x.line()
	if err := x.dec.DecodeElement(&body, &e); err != nil {
		x.problem(line, "%s: %v", e.Name.Local, strings.TrimPrefix(err.Error(), "XML syntax "))
		return nil, false
	}
	values := map[string]string{}
	for _, k := range x.keys {
		values[k.name] = k.text
	}
	for _, d := range body.Data {
		k, known := x.keys[d.Key]
		if !known {
			x.problem(line, "%s has data for key %q, which was not declared", e.Name.Local, d.Key)
			return nil, false
		}
		values[k.name] = strings.TrimSpace(d.Text)
	}
	return values, true
}

func (x *xmlGraph) node(e xml.StartElement) {
	line, name := x.line(), attr(e, "id")
	values, ok := x.data(e)
	if !ok {
		return
	}
	x.report.Lines++
	if name == "" {
		x.problem(line, "a node has no id")
		return
	}
	if _, fresh := x.b.Node([]byte(name)); !fresh {
		x.problem(line, "there are two nodes %q", name)
		return
	}
	for _, col := range x.nodeOrder {
		if col.Len() < x.b.Order()-1 {
			pad(col, x.b.Order()-1)
		}
		if err := col.Append(values[col.Name()]); err != nil {
			x.problem(line, "node %q: %v", name, err)
			pad(col, x.b.Order())
		}
	}
}

// pad appends no value until the column has n.
func pad(col *graph.Column, n int) {
	for col.Len() < n {
		if err := col.Append(""); err != nil {
			return // no kind refuses the empty text
		}
	}
}

func (x *xmlGraph) edge(e xml.StartElement) {
	line := x.line()
	values, ok := x.data(e)
	if !ok {
		return
	}
	x.report.Lines++
	x.pending = append(x.pending, pendingEdge{line, attr(e, "source"), attr(e, "target"), values})
}

// end takes the edges, now that all nodes are known.
func (x *xmlGraph) end() error {
	if !x.seen {
		return &Error{[]Problem{{x.line(), "there is no <graph> in this file"}}, 1}
	}
	if w := x.opts.Weight; w != "" && x.edges[w] == nil {
		return fmt.Errorf("there is no edge attribute %q for the weight", w)
	}
	for _, name := range []string{x.opts.Relation, x.opts.Time, x.opts.Grade} {
		if name != "" && x.edges[name] == nil {
			return fmt.Errorf("there is no edge attribute %q", name)
		}
	}
	order := x.b.Order()
	for _, col := range x.nodeOrder {
		pad(col, order)
	}
	x.b.NodeColumns(x.nodeOrder...)
	cols := x.edgeOrder
	if !x.opts.Graph.Multi {
		cols = nil
	}
	for _, p := range x.pending {
		x.take(p, cols)
	}
	x.b.EdgeColumns(cols...)
	return nil
}

func (x *xmlGraph) take(p pendingEdge, cols []*graph.Column) {
	u, isNode := x.b.Find([]byte(p.from))
	v, isNode2 := x.b.Find([]byte(p.to))
	if !isNode || !isNode2 {
		x.problem(p.line, "an edge leads from %q to %q, and one of them is no node of this file", p.from, p.to)
		return
	}
	weight := 1.0
	if x.opts.Weight != "" {
		var err error
		if weight, err = weightAt([][]byte{[]byte(p.data[x.opts.Weight])}, 0); err != nil {
			x.problem(p.line, "%v", err)
			return
		}
	}
	fields := make([][]byte, len(cols))
	places := columns{into: cols}
	for i, col := range cols {
		fields[i] = []byte(p.data[col.Name()])
		places.kept = append(places.kept, i)
	}
	if err := keep(fields, &places); err != nil {
		x.problem(p.line, "%v", err)
		return
	}
	if err := x.b.Edge(u, v, weight); err != nil {
		x.problem(p.line, "%v", err)
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
