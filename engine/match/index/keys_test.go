// SPDX-License-Identifier: Apache-2.0

package index

import (
	"fmt"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
)

// TestTheVersionSaysWhatKeysMean holds the keys against the version of the file:
// with other keys, an older file would be read and nothing found in it.
func TestTheVersionSaysWhatKeysMean(t *testing.T) {
	keys := []uint32{
		hashBytes(saltText, "a"), hashBytes(saltSkeleton, "a"), groupKey(7), hashBytes(saltIdentifier, "a"),
		dayKey(match.Day(20000)), hashBytes(saltGivenStem, "a"), hashBytes(saltStem, "a"), hashWithout(saltText, "abc", 1),
	}
	number, _ := numberKey(&match.Token{Kind: match.Number, Class: 7})
	const want = "TURNIDX\x0d[f0d202d7 f0d21f2d 4ac48a5b f0d20f7f 75d1ddcf f0d20583 f0d20a19 45228617 56e52fa]"
	if got := magic + fmt.Sprintf("%x", append(keys, number)); got != want {
		t.Errorf("the keys are %q and were %q: where they changed on purpose, give the file another version", got, want)
	}
}
