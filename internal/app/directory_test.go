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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
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
