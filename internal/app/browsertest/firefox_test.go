// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/demo"
)

// fox is a Firefox, which Tor Browser is too, driven by its own protocol
// Marionette: JSON behind its length, [0, id, command, parameters] there and
// [1, id, error, result] back.
type fox struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	id   int
}

// torLike are the preferences by which Tor Browser differs most from Firefox, as
// far as our pages could notice: no WebAssembly and no just-in-time compiler at
// its safer level, and answers that resist telling browsers apart.
var torLike = map[string]string{
	"privacy.resistFingerprinting": "true", "privacy.spoof_english": "0", "javascript.options.wasm": "false", "javascript.options.ion": "false",
	"javascript.options.baselinejit": "false", "browser.privatebrowsing.autostart": "true", "webgl.disabled": "true", "network.http.referer.XOriginPolicy": "2",
}

// newFox starts a Firefox with preferences of its own.
func newFox(t *testing.T, prefs map[string]string) *fox {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		if path, err = exec.LookPath("firefox"); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal("there is no Firefox: `make setup` installs it")
			}
			t.Skip("there is no Firefox on this machine: `make setup` installs it")
		}
	}
	f := &fox{t: t}
	profile := t.TempDir()
	all := `user_pref("marionette.port", 0);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("app.update.disabledForTesting", true);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
`
	for name, value := range prefs {
		all += fmt.Sprintf("user_pref(%q, %s);\n", name, value)
	}
	f.must(os.WriteFile(filepath.Join(profile, "user.js"), []byte(all), 0o600))
	cmd := exec.Command(path, "--headless", "--marionette", "--no-remote", "--profile", profile, "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	f.must(cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	f.connect(filepath.Join(profile, "MarionetteActivePort"))
	f.call("WebDriver:NewSession", map[string]any{"strictFileInteractability": true})
	f.call("WebDriver:SetTimeouts", map[string]any{"script": 30000, "pageLoad": 60000})
	return f
}

func (f *fox) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// connect waits for the browser to say where it listens.
func (f *fox) connect(where string) {
	f.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		port, err := os.ReadFile(where)
		if err == nil {
			f.conn, err = net.Dial("tcp", "127.0.0.1:"+strings.TrimSpace(string(port)))
		}
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("Firefox does not listen: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	f.t.Cleanup(func() { _ = f.conn.Close() }) // the browser goes first
	f.in = bufio.NewReader(f.conn)
	f.read() // its greeting
}

func (f *fox) read() json.RawMessage {
	f.t.Helper()
	f.must(f.conn.SetReadDeadline(time.Now().Add(90 * time.Second)))
	length, err := f.in.ReadString(':')
	f.must(err)
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	f.must(err)
	body := make([]byte, n)
	_, err = io.ReadFull(f.in, body)
	f.must(err)
	return body
}

// ask does a command and returns its value, or the browser's error.
func (f *fox) ask(command string, params map[string]any) (json.RawMessage, error) {
	f.t.Helper()
	f.id++
	body, err := json.Marshal([]any{0, f.id, command, params})
	f.must(err)
	_, err = fmt.Fprintf(f.conn, "%d:%s", len(body), body)
	f.must(err)
	var answer [4]json.RawMessage
	f.must(json.Unmarshal(f.read(), &answer))
	if string(answer[2]) != "null" {
		return nil, errors.New(string(answer[2]))
	}
	var result struct {
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(answer[3], &result) != nil || result.Value == nil {
		return answer[3], nil
	}
	return result.Value, nil
}

func (f *fox) call(command string, params map[string]any) json.RawMessage {
	f.t.Helper()
	value, err := f.ask(command, params)
	f.must(err)
	return value
}

func (f *fox) visit(address string) {
	f.t.Helper()
	f.call("WebDriver:Navigate", map[string]any{"url": address})
}

// said evaluates an expression to words.
func (f *fox) said(expression string) string {
	f.t.Helper()
	var words string
	f.must(json.Unmarshal(f.call("WebDriver:ExecuteScript", map[string]any{"script": "return String(" + expression + ")", "args": []any{}}), &words))
	return words
}

func (f *fox) until(expression string) {
	f.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		// While one page goes and the next one comes, there is nothing that could be asked.
		value, err := f.ask("WebDriver:ExecuteScript", map[string]any{"script": "return Boolean(" + expression + ")", "args": []any{}})
		if err == nil && string(value) == "true" {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("never came true in Firefox: %s (%v)\n%s", expression, err, f.said("document.body.innerText.slice(0, 1500)"))
		}
		time.Sleep(pollEvery)
	}
}

// element finds what a selector names, as the protocol wants it.
func (f *fox) element(selector string) string {
	f.t.Helper()
	var ref map[string]string
	f.must(json.Unmarshal(f.call("WebDriver:FindElement", map[string]any{"using": "css selector", "value": selector}), &ref))
	for _, id := range ref {
		return id
	}
	f.t.Fatalf("no %s", selector)
	return ""
}

// ready waits until what a selector names can be used: a page shows its parts
// before they work, and a person waits too.
func (f *fox) ready(selector string) {
	f.t.Helper()
	f.until(fmt.Sprintf(`document.querySelector(%q)?.matches(':not(:disabled)')`, selector))
}

// press clicks as a finger does: what is covered or out of sight can't be.
func (f *fox) press(selector string) {
	f.t.Helper()
	f.ready(selector)
	f.call("WebDriver:ElementClick", map[string]any{"id": f.element(selector)})
}

func (f *fox) write(selector, text string) {
	f.t.Helper()
	f.ready(selector)
	f.call("WebDriver:ElementSendKeys", map[string]any{"id": f.element(selector), "text": text})
}

// tell goes through the form, and returns the ten words.
func (f *fox) tell(h house, text string) string {
	f.t.Helper()
	f.visit(h.portal + "/en/report")
	f.until(`document.querySelector('#starting').hidden && document.querySelector('[data-step=now]').offsetParent`)
	f.press("#next")
	f.until(`document.querySelector('[data-step=about]').offsetParent`)
	f.press("#category-drugs")
	f.press("#next")
	f.until(`document.querySelector('[data-step=desk]').offsetParent`)
	f.press("#next")
	f.until(`document.querySelector('#text').offsetParent`)
	f.write("#text", text)
	f.press("#next")
	f.until(`!document.querySelector('#skip').hidden`)
	f.press("#skip")
	f.until(`document.querySelector('#danger').offsetParent`)
	f.press("#next")
	f.until(`document.querySelector('#summary').offsetParent`)
	f.press("#send")
	f.until(`!document.querySelector('#sent').hidden && document.querySelectorAll('#words li').length === 10`)
	return f.said(`[...document.querySelectorAll('#words li')].map(li => li.textContent.trim()).join(' ')`)
}

// The whole circle in Firefox, as it comes and as Tor Browser sets it: told,
// read and answered at the desk, and read by the person who told it.
func TestTheCircleInFirefox(t *testing.T) {
	t.Parallel()
	for name, prefs := range map[string]map[string]string{"as it comes": nil, "like Tor Browser": torLike} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			stranger := newFox(t, prefs)
			words := stranger.tell(h, "The blue lorry leaves at night, says Numbat.")
			if n := len(strings.Fields(words)); n != 10 {
				t.Fatalf("%d words: %q", n, words)
			}
			if prefs == nil { // where WebAssembly runs, the browser cleans files itself
				stranger.until(`!document.querySelector('#files').hidden`)
				stranger.write("#file-input", photo(t, "made by Quokka Jensen"))
				stranger.until(`document.querySelector('.ts-file')?.dataset.state === 'safe' && document.querySelector('.ts-file').textContent.includes('comments')`)
			}
			reviewer := newFox(t, nil)
			reviewer.visit(h.desk + "/log-in")
			reviewer.write("#handle", "rita")
			reviewer.write("#passphrase", demo.Passphrase)
			reviewer.press("[data-enable]")
			reviewer.until(`location.pathname.endsWith('/inbox') && [...document.querySelectorAll('[data-cover]')].some(p => p.textContent.includes('Numbat'))`)
			reviewer.said(`[...document.querySelectorAll('.dk-row')].find(r => r.textContent.includes('Numbat')).querySelector('.dk-row__link').click()`)
			reviewer.until(`document.querySelector('[data-conversation]')?.textContent.includes('blue lorry')`)
			if prefs == nil {
				reviewer.until(`document.querySelector('[data-file]')?.textContent.includes('1.jpg') && !document.querySelector('[data-file] button').disabled`)
				reviewer.said(`document.querySelector('[data-file] button').click()`)
				reviewer.until(`document.querySelector('.dk-frame')?.dataset.shown === ''`)
			}
			reviewer.write("#answer", "Thank you. From which yard?")
			reviewer.press("[data-answer] button")
			reviewer.until(`document.querySelector('[data-conversation]').textContent.includes('From which yard?')`)

			stranger.visit(h.portal + "/en/mailbox")
			stranger.until(`document.querySelector('#open-button').offsetParent && document.querySelector('#starting').hidden`)
			stranger.write("#words", words)
			stranger.press("#open-button")
			stranger.until(`!document.querySelector('#conversation').hidden && document.querySelector('#talk').textContent.includes('From which yard?')`)
			if said := stranger.said(`document.querySelector('#trouble').hidden ? '' : document.querySelector('#trouble').textContent`); said != "" {
				t.Errorf("the mailbox opened, and said: %s", said)
			}
			if !strings.Contains(stranger.said(`document.querySelector('#talk').textContent`), "Numbat") {
				t.Error("the mailbox does not show what was told")
			}
		})
	}
}

// At Tor Browser's safest level there is no script: told, and read again, on
// pages alone.
func TestWithoutScriptInFirefox(t *testing.T) {
	t.Parallel()
	h := open(t)
	f := newFox(t, map[string]string{"javascript.enabled": "false", "javascript.options.wasm": "false", "privacy.resistFingerprinting": "true", "privacy.spoof_english": "0"})
	f.visit(h.portal + "/en/report")
	f.write("#text", "Told without script: the barge, says Quoll.")
	f.press("noscript button")
	f.until(`document.querySelectorAll('.ts-words li').length === 10`)
	words := f.said(`[...document.querySelectorAll('.ts-words li')].map(li => li.textContent.trim()).join(' ')`)
	f.visit(h.portal + "/en/mailbox")
	f.write("#words", words)
	f.press("noscript button")
	f.until(`document.body.textContent.includes('Quoll')`)
}
