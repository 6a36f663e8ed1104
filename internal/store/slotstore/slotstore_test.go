// SPDX-License-Identifier: AGPL-3.0-or-later

package slotstore_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/store/slotstore"
)

func open(t testing.TB, path, replica string) *slotstore.Store {
	t.Helper()
	s, err := slotstore.Open(path, replica)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func take(t testing.TB, s *slotstore.Store) int64 {
	t.Helper()
	slot, err := s.Take()
	if err != nil {
		t.Fatal(err)
	}
	return slot
}

func wrap(t testing.TB, s *slotstore.Store, slot int64, plain string) []byte {
	t.Helper()
	wrapped, err := s.Wrap(slot, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func TestWrappedComesBackAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slots")
	s := open(t, path, "")
	slot := take(t, s)
	wrapped := wrap(t, s, slot, "a grant")
	if bytes.Contains(wrapped, []byte("a grant")) {
		t.Fatal("the grant is in clear")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, path, "").Unwrap(slot, wrapped)
	if err != nil || string(got) != "a grant" {
		t.Fatalf("Unwrap = %q, %v", got, err)
	}
}

func TestErasedIsGoneEvenWithOldBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slots")
	s := open(t, path, "")
	slot, other := take(t, s), take(t, s)
	wrapped, kept := wrap(t, s, slot, "a grant"), wrap(t, s, other, "another")
	for range 2 {
		if err := s.Erase(slot); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Unwrap(slot, wrapped)
	if !errors.Is(err, slotstore.ErrErased) || fault.KindOf(err) != fault.NotFound {
		t.Fatalf("Unwrap = %v, want ErrErased", err)
	}
	if _, err := s.Wrap(slot, []byte("again")); !errors.Is(err, slotstore.ErrErased) {
		t.Fatalf("Wrap = %v, want ErrErased", err)
	}
	if got, err := s.Unwrap(other, kept); err != nil || string(got) != "another" {
		t.Fatalf("the other slot: %q, %v", got, err)
	}
}

func TestEverySingleBitCounts(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "slots"), "")
	slot, other := take(t, s), take(t, s)
	wrapped := wrap(t, s, slot, "a grant")
	for i := range len(wrapped) * 8 {
		changed := slices.Clone(wrapped)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := s.Unwrap(slot, changed); err == nil {
			t.Fatalf("bit %d can be changed", i)
		}
	}
	if _, err := s.Unwrap(other, wrapped); err == nil {
		t.Fatal("another slot opens it")
	}
}

func TestNoSlotIsTakenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slots")
	seen := map[int64]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 3 { // three processes that share the file
		s := open(t, path, "")
		for range 4 {
			wg.Go(func() {
				for range 3000 { // beyond one block each
					slot, err := s.Take()
					mu.Lock()
					if err != nil || seen[slot] {
						t.Errorf("slot %d: %v, taken before: %v", slot, err, seen[slot])
					}
					seen[slot] = true
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	s := open(t, path, "") // and one after a restart
	for range 100 {
		if slot := take(t, s); seen[slot] {
			t.Fatalf("slot %d was taken before the restart", slot)
		}
	}
}

func TestPlacesTellNoOrder(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "slots"), "")
	up := 0
	last := take(t, s)
	for range 1000 {
		next := take(t, s)
		if next > last {
			up++
		}
		last = next
	}
	if up < 400 || up > 600 {
		t.Fatalf("%d of 1000 slots lie after the one taken before: that is an order", up)
	}
}

func TestATornEndIsNeverUsed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slots")
	s := open(t, path, "")
	slot := take(t, s)
	wrapped := wrap(t, s, slot, "a grant")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()+13); err != nil { // a block that was cut by a crash
		t.Fatal(err)
	}
	again := open(t, path, "")
	if next := take(t, again); next*32 < info.Size()+13 {
		t.Fatalf("slot %d lies in the torn end", next)
	}
	if got, err := again.Unwrap(slot, wrapped); err != nil || string(got) != "a grant" {
		t.Fatalf("Unwrap = %q, %v", got, err)
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slots")
	for _, content := range []string{"x", "something else that is longer than one slot of 32 bytes"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := slotstore.Open(path, ""); !errors.Is(err, slotstore.ErrNotSlots) {
			t.Errorf("Open = %v, want ErrNotSlots", err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("the file was changed: %q, %v", got, err)
		}
	}
}

func TestUnknownSlots(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "slots"), "")
	for _, slot := range []int64{-1, 0, 1 << 40} {
		if _, err := s.Wrap(slot, nil); err == nil {
			t.Errorf("slot %d wraps", slot)
		}
		if err := s.Erase(slot); err == nil {
			t.Errorf("slot %d was erased", slot)
		}
	}
}

func TestReplica(t *testing.T) {
	dir := t.TempDir()
	path, replica := filepath.Join(dir, "slots"), filepath.Join(dir, "replica")
	wantLag := func(want bool) {
		t.Helper()
		lagging, err := slotstore.CheckReplica(t.Context(), path, replica)
		if err != nil || (lagging > 0) != want {
			t.Fatalf("%d bytes lag, %v: want lag %v", lagging, err, want)
		}
	}
	s := open(t, path, replica)
	slot := take(t, s)
	wrapped := wrap(t, s, slot, "a grant")
	erased := take(t, s)
	if err := s.Erase(erased); err != nil {
		t.Fatal(err)
	}
	wantLag(false)

	alone := open(t, path, "") // somebody forgot the replica for a while
	if err := alone.Erase(take(t, alone)); err != nil {
		t.Fatal(err)
	}
	wantLag(true)
	open(t, path, replica)
	wantLag(false)

	if err := os.Remove(path); err != nil { // the slots are lost
		t.Fatal(err)
	}
	if _, err := slotstore.Open(path, replica); !errors.Is(err, slotstore.ErrReplica) {
		t.Fatalf("Open with lost slots = %v, want ErrReplica", err)
	}
	if got, err := open(t, replica, "").Unwrap(slot, wrapped); err != nil || string(got) != "a grant" {
		t.Fatalf("from the replica: %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := slotstore.CheckReplica(ctx, path, replica); !errors.Is(err, context.Canceled) {
		t.Fatalf("CheckReplica = %v, want Canceled", err)
	}
}

func BenchmarkWrapGrants(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "slots"), "")
	grant := make([]byte, 2600)
	for b.Loop() {
		slot := take(b, s)
		for range 3 {
			if _, err := s.Wrap(slot, grant); err != nil {
				b.Fatal(err)
			}
		}
	}
}
