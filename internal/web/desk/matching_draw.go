// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/internal/screen"
)

// explained is a comparison as the page draws it. Everything that is drawn
// stands beside it as text.
type explained struct {
	Percent  string // 94 %
	Hundred  int    // of a hundred such pairs, how many are the same
	Verdict  string // in words
	Rows     []barRow
	Sum      barRow
	Picture  *wordsPicture // nil where no names were compared
	WordRows []barRow      // how the names' own score came about
}

// barRow is one feature with its bar.
type barRow struct {
	Name, Note, Left, Right string
	Weight                  string // +2.73
	For                     bool   // speaks for the same
	X, W                    string // of the bar, in a picture 200 wide with zero at 100
}

// wordsPicture shows the words of two names one below the other, the first
// name's at the left, with lines between those that are linked.
type wordsPicture struct {
	Height      int
	Left, Right []wordBox
	Links       []wordLink
}

type wordBox struct {
	Text   string
	Y      int
	Linked bool
}

type wordLink struct {
	N              int
	Path           string
	X, Y           int // where its number stands
	Left, Right    string
	Kind, Note     string
	Same, Distance bool
}

// Measures of the picture.
const (
	wordHeight = 34
	wordMost   = 17 // letters of a word that are drawn; the text beside has all
)

func explain(v *visit, c screen.Comparison) *explained {
	out := &explained{Percent: percent(c.Score), Hundred: int(math.Round(c.Score * 100)), Verdict: v.say(verdict(c.Score))}
	most, sum := 3.0, 0.0
	for _, f := range c.Features {
		most, sum = max(most, math.Abs(f.Weight)), sum+f.Weight
	}
	most = max(most, math.Abs(sum))
	for _, f := range c.Features {
		out.Rows = append(out.Rows, v.bar(f, most))
		if len(f.Parts) > 0 && out.Picture == nil {
			out.Picture = v.draw(f, c)
			most := 3.0
			for _, p := range f.Parts {
				most = max(most, math.Abs(p.Weight))
			}
			for _, p := range f.Parts {
				out.WordRows = append(out.WordRows, v.bar(p, most))
			}
		}
	}
	out.Sum = v.bar(match.Feature{Weight: sum}, most)
	return out
}

// percent never says 0 or 100: nothing is certain.
func percent(score float64) string {
	switch {
	case score > 0.995:
		return "> 99 %"
	case score < 0.005:
		return "< 1 %"
	}
	return strconv.Itoa(int(math.Round(score*100))) + " %"
}

func verdict(score float64) string {
	switch {
	case score >= 0.98:
		return "match.verdict.almost"
	case score >= 0.8:
		return "match.verdict.likely"
	case score >= match.Threshold:
		return "match.verdict.rather"
	case score >= 0.2:
		return "match.verdict.rather_not"
	case score >= 0.02:
		return "match.verdict.unlikely"
	}
	return "match.verdict.hardly"
}

// bar draws a weight to the left or right of zero.
func (v *visit) bar(f match.Feature, most float64) barRow {
	width := min(math.Abs(f.Weight)/most, 1) * 96
	x := 100.0
	if f.Weight < 0 {
		x -= width
	}
	row := barRow{
		Left: v.value(f, f.Left), Right: v.value(f, f.Right), Weight: strings.Replace(strconv.FormatFloat(f.Weight, 'f', 2, 64), "-", "−", 1), For: f.Weight >= 0,
		X: strconv.FormatFloat(x, 'f', 1, 64), W: strconv.FormatFloat(width, 'f', 1, 64),
	}
	if row.For {
		row.Weight = "+" + row.Weight
	}
	if f.Name != "" {
		row.Name, row.Note = v.translated("match.feature."+slug(f.Name), f.Name), v.note(f.Note)
	}
	return row
}

// value words what the engine abbreviates.
func (v *visit) value(f match.Feature, text string) string {
	if f.Name == "gender" {
		switch text {
		case "f":
			return v.say("match.gender.female")
		case "m":
			return v.say("match.gender.male")
		}
	}
	if f.Name == "country" {
		return strings.ToUpper(text)
	}
	return text
}

// note says an engine's remark in the reader's language.
func (v *visit) note(text string) string {
	if amount, ok := strings.CutPrefix(text, "differs by "); ok {
		if amount, ok = strings.CutSuffix(amount, " sounds"); ok {
			return v.say("match.note.sounds", "amount", amount)
		}
	}
	return v.translated("match.note."+slug(text), text)
}

// slug makes a key of an English text.
func slug(text string) string {
	return strings.Trim(strings.Join(strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "'", "")), func(r rune) bool { return r < 'a' || r > 'z' }), "_"), "_")
}

// linked are the features of a name that say that words of both belong
// together.
var linked = []string{"number", "particle", "title", "father's name", "place", "given name", "family name", "word"}

// draw lays out the words of the two names that were compared.
func (v *visit) draw(f match.Feature, c screen.Comparison) *wordsPicture {
	a, b := find(c.Left.Names, f.Left), find(c.Right.Names, f.Right)
	if a == nil || b == nil {
		return nil
	}
	p := &wordsPicture{Left: boxes(a), Right: boxes(b)}
	p.Height = wordHeight * max(len(p.Left), len(p.Right))
	for _, part := range f.Parts {
		if !slices.Contains(linked, part.Name) || strings.HasPrefix(part.Note, "stands where") {
			continue
		}
		left, right := p.take(p.Left, a, part.Left), p.take(p.Right, b, part.Right)
		if len(left) == 0 || len(right) == 0 {
			continue
		}
		l := wordLink{
			X: 138, Y: p.Left[left[0]].Y, Left: texts(p.Left, left), Right: texts(p.Right, right),
			Kind: v.translated("match.feature."+slug(part.Name), part.Name), Note: v.note(part.Note), Same: part.Note == "the same", Distance: strings.HasPrefix(part.Note, "differs"),
		}
		for _, i := range left {
			for _, j := range right {
				y, z := strconv.Itoa(p.Left[i].Y), strconv.Itoa(p.Right[j].Y)
				l.Path += "M128 " + y + "C160 " + y + " 160 " + z + " 192 " + z
			}
		}
		p.Links = append(p.Links, l)
	}
	slices.SortStableFunc(p.Links, func(x, y wordLink) int { return x.Y - y.Y })
	for i := range p.Links {
		p.Links[i].N = i + 1
	}
	for _, side := range [][]wordBox{p.Left, p.Right} {
		for i := range side {
			if utf8.RuneCountInString(side[i].Text) > wordMost {
				side[i].Text = string([]rune(side[i].Text)[:wordMost-1]) + "…"
			}
		}
	}
	return p
}

func find(names []match.Name, raw string) *match.Name {
	for i := range names {
		if names[i].Raw == raw {
			return &names[i]
		}
	}
	return nil
}

// boxes places the words of a name, as they were written where that is clear.
func boxes(n *match.Name) []wordBox {
	written := strings.Fields(n.Raw)
	var out []wordBox
	for i := range n.Tokens {
		text := n.Tokens[i].Native
		if len(written) == len(n.Tokens) {
			text = written[i]
		}
		out = append(out, wordBox{Text: text, Y: wordHeight*i + wordHeight/2})
	}
	return out
}

// take finds the words of a link among those not yet linked, and marks them.
func (p *wordsPicture) take(side []wordBox, n *match.Name, text string) []int {
	var at []int
	for word := range strings.FieldsSeq(text) {
		for i := range side {
			if !side[i].Linked && n.Tokens[i].Native == word {
				side[i].Linked = true
				at = append(at, i)
				break
			}
		}
	}
	return at
}

func texts(side []wordBox, at []int) string {
	var out []string
	for _, i := range at {
		out = append(out, side[i].Text)
	}
	return strings.Join(out, " ")
}
