// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPruning(t *testing.T) {
	v := &vocabulary{words: map[string]bool{}}
	v.add([]byte(`<p class="used govuk-!-margin-0 ts-row--{{.Kind}}">` + "element(\"p\", `govuk-button--${kind}`)"))
	for name, c := range map[string]struct{ css, want string }{
		"a class that is used":                 {".used { color: red; }", ".used { color: red; }\n"},
		"a class that is not":                  {".lost { color: red; }", ""},
		"one of a list":                        {".lost, .used, p { color: red; }", ".used, p { color: red; }\n"},
		"below one that is not":                {".used .lost p, .lost > .used { color: red; }", ""},
		"an element":                           {"a:hover { color: red; }", "a:hover { color: red; }\n"},
		"what :not() names":                    {".used:not(.lost) { color: red; }", ".used:not(.lost) { color: red; }\n"},
		"a list in brackets":                   {".used:is(a, .lost), .lost:is(a, b) { color: red; }", ".used:is(a, .lost) { color: red; }\n"},
		"an escaped class":                     {".govuk-\\!-margin-0 { margin: 0; } .govuk-\\!-margin-1 { margin: 1px; }", ".govuk-\\!-margin-0 { margin: 0; }\n"},
		"a class whose end a template puts in": {".ts-row--wide { color: red; } .ts-rows { color: red; }", ".ts-row--wide { color: red; }\n"},
		"a class whose end a script puts in":   {".govuk-button--warning { color: red; }", ".govuk-button--warning { color: red; }\n"},
		"a query":                              {"@media print { .lost { color: red; } .used { color: red; } }", "@media print {.used { color: red; }\n}\n"},
		"a query with nothing left":            {"@media print { @supports (gap: 1px) { .lost { color: red; } } }", ""},
		"a font and steps":                     {"@font-face { src: url(\"a;b{\"); } @keyframes x { from { top: 0; } }", "@font-face { src: url(\"a;b{\"); }\n@keyframes x { from { top: 0; } }\n"},
		"a comment with braces":                {"/* .x { */ .used { color: red; /* } */ }", ".used { color: red; /* } */ }\n"},
		"a string with braces":                 {".used::before { content: \"}\\\"{\"; } .lost { color: red; }", ".used::before { content: \"}\\\"{\"; }\n"},
		"a charset":                            {"@charset \"UTF-8\";\n.used { color: red; }", "@charset \"UTF-8\";.used { color: red; }\n"},
	} {
		got, err := prune(c.css, v)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	for _, broken := range []string{".used { color: red;", ".used", ".used { @media print { }"} {
		if got, err := prune(broken, v); err == nil {
			t.Errorf("%q was taken: %q", broken, got)
		}
	}
}

// Where classes stand in templates and scripts, found another way than pruning
// finds them.
var (
	inTemplate = regexp.MustCompile(`class="([^"]*)"`)
	inScript   = regexp.MustCompile("(?:element\\(\"[a-z0-9]+\"|button|classList\\.(?:add|toggle|remove))[(,] ?[\"`]([^\"`]*)[\"`]")
	action     = regexp.MustCompile(`\{\{[^}]*\}\}|\$\{[^}]*\}`)
	rule       = regexp.MustCompile(`([^{}]*)\{`)
)

// No class that a template, a script or the code that writes pages names has
// lost a rule.
func TestPruningLosesNoClassThatIsUsed(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	web := filepath.Join(root, "web")
	if _, err := os.Stat(filepath.Join(web, "node_modules", ".bin", "sass")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("Sass is not installed: make web/node_modules")
	}
	whole, err := node(web, nil, "sass", "--no-source-map", "--style=expanded", "--quiet-deps", "--load-path=node_modules", "--load-path=.", filepath.Join(web, "portal", "portal.scss"))
	if err != nil {
		t.Fatal(err)
	}
	kept, _, err := pruneFor(web, whole, pruned["portal"].pages, pruned["portal"].scripts)
	if err != nil {
		t.Fatal(err)
	}
	used := classesUsed(t, root)
	before, after := selectors(string(whole)), selectors(string(kept))
	if len(used) < 100 || len(after) < 300 || len(after) > len(before)*9/10 {
		t.Fatalf("%d classes are used, of %d selectors there are %d left: that is not a portal", len(used), len(before), len(after))
	}
	checked := 0
	for selector, times := range before {
		names := class.FindAllStringSubmatch(outside(selector), -1)
		if slices.ContainsFunc(names, func(m []string) bool { return !used[strings.ReplaceAll(m[1], `\`, "")] }) {
			continue
		}
		checked++
		if after[selector] != times {
			t.Errorf("%s stood %d times and stands %d times", selector, times, after[selector])
		}
	}
	t.Logf("%d of %d selectors stay; %d of them are for %d classes that the sources name in full", len(after), len(before), checked, len(used))
}

// Nobody uses a class whose rules are gone from what was built.
func TestNoPageNeedsWhatWasPruned(t *testing.T) {
	web, err := filepath.Abs(filepath.Join("..", "..", "web"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vocabularyOf(web, pruned["portal"].pages, pruned["portal"].scripts)
	if err != nil {
		t.Fatal(err)
	}
	lost, err := os.ReadFile("lost.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(lost))
	if len(names) < 100 {
		t.Fatalf("%d classes were pruned: that is not the list", len(names))
	}
	for _, name := range names {
		if v.has(name) {
			t.Errorf("%s is used and has no rule any more: make assets", name)
		}
	}
}

func classesUsed(t *testing.T, root string) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	for _, place := range []struct {
		pattern string
		in      *regexp.Regexp
	}{
		{"internal/web/portal/pages/*.tmpl", inTemplate},
		{"internal/web/page/shell/*.tmpl", inTemplate},
		{"internal/web/portal/*.go", inTemplate},
		{"internal/prevent/*.go", inTemplate},
		{"web/portal/*.ts", inScript},
	} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(place.pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", place.pattern, files, err)
		}
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range place.in.FindAllStringSubmatch(string(b), -1) {
				for name := range strings.FieldsSeq(action.ReplaceAllString(m[1], " ")) {
					used[name] = true
				}
			}
		}
	}
	return used
}

// selectors counts each selector of a style sheet, wherever it stands.
func selectors(css string) map[string]int {
	count := map[string]int{}
	for _, m := range rule.FindAllStringSubmatch(withoutComments(css), -1) {
		head := strings.TrimSpace(m[1])
		if i := strings.LastIndex(head, ";"); i >= 0 { // what was declared before it
			head = strings.TrimSpace(head[i+1:])
		}
		if strings.HasPrefix(head, "@") {
			continue
		}
		for head != "" {
			at := next(head, ",")
			one := head
			if at >= 0 {
				one, head = head[:at], head[at+1:]
			} else {
				head = ""
			}
			count[strings.Join(strings.Fields(one), " ")]++
		}
	}
	return count
}
