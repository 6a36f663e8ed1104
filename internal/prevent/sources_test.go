// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/turnstone-project/turnstone/internal/prevent"
)

// Every arrow names a document that we say more of. A text may say instead that
// it is public knowledge; nothing says anything else, and no document is listed
// that no text names.
func TestEverySourceIsADocumentOrSaysThatItIsNone(t *testing.T) {
	c := builtIn(t)
	named := map[string]bool{}
	see := func(where, source string, words bool) {
		_, known := c.Source(source)
		named[source] = true
		if !known && (!words || !strings.HasSuffix(source, ", from public knowledge")) {
			t.Errorf("%s: %q is no document of sources.yaml", where, source)
		}
	}
	for _, f := range c.Flows {
		see(f.From+" to "+f.To, f.Source, false)
	}
	vague := 0
	each := func(where string, r prevent.Review) {
		for _, s := range r.Sources {
			see(where, s, true)
		}
		if _, known := c.Source(r.Sources[0]); !known {
			vague++
		}
	}
	for _, k := range c.Crimes {
		each(k.ID, k.Review)
	}
	for _, k := range c.Cards {
		each(k.ID, k.Review)
	}
	for _, q := range c.Quizzes {
		each(q.ID, q.Review)
	}
	t.Logf("%d texts name no document", vague)
	for _, s := range c.Sources {
		if !named[s.Cite()] {
			t.Errorf("nothing names %q", s.Cite())
		}
	}
}

func TestMistakesInTheListOfDocumentsAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no title":       {"[{publisher: a, checked: b}]", "source 1: it needs publisher, title and checked"},
		"not checked":    {"[{publisher: a, title: b}]", "source 1: it needs"},
		"twice":          {"[{publisher: a, title: b, checked: c}, {publisher: a, title: b, checked: d}]", `"a: b" is there twice`},
		"an odd year":    {"[{publisher: a, title: b, year: -4, checked: c}]", "year -4"},
		"an unknown key": {"[{publisher: a, title: b, checked: c, link: d}]", "link"},
	} {
		_, err := prevent.Load(fstest.MapFS{"sources.yaml": {Data: []byte(c.text)}}, languages)
		if err == nil || !strings.Contains(err.Error(), "sources.yaml") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	own := fstest.MapFS{"sources.yaml": {Data: []byte("[{publisher: Our police, title: A paper, year: 2027, checked: read}]")}}
	c, err := prevent.Load(own, languages)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := c.Source("Our police: A paper, 2027"); !ok || s.Checked != "read" {
		t.Errorf("%+v", c.Sources)
	}
}
