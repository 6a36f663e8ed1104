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
		"Danish": {"da", "Hunden løber hjem. Bedrageri er kriminalitet", 3 + 100*2.0/6, true},
		// Where a link leads to is not read: 3 words of 2, 2 and 7 letters.
		"a link":   {"da", "Se på [numrene](/danger/far-away-from-here).", 3 + 100*1.0/3, true},
		"a number": {"en", "Call 116 006.", 0.0588*1000.0/3 - 0.296*100.0/3 - 15.8, true},
		// لا 2 and تدفع 4 letters, one sentence, every word once. The first equation:
		// 4.41434307·3 − 13.46873475 = −0.23; the second, which is harder here:
		// 0.97569509·3 + 0.37237998·2 − 0.90451827·1 − 1.06000414 = 1.71.
		"Arabic": {"ar", "لا تدفع.", 0.97569509*3 + 0.37237998*2 - 0.90451827 - 1.06000414, true},
		// المعلومات 9 and الشخصية 7: 4.41434307·8 − 13.46873475 = 21.85.
		"long words": {"ar", "المعلومات الشخصية", 4.41434307*8 - 13.46873475, true},
		// Vowel signs and a lengthened stroke are no letters: قُلْ 2, لاــا 3, لا 2, and لا again; the
		// question mark ends the first of two sentences. 9 letters, 4 words, 3 kinds.
		"vowels and repetition": {"ar", "قُلْ لاــا؟ لا لا.", 0.97569509*9.0/4 + 0.37237998*4.0/2 - 0.90451827*4.0/3 - 1.06000414, true},
		"another language":      {"fo", "Hetta er gott.", 0, false},
		"nothing":               {"en", " \n - ** ", 0, false},
	} {
		got := reading.Of(c.lang, c.text)
		if got.Checked() != c.checked || math.Abs(got.Value-c.want) > 0.0001 {
			t.Errorf("%s: %+v, want %.2f", name, got, c.want)
		}
	}
}

func TestHardAndEasy(t *testing.T) {
	for name, c := range map[string]struct {
		lang, text string
		easy       bool
	}{
		"hard English": {"en", "Notwithstanding considerable organisational complexities, multidisciplinary investigations necessitate international harmonisation.", false},
		"hard Danish":  {"da", "Notwithstanding considerable organisational complexities, multidisciplinary investigations necessitate international harmonisation.", false},
		"easy English": {"en", "Stop. Call the bank. It is free.", true},
		// As a book for children has it, and as a law has it.
		"easy Arabic":                   {"ar", "ذهب أحمد وهند إلى المدرسة. لعب الولد مع أخته في البيت.", true},
		"hard Arabic":                   {"ar", "تستهدف المنظمات الإجرامية المؤسسات المالية لاستغلال المعلومات الشخصية للمستخدمين.", false},
		"short words, one endless line": {"ar", "من قال لك أن كل من كان في هذا أو ذاك لم ير ما هو حق له ثم لم يأت من بعد ذلك غير من لا حق له في ما كان قد نال", false},
		"a language without a formula":  {"fo", "Gott.", false},
	} {
		if got := reading.Of(c.lang, c.text); got.Easy() != c.easy {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
