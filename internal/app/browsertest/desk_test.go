// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/app/demo"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
)

const inDemo = "/p/north-sea-line"

// visit goes to a page of the desk by a link, so that opened keys stay open.
func (b *browser) visit(path, ready string) {
	b.t.Helper()
	b.leave(run(fmt.Sprintf(`(() => { const a = document.createElement('a'); a.href = %q; document.querySelector('main').append(a); a.click() })()`, path)))
	b.until(fmt.Sprintf(`location.pathname + location.search === %q && document.querySelector('main')?.dataset.page === %q`, path, ready))
}

// press presses keys, wherever the focus is.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// covers waits until every row shown is opened or says why it isn't.
func (b *browser) covers() {
	b.t.Helper()
	b.until(`document.querySelector('.dk-row--open') && [...document.querySelectorAll('[data-cover]')].every(p => !p.textContent.startsWith('Sealed. Unlock'))`)
}

func TestTheInboxObeysTheKeyboard(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := newBrowser(t, mode{})
	b.logIn(h, "rita")
	b.covers()
	rows := get[int](b, `document.querySelectorAll('[data-report]').length`)
	b.press("j", "j", "k", "j")
	second := get[string](b, `document.querySelectorAll('[data-report]')[1].dataset.report`)
	b.until(fmt.Sprintf(`document.activeElement.closest('[data-report]')?.dataset.report === %q`, second))

	// A contact ended and taken back is not ended.
	b.press("6", "u")
	b.until(`!document.querySelector('.dk-row--closing') && document.querySelector('[data-told]').textContent.includes('Taken back')`)
	b.press("?")
	b.until(`document.querySelector('[data-help]').open`)
	b.do(clicked("[data-close]"))

	// Ended and not taken back: gone from the queue, and counted.
	b.do(run(`document.querySelectorAll('.dk-row__link')[2].focus()`))
	third := get[string](b, `document.querySelectorAll('[data-report]')[2].dataset.report`)
	b.press("4")
	b.until(fmt.Sprintf(`document.querySelectorAll('[data-report]').length === %d`, rows-1))
	b.visit(inDemo+"/inbox?queue=closed", "inbox")
	b.until(fmt.Sprintf(`document.querySelector('[data-report="%s"]')?.textContent.includes('Too little')`, third))

	// What is filtered by is sealed, so it stays behind the #.
	b.visit(inDemo+"/inbox?queue=open", "inbox")
	b.covers()
	b.do(typed("#f-text", "handguns"))
	b.until(`[...document.querySelectorAll('[data-report]')].filter(r => !r.hidden).length === 1 && location.hash.includes('handguns')`)
	b.stayed(h.desk)
	for _, r := range b.asked() {
		if strings.Contains(r, "handguns") {
			t.Errorf("a filter about sealed words reached the server: %s", r)
		}
	}
	b.press("\t")
	b.do(run(`document.activeElement.blur()`))
	b.press("j", "\r")
	b.until(`document.querySelector('main').dataset.page === 'reading' && document.querySelector('.dk-message')?.textContent.includes('handguns')`)
}

func TestLockingLeavesNothingOpenedOnThePage(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := newBrowser(t, mode{})
	b.logIn(h, "rita")
	b.covers()
	words := get[string](b, `document.querySelector('.dk-row--open [data-cover]').textContent`)
	b.do(clicked("[data-key-lock]"))
	b.until(`!document.querySelector('[data-key-form]').hidden && !document.querySelector('.dk-row--open')`)
	if strings.Contains(get[string](b, `document.documentElement.outerHTML`), words) {
		t.Error("opened words stay on a locked page")
	}
	b.do(typed("#key-passphrase", "six words that are not it"), clicked("[data-key-form] button"))
	b.until(`document.querySelector('[data-key-state]').textContent.includes('does not open')`)
	if stored := get[string](b, `JSON.stringify({...localStorage, ...sessionStorage})`); strings.Contains(stored, "AGE-SECRET") || strings.Contains(stored, "seed") {
		t.Errorf("keys are stored: %s", stored)
	}
	b.neverSent(demo.Passphrase)
	b.stayed(h.desk)
}

func TestARestrictedReportIsForThoseNamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	rita, sam := newBrowser(t, mode{}), newBrowser(t, mode{})
	rita.logIn(h, "rita")
	rita.covers()
	rita.do(run(`[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes('handguns')).querySelector('.dk-row__link').click()`))
	rita.until(`document.querySelectorAll('.dk-message').length === 3`)
	path := get[string](rita, `location.pathname`)

	seal := func(names ...string) {
		rita.do(clicked("#tab-who"))
		rita.do(run(`document.querySelectorAll('[name=named]').forEach(f => { f.checked = false })`))
		for _, name := range names {
			rita.do(run(fmt.Sprintf(`[...document.querySelectorAll('[data-restrict] label')].find(l => l.textContent === %q).click()`, name)))
		}
		rita.do(typed("#r-reason", "the source is known to a colleague"), clicked("[data-restrict] button"))
	}
	seal("Rita Holm")
	rita.until(`document.querySelector('.dk-identity').textContent.includes('Restricted') && document.querySelectorAll('.dk-message').length === 3 && document.querySelector('.dk-turn')`)
	rita.until(`document.querySelector('[data-alarm]').hidden`)

	sam.logIn(h, "sam")
	sam.covers()
	sam.until(`[...document.querySelectorAll('[data-cover]')].some(p => p.textContent.includes('Sealed to other people'))`)
	sam.visit(path, "reading")
	sam.until(`document.querySelector('main').textContent.includes('sealed to the people named above') && !document.querySelector('.dk-message')`)

	// Opened to the desk again, the one who was shut out reads all of it.
	seal()
	rita.until(`!document.querySelector('.dk-identity').textContent.includes('Restricted') && document.querySelectorAll('.dk-turn').length === 2`)
	sam.visit(inDemo+"/inbox?queue=open", "inbox")
	sam.visit(path, "reading")
	sam.until(`document.querySelectorAll('.dk-message').length === 3`)
	rita.stayed(h.desk)
}

// A browser remembers a programme's key and its newest roster: a server that
// shows others later is not believed, and nothing is sealed.
func TestABrowserIsNotShownOlderOrOtherKeys(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, tt := range map[string]struct{ change, alarm string }{
		"another key":     {"seen.key = btoa('x'.repeat(32))", "another one than this browser has seen"},
		"an older list":   {"seen.version = 99", "an older list"},
		"nothing strange": {"0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t, mode{})
			b.logIn(h, "rita")
			b.covers()
			b.do(run(`for (const k of Object.keys(localStorage).filter(k => k.startsWith('turnstone.programme.'))) { const seen = JSON.parse(localStorage[k]); ` + tt.change + `; localStorage[k] = JSON.stringify(seen) } 0`))
			b.do(clicked("[data-key-lock]"))
			b.until(`!document.querySelector('[data-key-form]').hidden`)
			b.unlock()
			b.covers()
			b.do(clicked(".dk-row__link"))
			b.until(`document.querySelector('.dk-message')`)
			if tt.alarm == "" {
				b.until(`!document.querySelector('#answer').disabled && document.querySelector('[data-alarm]').hidden`)
				return
			}
			b.until(`document.querySelector('[data-alarm]').textContent.includes('` + tt.alarm + `')`)
			if !get[bool](b, `document.querySelector('#answer').disabled`) { // it is until the keys are known to be right
				t.Error("the desk may answer under an alarm")
			}
		})
	}
}

func TestTwoReportsMentionTheSame(t *testing.T) {
	t.Parallel()
	h := open(t)
	stranger := newBrowser(t, mode{})
	stranger.tell(h, "en", "fraud", "He wants it sent to +44 7700 900123, the same as before.")
	b := newBrowser(t, mode{})
	b.logIn(h, "rita")
	b.visit(inDemo+"/inbox?queue=new", "inbox")
	b.covers()
	b.do(run(`[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes('the same as before')).querySelector('.dk-row__link').click()`))
	b.until(`document.querySelector('.dk-message')`)
	b.do(clicked("#tab-index"))
	b.until(`document.querySelector('[data-selectors]').textContent.includes('+447700900123')`)
	b.do(clicked("[data-index] button:not([data-add])"))
	b.until(`!document.querySelector('[data-mentions]').hidden && document.querySelectorAll('[data-mentions] a').length >= 1`)
	b.neverSent("7700900123")
	b.leave(clicked("[data-mentions] a"))
	b.until(`document.querySelector('.dk-message')?.textContent.includes('dating site')`)
	b.stayed(h.desk)
}

// A newcomer's keys are made in their own browser; the desk's key comes from a
// colleague's browser; then they read the backlog.
func TestAnInvitationLeadsToReading(t *testing.T) {
	t.Parallel()
	h := open(t)
	boss := newBrowser(t, mode{})
	boss.logIn(h, "anna")
	boss.visit(inDemo+"/people", "people")
	boss.do(typed("#name", "Nina Test"), typed("#handle", "nina"),
		run(`[...document.querySelectorAll('#role option')].find(o => o.textContent.includes("The line's reviewers")).selected = true`), clicked("main form button"))
	boss.until(`document.querySelector('[data-link] a')`)
	link := get[string](boss, `document.querySelector('[data-link] a').getAttribute('href')`)

	nina := newBrowser(t, mode{})
	nina.do(chromedp.Navigate(h.desk + link))
	nina.until(`!document.querySelector('[data-again]').disabled`)
	passphrase := get[string](nina, `document.querySelector('[data-words]').textContent`)
	if n := len(strings.Fields(passphrase)); n != 6 {
		t.Fatalf("%d words, want 6", n)
	}
	nina.do(typed("#typed", "other words"), clicked("[data-accept] button"))
	nina.until(`document.querySelector('[data-progress]').textContent.includes('six words')`)
	nina.do(run(`document.querySelector('#typed').value = ''`), typed("#typed", passphrase), clicked("[data-accept] button"))
	nina.until(`document.querySelector('main').dataset.page === 'login' && !document.querySelector('[data-enable]').disabled`)
	nina.do(typed("#handle", "nina"), typed("#passphrase", passphrase), clicked("[data-enable]"))
	nina.until(`document.querySelector('main').dataset.page === 'inbox'`)
	nina.until(`[...document.querySelectorAll('[data-cover]')].every(p => p.textContent.includes('Sealed to other people'))`)
	nina.do(clicked(".dk-person a"))
	nina.until(`document.querySelector('main').dataset.page === 'me'`)

	boss.visit(inDemo+"/keys", "keys")
	boss.do(typed("[data-give] input", "00000 00000 00000"), clicked("[data-give] button"))
	boss.until(`document.querySelector('[data-desk] > [data-progress]').textContent.includes('not the fingerprint')`)
	boss.do(run(`document.querySelector('[data-give] input').value = document.querySelector('[data-give] input').dataset.print`), clicked("[data-give] button"))
	boss.until(`document.querySelector('main').textContent.includes('Saved') && !document.querySelector('[data-give]')`)

	nina.do(clicked("[data-key-lock]"))
	nina.until(`!document.querySelector('[data-key-form]').hidden`)
	nina.visit(inDemo+"/inbox?queue=open", "inbox")
	nina.do(typed("#key-passphrase", passphrase), clicked("[data-key-form] button"))
	nina.covers()
	nina.neverSent(passphrase)
	nina.stayed(h.desk)
	boss.stayed(h.desk)

	// The link is used up.
	late := newBrowser(t, mode{})
	late.do(chromedp.Navigate(h.desk + link))
	late.until(`document.querySelector('main').textContent.includes('has been used')`)
}

func TestACallIsTakenWithTheKeyboard(t *testing.T) {
	t.Parallel()
	h := open(t)
	cai := newBrowser(t, mode{})
	cai.logIn(h, "cai")
	cai.until(`document.activeElement.id === 'call-text' && !document.querySelector('[data-call] [data-enable]').disabled`)
	cai.do(chromedp.KeyEvent("A neighbour hears crying from the Wombat garage."))
	cai.do(run(`document.querySelector('#call-text').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true}))`))
	cai.until(`!document.querySelector('[data-receipt]').hidden && document.querySelectorAll('[data-receipt-words] li').length === 10`)
	cai.neverSent("Wombat")
	ten := strings.Fields(get[string](cai, `[...document.querySelectorAll('[data-receipt-words] li')].map(li => li.textContent).join(' ')`))
	cai.do(run(`document.querySelector('main').dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))`))
	cai.until(`document.querySelector('[data-receipt]').hidden && document.querySelector('#call-text').value === '' && !document.body.textContent.includes('Wombat')`)
	cai.stayed(h.desk)

	rita := newBrowser(t, mode{})
	rita.logIn(h, "rita")
	rita.visit(inDemo+"/inbox?queue=new", "inbox")
	rita.covers()
	rita.do(run(`[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes('Wombat')).querySelector('.dk-row__link').click()`))
	rita.until(`document.querySelector('.dk-message')?.textContent.includes('Call taker') && document.querySelector('.dk-message').textContent.includes('Case number')`)
	rita.until(`document.querySelector('[data-alarm]').hidden`)
	rita.do(typed("#answer", "Please call again tomorrow."), clicked("[data-answer] button"))
	rita.until(`document.querySelectorAll('.dk-message').length === 2`)

	// The caller's ten words open the answer.
	caller := newBrowser(t, mode{})
	caller.openMailbox(h, "en", ten)
	caller.until(`document.querySelector('#talk').textContent.includes('Please call again tomorrow.')`)

	// A silent call is one key, and only counted.
	p, ok := h.Programmes.BySlug("")
	if !ok {
		t.Fatal("no programme")
	}
	cai.do(run(`document.querySelector('main').dataset.before = 'yes'`))
	cai.do(run(`document.querySelector('main').dispatchEvent(new KeyboardEvent('keydown', {key: '7', altKey: true, bubbles: true}))`))
	cai.until(`!document.querySelector('main').dataset.before && document.querySelector('[data-call]')`)
	counts, err := h.Desk.Store.Counts(t.Context(), p.ID, deskIDs(p), 0, 1<<30)
	if err != nil || counts[report.ChannelPhone][report.ReasonSilent] != 1 {
		t.Errorf("counts %v, %v: want one silent call", counts, err)
	}
}

// pagesOfTheDesk are those that an administrator who also reviews can see.
var pagesOfTheDesk = map[string]string{
	inDemo + "/inbox?queue=open": "inbox", inDemo + "/calls": "calls", inDemo + "/people": "people", inDemo + "/matching": "matching", inDemo + "/danger": "danger", inDemo + "/responders": "responders", inDemo + "/keys": "keys",
	inDemo + "/duty": "duty", inDemo + "/roster": "roster", inDemo + "/ledger": "ledger", inDemo + "/ledger/3": "entry", inDemo + "/directory": "directory", "/me": "me",
	inDemo + "/statistics?by=channel": "statistics", inDemo + "/statistics/records?measure=first-read&by=channel&key=web": "records",
}

func TestEveryPageFitsAPhoneAndPleasesAxe(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(filepath.Join("..", "..", "..", "web", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skipf("axe is not there (`make setup` installs it): %v", err)
	}
	h := open(t)
	b := newBrowser(t, mode{width: 320})
	b.logIn(h, "anna")
	check := func(name string) {
		if wide := get[int](b, `document.documentElement.scrollWidth`); wide > 320 {
			t.Errorf("%s is %d px wide", name, wide)
		}
		b.do(run(string(axe) + ";0"))
		b.do(run(`window.faults = undefined; axe.run(document, {resultTypes: ['violations']}).then(r => { window.faults = r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ')).join('\n') }); 0`))
		b.until(`window.faults !== undefined`)
		if faults := get[string](b, `window.faults`); faults != "" {
			t.Errorf("%s: %s", name, faults)
		}
		b.picture(name)
	}
	for path, name := range pagesOfTheDesk {
		b.visit(path, name)
		if name == "inbox" {
			b.covers()
		}
		check(name)
	}
	b.visit(inDemo+"/inbox?queue=open", "inbox")
	b.covers()
	b.do(clicked(".dk-row__link"))
	b.until(`document.querySelector('.dk-message')`)
	check("reading")
	b.do(chromedp.Navigate(h.desk + "/log-in"))
	b.until(`!document.querySelector('[data-enable]').disabled`)
	check("log-in")
	b.stayed(h.desk)
}

func deskIDs(p programme.Programme) []id.ID {
	var desks []id.ID
	for _, d := range p.Desks {
		desks = append(desks, d.ID)
	}
	return desks
}
