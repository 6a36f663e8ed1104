// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
)

// filesWith returns the files under dir that hold one of the words, whatever
// the case of its letters.
func filesWith(t *testing.T, dir string, words ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		for _, w := range words {
			if bytes.Contains(bytes.ToLower(body), []byte(w)) {
				found[w] = filepath.Base(path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDisposalReachesEveryCopy disposes of an item that was amended, named
// things, was referred, answered and asked about, and led to an outcome, and
// looks for its words in all files, while others' words stay.
func TestDisposalReachesEveryCopy(t *testing.T) {
	dir := t.TempDir()
	y := openYears(t, dir).found(t)
	p, desk := y.of.ID, y.of.Desks[0].ID
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	gone := []string{"zwiebelkuchen", "quarkstrudel", "+4512345678", "pflaumenmus", "rhabarber", "brombeere", "waldmeister"}
	stays := "haselnuss"
	c := y.text(gone[0]+" "+strings.Repeat("comes in lorries at night. ", 350)+gone[6], id.ID{}, y.categories[0], desk)
	c.Title = gone[0]
	c.Statements[0].Selectors = []intel.Selector{{Kind: "phone", Value: gone[2], Shown: gone[2]}}
	it, err := y.Items.Write(t.Context(), y.writer, c)
	must(err)
	it, err = y.approve(it)
	must(err)
	r, err := y.Referrals.Refer(t.Context(), y.writer, referral.Order{Programme: p, Item: it.ID, Version: it.Version, Partner: y.partners[0], Role: referral.Primary, Reason: "Their port."})
	must(err)
	for _, in := range []referral.Reply{
		{Act: referral.Acknowledge, Text: gone[3]}, {Act: referral.Accept}, {Act: referral.Progress, Text: gone[4]}, {Act: referral.Ask, Text: gone[5]},
	} {
		_, err := y.Referrals.Type(t.Context(), y.writer, p, r.ID, referral.Typed{Reply: in, Said: "A sergeant", How: "telephone", When: "2023-01-09"})
		must(err)
	}
	o, err := y.Outcomes.Record(t.Context(), y.writer, p, outcome.Entry{Kind: "arrest", Date: "2023-01-10", Quantity: "1", Unit: "person", By: "Police", Links: []outcome.LinkEntry{{Item: it.Number, Basis: outcome.LedTo}}})
	must(err)
	_, err = y.Outcomes.Confirm(t.Context(), y.second, p, o.ID, o.Version)
	must(err)
	amended := y.text(gone[1], id.ID{}, y.categories[0], desk)
	amended.Item, amended.Seen = it.ID, it.Version
	it, err = y.Items.Write(t.Context(), y.writer, amended)
	must(err)
	it, err = y.approve(it)
	must(err)
	other, err := y.Items.Write(t.Context(), y.writer, y.text(stays+" comes on foot.", id.ID{}, y.categories[1], desk))
	must(err)
	_, err = y.approve(other)
	must(err)

	for _, w := range append([]string{stays}, gone...) {
		if len(filesWith(t, dir, w)) == 0 {
			t.Fatalf("%q is nowhere before the disposal: the test shows nothing", w)
		}
	}
	must(y.Items.ProposeDisposal(t.Context(), y.writer, p, it.ID, it.Version, "no longer needed"))
	must(y.Items.Dispose(t.Context(), y.second, p, it.ID, it.Version))
	must(y.Outbox.Flush(t.Context(), app.News(y.Installation)))

	if found := filesWith(t, dir, gone...); len(found) > 0 {
		t.Errorf("words of a disposed item are still in: %v", found)
	}
	if found := filesWith(t, dir, stays); len(found) == 0 {
		t.Error("another item's words went too")
	}
	for _, words := range []string{gone[0], gone[1], gone[6]} {
		hits, err := y.Items.Search(t.Context(), y.writer, p, intel.Query{Words: words, Language: "en"})
		if err != nil || len(hits.Rows) > 0 {
			t.Errorf("%q is still found: %v %v", words, hits, err)
		}
	}
	if _, err := y.Items.Read(t.Context(), y.writer, p, it.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("reading it: %v", err)
	}
	waiting, err := y.Outcomes.ToTell(t.Context(), y.writer, p)
	if err != nil || len(waiting) > 0 {
		t.Errorf("reporters of a disposed item wait: %v %v", waiting, err)
	}
	// What is counted stays, and the certificate is in the ledger.
	found, err := y.CheckStatistics(t.Context(), y.of.Slug, false)
	if err != nil || !found.OK() {
		t.Errorf("the figures: %v %v", err, found)
	}
	report, err := y.Figures.Read(t.Context(), y.analyst, p, stats.Ask{})
	must(err)
	for measure, n := range map[string]int64{intel.Written: 2, intel.Disposed: 1, referral.CountReferred: 1, referral.CountActedOn: 1, stats.Success: 1} {
		if got := report.Total(measure); got != n {
			t.Errorf("%s: %d, want %d", measure, got, n)
		}
	}
	listed, _, err := y.Figures.List(t.Context(), y.writer, p, authz.Item, stats.RecordQuery{Measures: []string{intel.Disposed}, Limit: 10})
	if err != nil || len(listed) != 1 || listed[0].Record != it.ID {
		t.Errorf("the list of what was disposed of: %v %v", listed, err)
	}
	asksNarrowly(t, y.DB, 50)
	rows, err := y.Ledger.Find(t.Context(), ledger.Query{Programme: p, Kind: "item", Limit: 100})
	must(err)
	certified := func(r ledger.Row) bool {
		body := string(r.Payload)
		return strings.Contains(body, `"what":"disposed"`) && strings.Contains(body, it.ID.String()) && strings.Contains(body, "no longer needed")
	}
	if !slices.ContainsFunc(rows, certified) {
		t.Error("the ledger has no certificate of the disposal")
	}
}
