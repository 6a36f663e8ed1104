// SPDX-License-Identifier: Apache-2.0

package draw

import (
	"fmt"
	"strconv"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// listedGroups is how many groups the legend lists.
const listedGroups = 14

// legend explains colours, sizes and what was left out. Shown is how many nodes
// are labelled.
func (c *canvas) legend(out *pen, shown int) {
	l := &legend{out: out, x: c.width + 12, y: 60}
	out.put(`<g font-size="14">` + "\n")
	if c.Groups != nil {
		c.groupLegend(l)
	}
	if c.Sizes != nil && c.most > 0 {
		c.sizeLegend(l)
	}
	l.heading("In this picture")
	l.line(fmt.Sprintf("%s nodes, %s ties", thousands(c.Graph.Order()), thousands(c.Graph.Size())))
	if c.Graph.Directed() && c.Graph.Size() <= arrows {
		l.line("arrows: direction of ties")
	}
	if c.Graph.Weighted() {
		l.line("thickness: weight of ties")
	}
	if shown < c.Graph.Order() {
		l.line(fmt.Sprintf("the %d largest that fit have names", shown))
	}
	for _, n := range c.Notes {
		l.line(n)
	}
	out.put("</g>" + "\n")
}

// legend writes from top to bottom.
type legend struct {
	out  *pen
	x, y float64
}

func (l *legend) heading(text string) {
	l.out.put(`<text x="%.0f" y="%.0f" font-size="15" font-weight="600">%s</text>`+"\n", l.x, l.y, escape(text))
	l.y += 24
}

func (l *legend) line(text string) {
	l.out.put(`<text x="%.0f" y="%.0f">%s</text>`+"\n", l.x, l.y, escape(text))
	l.y += 21
}

// groupLegend lists the groups by size, each by its largest member.
func (c *canvas) groupLegend(l *legend) {
	count, head := map[uint32]int{}, map[uint32]graph.Node{}
	groups := uint32(0)
	for _, u := range c.nodes { // the small first, so that the last of a group is its largest
		g := c.Groups[u]
		count[g]++
		head[g] = u
		groups = max(groups, g+1)
	}
	l.heading("Communities")
	listed := uint32(0)
	for g := uint32(0); g < groups && listed < listedGroups; g++ {
		if count[g] < 2 {
			continue
		}
		listed++
		l.out.put(`<path d="%s" fill="%s"/>`+"\n", outline(g, Point{l.x + 8, l.y - 5}, 7), groupColour(g))
		l.out.put(`<text x="%.0f" y="%.0f">%s</text>`+"\n", l.x+24, l.y, escape(fmt.Sprintf("around %s: %d", clip(shorten(c.Name(head[g])), 18), count[g])))
		l.y += 22
	}
	if rest := len(count) - int(listed); rest > 0 {
		l.line(fmt.Sprintf("and %d smaller ones", rest))
	}
	l.y += 14
}

// clip cuts text to so many characters.
func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// sizeLegend shows three sizes with their values.
func (c *canvas) sizeLegend(l *legend) {
	name := c.SizeName
	if name == "" {
		name = "measure"
	}
	l.heading("Size: " + name)
	most := c.largest
	x := l.x
	for _, share := range []float64{0.1, 0.4, 1} {
		r := c.radiusOf(share * c.most)
		l.out.put(`<circle cx="%.1f" cy="%.1f" r="%.1f" fill="none" stroke="%s" stroke-width="1.4"/>`+"\n", x+most, l.y+most, r, ink)
		l.out.put(`<text x="%.1f" y="%.1f" text-anchor="middle" font-size="13">%s</text>`+"\n", x+most, l.y+2*most+18, short(share*c.most))
		x += max(2*most+10, 64)
	}
	l.y += 2*most + 50
}

// short writes a number with three digits.
func short(x float64) string {
	if x >= 1000 {
		return thousands(int(x + 0.5))
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
