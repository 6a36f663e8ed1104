// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/seal"
)

func (w *world) filled(lang string) map[string][]string {
	w.t.Helper()
	return map[string][]string{
		"receipt": {w.fresh(lang)}, "category": {"drugs"}, "desk": {w.outside.String()}, "text": {"They meet behind the harbour.\r\nEvery Friday."},
		"where": {"Esbjerg"}, "when": {"coming"}, "when-exactly": {""}, "drugs-what": {"sale", "transport"}, "people.2.name": {"Skipper"},
		"danger": {"no"},
	}
}

func TestAReportWithoutScriptIsSealedToTheChosenDesk(t *testing.T) {
	w := newWorld(t)
	rec := w.post("/en/report", w.filled("en"))
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "Your words are safe") {
		t.Fatalf("%d %v\n%s", rec.Code, w.failed, rec.Body)
	}
	s := w.intake.only(t)
	if s.sub.Desk != w.outside || s.sub.Danger {
		t.Errorf("desk %s, danger %v", s.sub.Desk, s.sub.Danger)
	}
	cover, got := w.read(s, w.outside)
	wantCover := seal.Cover{Category: "drugs", Place: "Esbjerg", Language: "en", Urgency: seal.UrgencySoon, Words: "They meet behind the harbour. Every Friday."}
	if diff := cmp.Diff(wantCover, cover); diff != "" {
		t.Error(diff)
	}
	want := []seal.Answer{
		{ID: "drugs-what", Label: "What goes on?", Value: "Selling; Smuggling or moving"},
		{ID: "where", Label: "Where does it happen?", Value: "Esbjerg"},
		{ID: "when", Label: "When does it happen?", Value: "It will happen soon"},
		{ID: "people.2.name", Label: "Who is involved? 2: Name or nickname", Value: "Skipper"},
	}
	if diff := cmp.Diff(want, got.Answers); diff != "" || got.Text != "They meet behind the harbour.\nEvery Friday." {
		t.Errorf("text %q, answers\n%s", got.Text, diff)
	}
	if w.forgot != 1 {
		t.Errorf("the memory was let go %d times", w.forgot)
	}
	if rec := w.get("/en/mailbox"); strings.Contains(rec.Body.String(), "harbour") {
		t.Error("another page shows what was written")
	}
}

func TestTheSameFormTwiceIsOneReport(t *testing.T) {
	w := newWorld(t)
	form := w.filled("da")
	first := words(t, w.post("/da/report", form).Body.String())
	again := w.post("/da/report", form).Body.String()
	if words(t, again) != first || strings.Contains(again, "allerede sendt") {
		t.Errorf("the second answer differs from the first")
	}
	form["text"] = []string{"Something else."}
	if changed := w.post("/da/report", form).Body.String(); !strings.Contains(changed, "allerede sendt") || words(t, changed) != first {
		t.Error("the page does not say that the change is not in the report")
	}
	_, got := w.read(w.intake.only(t), w.outside)
	if !strings.HasPrefix(got.Text, "They meet") {
		t.Errorf("the report was overwritten: %q", got.Text)
	}
}

func TestWhatIsWrongIsNamedAndNothingIsLost(t *testing.T) {
	for name, tc := range map[string]struct {
		field string
		value []string
		want  string
	}{
		"no words":    {"text", []string{"  "}, `href="#text"`},
		"no desk":     {"desk", []string{"00000000000000000000000000000001"}, `href="#desk"`},
		"hidden":      {"child-abuse-child", []string{"x"}, "does not belong to what your report is about"},
		"not asked":   {"when", []string{"now"}, "is not asked after your other answers"},
		"no option":   {"when", []string{"yesterday"}, "Choose one of the answers"},
		"too long":    {"where", []string{strings.Repeat("x", 400)}, "too long"},
		"no category": {"category", []string{"murder"}, `href="#category"`},
	} {
		w := newWorld(t)
		form := w.filled("en")
		form["when-exactly"] = []string{"Monday"}
		if name != "not asked" {
			form["when"] = []string{"past"}
		}
		form[tc.field] = tc.value
		rec := w.post("/en/report", form)
		html := rec.Body.String()
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(html, tc.want) {
			t.Errorf("%s: %d, the page lacks %q", name, rec.Code, tc.want)
		}
		if name != "no words" && !strings.Contains(html, "They meet behind the harbour.") {
			t.Errorf("%s: the words are lost", name)
		}
		if !strings.Contains(html, "Skipper") || len(w.intake.reports) != 0 {
			t.Errorf("%s: an answer is lost, or something was kept", name)
		}
		if w.fresh("en") == form["receipt"][0] {
			t.Error("two forms have the same receipt")
		}
	}
}

func TestMalformedFormsAreRefused(t *testing.T) {
	w := newWorld(t)
	long := w.filled("en")
	long["text"] = []string{strings.Repeat("ø", 100_000)}
	huge := w.filled("en")
	huge["text"] = []string{strings.Repeat("x", 2<<20)}
	noReceipt := w.filled("en")
	noReceipt["receipt"] = []string{"????"}
	for name, tc := range map[string]struct {
		form map[string][]string
		want int
	}{"too long to seal": {long, 413}, "too large to read": {huge, 413}, "no receipt": {noReceipt, 422}} {
		rec := w.post("/en/report", tc.form)
		if rec.Code != tc.want || len(w.intake.reports) != 0 {
			t.Errorf("%s: %d, want %d; %d reports", name, rec.Code, tc.want, len(w.intake.reports))
		}
	}
}

func FuzzForm(f *testing.F) {
	w := newWorld(f)
	f.Add("text", "hello", "when", "now")
	f.Add("people.1.name", "\xff", "category", "drugs")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		w.t = t
		form := map[string][]string{"receipt": {w.fresh("en")}, "text": {"x"}, "desk": {w.police.String()}}
		form[a], form[c] = append(form[a], b), append(form[c], d)
		if rec := w.post("/en/report", form); rec.Code >= 500 {
			t.Fatalf("%d: %v", rec.Code, w.failed)
		}
	})
}

// One report without script: read, checked, sealed and answered, without the
// store.
func BenchmarkSendWithoutScript(b *testing.B) {
	w := newWorld(b)
	form := w.filled("en")
	for b.Loop() {
		form["receipt"] = []string{base64.StdEncoding.EncodeToString(seal.NewReceipt().Bytes())}
		if rec := w.post("/en/report", form); rec.Code != http.StatusOK {
			b.Fatal(rec.Code)
		}
	}
}
