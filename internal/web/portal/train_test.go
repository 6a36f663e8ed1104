// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"html"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/prevent"
)

// form answers every question of a quiz rightly, but for the first wrong.
func quizForm(q prevent.Quiz, wrong int) map[string][]string {
	fields := map[string][]string{}
	for i, question := range q.Questions {
		for j, o := range question.Options {
			if o.Right == (i >= wrong) {
				fields["q"+strconv.Itoa(i+1)] = []string{strconv.Itoa(j + 1)}
			}
		}
	}
	return fields
}

func TestEveryQuizIsAnsweredAndExplained(t *testing.T) {
	w := newWorld(t)
	for _, lang := range []string{"en", "da", "ar"} {
		for _, q := range w.content.Quizzes {
			path := "/p/nord/" + lang + "/training/" + q.ID
			if page := w.get(path).Body.String(); strings.Contains(page, html.EscapeString(q.Questions[0].Options[0].Why[lang])) {
				t.Errorf("%s gives the answers away", path)
			}
			rec := w.post(path, quizForm(q, 1))
			page := html.UnescapeString(rec.Body.String())
			for _, question := range q.Questions {
				for _, o := range question.Options {
					if !strings.Contains(page, o.Why[lang]) {
						t.Errorf("%s: an answer is not explained: %s", path, o.Why[lang])
					}
				}
			}
			if rec.Code != http.StatusOK || !strings.Contains(page, path+"/certificate") {
				t.Errorf("%s: %d, or no certificate for four of five", path, rec.Code)
			}
			if page := w.post(path, quizForm(q, 2)).Body.String(); strings.Contains(page, "/certificate\"") {
				t.Errorf("%s: a certificate for three of five", path)
			}
		}
	}
	if len(w.failed) != 0 {
		t.Errorf("the operator was troubled: %v", w.failed)
	}
}

func TestAnUnansweredQuestionIsNamed(t *testing.T) {
	w := newWorld(t)
	q, _ := w.content.Quiz("grooming")
	fields := quizForm(q, 0)
	delete(fields, "q3")
	fields["q4"] = []string{"99"}
	rec := w.post("/en/training/grooming", fields)
	page := rec.Body.String()
	if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#q3-1"`) || !strings.Contains(page, `href="#q4-1"`) || strings.Contains(page, `href="#q1-1"`) {
		t.Errorf("%d:\n%s", rec.Code, page)
	}
	if strings.Count(page, " checked>") != 3 {
		t.Error("the other answers are lost")
	}
}

// The name comes back on the page, as text, and goes nowhere else: it is let go
// like a report that came in clear, and the operator hears nothing.
func TestTheNameOnACertificateIsForgotten(t *testing.T) {
	w := newWorld(t)
	q, _ := w.content.Quiz("money-mules")
	fields := quizForm(q, 0)
	fields["name"] = []string{"  Ida <script>alert(1)</script>\u202e\nHolm  "}
	rec := w.post("/en/training/money-mules/certificate", fields)
	page := rec.Body.String()
	if rec.Code != http.StatusOK || !strings.Contains(page, "<bdi>Ida &lt;script&gt;alert(1)&lt;/script&gt; Holm</bdi>") || strings.Contains(page, "<script>alert") {
		t.Errorf("%d:\n%s", rec.Code, page)
	}
	if w.forgot != 1 || rec.Header().Get("Connection") != "close" || rec.Header().Get("Cache-Control") != "no-store" || len(w.failed) != 0 || len(rec.Header().Values("Set-Cookie")) != 0 {
		t.Errorf("forgot %d times, %v, %v", w.forgot, rec.Header(), w.failed)
	}
	for _, path := range []string{"/en/training/money-mules", "/en/training"} {
		if strings.Contains(w.get(path).Body.String(), "Holm") {
			t.Error("the next visitor sees the name")
		}
	}
	fields["name"] = []string{strings.Repeat("n", 10_000)}
	if page := w.post("/en/training/money-mules/certificate", fields).Body.String(); strings.Contains(page, strings.Repeat("n", 81)) {
		t.Error("a name without end is printed")
	}
}

// Where script runs, no form on the certificate could send the name.
func TestACertificateHasNoFieldThatSendsWhereScriptRuns(t *testing.T) {
	w := newWorld(t)
	q, _ := w.content.Quiz("money-mules")
	page := w.post("/da/training/money-mules/certificate", quizForm(q, 0)).Body.String()
	outside := regexpNoscript.ReplaceAllString(page, "")
	if strings.Contains(outside, "<form") || strings.Contains(outside, `name="name"`) || !strings.Contains(outside, "portal-certificate.") {
		t.Errorf("outside of noscript stands a form:\n%s", outside)
	}
}

// A person answers, gets the certificate and types a name: with script nothing
// that leaves the browser holds it.
func TestTheNameStaysInTheBrowser(t *testing.T) {
	s, b := newSite(t, nil)
	q, _ := s.content.Quiz("money-mules")
	b.do(chromedp.Navigate(s.url + "/ar/training/money-mules"))
	for name, values := range quizForm(q, 0) {
		b.do(chromedp.Click("#" + name + "-" + values[0]))
	}
	b.do(chromedp.Click("form[method=post] button"))
	b.until(`document.querySelector('.ts-graded')`)
	pictureOf(t, b, "graded")
	b.do(chromedp.Click("form[method=post] button"))
	b.until(`document.querySelector('#name')?.offsetParent`)
	b.do(chromedp.SendKeys("#name", "Quokka <b>Holm</b>"))
	b.until(`document.querySelector('#name-shown').textContent === 'Quokka <b>Holm</b>'`)
	pictureOf(t, b, "certificate")
	pdf, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{})
	check(t, err)
	if n := strings.Count(string(pdf.Data), "/Type /Page\n"); n != 1 {
		t.Errorf("the certificate has %d sheets", n)
	}
	b.do(chromedp.Navigate(s.url + "/ar"))
	s.clean()
	if n := later[int](b, `caches.keys().then(k => k.length + localStorage.length + sessionStorage.length)`); n != 0 {
		t.Errorf("%d things are kept", n)
	}
}

// pictureOf saves what the tab shows when TURNSTONE_PICTURES names a folder.
func pictureOf(t *testing.T, b tab, name string) {
	t.Helper()
	dir := os.Getenv("TURNSTONE_PICTURES")
	if dir == "" {
		return
	}
	shot, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "portal-"+name+".png"), shot, 0o600))
}

func TestACertificateMustBeEarned(t *testing.T) {
	w := newWorld(t)
	q, _ := w.content.Quiz("money-mules")
	for name, fields := range map[string]map[string][]string{"wrong answers": quizForm(q, 2), "no answers": {"name": {"Ida"}}} {
		rec := w.post("/en/training/money-mules/certificate", fields)
		if rec.Code != http.StatusUnprocessableEntity || strings.Contains(rec.Body.String(), "ts-certificate") {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
	if rec := w.get("/ar/training/money-mules/certificate"); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/ar/training/money-mules" {
		t.Errorf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
	for _, path := range []string{"/en/training/none", "/en/training/..%2fmoney-mules"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}
