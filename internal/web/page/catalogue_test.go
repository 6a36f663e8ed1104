// SPDX-License-Identifier: AGPL-3.0-or-later

package page_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/turnstone-project/turnstone/internal/web/page"
)

func catalogue(en, da string) fstest.MapFS {
	return fstest.MapFS{"en.yaml": {Data: []byte(en)}, "da.yaml": {Data: []byte(da)}}
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	files := fstest.MapFS{
		"en.yaml": {Data: []byte("files:\n  one: one file\n  other: '{n} files'\n")},
		"ar.yaml": {Data: []byte("files:\n  zero: لا ملفات\n  one: ملف واحد\n  two: ملفان\n  few: '{n} ملفات'\n  many: '{n} ملفًا'\n  other: '{n} ملف'\n")},
	}
	c, err := page.LoadCatalogue(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", 1, "one file"},
		{"en", 0, "0 files"},
		{"en", 2, "2 files"},
		{"ar", 0, "لا ملفات"},
		{"ar", 2, "ملفان"},
		{"ar", 5, "5 ملفات"},
		{"ar", 11, "11 ملفًا"},
		{"ar", 100, "100 ملف"},
	} {
		got, err := c.In(tc.lang).Say("files", "n", tc.n)
		if err != nil || got != tc.want {
			t.Errorf("%s %d: %q %v, want %q", tc.lang, tc.n, got, err, tc.want)
		}
	}
	if _, err := c.In("en").Say("files"); err == nil {
		t.Error("a plural without a number was let through")
	}
}

func TestFaultsInTextsAreNamed(t *testing.T) {
	for name, tc := range map[string]struct{ en, da, want string }{
		"missing":       {"a: A\nb: B\n", "a: A\n", "da.yaml: b is missing"},
		"beyond":        {"a: A\n", "a: A\nc: C\n", "da.yaml: c is not in en.yaml"},
		"other value":   {"a: 'A {x}'\n", "a: 'A {y}'\n", "da.yaml: a has the values [{y}]"},
		"empty":         {"a: A\n", "a: ''\n", "a: the text is empty"},
		"twice":         {"a: A\na: B\n", "a: A\n", "already defined"},
		"no other":      {"a:\n  one: x\n", "a: A\n", "the plural form other is missing"},
		"unknown form":  {"a:\n  some: x\n  other: y\n", "a: A\n", `"some" is not a plural form`},
		"lacks a form":  {"a:\n  other: y\n", "a:\n  other: y\n", "has no form for the number 1"},
		"not a text":    {"a: [1]\n", "a: A\n", "want a text"},
		"no base texts": {"", "a: A\n", "da.yaml: a is not in en.yaml"},
	} {
		_, err := page.LoadCatalogue(catalogue(tc.en, tc.da), ".")
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tc.want)
		}
	}
}

func TestASubjectMayHaveAFileOfItsOwn(t *testing.T) {
	files := fstest.MapFS{
		"en.yaml": {Data: []byte("a: A\n")}, "da.yaml": {Data: []byte("a: A\n")},
		"items.en.yaml": {Data: []byte("b: B\n")}, "items.da.yaml": {Data: []byte("b: B på dansk\n")},
	}
	c, err := page.LoadCatalogue(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.In("da").Say("b"); err != nil || got != "B på dansk" {
		t.Errorf("got %q, %v", got, err)
	}
	files["items.da.yaml"].Data = []byte("a: again\n")
	if _, err := page.LoadCatalogue(files, "."); err == nil || !strings.Contains(err.Error(), "stands in another file too") {
		t.Errorf("the same key in two files: %v", err)
	}
}
