// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/bench"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// TestAPlantedPhraseIsNowhere sends reports without script, which is the only
// time that a server sees words in clear, a sealed file and two in clear, and
// then looks for a phrase of the words, of the files' names and of their
// contents in everything that the server has: its database and log, its blobs, its temporary files,
// what it printed, and its memory ten seconds later.
func TestAPlantedPhraseIsNowhere(t *testing.T) {
	if testing.Short() {
		t.Skip("waits ten seconds: not with -short")
	}
	if raceDetector {
		t.Skip("the race detector keeps memory of its own: `make test` runs this without it")
	}
	dir := t.TempDir()
	temporary := filepath.Join(dir, "tmp")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temporary)
	portal, path := installation(t, dir)
	var printed lockedBuffer
	server := servingTo(t, path, portal, &printed)
	defer func() {
		if err := server.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = server.Wait() // it was killed
	}()
	// Two halves, so that a phrase as a whole stands nowhere in this test's
	// own binary, which the server is.
	planted := func(second string) string {
		return strings.Join([]string{"quokka", second}, "-") + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	}
	phrase, name, content := planted("verandah"), planted("lantern"), planted("harbour")
	client, err := bench.Visit(t.Context(), portal, 1)
	if err != nil {
		t.Fatal(err)
	}
	receipt := seal.NewReceipt()
	for range 5 { // the same receipt: one report, answered in the same way again
		if err := client.SubmitForm(t.Context(), 0, receipt, "They meet at the "+phrase+" every week."); err != nil {
			t.Fatal(err)
		}
	}
	box, err := client.Open(t.Context(), receipt)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Compare(box, receipt, "They meet at the "+phrase+" every week."); err != nil {
		t.Fatalf("the report did not arrive: %v", err)
	}
	film := bytes.Repeat([]byte("They load at the "+content+". "), 2*seal.PieceSize/50)
	if err := client.SendFile(t.Context(), receipt, seal.File{Name: name + ".mp4", Media: "video/mp4"}, film); err != nil {
		t.Fatal(err)
	}
	// One that is cleaned of what is planted, and one that nobody can clean.
	clearName, clearContent, maker := planted("pantry"), planted("bakery"), planted("camera")
	note := append([]byte{0xff, 0xfe, 0, byte(2 + len(maker))}, maker...)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 400, 300)), nil); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{
		clearName + ".jpg": slices.Concat(photo.Bytes()[:2], note, photo.Bytes()[2:]),
		clearName + ".xyz": bytes.Repeat([]byte("They bake at the "+clearContent+". "), 2*seal.PieceSize/50),
	} {
		if err := client.FileInClear(t.Context(), receipt, file, content); err != nil {
			t.Fatal(err)
		}
	}
	if box, err = client.Open(t.Context(), receipt); err != nil || len(box.Messages) != 5 {
		t.Fatalf("the files in clear did not arrive: %d messages, %v", len(box.Messages), err)
	}
	everything := []string{phrase, name, content, clearName, clearContent, maker}
	time.Sleep(10 * time.Second)
	pieces := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kept, err := os.ReadFile(path)
		for _, p := range everything {
			if bytes.Contains(kept, []byte(p)) || strings.Contains(path, p) {
				t.Errorf("%q is in %s", p, path)
			}
		}
		if len(kept) == seal.PieceSize {
			pieces++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if pieces == 0 {
		t.Error("the pieces of the file are not where this test looked: it shows nothing of them")
	}
	for _, p := range everything {
		if at := inMemory(t, server.Process.Pid, []byte(p)); len(at) > 0 {
			t.Errorf("%q is in memory %d times: %v", p, len(at), at)
		}
		if strings.Contains(printed.String(), p) {
			t.Errorf("%q was printed", p)
		}
	}
}

// lockedBuffer is a buffer that a process writes to while it is read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// inMemory returns where a phrase lies in another process's memory.
func inMemory(t *testing.T, pid int, phrase []byte) []string {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Skipf("memory can't be looked at here: %v", err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Skipf("memory can't be looked at here: %v", err)
	}
	defer func() { _ = mem.Close() }()
	var found []string
	looked := 0
	for line := range strings.Lines(string(maps)) {
		span, rest, _ := strings.Cut(line, " ")
		if !strings.HasPrefix(rest, "r") {
			continue
		}
		from, to, _ := strings.Cut(span, "-")
		a, errA := strconv.ParseUint(from, 16, 64)
		b, errB := strconv.ParseUint(to, 16, 64)
		if errA != nil || errB != nil || b-a > 4<<30 {
			continue
		}
		chunk := make([]byte, b-a)
		n, err := mem.ReadAt(chunk, int64(a))
		if err != nil && n == 0 {
			continue // a region that the kernel does not show
		}
		looked += n
		for at := bytes.Index(chunk[:n], phrase); at >= 0; {
			found = append(found, fmt.Sprintf("%s+%x: %q", strings.TrimSpace(line), at, chunk[max(0, at-300):min(n, at+300)]))
			next := bytes.Index(chunk[at+1:n], phrase)
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
	if looked < 8<<20 {
		t.Fatalf("only %d bytes of memory could be looked at: the test shows nothing", looked)
	}
	return found
}
