// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Somebody without script and on a narrow screen finds whom to call with the
// keyboard alone, in three questions; nothing is asked of anybody else.
func TestHelpIsFoundWithTheKeyboard(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, lang := range []string{"en", "ar"} {
		b := newBrowser(t, mode{width: 320, locale: lang})
		if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
		b.do(chromedp.Navigate(h.portal+"/"+lang+"/help"), chromedp.WaitVisible("#country"))
		b.picture(lang + "-help")
		b.do(chromedp.Focus("#country"), chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent("Odense"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.ArrowDown),
			chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter),
			chromedp.WaitVisible("#found .ts-hit"))
		b.picture(lang + "-found")
		names, err := chromedp.Run(b.ctx, chromedp.Text("#found"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(names, "BørneTelefonen") || strings.Contains(names, "Childline") {
			t.Errorf("in %s the answer is %s", lang, names)
		}
		b.do(clicked(".ts-hit__name a"), chromedp.WaitVisible(".ts-numbers__number"))
		b.picture(lang + "-service")
		b.do(chromedp.Navigate(h.portal+"/"+lang+"/help/pack"), chromedp.WaitVisible(".ts-pack"))
		b.picture(lang + "-pack")
		b.do(chromedp.Navigate(h.portal+"/"+lang+"/offline"), chromedp.WaitVisible("#offline-never"))
		b.picture(lang + "-offline")
		b.stayed(h.portal)
	}
}

// Service pages shut nobody out, and the printed list leaves the controls away.
func TestServicePagesAndPrint(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	index := h.Directory.Index()
	b := newBrowser(t, mode{})
	for n, lang := range []string{"en", "da", "ar"} {
		for _, name := range []string{"Childline", "Citizens Advice, England"} {
			for _, s := range index.Services {
				if s.Name != name {
					continue
				}
				where := fmt.Sprintf("%s/help/service/%s", lang, s.ID)
				b.do(chromedp.Navigate(h.portal + "/" + where))
				b.settle()
				b.narrowAndWide(func(width int64) {
					b.accessible(source, where)
					b.fits(lang + " " + name)
					if n == 0 {
						b.picture(fmt.Sprintf("%s-%d", name[:5], width))
					}
				})
			}
		}
	}
	b.do(chromedp.Navigate(h.portal+"/en/help/pack"), chromedp.WaitVisible(".ts-pack"))
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	b.narrowAndWide(func(width int64) {
		b.picture(fmt.Sprintf("print-%d", width))
		if get[bool](b, `[...document.querySelectorAll('.ts-exit, .ts-footer, .govuk-back-link')].some(e => e.offsetParent !== null)`) {
			t.Error("the printed list has what can't be pressed on paper")
		}
	})
	b.stayed(h.portal)
}

// The copy, opened from a folder as it is passed on: it shuts nobody out, fits
// a narrow screen, has its style, and asks nobody for anything.
func TestTheCopyOpensFromAFolder(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	b := newBrowser(t, mode{})
	var copies []string
	for _, lang := range []string{"en", "da", "ar"} {
		answer, err := http.Get(h.portal + "/" + lang + "/help/copy.html")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close() // read to its end
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "copy.html")
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", lang, len(body))
		b.do(chromedp.Navigate("file://" + path))
		b.until(`document.readyState === "complete" && document.querySelector(".s")`)
		copies = append(copies, "file://"+path)
		b.narrowAndWide(func(width int64) {
			b.accessible(source, lang+" copy")
			b.fits(lang + " copy")
			b.picture(fmt.Sprintf("%s-%d", lang, width))
			if got := get[string](b, `getComputedStyle(document.querySelector('.w')).backgroundColor`); got != "rgb(244, 239, 230)" {
				t.Errorf("%s: the style is not taken: %s", lang, got)
			}
			if got := get[string](b, `getComputedStyle(document.querySelector('.s .n')).color`); got == get[string](b, `getComputedStyle(document.querySelector('.e .n')).color`) {
				t.Errorf("%s: every number looks like an emergency's: %s", lang, got)
			}
		})
	}
	b.stayed(copies...)
}
