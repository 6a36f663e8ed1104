// SPDX-License-Identifier: AGPL-3.0-or-later

package memo_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/memo"
)

func TestAMemoryHasABound(t *testing.T) {
	var asked atomic.Int32
	square := memo.Of(2, func(n int) int { asked.Add(1); return n * n })
	for range 3 {
		for n := range 4 {
			if got := square(n); got != n*n {
				t.Fatalf("%d: %d", n, got)
			}
		}
	}
	if n := asked.Load(); n != 2+3*2 {
		t.Errorf("asked %d times: two answers are kept, two are not", n)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 100 {
				if square(n) != n*n {
					t.Error("wrong")
				}
			}
		})
	}
	all.Wait()
}
