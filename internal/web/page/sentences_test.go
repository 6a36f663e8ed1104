// SPDX-License-Identifier: AGPL-3.0-or-later

package page_test

import (
	"testing"
	"testing/fstest"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type name map[string]string

func (n name) In(lang string) string { return n[lang] }
func (n name) String() string        { return n["en"] }

func TestSentencesAreSaidInALanguage(t *testing.T) {
	all, err := page.LoadSentences(fstest.MapFS{"faults/da.yaml": {Data: []byte(`"%s has %d.": "Der er %[2]d i %[1]s."` + "\n\"100% sure.\": \"100% sikker.\"\n")}}, "faults")
	if err != nil {
		t.Fatal(err)
	}
	thing := name{"en": "The box", "da": "kassen"}
	for _, c := range []struct {
		lang string
		err  error
		want string
	}{
		{"da", fault.Newf(fault.Invalid, "%s has %d.", thing, 3), "Der er 3 i kassen."},
		{"en", fault.Newf(fault.Invalid, "%s has %d.", thing, 3), "The box has 3."},
		{"da", fault.New(fault.Invalid, "100% sure."), "100% sikker."},
		{"da", fault.New(fault.Invalid, "Not translated, 100%d."), "Not translated, 100%d."},
		{"", fault.New(fault.Invalid, "100% sure."), "100% sure."},
	} {
		if got := all.Say(c.lang, c.err); got != c.want {
			t.Errorf("%s: %q, want %q", c.lang, got, c.want)
		}
	}
	for about, bad := range map[string]string{"a pattern twice": "a: b\na: c\n", "no map": "- a\n", "a map in it": "a:\n  b: c\n"} {
		if _, err := page.LoadSentences(fstest.MapFS{"faults/da.yaml": {Data: []byte(bad)}}, "faults"); err == nil {
			t.Errorf("%s is taken", about)
		}
	}
}
