// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// send clicks the button that a selector names, wherever it stands, and waits
// for a page.
func (b *browser) send(button, page string) {
	b.t.Helper()
	b.leave(run(fmt.Sprintf(`document.querySelector(%q).click()`, button)))
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

// way is a tip with everybody who touches it.
type way struct {
	h                         house
	stranger, rita, sam, lene *browser
	ten                       []string // the reporter's words
	report, item, outcome     string   // addresses
	number                    string   // what people call the item
	before                    int      // successes that the demo has
}

const (
	toldTip  = "Min svoger Zebedæus lægger smuglercigaretter i den blå hal bag havnen, jeg hjalp ham i går aften. Hans nummer er 20 12 34 56."
	answered = "Den grønne port mod vandet, sagde Zebedæus."
)

// TestTheWholeWay is what the platform is for: a Danish tip about cigarettes
// becomes an item that shows nobody, a second person approves it, customs
// receive it, ask and are answered, say what they found, the reporter is told,
// and a figure that everybody may read can be followed back to all of it.
func TestTheWholeWay(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.partner(t, "P")
	w := &way{h: h, stranger: newBrowser(t, mode{}), rita: newBrowser(t, mode{}), sam: newBrowser(t, mode{}), lene: newBrowser(t, mode{width: 320})}
	w.ten = w.stranger.tell(h, "da", "counterfeit", toldTip)
	w.stranger.neverSent("Zebedæus")
	w.write()
	w.sam.logIn(h, "sam")
	w.sam.covers()
	w.sam.visit(inDemo+"/statistics", "statistics")
	w.before = w.sam.successes()
	w.approve()
	w.sam.picture("3-item")
	w.refer()
	w.ask()
	w.achieve()
	w.sam.visit(inDemo+"/statistics", "statistics")
	if now := w.sam.successes(); now != w.before+5 {
		t.Errorf("the desk counts %d successes, where five came to %d", now, w.before)
	}
	w.tell()
	w.onATelephone(t)
	dora := w.publish(t)

	for _, words := range []string{"Zebedæus", "svoger", "grønne port", "jeg hjalp"} {
		for _, b := range []*browser{w.rita, w.sam, w.lene, dora} {
			b.neverSent(words)
		}
		if strings.Contains(get[string](w.lene, `document.body.innerText`), words) {
			t.Error("a partner reads what the reporter wrote")
		}
	}
	for _, b := range []*browser{w.rita, w.sam, w.lene, dora} {
		b.stayed(h.desk)
	}
	w.stranger.stayed(h.portal)
}

// write makes the item beside the report.
func (w *way) write() {
	w.rita.t.Helper()
	w.rita.logIn(w.h, "rita")
	w.rita.openNewest(w.h, "Zebedæus")
	w.report = get[string](w.rita, `location.pathname`)
	w.rita.picture("1-report")
	w.rita.do(clicked("#tab-item"))
	w.rita.fill("#text-1", "Smuglercigaretter i den blå hal bag havnen.")
	w.rita.until(`document.querySelector('[data-check="1"] [data-mark="copied"]')`)
	w.rita.fill("#title", "Cigarettes without stamps behind the port")
	w.rita.fill("#text-1", "Cigarettes without revenue stamps are stored near the port. The man who keeps them is reached on +45 20 12 34 56.")
	w.rita.until(`document.querySelector('[data-things="1"] input')?.value === 'phone +4520123456'`)
	w.rita.do(run(`document.querySelector('[data-things="1"] input').click()`))
	w.rita.marked(1, "")
	w.rita.grade(1, "2", "D")
	w.rita.pick("#seriousness", "high")
	w.rita.picture("2-writing")
	w.rita.send(`[data-item-form] [value=submit]`, "item")
	w.item = get[string](w.rita, `location.pathname`)
	w.number = get[string](w.rita, `document.querySelector('main h1').textContent.split(' ')[0]`)
}

// approve is the second person's.
func (w *way) approve() {
	w.sam.t.Helper()
	w.sam.visit(w.item, "item")
	w.sam.do(run(`document.querySelector('form[action$="/approve"] button').click()`))
	w.sam.until(`document.querySelector('main .govuk-tag').classList.contains('govuk-tag--green')`)
}

// refer hands it to customs, who ask.
func (w *way) refer() {
	w.rita.t.Helper()
	w.rita.visit(strings.Replace(w.item, "/items/", "/refer/", 1), "refer")
	w.rita.do(run(`[...document.querySelectorAll('main label')].find(l => l.textContent.includes('grænsekontrollen, Nordsøkysten')).click()`), run(`document.querySelector('#reason').value = 'The port is in their district.'`))
	w.rita.send("main form .govuk-button", "referral")
	w.rita.picture("4-referral")
	w.lene.logIn(w.h, "lene")
	w.lene.wait("received")
	w.lene.send(".dk-row__link", "received-one")
	w.reply("acknowledged", "")
	w.reply("accepted", "")
	w.reply("asked", "Which door do they use?")
	w.lene.picture("5-received")
}

// reply is what the partner says, on its page.
func (w *way) reply(act, text string, more ...func()) {
	w.lene.t.Helper()
	w.lene.do(clicked("#act-"+act), run(fmt.Sprintf(`document.querySelector('#text').value = %q`, text)))
	for _, fill := range more {
		fill()
	}
	w.lene.do(run(`document.querySelector('.dk-done')?.remove()`), run(`document.querySelector('main form .govuk-button').click()`))
	w.lene.until(`document.querySelector('.dk-done') !== null && document.readyState === 'complete'`)
}

// ask puts the question in the desk's own words; the reporter answers, and the
// answer is an addendum.
func (w *way) ask() {
	w.rita.t.Helper()
	w.rita.visit(inDemo+"/questions", "questions")
	w.rita.do(run(`[...document.querySelectorAll('main a')].find(a => a.href.includes('question=')).click()`))
	w.rita.until(`document.querySelector('main')?.dataset.page === 'reading' && document.querySelector('#answer')?.value !== '' && !document.querySelector('#answer').disabled`)
	w.rita.do(run(`document.querySelector('#answer').value = 'Ved du mere om bygningen?'`), run(`document.querySelector('[data-answer] button').click()`))
	w.rita.wait("questions")
	w.rita.neverSent("mere om bygningen")
	w.stranger.openMailbox(w.h, "da", w.ten)
	w.stranger.until(`document.querySelector('#talk').textContent.includes('Ved du mere om bygningen?')`)
	w.stranger.do(typed("#reply-text", answered), clicked("#reply-button"))
	w.stranger.until(`document.querySelector('#talk').textContent.includes('mod vandet')`)
	w.rita.visit(w.report, "reading")
	w.rita.until(`document.querySelector('[data-conversation]')?.textContent.includes('mod vandet')`)
	w.rita.do(run(`[...document.querySelectorAll('#panel-item a')].find(a => a.href.includes('item=')).click()`))
	w.rita.until(`document.querySelector('#panel-item')?.hidden === false && document.querySelector('#text-1')?.value.includes('revenue stamps')`)
	w.rita.fill("#text-2", "Addendum: goods are taken in from the waterside.")
	w.rita.grade(2, "2", "D")
	w.rita.until(`document.querySelector('[data-item-progress]').textContent !== ''`)
	w.rita.send(`[data-item-form] [value=submit]`, "item")
	w.approve()
	w.rita.visit(inDemo+"/questions", "questions")
	w.rita.do(run(`document.querySelector('form[action$="/pass"] button').click()`))
	w.rita.until(`document.querySelector('main').textContent.includes('No partner waits')`)
	w.lene.do(chromedp.Reload())
	w.lene.until(`document.body.innerText.includes('from the waterside')`)
}

// found is an outcome as the partner reports it.
func (w *way) found(kind, of, quantity, unit, value string) {
	w.lene.t.Helper()
	w.reply("outcome", "", func() {
		w.lene.pick("#kind", kind)
		w.lene.pick("#of", of)
		w.lene.fill("#quantity", quantity)
		w.lene.pick("#unit", unit)
		w.lene.fill("#value", value)
		if value != "" {
			w.lene.fill("#currency", "NZD")
		}
		w.lene.fill("#day", w.h.clock.Now().UTC().Format(time.DateOnly))
	})
}

// achieve is what they found, as seed 003 tells of such a case, each confirmed
// by somebody else; a figure leads to its records, and from there to the item.
func (w *way) achieve() {
	w.sam.t.Helper()
	w.found("goods", "cigarettes", "2700000", "piece", "")
	w.found("cash", "", "", "", "4000000")
	w.found("property", "", "3", "piece", "6000000")
	w.found("arrest", "", "3", "person", "")
	w.found("duty", "", "", "", "18000000")
	w.sam.visit(inDemo+"/outcomes?state=recorded", "outcomes")
	reported := get[[]string](w.sam, `[...document.querySelectorAll('main tbody tr')].filter(r => r.textContent.includes('grænsekontrollen, Nordsøkysten')).map(r => r.querySelector('a').getAttribute('href'))`)
	if len(reported) != 5 {
		w.sam.t.Fatalf("%d outcomes wait of the five that were reported", len(reported))
	}
	for _, outcome := range reported {
		w.sam.visit(outcome, "outcome")
		w.sam.do(run(`document.querySelector('form[action$="/confirm"] button').click()`))
		w.sam.until(`document.querySelector('main h1 .govuk-tag--green') !== null`)
	}
	w.sam.visit(inDemo+"/outcomes", "outcomes")
	w.sam.picture("6-outcomes")
	w.sam.visit(inDemo+"/outcomes?kind=goods", "outcomes")
	w.sam.do(run(`[...document.querySelectorAll('main tbody tr')].find(r => /2.700.000/.test(r.textContent)).querySelector('a').click()`))
	w.sam.wait("outcome")
	w.outcome = get[string](w.sam, `location.pathname`)
	w.sam.do(run(fmt.Sprintf(`[...document.querySelectorAll('main a')].find(a => a.textContent === %q).click()`, w.number)))
	w.sam.until(fmt.Sprintf(`location.pathname === %q`, w.item))
}

// tell lets the reporter know.
func (w *way) tell() {
	w.rita.t.Helper()
	w.rita.visit(inDemo+"/tell", "tells")
	w.rita.do(run(fmt.Sprintf(`[...document.querySelectorAll('.dk-row__link')].find(a => a.textContent === %q).click()`, w.number)))
	w.rita.until(`document.querySelector('#message')?.disabled === false`)
	w.rita.do(typed("#message", " Tak fra Wombat."), run(`document.querySelector('[data-tell-form] button').click()`))
	w.rita.wait("tells")
	w.rita.neverSent("Wombat")
	w.stranger.openMailbox(w.h, "da", w.ten)
	w.stranger.until(`document.querySelector('#talk').textContent.includes('Tak fra Wombat.')`)
	w.stranger.picture("7-mailbox")
}

// successes reads the figure of that name from a page.
func (b *browser) successes() int {
	b.t.Helper()
	return get[int](b, `Number([...document.querySelectorAll('main *')].find(e => e.children.length === 0 && e.textContent.trim() === 'Successes').parentElement.innerText.match(/\d+/)[0])`)
}

// onATelephone looks at every page right of the wall at 320 pixels.
func (w *way) onATelephone(t *testing.T) {
	t.Helper()
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
	narrow.logIn(w.h, "sam")
	narrow.covers()
	look(
		[2]string{inDemo + "/intelligence", "items"}, [2]string{w.item, "item"}, [2]string{w.item + "/edit", "write"}, [2]string{inDemo + "/compartments", "compartments"},
		[2]string{inDemo + "/schemes", "schemes"}, [2]string{inDemo + "/referrals", "referrals"}, [2]string{inDemo + "/chase", "chase"}, [2]string{inDemo + "/tell", "tells"},
		[2]string{inDemo + "/outcomes", "outcomes"}, [2]string{w.outcome, "outcome"},
		[2]string{inDemo + "/outcomes/new", "outcome-form"}, [2]string{inDemo + "/outcomes/new?kind=drugs", "outcome-form"}, [2]string{inDemo + "/statistics", "statistics"},
	)
}

// publish is the next year's: what came of it is everybody's to read.
func (w *way) publish(t *testing.T) *browser {
	t.Helper()
	year := w.h.clock.Now().Year()
	next := time.Date(year+1, 1, 31, 12, 0, 0, 0, time.UTC) // late enough for clocks of reports to run out also where the year was nearly over
	w.h.clock.ahead.Store(int64(next.Sub(w.h.clock.Now())))
	dora := newBrowser(t, mode{})
	dora.logIn(w.h, "dora")
	dora.visit(inDemo+"/overdue", "overdue")
	if n := get[int](dora, `document.querySelectorAll('main tbody tr').length`); n == 0 {
		t.Error("weeks later no clock of any report has run out")
	}
	dora.accessible(axe(t), "overdue")
	dora.picture("overdue")
	dora.visit(inDemo+fmt.Sprintf("/publish?year=%d", year), "publish")
	dora.picture("8-publish")
	dora.do(run(`document.querySelector('main form[method=post] button').click()`))
	dora.until(`document.querySelector('.dk-done') !== null`)
	w.stranger.do(chromedp.Navigate(w.h.portal + "/en/came-of-it"))
	w.stranger.settle()
	if public := w.stranger.successes(); public < 5 {
		t.Errorf("everybody reads of %d successes", public)
	}
	w.stranger.picture("9-public")
	if text := get[string](w.stranger, `document.querySelector('main').textContent`); strings.Contains(text, w.number) {
		t.Error("a public page names an item")
	}
	return dora
}
