// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long anything in a browser may take. What goes well never
// waits for it; a machine on which everything else is tested too may.
const patience = 60 * time.Second

// tab is one tab of a fresh browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func newSite(t *testing.T, twist func(http.ResponseWriter, *http.Request, http.Handler)) (*site, tab) {
	t.Helper()
	if testing.Short() || raceDetector {
		t.Skip("drives a browser: not with -short")
	}
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("there is no chromium on this machine: `make setup` installs it")
	}
	s := &site{world: newWorld(t), twist: twist}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, // its profile is the library's, which waits for the browser's children before it is removed
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-gpu", true))
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); cancelAlloc() })
	check(t, chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800))) // the browser lives as long as the first context
	return s, tab{t, ctx}
}

func (b tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for n, a := range actions {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		err := chromedp.Do(ctx, a)
		cancel()
		if err != nil {
			b.t.Fatalf("action %d: %v", n, err)
		}
	}
}

// ask evaluates an expression.
func ask[T any](b tab, expression string) T {
	b.t.Helper()
	return evaluate[T](b, expression)
}

// later evaluates an expression and waits for what it promises.
func later[T any](b tab, expression string) T {
	b.t.Helper()
	return evaluate[T](b, expression, chromedp.EvalAwaitPromise)
}

func evaluate[T any](b tab, expression string, opts ...chromedp.EvaluateOption) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience) // a promise that is never kept ends here
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, opts...))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

func (b tab) until(expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		v, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		cancel()
		if err == nil && v {
			return
		}
	}
	b.t.Fatalf("never came true: %s", expression)
}

// line is a browser before a site whose network can be taken away.
type line struct {
	tab
	site *site
	down atomic.Bool
}

// newLine opens one; seen, when there is one, hears of each path that was asked
// for while there was a network.
func newLine(t *testing.T, seen func(path string)) *line {
	t.Helper()
	l := &line{}
	l.site, l.tab = newSite(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if l.down.Load() {
			panic(http.ErrAbortHandler)
		}
		if seen != nil {
			seen(r.URL.Path)
		}
		next.ServeHTTP(w, r)
	})
	return l
}

// visit goes to a page and returns its text. Without a network that may be a
// page of the browser's own, which comes a moment after the visit has failed:
// the former page must not be taken for it.
func (l *line) visit(path string) string {
	l.t.Helper()
	ask[bool](l.tab, `window.former = true`)
	ctx, cancel := context.WithTimeout(l.ctx, patience)
	defer cancel()
	_, _ = chromedp.Run(ctx, chromedp.Navigate(l.site.url+path)) // an error is such a page
	l.until(`window.former === undefined && document.readyState === 'complete'`)
	return ask[string](l.tab, `document.body?.innerText ?? ""`)
}

// keep asks the site to keep what is read, and returns what the page says then.
func (l *line) keep() string {
	l.t.Helper()
	if n := later[int](l.tab, `caches.keys().then(k => k.length)`); n != 0 {
		l.t.Fatalf("%d stores before anybody asked", n)
	}
	l.visit("/en/offline")
	l.do(chromedp.Click("#offline-keep"))
	l.until(`document.querySelector('#offline-said').textContent !== ''`)
	return ask[string](l.tab, `document.querySelector('#offline-said').textContent`)
}

// forgets presses the button that ends keeping, and demands that nothing is left.
func (l *line) forgets() {
	l.t.Helper()
	l.visit("/en/offline")
	l.do(chromedp.Click("#offline-forget"))
	l.until(`document.querySelector('#offline-said').textContent !== ''`)
	if n := later[int](l.tab, `Promise.all([caches.keys(), navigator.serviceWorker.getRegistrations()]).then(([k, r]) => k.length + r.length)`); n != 0 {
		l.t.Errorf("%d stores and workers are left", n)
	}
}
