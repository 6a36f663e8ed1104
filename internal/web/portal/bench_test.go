// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/invent"
)

// kind is a kind of page that anybody may ask for, with its address below the
// language, and what is sent to it.
type kind struct {
	name, path string
	send       url.Values
}

// kinds are all of them. What is sent to a mailbox or as a report is measured
// by `turnstone bench intake`.
func kinds(t testing.TB) []kind {
	t.Helper()
	content, err := prevent.BuiltIn([]string{"en"})
	check(t, err)
	quiz, _ := content.Quiz("grooming")
	answers := url.Values(quizForm(quiz, 0))
	answers.Set("name", "Quokka")
	list := []kind{}
	for _, pair := range [][2]string{
		{"start page", ""},
		{"in danger", "/danger"},
		{"hide", "/hide"},
		{"how it works", "/how"},
		{"form", "/report"},
		{"mailbox", "/mailbox"},
		{"kinds of crime", "/crimes"},
		{"a kind of crime", "/crimes/drugs"},
		{"poster", "/crimes/fraud/poster"},
		{"card for other sites", "/embed/fraud"},
		{"connected", "/connected"},
		{"all advice", "/advice"},
		{"advice for a moment", "/advice?crime=fraud&moment=now"},
		{"a card", "/advice/overdose"},
		{"all training", "/training"},
		{"a quiz", "/training/grooming"},
		{"search, not asked", "/search"},
		{"search, many hits", "/search?q=112+police+bank"},
		{"search, 8 words", "/search?q=bank+phone+call+code+money+child+drug+fire"},
		{"search, nothing", "/search?q=pasword"},
		{"offline", "/offline"},
		{"worker", "/advice/offline.js"},
		{"help, not asked", "/help"},
		{"help, results", "/help?country=DK&near=Aarhus&about=fraud&open=yes"},
		{"help, everything", "/help?country="},
		{"list of help", "/help/pack"},
		{"a service", "/help/service/{service}"},
		{"figures", "/came-of-it"},
		{"figures, earlier", "/came-of-it/1"},
		{"figures as JSON", "/came-of-it/1/figures.json"},
		{"figures as CSV", "/came-of-it/1/figures.csv"},
		{"feed", "/feed.xml"},
		{"site map", "/../sitemap.xml"},
		{"share picture", "/picture/crimes/fraud.png"},
		{"no such page", "/nothing"},
	} {
		list = append(list, kind{name: pair[0], path: pair[1]})
	}
	return append(list, kind{"answers to a quiz", "/training/grooming", answers}, kind{"certificate", "/training/grooming/certificate", answers})
}

// BenchmarkPages asks for every kind of page, in two languages, by a site that
// knows its address and one that doesn't, on all cores at once, through every
// layer but the network, compressed as browsers take it. It gives pages a second,
// the time that 99 of 100 took at most, the bytes on the wire, and the
// processor's time for a page, which tells what a crowded machine hides.
func BenchmarkPages(b *testing.B) {
	for _, address := range []string{"https://tips.example.org", ""} {
		for _, lang := range []string{"en", "ar"} {
			for _, k := range kinds(b) {
				name := strings.ReplaceAll(k.name, " ", "_") + "/" + lang + "/known"
				if address == "" {
					name = strings.TrimSuffix(name, "known") + "unknown"
				}
				b.Run(name, func(b *testing.B) {
					w := newWorld(b)
					w.config.Address = address
					w.told(2)
					k := k
					k.path = "/" + lang + strings.Replace(k.path, "{service}", w.config.Help().Services[3].ID, 1)
					k.path = strings.Replace(k.path, "/"+lang+"/../", "/", 1)
					measure(b, w.handler, k)
				})
			}
		}
	}
}

// BenchmarkHelp asks a directory of 100,000 services, in a minute that everybody
// asks in and in one of which nothing is known yet.
func BenchmarkHelp(b *testing.B) {
	index := directory.NewIndex(directory.New(invent.Dataset(100_000)))
	for _, k := range []kind{
		{name: "near, open, Somali", path: "/en/help?near=Aarhus&language=so&open=yes"},
		{name: "near, open", path: "/ar/help?near=Aarhus&open=yes"},
		{name: "everything", path: "/en/help?country="},
		{name: "everything, last page", path: "/en/help?page=1000"},
		{name: "not asked", path: "/en/help"},
		{name: "list", path: "/en/help/pack"},
		{name: "a kind of crime", path: "/en/crimes/fraud"},
		{name: "poster", path: "/ar/crimes/fraud/poster"},
	} {
		for _, fresh := range []bool{false, true} {
			b.Run(strings.ReplaceAll(k.name, " ", "_")+"/new_minute="+strconv.FormatBool(fresh), func(b *testing.B) {
				w := newWorld(b)
				at := &minutes{now: now}
				w.config.Clock, w.config.Help = at, func() *directory.Index { return index }
				if fresh {
					at.step = time.Minute
				}
				w.build()
				measure(b, w.handler, k)
			})
		}
	}
}

// mostWork is what a page of help may cost the processor with 100,000 services,
// in a minute of which nothing is known yet. It takes about 1.5 milliseconds, on a
// crowded machine up to 4. The clock on the wall is not asked: it tells how many others
// are at work here.
const mostWork = 12 * time.Millisecond

// Near me, open now, in Somali, among 100,000 services.
func TestALargeDirectoryAnswersQuickly(t *testing.T) {
	if raceDetector {
		t.Skip("measures time: the race detector takes ten times as much")
	}
	services, pages, most := 100_000, 300, mostWork
	if testing.Short() {
		services, most = 25_000, mostWork/2 // the page itself takes as long
	}
	index := directory.NewIndex(directory.New(invent.Dataset(services)))
	w := newWorld(t)
	w.config.Clock, w.config.Help = &minutes{now: now, step: time.Minute}, func() *directory.Index { return index }
	w.build()
	k := kind{path: "/en/help?near=Aarhus&language=so&open=yes"}
	runtime.GC() // what was made before is not part of it
	before := processor(t)
	for range pages {
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, k.ask())
		if rec.Code != http.StatusOK || rec.Body.Len() < 2000 {
			t.Fatalf("%d, %d bytes", rec.Code, rec.Body.Len())
		}
	}
	cost := (processor(t) - before) / time.Duration(pages)
	t.Logf("%d services: %v of the processor for a page", services, cost)
	if cost > most {
		t.Errorf("a page takes %v of the processor, at most %v", cost, most)
	}
}

// minutes is a clock that goes on by a step whenever somebody looks.
type minutes struct {
	mu   sync.Mutex
	now  time.Time
	step time.Duration
}

func (m *minutes) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(m.step)
	return m.now
}

// ask returns a request for a page.
func (k kind) ask() *http.Request {
	r := httptest.NewRequest(http.MethodGet, k.path, nil)
	if k.send != nil {
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		for name, values := range k.send {
			_ = form.WriteField(name, values[0]) // a buffer takes everything
		}
		_ = form.Close()
		r = httptest.NewRequest(http.MethodPost, k.path, &b)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Header.Set("Accept-Encoding", "gzip")
	return r
}

func measure(b *testing.B, handler http.Handler, k kind) {
	first := httptest.NewRecorder()
	handler.ServeHTTP(first, k.ask())
	if want := map[string]int{"no such page": http.StatusNotFound}[k.name]; first.Code != max(want, http.StatusOK) {
		b.Fatalf("%s: %d", k.path, first.Code)
	}
	var mu sync.Mutex
	var all []time.Duration
	b.SetParallelism(2)
	b.ResetTimer()
	before := processor(b)
	b.RunParallel(func(pb *testing.PB) {
		var took []time.Duration
		for pb.Next() {
			r := k.ask()
			start := time.Now()
			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, r)
			took = append(took, time.Since(start))
			if rec.Code != first.Code {
				b.Errorf("%s: %d", k.path, rec.Code)
			}
		}
		mu.Lock()
		all = append(all, took...)
		mu.Unlock()
	})
	b.ReportMetric(float64((processor(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/page")
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(first.Body.Len())/1000, "KB")
	b.ReportMetric(0, "ns/op")
}

// processor is the time that this process has had of the processors.
func processor(b testing.TB) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
