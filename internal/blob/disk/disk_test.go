// SPDX-License-Identifier: AGPL-3.0-or-later

package disk_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/turnstone-project/turnstone/internal/blob/disk"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

const hour = clock.Hour(500_000)

func open(t *testing.T, dir string) *disk.Store {
	t.Helper()
	s, err := disk.Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func piece(n int) ([]byte, [32]byte) {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b, sha256.Sum256(b)
}

func TestAPieceComesBack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	blob := id.New()
	body, sum := piece(100_000)
	for range 2 { // sent twice is kept once
		if err := s.Put(t.Context(), blob, 3, sum, int64(len(body)), hour, bytes.NewReader(body)); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, dir) // another process
	r, n, err := s.Open(t.Context(), blob, 3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || n != int64(len(body)) || !bytes.Equal(got, body) {
		t.Fatalf("%d bytes come back otherwise: %v", n, err)
	}
	if n, err := s.Length(t.Context(), blob, 3); err != nil || n != int64(len(body)) {
		t.Errorf("its length is %d, %v", n, err)
	}
	if n, err := s.Length(t.Context(), blob, 2); err != nil || n != 0 {
		t.Errorf("a piece that isn't there has %d bytes, %v", n, err)
	}
	if all, err := s.Blobs(t.Context()); err != nil || !slices.Equal(all, []id.ID{blob}) {
		t.Errorf("blobs are %v, %v", all, err)
	}
	for range 2 {
		if err := s.Delete(t.Context(), blob); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Open(t.Context(), blob, 3); fault.KindOf(err) != fault.NotFound {
		t.Errorf("after deletion: %v", err)
	}
}

func TestWhatIsNotAsAnnouncedIsNotKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	blob := id.New()
	body, sum := piece(5000)
	other, otherSum := piece(5000)
	for name, try := range map[string]struct {
		sum  [32]byte
		size int64
		body io.Reader
	}{
		"other bytes": {otherSum, 5000, bytes.NewReader(body)},
		"cut off":     {sum, 5000, bytes.NewReader(body[:4999])},
		"longer":      {sum, 4999, bytes.NewReader(body)},
		"broken off":  {sum, 5000, io.MultiReader(bytes.NewReader(body[:100]), iotest.ErrReader(errors.New("gone")))},
	} {
		if err := s.Put(t.Context(), blob, 0, try.sum, try.size, hour, try.body); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) > 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
	if err := s.Put(t.Context(), blob, 0, sum, 5000, hour, bytes.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), blob, 0, otherSum, 5000, hour, bytes.NewReader(other)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another piece in its place: %v", err)
	}
}

func TestNothingTellsTheMinute(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	blob := id.New()
	body, sum := piece(10)
	if err := s.Put(t.Context(), blob, 0, sum, 10, hour, bytes.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context(), blob, hour); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() == "half" {
			return err
		}
		info, err := d.Info()
		if err == nil && !info.ModTime().Equal(hour.Time()) {
			t.Errorf("%s was changed at %s", path, info.ModTime().Format(time.RFC3339Nano))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheDiskIsNeverFilled(t *testing.T) {
	s, err := disk.Open(t.TempDir(), math.MaxUint64/2)
	if err != nil {
		t.Fatal(err)
	}
	body, sum := piece(10)
	if err := s.Put(t.Context(), id.New(), 0, sum, 10, hour, bytes.NewReader(body)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without room: %v", err)
	}
}

func TestHalfAPieceIsThrownAway(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	half := filepath.Join(dir, "half", "x")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestTheSamePieceFromManyAtOnce(t *testing.T) {
	s := open(t, t.TempDir())
	blob := id.New()
	body, sum := piece(100_000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := s.Put(t.Context(), blob, 0, sum, int64(len(body)), hour, bytes.NewReader(body)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
