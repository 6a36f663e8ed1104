// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/seal"
)

func (w *world) call(path, kind string, body []byte) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

func (w *world) json(path string, v any) *httptest.ResponseRecorder {
	w.t.Helper()
	b, err := json.Marshal(v)
	check(w.t, err)
	return w.call(path, "application/json", b)
}

// An honest client, from the roster to the deletion, with nothing but what the
// interface says.
func TestTheWholeWayOverTheInterface(t *testing.T) {
	w := newWorld(t)
	var signed struct {
		seal.SignedRoster
		Key []byte `json:"programme_key"`
	}
	check(t, json.Unmarshal(w.get("/api/roster").Body.Bytes(), &signed))
	programme := w.registry.programmes[0]
	roster, err := signed.Verify(programme.Key, now, 1)
	check(t, err)
	if !bytes.Equal(signed.Key, programme.Key) {
		t.Error("the programme's key is another")
	}
	receipt := seal.NewReceipt()
	sub, err := seal.SealSubmission(seal.Tip{
		Roster: roster, Desk: w.police, Danger: true, Receipt: receipt,
		Cover: seal.Cover{Urgency: seal.UrgencyDanger, Words: "x"}, Report: seal.Report{Text: "x"},
	})
	check(t, err)
	body, err := sub.Encode()
	check(t, err)
	for range 2 {
		if rec := w.call("/api/submit", "application/octet-stream", body); rec.Code != http.StatusCreated || rec.Body.String() != `{"report":"`+sub.Report.String()+"\"}\n" {
			t.Fatalf("submit: %d %s", rec.Code, rec.Body)
		}
	}
	login := map[string]any{"login": receipt.Login()}
	var box struct {
		State    string
		Messages []seal.Stored
		Grants   []struct{ Body []byte }
	}
	check(t, json.Unmarshal(w.json("/api/mailbox/open", login).Body.Bytes(), &box))
	identity, err := receipt.Mailbox()
	check(t, err)
	grant, err := seal.OpenGrant(identity, box.Grants[0].Body, programme.ID, sub.Report)
	check(t, err)
	chain, err := seal.NewChain(grant, roster)
	check(t, err)
	for _, m := range box.Messages {
		_, _, err := chain.Next(m)
		check(t, err)
	}
	prev := chain.Place().Prev
	m, err := chain.Seal(seal.Message{Text: "more"}, seal.RoleReporter, receipt.SigningKey())
	check(t, err)
	reply := map[string]any{"login": receipt.Login(), "seq": m.Seq, "epoch": m.Epoch, "prev": prev, "hash": m.Hash, "body": m.Body}
	if rec := w.json("/api/mailbox/append", reply); rec.Code != http.StatusCreated {
		t.Fatalf("append: %d %s", rec.Code, rec.Body)
	}
	if rec := w.json("/api/mailbox/append", reply); rec.Code != http.StatusConflict || !strings.Contains(rec.Body.String(), `"head":{"seq":2,"hash":"`+m.Hash.String()) {
		t.Errorf("append again: %d %s", rec.Code, rec.Body)
	}
	if rec := w.json("/api/mailbox/delete", login); rec.Code != http.StatusNoContent {
		t.Errorf("delete: %d %s", rec.Code, rec.Body)
	}
	deleted, unknown := w.json("/api/mailbox/open", login), w.json("/api/mailbox/open", map[string]any{"login": seal.NewReceipt().Login()})
	if deleted.Code != http.StatusNotFound || unknown.Code != http.StatusNotFound || deleted.Body.String() != unknown.Body.String() {
		t.Errorf("deleted %d %s, unknown %d %s", deleted.Code, deleted.Body, unknown.Code, unknown.Body)
	}
}

func TestMalformedRequestsAreRefused(t *testing.T) {
	w := newWorld(t)
	const octets, text = "application/octet-stream", "application/json"
	for name, tc := range map[string]struct {
		path, kind, body string
		want             int
	}{
		"a form as a submission": {"/api/submit", "multipart/form-data; boundary=x", "--x--", 422},
		"no submission":          {"/api/submit", octets, "TSN1", 422},
		"too large":              {"/api/submit", octets, strings.Repeat("x", seal.MaxSubmission+1), 413},
		"no JSON":                {"/api/mailbox/open", text, "{", 422},
		"two documents":          {"/api/mailbox/open", text, `{"login":""}{}`, 422},
		"unknown field":          {"/api/mailbox/open", text, `{"login":"","x":1}`, 422},
		"short token":            {"/api/mailbox/open", text, `{"login":"AAAA"}`, 422},
		"deep nesting":           {"/api/mailbox/open", text, `{"login":` + strings.Repeat("[", 900) + "}", 422},
		"long token":             {"/api/mailbox/delete", text, `{"login":"` + strings.Repeat("A", 2000) + `"}`, 413},
		"half a key of no file":  {"/api/mailbox/append", text, `{"login":"` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `","seq":1,"half":"AAAA"}`, 422},
		"no hash":                {"/api/mailbox/append", text, `{"login":"","hash":"x"}`, 422},
	} {
		rec := w.call(tc.path, tc.kind, []byte(tc.body))
		if rec.Code != tc.want || !strings.HasPrefix(rec.Body.String(), `{"error":"`) {
			t.Errorf("%s: %d %s, want %d", name, rec.Code, rec.Body, tc.want)
		}
	}
	if len(w.intake.reports) != 0 {
		t.Error("something was kept")
	}
}

// A mailbox checks who answered with the roster of that time.
func TestEarlierRostersAreServedByTheirHash(t *testing.T) {
	w := newWorld(t)
	hash := w.registry.published.Roster.Hash()
	rec := w.get("/api/roster/" + hash.String())
	if rec.Code != http.StatusOK {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	signed, err := seal.ParseSignedRoster(bytes.TrimSpace(rec.Body.Bytes()))
	check(t, err)
	if signed.Hash() != hash {
		t.Errorf("another roster is served")
	}
	for _, unknown := range []string{strings.Repeat("0", 64), strings.ToUpper(hash.String()), "x"} {
		if rec := w.get("/api/roster/" + unknown); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", unknown, rec.Code)
		}
	}
}
