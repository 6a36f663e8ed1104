// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// approvedItem writes an item as one reviewer of its desk and approves it as
// another.
func (o *office) approvedItem(t *testing.T, c intel.Change) intel.Item {
	t.Helper()
	grants := []authz.Grant{{Role: authz.Reviewer, Programme: c.Programme, Desk: c.Desk}}
	writer, second := authz.Subject{Account: id.New(), Grants: grants}, authz.Subject{Account: id.New(), Grants: grants}
	it, err := o.Items.Write(t.Context(), writer, c)
	if err != nil {
		t.Fatal(err)
	}
	if it, err = o.Items.Submit(t.Context(), writer, c.Programme, it.ID, it.Version); err != nil {
		t.Fatal(err)
	}
	if it, err = o.Items.Approve(t.Context(), second, c.Programme, it.ID, it.Version); err != nil {
		t.Fatal(err)
	}
	return it
}

// intelDoors are the routes right of the wall. The item is approved.
var intelDoors = []door{
	{"GET", "/p/{programme}/intelligence", lists, "", ""},
	{"GET", "/p/{programme}/intelligence.csv", lists, "", ""},
	{"GET", "/p/{programme}/items/new", writers, "", ""},
	{"POST", "/p/{programme}/items/new", readers, form, "desk={desk}"},
	{"GET", "/p/{programme}/items/{item}/edit", readers, "", ""},
	{"POST", "/p/{programme}/items/{item}/edit", readers, form, "seen=0"},
	{"GET", "/p/{programme}/items/{item}", looks, "", ""},
	{"POST", "/p/{programme}/items/{item}/submit", readers, form, ""},
	{"POST", "/p/{programme}/items/{item}/approve", nil, form, ""},             // what is approved is not approved again
	{"POST", "/p/{programme}/items/{item}/send-back", nil, form, "reason=why"}, // nor sent back
	{"POST", "/p/{programme}/items/{item}/judge", looks, form, ""},
	{"POST", "/p/{programme}/items/{item}/retain", readers, form, "reason=why&until=2027-01-31"},
	{"POST", "/p/{programme}/items/{item}/propose", readers, form, "reason=why"},
	{"POST", "/p/{programme}/items/{item}/dispose", readers, form, ""},
	{"GET", "/p/{programme}/compartments", everybody, "", ""},               // each sees those that they are inside
	{"POST", "/p/{programme}/compartments", nil, form, "name=x&reason=why"}, // the director's
	{"GET", "/p/{programme}/schemes", everybody, "", ""},
}

// itemsShowWhatTheRoomSays walks the item's way through its pages.
func (o *office) itemsShowWhatTheRoomSays(t *testing.T) {
	at := o.fill("/p/one/items/{item}")
	get := func(who, path string) string {
		w := o.ask(t.Context(), who, "GET", path, "", "")
		if w.Code != http.StatusOK {
			t.Fatalf("GET %s by %s: %d %s", path, who, w.Code, w.Body)
		}
		return w.Body.String()
	}
	contains := func(body string, all ...string) {
		t.Helper()
		for _, want := range all {
			if !strings.Contains(body, want) {
				t.Errorf("the page has no %q", want)
			}
		}
	}
	contains(get("analyst", "/p/one/intelligence"), referredTitle, "Approved", "1 items")
	contains(get("analyst", "/p/one/intelligence?q=lorries"), referredTitle)
	contains(get("analyst", "/p/one/intelligence?q=lorries&sort=relevance"), referredTitle)
	contains(get("analyst", "/p/one/intelligence?q=nothing"), "No item fits")
	contains(get("analyst", "/p/one/intelligence?kind=teapot&value=x"), "No item fits")
	contains(get("analyst", "/p/one/intelligence.csv"), referredTitle)
	contains(get("reviewer", at), "A lorry comes on Tuesdays.", "Untested", "Lawful sharing permitted", "/reports/"+o.report.String())
	if body := get("analyst", at); strings.Contains(body, o.report.String()) || !strings.Contains(body, "1 sealed report that you may not see") {
		t.Error("an analyst sees which sealed report stands behind an item, or not that one does")
	}
	contains(get("reviewer", at), `href="/p/one/inbox"`, `href="/p/one/intelligence"`) // the way back stays
	contains(get("analyst", "/p/one/schemes"), "Admiralty code", "must be judged anew")
	for _, bad := range []string{"before=x", "before=1-2", "before=-5-" + id.New().String(), "desk=x"} {
		if w := o.ask(t.Context(), "analyst", "GET", "/p/one/intelligence?"+bad, "", ""); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("?%s: %d", bad, w.Code)
		}
	}

	// A judgement on a version that is not the newest is refused, and nothing of it is lost.
	post := func(who, step string, f url.Values) (int, string) {
		w := o.ask(t.Context(), who, "POST", at+"/"+step, form, f.Encode())
		return w.Code, w.Body.String()
	}
	f := url.Values{"version": {"1"}, "independence": {"independent"}, "reason": {"They live far apart"}}
	if code, body := post("analyst", "judge", f); code != http.StatusConflict || !strings.Contains(body, "They live far apart") {
		t.Errorf("a stale judgement: %d", code)
	}
	v, err := o.Items.Read(t.Context(), o.accounts["analyst"].Subject, o.founded.Programme.ID, o.item)
	if err != nil {
		t.Fatal(err)
	}
	f.Set("version", strconv.Itoa(v.Version))
	if code, _ := post("analyst", "judge", f); code != http.StatusSeeOther {
		t.Errorf("a judgement: %d", code)
	}
	contains(get("reviewer", at), "They live far apart", "independent of one another")
	f.Set("version", strconv.Itoa(v.Version+1))
	if code, body := post("reviewer", "propose", url.Values{"version": f["version"]}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "Give the reason") {
		t.Errorf("disposal without a reason: %d", code)
	}
}

// A director makes a compartment; nobody else does, and only its members and
// those who answer for it see that it is there.
func (o *office) compartmentsAreTheDirectors(t *testing.T) {
	f := url.Values{"name": {"Operation blue"}, "reason": {"named work"}, "member": {o.accounts["analyst"].Account.ID.String()}}
	if w := o.ask(t.Context(), "director", "POST", "/p/one/compartments", form, f.Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("the director: %d %s", w.Code, w.Body)
	}
	f.Set("reason", "")
	if w := o.ask(t.Context(), "director", "POST", "/p/one/compartments", form, f.Encode()); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", w.Code)
	}
	for who, sees := range map[string]bool{"director": true, "auditor": true, "analyst": true, "reviewer": false, "caller": false} {
		w := o.ask(t.Context(), who, "GET", "/p/one/compartments", "", "")
		if got := strings.Contains(w.Body.String(), "Operation blue"); got != sees {
			t.Errorf("%s sees the compartment: %v", who, got)
		}
	}
}

// Two reviewers edit the same draft in two browsers: the later one sees what
// differs, keeps what they typed, and decides; nothing is overwritten.
func (o *office) twoPeopleEditTheSameItem(t *testing.T) {
	p, a := o.founded.Programme.ID, o.founded.Programme.Desks[0].ID
	fields := func(title, text, seen string) url.Values {
		return url.Values{
			"desk": {a.String()}, "seen": {seen}, "title": {title}, "category": {"drugs"}, "seriousness": {"high"}, "language": {"en"}, "handling": {"P"}, "channel": {"web"},
			"text-1": {text}, "source-1": {"2"}, "information-1": {"D"},
		}
	}
	w := o.ask(t.Context(), "reviewer", "POST", "/p/one/items/new", form, fields("A boat", "It lands at night.", "0").Encode())
	at, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	at = strings.TrimSuffix(at, "/edit") // the page for going on
	if w.Code != http.StatusSeeOther {
		t.Fatalf("a new item: %d %s", w.Code, w.Body)
	}
	if w := o.ask(t.Context(), "reviewer", "POST", at+"/edit", form, fields("A boat", "It lands at dawn.", "1").Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("the first of two: %d %s", w.Code, w.Body)
	}
	w = o.ask(t.Context(), "boss", "POST", at+"/edit", form, fields("A ferry", "It lands at noon.", "1").Encode())
	body := w.Body.String()
	for _, want := range []string{"It lands at dawn.", "It lands at noon.", `value="A ferry"`, "<del", "<ins", `name="seen" value="2"`} {
		if w.Code != http.StatusConflict || !strings.Contains(body, want) {
			t.Errorf("the later of two: %d, without %q", w.Code, want)
		}
	}
	item, err := id.Parse(at[strings.LastIndex(at, "/")+1:])
	if err != nil {
		t.Fatal(err)
	}
	title := func() string {
		v, err := o.Items.Read(t.Context(), o.accounts["reviewer"].Subject, p, item)
		if err != nil {
			t.Fatal(err)
		}
		return v.Title
	}
	if got := title(); got != "A boat" {
		t.Errorf("the later of two overwrote the item: %q", got)
	}
	if w := o.ask(t.Context(), "boss", "POST", at+"/edit", form, fields("A ferry", "It lands at noon.", "2").Encode()); w.Code != http.StatusSeeOther || title() != "A ferry" {
		t.Errorf("after having decided: %d, %q", w.Code, title())
	}
}
