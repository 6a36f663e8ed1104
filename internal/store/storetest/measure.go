// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

// Measure runs ask as often as the benchmark says and reports the median and
// the 99th percentile by the clock, the mean of the processor time of the whole
// process, which other work on the machine changes less, and the most memory
// that the process ever held.
func Measure(b *testing.B, ask func() error) {
	b.Helper()
	var took []time.Duration
	var now clock.System
	before, _ := used(b)
	for b.Loop() {
		start := now.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, now.Now().Sub(start))
	}
	after, most := used(b)
	slices.Sort(took)
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(milliseconds((after-before)/time.Duration(len(took))), "cpu-ms")
	b.ReportMetric(float64(most)/1024, "peak-MiB")
}

// used returns processor time and the peak of resident memory in KiB.
func used(b *testing.B) (processor time.Duration, most int64) {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss
}
