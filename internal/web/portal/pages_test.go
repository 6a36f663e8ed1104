// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

var paths = []string{"", "/danger", "/hide", "/how", "/report", "/mailbox", "/crimes", "/crimes/fraud", "/crimes/child-abuse", "/connected", "/advice", "/advice?crime=fraud&moment=now", "/advice/bank-calls-you", "/search", "/search?q=112+police", "/training", "/training/grooming", "/help", "/help?country=DK&near=Aarhus&about=fraud&open=yes", "/help/pack", "/help/pack?about=fraud", "/offline", "/crimes/fraud/poster", "/came-of-it"}

func TestEveryPageInEveryLanguage(t *testing.T) {
	w := newWorld(t)
	for _, lang := range []string{"en", "da", "ar"} {
		for _, path := range paths {
			for _, base := range []string{"", "/p/nord"} {
				rec := w.get(base + "/" + lang + path)
				html := rec.Body.String()
				if rec.Code != http.StatusOK {
					t.Fatalf("%s: %d %v", lang+path, rec.Code, w.failed)
				}
				dir := map[string]string{"en": "ltr", "da": "ltr", "ar": "rtl"}[lang]
				if !strings.Contains(html, `<html lang="`+lang+`" dir="`+dir+`"`) {
					t.Errorf("%s: language or direction is wrong", lang+path)
				}
				if !strings.Contains(html, `id="exit" href="https://www.wikipedia.org/" rel="nofollow noreferrer noopener"`) {
					t.Errorf("%s: no way to leave at once", lang+path)
				}
				if got := rec.Header().Get("Cache-Control"); got != "no-store" {
					t.Errorf("%s: Cache-Control %q", lang+path, got)
				}
				if strings.Contains(html, `href="/`+lang) != (base == "") {
					t.Errorf("%s%s: links leave the programme", base, lang+path)
				}
			}
		}
	}
}

// The second time that a page is made, what can't change was put into it: it is
// the same page.
func TestTheSecondPageIsTheFirst(t *testing.T) {
	w := newWorld(t)
	w.told(2)
	w.site.HoldNothing()
	for _, lang := range []string{"en", "da", "ar"} {
		seen := map[string]string{}
		for range 2 {
			for _, path := range append([]string{"/nothing", "/embed/fraud", "/help/service/" + w.config.Help().Services[1].ID}, paths...) {
				html := receiptField.ReplaceAllString(w.get("/"+lang+path).Body.String(), "")
				if first, ok := seen[path]; ok && first != html {
					t.Errorf("%s in %s differs:\n%s\nwas\n%s", path, lang, html, first)
				}
				seen[path] = html
			}
		}
	}
}

var asked = regexp.MustCompile(`(?:src|href|action|formaction|srcset|poster)="([^"]*)"`)

// The only address of another site on any page is that of the way out, which
// nobody asks for without pressing it.
func TestPagesAskNothingOfOtherSites(t *testing.T) {
	w := newWorld(t)
	for _, path := range paths {
		html := w.get("/en" + path).Body.String()
		for _, m := range asked.FindAllStringSubmatch(html, -1) {
			address := m[1]
			if strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") || strings.HasPrefix(address, "#") || strings.HasPrefix(address, "tel:") {
				continue
			}
			if address != "https://www.wikipedia.org/" {
				t.Errorf("%s asks for %s", path, address)
			}
		}
		for _, bad := range []string{"<style", "style=", "onclick", "onload", "javascript:"} {
			if strings.Contains(html, bad) {
				t.Errorf("%s holds %s, which the policy forbids", path, bad)
			}
		}
	}
}

// A link to a script that visitors may compare (/how) loads nothing.
var built = regexp.MustCompile(`(?:src|<link[^>]* href)="(/static/[^"]+)"`)

// Whoever compares what we give to visitors finds everything that can run, the
// module that cleans files among it.
func TestTheWayListsAllThatRuns(t *testing.T) {
	w := newWorld(t)
	html, listed := w.get("/en/how").Body.String(), 0
	for _, f := range w.config.Assets.Files() {
		if !strings.HasPrefix(f.Name, "portal-") && f.Name != "scrub.wasm" || strings.HasSuffix(f.Name, ".css") {
			continue // check.wasm runs at the desk alone
		}
		listed++
		if !strings.Contains(html, ">"+f.Name+"<") || !strings.Contains(html, f.SHA256) {
			t.Errorf("%s is not listed with its hash", f.Name)
		}
	}
	if listed < 3 {
		t.Errorf("only %d files were looked for", listed)
	}
}

// The module that cleans files is loaded over a phone's line when one is chosen.
func TestTheCleaningModuleIsSmall(t *testing.T) {
	w := newWorld(t)
	module, ok := w.config.Assets.Get("scrub.wasm")
	if !ok {
		t.Fatal("this build has no cleaning module: run make assets")
	}
	r := httptest.NewRequest(http.MethodGet, module.URL, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || rec.Body.Len() > 1_500_000 || rec.Body.Len() < 100_000 {
		t.Errorf("%d, %d bytes on the wire, more than 1,500,000", rec.Code, rec.Body.Len())
	}
	t.Logf("%d bytes on the wire", rec.Body.Len())
}

// The budget of a page: 100 KB on the wire with all that it loads, in gzip,
// which every browser and every way takes.
func TestAPageWeighsLittle(t *testing.T) {
	w := newWorld(t)
	for _, path := range paths {
		total := 0
		fetch := func(address string) string {
			r := httptest.NewRequest(http.MethodGet, address, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			if rec.Code != http.StatusOK {
				t.Fatalf("%s: %d", address, rec.Code)
			}
			total += rec.Body.Len()
			var body io.Reader = rec.Body
			if rec.Header().Get("Content-Encoding") == "gzip" {
				zipped, err := gzip.NewReader(rec.Body)
				check(t, err)
				body = zipped
			}
			b, err := io.ReadAll(body)
			check(t, err)
			return string(b)
		}
		html := fetch("/ar" + path)
		for _, m := range built.FindAllStringSubmatch(html, -1) {
			fetch(m[1])
		}
		if strings.HasSuffix(path, "report") || strings.HasSuffix(path, "mailbox") {
			for _, m := range regexp.MustCompile(`"ar":"(/static/words-ar[^"]+)"`).FindAllStringSubmatch(html, -1) {
				fetch(strings.ReplaceAll(m[1], `\/`, "/"))
			}
			fetch("/api/roster/text")
		}
		t.Logf("%-8s %d bytes", path, total)
		if total > 100_000 {
			t.Errorf("%s weighs %d bytes, more than 100,000", path, total)
		}
	}
}

func TestTheFrontDoorSpeaksTheVisitorsLanguage(t *testing.T) {
	w := newWorld(t)
	for header, want := range map[string]string{"": "/en", "da": "/da", "ar-EG,en;q=0.5": "/ar", "fr": "/en"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", header)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != want {
			t.Errorf("%q: %d %s, want %s", header, rec.Code, rec.Header().Get("Location"), want)
		}
	}
}

func TestWhatIsNotThereIsSaidInWords(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/fr", "/en/nothing", "/p/other/en", "/p/", "/static/x.js", "/en/report/x"} {
		rec := w.get(path)
		if rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	if html := w.get("/da/nothing").Body.String(); !strings.Contains(html, "Siden findes ikke") {
		t.Errorf("the page is not in the visitor's language:\n%s", html)
	}
	if len(w.failed) != 0 {
		t.Errorf("the operator was troubled: %v", w.failed)
	}
}

func TestWithoutAValidRosterNothingCanBeWritten(t *testing.T) {
	w := newWorld(t)
	w.registry.none = true
	if rec := w.get("/en/report"); rec.Code != http.StatusGone || strings.Contains(rec.Body.String(), "<textarea") {
		t.Errorf("the form is shown although nothing could be sealed: %d", rec.Code)
	}
	if rec := w.get("/api/roster"); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("roster: %d", rec.Code)
	}
}

var regexpNoscript = regexp.MustCompile(`(?s)<noscript>.*?</noscript>`)

// The button that sends in clear exists only where no script runs, and the
// form around it sends nothing by itself.
func TestAFailingScriptCanNotSendInClear(t *testing.T) {
	html := newWorld(t).get("/en/report").Body.String()
	withoutNoscript := regexpNoscript.ReplaceAllString(html, "")
	for _, bad := range []string{"formaction", `type="submit"`, "formmethod", `name="receipt"`} {
		if strings.Contains(withoutNoscript, bad) {
			t.Errorf("outside of noscript stands %s", bad)
		}
	}
	for _, m := range regexp.MustCompile(`<form[^>]*>`).FindAllString(withoutNoscript, -1) {
		if !strings.Contains(m, `method="dialog"`) {
			t.Errorf("this form would send itself: %s", m)
		}
	}
	for _, m := range regexp.MustCompile(`<button[^>]*>`).FindAllString(withoutNoscript, -1) {
		if !strings.Contains(m, `type="button"`) {
			t.Errorf("this button would send the form: %s", m)
		}
	}
}

func TestOtherSitesCanNotPost(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/en/report", "/en/mailbox", "/en/training/grooming", "/en/training/grooming/certificate", "/api/submit", "/api/mailbox/delete"} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://evil.example")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", path, rec.Code)
		}
	}
}

func TestOnlyTheOperatorHearsOfOurOwnFaults(t *testing.T) {
	w := newWorld(t)
	w.intake.err = fault.Wrap(fault.Unavailable, "We can't keep it now.", http.ErrBodyNotAllowed)
	r := httptest.NewRequest(http.MethodPost, "/api/submit", strings.NewReader("x"))
	r.Header.Set("Content-Type", "application/octet-stream")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusServiceUnavailable || rec.Body.String() != "{\"error\":\"We can't keep it now.\"}\n" {
		t.Errorf("answer %d %s", rec.Code, rec.Body)
	}
	if len(w.failed) != 1 || !strings.HasPrefix(w.failed[0], "submit: ") {
		t.Errorf("the operator heard %v", w.failed)
	}
}

func TestThePageSaysWhenTheDeskReads(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-23T09:30:00Z": "Somebody is reading reports right now.",
		"2026-11-23T05:30:00Z": "Reports are read again today at 08:00 (Copenhagen).",
		"2026-11-23T20:30:00Z": "Reports are read again on Tuesday at 08:00 (Copenhagen).",
		"2026-11-27T23:30:00Z": "Reports are read again on Monday at 08:00 (Copenhagen).", // already Saturday there
	} {
		w := newWorld(t)
		moment, err := time.Parse(time.RFC3339, at)
		check(t, err)
		w.config.Clock = clock.Fixed(moment)
		w.build()
		form := w.filled("en")
		form["desk"] = []string{w.police.String()}
		if html := w.post("/en/report", form).Body.String(); !strings.Contains(html, want) {
			t.Errorf("%s: the page lacks %q", at, want)
		}
	}
}

// The microphone is for the two pages on which a voice message is recorded;
// nothing else is for any page.
func TestOnlyPagesThatTakeFilesMayListen(t *testing.T) {
	w := newWorld(t)
	if _, ok := w.config.Assets.Get("scrub.wasm"); !ok {
		t.Fatal("this build has no cleaning module: run make assets")
	}
	w.config.TakesFiles = true
	w.build()
	for _, path := range paths {
		policy := w.get("/en" + path).Header().Get("Permissions-Policy")
		want := 0
		if path == "/report" || path == "/mailbox" {
			want = 1
		}
		if strings.Count(policy, "(self)") != want || strings.Contains(policy, "microphone=(self)") != (want == 1) || strings.Contains(policy, "*") {
			t.Errorf("%s: %s", path, policy)
		}
	}
}
