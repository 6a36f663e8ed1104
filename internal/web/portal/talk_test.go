// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// answer lets a member of the desk answer the one stored report.
func (w *world) answer(text string, key seal.MemberKeys) {
	w.t.Helper()
	s := w.intake.only(w.t)
	identity, err := w.keys[s.sub.Desk].Identity(0)
	check(w.t, err)
	grant, err := seal.OpenGrant(identity, s.sub.DeskGrant, s.sub.Programme, s.sub.Report)
	check(w.t, err)
	var rosters []*seal.Roster
	for _, p := range w.registry.kept {
		rosters = append(rosters, p.Roster)
	}
	chain, err := seal.NewChain(grant, rosters...)
	check(w.t, err)
	for _, e := range s.box.Envelopes {
		_, _, err := chain.Next(seal.Stored{Seq: e.Seq, Epoch: e.Epoch, Role: seal.Role(e.Role), Hash: e.Hash, Body: e.Body})
		check(w.t, err)
	}
	m, err := chain.Seal(seal.Message{Text: text, Language: "en"}, seal.RoleDesk, key.SigningKey())
	check(w.t, err)
	s.box.Envelopes = append(s.box.Envelopes, report.Envelope{Seq: m.Seq, Role: string(m.Role), Hash: m.Hash, Body: m.Body})
	s.box.Report.Head = report.Head{Seq: m.Seq, Hash: m.Hash}
	s.box.Report.Marks.State = report.StateWaiting
}

var headField = regexp.MustCompile(`name="head" value="([0-9a-f]{64})"`)

func TestTheConversationWithoutScript(t *testing.T) {
	w := newWorld(t)
	own := words(t, w.post("/ar/report", w.filled("ar")).Body.String())
	w.answer("Which harbour <do> you mean?", w.members[w.outside])
	rec := w.post("/en/mailbox", map[string][]string{"words": {own}, "act": {"open"}})
	html := rec.Body.String()
	for _, want := range []string{"Which harbour &lt;do&gt; you mean?", "They meet behind the harbour.", "we have asked you something", "Ombudsman&#39;s office, Parliament"} {
		if !strings.Contains(html, want) {
			t.Errorf("%d: the page lacks %q", rec.Code, want)
		}
	}
	head := headField.FindStringSubmatch(html)[1]
	reply := map[string][]string{"words": {own}, "act": {"reply"}, "reply": {"The old one."}, "head": {head}}
	for range 2 {
		if html := w.post("/en/mailbox", reply).Body.String(); !strings.Contains(html, "Your message is sent.") || strings.Count(html, "The old one.") != 1 {
			t.Errorf("after the reply:\n%s", html)
		}
	}
	if n := len(w.intake.only(t).box.Envelopes); n != 4 {
		t.Errorf("%d envelopes: the reply that was sent twice is there %d times", n, n-3)
	}
	w.answer("Thank you.", seal.NewMemberKeys())
	reply["reply"] = []string{"One more thing."}
	rec = w.post("/en/mailbox", reply)
	for _, want := range []string{"Something new was written meanwhile", "One more thing.", "We could not check who wrote this"} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%d: the page lacks %q", rec.Code, want)
		}
	}
	if rec := w.post("/en/mailbox", map[string][]string{"words": {own}, "act": {"delete"}}); !strings.Contains(rec.Body.String(), "Your report is deleted") {
		t.Errorf("delete: %d", rec.Code)
	}
	deleted := w.post("/en/mailbox", map[string][]string{"words": {own}, "act": {"open"}})
	if deleted.Code != http.StatusNotFound || !strings.Contains(deleted.Body.String(), "These words open no report.") {
		t.Errorf("deleted: %d", deleted.Code)
	}
}

func TestWrongWordsAreNamedWhereTheyCanBe(t *testing.T) {
	w := newWorld(t)
	own := strings.Fields(words(t, w.post("/en/report", w.filled("en")).Body.String()))
	swapped := append([]string{own[1], own[0]}, own[2:]...)
	for name, tc := range map[string]struct{ words, want string }{
		"unknown word": {"zzxqy " + strings.Join(own[1:], " "), "<mark>zzxqy</mark>"},
		"nine words":   {strings.Join(own[1:], " "), "You wrote 9."},
		"nothing":      {"", "You wrote 0."},
		"other order":  {strings.Join(swapped, " "), ""},
	} {
		rec := w.post("/en/mailbox", map[string][]string{"words": {tc.words}, "act": {"open"}})
		if rec.Code != http.StatusUnprocessableEntity && rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), tc.want) {
			t.Errorf("%s: %d, the page lacks %q", name, rec.Code, tc.want)
		}
	}
}
