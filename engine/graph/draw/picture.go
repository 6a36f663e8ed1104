// SPDX-License-Identifier: Apache-2.0

package draw

import (
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// Picture says what is drawn.
type Picture struct {
	Graph  *graph.Graph
	Places []Point   // from Layout
	Groups []uint32  // the community of each node; nil for none
	Sizes  []float64 // what makes nodes large; nil for none
	// SizeName is the name of that measure, and Title the heading; both may be "".
	SizeName, Title string
	// Name returns what a node is called; nil means its label.
	Name func(graph.Node) string
	// Notes are lines for the end of the legend.
	Notes         []string
	Width, Height int // in pixels; 0 means 1400 by 1000
}

// legendWidth is the room for the legend, on the right.
const legendWidth = 270

const margin = 34.0

// canvas is a picture with everything in its place, in pixels.
type canvas struct {
	Picture
	nodes  []graph.Node // the small first, so that the large lie on top
	at     []Point
	radius []float64
	most   float64 // the greatest size
	width  float64 // of the part without the legend
	height float64
	titled float64 // height of the heading

	smallest, largest float64 // radii of size 0 and of the greatest size
}

func newCanvas(p Picture) *canvas {
	if p.Width <= 0 {
		p.Width = 1400
	}
	if p.Height <= 0 {
		p.Height = 1000
	}
	if p.Name == nil {
		p.Name = p.Graph.Label
	}
	c := &canvas{Picture: p, nodes: p.Graph.Nodes(), width: float64(p.Width - legendWidth), height: float64(p.Height)}
	if p.Title != "" {
		c.titled = 40
	}
	c.size()
	c.fit()
	c.shrink()
	c.spread()
	c.fit()
	return c
}

// size gives every node its radius: the area follows the measure.
func (c *canvas) size() {
	n := float64(max(len(c.nodes), 1))
	room := math.Sqrt(c.width * c.height / n)
	c.smallest = min(9, max(2.2, 0.075*room))
	c.largest = min(34, max(9, 0.3*room))
	c.radius = make([]float64, c.Graph.Bound())
	for _, u := range c.nodes {
		if c.Sizes != nil {
			c.most = max(c.most, c.Sizes[u])
		}
	}
	for _, u := range c.nodes {
		c.radius[u] = (2*c.smallest + c.largest) / 3
		if c.most > 0 {
			c.radius[u] = c.radiusOf(c.Sizes[u])
		}
	}
	slices.SortStableFunc(c.nodes, func(a, b graph.Node) int {
		switch {
		case c.radius[a] < c.radius[b]:
			return -1
		case c.radius[a] > c.radius[b]:
			return 1
		}
		return 0
	})
}

// shrink makes nodes smaller where ties are short, as in long chains, so that
// ties and names can be seen between them.
func (c *canvas) shrink() {
	var long []float64
	for _, e := range c.Graph.Edges() {
		long = append(long, c.at[e.From].within(c.at[e.To]))
	}
	if len(c.nodes) > 300 || len(long) == 0 {
		return
	}
	slices.Sort(long)
	if fits := max(9, 0.32*long[len(long)/2]); fits < c.largest {
		factor := fits / c.largest
		c.largest, c.smallest = fits, max(4, c.smallest*factor)
		for _, u := range c.nodes {
			c.radius[u] = max(c.smallest, c.radius[u]*factor)
		}
	}
}

func (c *canvas) radiusOf(size float64) float64 {
	share := max(0, size) / c.most
	return math.Sqrt(c.smallest*c.smallest + share*(c.largest*c.largest-c.smallest*c.smallest))
}

// fit scales and moves all places into the picture, turned so that the longer
// side lies along the longer side of the paper.
func (c *canvas) fit() {
	if c.at == nil {
		c.at = slices.Clone(c.Places)
	}
	if len(c.nodes) == 0 {
		return
	}
	lo, hi := extent(c.nodes, c.at)
	size := hi.minus(lo)
	side := margin
	if len(c.nodes) <= 60 {
		side = 90 // room for the names of nodes at the sides
	}
	wide, high := c.width-2*side, c.height-2*margin-c.titled
	if (size.Y > size.X) != (high > wide) && max(size.X, size.Y) > 0 {
		for _, u := range c.nodes {
			c.at[u] = Point{c.at[u].Y, -c.at[u].X}
		}
		lo, hi = extent(c.nodes, c.at)
		size = hi.minus(lo)
	}
	scale := min(wide/max(size.X, 1e-9), high/max(size.Y, 1e-9))
	if len(c.nodes) < 4 {
		scale = min(scale, 200)
	}
	middle := lo.plus(hi).times(0.5)
	centre := Point{c.width / 2, c.titled + (c.height-c.titled)/2}
	for _, u := range c.nodes {
		c.at[u] = c.at[u].minus(middle).times(scale).plus(centre)
	}
}

// spread pushes nodes that cover each other apart.
func (c *canvas) spread() {
	most := 0.0
	for _, u := range c.nodes {
		most = max(most, c.radius[u])
	}
	cell := 2*most + 3
	for range 60 {
		grid := map[[2]int][]graph.Node{}
		for _, u := range c.nodes {
			key := [2]int{int(math.Floor(c.at[u].X / cell)), int(math.Floor(c.at[u].Y / cell))}
			grid[key] = append(grid[key], u)
		}
		moved := false
		for _, u := range c.nodes {
			x, y := int(math.Floor(c.at[u].X/cell)), int(math.Floor(c.at[u].Y/cell))
			for dx := -1; dx <= 1; dx++ {
				for dy := -1; dy <= 1; dy++ {
					for _, v := range grid[[2]int{x + dx, y + dy}] {
						moved = v > u && c.push(u, v) || moved
					}
				}
			}
		}
		if !moved {
			return
		}
	}
}

// push moves two nodes that cover each other apart, the larger one less.
func (c *canvas) push(u, v graph.Node) bool {
	need := c.radius[u] + c.radius[v] + 2
	line := c.at[u].minus(c.at[v])
	length := line.length()
	if length >= need {
		return false
	}
	if length < 1e-6 {
		angle := float64(u%360) * math.Pi / 180
		line, length = Point{math.Cos(angle), math.Sin(angle)}, 1
	}
	move := line.times(0.8 * (need - length) / length)
	heavy := c.radius[u] * c.radius[u] / (c.radius[u]*c.radius[u] + c.radius[v]*c.radius[v])
	c.at[u] = c.at[u].plus(move.times(1 - heavy))
	c.at[v] = c.at[v].minus(move.times(heavy))
	return true
}
