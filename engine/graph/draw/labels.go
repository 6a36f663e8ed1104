// SPDX-License-Identifier: Apache-2.0

package draw

import (
	"slices"
	"unicode"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// box is an upright rectangle.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// caption is a label in its place.
type caption struct {
	node   graph.Node
	text   string
	x, y   float64 // of the anchor, on the base line
	anchor string  // SVG's text-anchor
	size   float64
}

// maxName is how many characters of a name are shown.
const maxName = 28

// captions chooses labels that cover neither each other nor nodes, the largest
// nodes first.
func (c *canvas) captions() []caption {
	order := slices.Clone(c.nodes)
	slices.SortStableFunc(order, func(a, b graph.Node) int {
		switch {
		case c.radius[a] > c.radius[b]:
			return -1
		case c.radius[a] < c.radius[b]:
			return 1
		}
		return int(a) - int(b)
	})
	limit, font := 70, 13.0
	switch {
	case len(order) > 600:
		limit, font = 36, 14
	case len(order) <= 40:
		limit, font = 40, 15
	}
	taken := c.discs(order)
	var placed []caption
	for _, u := range order {
		if len(placed) == limit {
			break
		}
		size := font
		if len(placed) < 5 && len(order) > 40 {
			size += 2
		}
		if cap, where, ok := c.caption(u, size, taken); ok {
			placed = append(placed, cap)
			taken.labels = append(taken.labels, where)
		}
	}
	return placed
}

// discs returns the boxes that labels must keep clear of: of all nodes while
// there are few, else of the large ones.
func (c *canvas) discs(order []graph.Node) *clearing {
	k := &clearing{boxes: map[graph.Node]box{}}
	for i, u := range order {
		if i == 300 {
			break
		}
		p, r := c.at[u], 0.85*c.radius[u]
		k.boxes[u] = box{p.X - r, p.Y - r, p.X + r, p.Y + r}
	}
	return k
}

// clearing is what labels must not cover.
type clearing struct {
	boxes  map[graph.Node]box
	labels []box
}

func (k *clearing) free(b box, own graph.Node) bool {
	for u, o := range k.boxes {
		if u != own && b.meets(o) {
			return false
		}
	}
	return !slices.ContainsFunc(k.labels, b.meets)
}

// caption tries the places around a node: in it, right, left, below, above, and
// the corners.
func (c *canvas) caption(u graph.Node, size float64, taken *clearing) (caption, box, bool) {
	text := shorten(c.Name(u))
	p, r, wide := c.at[u], c.radius[u], width(text, size)
	spots := []caption{
		{u, text, p.X + r + 3, p.Y + 0.35*size, "start", size},
		{u, text, p.X - r - 3, p.Y + 0.35*size, "end", size},
		{u, text, p.X, p.Y + r + size, "middle", size},
		{u, text, p.X, p.Y - r - 4, "middle", size},
		{u, text, p.X + 0.7*r + 2, p.Y - 0.7*r - 2, "start", size},
		{u, text, p.X + 0.7*r + 2, p.Y + 0.7*r + 0.8*size, "start", size},
		{u, text, p.X - 0.7*r - 2, p.Y - 0.7*r - 2, "end", size},
		{u, text, p.X - 0.7*r - 2, p.Y + 0.7*r + 0.8*size, "end", size},
	}
	if wide < 1.7*r && size < 1.5*r {
		spots = slices.Insert(spots, 0, caption{u, text, p.X, p.Y + 0.35*size, "middle", size})
	}
	for _, s := range spots {
		b := box{s.x, s.y - 0.8*size, s.x + wide, s.y + 0.25*size}
		switch s.anchor {
		case "end":
			b.left, b.right = s.x-wide, s.x
		case "middle":
			b.left, b.right = s.x-wide/2, s.x+wide/2
		}
		if b.left < 4 || b.right > c.width-4 || b.top < c.titled || b.bottom > c.height-4 {
			continue
		}
		if taken.free(b, u) {
			return s, b, true
		}
	}
	return caption{}, box{}, false
}

// shorten cuts long names and drops what can't be written.
func shorten(name string) string {
	var text []rune
	for _, r := range name {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			r = ' '
		}
		text = append(text, r)
	}
	if len(text) > maxName {
		text = append(text[:maxName-1], '…')
	}
	return string(text)
}

// width estimates how wide text is: most letters are about 0.56 of the size,
// those of East Asia are square.
func width(text string, size float64) float64 {
	w := 0.0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			w += 1
		case unicode.IsUpper(r) || unicode.IsDigit(r):
			w += 0.66
		default:
			w += 0.56
		}
	}
	return w * size
}
