// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
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

// The alarm of a report stands in its reading room with who took it on, until
// it is closed and after.
func (o *office) aReportsAlarmStandsBesideIt(t *testing.T) {
	at := o.fill("/p/one/reports/{report}")
	if strings.Contains(o.ask(t.Context(), "reviewer", "GET", at, "", "").Body.String(), "rings an alarm") {
		t.Error("a report without an alarm shows one")
	}
	a, err := o.Danger.Open(t.Context(), danger.OfReport(o.founded.Programme.ID, o.founded.Programme.Desks[0].ID, o.report, o.Clock.Now()))
	if err != nil {
		t.Fatal(err)
	}
	acknowledge := "/p/one/danger/" + a.ID.String() + "/acknowledge"
	if body := o.ask(t.Context(), "reviewer", "GET", at, "", "").Body.String(); !strings.Contains(body, "rings an alarm") || !strings.Contains(body, acknowledge) {
		t.Error("the alarm does not stand beside its report")
	}
	if w := o.ask(t.Context(), "reviewer", "POST", acknowledge, form, ""); w.Code != http.StatusSeeOther {
		t.Fatalf("acknowledge: %d", w.Code)
	}
	if body := o.ask(t.Context(), "boss", "GET", at, "", "").Body.String(); !strings.Contains(body, "rings an alarm") || strings.Contains(body, acknowledge) || !strings.Contains(body, "/p/one/danger#alarm-"+a.ID.String()) {
		t.Error("an alarm that was taken on rings on, or is gone")
	}
	if w := o.ask(t.Context(), "neighbour", "GET", at, "", ""); w.Code != http.StatusNotFound {
		t.Errorf("another desk: %d", w.Code)
	}
}
