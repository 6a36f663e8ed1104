// SPDX-License-Identifier: AGPL-3.0-or-later

package words_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/seal/words"
)

func TestEveryLanguageHasItsList(t *testing.T) {
	for _, language := range []string{"en", "da", "ar"} {
		list, ok := words.For(language)
		if !ok || list.Language() != language || len(list.Words()) != words.Count {
			t.Errorf("%s: %v, %d words", language, ok, len(list.Words()))
		}
	}
	if list, ok := words.For("tlh"); ok || list.Language() != "en" {
		t.Error("a language without a list does not get the English one")
	}
}

// TestListsAreAsPromised is what SOURCES.md says of the lists.
func TestListsAreAsPromised(t *testing.T) {
	for _, list := range words.All() {
		starts, folded, neighbours := map[string]string{}, map[string]string{}, map[string]string{}
		for _, word := range list.Words() {
			f := words.Fold(word)
			start := string([]rune(f)[:min(words.Prefix, utf8.RuneCountInString(f))])
			if other, taken := starts[start]; taken {
				t.Errorf("%s: %q and %q start alike", list.Language(), word, other)
			}
			if other, taken := folded[f]; taken {
				t.Errorf("%s: %q and %q fold to the same", list.Language(), word, other)
			}
			starts[start], folded[f] = word, word
			if n := utf8.RuneCountInString(word); n < 3 || n > 9 {
				t.Errorf("%s: %q has %d letters", list.Language(), word, n)
			}
			if !norm.NFC.IsNormalString(word) || strings.ToLower(word) != word {
				t.Errorf("%s: %q is not composed lower case", list.Language(), word)
			}
			if list.Language() == "en" {
				continue // BIP 39 has words one letter apart
			}
			for _, cut := range cuts(f) {
				if other, taken := neighbours[cut]; taken {
					t.Errorf("%s: %q and %q are one letter apart", list.Language(), word, other)
				}
				neighbours[cut] = word
			}
		}
	}
}

// cuts are patterns that two words share when one letter is changed between
// them, lost or added.
func cuts(folded string) []string {
	letters := []rune(folded)
	all := []string{folded + "-"}
	for i := range letters {
		all = append(all, string(letters[:i])+"?"+string(letters[i+1:]))
		all = append(all, string(letters[:i])+string(letters[i+1:])+"-")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestDanishIsTypedOnAnyKeyboardAndIsNoEnglish(t *testing.T) {
	danish, _ := words.For("da")
	english, _ := words.For("en")
	for _, word := range danish.Words() {
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q needs a Danish keyboard", word)
		}
		if slices.Contains(english.Words(), word) {
			t.Errorf("%q is English too", word)
		}
	}
}

func TestFind(t *testing.T) {
	english, _ := words.For("en")
	arabic, _ := words.For("ar")
	for _, word := range arabic.Words() {
		plain := strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ة", "ه", "ى", "ي").Replace(word)
		for _, typed := range []string{word, plain, norm.NFD.String(word), strings.Join(strings.Split(word, ""), "\u064e"), word[:2] + "ـ" + word[2:]} {
			if n, ok := arabic.Find(typed); !ok || arabic.Word(n) != word {
				t.Fatalf("%q is not found as %q", word, typed)
			}
		}
	}
	for typed, want := range map[string]string{"ABANDON": "abandon", "aban": "abandon", "abando": "abandon", "zoo": "zoo", "ａｂｌｅ": "able"} {
		if n, ok := english.Find(typed); !ok || english.Word(n) != want {
			t.Errorf("%q is not found", typed)
		}
	}
	for _, typed := range []string{"", "a", "aba", "abandoned", "abandoff", "123", "шторм"} {
		if n, ok := english.Find(typed); ok {
			t.Errorf("%q is taken for %q", typed, english.Word(n))
		}
	}
}

func TestParseTakesWhatPeopleType(t *testing.T) {
	for _, text := range []string{
		"able about above", " able,  ABOUT;\tabove\n", "1. able 2. about 3. above", "able-about-above", "able، about، above", "able\u00a0about\u200babove",
	} {
		readings, err := words.Parse(text, "en", 3)
		if err != nil || len(readings) != 1 || !slices.Equal(readings[0].Numbers, []uint16{2, 3, 4}) {
			t.Errorf("%q: %v, %v", text, readings, err)
		}
	}
}

func TestParseNamesTheUnknownWordsAndNearOnes(t *testing.T) {
	_, err := words.Parse("able abuot xyzzyq", "da", 3)
	var unknown *words.UnknownError
	if !errors.As(err, &unknown) {
		t.Fatal(err)
	}
	if unknown.Language != "en" || len(unknown.Words) != 2 {
		t.Fatalf("%+v", unknown)
	}
	if w := unknown.Words[0]; w.Index != 1 || w.Word != "abuot" || !slices.Contains(w.Near, "about") {
		t.Errorf("%+v", w)
	}
	if w := unknown.Words[1]; w.Index != 2 || w.Word != "xyzzyq" {
		t.Errorf("%+v", w)
	}
	if strings.Contains(err.Error(), "abuot") {
		t.Errorf("the error repeats what was typed: %v", err)
	}
}

func TestParseCounts(t *testing.T) {
	for text, got := range map[string]int{"": 0, "able": 1, "able about above absent": 4, "123 !": 0} {
		_, err := words.Parse(text, "en", 3)
		var count *words.CountError
		if !errors.As(err, &count) || count.Got != got || count.Want != 3 {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := words.Parse(strings.Repeat("able ", 10000), "en", 10000); err == nil {
		t.Error("a text without end is read")
	}
}

// TestNearFindsTheWordBehindATypingError is a law: one wrong, lost or added
// letter after the first leaves the word among those that are offered.
func TestNearFindsTheWordBehindATypingError(t *testing.T) {
	danish, _ := words.For("da")
	rapid.Check(t, func(t *rapid.T) {
		word := danish.Word(rapid.Uint16Range(0, words.Count-1).Draw(t, "word"))
		at := rapid.IntRange(1, len(word)-1).Draw(t, "at")
		letter := string(rapid.RuneFrom([]rune("abcdefghijklmnoprstuvxyz")).Draw(t, "letter"))
		typed := rapid.SampledFrom([]string{word[:at] + letter + word[at+1:], word[:at] + word[at+1:], word[:at] + letter + word[at:]}).Draw(t, "typed")
		if _, known := danish.Find(typed); known || len(word) < 5 {
			return // it is the word itself or its start; short words have many neighbours
		}
		if near := danish.Near(typed); !slices.Contains(near, word) {
			t.Fatalf("%q typed as %q: offered %q", word, typed, near)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("able about above absent absorb abstract absurd abuse access accident", "en")
	f.Add("ة ـ \u064e ﷺ", "ar")
	f.Fuzz(func(t *testing.T, text, language string) {
		readings, err := words.Parse(text, language, 10)
		if err != nil {
			return
		}
		for _, r := range readings {
			list, _ := words.For(r.Language)
			var again []string
			for _, n := range r.Numbers {
				again = append(again, list.Word(n))
			}
			second, err := words.Parse(strings.Join(again, " "), r.Language, 10)
			if err != nil || !slices.Equal(second[0].Numbers, r.Numbers) {
				t.Fatalf("%q reads otherwise the second time: %v", text, err)
			}
		}
	})
}

func BenchmarkNear(b *testing.B) {
	list, _ := words.For("da")
	for b.Loop() {
		list.Near("cabriolett")
	}
}
