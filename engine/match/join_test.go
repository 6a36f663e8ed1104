// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
)

// Words are written as one with a slip at most, around romanising with two; never
// letters, numbers and legal forms. An Arabic article is written as it sounds, or as
// it is written apart; letters alone know the first.
func TestWordsAreWrittenAsOne(t *testing.T) {
	for _, c := range []struct {
		parts, whole string
		want         bool
	}{
		{"Abd al Rahman", "Abdurrahman", true},
		{"Mohammed Reza", "Mohammadreza", true},
		{"Ahmed Iman", "Ahmadian", false},
		{"Mouhanna Adib", "Muhammadi", false},
		{"Nay Myo Aung", "နေမျိုးအောင်", true},
		{"M Arine", "Marine", false},
		{"Nur al Din", "Nooruddin", true},
		{"Nur al Din", "Nuraldin", true},
		{"نور الدين", "Noureddine", true},
		{"Nur Abdin", "Nooruddin", false},
	} {
		parts, whole := match.Prepare("Person", c.parts), match.Prepare("Person", c.whole)
		var words []*match.Token
		for i := range parts.Tokens {
			words = append(words, &parts.Tokens[i])
		}
		tie, ok := match.JoinedTie(words, &whole.Tokens[0])
		if ok != c.want {
			t.Errorf("%s as %s: %v (%.2f errors), want %v", c.parts, c.whole, ok, tie.Distance(), c.want)
		}
		if one := match.Join(words...); ok && words[0].Native == words[0].Text && whole.Tokens[0].Native == whole.Tokens[0].Text {
			letters := match.Letters{Text: one.Text, Loose: one.LeavesVowelsOut(), AroundArticle: match.AroundArticle(words)}
			if again, same := letters.Tie(&whole.Tokens[0]); !same || again.Distance() < tie.Distance() || again.Distance() > tie.Distance()+1 {
				t.Errorf("%s as %s: %v (%.2f errors) by letters, %.2f by words", c.parts, c.whole, same, again.Distance(), tie.Distance())
			}
		}
	}
}
