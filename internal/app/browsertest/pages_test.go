// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axe returns the source of axe-core, which looks for what shuts people out.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run `make web/node_modules`")
	}
	return string(source)
}

// accessible fails the test for each thing that axe finds on the page.
func (b *browser) accessible(source, where string) {
	b.t.Helper()
	if there, err := b.holds(`window.axe?.run`); err != nil || !there { // a page of the desk often follows in the same document
		b.do(run(source))
	}
	found := get[[]string](b, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + v.help + ' – ' + v.nodes.map(n => n.html).join(' | ').slice(0, 300)))`, chromedp.EvalAwaitPromise)
	for _, f := range found {
		b.t.Errorf("%s: %s", where, f)
	}
}

// fits fails the test when the page must be scrolled sideways.
func (b *browser) fits(where string) {
	b.t.Helper()
	if over := get[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		culprits := get[string](b, `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1).slice(0, 5).map(e => e.tagName + '.' + e.className + '#' + e.id).join(' ')`)
		b.picture("too-wide-" + where)
		b.t.Errorf("%s is %d pixels too wide: %s", where, over, culprits)
	}
}

// settle waits until a page's script, if it has one, is ready.
func (b *browser) settle() {
	b.t.Helper()
	b.until(`document.readyState === 'complete' && (!document.querySelector('#starting') || document.querySelector('#starting').hidden)`)
}

func TestPortalPagesShutNobodyOut(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	for _, lang := range []string{"en", "da", "ar"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t, mode{})
			for _, path := range []string{"", "/danger", "/hide", "/how", "/report", "/mailbox", "/crimes", "/crimes/fraud", "/crimes/child-abuse", "/connected", "/advice", "/advice/strong-passwords", "/search?q=bank", "/search?q=qqqq", "/training", "/training/money-mules", "/help", "/help?country=GB&near=Leeds&about=fraud", "/help?near=newport", "/help?near=Atlantis", "/help/pack", "/offline", "/crimes/drugs/poster", "/came-of-it"} {
				where := lang + path
				b.do(chromedp.Navigate(h.portal + "/" + where))
				b.settle()
				b.narrowAndWide(func(width int64) {
					b.accessible(source, fmt.Sprint(where, " ", width))
					b.fits(fmt.Sprint(where, " ", width))
				})
				wantDir := "ltr"
				if lang == "ar" {
					wantDir = "rtl"
				}
				if got := get[string](b, `document.documentElement.lang + ' ' + getComputedStyle(document.body).direction`); got != lang+" "+wantDir {
					t.Errorf("%s is %q", where, got)
				}
				if get[int](b, `document.querySelectorAll('h1').length`) < 1 || !get[bool](b, `Boolean(document.querySelector('.ts-exit, [data-exit], #exit'))`) {
					t.Errorf("%s has no heading or no way out", where)
				}
			}
			b.stayed(h.portal)
		})
	}
}

// The answers of a quiz and its certificate, which no address leads to, and the
// card that other sites show, on a narrow screen.
func TestAQuizAndACardShutNobodyOut(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	b := newBrowser(t, mode{width: 320})
	for _, lang := range []string{"en", "da", "ar"} {
		b.do(chromedp.Navigate(h.portal+"/"+lang+"/training/money-mules"), clicked("form[method=post] button"))
		b.until(`document.querySelector('.govuk-error-summary')`)
		b.settle()
		b.accessible(source, lang+" unanswered")
		b.fits(lang + " unanswered")
		for _, id := range []string{"q1-2", "q2-1", "q3-3", "q4-2", "q5-2"} {
			b.do(chromedp.Focus("#"+id), typed("#"+id, " "))
		}
		b.do(clicked("form[method=post] button"))
		b.until(`document.querySelector('.ts-graded')`)
		b.settle()
		b.accessible(source, lang+" graded")
		b.fits(lang + " graded")
		b.picture(lang + "-graded")
		b.do(clicked("form[method=post] button"))
		b.until(`document.querySelector('#name')?.offsetParent`)
		b.settle()
		b.do(typed("#name", strings.Repeat("Longname", 9)))
		b.accessible(source, lang+" certificate")
		b.fits(lang + " certificate")
		b.picture(lang + "-certificate")
		b.do(chromedp.Navigate(h.portal + "/" + lang + "/embed/overdose"))
		b.settle()
		b.accessible(source, lang+" embed")
		b.fits(lang + " embed")
		b.picture(lang + "-embed")
	}
	b.stayed(h.portal)
}

func TestReportInArabicOnANarrowScreen(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := newBrowser(t, mode{width: 320, locale: "ar"})
	const secret = "الشاحنة البيضاء خلف المصنع القديم"
	ten := b.tell(h, "ar", "drugs", secret)
	b.fits("ar sent")
	b.neverSent(secret)
	b.openMailbox(h, "ar", ten)
	b.until(`document.querySelector('#talk').textContent.includes('الشاحنة البيضاء')`)
	b.fits("ar conversation")
	b.picture("ar-conversation")
	b.stayed(h.portal)
}

func TestReportWithoutScript(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := newBrowser(t, mode{width: 320})
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(h.portal+"/en/report"), chromedp.WaitVisible("#text"))
	b.picture("form")
	b.do(typed("#text", "Told without script: the ferry on Thursdays."), clicked("noscript button"), chromedp.WaitVisible(".ts-words"))
	b.picture("sent")
	text, err := chromedp.Run(b.ctx, chromedp.Text(".ts-words"))
	if err != nil {
		t.Fatal(err)
	}
	var ten []string
	for _, w := range strings.Fields(text) {
		if w = strings.Trim(w, "0123456789."); w != "" {
			ten = append(ten, w)
		}
	}
	if len(ten) != 10 {
		t.Fatalf("ten words are %v", ten)
	}
	// The same report opens in a browser that runs script.
	other := newBrowser(t, mode{})
	other.openMailbox(h, "en", ten)
	other.until(`document.querySelector('#talk').textContent.includes('the ferry on Thursdays')`)
}
