// SPDX-License-Identifier: Apache-2.0

package draw

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// palette is Okabe and Ito's set of colours that people with any colour vision
// can tell apart (2008), the darkest left out for text
// and yellow darkened so that it shows on white. Beyond these, shapes change.
var palette = [...]string{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b3a100", "#5d4a9c"}

const (
	grey = "#9aa0a6"
	ink  = "#1f2328"
	// named is how many groups have a colour and shape of their own.
	named = 3 * len(palette)
)

// SVG writes the picture.
func SVG(w io.Writer, p Picture) error {
	out := &pen{w: bufio.NewWriter(w)}
	c := newCanvas(p)
	out.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="system-ui, 'Liberation Sans', Arial, sans-serif" fill="%s">`+"\n",
		c.Width, c.Height, c.Width, c.Height, ink)
	title := c.Title
	if title == "" {
		title = "Network"
	}
	out.put("<title>%s</title>\n<desc>%d nodes and %d ties</desc>\n", escape(title), c.Graph.Order(), c.Graph.Size())
	out.put(`<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", c.Width, c.Height)
	if c.Title != "" {
		out.put(`<text x="%g" y="36" font-size="22" font-weight="600">%s</text>`+"\n", margin, escape(c.Title))
	}
	c.ties(out)
	c.dots(out)
	shown := c.names(out)
	c.legend(out, shown)
	out.put("</svg>" + "\n")
	if out.err != nil {
		return out.err
	}
	return out.w.Flush()
}

// pen writes and remembers the first error.
type pen struct {
	w   *bufio.Writer
	err error
}

func (p *pen) put(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// escape makes text safe inside SVG.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(printable(text))); err != nil {
		return ""
	}
	return b.String()
}

// printable replaces characters that XML can't hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, text)
}

// colour returns the colour of a node.
func (c *canvas) colour(u graph.Node) string {
	if c.Groups == nil {
		return palette[0]
	}
	return groupColour(c.Groups[u])
}

func groupColour(group uint32) string {
	if group >= uint32(named) {
		return grey
	}
	return palette[group%uint32(len(palette))]
}

// ties draws all edges, those within a group in its colour.
func (c *canvas) ties(out *pen) {
	edges := c.Graph.Edges()
	opacity := min(0.55, max(0.1, 14/math.Sqrt(float64(len(edges)+1))))
	thin := min(1.6, max(0.5, 40/math.Sqrt(float64(len(edges)+1))))
	heaviest := 1.0
	for _, e := range edges {
		heaviest = max(heaviest, float64(e.Weight))
	}
	out.put(`<g fill="none" stroke-opacity="%.2f" stroke-linecap="round">`+"\n", opacity)
	for _, inside := range []bool{false, true} {
		for _, e := range edges {
			same := c.Groups == nil || c.Groups[e.From] == c.Groups[e.To]
			if same != inside {
				continue
			}
			colour := grey
			if same && c.Groups != nil {
				colour = c.colour(e.From)
			}
			wide := thin
			if c.Graph.Weighted() {
				wide = thin * (0.6 + 3*math.Sqrt(float64(e.Weight)/heaviest))
			}
			c.tie(out, e, colour, wide, opacity)
		}
	}
	out.put("</g>" + "\n")
}

// arrows is the greatest number of ties that have heads.
const arrows = 1500

func (c *canvas) tie(out *pen, e graph.Edge, colour string, wide, opacity float64) {
	a, b := c.at[e.From], c.at[e.To]
	out.put(`<path d="M%.1f %.1fL%.1f %.1f" stroke="%s" stroke-width="%.2f"/>`+"\n", a.X, a.Y, b.X, b.Y, colour, wide)
	if !c.Graph.Directed() || c.Graph.Size() > arrows {
		return
	}
	line := b.minus(a)
	if line.length() < c.radius[e.From]+c.radius[e.To]+6 {
		return
	}
	along := line.times(1 / line.length())
	across := Point{-along.Y, along.X}
	size := 4 + 1.5*wide
	tip := b.minus(along.times(c.radius[e.To] + 1))
	back := tip.minus(along.times(1.6 * size))
	l, r := back.plus(across.times(size/2)), back.minus(across.times(size/2))
	out.put(`<path d="M%.1f %.1fL%.1f %.1fL%.1f %.1fZ" fill="%s" fill-opacity="%.2f" stroke="none"/>`+"\n",
		tip.X, tip.Y, l.X, l.Y, r.X, r.Y, colour, min(1, 1.6*opacity))
}

// dots draws all nodes, the small first.
func (c *canvas) dots(out *pen) {
	edge := 1.2
	if len(c.nodes) > 600 {
		edge = 0.6
	}
	out.put(`<g stroke="#ffffff" stroke-width="%.1f">`+"\n", edge)
	for _, u := range c.nodes {
		group := uint32(0)
		if c.Groups != nil {
			group = c.Groups[u]
		}
		tip := c.Name(u)
		if c.Sizes != nil && c.SizeName != "" {
			tip = fmt.Sprintf("%s: %s %.4g", tip, c.SizeName, c.Sizes[u])
		}
		out.put(`<path d="%s" fill="%s"><title>%s</title></path>`+"\n", outline(group, c.at[u], c.radius[u]), c.colour(u), escape(tip))
	}
	out.put("</g>" + "\n")
}

// outline is the shape of a group's nodes: circles, then squares, then diamonds,
// all of the same area.
func outline(group uint32, p Point, r float64) string {
	switch {
	case group >= uint32(named) || group < uint32(len(palette)):
		return fmt.Sprintf("M%.2f %.2fa%.2f %.2f 0 1 0 %.2f 0a%.2f %.2f 0 1 0 %.2f 0Z", p.X-r, p.Y, r, r, 2*r, r, r, -2*r)
	case group < uint32(2*len(palette)):
		h := r * math.Sqrt(math.Pi) / 2
		return fmt.Sprintf("M%.2f %.2fh%.2fv%.2fh%.2fZ", p.X-h, p.Y-h, 2*h, 2*h, -2*h)
	default:
		h := r * math.Sqrt(math.Pi/2)
		return fmt.Sprintf("M%.2f %.2fL%.2f %.2fL%.2f %.2fL%.2f %.2fZ", p.X, p.Y-h, p.X+h, p.Y, p.X, p.Y+h, p.X-h, p.Y)
	}
}

// names writes the labels and returns how many there are.
func (c *canvas) names(out *pen) int {
	captions := c.captions()
	out.put(`<g paint-order="stroke" stroke="#ffffff" stroke-width="3.5" stroke-linejoin="round" font-weight="500">` + "\n")
	for _, k := range captions {
		out.put(`<text x="%.1f" y="%.1f" font-size="%g" text-anchor="%s">%s</text>`+"\n", k.x, k.y, k.size, k.anchor, escape(k.text))
	}
	out.put("</g>" + "\n")
	return len(captions)
}
