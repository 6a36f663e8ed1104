// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"fmt"
	"math"
)

// Merge says what becomes of the weights when a simple graph meets the same
// edge again.
type Merge int

// The ways of merging.
const (
	Sum   Merge = iota // weights add up, as counts of contacts do
	First              // the first row's weight stays
	Most               // the greatest weight stays
	Least              // the least weight stays
)

// Options say what kind of graph a Builder builds.
type Options struct {
	Directed bool
	// Multi keeps parallel edges apart and numbers edges by their row, so that
	// they can have columns. Without it rows between the same nodes are merged.
	Multi bool
	// Weighted keeps weights. Without it every edge weighs 1.
	Weighted bool
	Merge    Merge
}

// Report counts what the builder did not take over as it came.
type Report struct {
	Rows   int // rows that were given
	Loops  int // rows from a node to itself: left out, no measure here has use for them
	Merged int // rows that were merged with an earlier one
}

// ErrWeight is returned for a weight that is not a positive finite number.
var ErrWeight = errors.New("a weight must be a positive number")

// ErrTooLarge is returned when a graph passes MaxArcs or 4 GiB of labels.
var ErrTooLarge = errors.New("the graph is too large")

// Builder collects nodes and edges and makes a Graph of them. It belongs to one
// goroutine.
type Builder struct {
	opts     Options
	names    *interner
	from, to []Node
	weight   []float32
	nodeCols []*Column
	edgeCols []*Column
	loops    int
}

// NewBuilder returns an empty Builder.
func NewBuilder(opts Options) *Builder {
	return &Builder{opts: opts, names: newInterner()}
}

// Node returns the node with that label, a new one if it was not met before.
func (b *Builder) Node(label []byte) (node Node, fresh bool) { return b.names.intern(label) }

// Find returns the node with that label, if it was met before.
func (b *Builder) Find(label []byte) (Node, bool) { return b.names.lookup(label) }

// Order returns how many nodes there are by now.
func (b *Builder) Order() int { return b.names.len() }

// Rows returns how many edges were given by now.
func (b *Builder) Rows() int { return len(b.from) }

// Edge appends an edge; its number is Rows() before the call. Loops are counted
// and left out when the graph is built. The weight of an unweighted graph is
// ignored.
func (b *Builder) Edge(u, v Node, weight float64) error {
	if b.opts.Weighted {
		w := float32(weight)
		if !(w > 0) || math.IsInf(float64(w), 0) {
			return fmt.Errorf("weight %v: %w", weight, ErrWeight)
		}
		b.weight = append(b.weight, w)
	}
	b.from = append(b.from, u)
	b.to = append(b.to, v)
	if u == v {
		b.loops++
	}
	return nil
}

// NodeColumns adds node attributes. When the graph is built each must have one
// value for every node.
func (b *Builder) NodeColumns(cols ...*Column) { b.nodeCols = append(b.nodeCols, cols...) }

// EdgeColumns adds edge attributes. When the graph is built each must have one
// value for every row, and the graph must be Multi: a merged edge would have
// several values.
func (b *Builder) EdgeColumns(cols ...*Column) { b.edgeCols = append(b.edgeCols, cols...) }

// Build makes the graph. The builder must not be used after it. It takes
// O(nodes + edges) time and, for a moment, twice the memory of the graph.
func (b *Builder) Build() (*Graph, Report, error) {
	report := Report{Rows: len(b.from), Loops: b.loops}
	if err := b.check(); err != nil {
		return nil, report, err
	}
	s := &storage{
		directed: b.opts.Directed, multi: b.opts.Multi, labels: b.names.packed(),
		nodeCols: b.nodeCols, edgeCols: b.edgeCols,
	}
	b.names = nil
	if b.opts.Multi {
		s.edgeRows = len(b.from)
	}
	rows := rows{b.from, b.to, b.weight, b.opts.Multi, !b.opts.Directed}
	n := s.labels.len()
	s.out = rows.arrange(n)
	b.from, b.to, b.weight = nil, nil, nil
	if !b.opts.Multi {
		merged := s.out.merge(b.opts.Merge)
		if !b.opts.Directed {
			merged /= 2
		}
		report.Merged = merged
	}
	s.in = s.out
	if b.opts.Directed {
		s.in = s.out.transpose()
	}
	return newGraph(s), report, nil
}

func (b *Builder) check() error {
	if b.names.full || b.names.len() >= math.MaxUint32 || 2*len(b.from) > MaxArcs {
		return ErrTooLarge
	}
	if len(b.edgeCols) > 0 && !b.opts.Multi {
		return errors.New("edge columns need a graph that keeps parallel edges apart")
	}
	for _, c := range b.edgeCols {
		if c.Len() != len(b.from) {
			return fmt.Errorf("edge column %s has %d values for %d rows", c.name, c.Len(), len(b.from))
		}
	}
	for _, c := range b.nodeCols {
		if c.Len() != b.names.len() {
			return fmt.Errorf("node column %s has %d values for %d nodes", c.name, c.Len(), b.names.len())
		}
	}
	return nil
}

// packed returns the labels without spare room.
func (t *interner) packed() labels {
	l := labels{end: make([]uint32, len(t.end)), text: make([]byte, len(t.text))}
	copy(l.end, t.end)
	copy(l.text, t.text)
	return l
}
