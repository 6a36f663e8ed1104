// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// valid asks xmllint whether a document keeps to a grammar of testdata. On a
// machine that tests what is handed in, the tool must be there.
func valid(t *testing.T, grammar string, doc []byte) (ok bool, said string) {
	t.Helper()
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint is not installed: `make setup` installs it")
		}
		t.Skip("xmllint is not installed: `make setup` installs it")
	}
	cmd := exec.CommandContext(t.Context(), tool, "--nonet", "--noout", "--relaxng", "testdata/"+grammar, "-")
	cmd.Stdin = bytes.NewReader(doc)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3 && exit.ExitCode() != 4) { // all others: it is no XML, or the grammar is none
		t.Fatalf("xmllint: %v: %s", err, out)
	}
	return err == nil, string(out[:min(len(out), 600)])
}

// mutation is a change that makes a document wrong.
type mutation struct{ name, from, to string }

func refuses(t *testing.T, grammar string, doc []byte, all []mutation) {
	t.Helper()
	if ok, said := valid(t, grammar, doc); !ok {
		t.Fatalf("%s refuses what is right: %s", grammar, said)
	}
	for _, m := range all {
		wrong := bytes.Replace(doc, []byte(m.from), []byte(m.to), 1)
		if bytes.Equal(wrong, doc) {
			t.Errorf("%s: %q is not in the document", m.name, m.from)
		}
		if ok, _ := valid(t, grammar, wrong); ok {
			t.Errorf("%s takes a document with %s", grammar, m.name)
		}
	}
}

// The grammar itself: it takes a feed with everything that RFC 4287 knows, and
// refuses each thing that the RFC forbids.
func TestTheGrammarOfAtom(t *testing.T) {
	doc, err := os.ReadFile("testdata/atom-all.xml")
	check(t, err)
	refuses(t, "atom.rng", doc, []mutation{
		{"no id", "<id>urn:uuid:8a9d6d1e-3a0c-8f6b-9b4e-0d9e5f1c2b3a</id>", ""},
		{"an id that is no IRI", "urn:uuid:8a9d6d1e-3a0c-8f6b-9b4e-0d9e5f1c2b3a", "seven"},
		{"two ids", "<id>tag:a.example,2026:1</id>", "<id>urn:a:1</id><id>urn:a:2</id>"},
		{"no title of an entry", "<title>Two</title>", ""},
		{"two titles", "<title>Two</title>", "<title>Two</title><title>Zwei</title>"},
		{"no time", "<updated>2026-11-27T10:00:00.25+01:00</updated>", ""},
		{"a time without zone", "2026-11-27T10:00:00.25+01:00", "2026-11-27T10:00:00"},
		{"a day for a time", "2026-11-27T10:00:00.25+01:00", "2026-11-27"},
		{"a day that is none", "2026-11-26T09:00:00Z", "2026-02-30T09:00:00Z"},
		{"a small z", "2026-11-26T09:00:00Z", "2026-11-26T09:00:00z"},
		{"somebody without a name", "<name>Ann</name>", ""},
		{"somebody with two", "<name>Ann</name>", "<name>Ann</name><name>Anna</name>"},
		{"an address that is none", "ann@a.example", "ann"},
		{"a link to nowhere", ` href="x"`, ""},
		{"a rel with a space", `rel="self"`, `rel="self edit"`},
		{"a kind without a term", `term="advice"`, ""},
		{"a kind of text that is none", `type="html">Everything`, `type="text/html">Everything`},
		{"markup in a text", "<title>One</title>", "<title>One <b>two</b></title>"},
		{"XHTML without its div", `<div xmlns="http://www.w3.org/1999/xhtml">here</div>`, "here"},
		{"words in a feed", "<rights>nobody's</rights>", "<rights>nobody's</rights>words"},
		{"an element that Atom has not", "<rights>nobody's</rights>", "<right>nobody's</right>"},
		{"an attribute that Atom has not", `<link rel="self"`, `<link ref="x" rel="self"`},
		{"content here and elsewhere", `<content type="image/png" src="p.png"/>`, `<content type="image/png" src="p.png">x</content>`},
		{"a language that is none", `hreflang="en-GB"`, `hreflang="English (British)"`},
		{"two summaries", "<summary/>", "<summary/><summary/>"},
		{"another namespace", `xmlns="http://www.w3.org/2005/Atom"`, `xmlns="http://purl.org/atom/ns#"`},
	})
}

// Each feed keeps to the grammar and to what a grammar can't say: ids differ,
// an entry without content leads to a page, and the feed names an author.
func TestFeedsKeepToTheirGrammar(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	for _, lang := range []string{"en", "da", "ar"} {
		for _, base := range []string{"", "/p/nord"} {
			doc := w.get(base + "/" + lang + "/feed.xml").Body.Bytes()
			if ok, said := valid(t, "atom.rng", doc); !ok {
				t.Errorf("%s/%s: %s", base, lang, said)
			}
			type link struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			}
			var feed struct {
				Authors []struct{ Name string } `xml:"author"`
				Links   []link                  `xml:"link"`
				Entries []struct {
					Links   []link   `xml:"link"`
					Content []string `xml:"content"`
				} `xml:"entry"`
			}
			check(t, xml.Unmarshal(doc, &feed))
			if len(feed.Authors) == 0 || len(feed.Entries) == 0 || !slices.Contains(feed.Links, link{"self", "https://tips.example.org" + base + "/" + lang + "/feed.xml"}) {
				t.Errorf("%s/%s: no author, entry or address of its own", base, lang)
			}
			for _, e := range feed.Entries {
				if len(e.Content) == 0 && !slices.ContainsFunc(e.Links, func(l link) bool { return l.Rel == "alternate" && strings.HasPrefix(l.Href, "https://") }) {
					t.Errorf("%s/%s: an entry leads nowhere", base, lang)
				}
			}
		}
	}
	refuses(t, "atom.rng", w.get("/en/feed.xml").Body.Bytes(), []mutation{{"no author", "</author>", "</author><authors/>"}, {"two ids", "<id>", "<id/><id>"}})
}

// The site map keeps to its grammar, and its pages in other languages name
// each other, each itself too, as search engines demand.
func TestTheSiteMapKeepsToItsGrammar(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	doc := w.get("/sitemap.xml").Body.Bytes()
	refuses(t, "sitemap.rng", doc, []mutation{
		{"no address", "<loc>https://tips.example.org/en</loc>", ""},
		{"an address without a host", "<loc>https://tips.example.org/en</loc>", "<loc>/en</loc>"},
		{"a day that is none", "<lastmod>20", "<lastmod>x20"},
		{"a link that says nothing", ` rel="alternate"`, ""},
		{"an element that is none", "<loc>", "<location/><loc>"},
		{"another namespace", "sitemap/0.9", "sitemap/0.84"},
	})
	var set struct {
		URLs []struct {
			Loc   string `xml:"loc"`
			Links []struct {
				Lang string `xml:"hreflang,attr"`
				Href string `xml:"href,attr"`
			} `xml:"http://www.w3.org/1999/xhtml link"`
		} `xml:"url"`
	}
	check(t, xml.Unmarshal(doc, &set))
	if len(set.URLs) > 50_000 || len(doc) > 50<<20 {
		t.Errorf("%d pages, %d bytes: more than a site map may have", len(set.URLs), len(doc))
	}
	said := map[string][]string{} // which pages a page names
	for _, u := range set.URLs {
		if said[u.Loc] != nil {
			t.Errorf("%s stands there twice", u.Loc)
		}
		for _, l := range u.Links {
			said[u.Loc] = append(said[u.Loc], l.Href)
		}
	}
	for page, others := range said {
		if !slices.Contains(others, page) {
			t.Errorf("%s does not name itself", page)
		}
		for _, other := range others {
			if !slices.Equal(said[other], others) {
				t.Errorf("%s names %s, which names others", page, other)
			}
		}
	}
}
