// SPDX-License-Identifier: AGPL-3.0-or-later

package xliff_test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/turnstone-project/turnstone/internal/exchange/xliff"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

func content(t testing.TB, own fstest.MapFS, languages ...string) *prevent.Content {
	t.Helper()
	c, err := prevent.Load(own, languages)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func export(t testing.TB, c *prevent.Content, lang string) string {
	t.Helper()
	b, err := xliff.Export(c, lang)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What was exported comes back as the same content: every text of every page,
// card and quiz, in each language.
func TestWhatGoesOutComesBack(t *testing.T) {
	c := content(t, nil, "en", "da", "ar")
	for _, lang := range []string{"da", "ar"} {
		back, err := xliff.Import(c, []byte(export(t, c, lang)))
		if err != nil {
			t.Fatal(err)
		}
		if back.Lang != lang || len(back.Empty) != 0 || len(back.Files) != len(c.Crimes)+len(c.Cards)+len(c.Quizzes)+2 {
			t.Fatalf("%s: %d files, empty %v", lang, len(back.Files), back.Empty)
		}
		own := fstest.MapFS{}
		for name, b := range back.Files {
			own[name] = &fstest.MapFile{Data: b}
		}
		again := content(t, own, "en", "da", "ar")
		if export(t, again, lang) != export(t, c, lang) || len(again.Outdated)+len(again.Missing) != 0 {
			t.Errorf("%s: the content is another one; outdated %v, missing %v", lang, again.Outdated, again.Missing)
		}
		for i, f := range again.Flows {
			if f.From != c.Flows[i].From || f.To != c.Flows[i].To || f.Source != c.Flows[i].Source || f.Part != c.Flows[i].Part || !maps.Equal(f.Why, c.Flows[i].Why) {
				t.Errorf("%s: flow %d is %+v, was %+v", lang, i+1, f, c.Flows[i])
			}
		}
		for i, k := range again.Crimes {
			if was := c.Crimes[i]; k.ID != was.ID || !maps.Equal(k.Short, was.Short) || !reflect.DeepEqual(k.Review, was.Review) {
				t.Errorf("%s: %+v, was %+v", lang, k, was)
			}
			for _, s := range prevent.Sections {
				if got, want := k.Page(lang).HTML(s, ""), c.Crimes[i].Page(lang).HTML(s, ""); got != want {
					t.Errorf("%s, %s in %s:\n%s\n%s", k.ID, s, lang, got, want)
				}
			}
		}
	}
}

// opening is the tag with which a card begins.
func opening(card string) string {
	return `<file id="cards.` + card + `" original="cards/` + card + `" canResegment="no">`
}

var source = regexp.MustCompile(`<source>([^<]*)</source>`)

// A language that nobody has written yet: what a translator fills in is shown,
// what was not begun is listed.
func TestANewLanguage(t *testing.T) {
	c := content(t, nil, "en", "fo")
	out := export(t, c, "fo")
	if strings.Contains(out, "<target>") || !strings.Contains(out, `trgLang="fo"`) {
		t.Fatal("there is a translation already")
	}
	begin, rest, _ := strings.Cut(out, opening("overdose"))
	card, end, _ := strings.Cut(rest, "</file>")
	filled := source.ReplaceAllString(card, "<source>$1</source><target>$1</target>")
	back, err := xliff.Import(c, []byte(begin+opening("overdose")+filled+"</file>"+end))
	if err != nil {
		t.Fatal(err)
	}
	if names := slices.Collect(maps.Keys(back.Files)); len(names) != 1 || names[0] != "cards/overdose.fo.md" || !slices.Contains(back.Empty, "crimes/fraud") {
		t.Fatalf("files %v, empty %v", names, back.Empty)
	}
	after := content(t, fstest.MapFS{"cards/overdose.fo.md": {Data: back.Files["cards/overdose.fo.md"]}}, "en", "fo")
	if k, _ := after.Card("overdose"); k.Text("fo").Lang != "fo" || strings.TrimSpace(k.Text("fo").Body) != strings.TrimSpace(k.Text("en").Body) {
		t.Errorf("%+v", k.Text("fo"))
	}
}

// What the lists say is filled in by a translator of a new language, and nothing
// else of them changes: not the other languages, not what the texts rest on.
func TestAListInANewLanguage(t *testing.T) {
	c := content(t, nil, "en", "fo")
	out := source.ReplaceAllString(export(t, c, "fo"), "<source>$1</source><target>fo: $1</target>")
	back, err := xliff.Import(c, []byte(out))
	if err != nil {
		t.Fatal(err)
	}
	own := fstest.MapFS{"crimes.yaml": {Data: back.Files["crimes.yaml"]}, "flows.yaml": {Data: back.Files["flows.yaml"]}}
	after := content(t, own, "en", "da", "ar", "fo")
	if slices.Contains(after.Missing, "crimes.fo") || slices.Contains(after.Missing, "flows.fo") || slices.Contains(after.Missing, "flows.ar") {
		t.Error(after.Missing)
	}
	for i, k := range after.Crimes {
		if was := c.Crimes[i]; k.Short["fo"] != "fo: "+was.Short["en"] || k.Short["ar"] != was.Short["ar"] || !reflect.DeepEqual(k.Sources, was.Sources) {
			t.Errorf("%+v", k)
		}
	}
	for i, f := range after.Flows {
		if was := c.Flows[i]; f.Why["fo"] != "fo: "+was.Why["en"] || f.Why["da"] != was.Why["da"] || f.Source != was.Source {
			t.Errorf("%+v", f)
		}
	}
}

// Two arrows between the same kinds of crime are two texts.
func TestTwoArrowsOfOneKind(t *testing.T) {
	two := "- {from: drugs, to: fraud, source: s, why: {en: one, da: en}}\n- {from: drugs, to: fraud, source: s, why: {en: two, da: to}}\n"
	c := content(t, fstest.MapFS{"flows.yaml": {Data: []byte(two)}}, "en", "da")
	back, err := xliff.Import(c, []byte(export(t, c, "da")))
	if err != nil {
		t.Fatal(err)
	}
	after := content(t, fstest.MapFS{"flows.yaml": {Data: back.Files["flows.yaml"]}}, "en", "da")
	if after.Flows[0].Why["da"] != "en" || after.Flows[1].Why["da"] != "to" {
		t.Errorf("%+v", after.Flows)
	}
}

var token = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)

// Ids are what the standard allows, and what earlier versions wrote is taken.
func TestIDsAreTokens(t *testing.T) {
	c := content(t, nil, "en", "da")
	out := export(t, c, "da")
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(out, -1) {
		if !token.MatchString(m[1]) {
			t.Fatalf("id %q", m[1])
		}
	}
	old := strings.NewReplacer(`<file id="cards.`, `<file id="cards/`, `<file id="crimes.`, `<file id="crimes/`, `<file id="quizzes.`, `<file id="quizzes/`).Replace(out)
	if back, err := xliff.Import(c, []byte(old)); err != nil || len(back.Empty) != 0 {
		t.Errorf("%v, empty %v", err, back.Empty)
	}
}

// A translation that is behind has another state, so that tools show it.
func TestWhatIsBehindIsMarked(t *testing.T) {
	const newer = "---\ntitle: New\ncrimes: [fraud]\naudience: [older]\nmoment: now\nsources: [us]\nwritten: 2028-01-01\nreview_by: 2029-01-01\n---\n- New.\n"
	c := content(t, fstest.MapFS{"cards/bank-calls-you.en.md": {Data: []byte(newer)}}, "en", "da")
	_, card, _ := strings.Cut(export(t, c, "da"), opening("bank-calls-you"))
	card, _, _ = strings.Cut(card, "</file>")
	if strings.Contains(card, `state="translated"`) || !strings.Contains(card, `state="initial"`) {
		t.Error(card)
	}
}

func TestFaultsOfTranslatorsAreNamed(t *testing.T) {
	c := content(t, nil, "en", "da")
	good := export(t, c, "da")
	for name, f := range map[string]struct{ old, new, want string }{
		"a lost link":        {"Se [numrene](/danger).</target>", "Se numrene.</target>", "the links lead to nowhere, in English to ](/danger)"},
		"another link":       {"[numrene](/danger)", "[numrene](https://evil.example)", "the links lead to"},
		"a lost mark":        {"**Giv os adressen. Du må ikke kopiere eller sende billeder.**", "Giv os adressen. Du må ikke kopiere eller sende billeder.", "the marks ** are not as many"},
		"a brace":            {"<target>Læg på.", "<target>Læg {på}.", "line break or a brace"},
		"a lost bracket":     {"[numrene](/danger)", "numrene](/danger)", "a bracket of a link is lost"},
		"another number":     {"500 på din konto, send 450", "500 på din konto, send 540", "the numbers are 500 540, in English 450 500"},
		"half a list":        {"<target>Penge fra falske piller bliver skjult.</target>", "", "flows: not translated: medicines-to-money-laundering"},
		"a name in two":      {"<target>Bedrageri</target>", "<target>Bedra\ngeri</target>", "crimes, unit fraud: the translation holds a line break"},
		"a hole":             {"<target>Læg på. Det er ikke uhøfligt. Det er klogt.</target>", "<target></target>", "cards/bank-calls-you: not translated: line-1"},
		"no target":          {"<target>Læg på. Det er ikke uhøfligt. Det er klogt.</target>", "", "cards/bank-calls-you: not translated: line-1"},
		"a changed source":   {"<source>Put the phone down.", "<source>Put it down.", "cards/bank-calls-you, unit line-1: the English text has changed"},
		"an unknown text":    {opening("overdose"), `<file id="cards/../../etc">`, "there is no such text"},
		"a text twice":       {opening("overdose"), opening("old-gun-at-home"), "stands here twice"},
		"an unknown unit":    {`<unit id="lead">`, `<unit id="led">`, "it is not known"},
		"elements":           {"<target>Læg på.", "<target><ph id=\"1\"/>Læg på.", "holds elements"},
		"a heading":          {"<target>Læg på.", "<target># Læg på.", "begins with a mark"},
		"a word without end": {"<target>Læg på.", "<target>" + strings.Repeat("x", 2500), "at most 2000"},
		"another version":    {`version="2.0"`, `version="1.2"`, `version "1.2"`},
		"out of English":     {`trgLang="da"`, `trgLang="en"`, "it must go from en"},
		"a path as language": {`trgLang="da"`, `trgLang="../x"`, "it must go from en"},
		"broken XML":         {"</xliff>", "", "read xliff"},
		"an entity":          {"<xliff ", "<!DOCTYPE x [<!ENTITY e \"boom\">]><xliff ", ""},
	} {
		bad := strings.Replace(good, f.old, f.new, 1)
		if bad == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		back, err := xliff.Import(c, []byte(bad))
		if f.want == "" {
			continue // whatever it says, it must not expand anything
		}
		if err == nil || !strings.Contains(err.Error(), f.want) || len(back.Files) != 0 {
			t.Errorf("%s: %v and %d files, want %q and none", name, err, len(back.Files), f.want)
		}
	}
	if _, err := xliff.Import(c, make([]byte, xliff.MaxDocument+1)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a gigantic document: %v", err)
	}
	for _, lang := range []string{"en", "", "../x"} {
		if _, err := xliff.Export(c, lang); err == nil {
			t.Errorf("exported to %q", lang)
		}
	}
}

// Whatever comes, a file that is taken is one that the site would take.
func FuzzImport(f *testing.F) {
	c := content(f, nil, "en", "da")
	f.Add([]byte(export(f, c, "da")))
	f.Add([]byte(`<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="da"><file id="cards/overdose"/></xliff>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		back, err := xliff.Import(c, b)
		if err != nil {
			return
		}
		own := fstest.MapFS{}
		for name, b := range back.Files {
			own[name] = &fstest.MapFile{Data: b}
		}
		if _, err := prevent.Load(own, []string{"en", back.Lang}); err != nil {
			t.Fatalf("the site refuses what was taken: %v", err)
		}
	})
}
