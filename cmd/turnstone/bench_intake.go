// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app/bench"
)

func newBenchIntakeCommand() *cobra.Command {
	in := bench.Intake{}
	cmd := &cobra.Command{
		Use:   "intake --portal URL",
		Short: "Send sealed reports to a portal and check that none is lost",
		Long: `An honest client of a portal that you run: it seals real reports, submits them,
opens every mailbox afterwards and compares the words. Use it only against an
installation of your own, never one that people report to.

  turnstone bench intake --portal http://127.0.0.1:8080 --clients 16 --reports 20000 --presealed`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			bar := progressbar.NewOptions(2*in.Reports, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetVisibility(isTerminal(os.Stderr)),
				progressbar.OptionSetDescription("send, then open"), progressbar.OptionShowCount(), progressbar.OptionThrottle(100e6), progressbar.OptionClearOnFinish())
			in.Progress = func(int) { _ = bar.Add(1) } // a bar that can't be drawn stops nothing
			result, err := in.Run(cmd.Context())
			if err != nil {
				return err
			}
			return printIntake(cmd, in, result)
		},
	}
	cmd.Flags().StringVar(&in.Portal, "portal", "http://127.0.0.1:8080", "address of the portal")
	cmd.Flags().IntVar(&in.Clients, "clients", 16, "how many send at the same time")
	cmd.Flags().IntVar(&in.Reports, "reports", 1000, "how many reports in all")
	cmd.Flags().BoolVar(&in.Presealed, "presealed", false, "seal everything before the clock starts")
	cmd.Flags().BoolVar(&in.NoScript, "no-script", false, "send the form in clear, as a browser without script does")
	cmd.Flags().Float64Var(&in.Rate, "rate", 0, "reports a second in all; 0 is as fast as possible")
	return cmd
}

func printIntake(cmd *cobra.Command, in bench.Intake, r bench.Result) error {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return fmt.Errorf("read memory: %w", err)
	}
	out := cmd.OutOrStdout()
	mode := "sealed while sending"
	switch {
	case in.Presealed:
		mode = "presealed"
	case in.NoScript:
		mode = "without script"
	}
	fmt.Fprintf(out, "%d reports, %d clients, %s, %d processors, %s\n", in.Reports, in.Clients, mode, runtime.NumCPU(), runtime.Version())
	if r.FirstErr != nil {
		fmt.Fprintf(out, "first error: %v\n", r.FirstErr)
	}
	fmt.Fprintf(out, "refused %d\n", r.Refused)
	fmt.Fprintf(out, "submit p50 %v  p95 %v  p99 %v  max %v\n", bench.Percentile(r.Latencies, 50), bench.Percentile(r.Latencies, 95), bench.Percentile(r.Latencies, 99), bench.Percentile(r.Latencies, 100))
	fmt.Fprintf(out, "mailbox p50 %v  p95 %v  p99 %v  max %v\n", bench.Percentile(r.Opening, 50), bench.Percentile(r.Opening, 95), bench.Percentile(r.Opening, 99), bench.Percentile(r.Opening, 100))
	fmt.Fprintf(out, "peak memory of this client %.0f MiB\n", float64(usage.Maxrss)/1024)
	fmt.Fprintf(out, "%.1f reports/s\n", r.PerSecond())
	_, err := fmt.Fprintf(out, "lost %d\n", r.Lost)
	if err == nil && r.Lost > 0 {
		return fmt.Errorf("%d acknowledged reports were lost", r.Lost)
	}
	return err
}
