// SPDX-License-Identifier: AGPL-3.0-or-later

// Package share makes what carries a page further: the picture that a chat
// shows beside a link, and the code that a phone reads from a poster. It must
// never draw broken words: a text that its fonts can't write, whatever the
// language, is left out of the picture. It knows no page and no person.
//
// A Painter is safe for concurrent use.
package share

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

//go:embed fonts/*.woff
var fontFiles embed.FS

// The size of a picture: what the services that show links ask for.
const (
	Width  = 1200
	Height = 630
)

// The layout, in pixels.
const (
	margin    = 80
	band      = 28 // along the edge where reading begins
	measure   = Width - 2*margin - band
	brandSize = 40
	textSize  = 38
	birdSize  = 76
	leading   = 1.22
)

// titleSizes are tried until the title fits into its lines.
var titleSizes = []struct{ size, lines int }{{76, 3}, {62, 4}, {48, 5}}

// Painter draws pictures.
type Painter struct{ light, bold []*font.Font }

// NewPainter reads the fonts that come with the binary.
func NewPainter() (*Painter, error) {
	p := &Painter{}
	for weight, into := range map[string]*[]*font.Font{"400": &p.light, "700": &p.bold} {
		for _, name := range []string{"atkinson-latin", "atkinson-latin-ext", "plex-arabic"} {
			b, err := fontFiles.ReadFile("fonts/" + name + "-" + weight + ".woff")
			if err != nil {
				return nil, fmt.Errorf("read font: %w", err)
			}
			face, err := font.ParseTTF(bytes.NewReader(b))
			if err != nil {
				return nil, fmt.Errorf("read font %s: %w", name, err)
			}
			*into = append(*into, face.Font)
		}
	}
	return p, nil
}

// Card is what a picture says.
type Card struct {
	Brand, Title, Text string
	RTL                bool
}

// set is the fonts of one weight, for one picture: faces keep caches, so each
// picture has its own.
type set []*font.Face

func faces(fonts []*font.Font) set {
	var s set
	for _, f := range fonts {
		s = append(s, font.NewFace(f))
	}
	return s
}

// ResolveFace implements shaping.Fontmap.
func (s set) ResolveFace(r rune) *font.Face {
	for _, f := range s {
		if _, ok := f.NominalGlyph(r); ok {
			return f
		}
	}
	return s[0]
}

// writes reports whether the fonts have every letter of a text.
func (s set) writes(text string) bool {
	for _, r := range text {
		if _, ok := s.ResolveFace(r).NominalGlyph(r); !ok && r != '\u200c' && r != '\u200d' {
			return false
		}
	}
	return true
}

// PNG draws a picture. Title and text stand on it only when all their letters
// can be written.
func (p *Painter) PNG(c Card) ([]byte, error) {
	bold, light := faces(p.bold), faces(p.light)
	c.Brand, c.Title, c.Text = oneLine(c.Brand), oneLine(c.Title), oneLine(c.Text)
	d := &drawing{rtl: c.RTL, ink: vector.NewRasterizer(Width, Height), accent: vector.NewRasterizer(Width, Height)}
	d.band()
	d.bird(d.start(birdSize), margin-10, birdSize)
	if bold.writes(c.Brand) {
		d.write(bold, c.Brand, brandSize, 1, margin+44, birdSize+24)
	}
	y := float32(margin + 170)
	if bold.writes(c.Title) {
		for i, t := range titleSizes {
			if d.lines(bold, c.Title, t.size, 0, 0) <= t.lines || i == len(titleSizes)-1 {
				y = d.write(bold, c.Title, t.size, t.lines, y, 0)
				break
			}
		}
	}
	if room := int((Height - margin/2 - y - 20) / (textSize * leading)); room > 0 && light.writes(c.Text) && light.writes(c.Title) {
		d.write(light, c.Text, textSize, min(room, 3), y+20, 0)
	}
	return d.png()
}

// maxLetters is how much of a text is looked at; more would not fit.
const maxLetters = 300

// oneLine is a text as a shaper can take it: one line of bounded length,
// without marks that turn directions, but with those that join Arabic letters.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, " ")), " ")
	text = strings.Map(func(r rune) rune {
		if r != '\u200c' && r != '\u200d' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if letters := []rune(text); len(letters) > maxLetters {
		text = string(letters[:maxLetters])
	}
	return text
}

// drawing is a picture that comes into being: outlines in two colours.
type drawing struct {
	rtl         bool
	ink, accent *vector.Rasterizer
}

// start is the left edge of something as wide as width that stands where
// reading begins.
func (d *drawing) start(width float32) float32 {
	if d.rtl {
		return Width - margin - band/2 - width
	}
	return margin + band/2
}

func (d *drawing) band() {
	x := float32(0)
	if d.rtl {
		x = Width - band
	}
	d.accent.MoveTo(x, 0)
	d.accent.LineTo(x+band, 0)
	d.accent.LineTo(x+band, Height)
	d.accent.LineTo(x, Height)
	d.accent.ClosePath()
}

// shape turns a text into lines of placed glyphs.
func (d *drawing) shape(s set, text string, size, most, indent int) []shaping.Line {
	runes := []rune(text)
	direction := di.DirectionLTR
	if d.rtl {
		direction = di.DirectionRTL
	}
	input := shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: direction, Face: s[0], Size: fixed.I(size), Script: language.Latin, Language: language.DefaultLanguage(),
	}
	var segmenter shaping.Segmenter
	var shaper shaping.HarfbuzzShaper
	var runs []shaping.Output
	for _, run := range segmenter.Split(input, s) {
		runs = append(runs, shaper.Shape(run))
	}
	config := shaping.WrapConfig{Direction: direction, TruncateAfterLines: most}
	if most > 0 {
		config = config.WithTruncator(&shaper, shaping.Input{
			Text: []rune("…"), RunEnd: 1, Direction: direction, Face: s.ResolveFace('…'), Size: fixed.I(size), Script: language.Latin, Language: language.DefaultLanguage(),
		})
	}
	var wrapper shaping.LineWrapper
	lines, _ := wrapper.WrapParagraph(config, measure-indent, runes, shaping.NewSliceIterator(runs))
	return lines
}

func (d *drawing) lines(s set, text string, size, most, indent int) int {
	return len(d.shape(s, text, size, most, indent))
}

// write draws a text whose first line stands on the line y, in at most so many
// lines, and returns the line below the last.
func (d *drawing) write(s set, text string, size, most int, y float32, indent int) float32 {
	if text == "" {
		return y
	}
	for _, line := range d.shape(s, text, size, most, indent) {
		runs := slices.Clone(line)
		slices.SortFunc(runs, func(a, b shaping.Output) int { return cmp.Compare(a.VisualIndex, b.VisualIndex) })
		var width fixed.Int26_6
		for _, run := range runs {
			width += run.Advance
		}
		x := d.start(pixels(width))
		if d.rtl {
			x -= float32(indent)
		} else {
			x += float32(indent)
		}
		for _, run := range runs {
			x = d.run(run, x, y)
		}
		y += float32(size) * leading
	}
	return y
}

func pixels(f fixed.Int26_6) float32 { return float32(f) / 64 }

// run draws one run of glyphs and returns where it ends.
func (d *drawing) run(run shaping.Output, x, y float32) float32 {
	scale := pixels(run.Size) / float32(run.Face.Upem())
	for _, g := range run.Glyphs {
		if outline, ok := run.Face.GlyphDataOutline(g.GlyphID); ok {
			d.outline(outline, x+pixels(g.XOffset), y-pixels(g.YOffset), scale)
		}
		x += pixels(g.Advance)
	}
	return x
}

func (d *drawing) outline(o font.GlyphOutline, x, y, scale float32) {
	open := false
	for _, seg := range o.Segments {
		at := func(i int) (float32, float32) { return x + seg.Args[i].X*scale, y - seg.Args[i].Y*scale }
		ax, ay := at(0)
		bx, by := at(1)
		cx, cy := at(2)
		switch seg.Op {
		case opentype.SegmentOpMoveTo:
			if open {
				d.ink.ClosePath()
			}
			d.ink.MoveTo(ax, ay)
			open = true
		case opentype.SegmentOpLineTo:
			d.ink.LineTo(ax, ay)
		case opentype.SegmentOpQuadTo:
			d.ink.QuadTo(ax, ay, bx, by)
		case opentype.SegmentOpCubeTo:
			d.ink.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	if open {
		d.ink.ClosePath()
	}
}

// bird draws the turnstone of the logo, 32 units wide, into a square.
func (d *drawing) bird(x, y, size float32) {
	k := size / 32
	p := func(px, py float32) (float32, float32) { return x + px*k, y + py*k }
	move := func(px, py float32) { d.ink.MoveTo(p(px, py)) }
	line := func(points ...float32) {
		for i := 0; i+1 < len(points); i += 2 {
			d.ink.LineTo(p(points[i], points[i+1]))
		}
	}
	curve := func(c ...float32) {
		ax, ay := p(c[0], c[1])
		bx, by := p(c[2], c[3])
		ex, ey := p(c[4], c[5])
		d.ink.CubeTo(ax, ay, bx, by, ex, ey)
	}
	move(31.6, 8)
	line(25.2, 17.6)
	curve(23.2, 20.6, 20.4, 22, 17.7, 22)
	curve(15.4, 22, 14, 20.8, 13.1, 19.2)
	line(9, 26.2, 8.2, 25.4, 10.4, 15.4)
	curve(9.8, 11.2, 12.2, 8, 16, 8)
	curve(19, 8, 20.4, 9, 23.4, 8.7)
	d.ink.ClosePath()
	move(17, 22)
	line(19.2, 21.9, 19.2, 29.8, 14.6, 29.8, 14.6, 28, 17, 28)
	d.ink.ClosePath()
	move(21.3, 21)
	line(23.5, 19.6, 23.5, 29.8, 20.4, 29.8, 20.4, 28, 21.3, 28)
	d.ink.ClosePath()
	ellipse(d.accent, x+4.2*k, y+24.8*k, 4.7*k, 2.9*k, -42)
}

// ellipse adds an ellipse that is turned by an angle in degrees.
func ellipse(r *vector.Rasterizer, x, y, a, b, turned float32) {
	const steps = 48
	sin, cos := math.Sincos(float64(turned) * math.Pi / 180)
	for i := range steps {
		s, c := math.Sincos(2 * math.Pi * float64(i) / steps)
		px, py := float64(a)*c, float64(b)*s
		qx, qy := x+float32(px*cos-py*sin), y+float32(px*sin+py*cos)
		if i == 0 {
			r.MoveTo(qx, qy)
		} else {
			r.LineTo(qx, qy)
		}
	}
	r.ClosePath()
}

// The palette: sand, then steps to ink and to chestnut.
const shades = 24

var (
	sand     = [3]float64{0xf4, 0xef, 0xe6}
	ink      = [3]float64{0x14, 0x20, 0x2b}
	chestnut = [3]float64{0xa8, 0x48, 0x1b}
)

func palette() color.Palette {
	all := color.Palette{color.RGBA{uint8(sand[0]), uint8(sand[1]), uint8(sand[2]), 255}}
	for _, to := range [][3]float64{ink, chestnut} {
		for i := 1; i <= shades; i++ {
			var c [3]uint8
			for n := range c {
				c[n] = uint8(math.Round(sand[n] + (to[n]-sand[n])*float64(i)/shades))
			}
			all = append(all, color.RGBA{c[0], c[1], c[2], 255})
		}
	}
	return all
}

// png lays the two colours over each other; they do not overlap but at edges.
func (d *drawing) png() ([]byte, error) {
	bounds := image.Rect(0, 0, Width, Height)
	dark, warm := image.NewAlpha(bounds), image.NewAlpha(bounds)
	d.ink.Draw(dark, bounds, image.Opaque, image.Point{})
	d.accent.Draw(warm, bounds, image.Opaque, image.Point{})
	out := image.NewPaletted(bounds, palette())
	shade := func(alpha uint8) uint8 { return uint8((int(alpha)*shades + 127) / 255) }
	for i := range out.Pix {
		if n := shade(dark.Pix[i]); n > 0 {
			out.Pix[i] = n
		} else if n := shade(warm.Pix[i]); n > 0 {
			out.Pix[i] = shades + n
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		return nil, fmt.Errorf("write picture: %w", err)
	}
	return b.Bytes(), nil
}
