// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
)

var (
	editors     = []string{"editor", "chief"}
	translators = []string{"editor", "chief", "translator"}
	chiefs      = []string{"chief"}
)

// aCard waits for approval in version 1.
const aCard = "cards/overdose.en.md"

// contentDoors are the routes on which the public's texts are written.
var contentDoors = []door{
	{"GET", "/p/{programme}/content", everybody, "", ""},
	{"GET", "/p/{programme}/content.csv", everybody, "", ""},
	{"POST", "/p/{programme}/content/new", editors, form, "folder=cards&id=Not+a+name"},
	{"GET", "/p/{programme}/content/text?text=" + aCard, everybody, "", ""},
	{"GET", "/p/{programme}/content/compare?text=" + aCard + "&from=0&to=1", everybody, "", ""},
	{"GET", "/p/{programme}/content/version?text=" + aCard + "&n=1", everybody, "", ""},
	{"POST", "/p/{programme}/content/version/send", editors, form, "text=" + aCard + "&n=1"},
	{"POST", "/p/{programme}/content/version/take-back", editors, form, "text=" + aCard + "&n=2"},
	{"POST", "/p/{programme}/content/version/give-up", editors, form, "text=" + aCard + "&n=1"},
	{"POST", "/p/{programme}/content/version/return", chiefs, form, "text=" + aCard + "&n=1&reason="},
	{"POST", "/p/{programme}/content/version/approve", chiefs, form, "text=" + aCard + "&n=1&when=later&at=2001-01-01T00:00"},
	{"POST", "/p/{programme}/content/version/call-off", chiefs, form, "text=" + aCard + "&n=1"},
	{"POST", "/p/{programme}/content/version/undo", chiefs, form, "text=" + aCard + "&n=0"},
	{"POST", "/p/{programme}/content/version/away", editors, form, "text=crimes.yaml&n=0"},
	{"GET", "/p/{programme}/content/edit?text=" + aCard, editors, "", ""},
	{"POST", "/p/{programme}/content/edit", editors, form, "text=" + aCard + "&n=0&revision=0&base=0&note=" + strings.Repeat("n", 501)},
	{"GET", "/p/{programme}/content/preview?text=" + aCard + "&n=1", everybody, "", ""},
	{"GET", "/p/{programme}/content/shown?text=" + aCard + "&n=1&lang=en", everybody, "", ""},
	{"GET", "/p/{programme}/content/translate.xlf?lang=da", everybody, "", ""},
	{"POST", "/p/{programme}/content/translated", translators, form, ""},
}

func card(t *testing.T, title string) []byte {
	t.Helper()
	b, err := fs.ReadFile(prevent.Files(), aCard)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	lines[1] = "title: " + title
	return []byte(strings.Join(lines, "\n"))
}

// writeText makes two versions of a card: one that waits, and one that was
// sent back.
func (o *office) writeText(t *testing.T) {
	t.Helper()
	p := o.founded.Programme.ID
	grants := func(role authz.Role) authz.Subject {
		return authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: role, Programme: p}}}
	}
	writer, chief := grants(authz.Editor), grants(authz.ChiefEditor)
	for n, title := range []string{"A title that waits", "A title that was sent back"} {
		v, err := o.Texts.Save(t.Context(), writer, p, editing.Written{Text: aCard, Sort: editing.Words, Body: card(t, title)})
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Texts.Send(t.Context(), writer, p, aCard, v.Number); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			if err := o.Texts.Return(t.Context(), chief, p, aCard, v.Number, "too long"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The pages lead from an editor's first words to what the public reads, and
// back again; nothing that was typed is lost on the way.
func (o *office) aTextFromDraftToThePublic(t *testing.T) {
	const text = "cards/strong-passwords.en.md"
	at := "/p/one/content/"
	get := func(who, path string, all ...string) string {
		t.Helper()
		w := o.ask(t.Context(), who, "GET", strings.TrimSuffix(at+path, "/"), "", "")
		if w.Code != http.StatusOK {
			t.Fatalf("GET %s by %s: %d %s", path, who, w.Code, w.Body)
		}
		for _, want := range all {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("GET %s by %s: no %q", path, who, want)
			}
		}
		return w.Body.String()
	}
	post := func(who, path string, f url.Values, code int, all ...string) string {
		t.Helper()
		w := o.ask(t.Context(), who, "POST", at+path, form, f.Encode())
		if w.Code != code {
			t.Fatalf("POST %s by %s: %d, want %d: %s", path, who, w.Code, code, w.Body)
		}
		for _, want := range all {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("POST %s by %s: no %q", path, who, want)
			}
		}
		return w.Header().Get("Location")
	}
	body, err := fs.ReadFile(prevent.Files(), text)
	if err != nil {
		t.Fatal(err)
	}
	of := "?text=" + url.QueryEscape(text)
	get("editor", "edit"+of, "Lock", "Save and send for approval", "audience")
	f := url.Values{"text": {text}, "n": {"0"}, "revision": {"0"}, "base": {"0"}, "note": {"shorter"}, "then": {"send"}, "body": {"---\r\ntitle: Lost\r\n---\r\n<b>text</b>\r\n"}}
	post("editor", "edit", f, http.StatusUnprocessableEntity, "It is saved, but not sent", "2: crimes: name at least one", "&lt;b&gt;text&lt;/b&gt;")
	f.Set("n", "1")
	f.Set("revision", "1")
	f.Set("body", strings.Replace(string(body), "title: ", "title: Changed: ", 1))
	post("editor", "edit", f, http.StatusUnprocessableEntity) // YAML: a second colon
	f.Set("revision", "2")
	f.Set("body", strings.Replace(string(body), "Lock your", "Changed lock your", 1))
	f.Set("then", "look")
	if to := post("editor", "edit", f, http.StatusSeeOther); !strings.Contains(to, "/content/preview?") {
		t.Errorf("saving and looking leads to %s", to)
	}
	post("editor", "edit", f, http.StatusConflict, "You have saved this draft on another page", "Changed lock your")
	get("editor", "preview"+of+"&n=1&lang=en&width=768", "dk-shown--768", "sandbox=\"allow-same-origin\"")
	get("editor", "shown"+of+"&n=1&lang=en", "the page /en/advice/strong-passwords")
	version := url.Values{"text": {text}, "n": {"1"}}
	post("editor", "version/send", version, http.StatusSeeOther)
	get("editor", "version"+of+"&n=1", "Somebody other than you must approve it", "<ins>Changed lock")
	if page := get("chief", "version"+of+"&n=1", "Let it be shown"); strings.Contains(page, "Take it back") {
		t.Error("a chief editor is offered to take somebody else's version back")
	}
	post("chief", "version/approve", url.Values{"text": {text}, "n": {"1"}, "when": {"later"}, "at": {"nonsense"}}, http.StatusUnprocessableEntity, "Choose a day and an hour")
	post("chief", "version/approve", url.Values{"text": {text}, "n": {"1"}, "when": {"later"}, "at": {time.Now().UTC().Add(2 * time.Hour).Format("2006-01-02T15:04")}}, http.StatusSeeOther)
	get("chief", "", "Scheduled", "Lock your accounts well")
	post("chief", "version/call-off", version, http.StatusSeeOther)
	f.Set("n", "0")
	f.Set("then", "send")
	post("editor", "edit", f, http.StatusSeeOther)
	version.Set("n", "2")
	post("chief", "version/approve", version, http.StatusSeeOther)
	title := func() string {
		k, _ := o.Texts.Shelf.Content(o.founded.Programme.ID).Card("strong-passwords")
		return k.Text("en").Title
	}
	if !strings.HasPrefix(title(), "Changed ") {
		t.Errorf("approved, and the public reads %q", title())
	}
	get("analyst", "text"+of, "The public reads your own text", "called off", "Version 2")
	if csv := o.ask(t.Context(), "analyst", "GET", "/p/one/content.csv?state=own", "", "").Body.String(); !strings.Contains(csv, "cards,strong-passwords,Changed lock your accounts well,en,own,,false") || strings.Contains(csv, "crimes,fraud") {
		t.Errorf("the list as CSV: %s", csv)
	}
	get("analyst", "compare"+of+"&from=0&to=2", "<ins>Changed lock", `<option value="0" selected>`, `<option value="2" selected>`)
	post("chief", "version/undo", url.Values{"text": {text}, "n": {"0"}, "reason": {"wrong"}}, http.StatusSeeOther)
	if strings.HasPrefix(title(), "Changed ") {
		t.Error("undone, and the public still reads it")
	}
	for _, bad := range []string{"text?text=../etc/passwd", "text?text=cards/none.xx.md", "version" + of + "&n=99", "version" + of + "&n=x", "compare" + of + "&from=0&to=77"} {
		if w := o.ask(t.Context(), "chief", "GET", at+bad, "", ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}
