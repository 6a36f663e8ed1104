// SPDX-License-Identifier: Apache-2.0

package work_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph/work"
)

func TestEveryPieceIsDoneOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		grain := rapid.IntRange(1, 50).Draw(t, "grain")
		workers := rapid.IntRange(1, 8).Draw(t, "workers")
		counts := make([]atomic.Int32, n)
		last, total := 0, n
		run := work.Run{Workers: workers, Progress: func(done, of int) {
			if done <= last || of != total {
				t.Fatalf("progress went from %d to %d of %d", last, done, of)
			}
			last = done
		}}
		err := run.Each(context.Background(), n, grain, func(worker, lo, hi int) {
			if worker < 0 || worker >= workers || hi-lo > grain || lo%grain != 0 {
				t.Fatalf("worker %d has %d to %d", worker, lo, hi)
			}
			for i := lo; i < hi; i++ {
				counts[i].Add(1)
			}
		})
		if err != nil || last != n {
			t.Fatalf("%v after %d of %d", err, last, n)
		}
		for i := range counts {
			if counts[i].Load() != 1 {
				t.Fatalf("%d was done %d times", i, counts[i].Load())
			}
		}
	})
}

func TestResultsAreMergedInOrder(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		var got []int
		err := work.Ordered(context.Background(), work.Run{Workers: workers}, 100, 7, func(_, lo, _ int) int {
			time.Sleep(time.Duration(100-lo) * time.Microsecond) // later pieces are quicker
			return lo
		}, func(lo int) { got = append(got, lo) })
		if err != nil || len(got) != 15 {
			t.Fatalf("%d pieces, %v", len(got), err)
		}
		for i, lo := range got {
			if lo != 7*i {
				t.Errorf("%d workers: piece %d came as number %d", workers, lo/7, i)
			}
		}
	}
}

func TestCancelledWorkEndsWithoutWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := atomic.Int32{}
	err := work.Ordered(ctx, work.Run{Workers: 4}, 1000, 1, func(_, _, _ int) int {
		if done.Add(1) == 10 {
			cancel()
		}
		return 0
	}, func(int) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := done.Load(); n > 20 {
		t.Errorf("%d pieces were done after cancelling at 10", n)
	}
}

func TestRandomCanBeRepeated(t *testing.T) {
	if work.Random(1, 2).Uint64() != work.Random(1, 2).Uint64() {
		t.Error("the same seed gave another number")
	}
	if work.Random(1, 2).Uint64() == work.Random(1, 3).Uint64() {
		t.Error("two streams are the same")
	}
	if work.Serial().Count(10) != 1 || (work.Run{Workers: 9}).Count(3) != 3 || (work.Run{}).Count(0) != 1 {
		t.Error("workers are counted wrong")
	}
}
