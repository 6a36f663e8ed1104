// SPDX-License-Identifier: AGPL-3.0-or-later

// Package browsertest_test drives a real browser against a filled
// installation on free loopback ports: what a stranger, a reviewer and a call
// taker do, and what an attacker in their network would see.
package browsertest_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/demo"
)

const (
	// patience is how long anything may take. It is long because a machine on
	// which everything else is tested too can stand still for many seconds; what
	// goes well never waits for it.
	patience = 60 * time.Second
	// pollEvery is how often a page is asked whether something came true.
	pollEvery = 20 * time.Millisecond
)

// house is a running demo.
type house struct {
	*app.Running
	portal, desk string // addresses without a slash at the end
	clock        *clock
}

// clock is the demo's, which a test can put forward.
type clock struct {
	demo.Clock
	ahead atomic.Int64 // nanoseconds
}

// Now implements clock.Clock.
func (c *clock) Now() time.Time { return c.Clock.Now().Add(time.Duration(c.ahead.Load())) }

// open starts a filled installation for the length of a test.
func open(t testing.TB) house {
	t.Helper()
	if testing.Short() {
		t.Skip("drives a browser: not with -short")
	}
	if raceDetector {
		t.Skip("the library that drives the browser races with itself: `make test` runs this without the race detector")
	}
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("there is no chromium on this machine: `make setup` installs it")
	}
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	c.Portal.Listen, c.Desk.Listen, c.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	clock := &clock{}
	var err error
	if err := theDemo.copyTo(t.Context(), c.Data); err != nil {
		t.Fatal(err)
	}
	if c.Matching.Lists, err = demo.Lists(c.Data); err != nil {
		t.Fatal(err)
	}
	i, err := app.Open(t.Context(), c, clock)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	running, err := i.Listen(ctx, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	_, port, _ := strings.Cut(running.Addr("desk"), ":")
	return house{Running: running, portal: "http://" + running.Addr("portal"), desk: "http://localhost:" + port, clock: clock}
}

// browser is one profile of a real browser with what it sent and complained
// about.
type browser struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	requests   []string // addresses
	sent       []string // bodies
	answers    []answer
	complaints []string // uncaught errors and errors on the console
}

// answer is what came to a request.
type answer struct {
	url    string
	status int64
}

// Modes of a browser.
type mode struct {
	width  int64 // 0: 1280
	locale string
	flags  map[string]any // more of the browser's own
}

func newBrowser(t testing.TB, m mode) *browser {
	t.Helper()
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, // its profile is the library's, which waits for the browser's children before it is removed
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-gpu", true))
	if m.locale != "" {
		opts = append(opts, chromedp.Flag("lang", m.locale))
	}
	for name, value := range m.flags {
		opts = append(opts, chromedp.Flag(name, value))
	}
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); cancelAlloc() })
	b := &browser{t: t, ctx: ctx}
	if m.width == 0 {
		m.width = 1280
	}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	size := int64(1 << 20)
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{MaxPostDataSize: &size}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(m.width, 800))
	return b
}

// hear notes what the browser sends and complains about.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
		for _, part := range e.Request.PostDataEntries {
			b.sent = append(b.sent, string(part.Bytes))
		}
	case *network.EventResponseReceived:
		b.answers = append(b.answers, answer{e.Response.URL, e.Response.Status})
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			for _, arg := range e.Args {
				b.complaints = append(b.complaints, string(arg.Value)+arg.Description)
			}
		}
	}
}

// do runs actions and stops the test, with a picture, when one fails.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for n, a := range actions {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		err := chromedp.Do(ctx, a)
		cancel()
		if err != nil {
			b.picture("failed")
			b.t.Fatalf("action %d: %v\ncomplaints: %v", n, err, b.complained())
		}
	}
}

// get evaluates an expression in the page.
func get[T any](b *browser, expression string, opts ...chromedp.EvaluateOption) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience) // a promise that is never kept ends here
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, opts...))
	if err != nil {
		b.picture("failed")
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// holds says whether an expression is true in the page.
func (b *browser) holds(expression string) (bool, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
}

// complained returns what the page has complained of so far.
func (b *browser) complained() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.complaints)
}

// asked returns the addresses that the browser has asked for so far.
func (b *browser) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

// until waits until an expression is true in the page. One that may be true of
// the page before, too, needs leave.
func (b *browser) until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		v, err := b.holds(expression)
		if err == nil && v {
			return
		}
		if time.Now().After(deadline) {
			b.picture("failed")
			b.t.Fatalf("never came true: %s (%v)\ncomplaints: %v", expression, err, b.complained())
		}
		time.Sleep(pollEvery)
	}
}

// picture saves a picture of the page when TURNSTONE_PICTURES names a folder.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("TURNSTONE_PICTURES")
	if dir == "" {
		return
	}
	image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("no picture: %v", err)
		return
	}
	path := filepath.Join(dir, strings.NewReplacer("/", "-", " ", "-").Replace(b.t.Name()+"-"+name)+".png")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		b.t.Logf("no picture: %v", err)
	}
}

// stayed fails the test when a request left the given origins, or when the
// page complained.
func (b *browser) stayed(origins ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		u, err := url.Parse(r)
		if err != nil || u.Scheme == "data" || u.Scheme == "blob" || u.Scheme == "about" {
			continue
		}
		if !slices.ContainsFunc(origins, func(o string) bool { return strings.HasPrefix(r, o+"/") || r == o }) {
			b.t.Errorf("a request left the origin: %s", r)
		}
	}
	for _, c := range b.complaints {
		b.t.Errorf("the page complained: %s", c)
	}
}

// neverSent fails the test when a request's body holds the words in clear.
func (b *browser) neverSent(words string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, body := range b.sent {
		if strings.Contains(body, words) {
			b.t.Errorf("the words left the browser in clear")
		}
	}
}

// narrowAndWide does something with the page as it stands on a telephone, and
// again on a desk. Nothing of ours but a picture in the frame of files looks at
// how wide it is but the style, which follows at once.
func (b *browser) narrowAndWide(do func(width int64)) {
	b.t.Helper()
	for _, width := range []int64{320, 1280} {
		b.do(chromedp.EmulateViewport(width, 800))
		do(width)
	}
}

// run is an action that evaluates an expression for what it does.
func run(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](expression)
}

// typed writes into a field as soon as it takes writing: a page shows its parts
// before they work, and keys pressed meanwhile are lost without a word.
func typed(selector, text string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.WaitEnabled(selector), chromedp.SendKeys(selector, text))
}

// clicked clicks as soon as there is something that minds it.
func clicked(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.WaitEnabled(selector), chromedp.Click(selector))
}

// leave does what leads to another page and waits until the present one is
// gone, whatever the next one shows: it may well have the same name, the same
// address and the same words.
func (b *browser) leave(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.do(run(`document.querySelector('main').dataset.left = ''`))
	b.do(actions...)
	b.until(`document.querySelector('main') && !document.querySelector('main[data-left]')`)
}
