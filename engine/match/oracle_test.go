// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"math"
	"testing"

	"github.com/agnivade/levenshtein"
	"github.com/xrash/smetrics"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/match"
)

// ascending draws words whose letters stand in the order of the alphabet, each
// once: two such words have no neighbours in exchanged order, so that our
// distance, which knows exchanges, must equal one that doesn't.
func ascending(t *rapid.T, label string) string {
	set := rapid.Uint32Range(0, 1<<20-1).Draw(t, label)
	word := ""
	for i := range 20 {
		if set&(1<<i) != 0 {
			word += string(rune('a' + i))
		}
	}
	return word
}

func TestDistanceEqualsOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := ascending(t, "a"), ascending(t, "b")
		got := match.PlainDistance(a, b)
		if want := levenshtein.ComputeDistance(a, b); got != float64(want) {
			t.Fatalf("%q, %q: %v, agnivade/levenshtein says %v", a, b, got, want)
		}
		if want := smetrics.WagnerFischer(a, b, 1, 1, 1); got != float64(want) {
			t.Fatalf("%q, %q: %v, xrash/smetrics says %v", a, b, got, want)
		}
	})
}

func TestDistanceIsNeverAboveOthers(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		got, want := match.PlainDistance(a, b), float64(levenshtein.ComputeDistance(a, b))
		if got > want || got < want*0.45-1e-6 { // an exchange costs 0.9 in single precision
			t.Fatalf("%q, %q: %v, without exchanges %v", a, b, got, want)
		}
	})
}

func TestSoundDistanceIsSymmetricAndBounded(t *testing.T) {
	word := rapid.StringMatching(`[a-zCJSZ]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		loose := rapid.Bool().Draw(t, "loose")
		ab, ba := match.SoundDistance(a, b, loose), match.SoundDistance(b, a, loose)
		if ab != ba || ab < 0 || ab > match.PlainDistance(a, b)+1e-4 || (ab == 0) != (a == b) {
			t.Fatalf("%q, %q: %v one way, %v the other, plain %v", a, b, ab, ba, match.PlainDistance(a, b))
		}
		if math.IsNaN(ab) {
			t.Fatal("not a number")
		}
	})
}

func TestTheBoundOfADistanceIsNeverAboveIt(t *testing.T) {
	word := rapid.StringMatching(`[a-zCJSZ0-9]{0,9}`)
	tight := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		got, exact := match.LeastDistance(a, b), match.SoundDistance(a, b, false)
		if got > exact {
			t.Fatalf("%q, %q: at least %v, but %v", a, b, got, exact)
		}
		if got > 0.5*exact {
			tight++
		}
	})
	if tight == 0 {
		t.Error("the bound is never near the distance")
	}
}

func TestTheCostOfOneSlipIsThePlainDistance(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		got, want := match.SlipCost(a, b), match.PlainDistance(a, b)
		if (want <= 1 || got <= 1) && got != want {
			t.Fatalf("%q, %q: %v, plain distance %v", a, b, got, want)
		}
	})
}
