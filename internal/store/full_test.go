// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// TestAFullDatabaseKeepsWhatItHas fills a database up to a limit of pages.
func TestAFullDatabaseKeepsWhatItHas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "full.db")
	acknowledged := fillUp(t, store.Options{Path: path, MaxPages: 400})
	wantWhole(t, path, acknowledged)
	keepMore(t, path)
}

// TestAFullDiskKeepsWhatItHas fills a small disk of its own, write-ahead log
// and all.
func TestAFullDiskKeepsWhatItHas(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		t.Skipf("a small disk can't be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	path := filepath.Join(dir, "full.db")
	acknowledged := fillUp(t, store.Options{Path: path})
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=60m"); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, path, acknowledged)
	keepMore(t, path)
}

// fillUp keeps reports from four clients until each has been refused three
// times, and returns what was acknowledged. Every refusal must say "later".
func fillUp(t *testing.T, o store.Options) map[id.ID]bool {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	h := storetest.Build(t, func(*testing.T) *store.DB { return db })
	s := reportstore.New(db)
	acknowledged := map[id.ID]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for refused := 0; refused < 3; {
				v, err := keepOne(t.Context(), h, s)
				if err != nil {
					refused++
					if fault.KindOf(err) != fault.Unavailable {
						t.Errorf("refused with %v (%d), want Unavailable", err, fault.KindOf(err))
					}
					continue
				}
				mu.Lock()
				acknowledged[v] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(acknowledged) < 20 {
		t.Fatalf("only %d reports fitted: the test shows little", len(acknowledged))
	}
	for v := range acknowledged {
		if _, err := s.Envelopes(t.Context(), crashProgramme, v); err != nil {
			t.Fatalf("reading while full: %v", err)
		}
	}
	wantSwallowedErrorRefused(t, h, s)
	_ = db.Close() // a full disk may not let the log be copied back; the next start does
	return acknowledged
}

// wantSwallowedErrorRefused lets a change go on after an error that ended the
// transaction: what it writes then must not be kept on its own.
func wantSwallowedErrorRefused(t *testing.T, h *storetest.House, s *reportstore.Store) {
	t.Helper()
	err := h.Runner.Do(t.Context(), func(ctx context.Context, rec *tx.Recorder) error {
		for {
			if err := s.Insert(ctx, storetest.Arrival(crashProgramme, crashDesk, 1000)); err != nil {
				break // swallowed
			}
		}
		q, err := h.DB.Writer(ctx)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, `DELETE FROM report WHERE programme = ?`, crashProgramme)
		if err == nil {
			t.Error("a statement ran after the transaction was gone")
		}
		return nil
	})
	if fault.KindOf(err) != fault.Unavailable || errors.Is(err, store.ErrNoTransaction) {
		t.Errorf("the change that swallowed it: %v, want Unavailable", err)
	}
}

// keepMore shows that the database works again once there is room.
func keepMore(t *testing.T, path string) {
	t.Helper()
	h, s := openHouse(t, path)
	if _, err := keepOne(t.Context(), h, s); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
}
