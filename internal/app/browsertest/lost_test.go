// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/engine/scrub"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// noise writes a picture of many megabytes, and returns it as it is after
// cleaning.
func noise(t *testing.T, width, height int) (path string, cleaned []byte) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := scrub.Scrub(&out, bytes.NewReader(b.Bytes()), int64(b.Len()), scrub.Options{Name: "a.jpg"}); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "noise.jpg")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, out.Bytes()
}

// line sets how good the browser's connection is, bytes a second; none at all
// for 0.
func (b *browser) line(rate float64) {
	b.t.Helper()
	c := &network.Conditions{DownloadThroughput: rate, UploadThroughput: rate, Latency: 40}
	if rate == 0 {
		c.Offline = true
	}
	_, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{c}})
	if err != nil {
		b.t.Fatal(err)
	}
}

// kept counts the pieces of files that the server has acknowledged to the browser.
func (b *browser) kept() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, a := range b.answers {
		if a.status == 201 && strings.HasSuffix(a.url, "/api/files/piece") {
			n++
		}
	}
	return n
}

// TestTheConnectionIsLostInTheMiddleOfAFile loses it between pieces, pauses
// meanwhile, and goes on.
func TestTheConnectionIsLostInTheMiddleOfAFile(t *testing.T) {
	t.Parallel()
	needsCleaning(t)
	h := open(t)
	b := newBrowser(t, mode{})
	path, cleaned := noise(t, 2600, 1800)
	pieces := seal.PieceCount(seal.SealedLength(int64(len(cleaned))))
	if pieces < 3 {
		t.Fatalf("the file has %d pieces: too few to lose one", pieces)
	}
	ten := b.tell(h, "en", "drugs", "A long film.")
	b.until(`!document.querySelector('#files').hidden`)
	b.line(2 << 20) // a piece in two seconds: the others are still to come when the first is seen
	b.do(chromedp.SetUploadFiles("#file-input", []string{path}))
	for deadline := time.Now().Add(patience); b.kept() == 0 && time.Now().Before(deadline); time.Sleep(pollEvery) {
	}
	b.line(0)
	b.until(`document.querySelector('.ts-file').textContent.includes('No connection at the moment')`)
	b.picture("offline")
	before := b.kept()
	if before == 0 || before >= pieces {
		t.Fatalf("%d of %d pieces were kept when the connection ended", before, pieces)
	}
	b.do(run(`document.querySelector('.ts-file .govuk-button').click()`)) // pause
	b.until(`document.querySelector('.ts-file .govuk-button').textContent === 'Go on'`)
	b.line(-1)
	if paused := get[bool](b, `new Promise(r => setTimeout(() => r(document.querySelector('.ts-file').dataset.state === undefined), 3000))`, chromedp.EvalAwaitPromise); !paused || b.kept() > before+1 {
		t.Errorf("paused, it went on to %d of %d pieces", b.kept(), pieces)
	}
	b.do(run(`document.querySelector('.ts-file .govuk-button').click()`)) // go on
	b.until(`document.querySelector('.ts-file').dataset.state === 'safe'`)
	if n := b.kept(); n != pieces {
		t.Errorf("%d pieces were acknowledged, the file has %d: something was sent twice, or not at all", n, pieces)
	}
	files := h.arrivals(t, "en", ten)
	if len(files) != 1 || !bytes.Equal(files[0].content, cleaned) || files[0].Cleaned != seal.Cleaned {
		t.Errorf("%d files are at the desk, and not as they were cleaned", len(files))
	}
	for _, c := range b.complained() {
		if !strings.Contains(c, "ERR_INTERNET_DISCONNECTED") {
			t.Errorf("the page complained: %s", c)
		}
	}
}

// TestThePhoneReloadsThePageForItsCamera throws the page away while a file is
// being chosen, on a slow phone with a slow line: the ten words and the place
// for files are there again, and afterwards the phone keeps nothing.
func TestThePhoneReloadsThePageForItsCamera(t *testing.T) {
	t.Parallel()
	needsCleaning(t)
	h := open(t)
	b := newBrowser(t, mode{width: 360})
	if _, err := chromedp.Call(b.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4}); err != nil {
		t.Fatal(err)
	}
	ten := b.tell(h, "en", "drugs", "I take a picture of it now.")
	b.line(200_000)
	reload := func() {
		t.Helper()
		if _, err := chromedp.Call(b.ctx, page.Reload, page.ReloadParams{}); err != nil {
			t.Fatal(err)
		}
	}
	shown := func() []string {
		return get[[]string](b, `[...document.querySelectorAll('#words li')].map(li => li.textContent)`)
	}
	stored := `JSON.stringify(Object.entries(sessionStorage)) + JSON.stringify(Object.entries(localStorage)) + JSON.stringify(history.state)`
	lose := func() {
		t.Helper()
		b.do(run(`document.querySelector('#file-input').dispatchEvent(new Event('click'))`)) // the camera opens
		b.until(`sessionStorage.length === 1`)
		for _, w := range ten {
			if len(w) > 4 && strings.Contains(get[string](b, stored), w) {
				t.Errorf("the phone keeps the word %s in clear", w)
			}
		}
		b.do(run(`document.documentElement.dataset.old = ''`))
		reload()
		b.until(`document.documentElement.dataset.old === undefined && document.querySelector('#files')?.hidden === false`)
		if get[int](b, `sessionStorage.length`) != 0 {
			t.Error("the phone still keeps something after the page is back")
		}
	}
	lose()
	b.picture("again")
	if !slices.Equal(shown(), ten) || get[bool](b, `Boolean(document.querySelector('#report'))`) {
		t.Errorf("after the page was loaded anew, the words are %v, not %v", shown(), ten)
	}
	lose() // and again: the camera is opened a second time
	b.do(chromedp.SetUploadFiles("#file-input", []string{photo(t, "made by Quokka Jensen")}))
	b.until(`document.querySelector('.ts-file')?.dataset.state === 'safe'`)
	reload()
	b.until(`document.querySelector('form.ts-ready')`)
	if words := shown(); len(words) > 0 || get[int](b, `sessionStorage.length`) != 0 {
		t.Errorf("a page that is loaded when nothing is being chosen shows %v", words)
	}

	b.openMailbox(h, "en", ten)
	lose()
	b.until(`document.querySelector('#talk')?.textContent.includes('I take a picture of it now') && document.querySelector('#talk').textContent.includes('A file: 1.jpg')`)
	b.do(run(`document.querySelector('#file-input').dispatchEvent(new Event('click'))`))
	b.until(`sessionStorage.length === 1`)
	b.do(run(`document.querySelector('#file-input').dispatchEvent(new Event('cancel'))`))
	b.until(`sessionStorage.length === 0`)
	b.stayed(h.portal)
	b.neverSent("Quokka")

	files := h.arrivals(t, "en", ten)
	if len(files) != 1 || files[0].Cleaned != seal.Cleaned || bytes.Contains(files[0].content, []byte("Quokka")) {
		t.Errorf("%d files came", len(files))
	}
}

// TestABrowserThatCantClean has no cleaning module, as where WebAssembly is
// switched off: the page says so, and the server cleans what the reporter lets
// it see. The page seals it.
func TestABrowserThatCantClean(t *testing.T) {
	t.Parallel()
	needsCleaning(t)
	h := open(t)
	b := newBrowser(t, mode{})
	none := page.AddScriptToEvaluateOnNewDocumentParams{Source: `const W = Worker; globalThis.Worker = class extends W {
		postMessage(m) { super.postMessage(m.module ? {...m, module: m.module + '.none'} : m) }
	}`}
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, none); err != nil {
		t.Fatal(err)
	}
	ten := b.tell(h, "en", "drugs", "From the safest level.")
	b.until(`!document.querySelector('#files').hidden`)
	b.do(chromedp.SetUploadFiles("#file-input", []string{photo(t, "made by Quokka Jensen")}))
	b.until(`document.querySelectorAll('.ts-file button').length === 3 && document.querySelector('.ts-file').textContent.includes('sees this file for a moment')`)
	b.neverSent("Quokka")
	b.picture("decide")
	b.do(run(`document.querySelectorAll('.ts-file button')[1].click()`)) // let the server clean it
	b.until(`document.querySelector('.ts-file').dataset.state === 'safe' && document.querySelector('.ts-file').textContent.includes('comments')`)
	strange := filepath.Join(t.TempDir(), "list.xyz")
	if err := os.WriteFile(strange, []byte("\x00\x01 nobody knows this kind of file"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles("#file-input", []string{strange}))
	b.until(`document.querySelectorAll('.ts-file:nth-child(2) button').length === 3`)
	b.do(run(`document.querySelectorAll('.ts-file:nth-child(2) button')[1].click()`))
	b.until(`document.querySelector('.ts-file:nth-child(2)').textContent.includes("can't clean this kind of file")`)
	b.do(run(`document.querySelectorAll('.ts-file:nth-child(2) button')[0].click()`)) // leave it out
	b.until(`document.querySelector('.ts-file:nth-child(2)').dataset.state === 'ended'`)
	files := h.arrivals(t, "en", ten)
	if len(files) != 1 || files[0].Cleaned != seal.Cleaned || files[0].Name != "1.jpg" || bytes.Contains(files[0].content, []byte("Quokka")) {
		t.Errorf("%d files came", len(files))
	}
	if _, err := jpeg.Decode(bytes.NewReader(files[0].content)); err != nil {
		t.Errorf("the photo can't be seen any more: %v", err)
	}
}
