// SPDX-License-Identifier: AGPL-3.0-or-later

package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/web/api"
)

// house is an interface before a room that keeps alarms in memory.
type house struct {
	now    time.Time
	source api.Source
	kept   map[danger.Key]danger.Alarm
	broken bool
	log    bytes.Buffer
	site   http.Handler
}

func newHouse() *house {
	h := &house{now: time.Unix(1_795_000_000, 0), kept: map[danger.Key]danger.Alarm{}}
	h.source = api.Source{Name: "platform", Programme: id.New(), Desk: id.New(), Secrets: [][]byte{[]byte("the new secret"), []byte("the old secret")}}
	h.site = api.New(api.Config{Sources: h, Alarms: h, Clock: h, Logger: slog.New(slog.NewTextHandler(&h.log, nil))}).Handler()
	return h
}

func (h *house) Now() time.Time { return h.now }

func (h *house) Source(name string) (api.Source, bool, error) {
	if name != h.source.Name {
		return api.Source{}, false, nil
	}
	return h.source, true, nil
}

func (h *house) Open(_ context.Context, a danger.Alarm) (danger.Alarm, error) {
	if h.broken {
		return danger.Alarm{}, fault.Wrap(fault.Unavailable, "Later.", errors.New("the disk is full"))
	}
	if known, ok := h.kept[a.Key]; ok {
		if known.Digest != a.Digest {
			return danger.Alarm{}, fault.New(fault.Conflict, "Another alert has this id.")
		}
		return known, nil
	}
	h.kept[a.Key] = a
	return a, nil
}

// message is a well-signed alert that a test then spoils.
type message struct{ source, stamp, signature, media, body string }

func (h *house) signed(body string) message {
	stamp := strconv.FormatInt(h.now.Unix(), 10)
	return message{"platform", stamp, api.Sign(h.source.Secrets[0], stamp, []byte(body)), "application/json", body}
}

func (h *house) send(m message) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v1/alerts", strings.NewReader(m.body))
	r.Header.Set("Content-Type", m.media)
	r.Header.Set("Turnstone-Source", m.source)
	r.Header.Set("Turnstone-Timestamp", m.stamp)
	r.Header.Set("Turnstone-Signature", m.signature)
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, r)
	return w
}

const good = `{"id":"case-7","text":"Wrote that he will jump tonight.","place":"Hull"}`

func TestTheVectorOfTheDocumentHolds(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	const secret = "dHVybnN0b25lLXRlc3QtdmVjdG9yLXNlY3JldC0zMmI="
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{secret, good, "1795000000", api.Sign(key, "1795000000", []byte(good))} {
		if !bytes.Contains(doc, []byte("`"+want+"`")) {
			t.Errorf("docs/formats.md lacks %s", want)
		}
	}
}

func TestAnAlertIsKeptOnceHoweverOftenItComes(t *testing.T) {
	h := newHouse()
	first := h.send(h.signed(good))
	h.now = h.now.Add(time.Hour)
	again := h.send(h.signed(good)) // signed anew, as a sender does that got no answer
	other := h.send(h.signed(strings.Replace(good, "Hull", "Leeds", 1)))
	if first.Code != http.StatusAccepted || again.Code != http.StatusAccepted || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if other.Code != http.StatusConflict || len(h.kept) != 1 {
		t.Errorf("another body under the same id: %d, %d kept", other.Code, len(h.kept))
	}
	for _, a := range h.kept {
		if a.Alert.Text == "" || a.Desk != h.source.Desk || a.Programme != h.source.Programme || a.Origin != danger.FromSource {
			t.Errorf("kept %+v", a)
		}
	}
}

func TestBothSecretsSignWhileTheyChange(t *testing.T) {
	h := newHouse()
	m := h.signed(good)
	for n, secret := range h.source.Secrets {
		m.signature = "v1=0000, " + api.Sign(secret, m.stamp, []byte(m.body))
		if w := h.send(m); w.Code != http.StatusAccepted {
			t.Errorf("secret %d: %d", n, w.Code)
		}
	}
}

func TestForgeriesAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(h *house, m *message){
		"no signature":          func(_ *house, m *message) { m.signature = "" },
		"another secret":        func(_ *house, m *message) { m.signature = api.Sign([]byte("x"), m.stamp, []byte(m.body)) },
		"the body changed":      func(_ *house, m *message) { m.body = strings.Replace(m.body, "Hull", "Leeds", 1) },
		"the time changed":      func(_ *house, m *message) { m.stamp = "1795000001" },
		"an unknown source":     func(_ *house, m *message) { m.source = "nobody" },
		"a source of no secret": func(h *house, _ *message) { h.source.Secrets = nil },
		"the key of unknown sources": func(_ *house, m *message) {
			m.source, m.signature = "nobody", api.Sign(make([]byte, 32), m.stamp, []byte(m.body))
		},
		"a signature cut off": func(_ *house, m *message) { m.signature = m.signature[:10] },
		"too old":             func(h *house, _ *message) { h.now = h.now.Add(api.Window + time.Second) },
		"from the future":     func(h *house, _ *message) { h.now = h.now.Add(-api.Window - time.Second) },
		"no time": func(h *house, m *message) {
			m.stamp = "now"
			m.signature = api.Sign(h.source.Secrets[0], m.stamp, []byte(m.body))
		},
	} {
		h := newHouse()
		m := h.signed(good)
		spoil(h, &m)
		if w := h.send(m); w.Code != http.StatusUnauthorized || len(h.kept) != 0 {
			t.Errorf("%s: %d, %d kept", name, w.Code, len(h.kept))
		}
	}
	h := newHouse()
	unknown, wrong := h.signed(good), h.signed(good)
	unknown.source, wrong.signature = "nobody", "v1=00"
	if a, b := h.send(unknown), h.send(wrong); a.Body.String() != b.Body.String() {
		t.Errorf("a stranger learns which sources there are: %s, %s", a.Body, b.Body)
	}
}

func TestWhatIsWrongIsSaidExactly(t *testing.T) {
	long := strings.Repeat("x", 2001)
	for body, want := range map[string][]api.Problem{
		`{"text":"t"}`:                             {{Field: "id", Problem: "is missing"}},
		`{"id":" ","text":""}`:                     {{Field: "id", Problem: "is empty"}, {Field: "text", Problem: "is empty"}},
		`{"id":7,"text":null,"zzz":1,"aaa":1}`:     {{Field: "id", Problem: "has to be a text"}, {Field: "text", Problem: "has to be a text"}, {Field: "aaa"}, {Field: "zzz"}},
		`{"id":"1","text":"` + long + `"}`:         {{Field: "text", Problem: "has 2001 letters; at most 2000 are taken"}},
		"{\"id\":\"a\\u0007\",\"text\":\"a\\nb\"}": {{Field: "id", Problem: "holds a control character"}},
		`{"id":"1","text":"t","language":"x!"}`:    {{Field: "language", Problem: "is no language tag, such as en or da"}},
		`{"id":"1","text":"t"} {}`:                 {{Problem: "something follows the JSON object at byte 23"}},
		`{"id":"1",`:                               {{Problem: "the message is not a JSON object: it ends too early"}},
		`[]`:                                       {{Problem: "the message is not a JSON object: byte 2"}},
		`null`:                                     {{Problem: "the message is not a JSON object: byte 4"}},
		"{\"id\":\"\xff\"}":                        {{Problem: "the message is not UTF-8"}},
	} {
		h := newHouse()
		w := h.send(h.signed(body))
		var said struct{ Fields []api.Problem }
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code != http.StatusUnprocessableEntity || len(h.kept) != 0 {
			t.Errorf("%.40q: %d %v, %d kept", body, w.Code, err, len(h.kept))
		}
		if len(said.Fields) != len(want) {
			t.Errorf("%.40q: %v, want %v", body, said.Fields, want)
			continue
		}
		for i, p := range want {
			if said.Fields[i].Field != p.Field || p.Problem != "" && said.Fields[i].Problem != p.Problem {
				t.Errorf("%.40q: %v, want %v", body, said.Fields[i], p)
			}
		}
	}
}

func TestBoundsAndTrouble(t *testing.T) {
	h := newHouse()
	if w := h.send(h.signed(`{"id":"1","text":"` + strings.Repeat("x", api.MaxBody) + `"}`)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", w.Code)
	}
	m := h.signed(good)
	m.media = "text/plain"
	if w := h.send(m); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("text: %d", w.Code)
	}
	h.broken = true
	if w := h.send(h.signed(good)); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("a full disk: %d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/", "/v1/other"} {
		w := httptest.NewRecorder()
		h.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/alerts", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
	if strings.Contains(h.log.String(), "jump") || strings.Contains(h.log.String(), "192.0.2.1") {
		t.Errorf("the log says too much: %s", h.log.String())
	}
}

// A flood is kept and marked; it slows nobody else, and passes.
func TestAFloodIsKept(t *testing.T) {
	h := newHouse()
	for n := range 500 {
		if w := h.send(h.signed(`{"id":"` + strconv.Itoa(n) + `","text":"t"}`)); w.Code != http.StatusAccepted {
			t.Fatalf("alert %d: %d %s", n, w.Code, w.Body)
		}
	}
	flooded := 0
	for _, a := range h.kept {
		if a.Flood {
			flooded++
		}
	}
	if len(h.kept) != 500 || flooded != 400 {
		t.Errorf("%d kept, %d marked", len(h.kept), flooded)
	}
	h.now = h.now.Add(2 * time.Minute)
	h.send(h.signed(`{"id":"later","text":"t"}`))
	for _, a := range h.kept {
		if a.Reference == "later" && a.Flood {
			t.Error("two minutes later it is still a flood")
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{good, `{}`, `null`, `{"id":1}`, "\xff", `{"id":"a","id":"b","text":"c"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, problems := api.Parse(body)
		if len(problems) > 0 {
			return
		}
		again, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if b, problems := api.Parse(again); len(problems) > 0 || a != b {
			t.Fatalf("%q is read otherwise the second time: %v", again, problems)
		}
	})
}

var _ clock.Clock = (*house)(nil)
