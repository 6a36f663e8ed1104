// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const ownCard = "cards/fake-tickets.en.md"

// textPath is the address of a page about a text.
func textPath(what, text, more string) string {
	return inDemo + "/content/" + what + "?text=" + url.QueryEscape(text) + more
}

// An editor writes, looks at the public page in each language and width and
// sends it; another person approves it, the public reads it at once, and it is
// undone. Nothing leaves the origin.
func TestATextFromAnEditorToThePublic(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := newBrowser(t, mode{})
	b.logIn(h, "eva")
	b.visit(inDemo+"/content", "content")
	b.picture("list")
	b.visit(textPath("edit", ownCard, ""), "content-edit")
	b.do(run(`document.querySelector('#body').value = document.querySelector('#body').value.replace(/^title: .*/m, 'title: Tickets without Tears'); 0`))
	// A slip does not lose what was typed.
	b.do(run(`window.confirm = () => { window.asked = true; return false }; document.querySelector('.dk-nav a').click(); 0`))
	b.until(`window.asked === true && document.querySelector('main').dataset.page === 'content-edit' && document.querySelector('#body').value.includes('without Tears')`)
	b.send(`button[value="look"]`, "content-preview")
	for _, width := range []int{320, 768, 1280} {
		for _, lang := range []string{"en", "da", "ar"} {
			b.visit(textPath("preview", ownCard, fmt.Sprintf("&n=2&lang=%s&width=%d", lang, width)), "content-preview")
			b.until(`document.querySelector('iframe').contentDocument?.readyState === 'complete' && document.querySelector('iframe').contentDocument.querySelector('h1')`)
			if got := get[int](b, `document.querySelector('iframe').getBoundingClientRect().width`); got < width || got > width+4 {
				t.Errorf("%s at %d: the frame is %d px wide", lang, width, got)
			}
			inner := get[string](b, `(d => d.documentElement.lang + ' ' + d.documentElement.dir + ' ' + d.querySelector('h1').textContent + ' ' + (d.styleSheets.length > 0 && getComputedStyle(d.querySelector('h1')).fontWeight))(document.querySelector('iframe').contentDocument)`)
			dir, title := "ltr", "Tickets without Tears"
			if lang == "ar" {
				dir = "rtl"
			}
			if lang == "da" {
				title = "Køb billetter"
			}
			if !strings.HasPrefix(inner, lang+" "+dir) || !strings.Contains(inner, title) || !strings.HasSuffix(inner, " 700") {
				t.Errorf("the preview in %s shows %q", lang, inner)
			}
			if get[bool](b, `document.querySelector('iframe').contentWindow.scrubbed === undefined && document.querySelector('iframe').sandbox.contains('allow-scripts')`) {
				t.Error("the preview may run scripts")
			}
			if width == 320 {
				b.picture("preview-" + lang)
			}
		}
	}
	b.visit(textPath("version", ownCard, "&n=2"), "content-version")
	b.send(`form[action$="/send"] button`, "content-version")
	b.until(`document.querySelector(".dk-done")`)

	c := newBrowser(t, mode{})
	c.logIn(h, "chen")
	c.visit(textPath("version", ownCard, "&n=2"), "content-version")
	c.picture("judge")
	c.send(`form[action$="/approve"] button`, "content-version")
	c.until(`document.querySelector(".dk-done")`)
	reader := newBrowser(t, mode{})
	title := func() string {
		reader.do(chromedp.Navigate(h.portal + "/en/advice/fake-tickets"))
		return get[string](reader, `document.querySelector('h1').textContent`)
	}
	if got := title(); !strings.Contains(got, "Tickets without Tears") {
		t.Errorf("approved, and the public reads %q", got)
	}
	c.visit(textPath("text", ownCard, ""), "content-text")
	c.picture("text")
	c.do(run(`document.querySelector('form[action$="/undo"]').closest('details').open = true; 0`))
	c.pick("#undo-to", "1")
	c.send(`form[action$="/undo"] button`, "content-text")
	c.until(`document.querySelector(".dk-done")`)
	if got := title(); strings.Contains(got, "Tickets without Tears") {
		t.Errorf("undone, and the public reads %q", got)
	}
	b.stayed(h.desk)
	c.stayed(h.desk)
}

// Every page of editors fits a telephone and pleases axe, also where an Arabic
// text stands on it.
func TestEditorsPagesFitAPhone(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	for handle, pages := range map[string]map[string]string{
		"chen": {
			inDemo + "/content":                                             "content",
			textPath("text", ownCard, ""):                                   "content-text",
			textPath("version", "cards/fake-tickets.ar.md", "&n=1"):         "content-version",
			textPath("version", "cards/fake-listing.en.md", "&n=1"):         "content-version",
			textPath("compare", "cards/fake-listing.en.md", "&from=0&to=1"): "content-compare",
			textPath("preview", ownCard, "&n=1&lang=ar&width=320"):          "content-preview",
		},
		"tariq": {
			textPath("edit", "cards/overdose.ar.md", "&n=1"): "content-edit",
			textPath("edit", "crimes/fraud.ar.md", ""):       "content-edit",
		},
	} {
		b := newBrowser(t, mode{width: 320})
		b.logIn(h, handle)
		n := 0
		for path, name := range pages {
			b.visit(path, name)
			n++
			where := fmt.Sprintf("%s-%s-%d", handle, name, n)
			b.accessible(source, where)
			b.fits(where)
			b.picture(where)
		}
		b.stayed(h.desk)
	}
}
