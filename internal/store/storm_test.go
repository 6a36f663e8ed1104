// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

var errStorm = errors.New("the change says no")

// TestClosingInAStorm lets callers fail, panic and give up at random while the
// database is closed under them: each is answered, and what was acknowledged
// is there.
func TestClosingInAStorm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "storm.db")
	h, s := openHouse(t, path)
	acknowledged := map[id.ID]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				v, err := weather(t.Context(), h, s)
				switch {
				case err == nil:
					mu.Lock()
					acknowledged[v] = true
					mu.Unlock()
				case fault.KindOf(err) == fault.Unavailable:
					return // closed
				case !errors.Is(err, errStorm) && !errors.Is(err, context.Canceled):
					t.Errorf("an answer that nobody expects: %v", err)
					return
				}
			}
		})
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		n := len(acknowledged)
		mu.Unlock()
		if n >= 30 { // the storm has begun, however slow the machine is
			break
		}
	}
	time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if len(acknowledged) == 0 {
		t.Fatal("nothing was ever acknowledged: the test shows nothing")
	}
	wantWhole(t, path, acknowledged)
}

// weather keeps one report, or doesn't, in one of the ways in which a change
// can end.
func weather(ctx context.Context, h *storetest.House, s *reportstore.Store) (v id.ID, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kind := rand.IntN(6)
	if kind == 0 {
		go cancel()
	}
	defer func() {
		if p := recover(); p != nil {
			err = errStorm
		}
	}()
	if kind > 2 {
		return keepOne(ctx, h, s)
	}
	a := storetest.Arrival(crashProgramme, crashDesk, 1000)
	return a.Report.ID, h.Runner.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := s.Insert(ctx, a); err != nil {
			return err
		}
		rec.Entry(tx.Entry{ID: a.Report.ID, Programme: crashProgramme, Kind: "audit", Payload: a.Report.ID[:]})
		rec.Event(tx.Event{Programme: crashProgramme, Topic: "storm", Body: a.Report.ID[:]})
		switch kind {
		case 1:
			return errStorm
		case 2:
			panic("a mistake")
		}
		return nil
	})
}
