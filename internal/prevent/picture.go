// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"fmt"
	"math"
)

// The picture's size, in units of its own.
const (
	PictureWidth  = 860
	PictureHeight = 620
	ringX, ringY  = 270.0, 240.0
)

// Node is one kind of crime in the picture, and Arc one flow.
type (
	Node struct {
		Crime          Crime
		X, Y           float64
		LabelX, LabelY float64
		Anchor         string // left, right or middle: which side of the label is fixed
	}
	Arc struct {
		Flow   Flow
		Number int // as in the table beside the picture
		Path   string
		MX, MY float64 // where the number stands
	}
)

// Picture lays the kinds of crime that flows connect out on a ring, and the
// flows as arcs that bend inwards. It is the same for the same content.
func (c *Content) Picture() ([]Node, []Arc) {
	joined := map[string]bool{}
	for _, f := range c.Flows {
		joined[f.From], joined[f.To] = true, true
	}
	var nodes []Node
	at := map[string]int{}
	for _, k := range c.Crimes {
		if joined[k.ID] {
			at[k.ID] = len(nodes)
			nodes = append(nodes, Node{Crime: k})
		}
	}
	for i := range nodes {
		angle := 2*math.Pi*float64(i)/float64(len(nodes)) - math.Pi/2
		n := &nodes[i]
		n.X, n.Y = round(PictureWidth/2+ringX*math.Cos(angle)), round(PictureHeight/2+ringY*math.Sin(angle))
		n.LabelX, n.LabelY, n.Anchor = round(n.X+18*math.Cos(angle)), round(n.Y+26*math.Sin(angle)+5), "middle"
		switch {
		case math.Cos(angle) > 0.2:
			n.Anchor = "left"
		case math.Cos(angle) < -0.2:
			n.Anchor = "right"
		}
	}
	var arcs []Arc
	for i, f := range c.Flows {
		a, b := nodes[at[f.From]], nodes[at[f.To]]
		// the bend pulls towards the middle; the ends stop short of the dots
		bx, by := (a.X+b.X)/2+(PictureWidth/2-(a.X+b.X)/2)*0.35, (a.Y+b.Y)/2+(PictureHeight/2-(a.Y+b.Y)/2)*0.35
		ax, ay := towards(a.X, a.Y, bx, by, 10)
		ex, ey := towards(b.X, b.Y, bx, by, 15)
		// numbers stand nearer to the start, so that arcs which meet don't cover each other's
		const t = 0.35
		mx := (1-t)*(1-t)*ax + 2*t*(1-t)*bx + t*t*ex
		my := (1-t)*(1-t)*ay + 2*t*(1-t)*by + t*t*ey
		arcs = append(arcs, Arc{
			Flow: f, Number: i + 1, MX: round(mx), MY: round(my),
			Path: fmt.Sprintf("M%g %gQ%g %g %g %g", round(ax), round(ay), round(bx), round(by), round(ex), round(ey)),
		})
	}
	return nodes, arcs
}

func towards(x, y, tx, ty, by float64) (float64, float64) {
	d := math.Hypot(tx-x, ty-y)
	if d == 0 {
		return x, y
	}
	return x + (tx-x)/d*by, y + (ty-y)/d*by
}

func round(f float64) float64 { return math.Round(f*10) / 10 }
