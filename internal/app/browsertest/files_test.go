// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/web/static"
)

// photo writes a picture that names its maker in a comment of the format.
func photo(t *testing.T, planted string) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for x := range 320 {
		for y := range 200 {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	note := append([]byte{0xff, 0xfe, 0, byte(2 + len(planted))}, planted...)
	path := filepath.Join(t.TempDir(), "IMG_Quokka.jpg")
	if err := os.WriteFile(path, append(append(b.Bytes()[:2:2], note...), b.Bytes()[2:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAPhotoFromAStrangerToTheDesk adds a photo after the words are safe, with
// the network gone for a moment, and one from the mailbox that nobody can
// clean; the desk shows the first.
func TestAPhotoFromAStrangerToTheDesk(t *testing.T) {
	t.Parallel()
	h := open(t)
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := assets.Get("scrub.wasm"); !ok {
		t.Fatal("this build has no cleaning module: run make assets")
	}
	stranger := newBrowser(t, mode{})
	ten := stranger.tell(h, "en", "drugs", "The van from the dairy, with a photo.")
	stranger.until(`!document.querySelector('#files').hidden`)
	stranger.do(chromedp.SetUploadFiles("#file-input", []string{photo(t, "made by Quokka Jensen")}))
	stranger.until(`document.querySelector('.ts-file')?.dataset.state === 'safe'`)
	stranger.until(`document.querySelector('.ts-file').textContent.includes('comments')`) // what was taken out
	stranger.picture("files-sent")
	stranger.neverSent("Quokka")

	other := filepath.Join(t.TempDir(), "list.xyz")
	if err := os.WriteFile(other, []byte("\x00\x01 nobody knows this kind of file"), 0o600); err != nil {
		t.Fatal(err)
	}
	stranger.openMailbox(h, "en", ten)
	stranger.do(chromedp.SetUploadFiles("#file-input", []string{other}))
	stranger.until(`document.querySelectorAll('.ts-file button').length === 2`) // the reporter decides
	stranger.picture("files-decide")
	stranger.do(run(`document.querySelector('.ts-file .govuk-button--secondary').click()`))
	stranger.until(`document.querySelector('.ts-file').dataset.state === 'ended'`)
	stranger.until(`document.querySelector('#talk').textContent.includes('A file:')`)

	reviewer := newBrowser(t, mode{})
	reviewer.logIn(h, "rita")
	reviewer.do(chromedp.Navigate(h.desk + "/p/north-sea-line/inbox?queue=new"))
	reviewer.unlock()
	reviewer.until(`[...document.querySelectorAll('[data-cover]')].some(p => p.textContent.includes('from the dairy'))`)
	reviewer.do(run(`[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes('from the dairy')).querySelector('.dk-row__link').click()`))
	reviewer.until(`document.querySelector('[data-file]')?.textContent.includes('1.jpg') && !document.querySelector('[data-file] button').disabled`)
	reviewer.do(run(`[...document.querySelectorAll('[data-file] button')][0].click()`))
	reviewer.until(`document.querySelector('.dk-frame')?.dataset.shown === ''`)
	reviewer.do(run(`document.querySelector('.dk-frame').scrollIntoView()`))
	reviewer.picture("files-shown")
	stranger.stayed(h.portal)
	reviewer.stayed(h.desk)
}
