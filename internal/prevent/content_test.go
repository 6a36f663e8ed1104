// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent_test

import (
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/reading"
	"github.com/turnstone-project/turnstone/internal/programme"
)

var languages = []string{"en", "da", "ar"}

func builtIn(t testing.TB) *prevent.Content {
	t.Helper()
	c, err := prevent.BuiltIn(languages)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A person may report of each kind of crime, and each has a page; only what is
// no kind of crime has none.
func TestEachKindOfCrimeHasAPage(t *testing.T) {
	c := builtIn(t)
	questions, err := programme.BuiltIn(languages)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range questions.List {
		_, ok := c.Crime(q.Category)
		if want := q.Category != "other" && q.Category != "not-sure"; ok != want {
			t.Errorf("%s: a page %v, want %v", q.Category, ok, want)
		}
	}
	if len(c.Missing) != 0 {
		t.Errorf("not translated: %v", c.Missing)
	}
	for _, k := range c.Crimes {
		for _, lang := range languages {
			p := k.Page(lang)
			if p.Lang != lang || p.Title == "" || k.Short[lang] == "" {
				t.Errorf("%s in %s: %q %q", k.ID, lang, p.Title, k.Short[lang])
			}
			for _, section := range prevent.Sections {
				en, here := strings.Count(k.Page("en").Sections[section], "\n- "), strings.Count(p.Sections[section], "\n- ")
				if en != here {
					t.Errorf("%s in %s: %s has %d points, in English %d", k.ID, lang, section, here, en)
				}
			}
		}
	}
	for _, f := range c.Flows {
		for _, lang := range languages {
			if f.Why[lang] == "" {
				t.Errorf("%s to %s: nothing in %s", f.From, f.To, lang)
			}
		}
	}
}

// The two sentences that must never be lost, in any language.
func TestPicturesOfAbuseAreNeverAskedFor(t *testing.T) {
	c, ok := builtIn(t).Crime("child-abuse")
	if !ok {
		t.Fatal("there is no page")
	}
	for lang, want := range map[string]string{
		"en": "Give the address. Don't copy or send images.",
		"da": "Giv os adressen. Du må ikke kopiere eller sende billeder.",
		"ar": "أعطنا العنوان. لا تنسخ الصور ولا ترسلها.",
	} {
		if !strings.Contains(c.Page(lang).Sections["you"], "**"+want+"**") {
			t.Errorf("%s: the page lacks %q", lang, want)
		}
	}
}

// readable fails the test when a child of nine to twelve can't read a text, by
// a published formula for its language.
func readable(t *testing.T, name, lang, text string) {
	t.Helper()
	score := reading.Of(lang, strings.ReplaceAll(text, "\n- ", "\n"))
	switch {
	case !score.Checked():
		t.Errorf("%s: not checked in %s", name, lang)
	case !score.Easy():
		t.Errorf("%s in %s: %s %.2f, more than %.0f", name, lang, score.Formula, score.Value, score.Limit)
	}
}

// A child of nine to twelve can read each page, and what the arrows of the picture say.
func TestPagesAreEasyToRead(t *testing.T) {
	for _, k := range builtIn(t).Crimes {
		for _, lang := range languages {
			p := k.Page(lang)
			text := p.Title + "\n" + p.Lead + "\n"
			for _, s := range prevent.Sections {
				text += p.Sections[s]
			}
			readable(t, k.ID, lang, text)
		}
	}
	for _, lang := range languages {
		text := ""
		for _, f := range builtIn(t).Flows {
			text += f.Why[lang] + "\n"
		}
		readable(t, "flows.yaml", lang, text)
	}
}

func TestAnOperatorsPageStandsInPlaceOfOurs(t *testing.T) {
	ours, err := fs.ReadFile(os.DirFS("content"), "crimes/drugs.en.md")
	if err != nil {
		t.Fatal(err)
	}
	own := fstest.MapFS{
		"crimes/drugs.en.md": {Data: []byte(strings.Replace(string(ours), "Illegal drugs", "Drugs on our island", 1))},
		"crimes/drugs.fo.md": {Data: []byte(strings.Replace(string(ours), "Illegal drugs", "Rúsevni", 1))},
	}
	c, err := prevent.Load(own, []string{"en", "fo"})
	if err != nil {
		t.Fatal(err)
	}
	drugs, _ := c.Crime("drugs")
	fraud, _ := c.Crime("fraud")
	if drugs.Page("en").Title != "Drugs on our island" || drugs.Page("fo").Title != "Rúsevni" || fraud.Page("fo").Lang != "en" {
		t.Errorf("drugs %q, %q; fraud in %q", drugs.Page("en").Title, drugs.Page("fo").Title, fraud.Page("fo").Lang)
	}
	if len(c.Missing) != len(c.Crimes)-1+len(c.Cards)+len(c.Quizzes)+2 || !slices.Contains(c.Missing, "crimes/fraud.fo") || !slices.Contains(c.Missing, "crimes.fo") || !slices.Contains(c.Missing, "flows.fo") {
		t.Errorf("missing: %v", c.Missing)
	}
}

func TestAnOperatorsMistakesAreNamed(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile("content/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	drugs := read("crimes/drugs.en.md")
	for name, c := range map[string]struct {
		file, text, want string
	}{
		"a misspelt name":         {"crimes/drug.en.md", drugs, "crimes/drug.en.md: nothing has this name"},
		"a lost section":          {"crimes/drugs.en.md", strings.Replace(drugs, "## {family}\n", "", 1), "section {family} is missing"},
		"a section twice":         {"crimes/drugs.da.md", strings.Replace(drugs, "{family}", "{you}", 1), "crimes/drugs.da.md:19: section {you}"},
		"a lost brace":            {"crimes/drugs.ar.md", strings.Replace(drugs, "{family}", "{family", 1), "braces stand nowhere else"},
		"a link to another site":  {"crimes/drugs.en.md", drugs + "[click](https://evil.example)\n", "write a path of this site"},
		"a link that runs":        {"crimes/drugs.en.md", drugs + "[click](javascript:alert)\n", "write a path of this site"},
		"no front matter":         {"crimes/drugs.en.md", "# Drugs\n", "crimes/drugs.en.md:1: the file must begin with front matter"},
		"an unknown key":          {"crimes/drugs.en.md", strings.Replace(drugs, "lead:", "led:", 1), "led"},
		"a gigantic file":         {"crimes/drugs.en.md", drugs + strings.Repeat("word ", 20_000), "at most 65536"},
		"a flow to nowhere":       {"flows.yaml", "- {from: drugs, to: moon, source: s, why: {en: w}}", `to "moon"`},
		"a flow without a source": {"flows.yaml", "- {from: drugs, to: fraud, why: {en: w}}", "flow 1: it needs why"},
		"services of long ago":    {"services.yaml", "[]", "nothing has this name"},
		"broken YAML":             {"flows.yaml", "- {from: [", "flows.yaml"},
	} {
		_, err := prevent.Load(fstest.MapFS{c.file: {Data: []byte(c.text)}}, languages)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestAPageGetsOld(t *testing.T) {
	k, _ := builtIn(t).Crime("fraud")
	if k.Stale(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) || !k.Stale(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("review by %s", k.ReviewBy)
	}
}

func TestRender(t *testing.T) {
	for markdown, want := range map[string]string{
		"One\ntwo\n\nthree":                 "<p class=\"govuk-body\">One\ntwo</p>\n<p class=\"govuk-body\">three</p>\n",
		"- a **b** c\n- *d*":                "<ul class=\"govuk-list govuk-list--bullet\">\n<li>a <strong>b</strong> c</li>\n<li><em>d</em></li>\n</ul>\n",
		"1. a\n2. b":                        "<ol class=\"govuk-list govuk-list--number\">\n<li>a</li>\n<li>b</li>\n</ol>\n",
		"### Head":                          "<h3 class=\"govuk-heading-s\">Head</h3>\n",
		"[fraud](/crimes/fraud)":            "<p class=\"govuk-body\"><a class=\"govuk-link\" href=\"/da/crimes/fraud\">fraud</a></p>\n",
		"[112](tel:112)":                    "<p class=\"govuk-body\"><a class=\"govuk-link\" href=\"tel:112\">112</a></p>\n",
		"<script>alert(1)</script> & <img>": "<p class=\"govuk-body\">&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img&gt;</p>\n",
		"**<b onclick=x>**":                 "<p class=\"govuk-body\"><strong>&lt;b onclick=x&gt;</strong></p>\n",
		"[<svg onload=x>](/crimes)":         "<p class=\"govuk-body\"><a class=\"govuk-link\" href=\"/da/crimes\">&lt;svg onload=x&gt;</a></p>\n",
		"a * b * c and **not closed":        "<p class=\"govuk-body\">a * b * c and **not closed</p>\n",
		"":                                  "",
	} {
		got, err := prevent.Render(markdown, "/da")
		if err != nil || string(got) != want {
			t.Errorf("%q:\n%q %v, want\n%q", markdown, got, err, want)
		}
	}
	for _, bad := range []string{"[a](javascript:x)", "[a](//evil.example)", "[a](data:text/html,x)", "[a](/../x)", "[a](tel:evil)", "[a](HTTPS://x)", `[a](/x"onclick=y)`} {
		if got, err := prevent.Render(bad, ""); err == nil || strings.Contains(string(got), "href") {
			t.Errorf("%q became %q, %v", bad, got, err)
		}
	}
	if _, err := prevent.Render(strings.Repeat("x", prevent.MaxMarkdown+1), ""); err == nil {
		t.Error("a text without end was rendered")
	}
}

// Whatever is written, only the tags and attributes of the renderer come out.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"- **a** [b](/c)\n1. x\n### y", "<script>", "[a](javascript:b)", "**[a](/b)**", "[*a*](/b)*", "*a **b* c**"} {
		f.Add(s)
	}
	allowed := []string{`p class="govuk-body"`, "/p", `ul class="govuk-list govuk-list--bullet"`, "/ul", `ol class="govuk-list govuk-list--number"`, "/ol", "li", "/li", `h3 class="govuk-heading-s"`, "/h3", "strong", "/strong", "em", "/em", "/a"}
	f.Fuzz(func(t *testing.T, markdown string) {
		out, _ := prevent.Render(markdown, "/en")
		for _, part := range strings.Split(string(out), "<")[1:] {
			tag, _, closed := strings.Cut(part, ">")
			link := strings.HasPrefix(tag, `a class="govuk-link" href="/en/`) || strings.HasPrefix(tag, `a class="govuk-link" href="#`) || strings.HasPrefix(tag, `a class="govuk-link" href="tel:`)
			if !closed || !slices.Contains(allowed, tag) && (!link || strings.Count(tag, `"`) != 4) {
				t.Fatalf("%q became %q", markdown, out)
			}
		}
	})
}

func FuzzReadPage(f *testing.F) {
	b, err := os.ReadFile("content/crimes/drugs.en.md")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("---\ntitle: a\n---\n## {signs}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, faults := prevent.ReadPage(b)
		if len(faults) > 0 {
			return
		}
		if got := slices.Sorted(maps.Keys(p.Sections)); len(got) != len(prevent.Sections) {
			t.Fatalf("a page with %v was taken", got)
		}
		for _, s := range prevent.Sections {
			p.HTML(s, "/en") // must not panic
		}
	})
}

// Nothing is drawn outside of the picture, and each flow is in it once.
func TestThePictureHoldsEveryFlow(t *testing.T) {
	c := builtIn(t)
	nodes, arcs := c.Picture()
	if len(arcs) != len(c.Flows) {
		t.Errorf("%d arcs for %d flows", len(arcs), len(c.Flows))
	}
	for _, n := range nodes {
		if n.X < 0 || n.X > prevent.PictureWidth || n.LabelY < 10 || n.LabelY > prevent.PictureHeight-5 {
			t.Errorf("%s lies at %v, %v", n.Crime.ID, n.X, n.LabelY)
		}
	}
	seen := map[string]bool{}
	for _, a := range arcs {
		if seen[a.Path] {
			t.Errorf("two flows lie on each other: %s", a.Path)
		}
		seen[a.Path] = true
	}
}

// No number hides another one or lies on a flow that is not its own, and no
// flow runs through a kind of crime that it has nothing to do with.
func TestThePictureCanBeRead(t *testing.T) {
	nodes, arcs := builtIn(t).Picture()
	along := func(a prevent.Arc, from, until float64, see func(x, y float64)) {
		for u := from; u <= until; u += 0.01 {
			see(a.At(u))
		}
	}
	for _, a := range arcs {
		for _, b := range arcs {
			if a.Number == b.Number {
				continue
			}
			if d := math.Hypot(a.MX-b.MX, a.MY-b.MY); d < 2*prevent.DiscRadius+2 {
				t.Errorf("the numbers %d and %d are %.0f apart", a.Number, b.Number, d)
			}
			nearest := math.Inf(1)
			along(b, 0, 1, func(x, y float64) { nearest = min(nearest, math.Hypot(a.MX-x, a.MY-y)) })
			if nearest < prevent.DiscRadius {
				t.Errorf("flow %d runs through the number %d: %.1f", b.Number, a.Number, nearest)
			}
		}
		for _, n := range nodes {
			if n.Crime.ID == a.Flow.From || n.Crime.ID == a.Flow.To {
				continue
			}
			along(a, 0, 1, func(x, y float64) {
				if math.Hypot(n.X-x, n.Y-y) < 14 {
					t.Fatalf("flow %d runs through %s", a.Number, n.Crime.ID)
				}
			})
		}
	}
}

// A label of the longest name fits beside its place: a bold letter of 16 units
// is at most 10.5 units wide on average.
func TestLabelsOfThePictureFit(t *testing.T) {
	nodes, _ := builtIn(t).Picture()
	for _, n := range nodes {
		for _, lang := range languages {
			width := 10.5 * float64(len([]rune(n.Crime.Short[lang])))
			left, right := n.LabelX-width/2, n.LabelX+width/2
			switch n.Anchor {
			case "left":
				left, right = n.LabelX, n.LabelX+width
			case "right":
				left, right = n.LabelX-width, n.LabelX
			}
			if left < 0 || right > prevent.PictureWidth {
				t.Errorf("%s in %s reaches from %.0f to %.0f", n.Crime.ID, lang, left, right)
			}
		}
	}
}

func TestAReviewNamesWhoAndWhen(t *testing.T) {
	ours, err := os.ReadFile("content/crimes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	load := func(line string) (*prevent.Content, error) {
		text := strings.Replace(string(ours), "  review_by: 2027-05-26", line+"\n  review_by: 2027-05-26", 1)
		return prevent.Load(fstest.MapFS{"crimes.yaml": {Data: []byte(text)}}, languages)
	}
	c, err := load("  reviewed: 2027-01-02\n  reviewer: Children's line")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Crimes[0]; got.Written != "2026-11-26" || got.Changed() != "2027-01-02" || c.Crimes[1].Changed() != "2026-11-26" {
		t.Errorf("written %s, changed %s", got.Written, got.Changed())
	}
	for _, line := range []string{"  reviewed: 2027-01-02", "  reviewer: somebody"} {
		if _, err := load(line); err == nil || !strings.Contains(err.Error(), "belong together") {
			t.Errorf("%s: %v", line, err)
		}
	}
}
