// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestNamesAreComparedAndListsSearched(t *testing.T) {
	source := axe(t)
	h := open(t)
	for _, width := range []int64{1280, 320} {
		b := newBrowser(t, mode{width: width})
		b.logIn(h, "ada")
		b.visit(inDemo+"/matching", "matching")
		b.do(chromedp.SendKeys("#left-names", "Abdul Rahman Mansour Khalil"), chromedp.SendKeys("#right-names", "عبد الرحمن منصور خليل"))
		b.do(run(`document.querySelectorAll('details').forEach(d => d.open = true)`))
		b.do(chromedp.SendKeys("#left-born", "about 40"), chromedp.SendKeys("#right-born", "1984"), chromedp.SendKeys("#left-country", "Syria"), chromedp.SendKeys("#right-country", "sy"))
		b.picture(fmt.Sprint("form-", width))
		b.do(run(`document.querySelector('.dk-match button').click()`))
		b.until(`document.querySelector('.dk-result')`)
		b.accessible(source, "compared")
		b.fits("compared")
		b.picture(fmt.Sprint("compared-", width))
		drawn := get[[]string](b, `[...document.querySelectorAll('.dk-words-svg text')].map(t => t.textContent)`)
		said := get[string](b, `document.querySelector('.dk-words-drawn ol').textContent`)
		if !strings.Contains(strings.Join(drawn, " "), "منصور") || !strings.Contains(said, "منصور") {
			t.Errorf("drawn %q, said %q", drawn, said)
		}
		if off := get[int](b, `[...document.querySelectorAll('.dk-words-svg text')].filter(t => { const a = t.getBoundingClientRect(), s = t.closest('svg').getBoundingClientRect(); return a.left < s.left - 1 || a.right > s.right + 1 }).length`); off > 0 {
			t.Errorf("%d words stick out of the picture", off)
		}

		b.visit(inDemo+"/matching?mode=search", "matching")
		b.do(chromedp.SendKeys("#left-names", "Кузнецов Сергей"))
		b.do(run(`document.querySelector('.dk-match > button').click()`))
		b.until(`document.querySelector('.dk-hit')`)
		b.accessible(source, "found")
		b.fits("found")
		b.picture(fmt.Sprint("found-", width))
		b.do(run(`document.querySelector('.dk-hit button').click()`))
		b.until(`document.querySelector('.dk-result')`)
		b.accessible(source, "opened")
		b.fits("opened")
		b.picture(fmt.Sprint("opened-", width))
		if got := get[string](b, `document.querySelector('.dk-result').textContent`); !strings.Contains(got, "mu-003") {
			t.Errorf("the hit that was opened: %s", got)
		}

		b.do(run(`document.querySelector('#left-names').value = 'x'`), run(`document.querySelector('.dk-match > button').click()`))
		b.until(`document.querySelector('.govuk-error-summary')`)
		b.accessible(source, "refused")
		b.fits("refused")
		b.stayed(h.desk)
		for _, r := range b.requests {
			if strings.Contains(r, "Mansour") || strings.Contains(r, "%D0") {
				t.Errorf("a name stands in an address: %s", r)
			}
		}
	}
}
