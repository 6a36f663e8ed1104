// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
)

// What a source sent is on no page but that of those who took the alarm on;
// whom it concerns hears it ring on every page.
func (o *office) onlyWhoTookAnAlarmOnReadsIt(t *testing.T) {
	took := []string{"boss", "admin"} // the first, and the last who took it over
	for i, verb := range []string{"acknowledge", "take-over"} {
		if w := o.ask(t.Context(), took[i], "POST", o.fill("/p/one/danger/{alarm}/"+verb), form, ""); w.Code >= 500 {
			t.Fatalf("%s: %d", verb, w.Code)
		}
	}
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

// An administrator says on the page whom an alarm calls and how it can end; what
// can't be is refused with what was typed still there.
func (o *office) circlesAndResultsAreSetOnThePage(t *testing.T) {
	save := func(v url.Values) (int, string) {
		w := o.ask(t.Context(), "admin", "POST", "/p/one/responders/steps", form, v.Encode())
		return w.Code, html.UnescapeString(w.Body.String())
	}
	if code, body := save(url.Values{"who-1": {"duty"}, "minutes-1": {"4"}, "who-2": {"reviewers"}, "minutes-2": {"7"}, "who-3": {""}, "minutes-3": {""}}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "has to call everybody") || !strings.Contains(body, `value="7"`) {
		t.Errorf("an escalation that ends before everybody: %d", code)
	}
	if code, _ := save(url.Values{"who-1": {"reviewers"}, "minutes-1": {"4"}, "who-2": {""}, "minutes-2": {""}, "who-3": {"everybody"}, "minutes-3": {"9"}}); code != http.StatusSeeOther {
		t.Errorf("two steps: %d", code)
	}
	if code, body := save(url.Values{"code-1": {"found-well"}, "name-1-en": {""}, "name-1-da": {"Fundet"}}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "name in English") || !strings.Contains(body, "Fundet") {
		t.Errorf("a result without a name in English: %d", code)
	}
	if code, _ := save(url.Values{"code-1": {"found-well"}, "name-1-en": {"Found well"}, "name-1-da": {""}, "code-2": {""}, "name-2-en": {"left out"}}); code != http.StatusSeeOther {
		t.Errorf("one result: %d", code)
	}
	p, err := o.Danger.PolicyOf(t.Context(), o.founded.Programme.ID)
	if err != nil || len(p.Steps) != 2 || p.Steps[0] != (danger.Step{Who: danger.Reviewers, Minutes: 4}) || p.Steps[1].Who != danger.Everybody || len(p.Results) != 1 || p.Results[0].In("da") != "Found well" {
		t.Errorf("the policy is %+v, %v", p, err)
	}
	if body := o.ask(t.Context(), "reviewer", "GET", "/p/one/responders", "", "").Body.String(); strings.Contains(body, "code-1") || !strings.Contains(body, "all reviewers of the desk") {
		t.Error("a reviewer gets the forms, or not what they say")
	}
}
