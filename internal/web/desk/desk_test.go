// SPDX-License-Identifier: AGPL-3.0-or-later

package desk_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/web/desk"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// site is a desk without rooms: enough for pages that ask none.
func site(t *testing.T, secure bool) http.Handler {
	t.Helper()
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := desk.New(desk.Config{Assets: assets, Questions: &programme.Questionnaires{}, Secure: secure})
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler()
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	h := site(t, false)
	for _, path := range []string{"/log-in", "/nowhere", "/static/nothing.js"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
}

func TestPagesHaveNoScriptOrStyleInThem(t *testing.T) {
	w := httptest.NewRecorder()
	site(t, false).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/log-in", nil))
	body := w.Body.String()
	if w.Code != http.StatusOK || !strings.Contains(body, "data-login") {
		t.Fatalf("the log-in page: %d", w.Code)
	}
	for _, bad := range []string{`<style`, ` style=`, ` onclick=`, `javascript:`, "http://", "https://"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	for _, script := range regexp.MustCompile(`<script[^>]*>`).FindAllString(body, -1) {
		if !strings.Contains(script, `src="/static/`) && !strings.Contains(script, `type="application/json"`) {
			t.Errorf("a script in the page: %s", script)
		}
	}
}

func TestForgedRequestsAreRefused(t *testing.T) {
	h := site(t, false)
	for _, route := range desk.Routes {
		if route.Method != http.MethodPost {
			continue
		}
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://attacker.example"} {
			r := httptest.NewRequest(http.MethodPost, regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(route.Path, "x"), strings.NewReader("{}"))
			r.Header.Set(header, value)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s with %s: %d, want 403", route.Path, header, w.Code)
			}
		}
	}
}

func TestRoutesAreEachThereOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, route := range desk.Routes {
		key := route.Method + " " + route.Path
		if seen[key] {
			t.Errorf("%s twice", key)
		}
		seen[key] = true
		inside := strings.HasPrefix(route.Path, "/p/{programme}/")
		if inside != (route.Access == desk.Inside) || strings.HasPrefix(route.Path, "/at/") != (route.Access == desk.AtPartner) {
			t.Errorf("%s: access %d", key, route.Access)
		}
	}
}

func TestNextLeadsOnlyBackToTheDesk(t *testing.T) {
	h := site(t, false)
	for next, want := range map[string]string{
		"/p/line/inbox": `data-next="/p/line/inbox"`, "//evil.example": `data-next="/"`, "https://evil.example": `data-next="/"`,
		`/p/\evil.example`: `data-next="/"`, "javascript:alert(1)": `data-next="/"`, "/me": `data-next="/me"`,
	} {
		r := httptest.NewRequest(http.MethodGet, "/log-in", nil)
		q := r.URL.Query()
		q.Set("next", next)
		r.URL.RawQuery = q.Encode()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("next %q: the page has no %s", next, want)
		}
	}
}

// FuzzNext demands that no address makes the log-in lead to another site.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{"/", "/p/line/inbox", "//x", "/p//x", "/p/..//x", "/p/\\x", "/me", "https://x", "/p/\n"} {
		f.Add(seed)
	}
	assets, err := static.Load()
	if err != nil {
		f.Fatal(err)
	}
	s, err := desk.New(desk.Config{Assets: assets, Questions: &programme.Questionnaires{}})
	if err != nil {
		f.Fatal(err)
	}
	h := s.Handler()
	found := regexp.MustCompile(`data-next="([^"]*)"`)
	f.Fuzz(func(t *testing.T, next string) {
		r := httptest.NewRequest(http.MethodGet, "/log-in", nil)
		r.URL.RawQuery = url.Values{"next": {next}}.Encode()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		m := found.FindStringSubmatch(w.Body.String())
		if w.Code != http.StatusOK || m == nil {
			t.Fatalf("next %q: %d", next, w.Code)
		}
		to, err := url.Parse(html.UnescapeString(m[1]))
		if err != nil || to.Host != "" || to.Scheme != "" || !strings.HasPrefix(to.Path, "/") || strings.HasPrefix(to.Path, "//") {
			t.Fatalf("next %q leads to %q (%v)", next, m[1], err)
		}
	})
}
