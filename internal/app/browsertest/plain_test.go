// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// TestFilesWithoutScriptInABrowser sends a photo and a file that nobody can
// clean with the form, and the second again from the mailbox, on a narrow
// screen, from right to left, with script switched off.
func TestFilesWithoutScriptInABrowser(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	b := newBrowser(t, mode{width: 320, locale: "ar"})
	script := func(on bool) {
		t.Helper()
		if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
			t.Fatal(err)
		}
	}
	look := func(where string) { // at the page as it stands, which the look needs script for
		t.Helper()
		script(true)
		b.fits(where)
		b.accessible(source, where)
		script(false)
		b.picture(where)
	}
	script(false)
	strange := filepath.Join(t.TempDir(), "list.xyz")
	if err := os.WriteFile(strange, []byte("\x00\x01\x02 nobody knows this kind of file"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(h.portal+"/ar/report"), chromedp.WaitVisible("#file"))
	look("form")
	b.do(chromedp.SetUploadFiles("#file", []string{photo(t, "made by Quokka Jensen"), strange}),
		typed("#text", "شاحنة"), clicked("noscript button"), chromedp.WaitVisible(".ts-words"))
	look("sent")
	ten := get[[]string](b, `[...document.querySelectorAll('.ts-words li')].map(li => li.textContent)`)
	states := get[[]string](b, `[...document.querySelectorAll('.ts-file')].map(li => li.textContent)`)
	if len(ten) != 10 || len(states) != 2 || !strings.Contains(states[0], "في أمان") || !strings.Contains(states[1], "تُرك") {
		t.Fatalf("%d words, and of the files: %q", len(ten), states)
	}

	b.do(chromedp.Navigate(h.portal+"/ar/mailbox"), typed("#words", strings.Join(ten, " ")), clicked("noscript button"), chromedp.WaitVisible("#file"))
	look("mailbox")
	b.do(chromedp.SetUploadFiles("#file", []string{strange}), clicked("#anyway"), clicked("form:has(#file) button"), chromedp.WaitVisible(".ts-file"))
	look("afterwards")
	if text := get[string](b, `document.querySelector('.ts-talk').textContent`); !strings.Contains(text, "1.jpg") || !strings.Contains(text, "2.xyz") {
		t.Errorf("the conversation is %q", text)
	}
	b.stayed(h.portal)
	files := h.arrivals(t, "ar", ten)
	kinds := make([]seal.Cleaning, 0, len(files))
	for _, f := range files {
		kinds = append(kinds, f.Cleaned)
		if bytes.Contains(f.content, []byte("Quokka")) {
			t.Errorf("%s still says who made it", f.Name)
		}
	}
	if !slices.Equal(kinds, []seal.Cleaning{seal.Cleaned, seal.Unclean}) {
		t.Errorf("what came is %v", kinds)
	}
}
