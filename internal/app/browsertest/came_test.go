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
	t.Parallel()
	source := axe(t)
	h := open(t)
	see := func(b *browser, pages ...[2]string) {
		b.t.Helper()
		for _, x := range pages {
			b.visit(inDemo+x[1], x[0])
			b.narrowAndWide(func(width int64) {
				b.accessible(source, x[0])
				b.fits(x[0])
				b.picture(fmt.Sprint(x[0], width))
				b.do(run(`document.documentElement.dir = 'rtl'`))
				b.fits(x[0] + " from right to left")
				b.picture(fmt.Sprint(x[0], width, "rtl"))
				b.do(run(`document.documentElement.dir = 'ltr'`))
			})
		}
	}
	for who, look := range map[string]func(*browser){
		"rita": func(b *browser) {
			see(b, [2]string{"outcomes", "/outcomes"}, [2]string{"statistics", "/statistics"}, [2]string{"referrals", "/referrals"}, [2]string{"tells", "/tell"}, [2]string{"danger", "/danger"}, [2]string{"items", "/intelligence"})
			first := get[string](b, `document.querySelector('.dk-row__link').getAttribute('href')`)
			see(b, [2]string{"item", first[len(inDemo):]})
		},
		"dora": func(b *browser) {
			see(b, [2]string{"overdue", "/overdue"}, [2]string{"publish", "/publish"}, [2]string{"partners", "/partners"}, [2]string{"outcomes", "/outcomes"})
		},
		"lars": func(b *browser) {
			for _, name := range []string{"received", "received-one"} {
				b.wait(name)
				b.narrowAndWide(func(width int64) {
					b.accessible(source, name)
					b.fits(name)
					b.picture(fmt.Sprint(name, width))
				})
				if name == "received" {
					b.leave(clicked(".dk-row__link"))
				}
			}
		},
	} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t, mode{})
			b.logIn(h, who)
			look(b)
		})
	}
	t.Run("everybody", func(t *testing.T) {
		t.Parallel()
		b := newBrowser(t, mode{width: 320})
		for _, lang := range []string{"en", "ar"} {
			b.do(chromedp.Navigate(h.portal + "/" + lang + "/came-of-it"))
			b.settle()
			b.accessible(source, lang+" came of it")
			b.fits(lang + " came of it")
			b.picture(lang + "-came-of-it")
		}
		b.stayed(h.portal)
	})
}
