// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// keepOriginal seals content to both halves and sends it.
func (r *teller) keepOriginal(content []byte) (sealedFile, seal.Halves) {
	r.t.Helper()
	h := seal.NewHalves()
	identity, err := h.Identity()
	r.check(err)
	s := r.sealTo(content, identity)
	s.file.Cleaned, s.file.Half = seal.Original, h.Ours
	for i := range s.pieces {
		r.check(r.put(s, i))
	}
	return s, h
}

func (r *teller) commitOriginal(s sealedFile, half []byte) error {
	r.t.Helper()
	prev, e := r.manifest(s)
	return r.i.Intake.ReplyOriginal(r.t.Context(), r.p, r.receipt.Login(), prev, e, s.file.Blob, half)
}

// anOriginalTakesTwo tries the desk's addresses as everybody: one asks, another
// agrees, those two have the half that opens it, and nobody else.
func (o *office) anOriginalTakesTwo(t *testing.T) {
	r := newTeller(t, o.Installation, o.founded.Programme.ID)
	content := []byte("the picture as it was")
	s, h := r.keepOriginal(content)
	wantFault(t, "a short half", r.commitOriginal(s, h.Theirs[1:]), fault.Invalid)
	r.check(r.commitOriginal(s, h.Theirs))
	_, own, box := r.chain()
	at := "/p/one/reports/" + box.Report.ID.String() + "/originals"
	post := func(handle, what, body string) int {
		return o.ask(t.Context(), handle, http.MethodPost, at+"/"+s.file.Blob.String()+"/"+what, jsons, body).Code
	}
	strangers := []string{"", "neighbour", "caller", "analyst", "auditor", "admin", "stranger"}
	refuse := func(what, body string, who ...string) {
		t.Helper()
		for _, handle := range who {
			if code := post(handle, what, body); code < 400 || code >= 500 {
				t.Errorf("%q %ss: %d", handle, what, code)
			}
		}
	}
	const why = `{"reason":"for the court"}`
	refuse("ask", why, strangers...)
	refuse("half", "{}", "boss", "reviewer")
	if code := post("boss", "ask", why); code != http.StatusNoContent {
		t.Fatalf("asking: %d", code)
	}
	refuse("agree", "{}", append(strangers, "boss")...)
	refuse("half", "{}", "boss", "reviewer")
	if code := post("reviewer", "agree", "{}"); code != http.StatusNoContent {
		t.Fatalf("agreeing: %d", code)
	}
	refuse("half", "{}", strangers...)
	for _, handle := range strangers {
		if code := o.ask(t.Context(), handle, http.MethodGet, at, "", "").Code; !refused(code) {
			t.Errorf("%q sees who asked: %d", handle, code)
		}
	}
	get := func(n int) ([]byte, error) { return s.pieces[n], nil }
	for _, handle := range []string{"boss", "reviewer"} {
		answer := o.ask(t.Context(), handle, http.MethodPost, at+"/"+s.file.Blob.String()+"/half", jsons, "{}")
		var given struct {
			Half []byte `json:"half"`
		}
		r.check(json.Unmarshal(answer.Body.Bytes(), &given))
		identity, err := seal.Halves{Ours: s.file.Half, Theirs: given.Half}.Identity()
		r.check(err)
		var out bytes.Buffer
		if err := seal.OpenFile(&out, s.file, identity, get); err != nil || !bytes.Equal(out.Bytes(), content) {
			t.Errorf("%s opens it: %v", handle, err)
		}
	}
	if err := seal.OpenFile(io.Discard, s.file, own, get); err == nil {
		t.Error("the key of the report opens the original")
	}
	list := o.ask(t.Context(), "boss", http.MethodGet, at, "", "").Body.String()
	for _, want := range []string{`"may":"save"`, `"reason":"for the court"`, s.file.Blob.String()} {
		if !bytes.Contains([]byte(list), []byte(want)) {
			t.Errorf("the list lacks %s: %s", want, list)
		}
	}
}

// TestHalfOfAnOriginalsKeyDiesWithTheReport: the server's half lies nowhere in
// clear, and goes when the report is deleted.
func TestHalfOfAnOriginalsKeyDiesWithTheReport(t *testing.T) {
	i, p := founded(t)
	r := newTeller(t, i, p)
	s, h := r.keepOriginal([]byte("x"))
	r.check(r.commitOriginal(s, h.Theirs))
	wantFault(t, "twice", r.commitOriginal(s, h.Theirs), fault.Conflict)
	_, _, box := r.chain()
	r.check(filepath.Walk(i.Config.Data, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, h.Theirs) || bytes.Contains(content, h.Ours) {
			t.Errorf("half a key lies in %s", filepath.Base(path))
		}
		return err
	}))
	kept, err := i.Desk.Originals.Originals(t.Context(), p, box.Report.ID)
	r.check(err)
	if len(kept) != 1 {
		t.Fatalf("kept: %+v", kept)
	}
	if state, _ := kept[0].State(i.Clock.Now()); state != report.OriginalSealed {
		t.Errorf("nobody asked, and it is %s", state)
	}
	r.check(i.Intake.Delete(t.Context(), p, r.receipt.Login()))
	if kept, err = i.Desk.Originals.Originals(t.Context(), p, box.Report.ID); err != nil || len(kept) > 0 {
		t.Errorf("after the report was deleted: %+v, %v", kept, err)
	}
}
