// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent"
)

// Everybody finds advice for each moment, and each kind of crime has some.
func TestEveryAudienceFindsAdvice(t *testing.T) {
	c := builtIn(t)
	if len(c.Cards) < 60 {
		t.Errorf("only %d cards", len(c.Cards))
	}
	for _, audience := range prevent.Audiences {
		for _, moment := range prevent.Moments {
			own := slices.ContainsFunc(c.Cards, func(k prevent.Card) bool { return k.Moment == moment && slices.Contains(k.Audience, audience) })
			if !own {
				t.Errorf("nothing for %s, %s", audience, moment)
			}
		}
	}
	for _, k := range c.Crimes {
		if got := c.Advice(prevent.Wanted{Crime: k.ID}); len(got) < 2 {
			t.Errorf("%s has %d cards", k.ID, len(got))
		}
	}
	if len(c.Missing)+len(c.Outdated) != 0 {
		t.Errorf("missing %v, outdated %v", c.Missing, c.Outdated)
	}
}

func TestCardsAreEasyToReadAndSayTheSameInEveryLanguage(t *testing.T) {
	for _, k := range builtIn(t).Cards {
		points := strings.Count(k.Text("en").Body, "\n- ")
		for _, lang := range languages {
			text := k.Text(lang)
			if text.Lang != lang || strings.Count(text.Body, "\n- ") != points || strings.Count(text.Body, "](") != strings.Count(k.Text("en").Body, "](") {
				t.Errorf("%s in %s is not the English card", k.ID, lang)
			}
			readable(t, k.ID, lang, text.Title+"\n"+text.Body)
		}
	}
}

func TestAdviceIsChosen(t *testing.T) {
	c := builtIn(t)
	all := c.Advice(prevent.Wanted{})
	if len(all) != len(c.Cards) {
		t.Errorf("%d of %d cards", len(all), len(c.Cards))
	}
	if !slices.IsSortedFunc(all, func(a, b prevent.Card) int {
		return slices.Index(prevent.Moments, a.Moment) - slices.Index(prevent.Moments, b.Moment)
	}) {
		t.Error("what to do before stands after what to do now")
	}
	for _, w := range []prevent.Wanted{{Crime: "fraud"}, {Audience: "hosts"}, {Moment: "now"}, {Crime: "cyber", Audience: "journalists", Moment: "before"}} {
		got := c.Advice(w)
		if len(got) == 0 || len(got) == len(all) {
			t.Errorf("%+v chooses %d", w, len(got))
		}
		for _, k := range got {
			if w.Crime != "" && !slices.Contains(k.Crimes, w.Crime) || w.Moment != "" && k.Moment != w.Moment ||
				w.Audience != "" && !slices.Contains(k.Audience, w.Audience) && !slices.Contains(k.Audience, "everybody") {
				t.Errorf("%+v chooses %s", w, k.ID)
			}
		}
	}
	if got := c.Advice(prevent.Wanted{Audience: "nobody", Moment: "never"}); len(got) != 0 {
		t.Errorf("%d cards for nobody", len(got))
	}
}

const card = "---\ntitle: Lock it\ncrimes: [cyber]\naudience: [hosts]\nmoment: before\nsources: [us]\nwritten: 2027-02-01\nreview_by: 2028-01-01\n---\n\n- Lock it.\n"

func TestAnOperatorsCards(t *testing.T) {
	own := fstest.MapFS{
		"cards/lock-it.en.md":        {Data: []byte(card)},
		"cards/lock-it.da.md":        {Data: []byte("---\ntitle: Lås\nof: 2027-01-01\n---\n- Lås det.\n")},
		"cards/bank-calls-you.en.md": {Data: []byte(strings.Replace(card, "Lock it", "Hang up", 1))},
	}
	c, err := prevent.Load(own, languages)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := c.Card("lock-it")
	ours, _ := c.Card("bank-calls-you")
	if k.Text("da").Title != "Lås" || k.Text("ar").Lang != "en" || !k.Outdated("da") || k.Outdated("en") || ours.Text("en").Title != "Hang up" {
		t.Errorf("%+v, %+v", k, ours)
	}
	if !slices.Contains(c.Missing, "cards/lock-it.ar") || len(c.Missing) != 1 {
		t.Errorf("missing: %v", c.Missing)
	}
	for _, want := range []string{"cards/lock-it.da", "cards/bank-calls-you.da", "cards/bank-calls-you.ar"} {
		if !slices.Contains(c.Outdated, want) {
			t.Errorf("%s is not listed as outdated: %v", want, c.Outdated)
		}
	}
	if k.Stale(time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)) || !k.Stale(time.Date(2028, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Error("a card gets old on another day")
	}
}

func TestMistakesInCardsAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"an unknown crime":      {"x.en.md", strings.Replace(card, "cyber", "moon", 1), `no kind of crime "moon"`},
		"an unknown audience":   {"x.en.md", strings.Replace(card, "hosts", "ghosts", 1), `x.en.md:2: audience "ghosts"`},
		"no audience":           {"x.en.md", strings.Replace(card, "[hosts]", "[]", 1), "audience: at least one"},
		"no moment":             {"x.en.md", strings.Replace(card, "moment: before\n", "", 1), `moment ""`},
		"no source":             {"x.en.md", strings.Replace(card, "sources: [us]\n", "", 1), "say what the text rests on"},
		"no review":             {"x.en.md", strings.Replace(card, "2028-01-01", "soon", 1), "write a day as"},
		"half a review":         {"x.en.md", strings.Replace(card, "moment", "reviewer: me\nmoment", 1), "belong together"},
		"an unknown key":        {"x.en.md", strings.Replace(card, "moment", "moon: x\nmoment", 1), "moon"},
		"no text":               {"x.en.md", strings.Replace(card, "- Lock it.", "", 1), "there is no text"},
		"a heading":             {"x.en.md", card + "# Big\n", "x.en.md:12: "},
		"another site":          {"x.en.md", card + "[x](https://evil.example)\n", "x.en.md:12: the link to"},
		"no English":            {"x.da.md", "---\ntitle: x\nof: 2026-01-01\n---\n- x\n", "written in English too"},
		"a translation of none": {"bank-calls-you.da.md", "---\ntitle: x\n---\n- x\n", "of: the day"},
		"the name of a crime":   {"fraud.en.md", card, "name of a kind of crime already"},
		"a name that is none":   {"X_1.en.md", card, "nothing has this name"},
		"gigantic":              {"x.en.md", card + strings.Repeat("word ", 20_000), "at most 65536"},
	} {
		_, err := prevent.Load(fstest.MapFS{"cards/" + c.file: {Data: []byte(c.text)}}, languages)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// What is hostile in a card is shown as it was written.
func FuzzReadCard(f *testing.F) {
	b, err := os.ReadFile("content/cards/bank-calls-you.en.md")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(card + "<script>alert(1)</script><svg onload=x>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, faults := prevent.ReadCard(b); len(faults) == 0 {
			if out := string(k.Text("en").HTML("/en")); strings.Contains(out, "<script") || strings.Contains(out, "<svg") {
				t.Fatal(out)
			}
		}
		if text, faults := prevent.ReadTranslation(b); len(faults) == 0 && (text.Of == "" || text.Title == "") {
			t.Fatal("a translation of nothing was taken")
		}
	})
}
