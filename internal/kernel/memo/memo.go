// SPDX-License-Identifier: AGPL-3.0-or-later

// Package memo remembers what a function answered that gives the same answer
// each time. It must never remember without a bound, and never what belongs to
// a person.
package memo

import "sync"

// Of returns f with a memory of its first most answers; beyond them it asks
// f. What it returns is safe for concurrent use when f is.
func Of[K comparable, V any](most int, f func(K) V) func(K) V {
	var mu sync.RWMutex
	kept := map[K]V{}
	return func(key K) V {
		mu.RLock()
		v, ok := kept[key]
		mu.RUnlock()
		if ok {
			return v
		}
		v = f(key)
		mu.Lock()
		defer mu.Unlock()
		if len(kept) < most {
			kept[key] = v
		}
		return v
	}
}
