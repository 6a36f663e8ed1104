// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/engine/match"
)

// Words that can be cut into syllables in very many ways, but not to their end,
// take no longer than others of their length.
func TestWordsOfManySyllablesAreCutInTime(t *testing.T) {
	for _, n := range []int{10, 20, 40, 400, 100_000} {
		start := time.Now()
		match.Prepare("Person", "Wang "+strings.Repeat("an", n)+"q")
		match.Prepare("Person", "Sato "+strings.Repeat("oho", n)+"q")
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%d syllables take %v", n, took)
		}
	}
}
