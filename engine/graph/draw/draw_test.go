// SPDX-License-Identifier: Apache-2.0

package draw_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/community"
	"github.com/turnstone-project/turnstone/engine/graph/disrupt"
	"github.com/turnstone-project/turnstone/engine/graph/draw"
	"github.com/turnstone-project/turnstone/engine/graph/random"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func build(t interface{ Fatal(...any) }, n int, edges []random.Pair) *graph.Graph {
	g, err := random.Graph(n, edges, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func layout(t interface{ Fatal(...any) }, g *graph.Graph, how draw.Placing) []draw.Point {
	at, err := draw.Layout(context.Background(), g, how, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAChainIsDrawnStraight(t *testing.T) {
	var edges []random.Pair
	for i := range uint32(9) {
		edges = append(edges, random.Pair{i, i + 1})
	}
	at := layout(t, build(t, 10, edges), draw.Placing{Seed: 1})
	ends := math.Hypot(at[0].X-at[9].X, at[0].Y-at[9].Y)
	along := 0.0
	for i := range 9 {
		along += math.Hypot(at[i].X-at[i+1].X, at[i].Y-at[i+1].Y)
	}
	if ends < 0.95*along {
		t.Errorf("the ends of a chain of length %.2f are %.2f apart", along, ends)
	}
}

func TestPlacesAreFiniteApartAndRepeatable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "nodes")
		g := build(t, n, random.Loose(n, rapid.IntRange(0, 40).Draw(t, "ties"), rapid.Uint64().Draw(t, "seed")))
		at, again := layout(t, g, draw.Placing{Seed: 3}), layout(t, g, draw.Placing{Seed: 3})
		for i, p := range at {
			if math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0) {
				t.Fatalf("node %d is at %v", i, p)
			}
			if p != again[i] {
				t.Fatalf("node %d is at %v, then at %v", i, p, again[i])
			}
		}
	})
}

func TestGroupsAreKeptApart(t *testing.T) {
	g := build(t, 120, random.Planted(4, 30, 6, 0.6, 2))
	p, err := community.Leiden(context.Background(), g, community.Options{Seed: 1, Restarts: 5}, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	at := layout(t, g, draw.Placing{Groups: p.Of, Seed: 1})
	var inside, across, pairsIn, pairsOut float64
	for i := range at {
		for j := range i {
			d := math.Hypot(at[i].X-at[j].X, at[i].Y-at[j].Y)
			if p.Of[i] == p.Of[j] {
				inside += d
				pairsIn++
			} else {
				across += d
				pairsOut++
			}
		}
	}
	if ratio := (across / pairsOut) / (inside / pairsIn); ratio < 2 {
		t.Errorf("nodes of different groups are only %.2f times as far apart as those of one", ratio)
	}
}

func TestLargeComponentsArePlacedByPivots(t *testing.T) {
	g := build(t, 3100, random.Preferential(3100, 1, 1)) // more than all pairs allow
	at := layout(t, g, draw.Placing{Seed: 1})
	near, far := 0.0, 0.0
	edges := g.Edges()
	for i, e := range edges {
		other := edges[(i*37+11)%len(edges)]
		near += math.Hypot(at[e.From].X-at[e.To].X, at[e.From].Y-at[e.To].Y)
		far += math.Hypot(at[e.From].X-at[other.To].X, at[e.From].Y-at[other.To].Y)
	}
	if far < 3*near {
		t.Errorf("ends of ties are %.1f apart in sum, other pairs %.1f", near, far)
	}
}

func TestTooManyNodesAreRefused(t *testing.T) {
	g := build(t, draw.MaxNodes+1, nil)
	if _, err := draw.Layout(context.Background(), g, draw.Placing{}, work.Run{}); !errors.Is(err, draw.ErrTooMany) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := draw.Layout(ctx, build(t, 50, random.Loose(50, 90, 1)), draw.Placing{}, work.Run{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// picture draws a network with communities and sizes.
func picture(t interface{ Fatal(...any) }, g *graph.Graph, name func(graph.Node) string) []byte {
	p, err := community.Leiden(context.Background(), g, community.Options{Seed: 1}, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	sizes, err := disrupt.ByDegree(context.Background(), g, work.Run{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = draw.SVG(&out, draw.Picture{
		Graph: g, Places: layout(t, g, draw.Placing{Groups: p.Of, Seed: 1}), Groups: p.Of, Sizes: sizes,
		SizeName: "degree", Title: "A & B <script>", Name: name, Notes: []string{"seed 1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// element is one element of an SVG file.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

// elements parses a picture, and so checks that it is well-formed.
func elements(t interface{ Fatal(...any) }, svg []byte) []element {
	dec := xml.NewDecoder(bytes.NewReader(svg))
	var list []element
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			list = append(list, e)
		case xml.CharData:
			if len(list) > 0 {
				list[len(list)-1].text += strings.TrimSpace(string(tok))
			}
		}
	}
}

func TestPicturesAreWellFormedAndHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 15).Draw(t, "nodes")
		g := build(t, n, random.Loose(n, min(20, n*n), rapid.Uint64().Draw(t, "seed")))
		names := rapid.SliceOfN(rapid.String(), n, n).Draw(t, "names")
		for _, e := range elements(t, picture(t, g, func(u graph.Node) string { return names[u] })) {
			if e.name == "script" || e.name == "image" || e.name == "a" || e.attrs["href"] != "" {
				t.Fatalf("the picture holds %+v", e)
			}
		}
	})
}

func TestDotsDoNotCoverEachOther(t *testing.T) {
	g := build(t, 200, random.Planted(5, 40, 4, 0.3, 1))
	type dot struct{ x, y, r float64 }
	var dots []dot
	tips := 0
	for _, e := range elements(t, picture(t, g, nil)) {
		var d dot
		if n, _ := fmt.Sscanf(e.attrs["d"], "M%f %fa%f", &d.x, &d.y, &d.r); n == 3 && e.attrs["fill"] != "" {
			d.x += d.r
			dots = append(dots, d)
		}
		if e.name == "title" {
			tips++
		}
	}
	if tips < g.Order() {
		t.Errorf("%d nodes say what they are, of %d", tips, g.Order())
	}
	for i, a := range dots {
		for _, b := range dots[:i] {
			if math.Hypot(a.x-b.x, a.y-b.y) < 0.9*(a.r+b.r) {
				t.Errorf("dots at %v and %v cover each other", a, b)
			}
		}
	}
}

func TestLegendsSayWhatIsThere(t *testing.T) {
	svg := string(picture(t, build(t, 300, random.Planted(6, 50, 8, 0.3, 1)), nil))
	for _, want := range []string{"Communities", "Size: degree", "300 nodes", "largest that fit have names", "seed 1", "A &amp; B &lt;script&gt;"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	small := string(picture(t, build(t, 3, []random.Pair{{0, 1}, {1, 2}}), func(u graph.Node) string { return []string{"Zoë", "李", "محمد"}[u] }))
	for _, want := range []string{">Zoë<", ">李<", ">محمد<"} {
		if !strings.Contains(small, want) {
			t.Errorf("the picture lacks the name %q", want)
		}
	}
	if strings.Contains(small, "largest that fit") {
		t.Error("a picture with all names says that some are left out")
	}
}

func TestDirectedTiesHaveHeads(t *testing.T) {
	g, err := random.Graph(3, []random.Pair{{0, 1}, {1, 2}}, graph.Options{Directed: true, Weighted: true})
	if err != nil {
		t.Fatal(err)
	}
	heads := 0
	for _, e := range elements(t, picture(t, g, nil)) {
		if strings.Count(e.attrs["d"], "L") == 2 && strings.HasSuffix(e.attrs["d"], "Z") && e.attrs["fill-opacity"] != "" {
			heads++
		}
	}
	if heads != 2 {
		t.Errorf("%d heads for two ties", heads)
	}
}
