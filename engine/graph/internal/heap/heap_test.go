// SPDX-License-Identifier: Apache-2.0

package heap_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph/internal/heap"
)

func TestNodesComeOutByTheirLeastKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 20
		h := heap.New(n)
		keys := map[uint32]float64{}
		for range rapid.IntRange(0, 80).Draw(t, "pushes") {
			u, key := rapid.Uint32Range(0, n-1).Draw(t, "node"), float64(rapid.IntRange(0, 9).Draw(t, "key"))
			h.Push(u, key)
			if old, in := keys[u]; !in || key < old {
				keys[u] = key
			}
			if rapid.IntRange(0, 5).Draw(t, "pop") == 0 {
				pop(t, h, keys)
			}
		}
		for h.Len() > 0 {
			pop(t, h, keys)
		}
		if len(keys) != 0 {
			t.Fatalf("%v never came out", keys)
		}
		h.Push(3, 1)
		h.Clear()
		h.Push(3, 5)
		if u, key := h.Pop(); u != 3 || key != 5 {
			t.Fatalf("after clearing: %d with %v", u, key)
		}
	})
}

// pop checks that the node with the least key comes out, the lowest of equal
// ones.
func pop(t *rapid.T, h *heap.Heap, keys map[uint32]float64) {
	u, key := h.Pop()
	if want, in := keys[u]; !in || want != key {
		t.Fatalf("node %d came out with %v, want %v", u, key, want)
	}
	for v, other := range keys {
		if other < key || other == key && v < u {
			t.Fatalf("node %d with %v came before node %d with %v", u, key, v, other)
		}
	}
	delete(keys, u)
}
