// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"net/http"
	"time"
)

// patience is how long a request waits for its turn in a crowd.
const patience = 20 * time.Second

// crowd lets at most n changes through at once; the others wait for their turn
// and are asked to try again when it takes too long. A hundred times the usual
// load then slows everybody down a little, and nobody's report is dropped
// after it was acknowledged. Reading is never held up. Forms with files, which
// come for minutes, take their turns from a sixteenth of n of their own, so
// that they never stand in a report's way.
func crowd(n int, next http.Handler) http.Handler {
	short, long := make(chan struct{}, n), make(chan struct{}, max(1, n/16))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		turns := short
		if isLong(r) {
			turns = long
			r.Body = newPatient(w, r)
		}
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		case <-timer.C:
			w.Header().Set("Retry-After", "30")
			http.Error(w, "Very many people are writing to us now. Please send again in a minute; nothing of yours was lost.", http.StatusServiceUnavailable)
		}
	})
}
