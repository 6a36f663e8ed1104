// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/people"
)

// send clicks the button that a selector names, wherever it stands, and waits
// for a page.
func (b *browser) send(button, page string) {
	b.t.Helper()
	b.do(run(fmt.Sprintf(`document.querySelector(%q).click()`, button)))
	b.wait(page)
}

// pick chooses an option by its value.
func (b *browser) pick(field, value string) {
	b.t.Helper()
	b.do(run(fmt.Sprintf(`(() => { const f = document.querySelector(%q); f.value = %q; if (f.value !== %q) throw new Error('no option ' + %q); f.dispatchEvent(new Event('input', {bubbles: true})) })()`, field, value, value, value)))
}

// grade gives a statement of the form its two grades.
func (b *browser) grade(n int, source, information string) {
	b.t.Helper()
	b.pick(fmt.Sprintf("#source-%d", n), source)
	b.pick(fmt.Sprintf("#information-%d", n), information)
}

// TestTheWholeWay is what the platform is for: a Danish tip about cigarettes
// becomes an item that shows nobody, a second person approves it, customs
// receive it, ask and are answered, say what they found, the reporter is told,
// and a figure that everybody may read can be followed back to all of it.
func TestTheWholeWay(t *testing.T) {
	h := open(t)
	p := h.Programmes.All()[0]
	h.partner(t, "P")
	h.enrol(t, people.Newcomer{Handle: "dora", Name: "Dora Falk", Language: "en", Grant: authz.Grant{Role: authz.Director, Programme: p.ID}})

	stranger := newBrowser(t, mode{})
	const raw = "Min svoger Zebedæus lægger smuglercigaretter i den blå hal bag havnen, jeg hjalp ham i går aften. Hans nummer er 20 12 34 56."
	ten := stranger.tell(h, "da", "counterfeit", raw)
	stranger.neverSent("Zebedæus")

	// Beside the report, the item.
	rita, sam, lene := newBrowser(t, mode{}), newBrowser(t, mode{}), newBrowser(t, mode{width: 320})
	rita.logIn(h, "rita")
	rita.openNewest(h, "Zebedæus")
	report := get[string](rita, `location.pathname`)
	rita.picture("1-report")
	rita.do(chromedp.Click("#tab-item"))
	rita.fill("#text-1", "Smuglercigaretter i den blå hal bag havnen.")
	rita.until(`document.querySelector('[data-check="1"] [data-mark="copied"]')`)
	rita.fill("#title", "Cigarettes without stamps behind the port")
	rita.fill("#text-1", "Cigarettes without revenue stamps are stored near the port. The man who keeps them is reached on +45 20 12 34 56.")
	rita.until(`document.querySelector('[data-things="1"] input')?.value === 'phone +4520123456'`)
	rita.do(run(`document.querySelector('[data-things="1"] input').click()`))
	rita.marked(1, "")
	rita.grade(1, "2", "D")
	rita.pick("#seriousness", "high")
	rita.picture("2-writing")
	rita.send(`[data-item-form] [value=submit]`, "item")
	item := get[string](rita, `location.pathname`)
	number := get[string](rita, `document.querySelector('main h1').textContent.split(' ')[0]`)

	sam.logIn(h, "sam")
	sam.covers()
	approve := func() {
		sam.visit(item, "item")
		sam.do(run(`document.querySelector('form[action$="/approve"] button').click()`))
		sam.until(`document.querySelector('main .govuk-tag').classList.contains('govuk-tag--green')`)
	}
	approve()
	sam.picture("3-item")

	// To customs, who ask.
	rita.visit(strings.Replace(item, "/items/", "/refer/", 1), "refer")
	rita.do(run(`document.querySelector('input[name=partner]:not([disabled])').click()`), run(`document.querySelector('#reason').value = 'The port is in their district.'`))
	rita.send("main form .govuk-button", "referral")
	rita.picture("4-referral")
	lene.logIn(h, "lene")
	lene.wait("received")
	lene.send(".dk-row__link", "received-one")
	reply := func(act, text string, more ...func()) {
		lene.do(chromedp.Click("#act-"+act), run(fmt.Sprintf(`document.querySelector('#text').value = %q`, text)))
		for _, fill := range more {
			fill()
		}
		lene.do(run(`document.querySelector('.dk-done')?.remove()`), run(`document.querySelector('main form .govuk-button').click()`))
		lene.until(`document.querySelector('.dk-done') !== null && document.readyState === 'complete'`)
	}
	reply("acknowledged", "")
	reply("accepted", "")
	reply("asked", "Which door do they use?")
	lene.picture("5-received")

	// The desk rewrites, the reporter answers, the answer is an addendum.
	rita.visit(inDemo+"/questions", "questions")
	rita.do(run(`[...document.querySelectorAll('main a')].find(a => a.href.includes('question=')).click()`))
	rita.until(`document.querySelector('main')?.dataset.page === 'reading' && document.querySelector('#answer')?.value !== '' && !document.querySelector('#answer').disabled`)
	rita.do(run(`document.querySelector('#answer').value = 'Ved du mere om bygningen?'`), run(`document.querySelector('[data-answer] button').click()`))
	rita.wait("questions")
	rita.neverSent("mere om bygningen")
	stranger.openMailbox(h, "da", ten)
	stranger.until(`document.querySelector('#talk').textContent.includes('Ved du mere om bygningen?')`)
	stranger.do(chromedp.SendKeys("#reply-text", "Den grønne port mod vandet, sagde Zebedæus."), chromedp.Click("#reply-button"))
	stranger.until(`document.querySelector('#talk').textContent.includes('mod vandet')`)
	rita.visit(report, "reading")
	rita.until(`document.querySelector('[data-conversation]')?.textContent.includes('mod vandet')`)
	rita.do(run(`[...document.querySelectorAll('#panel-item a')].find(a => a.href.includes('item=')).click()`))
	rita.until(`document.querySelector('#panel-item')?.hidden === false && document.querySelector('#text-1')?.value.includes('revenue stamps')`)
	rita.fill("#text-2", "Addendum: goods are taken in from the waterside.")
	rita.grade(2, "2", "D")
	rita.until(`document.querySelector('[data-item-progress]').textContent !== ''`)
	rita.send(`[data-item-form] [value=submit]`, "item")
	approve()
	rita.visit(inDemo+"/questions", "questions")
	rita.do(run(`document.querySelector('form[action$="/pass"] button').click()`))
	rita.until(`document.querySelector('main').textContent.includes('No partner waits')`)
	lene.do(chromedp.Reload())
	lene.until(`document.body.innerText.includes('from the waterside')`)

	// What they found, as seed 003 tells of such a case, each confirmed by somebody else.
	found := func(kind, of, quantity, unit, value string) {
		reply("outcome", "", func() {
			lene.pick("#kind", kind)
			lene.pick("#of", of)
			lene.fill("#quantity", quantity)
			lene.pick("#unit", unit)
			lene.fill("#value", value)
			if value != "" {
				lene.fill("#currency", "NZD")
			}
			lene.fill("#day", h.clock.Now().UTC().Format(time.DateOnly))
		})
	}
	found("goods", "cigarettes", "2700000", "piece", "")
	found("cash", "", "", "", "4000000")
	found("property", "", "3", "piece", "6000000")
	found("arrest", "", "3", "person", "")
	found("duty", "", "", "", "18000000")
	for {
		sam.visit(inDemo+"/outcomes?state=recorded", "outcomes")
		if get[int](sam, `document.querySelectorAll('main table a').length`) == 0 {
			break
		}
		sam.send("main table a", "outcome")
		sam.do(run(`document.querySelector('form[action$="/confirm"] button').click()`))
		sam.until(`document.querySelector('main h1 .govuk-tag--green') !== null`)
	}
	sam.visit(inDemo+"/outcomes", "outcomes")
	sam.picture("6-outcomes")

	// The reporter is told.
	rita.visit(inDemo+"/tell", "tells")
	rita.do(run(fmt.Sprintf(`[...document.querySelectorAll('.dk-row__link')].find(a => a.textContent === %q).click()`, number)))
	rita.until(`document.querySelector('#message')?.disabled === false`)
	rita.do(chromedp.SendKeys("#message", " Tak fra Wombat."), run(`document.querySelector('[data-tell-form] button').click()`))
	rita.wait("tells")
	rita.neverSent("Wombat")
	stranger.openMailbox(h, "da", ten)
	stranger.until(`document.querySelector('#talk').textContent.includes('Tak fra Wombat.')`)
	stranger.picture("7-mailbox")

	// A figure of the desk leads to its records, and from there to the item.
	sam.visit(inDemo+"/outcomes?kind=goods", "outcomes")
	sam.send("main table a", "outcome")
	sam.do(run(fmt.Sprintf(`[...document.querySelectorAll('main a')].find(a => a.textContent === %q).click()`, number)))
	sam.until(fmt.Sprintf(`location.pathname === %q`, item))

	// All of it on a telephone.
	source := axe(t)
	narrow := newBrowser(t, mode{width: 320})
	look := func(pages ...[2]string) {
		for _, at := range pages {
			narrow.visit(at[0], at[1])
			narrow.accessible(source, at[0])
			narrow.fits(at[0])
			narrow.picture("narrow-" + strings.TrimPrefix(at[0], inDemo+"/"))
		}
	}
	narrow.logIn(h, "sam")
	narrow.covers()
	look(
		[2]string{inDemo + "/intelligence", "items"}, [2]string{item, "item"}, [2]string{item + "/edit", "write"}, [2]string{inDemo + "/compartments", "compartments"},
		[2]string{inDemo + "/schemes", "schemes"}, [2]string{inDemo + "/referrals", "referrals"}, [2]string{inDemo + "/chase", "chase"}, [2]string{inDemo + "/tell", "tells"},
		[2]string{inDemo + "/outcomes", "outcomes"}, [2]string{get[string](sam, `[...document.querySelectorAll('main a')].map(a => a.pathname).find(p => p.includes('/outcomes/'))`), "outcome"},
		[2]string{inDemo + "/outcomes/new", "outcome-form"}, [2]string{inDemo + "/outcomes/new?kind=drugs", "outcome-form"}, [2]string{inDemo + "/statistics", "statistics"},
	)

	// Next year, what came of it is everybody's to read.
	h.clock.ahead.Store(int64(time.Until(time.Date(time.Now().Year()+1, 1, 15, 12, 0, 0, 0, time.UTC))))
	dora := newBrowser(t, mode{})
	dora.logIn(h, "dora")
	dora.visit(inDemo+"/overdue", "overdue")
	if n := get[int](dora, `document.querySelectorAll('main tbody tr').length`); n == 0 {
		t.Error("two months later no clock of any report has run out")
	}
	dora.accessible(source, "overdue")
	dora.picture("overdue")
	dora.visit(inDemo+fmt.Sprintf("/publish?year=%d", time.Now().Year()), "publish")
	dora.picture("8-publish")
	dora.do(run(`document.querySelector('main form[method=post] button').click()`))
	dora.until(`document.querySelector('.dk-done') !== null`)
	stranger.do(chromedp.Navigate(h.portal + "/en/came-of-it"))
	stranger.settle()
	stranger.until(`[...document.querySelectorAll('main tr')].some(r => r.textContent.includes('Counterfeit and smuggled goods') && /\b5\b/.test(r.textContent))`)
	stranger.picture("9-public")
	if text := get[string](stranger, `document.querySelector('main').textContent`); strings.Contains(text, number) {
		t.Error("a public page names an item")
	}

	for _, words := range []string{"Zebedæus", "svoger", "grønne port", "jeg hjalp"} {
		for _, b := range []*browser{rita, sam, lene, dora} {
			b.neverSent(words)
		}
		if strings.Contains(get[string](lene, `document.body.innerText`), words) {
			t.Error("a partner reads what the reporter wrote")
		}
	}
	rita.stayed(h.desk)
	sam.stayed(h.desk)
	lene.stayed(h.desk)
	dora.stayed(h.desk)
	stranger.stayed(h.portal)
}
