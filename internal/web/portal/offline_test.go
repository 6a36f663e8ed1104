// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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

// The whole way in a browser: nothing is kept before a person asks; afterwards
// what was read is there without a network; the form and the mailbox never
// were in a worker's hands; and what was kept goes when it is told to.
func TestWhatWasReadIsThereWithoutANetwork(t *testing.T) {
	l := newLine(t, nil)
	b, visit := l.tab, l.visit
	visit("/en/advice/overdose")
	if said := l.keep(); !strings.Contains(said, "kept") {
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
	l.down.Store(true)
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
	l.down.Store(false)
	l.forgets()
}
