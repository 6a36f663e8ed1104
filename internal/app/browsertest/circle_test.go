// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/app/demo"
	"github.com/turnstone-project/turnstone/internal/seal/words"
)

// tell goes through the form in a language, writes text and sends it; it
// returns the ten words as they are shown.
func (b *browser) tell(h house, lang, category, text string) []string {
	b.t.Helper()
	b.do(chromedp.Navigate(h.portal + "/" + lang + "/report"))
	b.until(`document.querySelector('#starting')?.hidden && document.querySelector('[data-step=now]')?.offsetParent`)
	b.picture(lang + "-now")
	b.do(clicked("#next"))
	b.until(`document.querySelector('[data-step=about]')?.offsetParent`)
	b.picture(lang + "-about")
	b.do(clicked("#category-"+category), clicked("#next"))
	b.until(`document.querySelector('[data-step=desk]').offsetParent`)
	b.do(clicked("#next"))
	b.until(`document.querySelector('#text').offsetParent`)
	b.do(clicked("#next"))
	b.until(`document.querySelector('#text-error')`) // the one required answer
	b.do(typed("#text", text), clicked("#next"))
	b.until(`!document.querySelector('#skip').hidden`)
	b.picture(lang + "-question")
	b.do(clicked("#skip"))
	b.until(`document.querySelector('#danger').offsetParent`)
	b.picture(lang + "-danger")
	b.do(clicked("#next"))
	b.until(`document.querySelector('#summary').offsetParent`)
	b.picture(lang + "-check")
	b.do(clicked("#send"))
	b.until(`!document.querySelector('#sent').hidden && document.querySelectorAll('#words li').length === 10`)
	b.picture(lang + "-sent")
	return strings.Fields(get[string](b, `[...document.querySelectorAll('#words li')].map(li => li.textContent).join(' ')`))
}

// logIn logs in at the desk, which also unlocks, and waits for the inbox.
func (b *browser) logIn(h house, handle string) {
	b.t.Helper()
	b.do(chromedp.Navigate(h.desk + "/log-in"))
	b.until(`!document.querySelector('[data-enable]').disabled`)
	b.do(typed("#handle", handle), typed("#passphrase", demo.Passphrase), clicked("[data-enable]"))
	b.until(`location.pathname !== '/log-in' && document.querySelector('main')?.dataset.page !== 'login'`)
}

// openMailbox types ten words and waits for the conversation.
func (b *browser) openMailbox(h house, lang string, tenWords []string) {
	b.t.Helper()
	b.do(chromedp.Navigate(h.portal + "/" + lang + "/mailbox"))
	b.until(`document.querySelector('#open-button').offsetParent && document.querySelector('#starting').hidden`)
	b.do(typed("#words", strings.Join(tenWords, " ")), clicked("#open-button"))
	b.until(`!document.querySelector('#conversation').hidden && document.querySelector('#talk').children.length > 0`)
	if said := get[string](b, `document.querySelector('#trouble').hidden ? '' : document.querySelector('#trouble').textContent`); said != "" {
		b.t.Errorf("the mailbox opened, and said: %s", said)
	}
}

// TestFromAStrangersBrowserToAReviewersEyesAndBack is the whole of what the
// platform is for: told in one language, read at the desk, answered, read with
// the words of another language, replied to and deleted.
func TestFromAStrangersBrowserToAReviewersEyesAndBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	const secret = "The white van behind the old dairy belongs to a man called Quokka."
	stranger := newBrowser(t, mode{})
	ten := stranger.tell(h, "en", "drugs", secret)
	stranger.neverSent("Quokka")

	reviewer := newBrowser(t, mode{})
	reviewer.logIn(h, "rita")
	reviewer.do(chromedp.Navigate(h.desk + "/p/north-sea-line/inbox?queue=new"))
	reviewer.unlock()
	reviewer.until(`[...document.querySelectorAll('[data-cover]')].some(p => p.textContent.includes('Quokka'))`)
	reviewer.until(`[...document.querySelectorAll(".dk-row")].every(r => r.querySelector("[data-cover-facts]").textContent.trim())`) // every cover opens, not only the new one
	reviewer.picture("inbox")
	reviewer.do(run(`[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes('Quokka')).querySelector('.dk-row__link').click()`))
	reviewer.until(`document.querySelector('[data-conversation]')?.textContent.includes('old dairy')`)
	reviewer.until(`!document.querySelector('.dk-identity').textContent.includes('New') && /\d{4}-\d\d-\d\d/.test(document.querySelector('[data-first-read]').textContent)`)
	reviewer.picture("reading")
	reviewer.do(typed("#answer", "Thank you. When does the van come?"), clicked("[data-answer] button"))
	reviewer.until(`document.querySelector('[data-conversation]')?.textContent.includes('When does the van come?')`)
	reviewer.neverSent("When does the van come")
	reviewer.neverSent("Quokka")

	// Back with the same numbers in the words of another language.
	danish := translate(t, ten, "en", "da")
	stranger.openMailbox(h, "da", danish)
	stranger.until(`document.querySelector('#talk').textContent.includes('When does the van come?')`)
	stranger.picture("mailbox")
	stranger.do(typed("#reply-text", "Every Tuesday, Quokka drives."), clicked("#reply-button"))
	stranger.until(`document.querySelector('#talk').textContent.includes('Every Tuesday')`)
	stranger.neverSent("Quokka")
	reviewer.do(chromedp.Reload())
	reviewer.unlock()
	reviewer.until(`document.querySelector('[data-conversation]')?.textContent.includes('Every Tuesday')`)

	stranger.do(run(`document.querySelector('#delete-button').closest('details').open = true`), clicked("#delete-button"))
	stranger.confirmDeletion()
	stranger.until(`!document.querySelector('#deleted').hidden`)
	stranger.do(chromedp.Navigate(h.portal + "/en/mailbox"))
	stranger.until(`document.querySelector('#open-button').offsetParent && document.querySelector('#starting').hidden`)
	stranger.do(typed("#words", strings.Join(ten, " ")), clicked("#open-button"))
	stranger.until(`!document.querySelector('#trouble').hidden || document.querySelector('#words-error').textContent.trim() || document.querySelector('#wrong').textContent.trim()`)
	stranger.stayed(h.portal)
	reviewer.stayed(h.desk)
}

// unlock opens the keys when they are locked.
func (b *browser) unlock() {
	b.t.Helper()
	b.until(`document.querySelector('[data-key]') && !document.querySelector('[data-key]').hidden`)
	if get[bool](b, `!document.querySelector('[data-key-form]').hidden`) {
		b.do(typed("#key-passphrase", demo.Passphrase), clicked("[data-key-form] button"))
	}
	b.until(`document.querySelector('[data-key-form]').hidden`)
}

// confirmDeletion presses the button of a second question, when there is one.
func (b *browser) confirmDeletion() {
	b.t.Helper()
	_ = get[bool](b, `(() => { const d = document.querySelector('dialog[open] .govuk-button--warning'); d?.click(); return Boolean(d) })()`)
}

// translate writes the same numbers in the words of another language.
func translate(t *testing.T, ten []string, from, to string) []string {
	t.Helper()
	a, okA := words.For(from)
	b, okB := words.For(to)
	if !okA || !okB {
		t.Fatalf("there is no list for %s or %s", from, to)
	}
	var out []string
	for _, w := range ten {
		n, ok := a.Find(w)
		if !ok {
			t.Fatalf("%q is not in the list", w)
		}
		out = append(out, b.Word(n))
	}
	return out
}

// TestAForkedLogShowsNoConversation spoils the proof that the log continues
// what the reporter saw of it: the page must stop, say so and show nothing.
func TestAForkedLogShowsNoConversation(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := newBrowser(t, mode{})
	ten := b.tell(h, "en", "drugs", "A quay at night.")
	rita := newBrowser(t, mode{})
	rita.logIn(h, "rita") // an entry in the log, so that it has grown
	b.do(chromedp.Navigate(h.portal + "/en/mailbox"))
	b.until(`document.querySelector('#open-button').offsetParent && document.querySelector('#starting').hidden`)
	b.do(run(`{ const real = window.fetch; window.fetch = async (to, how) => {
		const answer = await real(to, how);
		if (!String(to).endsWith('/api/log')) return answer;
		const proof = await answer.json();
		window.spoiled = true;
		return new Response(JSON.stringify({ ...proof, hashes: proof.hashes.map(() => btoa('x'.repeat(32))) }));
	} }`), typed("#words", strings.Join(ten, " ")), clicked("#open-button"))
	b.until(`window.spoiled && !document.querySelector('#trouble').hidden`)
	if shown := get[string](b, `document.body.textContent`); strings.Contains(shown, "A quay at night") {
		t.Error("the conversation is shown under a log that was forked")
	}
}
