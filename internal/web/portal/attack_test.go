// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// site is the portal on a loopback port, with somebody between who may change
// what goes over the wire.
type site struct {
	*world
	url    string
	mu     sync.Mutex
	posted []string // bodies of all POSTs
	twist  func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Error(err)
		}
		s.posted = append(s.posted, r.URL.Path+"\n"+string(body))
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if s.twist == nil {
		s.handler.ServeHTTP(w, r)
		return
	}
	s.twist(w, r, s.handler)
}

const marker = "Quokka keeps them behind the old dairy."

// tell writes the marker and goes to the last screen.
func (b tab) tell(s *site) {
	b.t.Helper()
	b.do(chromedp.Navigate(s.url + "/en/report"))
	b.until(`document.querySelector('form.ts-ready [data-step=now]')?.offsetParent`)
	for _, step := range []string{"about", "desk", "words"} {
		b.do(chromedp.Click("#next"))
		b.until(`document.querySelector('[data-step=` + step + `]').offsetParent`)
	}
	b.do(chromedp.SendKeys("#text", marker), chromedp.Click("#next"))
	b.until(`!document.querySelector('#skip').hidden`)
	b.do(chromedp.Click("#skip"))
	b.until(`document.querySelector('[data-step=danger]').offsetParent`)
	b.do(chromedp.Click("#next"))
	b.until(`document.querySelector('#summary').offsetParent`)
}

// clean fails when the marker went over the wire in any request.
func (s *site) clean() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posted {
		if strings.Contains(p, "Quokka") {
			s.t.Errorf("the words left the browser in clear: %.60s", p)
		}
	}
}

func changed(next http.Handler, w http.ResponseWriter, r *http.Request, change func(body []byte) []byte) {
	rec := httptest.NewRecorder()
	r.Header.Del("Accept-Encoding")
	next.ServeHTTP(rec, r)
	body := change(rec.Body.Bytes())
	w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

// Whatever is wrong with the roster or the script, there is no field to write
// in and no button to send with.
func TestAForgedRosterOrScriptStopsEverything(t *testing.T) {
	for name, twist := range map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"a roster with another recipient": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path != "/api/roster/text" {
				next.ServeHTTP(w, r)
				return
			}
			changed(next, w, r, func(body []byte) []byte {
				var answer map[string]any
				check(t, json.Unmarshal(body, &answer))
				signed := answer["text"].(string)
				at := strings.Index(signed, "age1pq1") + 40
				answer["text"] = signed[:at] + strings.Map(func(c rune) rune { return c ^ 1 }, signed[at:at+1]) + signed[at+1:]
				forged, err := json.Marshal(answer)
				check(t, err)
				return forged
			})
		},
		"another programme's roster": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path == "/api/roster/text" {
				next = newWorld(t).handler
			}
			next.ServeHTTP(w, r)
		},
		"a changed script": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.HasPrefix(r.URL.Path, "/static/portal-report.") {
				next.ServeHTTP(w, r)
				return
			}
			changed(next, w, r, func(body []byte) []byte { return append(body, "\n;/* theirs */"...) })
		},
		"no script": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasSuffix(r.URL.Path, ".js") {
				http.Error(w, "gone", http.StatusInternalServerError)
				return
			}
			next.ServeHTTP(w, r)
		},
		"another list of words": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.HasPrefix(r.URL.Path, "/static/words-en.") {
				next.ServeHTTP(w, r)
				return
			}
			changed(next, w, r, func(body []byte) []byte { return bytes.Replace(body, []byte("abandon"), []byte("abundan"), 1) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := newSite(t, twist)
			b.do(chromedp.Navigate(s.url + "/en/report"))
			b.until(`document.querySelector('#trouble:not([hidden]), #starting:not([hidden])')`)
			time.Sleep(time.Second)
			if ask[bool](b, `[...document.querySelectorAll('form textarea, form button, form input')].some(e => e.offsetParent)`) {
				t.Error("there is something to write in or to press")
			}
			if text := ask[string](b, `document.querySelector('main').innerText`); !strings.Contains(text, "be sent") && !strings.Contains(text, "not sent") {
				t.Errorf("the page does not say that nothing is sent: %s", text)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.posted) != 0 {
				t.Errorf("something was posted: %q", s.posted)
			}
		})
	}
}

// The script that takes files is asked for when the words are safe, and not
// before: nobody who counts what a page loads learns who is about to send
// something. One that was changed on the way never runs; the page tries again.
func TestTheScriptForFilesComesLaterAndAsItWasBuilt(t *testing.T) {
	changes, asked := true, 0
	s, b := newSite(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasPrefix(r.URL.Path, "/static/portal-files.") {
			next.ServeHTTP(w, r)
			return
		}
		asked++
		if !changes {
			next.ServeHTTP(w, r)
			return
		}
		changed(next, w, r, func(body []byte) []byte { return append([]byte("document.title = 'theirs';"), body...) })
	})
	s.config.TakesFiles = true
	s.build()
	b.tell(s)
	s.mu.Lock()
	early := asked
	s.mu.Unlock()
	if early != 0 {
		t.Error("the script was asked for while somebody wrote")
	}
	b.do(chromedp.Click("#send"))
	b.until(`document.querySelector('#sent:not([hidden])') && document.querySelector('#files').previousElementSibling.textContent.includes('No connection')`)
	if ask[bool](b, `document.title === 'theirs' || !document.querySelector('#files').hidden`) {
		t.Error("a changed script ran")
	}
	s.mu.Lock()
	changes = false
	s.mu.Unlock()
	b.until(`document.querySelector('#file-input').offsetParent && !document.querySelector('main').innerText.includes('No connection')`)
	if ask[string](b, `document.title`) == "theirs" {
		t.Error("a changed script ran")
	}
}

// The network breaks after the report arrived: pressing again sends the very
// same bytes, and there is one report.
func TestPressingAgainAfterASilenceIsOneReport(t *testing.T) {
	broken := true // until the person presses again; browsers try a few times by themselves
	s, b := newSite(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/api/submit" && broken {
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // the answer is lost
		}
		next.ServeHTTP(w, r)
	})
	b.tell(s)
	b.do(chromedp.Click("#send"))
	b.until(`!document.querySelector('#trouble').hidden`)
	if text := ask[string](b, `document.querySelector('#trouble').innerText`); !strings.Contains(text, "The network did not answer") {
		t.Errorf("the page says: %s", text)
	}
	if !strings.Contains(ask[string](b, `document.querySelector('#text').value`), "Quokka") {
		t.Error("the words are gone from the page")
	}
	s.mu.Lock()
	broken = false
	s.mu.Unlock()
	b.do(chromedp.Click("#send"))
	b.until(`!document.querySelector('#sent').hidden`)
	if len(s.intake.reports) != 1 {
		t.Error("there is not one report")
	}
	s.clean()
	if left := ask[string](b, `document.documentElement.innerHTML + JSON.stringify(Object.entries(localStorage)) + JSON.stringify(Object.entries(sessionStorage)) + JSON.stringify(history.state)`); strings.Contains(left, "Quokka") {
		t.Error("the page still holds what was written")
	}
	_, got := s.read(s.intake.only(t), s.police)
	if got.Text != marker {
		t.Errorf("the desk reads %q", got.Text)
	}
}

// A server that answers the mailbox with something else is shown nothing of.
func TestAStrangeConversationIsNotShown(t *testing.T) {
	for name, forge := range map[string]func(answer map[string]any){
		"an answer that nobody sealed": func(answer map[string]any) {
			messages := answer["messages"].([]any)
			last := messages[len(messages)-1].(map[string]any)
			body := []byte(last["body"].(string))
			at := len(body) - 8
			if body[at] != 'Q' { // another one of the letters that bytes are written with
				body[at] = 'Q'
			} else {
				body[at] = 'R'
			}
			last["body"] = string(body)
		},
		"messages in another order": func(answer map[string]any) {
			messages := answer["messages"].([]any)
			messages[0], messages[1] = messages[1], messages[0]
		},
		"a message withheld": func(answer map[string]any) { answer["messages"] = answer["messages"].([]any)[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			s, b := newSite(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if r.URL.Path != "/api/mailbox/open" {
					next.ServeHTTP(w, r)
					return
				}
				changed(next, w, r, func(body []byte) []byte {
					var answer map[string]any
					check(t, json.Unmarshal(body, &answer))
					forge(answer)
					forged, err := json.Marshal(answer)
					check(t, err)
					return forged
				})
			})
			form := s.filled("en")
			form["text"] = []string{marker}
			ten := words(t, s.post("/en/report", form).Body.String())
			b.do(chromedp.Navigate(s.url + "/en/mailbox"))
			b.until(`document.querySelector('#open-button').offsetParent && document.querySelector('#starting').hidden`)
			b.do(chromedp.SendKeys("#words", ten), chromedp.Click("#open-button"))
			b.until(`!document.querySelector('#trouble').hidden`)
			text := ask[string](b, `document.querySelector('main').innerText`)
			if !strings.Contains(text, "not locked as it must be") || strings.Contains(text, "Quokka") {
				t.Errorf("the page says: %s", text)
			}
		})
	}
}

// The member who answered has left since: their answer is still theirs. One
// by somebody who was never there is marked.
func TestAnswersOfThoseWhoLeftAreTheirs(t *testing.T) {
	s, b := newSite(t, nil)
	ten := words(t, s.post("/en/report", s.filled("en")).Body.String())
	s.answer("Which harbour?", s.members[s.outside])
	s.leave()
	read := func() string {
		b.do(chromedp.Navigate(s.url + "/en/mailbox"))
		b.until(`document.querySelector('#open-button').offsetParent && document.querySelector('#starting').hidden`)
		b.do(chromedp.SendKeys("#words", ten), chromedp.Click("#open-button"))
		b.until(`!document.querySelector('#conversation').hidden`)
		return ask[string](b, `document.querySelector('#talk').innerText`)
	}
	if text := read(); !strings.Contains(text, "Ombudsman's office, Parliament") || strings.Contains(text, "could not check") {
		t.Errorf("the page says: %s", text)
	}
	s.answer("Tell me your name.", seal.NewMemberKeys())
	if text := read(); strings.Count(text, "We could not check who wrote this") != 1 {
		t.Errorf("the page says: %s", text)
	}
}

// Everything can be done by keyboard, and leaving empties the page first.
func TestByKeyboardAlone(t *testing.T) {
	s, b := newSite(t, nil)
	press := func(keys string) { b.do(chromedp.KeyEvent(keys)) }
	reach := func(id string) {
		t.Helper()
		for range 60 {
			if ask[string](b, `document.activeElement?.id || ''`) == id {
				return
			}
			press("\t")
		}
		t.Fatalf("Tab never reaches %s", id)
	}
	b.do(chromedp.Navigate(s.url + "/en/report"))
	b.until(`document.querySelector('form.ts-ready')?.offsetParent`)
	for _, step := range []string{"about", "desk", "words"} {
		reach("next")
		press("\r")
		b.until(`document.querySelector('[data-step=` + step + `]').offsetParent`)
	}
	reach("text")
	press("Seen at the harbour.")
	reach("next")
	press("\r")
	b.until(`!document.querySelector('#skip').hidden`)
	reach("skip")
	press("\r")
	b.until(`document.querySelector('[data-step=danger]').offsetParent`)
	reach("next")
	press(" ")
	b.until(`document.querySelector('#summary').offsetParent`)
	reach("send")
	press("\r")
	b.until(`!document.querySelector('#sent').hidden`)
	if ask[string](b, `document.activeElement.id`) != "sent-title" {
		t.Error("the reader is not taken to the words")
	}
	if len(s.intake.reports) != 1 {
		t.Errorf("%d reports", len(s.intake.reports))
	}
}
