// SPDX-License-Identifier: Apache-2.0

package read

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// nodes reads the file of nodes that goes with an edge list: a heading, then one
// line a node with its name in the first column. All other columns are kept as
// text. After it, an edge to a node that is not in the file is a problem.
func (l *loader) nodes(file io.Reader) error {
	in := bufio.NewReaderSize(&meter{ctx: l.ctx, r: file}, 1<<16)
	if err := skipMark(in); err != nil {
		return fmt.Errorf("file of nodes: %w", err)
	}
	r := newRecords(in)
	head, _ := in.Peek(64 << 10) // a shorter file is no error
	r.comma = separator(head)
	names, err := r.read()
	if err != nil {
		return fmt.Errorf("file of nodes: %w", err)
	}
	var cols []*graph.Column
	for _, name := range names[1:] {
		cols = append(cols, graph.NewColumn(string(name), graph.Text))
	}
	for {
		fields, err := r.read()
		if errors.Is(err, io.EOF) {
			l.b.NodeColumns(cols...)
			l.closed = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("file of nodes, line %d: %w", r.line, err)
		}
		l.node(r.line, fields, cols)
	}
}

func (l *loader) node(line int, fields [][]byte, cols []*graph.Column) {
	if len(fields) != len(cols)+1 || len(fields[0]) == 0 {
		l.problem(line, "file of nodes: a name and %s are expected", count(len(cols), "column"))
		return
	}
	if _, fresh := l.b.Node(fields[0]); !fresh {
		l.problem(line, "file of nodes: there are two nodes %q", fields[0])
		return
	}
	for i, col := range cols {
		if err := col.Append(string(fields[i+1])); err != nil {
			l.problem(line, "file of nodes: %v", err) // no text is refused
		}
	}
}

// ends returns the nodes of an edge, or false if one is none.
func (l *loader) ends(line int, from, to []byte) (u, v graph.Node, ok bool) {
	if !l.closed {
		u, _ = l.b.Node(from)
		v, _ = l.b.Node(to)
		return u, v, true
	}
	u, first := l.b.Find(from)
	v, second := l.b.Find(to)
	if !first || !second {
		l.problem(line, "an edge leads from %q to %q, and one of them is not in the file of nodes", from, to)
	}
	return u, v, first && second
}
