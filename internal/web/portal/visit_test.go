// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var otherLanguage = regexp.MustCompile(`<a href="([^"]*)" lang="([a-z]+)" hreflang=`)

// What was chosen, or looked for, is there in the other languages too, and
// nothing else of what a visitor sent.
func TestAnotherLanguageKeepsWhatWasChosen(t *testing.T) {
	w := newWorld(t)
	for asked, want := range map[string]string{
		"/help?country=DK&near=Aarhus&about=fraud&for=young&language=da&open=yes": "/help?about=fraud&country=DK&for=young&language=da&near=Aarhus&open=yes#found",
		"/help?country=&page=2":                           "/help?country=&page=2#found",
		"/help?country=":                                  "/help?country=#found",
		"/help?country=XX&about=%3Cscript%3E&evil=1":      "/help?country=#found",
		"/help?near=%22%3E%3Cb%3E%20%26%20%C3%A6&page=-1": "/help?country=&near=%22%3E%3Cb%3E+%26+%C3%A6#found",
		"/help":                                            "/help",
		"/help/pack?about=fraud":                           "/help/pack?about=fraud",
		"/help/pack?about=nothing":                         "/help/pack",
		"/search?q=bank+%26+card%22":                       "/search?q=bank+%26+card%22",
		"/search?q=%20&x=1":                                "/search",
		"/search?q=" + strings.Repeat("long", 2000):        "/search?q=" + strings.Repeat("long", 50),
		"/advice?crime=fraud&moment=now&audience=x&evil=1": "/advice?crime=fraud&moment=now",
		"/crimes/fraud?evil=1":                             "/crimes/fraud",
	} {
		for _, base := range []string{"", "/p/nord"} {
			rec := w.get(base + "/en" + asked)
			if rec.Code != http.StatusOK {
				t.Fatalf("%.60s: %d", asked, rec.Code)
			}
			links := otherLanguage.FindAllStringSubmatch(rec.Body.String(), -1)
			if len(links) != 2 {
				t.Errorf("%.60s: %d other languages", asked, len(links))
			}
			for _, m := range links {
				got := html.UnescapeString(m[1])
				if got != base+"/"+m[2]+want {
					t.Errorf("%.60s leads to %.200s, want %.200s", asked, got, base+"/"+m[2]+want)
				}
				u, err := url.Parse(got)
				check(t, err)
				if rec := w.get(u.RequestURI()); rec.Code != http.StatusOK {
					t.Errorf("%.60s leads to %d", asked, rec.Code)
				}
			}
		}
	}
	// the same choices stand in the form of the other language
	page := w.get("/ar/help?about=fraud&country=DK&for=young&language=da&near=Aarhus&open=yes").Body.String()
	for _, chosen := range []string{`value="DK" selected`, `value="fraud" selected`, `value="young" selected`, `value="da" selected`, `value="Aarhus"`, `value="yes" checked`} {
		if !strings.Contains(page, chosen) {
			t.Errorf("the form in Arabic lacks %s", chosen)
		}
	}
}
