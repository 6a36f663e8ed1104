// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/web/static"
)

// TestAnOriginalIsOpenedByTwo keeps the untouched photo because the reporter
// says so; one reviewer asks for it and can't agree with herself, another one
// agrees, and the first saves the bytes as they were on the phone.
func TestAnOriginalIsOpenedByTwo(t *testing.T) {
	t.Parallel()
	h := open(t)
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := assets.Get("scrub.wasm"); !ok {
		t.Fatal("this build has no cleaning module: run make assets")
	}
	path := photo(t, "made by Quokka Jensen")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	stranger := newBrowser(t, mode{width: 320})
	stranger.tell(h, "en", "drugs", "The lorry from the brewery, with a photo.")
	stranger.until(`!document.querySelector('#files').hidden`)
	stranger.do(chromedp.SetUploadFiles("#file-input", []string{path}))
	stranger.until(`document.querySelector('.ts-file')?.dataset.state === 'safe'`)
	stranger.until(`document.querySelector('#original-1')?.checked === false`) // off until the reporter says so
	if get[bool](stranger, `[...document.querySelectorAll('.ts-file button')].some(b => b.offsetParent)`) {
		t.Error("the original can be sent without a tick")
	}
	source := axe(t)
	stranger.accessible(source, "original offered")
	stranger.fits("original offered")
	stranger.do(run(`document.querySelector('#original-1').click()`))
	stranger.do(run(`document.querySelector('.ts-file').scrollIntoView()`))
	stranger.picture("original-offered-320")
	stranger.do(run(`document.querySelector('.ts-file button').click()`))
	stranger.until(`document.querySelector('.ts-file').dataset.original === 'ended' && document.querySelector('.ts-file').textContent.includes('locked apart, and two')`)
	stranger.neverSent("Quokka")

	rita, sam := newBrowser(t, mode{}), newBrowser(t, mode{width: 320})
	for b, handle := range map[*browser]string{rita: "rita", sam: "sam"} {
		b.logIn(h, handle)
		b.do(chromedp.Navigate(h.desk + "/p/north-sea-line/inbox?queue=open"))
		b.unlock()
		b.until(`[...document.querySelectorAll('[data-cover]')].some(p => p.textContent.includes('from the brewery'))`)
	}
	const into = `[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes('from the brewery')).querySelector('.dk-row__link').click()`
	rita.do(run(into))
	rita.until(`document.querySelector('[data-original] form')`)
	rita.accessible(source, "nobody asked")
	rita.do(run(`document.querySelector('[data-original] input').value = 'The court asks who took it.'; document.querySelector('[data-original] form button').click()`))
	rita.until(`document.querySelector('[data-original]').textContent.includes('A second person must agree')`)
	if get[bool](rita, `document.querySelector('[data-original] button') !== null`) {
		t.Error("who asked is offered more than to wait")
	}
	for _, what := range []string{"agree", "half"} { // nor does the server do it
		rita.do(run(`fetch(location.pathname + '/originals/' + document.querySelector('[data-original]').dataset.original + '/` + what + `', {method: 'POST', headers: {'Content-Type': 'application/json', Accept: 'application/json'}, body: '{}'}).then(r => { window.answered = r.status })`))
		rita.until(`window.answered === 403`)
		rita.do(run(`window.answered = 0`))
	}
	rita.do(run(`document.querySelector('[data-original]').scrollIntoView()`))
	rita.picture("original-asked")

	sam.do(run(into))
	sam.until(`document.querySelector('[data-original]')?.textContent.includes('The court asks who took it.') && document.querySelector('[data-original]').textContent.includes('Rita Holm')`)
	sam.accessible(source, "to agree")
	sam.fits("to agree")
	sam.do(run(`document.querySelector('[data-original] button').click()`))
	sam.until(`document.querySelector('[data-original]').textContent.includes('Sam Okafor agreed')`)
	sam.do(run(`document.querySelector('[data-original]').scrollIntoView()`))
	sam.picture("original-agreed-320")

	rita.do(chromedp.Reload())
	rita.unlock()
	rita.until(`document.querySelector('[data-original]')?.textContent.includes('Sam Okafor agreed')`)
	rita.do(run(`{ const real = URL.createObjectURL; URL.createObjectURL = (b) => {
		void b.arrayBuffer().then(x => crypto.subtle.digest('SHA-256', x)).then(d => { window.saved = [...new Uint8Array(d)].map(x => x.toString(16).padStart(2, '0')).join('') });
		return real.call(URL, b); } }`))
	rita.do(run(`document.querySelector('[data-original] button').click()`))
	rita.until(`window.saved`)
	want := sha256.Sum256(content)
	if got := get[string](rita, `window.saved`); got != hex.EncodeToString(want[:]) {
		t.Errorf("what was saved has the hash %s, the photo %x", got, want)
	}
	rita.do(chromedp.Reload())
	rita.until(`document.querySelector('main').textContent.includes('opened an original') && document.querySelector('main').textContent.includes('asked for an original')`)
	stranger.stayed(h.portal)
	rita.stayed(h.desk)
	sam.stayed(h.desk)
}
