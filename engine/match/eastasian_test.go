// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
)

// TestRomanisationsMeet holds the systems in which one East Asian name is
// written to one another, and other names apart that differ in one syllable.
func TestRomanisationsMeet(t *testing.T) {
	for _, tt := range []struct {
		left, right string
		same        bool
	}{
		{"王建民", "Wang Chien-min", true},            // Wade–Giles
		{"Zhou Enlai", "Chou En-lai", true},        // pinyin and Wade–Giles
		{"黄志明", "Wong Chi Ming", true},             // Hong Kong
		{"陳建国", "Chan Kin-kwok", true},             // old and new signs mixed
		{"박지성", "Park Ji-sung", true},              // family names as they are written, not as they are read
		{"이명박", "Rhee Myung-bak", true},            // one vowel alone is a name
		{"Ryoiti Simizu", "Ryoichi Shimizu", true}, // kunrei and Hepburn
		{"Ohno Yuuta", "Oono Yuta", true},          // long vowels
		{"王建民", "Wang Chien-kuo", false},
		{"黄志明", "Wong Chi Fai", false},
		{"Zhang Wei", "Zhang Hui", false},
		{"He Jianjun", "He Jianhua", false},
		{"Lu Fang", "Liu Fang", false},
		{"Ryoiti Simizu", "Koichi Shimizu", false},
	} {
		a, b := match.Prepare("Person", tt.left), match.Prepare("Person", tt.right)
		if s := match.ScoreNames(&a, &b); (s >= match.Threshold) != tt.same {
			t.Errorf("%s and %s: %.2f, same %v", tt.left, tt.right, s, tt.same)
		}
	}
}

func TestArticleInsideAName(t *testing.T) {
	for other, same := range map[string]bool{"Salahuddin Rahimi": true, "Shamsuddin Rahimi": false} {
		a, b := match.Prepare("Person", "Salah al-Din Rahimi"), match.Prepare("Person", other)
		if s := match.ScoreNames(&a, &b); (s >= match.Threshold) != same {
			t.Errorf("%s: %.2f", other, s)
		}
	}
}
