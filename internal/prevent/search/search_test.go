// SPDX-License-Identifier: AGPL-3.0-or-later

package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/search"
)

func ids(r search.Result) []string {
	var all []string
	for _, h := range r.Hits {
		all = append(all, h.ID)
	}
	return all
}

func content(t testing.TB) *prevent.Content {
	t.Helper()
	c, err := prevent.BuiltIn([]string{"en", "da", "ar"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What people type, and what must be among the first three.
func TestPeopleFindWhatTheyLookFor(t *testing.T) {
	c := content(t)
	for lang, cases := range map[string]map[string]string{
		"en": {
			"bank calling": "advice/bank-calls-you", "Banks": "advice/bank-calls-you", "someone is threatening me with photos": "advice/threat-with-picture",
			"passwords": "advice/strong-passwords", "fake pills": "advice/took-a-fake-pill", "bribes": "advice/asked-for-a-bribe",
			"hidden people in lorries": "advice/people-in-the-load", "backup": "advice/backups-that-work", "GUNS": "advice/found-a-gun", "ivory": "advice/holiday-finds",
		},
		"da": {
			"banken ringer": "advice/bank-calls-you", "adgangskode koder": "advice/strong-passwords", "våben": "advice/found-a-gun", "vaaben": "advice/found-a-gun",
			"lastbiler": "advice/check-your-lorry", "bestikkelsen": "advice/asked-for-a-bribe", "elfenben": "advice/holiday-finds", "plomb": "advice/seals-and-pins",
		},
		"ar": {
			"البنك الهاتف": "advice/bank-calls-you", "كلمه مرور": "advice/strong-passwords", "رَشْوَة": "advice/asked-for-a-bribe", "والرشوة": "advice/asked-for-a-bribe",
			"شاحنتك": "advice/check-your-lorry", "الأدويه": "crimes/medicines", "عصابة": "advice/want-out-of-gang",
		},
	} {
		x := c.Index(lang)
		for query, want := range cases {
			if got := ids(x.Find(query, 3)); !slices.Contains(got, want) {
				t.Errorf("%s: %q finds %v, not %s", lang, query, got, want)
			}
		}
	}
}

func TestWhatWasLookedForIsMarked(t *testing.T) {
	x := search.New("en", []search.Document{
		{ID: "a", Title: "Locks & keys", Body: "Nothing here.\nLock your <b>doors</b>, and lock them twice."},
		{ID: "b", Title: "Windows", Body: "Close the window."},
	})
	r := x.Find("locking door", 5)
	if r.Total != 1 || len(r.Hits) != 1 {
		t.Fatalf("%+v", r)
	}
	var marked []string
	text := ""
	for _, p := range r.Hits[0].Excerpt {
		text += p.Text
		if p.Marked {
			marked = append(marked, p.Text)
		}
	}
	if text != "Lock your <b>doors</b>, and lock them twice." || strings.Join(marked, " ") != "Lock doors lock" || !r.Hits[0].Title[0].Marked {
		t.Errorf("%q, marked %v, title %+v", text, marked, r.Hits[0].Title)
	}
}

func TestNothingFoundNamesWordsThatAreThere(t *testing.T) {
	x := content(t).Index("en")
	for query, want := range map[string]string{"pasword": "password", "briibe": "bribe", "contaner": "container"} {
		r := x.Find(query, 5)
		if len(r.Hits) != 0 || !slices.ContainsFunc(r.Near, func(w string) bool { return strings.HasPrefix(w, want) }) {
			t.Errorf("%q: %v, near %v", query, ids(r), r.Near)
		}
	}
	if r := x.Find("qqqqqq", 5); len(r.Hits)+len(r.Near) != 0 {
		t.Errorf("%+v", r)
	}
}

// Words that are everywhere do not drown the one that tells something.
func TestCommonWordsDoNotCount(t *testing.T) {
	got := content(t).Index("en").Find("what do you do with the ivory", 20)
	if !slices.Contains(ids(got)[:3], "advice/holiday-finds") || got.Total > 20 {
		t.Errorf("%d found: %v", got.Total, ids(got))
	}
}

// However strange the query: no more than the limit, only texts that are
// there, whole UTF-8, and the parts of a line are the line.
func TestAnyQueryIsAnswered(t *testing.T) {
	c := content(t)
	indexes := map[string]*search.Index{"en": c.Index("en"), "da": c.Index("da"), "ar": c.Index("ar"), "fo": c.Index("fo")}
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]string{"en", "da", "ar", "fo"}).Draw(t, "lang")
		query := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"bank ring", "الشرطة", "aa", strings.Repeat("é", 150), strings.Repeat("bank police money code ", 5000)})).Draw(t, "query")
		r := indexes[lang].Find(query, 7)
		if len(r.Hits) > 7 || len(r.Hits) > r.Total || len(r.Near) > 3 {
			t.Fatalf("%+v", r)
		}
		seen := map[string]bool{}
		for _, h := range r.Hits {
			if seen[h.ID] || len(h.Title) == 0 {
				t.Fatalf("%s twice or without a title", h.ID)
			}
			seen[h.ID] = true
			for _, p := range append(h.Title, h.Excerpt...) {
				if !utf8.ValidString(p.Text) || p.Text == "" {
					t.Fatalf("%q", p.Text)
				}
			}
		}
	})
}

// Near words are those of an independent measure.
func TestNearIsLevenshtein(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abc]{4,9}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		x := search.New("xx", []search.Document{{ID: "1", Title: a, Body: "zz"}, {ID: "2", Title: "yy", Body: "zz"}, {ID: "3", Title: "ww", Body: "zz"}})
		r := x.Find(b, 3)
		near := levenshtein.ComputeDistance(a, b) <= 1+len(b)/7
		if strings.HasPrefix(a, b) {
			if len(r.Hits) != 1 {
				t.Fatalf("%q does not find %q", b, a)
			}
		} else if (len(r.Near) == 1) != near {
			t.Fatalf("%q and %q: %v", a, b, r)
		}
	})
}

func FuzzFind(f *testing.F) {
	x := content(f).Index("ar")
	f.Add("الشرطة \xff\xfe bank")
	f.Fuzz(func(t *testing.T, query string) {
		for _, h := range x.Find(query, 5).Hits {
			for _, p := range h.Excerpt {
				if !utf8.ValidString(p.Text) {
					t.Fatalf("%q", p.Text)
				}
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	x := content(b).Index("da")
	for b.Loop() {
		x.Find("banken ringer og vil have min kode", 20)
	}
}
