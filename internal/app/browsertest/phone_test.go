// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// pageBudget is what a page may weigh on the wire, script, style and words
// included.
const pageBudget = 100_000

// TestTheFormIsUsableOnASlowPhone slows processor and network down to those of
// a cheap phone on a bad day and waits for the form, then sends a report.
func TestTheFormIsUsableOnASlowPhone(t *testing.T) {
	h := open(t)
	b := newBrowser(t, mode{width: 360})
	if _, err := chromedp.Call(b.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4}); err != nil {
		t.Fatal(err)
	}
	// 400 kbit/s and 300 ms to and fro: what phone networks of the third
	// generation give at their edge.
	slow := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Latency: 300, DownloadThroughput: 50_000, UploadThroughput: 50_000}}}
	if _, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, slow); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	b.do(chromedp.Navigate(h.portal + "/ar/report"))
	b.until(`document.querySelector('#starting')?.hidden`)
	ready := time.Since(start)
	weight := get[int](b, `performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((n, e) => n + e.transferSize, 0)`)
	t.Logf("the form is ready after %v and weighs %d bytes", ready.Round(time.Millisecond), weight)
	if weight < 10<<10 || weight > pageBudget {
		t.Errorf("the form weighs %d bytes on the wire, allowed are %d", weight, pageBudget)
	}
	if ready > 25*time.Second {
		t.Errorf("the form took %v", ready)
	}
	b.tell(h, "ar", "drugs", "شاحنة")
}
