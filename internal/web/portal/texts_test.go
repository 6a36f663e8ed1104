// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/portal"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

var (
	goKey     = regexp.MustCompile(`"([a-z]+\.[a-z_0-9]+)"`)
	scriptKey = regexp.MustCompile(`"((?:script|mailbox|form|site|shell)\.[a-z_]+)"`)
)

// Every text that a template, a handler or a script asks for is there, and
// every text that is there is asked for.
func TestTextsAndTheirUsesAgree(t *testing.T) {
	texts, err := page.LoadCatalogue(os.DirFS("."), "locale")
	check(t, err)
	assets, err := static.Load()
	check(t, err)
	pages, err := page.Parse(os.DirFS("."), "pages", texts, assets, portal.Functions)
	check(t, err)
	keys := texts.In("en").Keys()
	used := map[string]bool{}
	for _, key := range pages.Texts() {
		used[key] = true
		if !slices.Contains(keys, key) {
			t.Errorf("a template asks for %q", key)
		}
	}
	for _, key := range inFiles(t, "*.go", goKey) {
		used[key] = true
	}
	for _, key := range inFiles(t, "../../../web/portal/*.ts", scriptKey) {
		used[key] = true
		if !slices.Contains(keys, key) {
			t.Errorf("a script asks for %q", key)
		}
	}
	for _, key := range keys {
		family, _, _ := strings.Cut(key, ".")
		// days, faults, parts of pages and states are put together from their family and a value
		composed := family == "day" || family == "failure" || family == "form" || family == "crime" || family == "audience" || family == "moment" || strings.HasPrefix(key, "mailbox.state_") ||
			strings.HasPrefix(key, "help.about_") || strings.HasPrefix(key, "help.for_") || strings.HasPrefix(key, "help.phone_") || strings.HasPrefix(key, "help.region_") ||
			strings.HasPrefix(key, "script.found_")
		if !used[key] && !composed {
			t.Errorf("nobody asks for the text %q", key)
		}
	}
}

func inFiles(t *testing.T, pattern string, form *regexp.Regexp) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	check(t, err)
	if len(names) == 0 {
		t.Fatalf("no files %s", pattern)
	}
	var found []string
	for _, name := range names {
		b, err := os.ReadFile(name)
		check(t, err)
		for _, m := range form.FindAllStringSubmatch(string(b), -1) {
			found = append(found, m[1])
		}
	}
	return found
}

var planBlock = regexp.MustCompile(`(?s)<script type="application/json" id="plan">(.*?)</script>`)

// The plan in the page holds every text that the scripts say, the questions of
// every category, and nothing that would end its block early.
func TestThePlanHoldsWhatTheScriptsNeed(t *testing.T) {
	w := newWorld(t)
	for _, lang := range []string{"en", "da", "ar"} {
		var texts map[string]string
		for _, path := range []string{"/report", "/mailbox"} {
			m := planBlock.FindStringSubmatch(w.get("/" + lang + path).Body.String())
			if m == nil {
				t.Fatalf("%s%s has no plan", lang, path)
			}
			var plan struct {
				Key, Programme string
				Texts          map[string]string
				Lists          map[string]string
				Categories     map[string]struct{ Questions []string }
				Questions      map[string]struct{ Ask string }
			}
			check(t, json.Unmarshal([]byte(html.UnescapeString(m[1])), &plan))
			texts = plan.Texts
			if plan.Programme != w.registry.programmes[0].ID.String() || len(plan.Key) != 44 || len(plan.Lists) < 3 {
				t.Errorf("%s%s: programme, key or lists are not there: %v", lang, path, plan.Lists)
			}
			for name, c := range plan.Categories {
				for _, question := range c.Questions {
					if plan.Questions[question].Ask == "" {
						t.Errorf("%s: %s asks %s, which is not there", lang, name, question)
					}
				}
			}
		}
		for _, key := range inFiles(t, "../../../web/portal/*.ts", scriptKey) {
			if texts[key] == "" {
				t.Errorf("%s: the plan lacks %q", lang, key)
			}
		}
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// The questions in the plan, as the browser's own tests read them.
func TestThePlanOfQuestionsIsGolden(t *testing.T) {
	w := newWorld(t)
	m := planBlock.FindStringSubmatch(w.get("/en/report").Body.String())
	var plan struct {
		Categories json.RawMessage `json:"categories"`
		Questions  json.RawMessage `json:"questions"`
	}
	check(t, json.Unmarshal([]byte(m[1]), &plan))
	got, err := json.MarshalIndent(plan, "", " ")
	check(t, err)
	got = append(got, '\n')
	const golden = "testdata/plan.json"
	if *update {
		check(t, os.WriteFile(golden, got, 0o600))
	}
	want, err := os.ReadFile(golden)
	check(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("the plan is not that of %s; run the test with -update when the questions were changed", golden)
	}
}
