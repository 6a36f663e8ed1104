// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

type blobs = report.Blobs

// full is a disk without room for a while.
type full struct {
	blobs
	room atomic.Bool
}

func (f *full) Put(ctx context.Context, blob id.ID, index int, sum [32]byte, size int64, hour clock.Hour, body io.Reader) error {
	if !f.room.Load() && index > 0 {
		return fault.New(fault.Unavailable, "There is no room for files at the moment.")
	}
	return f.blobs.Put(ctx, blob, index, sum, size, hour, body)
}

// A disk that fills in the middle of a file takes neither the words nor the
// pieces that were acknowledged; when there is room again the rest comes.
func TestADiskThatFillsInTheMiddleOfAFile(t *testing.T) {
	i, p := founded(t)
	disk := &full{blobs: i.Files.Blobs}
	i.Files.Blobs = disk
	r := newTeller(t, i, p)
	s := r.seal(random(seal.PieceSize + 10))
	r.check(r.put(s, 0))
	wantFault(t, "a piece without room", r.put(s, 1), fault.Unavailable)
	wantFault(t, "the manifest without that piece", r.commit(s), fault.Invalid)
	if _, _, box := r.chain(); len(box.Envelopes) != 2 {
		t.Errorf("the conversation has %d messages", len(box.Envelopes))
	}
	disk.room.Store(true)
	r.check(r.put(s, 1))
	r.check(r.commit(s))
}

// TestManyUploadsAtOnceNeedNoMemory sends fifty files at once and looks at the
// heap of the whole process meanwhile, which holds the senders, too.
func TestManyUploadsAtOnceNeedNoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 400 MiB: not with -short")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	i, p := founded(t)
	i.Files.Limits.Programme = 1 << 40
	b := plainBrowser(t, i, p)
	const many, pieces = 50, 2
	tellers := make([]*teller, many)
	for n := range tellers {
		tellers[n] = newTeller(t, i, p)
	}
	s := tellers[0].seal(random(pieces*seal.PieceSize - 600_000)) // the server can't tell to whom it is sealed
	length := seal.SealedLength(s.file.Length)
	send := func(r *teller) {
		blob := id.New()
		for n := range s.pieces {
			head, err := json.Marshal(map[string]any{"login": r.receipt.Login(), "blob": blob, "index": n, "bytes": length, "sha256": s.file.Pieces[n]})
			if err != nil {
				t.Error(err)
				return
			}
			body := io.MultiReader(bytes.NewReader(binary.BigEndian.AppendUint32(nil, uint32(len(head)))), bytes.NewReader(head), bytes.NewReader(s.pieces[n]))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/api/files/piece", body)
			if err != nil {
				t.Error(err)
				return
			}
			req.ContentLength = int64(4 + len(head) + len(s.pieces[n]))
			req.Header.Set("Content-Type", "application/octet-stream")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusCreated {
				t.Errorf("piece %d is answered with %d", n, res.StatusCode)
			}
		}
	}
	send(tellers[0])
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, m.HeapAlloc
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, r := range tellers {
		wg.Go(func() { send(r) })
	}
	go func() { wg.Wait(); close(done) }()
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		select {
		case <-tick.C:
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			continue
		case <-done:
			tick.Stop()
		}
		break
	}
	grew := (peak - before) >> 20
	t.Logf("while %d files of %d MiB came at once the heap grew from %d MiB by %d MiB", many, s.file.Length>>20, before>>20, grew)
	if grew > 40 {
		t.Errorf("the heap grew by %d MiB: the pieces are held in memory", grew)
	}
}
