// SPDX-License-Identifier: AGPL-3.0-or-later

package disk_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// small returns a folder on a file system of its own of 4 MiB.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a small file system can't be had here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// filler fills the disk between the first and the second half of a body, as
// another programme may.
type filler struct {
	t    *testing.T
	dir  string
	body []byte
	read int
}

func (f *filler) Read(b []byte) (int, error) {
	if f.read == len(f.body) {
		return 0, io.EOF
	}
	if f.read > len(f.body)/2 {
		all := make([]byte, 4<<20)
		if err := os.WriteFile(filepath.Join(f.dir, "other"), all, 0o600); !errors.Is(err, syscall.ENOSPC) {
			f.t.Errorf("the disk is not full: %v", err)
		}
	}
	n := copy(b, f.body[f.read:min(f.read+len(f.body)/4, len(f.body))])
	f.read += n
	return n, nil
}

// A disk that fills while a piece comes: the piece is refused as what can be
// sent again later, nothing of it stays, and what was kept before is whole.
func TestADiskThatFillsMeanwhile(t *testing.T) {
	dir := small(t)
	s := open(t, dir)
	blob := id.New()
	body, sum := piece(1 << 20)
	put := func(index int, r io.Reader) error {
		return s.Put(t.Context(), blob, index, sum, int64(len(body)), hour, r)
	}
	if err := put(0, bytes.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	if err := put(1, &filler{t: t, dir: dir, body: body}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a disk that filled meanwhile: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "half")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := put(2, bytes.NewReader(body)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a disk that is full: %v", err)
	}
	if _, err := s.Scratch(1 << 20); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a scratch on a disk that is full: %v", err)
	}
	r, _, err := s.Open(t.Context(), blob, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, body) {
		t.Errorf("what was kept before comes back otherwise: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	if err := put(1, bytes.NewReader(body)); err != nil {
		t.Errorf("with room again: %v", err)
	}
	scratch, err := s.Scratch(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	// What a scratch may still take is nobody else's.
	if err := put(2, bytes.NewReader(body)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("beside a scratch: %v", err)
	}
	if err := scratch.Close(); err != nil {
		t.Fatal(err)
	}
	if err := put(2, bytes.NewReader(body)); err != nil {
		t.Errorf("after the scratch: %v", err)
	}
}

func TestAScratchTakesWhatWasAskedForAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	scratch, err := s.Scratch(1000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scratch.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
		t.Fatal(err)
	}
	if names, err := os.ReadDir(filepath.Join(dir, "half")); err != nil || len(names) > 0 {
		t.Errorf("it has a name: %v, %v", names, err)
	}
	got := make([]byte, 10)
	if _, err := scratch.ReadAt(got, 990); err != nil || string(got) != "xxxxxxxxxx" {
		t.Errorf("it reads %q, %v", got, err)
	}
	if _, err := scratch.Write(make([]byte, 1<<20)); err == nil {
		t.Error("it takes more than was asked for")
	}
	if err := scratch.Close(); err != nil {
		t.Fatal(err)
	}
}
