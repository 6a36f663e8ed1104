// SPDX-License-Identifier: Apache-2.0

package draw

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// MaxNodes is the greatest number of nodes that a picture can hold.
const MaxNodes = 20000

// ErrTooMany is returned for a network that no picture can show.
var ErrTooMany = errors.New("more than 20,000 nodes can't be drawn: show a part of the network")

// Point is a place on the plane.
type Point struct{ X, Y float64 }

func (p Point) minus(q Point) Point    { return Point{p.X - q.X, p.Y - q.Y} }
func (p Point) plus(q Point) Point     { return Point{p.X + q.X, p.Y + q.Y} }
func (p Point) times(f float64) Point  { return Point{p.X * f, p.Y * f} }
func (p Point) length() float64        { return math.Hypot(p.X, p.Y) }
func (p Point) within(q Point) float64 { return p.minus(q).length() }

// Placing says how nodes are placed.
type Placing struct {
	// Groups are the communities of nodes; ties between two groups are drawn two
	// to five times as long, which keeps groups apart. It may be nil.
	Groups []uint32
	Seed   uint64
}

// rounds is how often all pairs are looked at.
const rounds = 40

// Layout places the shown nodes so that their distance on the plane is that of
// the ways between them, by stochastic gradient descent on the stress (Zheng,
// Pawar & Goodman: Graph Drawing by Stochastic Gradient Descent, IEEE TVCG 25,
// 2019). One tie is about 1 long. Components are laid out apart and packed.
// Up to 3,000 nodes all pairs count, O(n²); beyond that, each node is placed by its
// neighbours and 150 pivots (Ortmann, Klimenta & Brandes: A Sparse Stress Model,
// JGAA 21, 2017). The result is by node number.
func Layout(ctx context.Context, g *graph.Graph, how Placing, run work.Run) ([]Point, error) {
	if g.Order() > MaxNodes {
		return nil, ErrTooMany
	}
	g = g.Undirected(graph.First).Simple(graph.First)
	parts, err := path.FindComponents(ctx, g, run.Quiet())
	if err != nil {
		return nil, err
	}
	members := make([][]graph.Node, len(parts.Size))
	for _, u := range g.Nodes() {
		members[parts.Of[u]] = append(members[parts.Of[u]], u)
	}
	place := make([]Point, g.Bound())
	for i, m := range members {
		part := &component{g: g, nodes: m, groups: how.Groups, rng: work.Random(how.Seed, uint64(i))}
		part.apart = apart(len(m))
		progress := run
		if i > 0 {
			progress = run.Quiet()
		}
		if err := part.place(ctx, progress, place); err != nil {
			return nil, err
		}
	}
	pack(members, place)
	return place, nil
}

// apart is how much longer ties between groups are drawn in a component of n
// nodes: crowds need more room between them than a handful does.
func apart(n int) float32 {
	return float32(min(5, 2+math.Log2(max(1, float64(n)/200))))
}

// component is one connected part being placed.
type component struct {
	g      *graph.Graph
	nodes  []graph.Node
	groups []uint32
	apart  float32 // how much longer ties between groups are
	rng    *rand.Rand
}

func (c *component) place(ctx context.Context, run work.Run, into []Point) error {
	if len(c.nodes) == 1 {
		into[c.nodes[0]] = Point{}
		return nil
	}
	at := make([]Point, len(c.nodes))
	for i := range at {
		at[i] = Point{c.rng.Float64(), c.rng.Float64()}
	}
	terms, err := c.terms(ctx)
	if err != nil {
		return err
	}
	light, heavy := math.Inf(1), 0.0
	for _, t := range terms {
		w := t.weight()
		light, heavy = min(light, w), max(heavy, w)
	}
	// The step falls from one that lets the lightest pair move freely to one that
	// hardly moves the heaviest.
	first, last := 1/light, 0.1/heavy
	decay := math.Log(first/last) / (rounds - 1)
	for round := range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		step := first * math.Exp(-decay*float64(round))
		c.rng.Shuffle(len(terms), func(i, j int) { terms[i], terms[j] = terms[j], terms[i] })
		for _, t := range terms {
			t.pull(at, step)
		}
		if run.Progress != nil {
			run.Progress(round+1, rounds)
		}
	}
	for i, u := range c.nodes {
		into[u] = at[i]
	}
	return nil
}

// term is a pair of nodes with the distance that they should have.
type term struct {
	a, b uint32
	d    float32
	held bool // only b moves
}

func (t term) weight() float64 { return 1 / (float64(t.d) * float64(t.d)) }

// pull moves both ends of a pair towards their distance.
func (t term) pull(at []Point, step float64) {
	share := min(1, t.weight()*step)
	line := at[t.a].minus(at[t.b])
	length := line.length()
	if length < 1e-9 {
		line, length = Point{1e-6 * float64(1+t.a%7), 1e-6 * float64(1+t.b%5)}, 1e-6
	}
	move := line.times(share * (length - float64(t.d)) / (2 * length))
	if !t.held {
		at[t.a] = at[t.a].minus(move)
	}
	at[t.b] = at[t.b].plus(move)
}

// allPairs is the greatest component for which all pairs count.
const allPairs = 3000

// pivots is how many nodes of a larger one are paired with all others.
const pivots = 150

// terms lists the pairs that count, by place in nodes.
func (c *component) terms(ctx context.Context) ([]term, error) {
	local := make(map[graph.Node]uint32, len(c.nodes))
	for i, u := range c.nodes {
		local[u] = uint32(i)
	}
	w := newWays(c, local)
	var terms []term
	if len(c.nodes) <= allPairs {
		for i := range c.nodes {
			for j, d := range w.from(uint32(i)) {
				if j > i {
					terms = append(terms, term{a: uint32(i), b: uint32(j), d: d})
				}
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		return terms, nil
	}
	for i := range c.nodes {
		for k := w.off[i]; k < w.off[i+1]; k++ {
			if w.to[k] > uint32(i) {
				terms = append(terms, term{a: uint32(i), b: w.to[k], d: w.length[k]})
			}
		}
	}
	chosen := c.rng.Perm(len(c.nodes))[:pivots]
	pivot := make([]bool, len(c.nodes))
	for _, p := range chosen {
		pivot[p] = true
	}
	for _, p := range chosen {
		for j, d := range w.from(uint32(p)) {
			if j != p {
				terms = append(terms, term{uint32(p), uint32(j), d, !pivot[j]})
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return terms, nil
}
