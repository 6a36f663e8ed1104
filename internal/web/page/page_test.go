// SPDX-License-Identifier: AGPL-3.0-or-later

package page_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

const shellTexts = "shell.skip: Skip\nshell.problems: Problems\nshell.title_error: 'Error:'\nshell.error_prefix: 'Error:'\n"

func site(t *testing.T, pageText string) *page.Templates {
	t.Helper()
	texts, err := page.LoadCatalogue(catalogue(shellTexts+"hello: Hello {name}\n", shellTexts+"hello: Hej {name}\n"), ".")
	if err != nil {
		t.Fatal(err)
	}
	set, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{
		"pages/_site.tmpl": {Data: []byte(`{{define "header"}}<header></header>{{end}}{{define "footer"}}<footer></footer>{{end}}`)},
		"pages/hello.tmpl": {Data: []byte(pageText)},
	}
	pages, err := page.Parse(files, "pages", texts, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

type helloPage struct {
	page.Shell
	Name string
}

func TestAPageIsEscapedAndInItsLanguage(t *testing.T) {
	pages := site(t, `{{define "title"}}T{{end}}{{define "main"}}<p>{{t "hello" "name" .Name}}</p>{{if false}}{{t "hidden.branch"}}{{end}}{{end}}`)
	b, err := pages.Execute("da", "hello", helloPage{page.NewShell("da", "portal"), "<script>"})
	if err != nil {
		t.Fatal(err)
	}
	html := string(b)
	for _, want := range []string{`lang="da" dir="ltr"`, "Hej &lt;script&gt;", `href="/static/portal.`, `integrity="sha256-`, "noindex"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q:\n%s", want, html)
		}
	}
	if !slices.Contains(pages.Texts(), "hidden.branch") {
		t.Errorf("the text in the branch that was not taken is not listed: %v", pages.Texts())
	}
}

// What can't change is put into a page after it was made once: the second page
// is the first one to the byte, wherever a text stands and whatever is in it.
func TestTheSecondPageIsTheFirst(t *testing.T) {
	nasty := "nasty: '<b> & \"words\" it''s +1 \u00e6 javascript:x()'\npath: /en/x-1\n"
	texts, err := page.LoadCatalogue(catalogue(shellTexts+nasty, shellTexts+nasty), ".")
	if err != nil {
		t.Fatal(err)
	}
	set, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	main := `{{define "title"}}{{t "nasty"}}{{end}}{{define "part"}}<i>{{t "nasty"}}</i> {{.}}{{end}}{{define "main"}}
<p title="{{t "nasty"}}" data-x={{t "nasty"}}>{{t "nasty"}}{{t "nasty"}}<a href="{{t "nasty"}}">x</a><a href="{{t "path"}}?q={{t "nasty"}}">y</a></p>
{{if .Name}}{{t "nasty"}}{{else}}{{t "path"}}{{end}}{{range .Problems}}{{t "nasty"}} {{.Message}}{{end}}{{with .Name}}{{.}} {{t "nasty"}}{{end}}
<script>var x = {{t "nasty"}};</script><style>p { width: {{t "path"}} }</style><textarea>{{t "nasty"}}</textarea><!-- {{t "nasty"}} -->
{{template "part" .Name}}<img src="{{asset "turnstone.svg"}}" alt="{{template "part" .Name}}"><b title="{{template "part" "x"}}">{{$x := t "nasty"}}{{$x}}</b>{{t "nasty" | printf "%q"}}{{end}}`
	files := fstest.MapFS{"pages/_site.tmpl": {Data: []byte(`{{define "header"}}{{t "nasty"}}{{end}}{{define "footer"}}{{end}}`)}, "pages/hello.tmpl": {Data: []byte(main)}}
	pages, err := page.Parse(files, "pages", texts, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	data := helloPage{page.NewShell("en", "portal"), `<x y='z' + "w">`}
	data.Problems = []page.Problem{{Message: "one"}, {Message: "two"}}
	first, err := pages.Execute("en", "hello", data)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			lang := []string{"en", "da"}[n%2] // nobody made the Danish one yet
			data := data
			data.Lang = "en"
			if again, err := pages.Execute(lang, "hello", data); err != nil || !bytes.Equal(again, first) {
				t.Errorf("%v\n%s\nwas\n%s", err, again, first)
			}
		})
	}
	all.Wait()
	data.Name = ""
	if other, err := pages.Execute("en", "hello", data); err != nil || bytes.Equal(other, first) || !bytes.Contains(other, []byte("/en/x-1")) {
		t.Errorf("what changes was kept: %v\n%s", err, other)
	}
	if !page.Folded(pages, "en", "hello") {
		t.Error("texts are still asked for")
	}
}

func TestNothingIsSentOfAPageThatBreaksHalfway(t *testing.T) {
	for name, text := range map[string]string{
		"no such text":  `{{define "title"}}T{{end}}{{define "main"}}first{{t "no.such"}}{{end}}`,
		"no such field": `{{define "title"}}T{{end}}{{define "main"}}first{{.Nothing}}{{end}}`,
		"no such file":  `{{define "title"}}T{{end}}{{define "main"}}first{{asset "no.js"}}{{end}}`,
		"no value":      `{{define "title"}}T{{end}}{{define "main"}}first{{t "hello"}}{{end}}`,
	} {
		pages := site(t, text)
		w := httptest.NewRecorder()
		err := pages.Write(w, http.StatusOK, "en", "hello", helloPage{Shell: page.NewShell("en", "portal")})
		if err == nil || w.Body.Len() != 0 {
			t.Errorf("%s: error %v, %d bytes sent", name, err, w.Body.Len())
		}
	}
}

func TestPolicyHoldsNothingUnsafe(t *testing.T) {
	p := page.Policy("font-src 'self'", "connect-src 'none'", "script-src 'self' 'wasm-unsafe-eval'")
	for _, want := range []string{"default-src 'none'", "font-src 'self'", "connect-src 'none'", "'wasm-unsafe-eval'", "frame-ancestors 'none'"} {
		if !strings.Contains(p, want) {
			t.Errorf("policy lacks %s: %s", want, p)
		}
	}
	if strings.Count(p, "connect-src") != 1 {
		t.Errorf("a directive stands twice: %s", p)
	}
	for _, bad := range []string{"script-src 'unsafe-inline'", "script-src 'self' 'unsafe-eval'", "img-src https://example.org", "img-src *", "sandbox"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was let through", bad)
				}
			}()
			page.Policy(bad)
		}()
	}
}

func TestPermissionsAllowWhatIsNamedAlone(t *testing.T) {
	if p := page.Permissions(); strings.Contains(p, "self") || strings.Count(p, "=()") < 11 || !strings.Contains(p, "microphone=()") {
		t.Errorf("nothing named: %s", p)
	}
	if p := page.Permissions("microphone"); strings.Count(p, "(self)") != 1 || !strings.Contains(p, "microphone=(self)") || !strings.Contains(p, "camera=()") {
		t.Errorf("the microphone: %s", p)
	}
	defer func() {
		if recover() == nil {
			t.Error("an ability that nobody knows was let through")
		}
	}()
	page.Permissions("mind-reading")
}

func TestGuardSetsItsHeadersOnEveryAnswer(t *testing.T) {
	h := page.Guard(page.Policy(), page.Serve(
		func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Invalid, "Say where.") },
		func(w http.ResponseWriter, _ *http.Request, err error) { page.FailJSON(w, err) },
	))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusUnprocessableEntity || w.Body.String() != "{\"error\":\"Say where.\"}\n" {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": page.Policy(), "Permissions-Policy": page.Permissions()} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestInternalsNeverReachThePerson(t *testing.T) {
	w := httptest.NewRecorder()
	page.FailJSON(w, errors.New("dial tcp 10.0.0.7: secret"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
}

func TestNegotiate(t *testing.T) {
	offered := []string{"en", "da", "ar"}
	for header, want := range map[string]string{
		"": "en", "da": "da", "da-DK,en;q=0.8": "da", "ar-EG": "ar", "nb": "da", "zz;;;": "en", "fr, ar;q=0.4": "ar", "*": "en",
	} {
		if got := page.Negotiate(header, offered); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	if page.Direction("ar") != "rtl" || page.Direction("da") != "ltr" || page.NativeName("da") != "dansk" {
		t.Errorf("direction or name is wrong: %s %s %s", page.Direction("ar"), page.Direction("da"), page.NativeName("da"))
	}
}
