// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// noLedger stands in for the log: arrivals are not logged one by one.
type noLedger struct{}

func (noLedger) Append(context.Context, []tx.Entry) error { return nil }

// house is what the benchmarks measure: database, outbox and reports as app
// wires them.
type house struct {
	*reportstore.Store
	db              *store.DB
	runner          *store.Runner
	programme, desk id.ID
}

func openHouse(b *testing.B, path string) *house {
	b.Helper()
	db, err := store.Open(b.Context(), store.Options{Path: path})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return &house{
		Store: reportstore.New(db), db: db, runner: store.NewRunner(db, noLedger{}, store.NewOutbox(db)),
		programme: id.ID{1}, desk: id.ID{2},
	}
}

func (h *house) keep(ctx context.Context, a report.Arrival) error {
	return h.runner.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		rec.Event(tx.Event{Programme: h.programme, Topic: report.TopicArrived, Body: []byte(`{}`)})
		return h.Insert(ctx, a)
	})
}

// BenchmarkInsert keeps reports of the usual sizes from 16 clients; each waits
// until its report is durable.
func BenchmarkInsert(b *testing.B) {
	for _, clients := range []int{1, 16} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			h := openHouse(b, filepath.Join(b.TempDir(), "bench.db"))
			insert(b, h, clients, b.N, 1000)
		})
	}
}

func insert(b *testing.B, h *house, clients, n int, hour clock.Hour) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range clients {
		wg.Go(func() {
			for next.Add(1) <= int64(n) {
				if err := h.keep(context.Background(), storetest.Arrival(h.programme, h.desk, hour)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "reports/s")
}

// BenchmarkFull measures a full installation: TURNSTONE_BENCH_REPORTS reports
// (default 20,000; docs/decisions/report-tables.md tells of a million), kept in
// TURNSTONE_BENCH_DIR between runs.
func BenchmarkFull(b *testing.B) {
	want, dir := 20_000, os.Getenv("TURNSTONE_BENCH_DIR")
	if s := os.Getenv("TURNSTONE_BENCH_REPORTS"); s != "" {
		var err error
		if want, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, "full.db")
	b.Run("fill", func(b *testing.B) { fill(b, path, want) })
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			db, err := store.Open(b.Context(), store.Options{Path: path})
			if err != nil {
				b.Fatal(err)
			}
			_ = db.Close()
		}
	})
	h := openHouse(b, path)
	some := h.sample(b, int64(want/perHour))
	b.Run("mailbox", func(b *testing.B) {
		each(b, func(i int) error { return h.openMailbox(b.Context(), some[i%len(some)]) })
	})
	b.Run("inbox", func(b *testing.B) { each(b, func(int) error { return h.readInbox(b.Context()) }) })
	b.Run("insert", func(b *testing.B) { insert(b, h, 16, b.N, 5000) })
	b.Run("memory", func(b *testing.B) { // the most that the process ever had, after all of the above
		for b.Loop() {
			runtime.GC()
		}
		b.ReportMetric(residentMiB(b), "MiB")
	})
}

// perHour is how many reports arrive in an hour of the full installation.
const perHour = 300

// fill adds reports until there are want of them.
func fill(b *testing.B, path string, want int) {
	h := openHouse(b, path)
	marker := path + ".count"
	text, _ := os.ReadFile(marker) // missing at first: none
	have, _ := strconv.Atoi(string(text))
	const batch = 500
	for ; have < want; have += batch {
		err := h.runner.Do(b.Context(), func(ctx context.Context, _ *tx.Recorder) error {
			for i := range batch {
				a := storetest.Arrival(h.programme, h.desk, clock.Hour(1000+(have+i)/perHour))
				if err := h.Insert(ctx, a); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		if have%50_000 == 0 {
			b.Logf("%d reports", have)
		}
	}
	if err := os.WriteFile(marker, []byte(strconv.Itoa(have)), 0o600); err != nil {
		b.Fatal(err)
	}
}

// sample returns the logins of reports from all over.
func (h *house) sample(b *testing.B, hours int64) []report.Hash {
	b.Helper()
	var all []report.Hash
	for range 1000 {
		ids, err := h.ArrivalsOf(b.Context(), h.programme, 1000+rand.Int64N(hours))
		if err != nil {
			b.Fatal(err)
		}
		var login []byte
		args := []any{h.programme, ids[rand.IntN(len(ids))]}
		if err := h.db.Reader(b.Context()).Row(b.Context(), `SELECT login FROM report WHERE programme = ? AND id = ?`, args, &login); err != nil {
			b.Fatal(err)
		}
		all = append(all, report.Hash(login))
	}
	return all
}

func (h *house) openMailbox(ctx context.Context, login report.Hash) error {
	rep, err := h.ByLogin(ctx, h.programme, login)
	if err != nil {
		return err
	}
	if _, err := h.Envelopes(ctx, h.programme, rep.ID); err != nil {
		return err
	}
	_, err = h.Grants(ctx, h.programme, rep.ID, report.ToMailbox)
	return err
}

func (h *house) readInbox(ctx context.Context) error {
	f := report.Filter{Desks: []id.ID{h.desk}, Queue: report.QueueOpen, Limit: 50}
	page, _, err := h.List(ctx, h.programme, f)
	if err != nil {
		return err
	}
	if _, err := h.Tally(ctx, h.programme, f.Desks, id.ID{9}); err != nil {
		return err
	}
	var ids []id.ID
	for _, r := range page {
		ids = append(ids, r.ID)
	}
	_, err = h.Covers(ctx, h.programme, ids)
	return err
}

// each runs f and reports its percentiles.
func each(b *testing.B, f func(i int) error) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if err := f(i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}

// residentMiB returns the memory of the process as the system sees it.
func residentMiB(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc")
	}
	for line := range strings.Lines(string(text)) {
		var kib float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	return 0
}
