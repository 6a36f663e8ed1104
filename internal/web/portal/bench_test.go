// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkPages asks for what the public reads on all cores at once, through
// every layer but the network, compressed as browsers take it. It gives pages
// a second, the time that 99 of 100 took at most, and the processor's time for
// a page, which tells what a crowded machine hides.
func BenchmarkPages(b *testing.B) {
	for _, path := range []string{"/ar/crimes/drugs", "/en/advice", "/ar/advice", "/da/advice/overdose", "/da/search?q=banken+ringer+og+vil+have+koden", "/en/search?q=pasword", "/ar/training/grooming", "/en/connected", "/en/crimes/fraud/poster", "/en/embed/fraud", "/da/feed.xml"} {
		b.Run(path, func(b *testing.B) {
			w := newWorld(b)
			w.config.Address = "https://tips.example.org"
			w.build()
			var mu sync.Mutex
			var all []time.Duration
			b.SetParallelism(2)
			b.ResetTimer()
			before := processor(b)
			b.RunParallel(func(pb *testing.PB) {
				var took []time.Duration
				for pb.Next() {
					r := httptest.NewRequest(http.MethodGet, path, nil)
					r.Header.Set("Accept-Encoding", "gzip")
					start := time.Now()
					rec := httptest.NewRecorder()
					w.handler.ServeHTTP(rec, r)
					took = append(took, time.Since(start))
					if rec.Code != http.StatusOK {
						b.Errorf("%s: %d", path, rec.Code)
					}
				}
				mu.Lock()
				all = append(all, took...)
				mu.Unlock()
			})
			b.ReportMetric(float64((processor(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/page")
			slices.Sort(all)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// processor is the time that this process has had of the processors.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
