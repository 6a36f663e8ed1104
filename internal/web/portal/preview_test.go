// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/web/portal"
)

// A preview is the page that the public would read, and changes nothing of what
// it reads; no address, header or cookie from outside brings one.
func TestAPreviewIsThePageAndStaysInside(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	site, err := portal.New(w.config)
	check(t, err)
	handler := site.Handler()
	get := func(path string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("X-Preview", "1")
		r.Header.Set("Cookie", "preview=1")
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		return rec.Body.String()
	}
	slug := w.registry.programmes[0].Slug
	same, err := site.Preview(slug, "/da/crimes/fraud", w.content)
	check(t, err)
	if got := get("/p/" + slug + "/da/crimes/fraud"); got != string(same) {
		t.Error("a preview of what is shown is not the page that is shown")
	}
	old, err := fs.ReadFile(prevent.Files(), "crimes/fraud.da.md")
	check(t, err)
	fresh := regexp.MustCompile(`(?m)^title: .*$`).ReplaceAll(old, []byte(`title: "<script>alert(1)</script> & Kladde"`))
	c, err := prevent.Load(fstest.MapFS{"crimes/fraud.da.md": {Data: fresh}}, []string{"en", "da", "ar"})
	check(t, err)
	for range 2 {
		body, err := site.Preview(slug, "/da/crimes/fraud", c)
		check(t, err)
		if !strings.Contains(string(body), "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Kladde") || strings.Contains(string(body), "<script>alert") {
			t.Error("the preview does not show the draft, or not as words")
		}
		if strings.Contains(get("/p/"+slug+"/da/crimes/fraud?preview=1"), "Kladde") || strings.Contains(get("/p/"+slug+"/da/crimes"), "Kladde") {
			t.Error("the public reads a draft")
		}
	}
	for _, path := range []string{"/da/crimes/nothing", "/xx/crimes/fraud", "/da/report/../crimes"} {
		if body, err := site.Preview(slug, path, c); err == nil && strings.Contains(string(body), "Kladde") {
			t.Errorf("%s is previewed", path)
		}
	}
}
