// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

// Measure runs ask as often as the benchmark says and reports the median and
// the 99th percentile by the clock, the mean of the processor time of the whole
// process, which other work on the machine changes less, and, on Linux, the
// most memory that the process held meanwhile.
func Measure(b *testing.B, ask func() error) {
	b.Helper()
	var took []time.Duration
	var now clock.System
	debug.FreeOSMemory()                                      // what making the data took is not what asking takes
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // begins the peak anew; elsewhere there is none
	before := processor(b)
	for b.Loop() {
		start := now.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, now.Now().Sub(start))
	}
	used := processor(b) - before
	slices.Sort(took)
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(milliseconds(used/time.Duration(len(took))), "cpu-ms")
	if most, ok := peak(); ok {
		b.ReportMetric(most, "peak-MiB")
	}
}

func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak returns the most resident memory since it was begun anew, in MiB.
func peak() (float64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib float64
	_, err = fmt.Sscan(rest, &kib)
	return kib / 1024, err == nil
}
