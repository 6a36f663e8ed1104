// SPDX-License-Identifier: Apache-2.0

package draw

import (
	"math"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// gap is the room between components, in ties.
const gap = 1.2

// pack moves components, the largest first, as near to the middle as they fit,
// and puts nodes without ties in rows below.
func pack(members [][]graph.Node, at []Point) {
	var discs []disc
	var lonely []graph.Node
	for _, m := range members {
		if len(m) == 1 {
			lonely = append(lonely, m[0])
			continue
		}
		d := around(m, at)
		to := free(discs, d.radius)
		for _, u := range m {
			at[u] = at[u].minus(d.centre).plus(to)
		}
		discs = append(discs, disc{to, d.radius})
	}
	rows(discs, lonely, at)
}

// disc is the room that a component takes.
type disc struct {
	centre Point
	radius float64
}

// around returns the disc about the middle of the nodes' extent.
func around(nodes []graph.Node, at []Point) disc {
	lo, hi := extent(nodes, at)
	d := disc{centre: lo.plus(hi).times(0.5)}
	for _, u := range nodes {
		d.radius = max(d.radius, at[u].within(d.centre))
	}
	d.radius += gap / 2
	return d
}

func extent(nodes []graph.Node, at []Point) (lo, hi Point) {
	lo, hi = Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, u := range nodes {
		lo = Point{min(lo.X, at[u].X), min(lo.Y, at[u].Y)}
		hi = Point{max(hi.X, at[u].X), max(hi.Y, at[u].Y)}
	}
	return lo, hi
}

// free finds the place nearest to the middle where a disc fits, on a spiral that
// is wider than high, as pictures are.
func free(discs []disc, radius float64) Point {
	if len(discs) == 0 {
		return Point{}
	}
	for angle, reach := 0.0, 0.0; ; {
		p := Point{1.3 * reach * math.Cos(angle), reach * math.Sin(angle)}
		fits := true
		for _, d := range discs {
			if p.within(d.centre) < d.radius+radius {
				fits = false
				break
			}
		}
		if fits {
			return p
		}
		step := max(0.3, radius/2)
		turn := step / max(reach, step)
		angle += turn
		reach += step * turn / (2 * math.Pi)
	}
}

// rows puts lonely nodes in rows below everything else.
func rows(discs []disc, lonely []graph.Node, at []Point) {
	left, right, bottom := -3.0, 3.0, 0.0
	for _, d := range discs {
		left, right = min(left, d.centre.X-d.radius), max(right, d.centre.X+d.radius)
		bottom = max(bottom, d.centre.Y+d.radius)
	}
	wide := max(int(right-left), int(math.Sqrt(1.5*float64(len(lonely)))))
	for i, u := range lonely {
		at[u] = Point{left + 0.5 + float64(i%wide), bottom + 1 + float64(i/wide)}
	}
}
