// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store"
)

// receiver notes what it was sent, and refuses topics in refuse.
type receiver struct {
	mu     sync.Mutex
	got    map[id.ID]store.Event
	times  map[id.ID]int
	refuse string
	all    chan struct{} // closed when want events have arrived
	want   int
}

func newReceiver(want int) *receiver {
	return &receiver{got: map[id.ID]store.Event{}, times: map[id.ID]int{}, all: make(chan struct{}), want: want}
}

// Dispatch implements store.Dispatcher.
func (r *receiver) Dispatch(_ context.Context, e store.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times[e.ID]++
	if e.Topic == r.refuse {
		return errors.New("not now")
	}
	r.got[e.ID] = e
	if len(r.got) == r.want {
		close(r.all)
	}
	return nil
}

func testOutbox(t *testing.T, open Factory) {
	t.Run("an event arrives once when all is well", func(t *testing.T) {
		h, r := Build(t, open), newReceiver(600)
		programme := id.New()
		h.Do(t, func(_ context.Context, rec *tx.Recorder) error {
			for range r.want { // more than a page
				rec.Event(tx.Event{Programme: programme, Topic: "test.news", Body: []byte(`{}`)})
			}
			return nil
		})
		for range 2 {
			if err := h.Outbox.Flush(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if len(r.got) != r.want {
			t.Fatalf("%d events arrived, want %d", len(r.got), r.want)
		}
		for v, n := range r.times {
			if e := r.got[v]; n != 1 || e.Programme != programme || e.Topic != "test.news" || string(e.Body) != "{}" {
				t.Fatalf("event %v came %d times", e, n)
			}
		}
	})
	t.Run("a refused event stays, is tried again and holds up nothing", func(t *testing.T) {
		h, r := Build(t, open), newReceiver(2)
		r.refuse = "test.bad"
		h.Do(t, func(_ context.Context, rec *tx.Recorder) error {
			rec.Event(tx.Event{Topic: "test.bad"})
			rec.Event(tx.Event{Topic: "test.good"})
			return nil
		})
		if err := h.Outbox.Flush(t.Context(), r); err == nil || len(r.got) != 1 {
			t.Fatalf("Flush = %v with %d events delivered: want an error and one", err, len(r.got))
		}
		r.refuse = ""
		if err := h.Outbox.Flush(t.Context(), r); err != nil || len(r.got) != 2 {
			t.Fatalf("Flush = %v with %d events delivered: want both", err, len(r.got))
		}
	})
	t.Run("the loop tells of a failure and tries again", func(t *testing.T) {
		h, r := Build(t, open), newReceiver(1)
		r.refuse = "test.bad"
		h.Outbox.Pause = time.Millisecond
		h.Do(t, func(_ context.Context, rec *tx.Recorder) error {
			rec.Event(tx.Event{Topic: "test.bad"})
			return nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		failures := 0
		err := h.Outbox.Run(ctx, r, func(error) {
			if failures++; failures == 3 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || failures != 3 || len(r.times) != 1 {
			t.Errorf("Run = %v after %d failures of %d events", err, failures, len(r.times))
		}
	})
	t.Run("the loop wakes for news", func(t *testing.T) {
		h, r := Build(t, open), newReceiver(1)
		h.Outbox.Pause = time.Hour // only the bell may wake it
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Outbox.Run(ctx, r, func(err error) { t.Errorf("outbox: %v", err) }) }()
		h.Do(t, func(_ context.Context, rec *tx.Recorder) error {
			rec.Event(tx.Event{Topic: "test.news"})
			return nil
		})
		select {
		case <-r.all:
		case <-time.After(10 * time.Second):
			t.Error("the event did not arrive")
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v, want Canceled", err)
		}
	})
}
