// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/store"
)

var errChange = errors.New("the change says no")

// put writes one row that the other tests look for.
func put(ctx context.Context, h *House, key id.ID, rec *tx.Recorder) error {
	q, err := h.DB.Writer(ctx)
	if err != nil {
		return err
	}
	rec.Entry(tx.Entry{Kind: "audit", Payload: key[:]})
	rec.Event(tx.Event{Topic: "test.put", Body: key[:]})
	_, err = q.Exec(ctx, `INSERT INTO ledger_checkpoint (size, note) VALUES (?, ?)`, rowKey(key), key[:])
	return err
}

// rowKey makes a number of a key; the checkpoint table serves as scratch space.
func rowKey(key id.ID) int64 {
	var n int64
	for _, b := range key[:7] {
		n = n<<8 | int64(b)
	}
	return n
}

// kept reports in which of the three places the change with this key is.
func kept(t *testing.T, h *House, key id.ID) (row, entry, event bool) {
	t.Helper()
	q := h.DB.Reader(t.Context())
	count := func(query string, arg any) bool {
		var n int
		if err := q.Row(t.Context(), query, []any{arg}, &n); err != nil {
			t.Fatal(err)
		}
		return n == 1
	}
	return count(`SELECT count(*) FROM ledger_checkpoint WHERE size = ?`, rowKey(key)),
		count(`SELECT count(*) FROM ledger_leaf WHERE payload = ?`, key[:]),
		count(`SELECT count(*) FROM outbox WHERE body = ?`, key[:])
}

func wantKept(t *testing.T, h *House, key id.ID, want bool) {
	t.Helper()
	row, entry, event := kept(t, h, key)
	if row != want || entry != want || event != want {
		t.Fatalf("row kept %v, ledger entry kept %v, event kept %v: want all %v", row, entry, event, want)
	}
}

func testChanges(t *testing.T, open Factory) {
	t.Run("a change, its entry and its event are kept together", func(t *testing.T) {
		h, key := Build(t, open), id.New()
		h.Do(t, func(ctx context.Context, rec *tx.Recorder) error { return put(ctx, h, key, rec) })
		wantKept(t, h, key, true)
	})
	t.Run("a failing change keeps nothing", func(t *testing.T) {
		h, key := Build(t, open), id.New()
		err := h.Runner.Do(t.Context(), func(ctx context.Context, rec *tx.Recorder) error {
			return errors.Join(put(ctx, h, key, rec), errChange)
		})
		if !errors.Is(err, errChange) {
			t.Fatalf("Do = %v, want the change's own error", err)
		}
		wantKept(t, h, key, false)
	})
	t.Run("a change reads what it wrote, others don't yet", func(t *testing.T) { testIsolation(t, open) })
	t.Run("a panic stays with its caller", func(t *testing.T) { testPanic(t, open) })
	t.Run("writes outside of a change are refused", func(t *testing.T) { testNoTransaction(t, open) })
	t.Run("a change inside a change is refused", func(t *testing.T) {
		h := Build(t, open)
		nested := func(context.Context, *tx.Recorder) error { return nil }
		err := h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return h.Runner.Do(ctx, nested) })
		if !errors.Is(err, store.ErrNested) {
			t.Fatalf("Do = %v, want ErrNested", err)
		}
	})
	t.Run("a cancelled caller", func(t *testing.T) { testCancel(t, open) })
	t.Run("many callers, some failing, share commits", func(t *testing.T) { testMany(t, open) })
	t.Run("a closed database says try later", func(t *testing.T) {
		db, err := store.Open(t.Context(), store.Options{Path: t.TempDir() + "/closed.db"})
		if err != nil {
			t.Fatal(err)
		}
		h := wire(t, db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		err = h.Runner.Do(t.Context(), func(context.Context, *tx.Recorder) error { return nil })
		if fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("Do = %v, want Unavailable", err)
		}
	})
}

func testIsolation(t *testing.T, open Factory) {
	h, key := Build(t, open), id.New()
	h.Do(t, func(ctx context.Context, rec *tx.Recorder) error {
		if err := put(ctx, h, key, rec); err != nil {
			return err
		}
		var inside, outside int
		const query = `SELECT count(*) FROM ledger_checkpoint WHERE size = ?`
		if err := h.DB.Reader(ctx).Row(ctx, query, []any{rowKey(key)}, &inside); err != nil {
			return err
		}
		if err := h.DB.Reader(t.Context()).Row(t.Context(), query, []any{rowKey(key)}, &outside); err != nil {
			return err
		}
		if inside != 1 || outside != 0 {
			t.Errorf("inside sees %d rows, outside %d: want 1 and 0", inside, outside)
		}
		return nil
	})
}

func testPanic(t *testing.T, open Factory) {
	h, key := Build(t, open), id.New()
	func() {
		defer func() {
			if got := recover(); got != "a mistake" {
				t.Errorf("recovered %v, want the change's panic", got)
			}
		}()
		_ = h.Runner.Do(t.Context(), func(ctx context.Context, rec *tx.Recorder) error {
			if err := put(ctx, h, key, rec); err != nil {
				return err
			}
			panic("a mistake")
		})
	}()
	wantKept(t, h, key, false)
	h.Do(t, func(ctx context.Context, rec *tx.Recorder) error { return put(ctx, h, key, rec) })
	wantKept(t, h, key, true)
}

func testNoTransaction(t *testing.T, open Factory) {
	h := Build(t, open)
	if _, err := h.DB.Writer(t.Context()); !errors.Is(err, store.ErrNoTransaction) {
		t.Fatalf("Writer = %v, want ErrNoTransaction", err)
	}
	var late store.Querier
	h.Do(t, func(ctx context.Context, _ *tx.Recorder) (err error) {
		late, err = h.DB.Writer(ctx)
		return err
	})
	if _, err := late.Exec(t.Context(), `DELETE FROM outbox`); !errors.Is(err, store.ErrNoTransaction) {
		t.Fatalf("Exec after the change = %v, want ErrNoTransaction", err)
	}
	if _, err := h.DB.Reader(t.Context()).Exec(t.Context(), `DELETE FROM outbox`); !errors.Is(err, store.ErrNoTransaction) {
		t.Fatalf("Exec on a reader = %v, want ErrNoTransaction", err)
	}
	if _, err := h.DB.Reader(t.Context()).Query(t.Context(), `DELETE FROM outbox RETURNING id`); err == nil {
		t.Fatal("a reading connection wrote")
	}
}

func testCancel(t *testing.T, open Factory) {
	h, key := Build(t, open), id.New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := h.Runner.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error { return put(ctx, h, key, rec) })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Do = %v, want Canceled", err)
	}
	wantKept(t, h, key, false)

	// While another change runs, a waiting caller may give up at once.
	running, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- h.Runner.Do(t.Context(), func(context.Context, *tx.Recorder) error {
			close(running)
			<-release
			return nil
		})
	}()
	<-running
	ctx, cancel = context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() {
		second <- h.Runner.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error { return put(ctx, h, key, rec) })
	}()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Fatalf("Do = %v, want Canceled", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	wantKept(t, h, key, false)

	// Once it has begun, a cancelled change is kept or not by its own word.
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	err = h.Runner.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		cancel()
		return put(ctx, h, key, rec)
	})
	if err != nil {
		t.Fatal(err)
	}
	wantKept(t, h, key, true)
}

// testMany lets many callers write at once; every third change fails after it
// wrote, and must take nobody with it.
func testMany(t *testing.T, open Factory) {
	h := Build(t, open)
	const callers, each = 16, 24
	keys := make([]id.ID, callers*each)
	errs := make([]error, len(keys))
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := c * each; i < (c+1)*each; i++ {
				keys[i] = id.New()
				errs[i] = h.Runner.Do(t.Context(), func(ctx context.Context, rec *tx.Recorder) error {
					if err := put(ctx, h, keys[i], rec); err != nil {
						return err
					}
					if i%3 == 0 {
						return errChange
					}
					return nil
				})
			}
		})
	}
	wg.Wait()
	for i, key := range keys {
		fails := i%3 == 0
		if errors.Is(errs[i], errChange) != fails {
			t.Fatalf("change %d: %v", i, errs[i])
		}
		wantKept(t, h, key, !fails)
	}
	wantWholeLog(t, h, int64(len(keys)*2/3))
}

// wantWholeLog checks the log against its own checkpoint: the size, and a
// proof for every leaf and for every earlier size.
func wantWholeLog(t *testing.T, h *House, size int64) {
	t.Helper()
	signed, err := h.Log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := ledger.OpenCheckpoint(signed, h.Key)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != size {
		t.Fatalf("the log has %d leaves, want %d", c.Size, size)
	}
	for n := range size {
		row, err := h.Log.Row(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.Log.Prove(t.Context(), n, size)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(c, row.Kind, row.Payload); err != nil {
			t.Fatal(fmt.Errorf("leaf %d: %w", n, err))
		}
	}
}
