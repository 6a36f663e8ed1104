// SPDX-License-Identifier: Apache-2.0

package read

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// isMatrix reports whether a file is an adjacency matrix with labels, as UCINET
// and R write them: the first heading is empty or one too few, and the first
// cells of the rows are the headings again.
func isMatrix(first []string, sample [][]string) bool {
	if len(first) < 3 || first[0] != "" || len(sample) == 0 {
		return false
	}
	for i, fields := range sample {
		if i+1 < len(first) && fields[0] != first[i+1] {
			return false
		}
	}
	return true
}

// matrix reads an adjacency matrix: a cell that is not 0 is an edge from its
// row to its column, and its value is the weight. In an undirected graph the two
// cells of a pair are the same edge, so the lower one is taken only if the upper
// one is 0. All labels become nodes, with edges or without.
func (l *loader) matrix(r *records, names []string) error {
	l.note("read as a matrix of %d by %d", len(names)-1, len(names)-1)
	var nodes []graph.Node
	seen := map[string]bool{}
	for _, name := range names[1:] {
		if seen[name] {
			return &Error{[]Problem{{1, fmt.Sprintf("two columns are called %q", name)}}, 1}
		}
		seen[name] = true
		u, _, ok := l.ends(1, []byte(name), []byte(name))
		if !ok {
			return &Error{l.report.Problems, l.total}
		}
		nodes = append(nodes, u)
	}
	n := len(names) - 1
	upper := map[uint64]bool{}
	for row := 0; ; row++ {
		fields, err := r.read()
		if errors.Is(err, io.EOF) {
			if row != n {
				l.problem(r.line, "the matrix has %d columns but %s", n, count(row, "row"))
			}
			return nil
		}
		if err != nil {
			l.problem(r.line, "%v", err)
			return &Error{l.report.Problems, l.total}
		}
		l.report.Lines++
		if row >= n {
			l.problem(r.line, "the matrix has more rows than columns")
			continue
		}
		if len(fields) != n+1 || string(fields[0]) != names[row+1] {
			l.problem(r.line, "row %d of the matrix must begin with %q and have %d cells", row+1, names[row+1], n)
			continue
		}
		l.cells(r.line, row, fields[1:], nodes, upper)
	}
}

// cells takes the edges of one row, or none of them.
func (l *loader) cells(line, row int, cells [][]byte, nodes []graph.Node, upper map[uint64]bool) {
	weights := make([]float64, len(cells))
	for col, cell := range cells {
		w, err := strconv.ParseFloat(string(cell), 64)
		if err != nil {
			l.problem(line, "cell %d: %q is no number", col+1, cell)
			return
		}
		if f := float32(w); w != 0 && (!(f > 0) || f > 3.4e38) {
			l.problem(line, "cell %d: %v is not a positive number", col+1, w)
			return
		}
		weights[col] = w
	}
	for col, w := range weights {
		if w == 0 || !l.opts.Graph.Directed && col < row && upper[uint64(col)<<32|uint64(row)] {
			continue
		}
		upper[uint64(row)<<32|uint64(col)] = true
		if err := l.b.Edge(nodes[row], nodes[col], w); err != nil {
			l.problem(line, "cell %d: %v", col+1, err)
		}
	}
}
