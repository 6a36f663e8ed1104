// SPDX-License-Identifier: AGPL-3.0-or-later

package reading_test

import (
	"math"
	"testing"

	"github.com/turnstone-project/turnstone/internal/prevent/reading"
)

func TestOf(t *testing.T) {
	for name, c := range map[string]struct {
		lang, text string
		want       float64
		checked    bool
	}{
		// 8 words, 30 letters, 2 sentences: 0.0588·375 − 0.296·25 − 15.8
		"English": {"en", "The cat sat on a mat.\nChildren laughed.", 0.0588*3000.0/8 - 0.296*25 - 15.8, true},
		// 6 words in 2 sentences, 2 longer than six letters: 3 + 33.3
		"Danish":  {"da", "Hunden løber hjem. Bedrageri er kriminalitet", 3 + 100*2.0/6, true},
		"Arabic":  {"ar", "لا تدفع.", 0, false},
		"nothing": {"en", " \n - ** ", 0, false},
	} {
		got := reading.Of(c.lang, c.text)
		if got.Checked() != c.checked || math.Abs(got.Value-c.want) > 0.01 {
			t.Errorf("%s: %+v, want %.2f", name, got, c.want)
		}
	}
	hard := "Notwithstanding considerable organisational complexities, multidisciplinary investigations necessitate international harmonisation."
	if reading.Of("en", hard).Easy() || reading.Of("da", hard).Easy() || !reading.Of("en", "Stop. Call the bank. It is free.").Easy() || reading.Of("ar", "لا").Easy() {
		t.Error("hard and easy are mixed up")
	}
}
