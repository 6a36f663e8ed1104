// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

const crashEnv = "TURNSTONE_CRASH_DATABASE"

var crashProgramme, crashDesk = id.ID{1}, id.ID{2}

func openHouse(t *testing.T, path string) (*storetest.House, *reportstore.Store) {
	t.Helper()
	h := storetest.Build(t, func(t *testing.T) *store.DB {
		t.Helper()
		db, err := store.Open(t.Context(), store.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	})
	return h, reportstore.New(h.DB)
}

// keepOne puts down one report with a ledger entry and an event of the same id.
func keepOne(ctx context.Context, h *storetest.House, s *reportstore.Store) (id.ID, error) {
	a := storetest.Arrival(crashProgramme, crashDesk, 1000)
	return a.Report.ID, h.Runner.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := s.Insert(ctx, a); err != nil {
			return err
		}
		rec.Entry(tx.Entry{ID: a.Report.ID, Programme: crashProgramme, Kind: "audit", Payload: a.Report.ID[:]})
		rec.Event(tx.Event{Programme: crashProgramme, Topic: report.TopicArrived, Body: a.Report.ID[:]})
		return nil
	})
}

// TestCrashChild is the process that is killed: it keeps reports from eight
// clients and prints the id of each once it was told that it is durable.
func TestCrashChild(t *testing.T) {
	path := os.Getenv(crashEnv)
	if path == "" {
		t.Skip("only runs as the child of TestKilledProcessLosesNothing")
	}
	h, s := openHouse(t, path)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				v, err := keepOne(t.Context(), h, s)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				fmt.Printf("kept %s\n", v)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// TestKilledProcessLosesNothing kills a writing process at random moments:
// what was acknowledged is there whole, and nothing is there in part.
func TestKilledProcessLosesNothing(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	path := filepath.Join(t.TempDir(), "crash.db")
	acknowledged := map[id.ID]bool{}
	for range rounds {
		before := len(acknowledged)
		runAndKill(t, path, time.Duration(50+rand.IntN(400))*time.Millisecond, acknowledged)
		wantWhole(t, path, acknowledged)
		t.Logf("%d reports acknowledged", len(acknowledged)-before)
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was ever acknowledged: the test shows nothing")
	}
}

// runAndKill starts the child, kills it some time after its first
// acknowledgement and collects what it acknowledged.
func runAndKill(t *testing.T, path string, after time.Duration, acknowledged map[id.ID]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := true
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var text string
		if _, err := fmt.Sscanf(lines.Text(), "kept %s", &text); err != nil {
			t.Logf("child: %s", lines.Text())
			continue
		}
		v, err := id.Parse(text)
		if err != nil {
			continue // the last line was cut
		}
		acknowledged[v] = true
		if first {
			first = false
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
}

func wantWhole(t *testing.T, path string, acknowledged map[id.ID]bool) {
	t.Helper()
	h, s := openHouse(t, path)
	ctx, q := t.Context(), h.DB.Reader(t.Context())
	for v := range acknowledged {
		if envelopes, err := s.Envelopes(ctx, crashProgramme, v); err != nil || len(envelopes) != 2 {
			t.Fatalf("acknowledged report %s: %d messages, %v", v, len(envelopes), err)
		}
		if row, err := h.Log.ByID(ctx, v); err != nil || string(row.Payload) != string(v[:]) {
			t.Fatalf("acknowledged report %s: its ledger entry: %v", v, err)
		}
	}
	var n int
	for _, part := range []string{
		`SELECT count(*) FROM report WHERE place NOT IN (SELECT place FROM report_sealed)`,
		`SELECT count(*) FROM report_sealed WHERE place NOT IN (SELECT place FROM report)`,
		`SELECT count(*) FROM report WHERE id NOT IN (SELECT payload FROM ledger_leaf)`,
		`SELECT count(*) FROM ledger_leaf WHERE payload NOT IN (SELECT id FROM report)`,
		`SELECT count(*) FROM report WHERE id NOT IN (SELECT body FROM outbox)`,
		`SELECT count(*) FROM outbox WHERE body NOT IN (SELECT id FROM report)`,
	} {
		if err := q.Row(ctx, part, nil, &n); err != nil || n != 0 {
			t.Fatalf("%d half reports (%v): %s", n, err, part)
		}
	}
	health, err := store.Collect(ctx, q, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }, `PRAGMA integrity_check`)
	if err != nil || len(health) != 1 || health[0] != "ok" {
		t.Fatalf("integrity check: %v, %v", health, err)
	}
	if _, err := h.Log.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
}
