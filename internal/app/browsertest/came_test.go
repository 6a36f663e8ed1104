// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// The pages right of the wall, filled, shut nobody out: on a telephone, with
// axe, and read from right to left.
func TestPagesOfWhatCameOfIt(t *testing.T) {
	source := axe(t)
	h := open(t)
	see := func(b *browser, width int64, pages ...[2]string) {
		t.Helper()
		for _, x := range pages {
			b.visit(inDemo+x[1], x[0])
			b.accessible(source, x[0])
			b.fits(x[0])
			b.picture(fmt.Sprint(x[0], width))
			b.do(run(`document.documentElement.dir = 'rtl'`))
			b.fits(x[0] + " from right to left")
			b.picture(fmt.Sprint(x[0], width, "rtl"))
			b.do(run(`document.documentElement.dir = 'ltr'`))
		}
	}
	for _, width := range []int64{320, 1280} {
		rita, dora, lars := newBrowser(t, mode{width: width}), newBrowser(t, mode{width: width}), newBrowser(t, mode{width: width})
		rita.logIn(h, "rita")
		see(rita, width, [2]string{"outcomes", "/outcomes"}, [2]string{"statistics", "/statistics"}, [2]string{"referrals", "/referrals"}, [2]string{"tells", "/tell"}, [2]string{"danger", "/danger"}, [2]string{"items", "/intelligence"})
		first := get[string](rita, `document.querySelector('.dk-row__link').getAttribute('href')`)
		see(rita, width, [2]string{"item", first[len(inDemo):]})
		dora.logIn(h, "dora")
		see(dora, width, [2]string{"overdue", "/overdue"}, [2]string{"publish", "/publish"}, [2]string{"partners", "/partners"}, [2]string{"outcomes", "/outcomes"})
		lars.logIn(h, "lars")
		lars.until(`document.querySelector('main').dataset.page === 'received'`)
		lars.accessible(source, "received")
		lars.fits("received")
		lars.picture(fmt.Sprint("received", width))
		lars.do(chromedp.Click(".dk-row__link"))
		lars.until(`document.querySelector('main').dataset.page === 'received-one'`)
		lars.accessible(source, "received-one")
		lars.fits("received-one")
		lars.picture(fmt.Sprint("received-one", width))
	}
	b := newBrowser(t, mode{width: 320})
	for _, lang := range []string{"en", "ar"} {
		b.do(chromedp.Navigate(h.portal + "/" + lang + "/came-of-it"))
		b.settle()
		b.accessible(source, lang+" came of it")
		b.fits(lang + " came of it")
		b.picture(lang + "-came-of-it")
	}
	b.stayed(h.portal)
}
