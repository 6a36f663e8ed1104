// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"compress/gzip"
	"encoding/base64"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/invent"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/seal"
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

// hosts are names by which browsers may call a site, and some that somebody
// invents to see what becomes of them.
var hosts = []string{
	"tips.example.org", "turnstoneexample.onion", "evil.example", "evil.example:8443", "127.0.0.1:8080", "[::1]:80", "[2001:db8::1]", "",
	`evil.example"><script>`, "evil.example/../x", "user@evil.example", "evil.example:99999999", "-", strings.Repeat("evil.", 200) + "example", "évil.example", "evil.example\r\nX: y",
}

// A page that is held is byte for byte the page that would be made, with the
// same headers, in each language, for each programme and under each address;
// and it is made anew when the day changes.
func TestAHeldPageIsThePage(t *testing.T) {
	for _, address := range []string{"https://tips.example.org", ""} {
		w, fresh := newWorld(t), newWorld(t)
		fresh.registry, fresh.content = w.registry, w.content
		fresh.config = w.config
		at := &ticking{now}
		for _, one := range []*world{w, fresh} {
			one.config.Address, one.config.Clock = address, at
			one.build()
		}
		fresh.site.HoldNothing()
		for _, path := range append(slices.Clone(paths), "/embed/fraud") {
			for _, base := range []string{"/en", "/p/nord/ar"} {
				samePage(t, w, fresh, hosts[0], base+path)
			}
		}
		for _, path := range []string{"/en/crimes/fraud", "/ar/crimes/fraud/poster", "/en/embed/fraud", "/p/nord/ar/advice/overdose", "/da/training/grooming", "/en/feed.xml", "/sitemap.xml", "/en/report", "/en/help/copy", "/p/nord/ar/help/copy.html"} {
			for _, host := range hosts {
				samePage(t, w, fresh, host, path)
			}
		}
		if fresh.site.Held() != 0 || w.site.Held() < len(paths) {
			t.Fatalf("%d and %d pages are held: this test compares nothing", fresh.site.Held(), w.site.Held())
		}
		if _, page := w.zipped("x.example", "/en/crimes/fraud"); strings.Contains(page, "may be out of date") {
			t.Error("the page is old already")
		}
		at.now = time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
		if _, page := w.zipped("x.example", "/en/crimes/fraud"); !strings.Contains(page, "may be out of date") {
			t.Error("the page of another day is shown")
		}
	}
}

// samePage compares what w holds with what fresh makes.
func samePage(t *testing.T, w, fresh *world, host, path string) {
	t.Helper()
	_, first := w.zipped(host, path)
	rec, again := w.zipped(host, path)
	unzipped := w.getFrom(host, path)
	plain, want := fresh.zipped(host, path)
	without := func(page string) string { return receiptField.ReplaceAllString(page, "") } // it is new each time
	if without(first) != without(again) || without(again) != without(want) || without(unzipped.Body.String()) != without(want) {
		t.Errorf("%s for %q: the pages differ", path, host)
	}
	for _, name := range []string{"Content-Security-Policy", "Permissions-Policy", "Cache-Control", "X-Frame-Options", "Content-Type", "Referrer-Policy", "Set-Cookie"} {
		if got := rec.Header().Values(name); !slices.Equal(got, plain.Header().Values(name)) || !slices.Equal(unzipped.Header().Values(name), got) {
			t.Errorf("%s: %s is %q, else %q", path, name, got, plain.Header().Values(name))
		}
	}
	if rec.Code != plain.Code || len(rec.Header()["Vary"]) > 1 {
		t.Errorf("%s: %d, else %d; it varies by %q", path, rec.Code, plain.Code, rec.Header()["Vary"])
	}
	if strings.Contains(again, "evil") && (!strings.HasPrefix(host, "evil.") || w.config.Address != "") {
		t.Errorf("%s for %q names a host that somebody invented", path, host)
	}
	if strings.Contains(again, ".invalid") {
		t.Errorf("%s for %q: a mark is left", path, host)
	}
}

// Whoever asks under a thousand names, in a thousand ways, makes the site hold no
// page more, and changes nobody's page.
func TestNobodyFillsTheMemoryOrAnothersPage(t *testing.T) {
	w := newWorld(t)
	w.build()
	places := []string{"/en", "/en/crimes/fraud", "/en/crimes/fraud/poster", "/en/advice/overdose", "/en/report", "/en/feed.xml", "/sitemap.xml", "/en/help"}
	before := map[string]string{}
	for _, path := range places {
		_, page := w.zipped("tips.example.org", path)
		before[path] = receiptField.ReplaceAllString(page, "")
	}
	held := w.site.Held()
	for n := range 300 {
		for _, path := range places {
			host := "evil" + strconv.Itoa(n) + ".example"
			if _, page := w.zipped(host, path); strings.Contains(page, "tips.example.org") || strings.Contains(page, "evil"+strconv.Itoa(n-1)+".") {
				t.Fatalf("%s for %s names another visitor's host", path, host)
			}
		}
		w.zipped("evil.example", "/en/crimes/fraud"+strings.Repeat("/", n%3)+"?n="+strconv.Itoa(n))
		w.zipped("evil.example", "/en/crimes/nothing-"+strconv.Itoa(n))
		w.zipped("evil.example", "/p/nothing-"+strconv.Itoa(n)+"/en")
		w.zipped("evil.example", "/x"+strconv.Itoa(n)+"/crimes")
	}
	if now := w.site.Held(); now != held {
		t.Errorf("%d pages are held, %d before", now, held)
	}
	for _, path := range places {
		if _, page := w.zipped("tips.example.org", path); receiptField.ReplaceAllString(page, "") != before[path] {
			t.Errorf("%s has changed", path)
		}
	}
}

// Two people never get one receipt, and one that was given out is kept nowhere.
func TestEveryFormHasAReceiptOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.build()
	seen := map[string]bool{}
	for n := range 400 {
		lang := []string{"en", "da", "ar"}[n%3]
		page := w.getFrom("x.example", "/"+lang+"/report").Body.String()
		if n%2 == 0 {
			_, page = w.zipped("x.example", "/"+lang+"/report")
		}
		m := receiptField.FindAllStringSubmatch(page, -1)
		if len(m) != 1 || seen[m[0][1]] {
			t.Fatalf("%d receipts, or one for the second time", len(m))
		}
		seen[m[0][1]] = true
		raw, err := base64.StdEncoding.DecodeString(html.UnescapeString(m[0][1]))
		check(t, err)
		if _, err := seal.ReceiptFromBytes(raw); err != nil {
			t.Fatalf("%q is no receipt: %v", m[0][1], err)
		}
	}
	if w.site.Held() != 3 {
		t.Errorf("%d forms are held for three languages", w.site.Held())
	}
}

// A change of what a held page is made of is on it at once.
func TestAHeldPageEndsWithWhatItIsMadeOf(t *testing.T) {
	w := newWorld(t)
	at := &ticking{now}
	index := w.config.Help()
	w.config.Clock, w.config.Help = at, func() *directory.Index { return index }
	w.build()
	shows := func(path, text string, want bool) {
		t.Helper()
		if _, page := w.zipped("x.example", path); strings.Contains(page, text) != want {
			t.Errorf("%s shows %q: %v", path, text, !want)
		}
	}
	shows("/en/danger", `tel:112"`, true)
	p := w.registry.programmes[0]
	p.Languages, p.Countries = slices.Clone(p.Languages), slices.Clone(p.Countries)
	p.Countries[0].Emergency = []programme.Emergency{{Number: "911", For: programme.Text{"en": "All"}}}
	shows("/en/danger", `tel:911"`, false)
	w.registry.programmes[0] = p
	shows("/en/danger", `tel:911"`, true)

	shows("/en/report", "is reading reports right now", true)
	at.now = now.Add(12 * time.Hour) // the desk has closed
	shows("/en/report", "is reading reports right now", false)

	shows("/en/help", `value="so"`, false)
	index = directory.NewIndex(directory.New(invent.Dataset(20)))
	shows("/en/help", `value="so"`, true)

	shows("/en", "Ombudsman", true)
	w.draft.Number, w.draft.Previous, w.draft.Desks = w.draft.Number+1, w.registry.published.Roster.Hash(), w.draft.Desks[:1]
	w.publish()
	shows("/en", "Ombudsman", false)
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

// Whatever stands in a title, a list to choose from shows it as it was written.
func TestAListToChooseFromEscapesWhatItShows(t *testing.T) {
	w := newWorld(t)
	old, err := fs.ReadFile(prevent.Files(), "crimes/fraud.en.md")
	check(t, err)
	odd := regexp.MustCompile(`(?m)^title: .*$`).ReplaceAll(old, []byte(`title: '"><b> & </option>'`))
	w.content, err = prevent.Load(fstest.MapFS{"crimes/fraud.en.md": {Data: odd}}, []string{"en", "da", "ar"})
	check(t, err)
	for _, path := range []string{"/en/help", "/en/help?about=fraud", "/en/advice?crime=fraud"} {
		page := w.get(path).Body.String()
		if !strings.Contains(page, `value="fraud"`) || strings.Contains(page, "<b>") || strings.Count(page, "</option>") != strings.Count(page, "<option") {
			t.Errorf("%s:\n%s", path, page)
		}
		if chosen := strings.Contains(page, `<option value="fraud" selected>&#34;&gt;&lt;b&gt; &amp; &lt;/option&gt;</option>`); chosen != strings.Contains(path, "?") {
			t.Errorf("%s: chosen %v", path, chosen)
		}
	}
}

// Whatever an import brought, a service that was found shows it as it was written.
func TestAServiceThatWasFoundEscapesWhatItShows(t *testing.T) {
	w := newWorld(t)
	data := invent.Dataset(1)
	const nasty = `"><b onclick='x()'> & </li>`
	s := data.All("service")[0].Set("name", nasty).Set("description", nasty).Set("url", "https://example.org/"+nasty)
	data.All("address")[0].Set("city", nasty)
	hsds.Describe(data, s, hsds.TermAbout, "da: "+nasty)
	for _, p := range data.All("phone") {
		p.Set("number", nasty+"+45 12")
	}
	index := directory.NewIndex(directory.New(data))
	w.config.Help = func() *directory.Index { return index }
	w.build()
	for _, path := range []string{"/en/help?country=", "/da/help?country=", "/ar/help?near=Aarhus", "/ar/help?country=", "/en/help/service/" + index.Services[0].ID, "/en/help/pack"} {
		page := w.get(path).Body.String()
		if strings.Contains(page, "<b onclick") || strings.Count(page, "<li>")+strings.Count(page, "<li ") != strings.Count(page, "</li>") || !strings.Contains(page, "</html>") {
			t.Errorf("%s:\n%s", path, page)
		}
		if path == "/en/help?country=" && (strings.Count(page, `class="ts-hit"`) != 1 || !strings.Contains(page, "&gt;&lt;b onclick=")) {
			t.Errorf("the service is not shown:\n%s", page)
		}
	}
}

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

// Many ask for the same pages at once, under many names, while the day changes
// and the directory too: each gets the page for its own name, whole.
func TestManyAskForHeldPagesAtOnce(t *testing.T) {
	w := newWorld(t)
	w.config.Clock = &minutes{now: now, step: 20 * time.Minute}
	w.build()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			host := "visitor" + strconv.Itoa(n) + ".example"
			for i := range 60 {
				path := []string{"/en/crimes/fraud", "/en/report", "/ar/advice/overdose", "/en", "/en/help"}[i%5]
				_, page := w.zipped(host, path)
				if !strings.HasSuffix(strings.TrimSpace(page), "</html>") || strings.Count(page, "visitor") != strings.Count(page, host) || i%5 == 0 && !strings.Contains(page, host) {
					t.Errorf("%s for %s: %d bytes", path, host, len(page))
				}
			}
		})
	}
	all.Wait()
}
