// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// publicPages are one of each kind of page that a stranger can open, below the
// language.
func publicPages(h house) []string {
	return []string{
		"", "/danger", "/hide", "/how", "/report", "/mailbox", "/crimes", "/crimes/fraud", "/crimes/child-abuse", "/connected", "/advice", "/advice?crime=fraud", "/advice/strong-passwords", "/search", "/search?q=bank",
		"/search?q=qqqq", "/training", "/training/money-mules", "/help", "/help?country=GB&near=Leeds&about=fraud", "/help?near=Atlantis", "/help?near=newport", "/help/pack", "/help/copy", "/help/service/" + h.Directory.Index().Services[2].ID,
		"/offline", "/crimes/drugs/poster", "/embed/overdose", "/came-of-it", "/nothing-here",
	}
}

// slow stands before the portal as a bad line does: pages come in pieces, the
// style later than the page's words, scripts later than the style.
func slow(t *testing.T, portal string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), r.Method, portal+r.URL.RequestURI(), r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		ask.Header = r.Header.Clone()
		ask.Header.Set("Accept-Encoding", "identity") // in pieces that can be shown
		answer, err := http.DefaultTransport.RoundTrip(ask)
		if err != nil {
			return // the browser has gone on
		}
		defer func() { _ = answer.Body.Close() }()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return // as above
		}
		pieces, done := 1, 0
		switch {
		case strings.HasSuffix(r.URL.Path, ".css"):
			time.Sleep(150 * time.Millisecond)
		case strings.HasSuffix(r.URL.Path, ".js"):
			time.Sleep(300 * time.Millisecond)
		case strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html"):
			pieces = 5
		}
		for n := range pieces {
			end := len(body) - len(body)*(pieces-1-n)/pieces
			if at := bytes.IndexByte(body[end:], '\n'); at >= 0 && n < pieces-1 {
				end += at // no word is torn
			}
			end = max(end, done)
			_, _ = w.Write(body[done:end]) // the browser left: nobody to tell
			done = end
			if f, ok := w.(http.Flusher); ok && n < pieces-1 {
				f.Flush()
				time.Sleep(60 * time.Millisecond)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// shifts tells what moved on the page without anybody having touched it: the
// sum of all layout shifts, which is never less than the browsers' own figure.
type shifts struct {
	Sum   float64
	Moved []string
}

const measureShifts = `new Promise(done => {
	const all = [];
	new PerformanceObserver(list => all.push(...list.getEntries())).observe({type: 'layout-shift', buffered: true});
	requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done({
		Sum: all.reduce((sum, e) => sum + e.value, 0),
		Moved: all.flatMap(e => e.sources.map(s => (s.node?.nodeName ?? '?') + '.' + (s.node?.className ?? '') + '#' + (s.node?.id ?? '') + ' ' + JSON.stringify(s.previousRect) + ' to ' + JSON.stringify(s.currentRect))).slice(0, 6),
	}), 50)));
})`

func (b *browser) shifts() shifts {
	b.t.Helper()
	return get[shifts](b, measureShifts, chromedp.EvalAwaitPromise)
}

// What stands on a page stays where it is: nobody presses the wrong thing
// because a style or a script came late. The browsers call up to 0.1 good; we
// take nothing but what rounding leaves.
func TestNothingMovesOnAPublicPage(t *testing.T) {
	t.Parallel()
	h := open(t)
	line := slow(t, h.portal)
	for _, width := range []int64{320, 1280} {
		for _, lang := range []string{"en", "da", "ar"} {
			t.Run(fmt.Sprintf("%d %s", width, lang), func(t *testing.T) {
				t.Parallel() // most of it is waiting for the slow line
				b := newBrowser(t, mode{width: width})
				most := 0.0
				for _, path := range publicPages(h) {
					b.do(chromedp.Navigate(line + "/" + lang + path))
					b.settle()
					got := b.shifts()
					most = max(most, got.Sum)
					if got.Sum > 0.001 {
						t.Errorf("%s moves by %.4f:\n%s", path, got.Sum, strings.Join(got.Moved, "\n"))
					}
				}
				b.do(chromedp.Navigate(line+"/"+lang+"/training/money-mules"), clicked("form[method=post] button"))
				b.until(`document.readyState === 'complete' && document.querySelector('.govuk-error-summary')`)
				if got := b.shifts(); got.Sum > 0.001 {
					t.Errorf("an unanswered quiz moves by %.4f: %v", got.Sum, got.Moved)
				}
				t.Logf("at most %.5f", most)
				// the measure is one: what is pushed down is told
				b.do(run(`document.body.prepend(Object.assign(document.createElement('div'), {textContent: 'pushed'})); document.body.firstChild.style.height = '150px'`))
				if got := b.shifts(); got.Sum < 0.01 {
					t.Errorf("a page that was pushed down is said to have moved by %.4f", got.Sum)
				}
			})
		}
	}
}

// weight is what came over the line for a page, pictures aside.
const weight = `performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
	.filter(e => e.initiatorType !== 'img' && !/\.(svg|png)$/.test(new URL(e.name).pathname)).reduce((sum, e) => sum + e.transferSize, 0)`

// What a page weighs as it comes over the line to a browser that has nothing of
// ours yet, headers and all: 100 KB, the form and the mailbox with the library
// that seals among them.
func TestPublicPagesWeighLittle(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := newBrowser(t, mode{})
	if _, err := chromedp.Call(b.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "da", "ar"} {
		most, where := 0, ""
		for _, path := range publicPages(h) {
			b.do(chromedp.Navigate(h.portal + "/" + lang + path))
			b.settle()
			got := get[int](b, weight)
			if path == "/report" || path == "/mailbox" {
				t.Logf("%s%s: %d bytes", lang, path, got)
			} else if got > most {
				most, where = got, path
			}
			if got > pageBudget || got < 1000 {
				t.Errorf("%s%s weighs %d bytes, more than %d or nothing at all", lang, path, got, pageBudget)
			}
		}
		t.Logf("%s: %d bytes at most, %s", lang, most, where)
	}
}
