// SPDX-License-Identifier: Apache-2.0

// Package work runs long computations in parallel so that their result does not
// depend on how many cores there are: work is cut into pieces by its size
// alone, and the results of the pieces are joined in their order.
//
// It must never keep a goroutine running after it returned.
//
// A Run may be used by any number of goroutines; Progress is called by one at a
// time, with counts that only grow.
package work

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// Run says how a computation is to be run. The zero Run uses all cores and
// tells nobody.
type Run struct {
	// Workers is the number of goroutines; 0 means GOMAXPROCS.
	Workers int
	// Progress is told after each piece how much is done of how much. It may be
	// nil, and it should be quick.
	Progress func(done, total int)
}

// Count returns the number of workers for so many pieces.
func (r Run) Count(pieces int) int {
	w := r.Workers
	if w <= 0 {
		w = runtime.GOMAXPROCS(0)
	}
	return max(1, min(w, pieces))
}

// Quiet returns the Run without its Progress, for a step of a longer work.
func (r Run) Quiet() Run {
	r.Progress = nil
	return r
}

// Random returns a source of random numbers that gives the same for the same
// seed; stream tells apart what is drawn with one seed.
func Random(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) // results that can be repeated are what seeds are for; no secret hangs on them
}

// Serial returns a Run of one worker without progress, for work inside pieces
// that already run in parallel.
func Serial() Run { return Run{Workers: 1} }

// tally counts what is done and passes it on.
type tally struct {
	mu          sync.Mutex
	done, total int
	tell        func(done, total int)
}

func (t *tally) add(n int) {
	if t.tell == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += n
	t.tell(t.done, t.total)
}

// Each cuts 0…n into pieces of the given grain and calls f for each, on several
// goroutines; worker is the goroutine's number, below Count. The pieces must
// not write to the same memory. It returns the context's error if that ended
// before all pieces were done.
func (r Run) Each(ctx context.Context, n, grain int, f func(worker, lo, hi int)) error {
	pieces := (n + grain - 1) / grain
	progress := tally{total: n, tell: r.Progress}
	var next atomic.Int64
	r.spread(r.Count(pieces), func(worker int) {
		for ctx.Err() == nil {
			piece := int(next.Add(1)) - 1
			if piece >= pieces {
				return
			}
			lo := piece * grain
			hi := min(lo+grain, n)
			f(worker, lo, hi)
			progress.add(hi - lo)
		}
	})
	return ctx.Err()
}

// spread calls f on count goroutines and waits for them.
func (r Run) spread(count int, f func(worker int)) {
	if count == 1 {
		f(0)
		return
	}
	var wg sync.WaitGroup
	for worker := range count {
		wg.Go(func() { f(worker) })
	}
	wg.Wait()
}

// Ordered is Each for pieces that have a result: merge is called with the
// results in the order of the pieces, by one goroutine at a time, so that sums
// of floating-point numbers come out the same whatever the number of cores. The
// worker's memory may be reused as soon as merge returns.
func Ordered[T any](ctx context.Context, r Run, n, grain int, f func(worker, lo, hi int) T, merge func(T)) error {
	turn := newTurns()
	return r.Each(ctx, n, grain, func(worker, lo, hi int) {
		result := f(worker, lo, hi)
		turn.take(lo/grain, func() { merge(result) })
	})
}

// turns lets pieces pass one after the other.
type turns struct {
	mu   sync.Mutex
	cond *sync.Cond
	next int
}

func newTurns() *turns {
	t := &turns{}
	t.cond = sync.NewCond(&t.mu)
	return t
}

// take waits until all earlier pieces have passed, then calls f. Pieces are
// handed out in order and each that was begun ends, so nobody waits for ever.
func (t *turns) take(piece int, f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.next != piece {
		t.cond.Wait()
	}
	f()
	t.next++
	t.cond.Broadcast()
}
