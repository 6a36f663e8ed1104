// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// zipped asks as a browser does, and unpacks what comes.
func (w *world) zipped(host, path string) (*httptest.ResponseRecorder, string) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	r.Host = host
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	var body io.Reader = rec.Body
	if rec.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(rec.Body)
		check(w.t, err)
		body = z
	}
	b, err := io.ReadAll(body)
	check(w.t, err)
	return rec, string(b)
}

type ticking struct{ now time.Time }

func (c *ticking) Now() time.Time { return c.now }

// A page that is held is byte for byte the page that would be made, with the
// same headers, in each language, for each programme and under each address;
// and it is made anew when the day changes.
func TestAHeldPageIsThePage(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	at := &ticking{now}
	w.config.Clock = at
	w.build()
	for _, path := range append(paths, "/embed/fraud", "/feed.xml") {
		for _, base := range []string{"/en", "/p/nord/ar"} {
			for _, host := range []string{"tips.example.org", "turnstoneexample.onion", "evil.example"} {
				_, first := w.zipped(host, base+path)
				rec, again := w.zipped(host, base+path)
				plain := w.getFrom(host, base+path)
				if strings.HasPrefix(path, "/report") || strings.HasPrefix(path, "/mailbox") {
					continue // its receipt is new each time
				}
				if first != again || again != plain.Body.String() {
					t.Errorf("%s%s for %s: the pages differ", base, path, host)
				}
				for _, name := range []string{"Content-Security-Policy", "Cache-Control", "X-Frame-Options", "Content-Type", "Referrer-Policy"} {
					if rec.Header().Get(name) != plain.Header().Get(name) {
						t.Errorf("%s%s: %s is %q, else %q", base, path, name, rec.Header().Get(name), plain.Header().Get(name))
					}
				}
				if strings.Contains(again, "evil.example") {
					t.Errorf("%s%s names the host that somebody invented", base, path)
				}
			}
		}
	}
	if _, page := w.zipped("x.example", "/en/crimes/fraud"); strings.Contains(page, "may be out of date") {
		t.Error("the page is old already")
	}
	at.now = time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, page := w.zipped("x.example", "/en/crimes/fraud"); !strings.Contains(page, "may be out of date") {
		t.Error("the page of another day is shown")
	}
}

// Nothing is held of what somebody typed, chose or answered.
func TestNothingIsHeldOfWhatSomebodySent(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	w.zipped("x.example", "/en/search?q=quokka")
	w.zipped("x.example", "/en/advice?crime=fraud")
	q, _ := w.content.Quiz("grooming")
	fields := quizForm(q, 0)
	fields["name"] = []string{"Quokka"}
	w.post("/en/training/grooming/certificate", fields)
	for _, path := range []string{"/en/search", "/en/advice", "/en/training/grooming", "/en/training/grooming/certificate"} {
		if _, page := w.zipped("x.example", path); strings.Contains(strings.ToLower(page), "quokka") || strings.Contains(page, "selected") {
			t.Errorf("%s shows what another visitor sent", path)
		}
	}
}

var _ clock.Clock = (*ticking)(nil)

// What an editor changed is on every page at once, held or not: the page, the
// lists, the search and the feed.
func TestAHeldPageEndsWithItsContent(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	places := []string{"/en/crimes/fraud", "/en/crimes", "/en/search?q=zebrafinch", "/en/feed.xml", "/en/embed/fraud"}
	for _, path := range places {
		if _, body := w.zipped("tips.example.org", path); strings.Contains(body, "Truths about the") {
			t.Fatalf("%s says it before it was written", path)
		}
	}
	old, err := fs.ReadFile(prevent.Files(), "crimes/fraud.en.md")
	check(t, err)
	fresh := regexp.MustCompile(`(?m)^title: .*$`).ReplaceAll(old, []byte("title: Truths about the Zebrafinch"))
	w.content, err = prevent.Load(fstest.MapFS{"crimes/fraud.en.md": {Data: fresh}}, []string{"en", "da", "ar"})
	check(t, err)
	for _, path := range places {
		if _, body := w.zipped("tips.example.org", path); !strings.Contains(body, "Truths about the") {
			t.Errorf("%s still shows what it held", path)
		}
	}
}
