// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// openNewest opens the sealed report whose cover shows the words.
func (b *browser) openNewest(h house, words string) {
	b.t.Helper()
	b.do(chromedp.Navigate(h.desk + inDemo + "/inbox?queue=new"))
	b.unlock()
	b.until(fmt.Sprintf(`[...document.querySelectorAll('[data-cover]')].some(p => p.textContent.includes(%q))`, words))
	b.do(run(fmt.Sprintf(`[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes(%q)).querySelector('.dk-row__link').click()`, words)))
	b.until(fmt.Sprintf(`document.querySelector('[data-conversation]')?.textContent.includes(%q)`, words))
}

// fill puts a value into a field as typing would, in the place of what is there.
func (b *browser) fill(field, value string) {
	b.t.Helper()
	b.do(run(fmt.Sprintf(`(() => { const f = document.querySelector(%q); f.value = %q; f.dispatchEvent(new Event('input', {bubbles: true})) })()`, field, value)))
}

// marked waits until exactly these kinds are marked under a statement.
func (b *browser) marked(statement int, kinds string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...new Set([...document.querySelectorAll('[data-check="%d"] [data-mark]')].map(m => m.dataset.mark))].sort().join(' ') === %q`, statement, kinds))
}

// What the reporter wrote is on one side of the page, the item on the other:
// copied words, the first person and an exact time are marked while they are
// typed, nothing goes on to a second person before each is mended or has a
// reason, and what the reporter wrote stays in the browser.
func TestAnItemIsWrittenBesideTheReport(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	stranger := newBrowser(t, mode{})
	const raw = "My brother in law Zebedee hides untaxed cigarettes under the floor of his boathouse, I saw it when we had coffee. His number is +45 20 12 34 56."
	stranger.tell(h, "en", "counterfeit", raw)
	rita := newBrowser(t, mode{})
	rita.logIn(h, "rita")
	rita.openNewest(h, "Zebedee")
	rita.do(clicked("#tab-item"))
	rita.fill("#text-1", "He hides untaxed cigarettes under the floor of his boathouse.")
	rita.marked(1, "copied exact")
	rita.picture("copied")
	rita.fill("#text-1", "I was told at 21:43 that a boathouse holds cigarettes. Telephone +45 20 12 34 56.")
	rita.marked(1, "copied exact first-person")
	rita.until(`document.querySelector('[data-things="1"] input')?.value === 'phone +4520123456'`)
	rita.accessible(source, "marked")
	rita.fits("marked")
	rita.picture("marked")

	// Forward is refused while a red mark stands without a reason.
	rita.fill("#title", "Cigarettes without stamps in a boathouse")
	rita.do(run(`document.querySelector('[data-item-form] [value=submit]').click()`))
	rita.until(`document.activeElement?.id === 'remark-first-person'`)
	rita.fill("#text-1", "Cigarettes without revenue stamps are stored in a boathouse. The owner can be reached on +45 20 12 34 56.")
	rita.marked(1, "copied") // the number, until it is confirmed to be meant
	rita.do(run(`document.querySelector('[data-things="1"] input').click()`))
	rita.marked(1, "")
	rita.do(run(`document.querySelector('#source-1').selectedIndex = 2; document.querySelector('#information-1').selectedIndex = 2`))
	rita.do(run(`document.querySelector('[data-item-form] [value=more]').click()`))
	rita.until(`document.querySelector('[data-item-progress] a')?.getAttribute('href').startsWith('/p/north-sea-line/items/')`)
	if got := get[string](rita, `document.querySelector('#category').value`); got != "counterfeit" {
		t.Errorf("the report's category was not taken over: %q", got)
	}

	// A second statement, on the second version of the same item.
	rita.fill("#text-2", "Deliveries come by boat.")
	rita.do(run(`document.querySelector('#source-2').selectedIndex = 2; document.querySelector('#information-2').selectedIndex = 3`))
	rita.do(run(`document.querySelector('[data-another]').click()`))
	rita.until(`document.querySelectorAll('[data-statement]').length === 3 && document.activeElement?.id === 'text-3'`)
	rita.do(run(`document.querySelector('[data-item-form] [value=submit]').click()`))
	rita.wait("item")
	rita.until(`document.querySelector('main').textContent.includes('Deliveries come by boat')`)
	rita.accessible(source, "item")
	rita.picture("item")
	if got := get[string](rita, `document.querySelector('main .govuk-tag').className`); got != "govuk-tag govuk-tag--yellow" {
		t.Errorf("it does not wait for a second person: %s", got)
	}
	if n := get[int](rita, `document.querySelectorAll('.dk-chip').length`); n != 1 {
		t.Errorf("%d selectors", n)
	}
	for _, words := range []string{"Zebedee", "coffee", "brother in law"} {
		rita.neverSent(words)
	}
	rita.stayed(h.desk)

	// The draft can be found again from the report.
	rita.do(run(`[...document.querySelectorAll('main a')].find(a => a.getAttribute('href').includes('/reports/')).click()`))
	rita.until(`document.querySelector('[data-conversation]')?.textContent.includes('Zebedee')`)
	rita.do(clicked("#tab-item"))
	rita.until(`document.querySelector('#panel-item').textContent.includes('Cigarettes without stamps in a boathouse')`)
	rita.picture("again")
}

func TestWritingFitsASmallScreen(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	rita := newBrowser(t, mode{width: 320})
	rita.logIn(h, "rita")
	rita.covers()
	rita.do(run(`document.querySelector('.dk-row__link').click()`))
	rita.until(`document.querySelector('[data-conversation] .dk-message')`)
	rita.do(run(`document.querySelector('#tab-item').click()`))
	rita.fill("#text-1", "I was told at 21:43 that my neighbour sells it!!!!!")
	rita.until(`document.querySelector('[data-check="1"] [data-mark="first-person"]')`)
	rita.accessible(source, "writing")
	rita.fits("writing")
	rita.picture("writing")
	rita.visit(inDemo+"/items/new", "write")
	rita.fill("#text-1", "I was told.")
	rita.until(`document.querySelector('[data-check="1"] [data-mark="first-person"]')`)
	rita.accessible(source, "alone")
	rita.fits("alone")
	rita.picture("alone")
}

// Somebody changes the draft meanwhile: the later one sees the difference, with
// everything that was typed, and decides.
func TestTheLaterOfTwoWritersDecides(t *testing.T) {
	t.Parallel()
	h := open(t)
	rita := newBrowser(t, mode{})
	rita.logIn(h, "rita")
	rita.covers()
	rita.do(run(`document.querySelector('.dk-row__link').click()`))
	rita.until(`document.querySelector('[data-conversation] .dk-message')`)
	rita.do(run(`document.querySelector('#tab-item').click()`))
	rita.fill("#title", "What rita calls it")
	rita.fill("#text-1", "Goods are moved by night.")
	rita.grade(1, "2", "D")
	rita.do(run(`document.querySelector('[data-item-form] [value=more]').click()`))
	rita.until(`document.querySelector('[data-item-progress] a')`)
	item, err := id.Parse(path.Base(get[string](rita, `document.querySelector('[data-item-progress] a').pathname`)))
	if err != nil {
		t.Fatal(err)
	}
	p := h.Programmes.All()[0]
	kept, _, err := h.Items.Store.Item(t.Context(), p.ID, item)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := h.reviewers(kept.Desk)
	_, err = h.Items.Write(t.Context(), other, intel.Change{
		Programme: p.ID, Item: item, Seen: kept.Version, Title: "What the other calls it", Category: kept.Category, Seriousness: kept.Seriousness, Language: kept.Language, Handling: kept.Handling, Statements: kept.Statements,
	})
	if err != nil {
		t.Fatal(err)
	}
	rita.fill("#text-1", "Goods are moved by night, from two sheds.")
	rita.do(run(`document.querySelector('[data-item-form] [value=more]').click()`))
	rita.wait("write")
	rita.until(`document.querySelector('.dk-changes').textContent.includes('What the other calls it') && document.querySelector('#text-1').value.includes('two sheds')`)
	rita.picture("difference")
	rita.do(run(`document.querySelector('[data-item-form] [value=more]').click()`))
	rita.until(`document.querySelector('[data-item-progress] a')`)
	kept, _, err = h.Items.Store.Item(t.Context(), p.ID, item)
	if err != nil || kept.Version != 3 || kept.Title != "What rita calls it" || !strings.Contains(kept.Statements[0].Text, "two sheds") {
		t.Errorf("version %d is called %q: %v", kept.Version, kept.Title, err)
	}
}
