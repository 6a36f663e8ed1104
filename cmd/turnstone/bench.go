// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// newBenchCommand is the parent of the benchmarks: each one repeats a table of
// docs/benchmarks.md.
func newBenchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine and this build as docs/benchmarks.md does",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBenchIntakeCommand(), newBenchMatchCommand(), newBenchResolveCommand(), newBenchSearchCommand(), newBenchSiteCommand())
	return cmd
}

// cpuTime returns the processor time that this process has used so far, which a
// busy machine changes less than the clock's.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peakMemory returns the largest resident memory of this process so far, as
// Linux tells it; "unknown" elsewhere.
func peakMemory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				return "unknown"
			}
			return fmt.Sprintf("%.2f GiB", float64(kib)/(1<<20))
		}
	}
	return "unknown"
}
