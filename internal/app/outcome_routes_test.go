// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/report"
)

var (
	outcomeReaders = []string{"boss", "reviewer", "neighbour", "analyst", "victim"}
	standers       = []string{"boss", "reviewer", "neighbour"}
	planners       = []string{"boss", "reviewer", "neighbour", "analyst", "victim", "auditor", "admin"}
)

var outcomeDoors = []door{
	{"GET", "/p/{programme}/outcomes", outcomeReaders, "", ""},
	{"GET", "/p/{programme}/outcomes.csv", outcomeReaders, "", ""},
	{"GET", "/p/{programme}/outcomes/new", outcomeReaders, "", ""},
	{"POST", "/p/{programme}/outcomes", outcomeReaders, form, "kind=arrest"},
	{"GET", "/p/{programme}/outcomes/{outcome}", outcomeReaders, "", ""},
	{"GET", "/p/{programme}/outcomes/{outcome}/correct", outcomeReaders, "", ""},
	{"POST", "/p/{programme}/outcomes/{outcome}/confirm", standers, form, "version=-1"},
	{"POST", "/p/{programme}/outcomes/{outcome}/correct", outcomeReaders, form, "version=-1&kind=arrest&reason=because"},
	{"POST", "/p/{programme}/outcomes/{outcome}/withdraw", outcomeReaders, form, "version=-1"},
	{"POST", "/p/{programme}/outcomes/{outcome}/merge", standers, form, "into={outcome}&reason=because"},
	{"GET", "/p/{programme}/statistics", planners, "", ""},
	{"GET", "/p/{programme}/statistics.csv", planners, "", ""},
	{"GET", "/p/{programme}/statistics.json", planners, "", ""},
	{"GET", "/p/{programme}/statistics/records", planners, "", ""},
	{"GET", "/p/{programme}/statistics/{year}", planners, "", ""},
	{"GET", "/p/{programme}/publish", nil, "", ""}, // the director's, below
	{"POST", "/p/{programme}/publish", nil, form, "year={year}"},
}

// achieve records an outcome through the room.
func (o *office) achieve(t *testing.T) {
	t.Helper()
	p, a := o.founded.Programme.ID, o.founded.Programme.Desks[0].ID
	made, err := o.Outcomes.Record(t.Context(), authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: a}}}, p, outcome.Entry{
		Kind: "arrest", Date: "2026-03-01", By: "North Police", Quantity: "2", Unit: "person", Category: "drugs",
	})
	if err != nil {
		t.Fatal(err)
	}
	o.outcome = made.ID
	o.told = o.achieveFromItem(t)
}

// One person records by the form, another confirms; the figure leads back.
func (o *office) anOutcomeFromFormToFigure(t *testing.T) {
	v := url.Values{
		"kind": {"drugs"}, "date": {"2026-05-01"}, "of": {"cocaine"}, "quantity": {"2.5"}, "unit": {"kg"}, "value": {"-5"}, "currency": {"DDK"}, "value_source": {"price list"},
		"by": {"Customs"}, "detail_purity": {"120"}, "reference": {"C-17"},
	}
	w := o.ask(t.Context(), "reviewer", "POST", "/p/one/outcomes", form, v.Encode())
	body := w.Body.String()
	for _, want := range []string{"Did you mean DKK", "between 0 and 100", `value="C-17"`, "govuk-error-summary"} {
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
			t.Errorf("a bad form: %d, without %q", w.Code, want)
		}
	}
	v.Set("value", "2000000000")
	v.Set("currency", "DKK")
	v.Set("detail_purity", "71,5")
	if w = o.ask(t.Context(), "reviewer", "POST", "/p/one/outcomes", form, v.Encode()); !strings.Contains(w.Body.String(), `name="sure"`) {
		t.Fatalf("two thousand millions are not asked about: %d", w.Code)
	}
	v.Set("sure", "1")
	w = o.ask(t.Context(), "reviewer", "POST", "/p/one/outcomes", form, v.Encode())
	at, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	if w.Code != http.StatusSeeOther || at == "" {
		t.Fatalf("a good form: %d %s", w.Code, w.Body)
	}
	if own := o.ask(t.Context(), "reviewer", "POST", at+"/confirm", form, "version=1"); own.Code != http.StatusForbidden {
		t.Errorf("confirming one's own: %d", own.Code)
	}
	if w = o.ask(t.Context(), "neighbour", "POST", at+"/confirm", form, "version=1"); w.Code != http.StatusSeeOther {
		t.Fatalf("confirm: %d %s", w.Code, w.Body)
	}
	list := o.ask(t.Context(), "analyst", "GET", "/p/one/outcomes", "", "").Body.String()
	total := regexp.MustCompile(`href="([^"]*counting=1[^"]*of=cocaine[^"]*)"[^>]*>Drugs seized: Cocaine`).FindStringSubmatch(list)
	if total == nil || !strings.Contains(list, "2.5 kilograms") || !strings.Contains(list, "DKK\u00a02\u202f000\u202f000\u202f000") {
		t.Fatalf("the totals beside the list: %v", total)
	}
	records := o.ask(t.Context(), "analyst", "GET", strings.ReplaceAll(total[1], "&amp;", "&"), "", "").Body.String()
	if !strings.Contains(records, "C-17") {
		t.Error("the total does not open its record")
	}
	var f stats.File
	if err := json.Unmarshal(o.ask(t.Context(), "auditor", "GET", "/p/one/statistics.json?from=2026-05&to=2026-05&by=category", "", "").Body.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int64{}
	for _, x := range f.Figures {
		seen[x.Measure+" "+x.Kind+" "+x.Unit+x.Currency] += x.N
	}
	if f.Format != stats.Format || seen["quantity drugs ug"] != 2_500_000_000 || seen["value drugs DKK"] != 200_000_000_000 || seen["success  "] != 1 {
		t.Errorf("statistics as JSON: %+v", seen)
	}
	for _, path := range []string{"/p/one/statistics", "/p/one/statistics?by=category", "/p/one/statistics?by=reason", "/p/one/statistics?from=2026-05&to=2026-05&by=desk", "/p/one/statistics/2026"} {
		if w := o.ask(t.Context(), "analyst", "GET", path, "", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Cocaine") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/p/one/statistics?from=2026-13", "/p/one/statistics?by=colour", "/p/one/statistics?from=2026-05&to=2026-04", "/p/one/outcomes?from=soon", "/p/one/outcomes?after=x+y"} {
		if w := o.ask(t.Context(), "analyst", "GET", path, "", ""); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", path, w.Code)
		}
	}
	o.figuresOpenTheirRecords(t)
	o.anOutcomeIsLinkedToItsItem(t)
	page := o.ask(t.Context(), "neighbour", "GET", at, "", "").Body.String()
	for _, want := range []string{"71.5", "confirmed", "recorded", "C-17", "Confirmed"} {
		if !strings.Contains(page, want) {
			t.Errorf("the outcome's page is without %q", want)
		}
	}
}

// The director sees what is hidden and why, publishes, and the portal's side
// gets a signed snapshot in which no small count stands.
func (o *office) theDirectorPublishes(t *testing.T) {
	if w := o.ask(t.Context(), "director", "GET", "/p/one/publish?year=2025", "", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "small") && !strings.Contains(w.Body.String(), "By month") {
		t.Fatalf("preview: %d %s", w.Code, w.Body)
	}
	if w := o.ask(t.Context(), "director", "GET", "/p/one/publish?year=2999", "", ""); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a year to come: %d", w.Code)
	}
	p, a := o.founded.Programme.ID, o.founded.Programme.Desks[0].ID
	by := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: a}}}
	other := authz.Subject{Account: id.New(), Grants: by.Grants}
	for i, n := range []int{3, 12, 9, 20} { // 3 is small
		for range n {
			made, err := o.Outcomes.Record(t.Context(), by, p, outcome.Entry{Kind: "fugitive", Date: "2025-0" + string(rune('1'+i)) + "-10", By: "police", Quantity: "1", Category: []string{"drugs", "fraud"}[i%2]})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := o.Outcomes.Confirm(t.Context(), other, p, made.ID, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	preview := o.ask(t.Context(), "director", "GET", "/p/one/publish?year=2025", "", "").Body.String()
	if !strings.Contains(preview, ">small<") || !strings.Contains(preview, "hides a small one") {
		t.Errorf("the preview hides nothing: %s", preview)
	}
	if w := o.ask(t.Context(), "director", "POST", "/p/one/publish", form, "year=2025"); w.Code != http.StatusSeeOther {
		t.Fatalf("publish: %d %s", w.Code, w.Body)
	}
	told, err := o.Publications.Latest(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range told.Tables {
		for _, row := range table.Rows {
			for _, c := range row.Cells {
				if c.Value > 0 && c.Value < 5 {
					t.Errorf("%s tells %d", table.ID, c.Value)
				}
			}
		}
	}
	if again := o.ask(t.Context(), "director", "GET", "/p/one/publish?year=2025", "", ""); again.Code != http.StatusOK || strings.Contains(again.Body.String(), "What differs") {
		t.Errorf("the same once more: %d", again.Code)
	}
	made, err := o.Outcomes.Record(t.Context(), by, p, outcome.Entry{Kind: "fugitive", Date: "2025-04-11", By: "police", Quantity: "1", Category: "fraud"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Outcomes.Confirm(t.Context(), other, p, made.ID, 1); err != nil {
		t.Fatal(err)
	}
	if w := o.ask(t.Context(), "director", "POST", "/p/one/publish", form, "year=2025"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "since the last publication") {
		t.Errorf("one more fugitive would be told: %d", w.Code)
	}
}

// An item is linked by the number that people call it by, and only by those
// who may read it.
func (o *office) anOutcomeIsLinkedToItsItem(t *testing.T) {
	p, a := o.founded.Programme.ID, o.founded.Programme.Desks[0].ID
	by := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: a}}}
	item, err := o.Items.Read(t.Context(), by, p, o.item)
	if err != nil {
		t.Fatal(err)
	}
	today := o.Clock.Now().Format("2006-01-02")
	v := url.Values{"kind": {"arrest"}, "date": {today}, "quantity": {"1"}, "by": {"North Police"}, "item1": {strings.ToLower(item.Number)}, "basis1": {"led-to"}}
	if w := o.ask(t.Context(), "neighbour", "POST", "/p/one/outcomes", form, v.Encode()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "no item") {
		t.Errorf("another desk's item: %d", w.Code)
	}
	w := o.ask(t.Context(), "reviewer", "POST", "/p/one/outcomes", form, v.Encode())
	at, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("one's own item: %d %s", w.Code, w.Body)
	}
	for handle, sees := range map[string]bool{"reviewer": true, "analyst": true, "neighbour": false} {
		page := o.ask(t.Context(), handle, "GET", at, "", "").Body.String()
		if strings.Contains(page, item.Number) != sees || !strings.Contains(page, "North Police") {
			t.Errorf("%s sees the item's number: %v", handle, !sees)
		}
	}
}

// figuresOpenTheirRecords follows the links of the statistics page to what each
// figure was counted from.
func (o *office) figuresOpenTheirRecords(t *testing.T) {
	get := func(who, path string, want int) string {
		w := o.ask(t.Context(), who, "GET", strings.ReplaceAll(path, "&amp;", "&"), "", "")
		if w.Code != want {
			t.Errorf("GET %s by %s: %d, want %d", path, who, w.Code, want)
		}
		return w.Body.String()
	}
	link := func(page, measure string) string {
		t.Helper()
		found := regexp.MustCompile(`href="(/p/one/statistics/records\?[^"]*measure=` + measure + `[^"]*)"`).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("the statistics page has no way to %s", measure)
		}
		return found[1]
	}
	if w := o.ask(t.Context(), "reviewer", "POST", o.fill("/p/one/reports/{report}/open"), jsons, "{}"); w.Code != http.StatusOK {
		t.Fatalf("open the report: %d %s", w.Code, w.Body)
	}
	whole, parts := get("reviewer", "/p/one/statistics", http.StatusOK), get("reviewer", "/p/one/statistics?by=category", http.StatusOK)
	if !strings.Contains(whole, "To first read") || !regexp.MustCompile(`>[12] h<`).MatchString(whole) {
		t.Error("the page does not say how long reading took")
	}
	for _, page := range []string{whole, parts} {
		items := get("reviewer", link(page, "items"), http.StatusOK)
		if !strings.Contains(items, `>reviewer</a>`) || !strings.Contains(items, referredTitle) || !strings.Contains(items, o.fill("/p/one/items/{item}")) || !strings.Contains(items, "1 are counted.") {
			t.Error("the figure of items does not open its item")
		}
		if referred := get("analyst", link(page, "referred"), http.StatusOK); !strings.Contains(referred, o.fill("/p/one/referrals/{referral}")) || !strings.Contains(referred, "North Police") {
			t.Error("the figure of referrals does not open its referral")
		}
		if read := get("reviewer", link(page, "first-read"), http.StatusOK); !strings.Contains(read, o.fill("/p/one/reports/{report}")) {
			t.Error("the time of the first read does not open its report")
		}
	}
	for _, who := range []string{"analyst", "auditor", "neighbour"} {
		if body := get(who, link(whole, "first-read"), http.StatusOK); strings.Contains(body, o.report.String()) {
			t.Errorf("%s learns which report was read", who)
		}
	}
	if body := get("auditor", link(whole, "items"), http.StatusOK); strings.Contains(body, referredTitle) || strings.Contains(get("auditor", "/p/one/statistics", http.StatusOK), "statistics/records") {
		t.Error("an auditor reads items")
	}
	ended, why := o.submit(t, o.founded.Programme.Desks[0].ID), report.ReasonTooLittle
	if _, err := o.Desk.Mark(t.Context(), o.accounts["reviewer"].Subject, o.founded.Programme.ID, ended, report.Change{Close: &why}); err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"", "?by=reason", "?by=channel", "?by=desk"} {
		page := get("reviewer", "/p/one/statistics"+by, http.StatusOK)
		if contacts := get("reviewer", link(page, "contacts"), http.StatusOK); !strings.Contains(contacts, "/p/one/reports/"+ended.String()) || !strings.Contains(contacts, "1 are counted.") {
			t.Errorf("the figure of contacts %s does not open its report", by)
		}
		if others := get("neighbour", link(page, "contacts"), http.StatusOK); strings.Contains(others, ended.String()) {
			t.Error("another desk's reviewer learns which report was ended")
		}
	}
	for _, bad := range []string{"", "measure=teapots", "measure=items&by=reason&key=spam", "measure=items&after=x", "measure=items&after=1+2+3", "measure=items&from=soon", "measure=referred&by=partner&key=x"} {
		get("reviewer", "/p/one/statistics/records?"+bad, http.StatusUnprocessableEntity)
	}
}
