// SPDX-License-Identifier: AGPL-3.0-or-later

package static_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/web/static"
)

func TestEveryFileIsServedAsItsNameSays(t *testing.T) {
	set, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Files()) < 5 {
		t.Fatalf("only %d files: was `make assets` run?", len(set.Files()))
	}
	for _, f := range set.Files() {
		for _, coding := range []string{"", "gzip", "gzip;q=0", "br, gzip;q=0.5"} {
			r := httptest.NewRequest(http.MethodGet, f.URL, nil)
			r.Header.Set("Accept-Encoding", coding)
			w := httptest.NewRecorder()
			set.ServeHTTP(w, r)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != f.Type {
				t.Fatalf("%s: %d %q", f.Name, w.Code, w.Header().Get("Content-Type"))
			}
			var body io.Reader = w.Body
			if zipped := w.Header().Get("Content-Encoding") == "gzip"; zipped {
				if coding == "" || coding == "gzip;q=0" {
					t.Errorf("%s: compressed for a browser that said %q", f.Name, coding)
				}
				if w.Body.Len() != f.Compressed() {
					t.Errorf("%s: %d bytes, said %d", f.Name, w.Body.Len(), f.Compressed())
				}
				if body, err = gzip.NewReader(w.Body); err != nil {
					t.Fatal(err)
				}
			}
			b, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(b)
			if hex.EncodeToString(sum[:]) != f.SHA256 || len(b) != f.Size {
				t.Errorf("%s: the bytes are not those of its hash", f.Name)
			}
			if f.Integrity() != "sha256-"+base64.StdEncoding.EncodeToString(sum[:]) {
				t.Errorf("%s: integrity %s", f.Name, f.Integrity())
			}
			if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %q", f.Name, w.Header().Get("Cache-Control"))
			}
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	set, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	css, ok := set.Get("portal.css")
	if !ok {
		t.Fatal("no portal.css")
	}
	for _, tc := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/static/portal.css", 404},
		{"GET", "/static/", 404},
		{"GET", "/static/../static.go", 404},
		{"GET", strings.Replace(css.URL, ".css", ".js", 1), 404},
		{"POST", css.URL, 405},
		{"HEAD", css.URL, 200},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(tc.method, "http://turnstone.example/", nil)
		r.URL.Path = tc.path
		set.ServeHTTP(w, r)
		if w.Code != tc.want {
			t.Errorf("%s %s: %d, want %d", tc.method, tc.path, w.Code, tc.want)
		}
		if tc.method == "HEAD" && w.Body.Len() != 0 {
			t.Errorf("HEAD has a body of %d bytes", w.Body.Len())
		}
	}
	if _, ok := set.Get("nothing.js"); ok {
		t.Error("a file that does not exist was found")
	}
}

// The sheets must bring everything from here: no address of another site, and
// every font under its hashed name.
func TestSheetsAskNothingOfOtherSites(t *testing.T) {
	set, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set.Files() {
		if !strings.HasSuffix(f.Name, ".css") {
			continue
		}
		w := httptest.NewRecorder()
		set.ServeHTTP(w, httptest.NewRequest(http.MethodGet, f.URL, nil))
		css := w.Body.String()
		for _, bad := range []string{"GDS Transport", "@import", "crown", "data:"} {
			if strings.Contains(css, bad) {
				t.Errorf("%s contains %q", f.Name, bad)
			}
		}
		for _, rest := range strings.Split(css, "url(")[1:] {
			address, _, _ := strings.Cut(rest, ")")
			w := httptest.NewRecorder()
			set.ServeHTTP(w, httptest.NewRequest(http.MethodGet, strings.Trim(address, `"'`), nil))
			if w.Code != http.StatusOK {
				t.Errorf("%s asks for %s: %d", f.Name, address, w.Code)
			}
		}
	}
}
