// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// A worker may see the part of the site that its script's answer names, and
// nothing gives a script for any other.
func TestNoWorkerMaySeeAReport(t *testing.T) {
	w := newWorld(t)
	ask := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Service-Worker", "script")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
	for _, root := range []string{"/en", "/p/nord/ar"} {
		for _, part := range []string{"advice", "crimes", "training", "connected", "help"} {
			rec := ask(root + "/" + part + "/offline.js")
			if rec.Code != http.StatusOK || rec.Header().Get("Service-Worker-Allowed") != root+"/"+part || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/javascript") {
				t.Errorf("%s/%s: %d %v", root, part, rec.Code, rec.Header())
			}
		}
		for _, path := range []string{"/report/offline.js", "/mailbox/offline.js", "/offline.js", "/offline", "/report", ""} {
			if rec := ask(root + path); rec.Code < 400 {
				t.Errorf("%s gives a script for a worker: %d", root+path, rec.Code)
			}
		}
	}
	for _, f := range w.config.Assets.Files() {
		if rec := ask(f.URL); rec.Code != http.StatusForbidden {
			t.Errorf("%s may become a worker: %d", f.URL, rec.Code)
		}
	}
	for _, path := range paths {
		if path == "/offline" {
			continue // where a person asks for it
		}
		rec := w.get("/en" + path)
		if policy := rec.Header().Get("Content-Security-Policy"); strings.Contains(policy, "offline") || rec.Header().Get("Service-Worker-Allowed") != "" {
			t.Errorf("%s may start a worker: %s", path, policy)
		}
	}
}

// later evaluates an expression and waits for what it promises.
func later[T any](b tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// The whole way in a browser: nothing is kept before a person asks; afterwards
// what was read is there without a network; the form and the mailbox never
// were in a worker's hands; and what was kept goes when it is told to.
func TestWhatWasReadIsThereWithoutANetwork(t *testing.T) {
	var down atomic.Bool
	s, b := newSite(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if down.Load() {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
	visit := func(path string) string {
		t.Helper()
		_, _ = chromedp.Run(b.ctx, chromedp.Navigate(s.url+path)) // an error is a page of the browser's own
		text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body?.innerText ?? ""`))
		check(t, err)
		return text
	}
	visit("/en/advice/overdose")
	if n := later[int](b, `caches.keys().then(k => k.length)`); n != 0 {
		t.Fatalf("%d stores before anybody asked", n)
	}
	visit("/en/offline")
	b.do(chromedp.Click("#offline-keep"))
	b.until(`document.querySelector('#offline-said').textContent !== ''`)
	if said := later[string](b, `document.querySelector('#offline-said').textContent`); !strings.Contains(said, "kept") {
		t.Fatalf("the page says %q", said)
	}
	// an attacker who runs script even on this page gets no worker for the rest
	for _, scope := range []string{"/", "/en", "/en/report", "/en/mailbox"} {
		got := later[string](b, `(() => { try { return navigator.serviceWorker.register('/en/advice/offline.js', {scope: '`+scope+`'}).then(() => 'registered', e => e.name) } catch (e) { return e.name } })()`)
		if got == "registered" {
			t.Errorf("a worker sees %s", scope)
		}
	}
	visit("/en/advice/overdose")
	visit("/en/crimes/fraud")
	for _, path := range []string{"/en/report", "/en/mailbox", "/en", "/en/search?q=grey+van", "/en/danger"} {
		visit(path)
		if later[bool](b, `navigator.serviceWorker.controller !== null`) {
			t.Errorf("a worker has %s in its hands", path)
		}
	}
	stored := later[string](b, `caches.keys().then(ks => Promise.all(ks.map(k => caches.open(k).then(c => c.keys())))).then(l => l.flat().map(r => new URL(r.url).pathname + new URL(r.url).search).join('\n'))`)
	for _, bad := range []string{"report", "mailbox", "search", "/api/", "danger", "words-", "\n/en\n"} {
		if strings.Contains(stored, bad) {
			t.Errorf("%s is kept:\n%s", bad, stored)
		}
	}
	for _, want := range []string{"/en/advice/overdose", "/en/crimes/fraud", "/static/portal."} {
		if !strings.Contains(stored, want) {
			t.Errorf("%s is not kept:\n%s", want, stored)
		}
	}
	down.Store(true)
	for path, want := range map[string]string{"/en/advice/overdose": "Call for an ambulance at once.", "/en/crimes/fraud": "Fraud and scams", "/en/advice": "Advice, step by step"} {
		if text := visit(path); !strings.Contains(text, want) {
			t.Errorf("%s without a network: %.200q", path, text)
		}
	}
	if sheets := later[int](b, `document.styleSheets.length`); sheets == 0 {
		t.Error("the page without a network has no style")
	}
	for _, path := range []string{"/en/report", "/en/mailbox", "/en/advice/found-a-gun"} {
		if text := visit(path); strings.Contains(text, "Tell us") || strings.Contains(text, "ten words") || strings.Contains(text, "ammunition") {
			t.Errorf("%s came from somewhere without a network: %.200q", path, text)
		}
	}
	down.Store(false)
	visit("/en/offline")
	b.forgets(t)
}

// forgets presses the button that ends keeping, and demands that nothing is left.
func (b tab) forgets(t *testing.T) {
	t.Helper()
	b.do(chromedp.Click("#offline-forget"))
	b.until(`document.querySelector('#offline-said').textContent !== ''`)
	if n := later[int](b, `Promise.all([caches.keys(), navigator.serviceWorker.getRegistrations()]).then(([k, r]) => k.length + r.length)`); n != 0 {
		t.Errorf("%d stores and workers are left", n)
	}
}
