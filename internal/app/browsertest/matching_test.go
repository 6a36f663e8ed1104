// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestNamesAreComparedAndListsSearched(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	b := newBrowser(t, mode{})
	b.logIn(h, "ada")
	b.visit(inDemo+"/matching", "matching")
	b.do(typed("#left-names", "Abdul Rahman Mansour Khalil"), typed("#right-names", "عبد الرحمن منصور خليل"))
	b.do(run(`document.querySelectorAll('details').forEach(d => d.open = true)`))
	b.do(typed("#left-born", "about 40"), typed("#right-born", "1984"), typed("#left-country", "Syria"), typed("#right-country", "sy"))
	b.picture("form")
	look := func(what string) {
		t.Helper()
		b.narrowAndWide(func(width int64) {
			b.accessible(source, what)
			b.fits(what)
			b.picture(fmt.Sprint(what, "-", width))
			if off := get[int](b, `[...document.querySelectorAll('.dk-words-svg text')].filter(t => { const a = t.getBoundingClientRect(), s = t.closest('svg').getBoundingClientRect(); return a.left < s.left - 1 || a.right > s.right + 1 }).length`); off > 0 {
				t.Errorf("%s, %d px: %d words stick out of the picture", what, width, off)
			}
		})
	}
	b.do(run(`document.querySelector('.dk-match button').click()`))
	b.until(`document.querySelector('.dk-result')`)
	look("compared")
	drawn := get[[]string](b, `[...document.querySelectorAll('.dk-words-svg text')].map(t => t.textContent)`)
	said := get[string](b, `document.querySelector('.dk-words-drawn ol').textContent`)
	if !strings.Contains(strings.Join(drawn, " "), "منصور") || !strings.Contains(said, "منصور") {
		t.Errorf("drawn %q, said %q", drawn, said)
	}

	b.visit(inDemo+"/matching?mode=search", "matching")
	b.do(typed("#left-names", "Кузнецов Сергей"))
	b.do(run(`document.querySelector('.dk-match > button').click()`))
	b.until(`document.querySelector('.dk-hit')`)
	look("found")
	b.do(run(`document.querySelector('.dk-hit button').click()`))
	b.until(`document.querySelector('.dk-result')`)
	look("opened")
	if got := get[string](b, `document.querySelector('.dk-result').textContent`); !strings.Contains(got, "mu-003") {
		t.Errorf("the hit that was opened: %s", got)
	}

	b.do(run(`document.querySelector('#left-names').value = 'x'`), run(`document.querySelector('.dk-match > button').click()`))
	b.until(`document.querySelector('.govuk-error-summary')`)
	look("refused")
	b.stayed(h.desk)
	for _, r := range b.asked() {
		if strings.Contains(r, "Mansour") || strings.Contains(r, "%D0") {
			t.Errorf("a name stands in an address: %s", r)
		}
	}
}
