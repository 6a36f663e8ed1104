// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"html"
	"slices"
	"strings"
	"testing"
)

// What a source sent is on no page but that of those who took the alarm on;
// whom it concerns hears it ring on every page.
func (o *office) onlyWhoTookAnAlarmOnReadsIt(t *testing.T) {
	if w := o.ask(t.Context(), "boss", "POST", o.fill("/p/one/danger/{alarm}/acknowledge"), form, ""); w.Code >= 500 {
		t.Fatalf("acknowledge: %d", w.Code)
	}
	took := []string{"boss", "admin"} // the first, and the last who took it over when every route was tried
	for _, d := range doors {
		for _, handle := range everybody {
			if d.method != "GET" {
				continue
			}
			body := o.ask(t.Context(), handle, d.method, o.fill(d.path), d.media, "").Body.String()
			if strings.Contains(body, "words of a source") != (d.path == "/p/{programme}/danger" && slices.Contains(took, handle)) {
				t.Errorf("%s to %s: what the source sent is there: %v", d.path, handle, strings.Contains(body, "words of a source"))
			}
		}
	}
	// A fault in a form loses nothing that was typed.
	w := o.ask(t.Context(), "boss", "POST", o.fill("/p/one/danger/{alarm}/close"), form, "result=nonsense&why=The+team+called")
	if body := html.UnescapeString(w.Body.String()); w.Code != 422 || !strings.Contains(body, "The team called") || !strings.Contains(body, "Choose one of the results") {
		t.Errorf("%d: %s", w.Code, body)
	}
}
