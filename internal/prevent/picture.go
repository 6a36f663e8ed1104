// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"fmt"
	"math"
)

// The picture's size, in units of its own.
const (
	PictureWidth  = 960
	PictureHeight = 620
	ringX, ringY  = 270.0, 240.0
	// DiscRadius is that of the discs that carry the flows' numbers.
	DiscRadius = 11
	bend       = 0.3 // how far arcs are pulled to the middle
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

		points [3]point // begin, bend and end of a quadratic curve
	}
)

type point struct{ x, y float64 }

func (p point) to(q point) float64 { return math.Hypot(p.x-q.x, p.y-q.y) }

// At returns the place on the arc at t, from 0 at its begin to 1 at its end.
func (a Arc) At(t float64) (x, y float64) {
	p := a.at(t)
	return p.x, p.y
}

func (a Arc) at(t float64) point {
	b, c, e := a.points[0], a.points[1], a.points[2]
	u := 1 - t
	return point{u*u*b.x + 2*u*t*c.x + t*t*e.x, u*u*b.y + 2*u*t*c.y + t*t*e.y}
}

// Picture lays the kinds of crime that flows connect out on a ring, and the
// flows as arcs that bend inwards. It is the same for the same content, and
// was made when the content was loaded; the caller changes nothing of it.
func (c *Content) Picture() ([]Node, []Arc) { return c.nodes, c.arcs }

// draw makes the picture.
func (c *Content) draw() {
	joined := map[string]bool{}
	for _, f := range c.Flows {
		joined[f.From], joined[f.To] = true, true
	}
	var ring []string
	for _, k := range c.Crimes {
		if joined[k.ID] {
			ring = append(ring, k.ID)
		}
	}
	untangle(ring, c.Flows)
	at := map[string]point{}
	c.nodes, c.arcs = nil, nil
	for i, id := range ring {
		crime, _ := c.Crime(id) // it came from there
		n := node(crime, 2*math.Pi*float64(i)/float64(len(ring))-math.Pi/2)
		at[id] = point{n.X, n.Y}
		c.nodes = append(c.nodes, n)
	}
	middle := point{PictureWidth / 2, PictureHeight / 2}
	for i, f := range c.Flows {
		a, b := at[f.From], at[f.To]
		half := point{(a.x + b.x) / 2, (a.y + b.y) / 2}
		by := point{half.x + (middle.x-half.x)*bend, half.y + (middle.y-half.y)*bend}
		begin, end := towards(a, by, 10), towards(b, by, 15) // short of the dots
		c.arcs = append(c.arcs, Arc{
			Flow: f, Number: i + 1, points: [3]point{begin, by, end},
			Path: fmt.Sprintf("M%g %gQ%g %g %g %g", round(begin.x), round(begin.y), round(by.x), round(by.y), round(end.x), round(end.y)),
		})
	}
	number(c.arcs)
}

func node(k Crime, angle float64) Node {
	n := Node{Crime: k, Anchor: "middle"}
	n.X, n.Y = round(PictureWidth/2+ringX*math.Cos(angle)), round(PictureHeight/2+ringY*math.Sin(angle))
	n.LabelX, n.LabelY = round(n.X+18*math.Cos(angle)), round(n.Y+26*math.Sin(angle)+5)
	switch {
	case math.Cos(angle) > 0.2:
		n.Anchor = "left"
	case math.Cos(angle) < -0.2:
		n.Anchor = "right"
	}
	return n
}

// untangle changes places on the ring as long as that leaves fewer arcs that
// cross, or shorter ones.
func untangle(ring []string, flows []Flow) {
	best := tangle(ring, flows)
	for better := true; better; {
		better = false
		for i := range ring {
			for j := i + 1; j < len(ring); j++ {
				ring[i], ring[j] = ring[j], ring[i]
				if now := tangle(ring, flows); now < best {
					best, better = now, true
				} else {
					ring[i], ring[j] = ring[j], ring[i]
				}
			}
		}
	}
}

// tangle is ten for each two flows that cross on the ring, and one for each
// place that a flow passes.
func tangle(ring []string, flows []Flow) int {
	place := map[string]int{}
	for i, id := range ring {
		place[id] = i
	}
	sum := 0
	for i, f := range flows {
		a, b := min(place[f.From], place[f.To]), max(place[f.From], place[f.To])
		sum += min(b-a, len(ring)-b+a)
		for _, g := range flows[:i] {
			c, d := min(place[g.From], place[g.To]), max(place[g.From], place[g.To])
			if a < c && c < b && b < d || c < a && a < d && d < b {
				sum += 10
			}
		}
	}
	return sum
}

// number puts each flow's number where its own arc is farthest from everything
// else: other arcs, the numbers before it, and the ends, where arcs meet.
func number(arcs []Arc) {
	for i := range arcs {
		best := -1.0
		for t := 0.15; t < 0.86; t += 0.01 {
			p := arcs[i].at(t)
			room := min(p.to(arcs[i].points[0]), p.to(arcs[i].points[2]))
			for j := range arcs {
				if j == i {
					continue
				}
				if j < i {
					room = min(room, p.to(point{arcs[j].MX, arcs[j].MY})-DiscRadius)
				}
				for u := 0.0; u <= 1; u += 0.04 {
					room = min(room, p.to(arcs[j].at(u)))
				}
			}
			if room > best {
				best = room
				arcs[i].MX, arcs[i].MY = round(p.x), round(p.y)
			}
		}
	}
}

func towards(from, to point, by float64) point {
	d := from.to(to)
	if d == 0 {
		return from
	}
	return point{from.x + (to.x-from.x)/d*by, from.y + (to.y-from.y)/d*by}
}

func round(f float64) float64 { return math.Round(f*10) / 10 }
