// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
)

// plainEdits is the textbook's optimal string alignment.
func plainEdits(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestEditsAgreeWithTheTextbook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[a-c]{0,90}`).Draw(t, "a")
		b := rapid.StringMatching(`[a-c]{0,90}`).Draw(t, "b")
		if got, want := resolve.Edits(a, b), plainEdits(a, b); got != want {
			t.Fatalf("%d edits from %q to %q, want %d", got, a, b, want)
		}
	})
}

func TestEditsOfVeryLongTextsAreBounded(t *testing.T) {
	long := strings.Repeat("a", 100_000)
	if got := resolve.Edits(long, long); got != 0 {
		t.Errorf("a text is %d edits from itself", got)
	}
	if got := resolve.Edits(long, ""); got != 100_000 {
		t.Errorf("%d edits from nothing", got)
	}
}

func TestNamesThatSoundAlikeShareADrawer(t *testing.T) {
	for _, pair := range [][2]string{{"Philip", "Filip"}, {"Catherine", "Katherine"}, {"Meier", "Meyer"}, {"Schmidt", "Schmitt"}, {"Jackson", "Jacson"}} {
		if a, b := resolve.Skeleton(pair[0]), resolve.Skeleton(pair[1]); a != b {
			t.Errorf("%s and %s have %s and %s", pair[0], pair[1], a, b)
		}
	}
	if a, b := resolve.Skeleton("Miller"), resolve.Skeleton("Baker"); a == b {
		t.Errorf("Miller and Baker share %s", a)
	}
}
