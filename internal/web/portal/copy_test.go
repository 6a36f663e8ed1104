// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

var (
	inlineStyle = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	metaPolicy  = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`)
)

// One file that needs nothing beside itself: no script, no request, no link
// but to its own places and to telephones, its style allowed by its hash alone.
func TestTheCopyNeedsNothingBesideItself(t *testing.T) {
	w := newWorld(t)
	w.config.Address = "https://tips.example.org"
	w.build()
	for _, lang := range []string{"en", "da", "ar"} {
		rec := w.get("/p/nord/" + lang + "/help/copy.html")
		page := rec.Body.String()
		dir := map[string]string{"en": "ltr", "da": "ltr", "ar": "rtl"}[lang]
		if rec.Code != http.StatusOK || !strings.Contains(page, `<html lang="`+lang+`" dir="`+dir+`">`) {
			t.Fatalf("%s: %d", lang, rec.Code)
		}
		if got := rec.Header().Get("Content-Disposition"); got != `attachment; filename="numbers-`+lang+`-2026-11-23.html"` {
			t.Errorf("%s: %s", lang, got)
		}
		for _, m := range asked.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "tel:") {
				t.Errorf("%s leads to %s", lang, m[1])
			}
			if id, ok := strings.CutPrefix(m[1], "#"); ok && !strings.Contains(page, `id="`+id+`"`) {
				t.Errorf("%s leads to %s, which is not there", lang, m[1])
			}
		}
		for _, bad := range []string{"<script", "<link", "<img", "<form", "url(", "@import", "style=", "onclick", "http:", "/static/"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s holds %s", lang, bad)
			}
		}
		style := inlineStyle.FindStringSubmatch(page)
		if style == nil {
			t.Fatalf("%s has no style", lang)
		}
		sum := sha256.Sum256([]byte(style[1]))
		want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
		if m := metaPolicy.FindStringSubmatch(page); m == nil || html.UnescapeString(m[1]) != want || strings.Index(page, m[0]) > strings.Index(page, "<style>") {
			t.Errorf("%s: the file's policy is %q, want %q before the style", lang, m, want)
		}
		if got := rec.Header().Get("Content-Security-Policy"); got != want+"; frame-ancestors 'none'" {
			t.Errorf("%s: the answer's policy is %q", lang, got)
		}
		if !strings.Contains(page, "https://tips.example.org/p/nord/"+lang+"/help</bdi>") {
			t.Errorf("%s does not say where a newer one is", lang)
		}
	}
	if rec := w.get("/en/help/copy"); rec.Header().Get("Content-Disposition") != "" || rec.Code != http.StatusOK {
		t.Errorf("the page to look at: %d %v", rec.Code, rec.Header())
	}
}

func TestTheCopySaysHowOldItIsAndWhatIsStale(t *testing.T) {
	w := newWorld(t)
	data, id := lighthouse()
	w.own(data)
	page := html.UnescapeString(w.get("/da/help/copy").Body.String())
	for _, want := range []string{
		"Det er en kopi fra den 2026-11-23 fra Nordlinjen", `href="tel:112"`, `id="s-` + id + `"`, "Natlinjen", "Fyrtårnet", `href="tel:+4533123456"`, "derefter 7", "(fax)", "somali", "Huset", "Havnegade 7",
		"8000 Aarhus", "Alle & enhver", "Gratis", "Flyttet til nr. 7", "nat@fyr.example", "Tolk bestilles", "Ring i god tid", "mandag–fredag: <bdi dir=\"ltr\">11:00–19:30</bdi>", "lørdag–søndag: Lukket",
		"Efter tiden i Copenhagen.", "Lukket på helligdage.", "<strong>Ingen har endnu set efter",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the copy lacks %q", want)
		}
	}
	if strings.Contains(page, "Åbent nu") || strings.Contains(page, "Lukket nu") {
		t.Error("it says what is open now, which nobody knows when it is read")
	}
	// the starting set a year later: everything is due
	w = newWorld(t)
	w.config.Clock = clock.Fixed(now.AddDate(2, 0, 0))
	w.build()
	if page := w.get("/en/help/copy").Body.String(); !strings.Contains(page, "<strong>We last checked this on") || !strings.Contains(page, "copy of 2028-11-23") {
		t.Error("it does not say what is stale")
	}
}

// A country that the programme has narrows the copy; anything else counts for
// nothing.
func TestACopyOfOneCountry(t *testing.T) {
	w := newWorld(t)
	whole := w.get("/en/help/copy.html").Body.String()
	rec := w.get("/en/help/copy.html?country=DK")
	one := rec.Body.String()
	if !strings.Contains(one, "BørneTelefonen") || strings.Contains(one, `id="c-no"`) || !strings.Contains(whole, `id="c-no"`) || !strings.Contains(rec.Header().Get("Content-Disposition"), "numbers-dk-en-") {
		t.Error("it is not Denmark alone")
	}
	for _, q := range []string{"country=GB", "country=%22%3E%3Cscript%3E", "country=dk%0d%0aX:1", "country=", "x=1&country=" + strings.Repeat("A", 9000)} {
		rec := w.get("/en/help/copy.html?" + q)
		if rec.Code != http.StatusOK || rec.Body.String() != whole || strings.Contains(rec.Header().Get("Content-Disposition"), "-dk-") {
			t.Errorf("%.40s: %d, another copy", q, rec.Code)
		}
	}
	for _, path := range []string{"/en/help", "/en/help/pack"} {
		if page := w.get(path).Body.String(); !strings.Contains(page, `href="/en/help/copy.html" download`) || !strings.Contains(page, `href="/en/help/copy.html?country=DK" download`) {
			t.Errorf("%s does not lead to the copy", path)
		}
	}
	w.config.Help = nil
	w.build()
	for _, path := range []string{"/en/help/copy", "/en/help/copy.html"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s without a directory: %d", path, rec.Code)
		}
	}
}

// However much there is to say, the file stays within its bound, and says what
// it leaves out.
func TestTheCopyIsBounded(t *testing.T) {
	w := newWorld(t)
	d := &hsds.Dataset{}
	record(d, "organization", "id", hsds.MakeID("org"), "name", "Big")
	for n := range 900 {
		id := hsds.MakeID("service", fmt.Sprint(n))
		long := strings.Repeat(fmt.Sprintf("<b>& %d æøå ", n), 3000)
		record(d, "service", "id", id, "organization_id", hsds.MakeID("org"), "name", fmt.Sprintf("Service %03d", n), "description", long, "status", "active", "eligibility_description", long, "alert", long, "fees_description", long)
		for p := range 20 {
			record(d, "phone", "id", hsds.MakeID("p", fmt.Sprint(n, p)), "service_id", id, "number", fmt.Sprintf("+45 33 %02d %03d", p, n), "description", "line")
		}
	}
	w.own(d)
	start := time.Now()
	page := w.get("/en/help/copy").Body.String()
	t.Logf("%d bytes, %d articles, %v", len(page), strings.Count(page, "<article"), time.Since(start))
	if len(page) > 1<<20 || strings.Count(page, "<article") < 100 {
		t.Errorf("%d bytes with %d services", len(page), strings.Count(page, "<article"))
	}
	if !strings.Contains(page, "more are on the site only.") {
		t.Error("it does not say that some are left out")
	}
	if strings.Contains(page, "\ufffd") {
		t.Error("a text is cut within a letter")
	}
	first := `id="s-` + hsds.MakeID("service", "0") + `"`
	if strings.Count(page, first) > 1 {
		t.Error("a place has the same name twice")
	}
}

// The whole way in a browser: one document is kept, whatever a person asks and
// looks at; without a network every question leads to it.
func TestTheListOfHelpIsThereWithoutANetwork(t *testing.T) {
	var copies atomic.Int32
	l := newLine(t, func(path string) {
		if strings.HasSuffix(path, "/help/copy") {
			copies.Add(1)
		}
	})
	s, b, visit := l.site, l.tab, l.visit
	service := s.config.Help().Services[3].ID
	stored := func() string {
		return later[string](b, `caches.keys().then(ks => Promise.all(ks.map(k => caches.open(k).then(c => c.keys().then(rs => rs.map(r => k + ' ' + r.url))))).then(l => l.flat().filter(l => l.includes('/help')).join('\n')))`)
	}
	visit("/en/help")
	l.keep()
	want := "turnstone-help " + s.url + "/en/help/copy"
	if got := stored(); got != want {
		t.Fatalf("kept is %q, want %q", got, want)
	}
	for _, path := range []string{"/en/help?country=DK&about=home&near=Aarhus", "/en/help/service/" + service, "/en/help/pack?about=fraud", "/en/help"} {
		if text := visit(path); strings.Contains(text, "This is a copy") || !later[bool](b, `navigator.serviceWorker.controller !== null`) {
			t.Errorf("%s with a network: %.100q", path, text)
		}
	}
	if got := stored(); got != want || copies.Load() != 1 {
		t.Errorf("kept is %q after looking around, asked for %d times", got, copies.Load())
	}
	// an old copy becomes new when any page that is kept is read
	later[bool](b, `caches.open('turnstone-help').then(c => c.put('/en/help/copy', new Response('old', {headers: {date: 'Mon, 02 Nov 2026 09:00:00 GMT'}}))).then(() => true)`)
	visit("/en/advice/overdose")
	for deadline := time.Now().Add(patience); copies.Load() < 2 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
	}
	b.until(`(caches.open('turnstone-help').then(c => c.match('/en/help/copy')).then(r => r.text()).then(t => { window.kept = t }), window.kept?.includes('This is a copy'))`)
	l.down.Store(true)
	for _, path := range []string{"/en/help?country=DK&about=home&near=Aarhus", "/en/help", "/en/help/pack", "/en/help/copy", "/en/help/copy?x=1"} {
		text := visit(path)
		if !strings.Contains(text, "This is a copy of 2026-11-23") || !strings.Contains(text, "may have changed") || !strings.Contains(text, "BørneTelefonen") {
			t.Errorf("%s without a network: %.200q", path, text)
		}
		if at := ask[string](b, `location.pathname + location.search`); at != "/en/help/copy" {
			t.Errorf("%s leads to %s", path, at)
		}
	}
	if color := ask[string](b, `getComputedStyle(document.querySelector('.w')).backgroundColor`); color != "rgb(244, 239, 230)" {
		t.Errorf("the copy has no style: %s", color)
	}
	visit("/en/help/service/" + service)
	if at := ask[string](b, `location.pathname + location.hash`); at != "/en/help/copy#s-"+service {
		t.Errorf("a service leads to %s", at)
	}
	for _, path := range []string{"/en/report", "/en/mailbox", "/da/help"} {
		if text := visit(path); strings.Contains(text, "copy") || strings.Contains(text, "kopi") || strings.Contains(text, "Tell us") {
			t.Errorf("%s came from somewhere without a network: %.200q", path, text)
		}
	}
	l.down.Store(false)
	l.forgets()
}
