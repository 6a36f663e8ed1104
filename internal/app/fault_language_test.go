// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Who has chosen Danish reads in Danish what was wrong, on a page and through a
// script; others go on in English.
func (o *office) errorsAreInTheColleaguesLanguage(t *testing.T) {
	speak := func(lang string) {
		if w := o.ask(t.Context(), "boss", "POST", "/me/language", form, "language="+lang); w.Code != http.StatusSeeOther {
			t.Fatalf("language %s: %d", lang, w.Code)
		}
	}
	speak("da")
	defer speak("en")
	seizure := url.Values{"kind": {"arrest"}, "date": {`<b>%d`}, "value": {"3"}}.Encode()
	for _, c := range []struct {
		path, body string
		status     int
		da, en     []string
	}{
		{"/p/one/outcomes", seizure, 422, []string{"&#34;&lt;b&gt;%d&#34; er ikke en dato.", "Anholdelser har ingen værdi."}, []string{"&#34;&lt;b&gt;%d&#34; is not a date.", "Arrests has no value."}},
		{"/p/one/reports/x/mark", "", 404, []string{"Den side findes ikke."}, []string{"There is no such page."}},
		{"/p/one/responders/steps", "minutes-1=0", 403, nil, []string{"Your role does not allow this."}},
		{"/p/one/responders", "name=x", 422, []string{"En udrykker skal have et navn, et sted og et telefonnummer."}, nil},
	} {
		for handle, want := range map[string][]string{"boss": c.da, "reviewer": c.en} {
			if want == nil {
				continue
			}
			w := o.ask(t.Context(), handle, "POST", c.path, form, c.body)
			for _, sentence := range want {
				if w.Code != c.status || !strings.Contains(w.Body.String(), sentence) {
					t.Errorf("%s by %s: %d, no %q in %s", c.path, handle, w.Code, sentence, w.Body)
				}
			}
			if strings.Contains(w.Body.String(), "<b>%d") {
				t.Errorf("%s by %s: what was typed is not escaped", c.path, handle)
			}
		}
	}
	for handle, want := range map[string]string{"boss": "Denne adresse tager imod JSON.", "reviewer": "This address takes JSON."} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", o.fill("/p/one/reports/{report}/answer"), strings.NewReader("x"))
		r.Header.Set("Accept", "application/json")
		r.AddCookie(&http.Cookie{Name: "turnstone-session", Value: o.sessions[handle]})
		w := httptest.NewRecorder()
		o.site.ServeHTTP(w, r)
		var said map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || said["error"] != want {
			t.Errorf("a script of %s: %d %s", handle, w.Code, w.Body)
		}
	}
}
