// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// lockedText takes what several goroutines write.
type lockedText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// What somebody looks for in the help directory, and where they are, is
// written nowhere: not in the log, not in what the operator measures, not in any
// file of the installation.
func TestNobodyKeepsWhoLookedForHelp(t *testing.T) {
	i, _ := founded(t)
	i.Config.Portal.Listen, i.Config.Desk.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	logged := &lockedText{}
	running, err := i.Listen(t.Context(), slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})), "portal")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	get := func(address string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }() // it was read
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const marker = "Quokkaville"
	portal := "http://" + running.Addr("portal")
	if page := get(portal + "/en/help?near=" + marker + "&about=child-abuse&for=young&language=en"); !strings.Contains(page, "Childline") {
		t.Error("nobody is found")
	}
	get(portal + "/hsds/services?search=" + marker)
	get(portal + "/hsds/service_at_locations?postcode=" + marker) // refused
	measured := get("http://" + running.Addr("ops") + "/metrics")
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"the log": logged.String(), "what is measured": measured} {
		if strings.Contains(text, marker) || strings.Contains(text, "near=") || strings.Contains(text, "child-abuse") {
			t.Errorf("%s knows what was looked for:\n%s", what, text)
		}
	}
	err = filepath.WalkDir(i.Config.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(marker)) {
			t.Errorf("%s knows what was looked for", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The real directory of 2013 to 2016 is imported when its problems are
// accepted, and is shown; without that, nothing of it is.
func TestARealDirectoryIsImported(t *testing.T) {
	root := os.Getenv("TURNSTONE_TESTDATA")
	if root == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: the real directory is not here")
	}
	i, _ := founded(t)
	i.Clock = clock.Fixed(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	path := filepath.Join(root, "directory", "sf_domestic_violence_consortium.json")
	report, _, err := i.ImportDirectory(t.Context(), path, "sf", false, false, nil)
	if err == nil || report.Out["organization"] != 1 {
		t.Fatalf("%v, left out %v", err, report.Out)
	}
	if last, err := i.Directory.Store.Last(t.Context()); err != nil || last != 0 {
		t.Fatalf("something was kept: %d %v", last, err)
	}
	report, kept, err := i.ImportDirectory(t.Context(), path, "sf", true, false, nil)
	if err != nil || kept.Services != 17 {
		t.Fatalf("%+v %v", kept, err)
	}
	t.Logf("%d problems: %v, left out %v", report.Total(), report.Counts, report.Out)
	stale, err := i.StaleServices(t.Context(), false)
	if err != nil || len(stale) != 17 { // nobody ever checked them, and the starting set is fresh
		t.Errorf("%d services are to be checked, %v", len(stale), err)
	}
	a := i.Directory.Index().Find(directory.Query{Now: i.Clock.Now(), Limit: 100})
	for n, h := range a.Hits {
		if h.Stale != (n >= a.Total-17) {
			t.Fatalf("%s stands at %d of %d", h.Name, n, a.Total)
		}
	}
}

// Past its review a service stands last, says so, and is listed at the desk and
// on the command line; so is one that nobody ever checked, one that was checked
// on a day that has not come, and one that wants never to be checked again.
func TestAServicePastItsReviewIsDemotedAndListed(t *testing.T) {
	if testing.Short() {
		t.Skip("opens a whole office: not with -short")
	}
	o := newOffice(t)
	now := o.Clock.Now()
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	file := filepath.Join(t.TempDir(), "help.json")
	var all []string
	for name, says := range map[string][2]string{
		"Fresh line": {day(-30), ""}, "Due tomorrow": {day(-30), day(1)}, "Due today": {day(-30), day(0)},
		"Was due yesterday": {day(-30), day(-1)}, "A year without a check": {day(-366), ""}, "Never checked": {"", day(300)}, "Checked in a year": {day(365), ""}, "Never due again": {day(-800), "9999-12-31"},
	} {
		attributes := ""
		if says[1] != "" {
			attributes = `, "attributes": [{"id": "` + name + `", "link_type": "review_by", "taxonomy_term_id": "` + hsds.MakeID("term", "turnstone", "review_by") + `", "value": "` + says[1] + `"}]`
		}
		all = append(all, `{"id": "`+name+`", "name": "`+name+`", "status": "active", "description": "x", "assured_date": "`+says[0]+`", "organization": {"id": "org", "name": "Org", "description": "x"}, "phones": [{"id": "`+name+`", "number": "116 123"}]`+attributes+`}`)
	}
	terms := `"taxonomies": [{"id": "` + hsds.MakeID("taxonomy", "turnstone") + `", "name": "Turnstone", "description": "x"}], "taxonomy_terms": [{"id": "` + hsds.MakeID("term", "turnstone", "review_by") + `", "name": "review_by", "description": "x", "taxonomy_id": "` + hsds.MakeID("taxonomy", "turnstone") + `"}]`
	if err := os.WriteFile(file, []byte(`{"services": [`+strings.Join(all, ", ")+`], `+terms+`}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if report, _, err := o.ImportDirectory(t.Context(), file, "start", true, false, nil); err != nil {
		t.Fatalf("%v %v", err, report.Problems)
	}
	if err := o.Directory.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	due := []string{"Was due yesterday", "A year without a check", "Never checked", "Checked in a year", "Never due again"}
	answer := o.Directory.Index().Find(directory.Query{Now: now, Limit: 100})
	if answer.Total != 8 {
		t.Fatalf("%d services", answer.Total)
	}
	for n, h := range answer.Hits {
		if want := slices.Contains(due, h.Name); h.Stale != want || want != (n >= 3) {
			t.Errorf("%s stands at %d, stale %v", h.Name, n, h.Stale)
		}
	}
	listed, err := o.StaleServices(t.Context(), false)
	if err != nil || len(listed) != len(due) {
		t.Errorf("%d are listed, %v", len(listed), err)
	}
	page := o.ask(t.Context(), "reviewer", "GET", "/p/one/directory", "", "").Body.String()
	if !strings.Contains(page, "5 of 8 services must be checked.") {
		t.Error("the desk counts others")
	}
	for _, h := range answer.Hits {
		if strings.Contains(page, "<bdi>"+h.Name+"</bdi>") != slices.Contains(due, h.Name) {
			t.Errorf("%s: the desk says otherwise", h.Name)
		}
	}
}
