// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// TestTidyHidesTheOrderOfArrival looks for the reports in the file, as a thief
// does, and compares where they lie with the order in which they came.
func TestTidyHidesTheOrderOfArrival(t *testing.T) {
	path := filepath.Join(t.TempDir(), "order.db")
	h, s := openHouse(t, path)
	var texts [][]byte // as they came
	for range 200 {
		a := storetest.Arrival(crashProgramme, crashDesk, 1000)
		h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return s.Insert(ctx, a) })
		texts = append(texts, a.Envelopes[1].Body[5000:5032])
	}
	if r := rankCorrelation(placesIn(t, path+"-wal", texts)); r < 0.9 {
		t.Fatalf("before tidying the order can't be seen either (%.2f): the test shows nothing", r)
	}
	before, err := h.Log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tidied, err := h.DB.Tidy(t.Context(), 1<<20); err != nil || tidied {
		t.Fatalf("Tidy above its limit = %v, %v", tidied, err)
	}
	if tidied, err := h.DB.Tidy(t.Context(), 1<<30); err != nil || !tidied {
		t.Fatalf("Tidy = %v, %v", tidied, err)
	}
	if log, err := os.Stat(path + "-wal"); err != nil || log.Size() != 0 {
		t.Errorf("the write-ahead log still holds %d bytes, %v", log.Size(), err)
	}
	if r := rankCorrelation(placesIn(t, path, texts)); math.Abs(r) > 0.35 { // five standard deviations of chance
		t.Errorf("where reports lie tells when they came: rank correlation %.2f", r)
	}
	if after, err := h.Log.Checkpoint(t.Context()); err != nil || string(after) != string(before) {
		t.Errorf("the log changed: %v", err)
	}
	if _, err := keepOne(t.Context(), h, s); err != nil {
		t.Errorf("writing after tidying: %v", err)
	}
}

// placesIn returns where in the file each of the texts lies.
func placesIn(t *testing.T, path string, texts [][]byte) []int {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var places []int
	for i, text := range texts {
		at := bytes.Index(file, text)
		if at < 0 {
			t.Fatalf("report %d is not in %s", i, filepath.Base(path))
		}
		places = append(places, at)
	}
	return places
}

// rankCorrelation is Spearman's coefficient of the places with their order.
func rankCorrelation(places []int) float64 {
	sorted := slices.Sorted(slices.Values(places))
	n, sum := float64(len(places)), 0.0
	for i, p := range places {
		rank, _ := slices.BinarySearch(sorted, p)
		d := float64(rank - i)
		sum += d * d
	}
	return 1 - 6*sum/(n*(n*n-1))
}

func TestTidyOfAClosedDatabase(t *testing.T) {
	h, _ := openHouse(t, filepath.Join(t.TempDir(), "closed.db"))
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.DB.Tidy(t.Context(), 1<<30); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("Tidy = %v, want Unavailable", err)
	}
}

// BenchmarkTidy tidies a database of about 45 MiB.
func BenchmarkTidy(b *testing.B) {
	db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "tidy.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	s, runner := reportstore.New(db), store.NewRunner(db, nil, store.NewOutbox(db))
	for range 20 {
		err := runner.Do(b.Context(), func(ctx context.Context, _ *tx.Recorder) error {
			for range 100 {
				if err := s.Insert(ctx, storetest.Arrival(crashProgramme, crashDesk, 1000)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := db.Tidy(b.Context(), 1<<30); err != nil {
			b.Fatal(err)
		}
	}
}
