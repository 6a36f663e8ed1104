// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"math"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

// TestALexiconFindsWhatSoundsAlike holds a lexicon against comparing with every
// word: of words that are linked by their sounds none is missing, but for three in
// a hundred, whose letters are nearer than their sounds, or of which sounds in the
// middle are exchanged.
func TestALexiconFindsWhatSoundsAlike(t *testing.T) {
	s := synth.New(3)
	var words []match.Token
	for range 3000 {
		p := s.Person()
		for _, name := range []string{p.Given, p.Family, synth.Arabic(p.Given)} {
			words = append(words, match.Prepare("Person", name).Tokens...)
		}
	}
	lexicon := match.NewLexicon(func(visit func(uint32, *match.Token)) {
		for i := range words {
			visit(uint32(i), &words[i])
		}
	})
	var walk match.Walk
	linked, missed := 0, 0
	for i := range 120 {
		p := s.Person()
		name := s.Slip(p.Family)
		switch i % 4 {
		case 0:
			name = synth.Arabic(p.Family)
		case 1:
			name = synth.Cyrillic(p.Given)
		}
		for _, asked := range match.Prepare("Person", name).Tokens {
			near := map[uint32]float32{}
			lexicon.Near(&walk, &asked, match.Person, match.MostErrors, func(n uint32, tie match.Tie) {
				near[n] = max(near[n], tie.Kinship(match.Person))
			})
			for n := range words {
				tie, ok := match.Relate(&asked, &words[n], match.Person)
				found, has := near[uint32(n)]
				switch {
				case ok && tie.Distance() > 0:
					linked++
					if !has || math.Abs(float64(found-tie.Kinship(match.Person))) > 0.01 {
						missed++
					}
				case !ok && has:
					missed++
				}
			}
		}
	}
	t.Logf("%d of %d missed", missed, linked)
	if linked < 1000 || missed*200 > linked {
		t.Errorf("%d of %d words that comparing links are missing or are tied otherwise", missed, linked)
	}
}

// TestASketchSaysWhatComparingSays sketches pairs of names whose words stand in
// the same order and have one partner each.
func TestASketchSaysWhatComparingSays(t *testing.T) {
	for _, c := range []struct{ schema, asked, other string }{
		{"Person", "Karla Smedstrup", "Karla Smedstrup"},
		{"Person", "Karla Smedstrup", "Karla Smedstrop"},
		{"Person", "Karla Smedstrup", "Karla Bruun"},
		{"Person", "Karla Maria Smedstrup", "Karla Smedstrup"},
		{"Person", "K. Smedstrup", "Karla Smedstrup"},
		{"Person", "K. Smedstrup", "Karla Bruun"},
		{"Company", "Smedstrup Shipping ApS", "Smedstrup Shipping Ltd"},
		{"Company", "Smedstrup Shipping ApS", "Bruun Shipping ApS"},
		{"Company", "School 12", "School 21"},
	} {
		a, b := match.Prepare(c.schema, c.asked), match.Prepare(c.schema, c.other)
		var k match.Sketch
		tied := map[int]bool{}
		other := make([]bool, len(b.Tokens))
		for i := range a.Tokens {
			for j := range b.Tokens {
				x, y := &a.Tokens[i], &b.Tokens[j]
				if tie, ok := match.Relate(x, y, a.Sort); ok && !other[j] && !x.Kind.Has(match.LegalForm) && !y.Kind.Has(match.LegalForm) {
					k.Link(&tie, min(x.Weight, y.Weight))
					tied[i], other[j] = true, true
					break
				}
			}
		}
		for side, n := range []*match.Name{&a, &b} {
			for i := range n.Tokens {
				w := &n.Tokens[i]
				if w.Kind.Has(match.LegalForm) {
					k.Form(side, c.asked[len(c.asked)-3:] == c.other[len(c.other)-3:], a.Tokens[len(a.Tokens)-1].Class == b.Tokens[len(b.Tokens)-1].Class)
					continue
				}
				k.Word(side, w.Weight, match.ShapeOf(w), side == match.OfAsked && tied[i] || side == match.OfOther && other[i])
			}
		}
		if got, want := k.Likeness(a.Sort).Score(), match.ScoreNames(&a, &b); math.Abs(got-want) > 0.02 {
			t.Errorf("%s, %s: the sketch says %.3f, comparing %.3f", c.asked, c.other, got, want)
		}
	}
}

// TestALetterAloneIsNoPartOfAName: half the names of the world have one that
// begins with J.
func TestALetterAloneIsNoPartOfAName(t *testing.T) {
	for _, c := range [][2]string{{"J. Miller", "Jane Smith"}, {"J. Miller", "J. Smith"}, {"Dr Miller", "Dr Smith"}} {
		a, b := match.Prepare("Person", c[0]), match.Prepare("Person", c[1])
		if s := match.ScoreNames(&a, &b); s != 0 {
			t.Errorf("%s, %s: %.3f, want 0", c[0], c[1], s)
		}
	}
	a, b := match.Prepare("Person", "J. S."), match.Prepare("Person", "Jane Smith")
	if s := match.ScoreNames(&a, &b); s == 0 {
		t.Error("J. S. can't be Jane Smith")
	}
}

// TestSlipsOfADay holds the days a slip away against comparing dates.
func TestSlipsOfADay(t *testing.T) {
	const year, month, day = 1984, 3, 17
	got := map[match.Day]bool{}
	match.Day(year<<9 | month<<5 | day).Slips(func(d match.Day) { got[d] = true })
	for _, c := range []struct {
		year, month, day int
		want             bool
	}{
		{1984, 3, 17, false},
		{1984, 3, 18, true},
		{1984, 3, 11, true},
		{1948, 3, 17, true},
		{1994, 3, 17, true},
		{1984, 4, 17, true},
		{1984, 4, 18, false},
		{1985, 4, 17, false},
		{1984, 3, 28, false},
	} {
		if got[match.Day(c.year<<9|c.month<<5|c.day)] != c.want {
			t.Errorf("%d-%d-%d: %v, want %v", c.year, c.month, c.day, !c.want, c.want)
		}
	}
}
