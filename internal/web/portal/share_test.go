// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// getFrom asks as a browser that typed the name of a host.
func (w *world) getFrom(host, path string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = host
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// Every page that is shared has a picture, and says what stands on it.
func TestEverySharedPageHasAPicture(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	meta := regexp.MustCompile(`<meta property="og:image" content="https://tips\.example\.org(/[^"]+)">`)
	seen := 0
	for _, lang := range []string{"en", "da", "ar"} {
		for i, path := range []string{"/crimes/fraud", "/advice/overdose", "/training/grooming", "/crimes/maritime"} {
			if testing.Short() && i > 0 {
				continue
			}
			html := w.get("/p/nord/" + lang + path).Body.String()
			m := meta.FindStringSubmatch(html)
			if m == nil || !strings.Contains(html, `property="og:image:alt" content="`) {
				t.Fatalf("%s%s names no picture", lang, path)
			}
			rec := w.get(m[1])
			config, err := png.DecodeConfig(rec.Body)
			if err != nil || config.Width != 1200 || config.Height != 630 || rec.Header().Get("Content-Type") != "image/png" {
				t.Errorf("%s: %d %v %v", m[1], rec.Code, config, err)
			}
			seen++
		}
	}
	if seen == 0 {
		t.Error("no picture was looked at")
	}
	for _, path := range []string{"/en/picture/crimes/none.png", "/en/picture/report/x.png", "/en/picture/crimes/fraud", "/en/picture/..%2f/x.png"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	// the form and the mailbox are nothing to be shared
	for _, path := range []string{"/en/report", "/en/mailbox", "/en/danger", "/en/search?q=bank"} {
		if strings.Contains(w.get(path).Body.String(), "og:") {
			t.Errorf("%s describes itself", path)
		}
	}
}

// Links for elsewhere name the host that the operator says; without one, that
// of the request, but only when it is the name of a host.
func TestWhereTheSiteIs(t *testing.T) {
	w := newWorld(t)
	address := regexp.MustCompile(`<meta property="og:url" content="([^"]*)">`)
	for _, c := range []struct{ address, host, want string }{
		{"", "tips.example.org", "https://tips.example.org/en/crimes/fraud"},
		{"", "127.0.0.1:8080", "http://127.0.0.1:8080/en/crimes/fraud"},
		{"https://real.example/", "evil.example", "https://real.example/en/crimes/fraud"},
		{"https://real.example", "turnstoneexample.onion", "http://turnstoneexample.onion/en/crimes/fraud"},
		{"", "evil.example/x?\"><script>", "/en/crimes/fraud"},
		{"", "user@evil.example", "/en/crimes/fraud"},
		{"", "", "/en/crimes/fraud"},
	} {
		w.config.Address = c.address
		w.build()
		m := address.FindStringSubmatch(w.getFrom(c.host, "/en/crimes/fraud").Body.String())
		if m == nil || m[1] != c.want {
			t.Errorf("%q, asked for %q: %v, want %s", c.address, c.host, m, c.want)
		}
	}
}

// What RFC 4287 demands of a feed: one id, title, updated and author or more
// for the feed, and the same for each entry, ids all different, dates that are
// dates, and links that lead somewhere.
func TestTheFeedIsAtom(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	ids := map[string]bool{}
	for _, lang := range []string{"en", "da", "ar"} {
		rec := w.get("/" + lang + "/feed.xml")
		var feed struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
			ID      []string `xml:"id"`
			Title   []string `xml:"title"`
			Updated []string `xml:"updated"`
			Author  []struct {
				Name string `xml:"name"`
			} `xml:"author"`
			Links []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Entries []struct {
				ID      []string `xml:"id"`
				Title   []string `xml:"title"`
				Updated []string `xml:"updated"`
				Summary string   `xml:"summary"`
				Link    []struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"entry"`
		}
		check(t, xml.Unmarshal(rec.Body.Bytes(), &feed))
		if rec.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" || feed.Lang != lang || len(feed.ID) != 1 || len(feed.Title) != 1 || len(feed.Author) != 1 || feed.Author[0].Name == "" || len(feed.Links) != 2 || feed.Links[0].Rel != "self" {
			t.Errorf("%s: %+v", lang, feed)
		}
		if want := len(w.content.Crimes) + len(w.content.Cards) + len(w.content.Quizzes); len(feed.Entries) != want {
			t.Errorf("%d entries, want %d", len(feed.Entries), want)
		}
		for i, e := range feed.Entries {
			if len(e.ID) != 1 || ids[e.ID[0]] || !strings.HasPrefix(e.ID[0], "urn:uuid:") || len(e.Title) != 1 || e.Title[0] == "" || e.Summary == "" || len(e.Updated) != 1 || len(e.Link) != 1 {
				t.Fatalf("%s: entry %d: %+v", lang, i, e)
			}
			ids[e.ID[0]] = true
			at, err := time.Parse(time.RFC3339, e.Updated[0])
			if err != nil || at.Format(time.RFC3339) > feed.Updated[0] {
				t.Errorf("%v, feed %s", err, feed.Updated[0])
			}
			if path := strings.TrimPrefix(e.Link[0].Href, "https://tips.example.org"); i%9 == 0 && w.get(path).Code != http.StatusOK {
				t.Errorf("%s leads nowhere", path)
			}
		}
	}
	// a page has the same name under another address
	w.config.Address = "https://other.example"
	w.build()
	for id := range ids {
		if all := w.get("/en/feed.xml").Body.String() + w.get("/da/feed.xml").Body.String() + w.get("/ar/feed.xml").Body.String(); !strings.Contains(all, id) {
			t.Fatalf("%s is gone", id)
		}
		break
	}
}

func TestTheSiteMapListsWhatEverybodyMayRead(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	rec := w.get("/sitemap.xml")
	var set struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []struct {
			Loc     string `xml:"loc"`
			LastMod string `xml:"lastmod"`
			Links   []struct {
				Lang string `xml:"hreflang,attr"`
				Href string `xml:"href,attr"`
			} `xml:"http://www.w3.org/1999/xhtml link"`
		} `xml:"url"`
	}
	check(t, xml.Unmarshal(rec.Body.Bytes(), &set))
	if len(set.URLs) < 290 || rec.Body.Len() > 50<<20 {
		t.Errorf("%d pages, %d bytes", len(set.URLs), rec.Body.Len())
	}
	for i, u := range set.URLs {
		path, ours := strings.CutPrefix(u.Loc, "https://tips.example.org/")
		if !ours || len(u.Links) != 3 || strings.HasSuffix(path, "/report") || strings.HasSuffix(path, "/mailbox") {
			t.Errorf("%+v", u)
		}
		if i%11 == 0 {
			if rec := w.get("/" + path); rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "noindex") {
				t.Errorf("%s: %d, or it must not be listed", path, rec.Code)
			}
		}
	}
}

func TestSecurityText(t *testing.T) {
	w := newWorld(t)
	if rec := w.get("/.well-known/security.txt"); rec.Code != http.StatusNotFound {
		t.Errorf("without a contact: %d", rec.Code)
	}
	w.config.SecurityContact, w.config.Address = "mailto:holes@example.org", "https://tips.example.org"
	w.build()
	rec := w.get("/.well-known/security.txt")
	want := "Contact: mailto:holes@example.org\nExpires: 2027-02-21T00:00:00Z\nPreferred-Languages: en, da, ar\nCanonical: https://tips.example.org/.well-known/security.txt\n"
	if rec.Body.String() != want || rec.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%q, want %q", rec.Body, want)
	}
}

// Only the card for other sites may be framed; it runs nothing, sends nothing,
// sets nothing, and its links open outside of the frame.
func TestOnlyTheCardForOtherSitesIsFramed(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/en/embed/fraud", "/p/nord/ar/embed/overdose", "/da/embed/bank-calls-you"} {
		rec := w.get(path)
		html, policy := rec.Body.String(), rec.Header().Get("Content-Security-Policy")
		if rec.Code != http.StatusOK || !strings.Contains(policy, "frame-ancestors *") || strings.Contains(policy, "script-src") || !strings.Contains(policy, "default-src 'none'") || rec.Header().Get("X-Frame-Options") != "" {
			t.Errorf("%s: %d %v", path, rec.Code, rec.Header())
		}
		if strings.Contains(html, "<script") || strings.Contains(html, "<form") || strings.Contains(html, "ts-header__bar") || strings.Contains(html, "ts-exit") || strings.Contains(html, "ts-footer") || strings.Contains(html, "#main") || !strings.Contains(html, `<base target="_blank">`) || len(rec.Header().Values("Set-Cookie")) != 0 {
			t.Errorf("%s:\n%s", path, html)
		}
	}
	for _, path := range append(slices.Clone(paths), "/nothing", "/embed/none", "/feed.xml", "/picture/crimes/fraud.png") {
		rec := w.get("/en" + path)
		if !strings.Contains(rec.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") || rec.Header().Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s may be framed", path)
		}
	}
}

// readCode looks for a QR code in a picture.
func readCode(t *testing.T, picture []byte) (string, error) {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(picture))
	check(t, err)
	source, err := gozxing.NewBinaryBitmapFromImage(img)
	check(t, err)
	got, err := qrcode.NewQRCodeReader().Decode(source, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", err
	}
	return got.GetText(), nil
}

// scan reads the code of the page that is open as a phone does, which looks
// again from nearer when its first picture is not enough: the addresses hold the
// port of the test's server, and a decoder that sees one picture of one size now
// and then takes other marks of a page for a corner of the code. It returns the
// first picture too.
func (b tab) scan(t *testing.T) (got string, shot []byte) {
	t.Helper()
	var last error
	for _, scale := range []float64{1, 2, 1.5} {
		b.do(chromedp.EmulateViewport(1280, 800, chromedp.EmulateScale(scale)))
		near, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		check(t, err)
		if shot == nil {
			shot = near
		}
		if got, last = readCode(t, near); last == nil {
			break
		}
	}
	check(t, last)
	return got, shot
}

// A phone reads the code of a poster as it is drawn, and each poster fits on
// one sheet.
func TestThePosterIsReadAndFitsOnASheet(t *testing.T) {
	s, b := newSite(t, nil)
	pictures := os.Getenv("TURNSTONE_PICTURES")
	crimes := s.content.Crimes
	for _, lang := range []string{"en", "da", "ar"} {
		for i, c := range crimes {
			address := s.url + "/" + lang + "/crimes/" + c.ID
			b.do(chromedp.Navigate(address + "/poster"))
			pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
			check(t, err)
			if n := strings.Count(string(pdf.Data), "/Type /Page\n"); n != 1 {
				t.Errorf("%s in %s has %d sheets", c.ID, lang, n)
			}
			if i%5 != 0 {
				continue
			}
			got, shot := b.scan(t)
			if pictures != "" {
				check(t, os.WriteFile(filepath.Join(pictures, "poster-"+c.ID+"-"+lang+".png"), shot, 0o600))
				check(t, os.WriteFile(filepath.Join(pictures, "poster-"+c.ID+"-"+lang+".pdf"), pdf.Data, 0o600))
			}
			if got != address {
				t.Errorf("the poster of %s leads to %q", c.ID, got)
			}
		}
	}
}

// A page of another site shows the card; a link of it opens outside.
func TestACardIsShownByAnotherSite(t *testing.T) {
	s, b := newSite(t, nil)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><iframe id="card" src="`+s.url+`/en/embed/fraud" width="400" height="600"></iframe><iframe id="form" src="`+s.url+`/en/report" width="400" height="600"></iframe>`)
	}))
	defer other.Close()
	b.do(chromedp.Navigate(other.URL))
	b.until(`document.readyState === 'complete'`)
	// the frames are of another origin: what they show is seen from outside, by
	// whether the browser took them
	frames, err := chromedp.Call(b.ctx, page.GetFrameTree, cdp.Empty{})
	check(t, err)
	shown := map[string]string{}
	for _, f := range frames.FrameTree.ChildFrames {
		shown[f.Frame.URL] = f.Frame.UnreachableURL
	}
	if blocked, ok := shown[s.url+"/en/embed/fraud"]; !ok || blocked != "" {
		t.Errorf("the card is not shown: %v", shown)
	}
	if _, ok := shown[s.url+"/en/report"]; ok {
		t.Errorf("the form is shown in a frame: %v", shown)
	}
}
