// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// Every card stands in every language, under the crimes that it is about.
func TestEveryCardHasAPage(t *testing.T) {
	w := newWorld(t)
	for _, lang := range []string{"en", "da", "ar"} {
		list := w.get("/p/nord/" + lang + "/advice").Body.String()
		for i, k := range w.content.Cards {
			if testing.Short() && i%7 != 0 {
				continue
			}
			path := "/p/nord/" + lang + "/advice/" + k.ID
			rec := w.get(path)
			page := html.UnescapeString(rec.Body.String())
			if rec.Code != http.StatusOK || !strings.Contains(page, k.Text(lang).Title) || strings.Contains(page, "<p class=\"govuk-inset-text\">") {
				t.Errorf("%s: %d", path, rec.Code)
			}
			if !strings.Contains(list, `href="`+path+`"`) {
				t.Errorf("%s is not on the list", path)
			}
			for _, crime := range k.Crimes {
				if !strings.Contains(page, `href="/p/nord/`+lang+`/crimes/`+crime+`"`) {
					t.Errorf("%s does not lead to %s", path, crime)
				}
			}
		}
		for _, c := range w.content.Crimes {
			page := w.get("/" + lang + "/crimes/" + c.ID).Body.String()
			for _, k := range w.content.Advice(prevent.Wanted{Crime: c.ID}) {
				if !strings.Contains(page, `href="/`+lang+`/advice/`+k.ID+`"`) {
					t.Errorf("%s in %s does not show %s", c.ID, lang, k.ID)
				}
			}
		}
	}
}

func TestAdviceIsFiltered(t *testing.T) {
	w := newWorld(t)
	page := w.get("/da/advice?crime=fraud&moment=now&audience=company").Body.String()
	for _, want := range []string{"/da/advice/boss-wants-payment", `<option value="fraud" selected>`, `<option value="now" selected>`, `href="/ar/advice?audience=company&amp;crime=fraud&amp;moment=now"`, "noindex"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "/da/advice/found-a-gun") || strings.Contains(page, "/da/advice/new-account-number") {
		t.Error("a card is shown that was not wanted")
	}
	if page := w.get("/en/advice?crime=wanted&audience=hosts&moment=after").Body.String(); !strings.Contains(page, "No card fits") {
		t.Error("nothing found is not said")
	}
}

// What a visitor puts into the address stands nowhere on the page but in the
// field of the search, as text.
func TestHostileAddressesOfAdvice(t *testing.T) {
	w := newWorld(t)
	const evil = `"><script>alert(1)</script>`
	for _, path := range []string{"/en/advice?crime=" + url.QueryEscape(evil), "/en/advice?moment=" + url.QueryEscape(evil) + "&x=" + url.QueryEscape(evil), "/en/search?q=" + url.QueryEscape(evil)} {
		page := w.get(path).Body.String()
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "crime=%22") {
			t.Errorf("%s: the page holds it", path)
		}
	}
	for _, path := range []string{"/en/advice/..%2f..", "/en/advice/fraud", "/en/advice/BANK-CALLS-YOU", "/en/advice/bank-calls-you/x"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	rec := w.get("/en/search?q=" + strings.Repeat("a", 100_000) + url.QueryEscape("\xff\xfe"))
	if rec.Code != http.StatusOK || rec.Body.Len() > 20_000 {
		t.Errorf("a gigantic query: %d, %d bytes", rec.Code, rec.Body.Len())
	}
}

func TestSearchFindsAndMarks(t *testing.T) {
	w := newWorld(t)
	page := w.get("/p/nord/ar/search?q=" + url.QueryEscape("كلمه مرور")).Body.String()
	for _, want := range []string{`href="/p/nord/ar/advice/strong-passwords"`, "<mark>مرور</mark>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	page = w.get("/en/search?q=pasword").Body.String()
	if !strings.Contains(page, "We found nothing") || !strings.Contains(page, "/en/search?q=password") || !strings.Contains(page, "/en/danger") {
		t.Errorf("nothing found helps nobody:\n%s", page)
	}
}

// The operator, who hears of every failure, hears nothing of what was looked for.
func TestASearchIsToldToNobody(t *testing.T) {
	w := newWorld(t)
	const secret = "grey van at the mill"
	rec := w.get("/en/search?q=" + url.QueryEscape(secret))
	if len(w.failed) != 0 || rec.Header().Get("Cache-Control") != "no-store" || len(rec.Header().Values("Set-Cookie")) != 0 {
		t.Errorf("%v %v", w.failed, rec.Header())
	}
	if again := w.get("/en/search").Body.String(); strings.Contains(again, "mill") {
		t.Error("the next visitor sees what the last one looked for")
	}
	// the words go on to the same search in another language, if a person presses that, and to no other page
	for _, m := range asked.FindAllStringSubmatch(rec.Body.String(), -1) {
		if strings.Contains(m[1], "mill") && m[1] != "/da/search?q=grey&#43;van&#43;at&#43;the&#43;mill" && m[1] != "/ar/search?q=grey&#43;van&#43;at&#43;the&#43;mill" {
			t.Errorf("the words travel on to %s", m[1])
		}
	}
}

func TestAStaleCardSaysSo(t *testing.T) {
	w := newWorld(t)
	w.config.Clock = clock.Fixed(time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))
	w.build()
	if page := w.get("/en/advice/overdose").Body.String(); !strings.Contains(page, "should have been checked by 2027-11-26") {
		t.Error("an old card looks fresh")
	}
}

func TestAPageOfAdviceIsMadeQuickly(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	w := newWorld(t)
	for _, path := range []string{"/ar/advice", "/ar/advice/overdose", "/da/search?q=banken+ringer+og+vil+have+koden"} {
		var took []time.Duration
		for range 300 {
			start := time.Now()
			w.get(path)
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		t.Logf("%s: p50 %v, p99 %v", path, took[150], took[297])
		if took[297] > 100*time.Millisecond {
			t.Errorf("99 of 100 took up to %v", took[297])
		}
	}
}
