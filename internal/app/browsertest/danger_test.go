// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
)

// TestALifeAtRiskIsTakenOnHandedOverAndEnds follows one alarm of a source from
// the banner on another page to its result.
func TestALifeAtRiskIsTakenOnHandedOverAndEnds(t *testing.T) {
	t.Parallel()
	source := axe(t)
	h := open(t)
	rita, sam := newBrowser(t, mode{}), newBrowser(t, mode{width: 320})
	rita.logIn(h, "rita")
	sam.logIn(h, "sam")

	// The demo's own alarms ring on every page, and a key acknowledges them.
	rita.until(`!document.querySelector('[data-ring]').hidden && document.querySelector('.dk-nav a').pathname.endsWith('/danger')`)
	rita.picture("banner")
	sam.visit(inDemo+"/danger", "danger")
	sam.accessible(source, "ringing")
	sam.fits("ringing")
	sam.picture("ringing-320")
	rita.visit(inDemo+"/danger", "danger")
	for n := get[int](rita, `document.querySelectorAll('[data-ack]').length`); n > 0; n-- {
		rita.press("a")
		rita.until(fmt.Sprintf(`document.querySelectorAll('[data-ack]').length === %d`, n-1))
	}
	rita.visit(inDemo+"/inbox", "inbox")
	rita.until(`document.querySelector('[data-ring]').hidden`)

	p, ok := h.Programmes.BySlug("north-sea-line")
	if !ok {
		t.Fatal("no programme")
	}
	now := h.Clock.Now()
	alert := danger.Alert{ID: "live-7", Text: "Stands on the bridge, live.", Person: "@quokka", Place: "Humber Bridge", Phone: "07700 900123", Callback: "night desk 020 7946 0000"}
	alarm, err := h.Danger.Open(t.Context(), danger.OfSource(p.ID, p.Desks[0].ID, "video-platform", alert, []byte("raw"), now))
	if err != nil {
		t.Fatal(err)
	}
	rita.until(`!document.querySelector('[data-ring]').hidden`) // by itself, without a visit
	rita.do(clicked("[data-ring] a"))
	rita.until(`document.querySelector('main').dataset.page === 'danger' && /^0:\d\d:\d\d$/.test(document.querySelector('[data-since]').textContent)`)
	if strings.Contains(get[string](rita, `document.documentElement.outerHTML`), "quokka") {
		t.Error("what the source sent is shown before anybody took it on")
	}
	rita.accessible(source, "rings")
	rita.picture("rings")
	rita.press("a")
	card := "#alarm-" + alarm.ID.String()
	rita.until(fmt.Sprintf(`document.querySelector(%q)?.textContent.includes('@quokka')`, card))
	rita.accessible(source, "acknowledged")
	rita.picture("acknowledged")

	// A colleague sees who has it, and not what was sent.
	sam.visit(inDemo+"/danger?x=1", "danger")
	if got := get[string](sam, `document.querySelector('main').textContent`); strings.Contains(got, "quokka") || !strings.Contains(got, "Rita Holm") {
		t.Errorf("a colleague sees %s", got)
	}

	rita.do(run(fmt.Sprintf(`document.querySelector('%s [name=told]').value = 'On the bridge, east side.'; document.querySelector('%s [action$="/hand-over"] button').click()`, card, card)))
	rita.until(fmt.Sprintf(`document.querySelector(%q)?.textContent.includes('On the bridge, east side.')`, card))
	rita.do(run(fmt.Sprintf(`document.querySelector('%s [name=result]').value = 'found-safe'; document.querySelector('%s [action$="/close"] button').click()`, card, card)))
	rita.until(`document.querySelector('.govuk-error-summary')`) // nobody said how it is known
	rita.accessible(source, "refused")
	rita.do(run(fmt.Sprintf(`document.querySelector('%s [name=result]').value = 'found-safe'; document.querySelector('%s [name=why]').value = 'The crisis team called back.'; document.querySelector('%s [action$="/close"] button').click()`, card, card, card)))
	rita.until(fmt.Sprintf(`document.querySelector('tr%s')?.textContent.includes('Found safe')`, card))
	if strings.Contains(get[string](rita, `document.documentElement.outerHTML`), "quokka") {
		t.Error("a closed alarm still says whom it was about")
	}
	rita.accessible(source, "closed")
	rita.picture("closed")
	sam.visit(inDemo+"/danger?x=2", "danger")
	sam.accessible(source, "narrow")
	sam.fits("narrow")
	sam.picture("narrow-320")
	sam.visit(inDemo+"/responders", "responders")
	sam.accessible(source, "responders")
	sam.fits("responders")
	rita.stayed(h.desk)
	sam.stayed(h.desk)
}
