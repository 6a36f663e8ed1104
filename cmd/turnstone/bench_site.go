// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app/bench"
)

func newBenchSiteCommand() *cobra.Command {
	site := bench.Site{}
	var pid int
	cmd := &cobra.Command{
		Use:   "site --portal URL",
		Short: "Ask a portal for every kind of public page at a rate and measure how long it takes",
		Long: `Finds the pages of a portal that you run, asks once for each, then asks for kind
after kind at a rate, whether or not the portal keeps up. A latency counts from the
moment at which a page's turn had come, so that a portal that stalls can't hide it.
With --rate 0 it asks as fast as the connections can, which tells how many pages a
second there are. With --each every kind is measured by itself.

--server-pid names the portal's process where it runs on this machine (Linux): then
the table also tells what the pages cost the portal, without what asking costs.
Use it only against an installation of your own.

  turnstone bench site --rate 3000 --for 30s
  turnstone bench site --rate 0 --each --for 2s --connections 4 --server-pid 4711`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if pid > 0 {
				site.Server = func() (time.Duration, error) { return cpuOf(pid) }
			}
			total := -1
			if site.Rate > 0 && !site.Each {
				total = int(site.Rate * site.For.Seconds())
			}
			bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetVisibility(isTerminal(os.Stderr)),
				progressbar.OptionSetDescription("ask for pages"), progressbar.OptionShowCount(), progressbar.OptionThrottle(200e6), progressbar.OptionClearOnFinish())
			if isTerminal(os.Stderr) {
				site.Progress = func(kind string, _, _ int) {
					if site.Each {
						bar.Describe(kind)
					}
					_ = bar.Add(1) // a bar that can't be drawn stops nothing
				}
			}
			client := cpuTime()
			result, err := site.Run(cmd.Context())
			_ = bar.Finish() // see above
			if err != nil {
				return err
			}
			return printSite(cmd, site, result, cpuTime()-client)
		},
	}
	f := cmd.Flags()
	f.StringVar(&site.Portal, "portal", "http://127.0.0.1:8080", "address of the portal")
	f.StringSliceVar(&site.Languages, "language", []string{"en", "ar"}, "languages of the pages, by their tags")
	f.Float64Var(&site.Rate, "rate", 3000, "pages a second in all; 0 is as fast as possible")
	f.DurationVar(&site.For, "for", 20*time.Second, "how long; with --each, how long for each kind")
	f.IntVar(&site.Connections, "connections", 64, "how many connections ask at the same time")
	f.StringSliceVar(&site.Only, "only", nil, "kinds of page to ask for, by the names in the table; else all")
	f.BoolVar(&site.Each, "each", false, "measure each kind by itself, one after the other")
	f.IntVar(&pid, "server-pid", 0, "number of the portal's process, to tell its processor time")
	return cmd
}

func printSite(cmd *cobra.Command, site bench.Site, r bench.SiteResult, client time.Duration) error {
	out := cmd.OutOrStdout()
	pace := "as fast as possible"
	if site.Rate > 0 {
		pace = fmt.Sprintf("%.0f pages a second", site.Rate)
	}
	fmt.Fprintf(out, "%s, %d connections, languages %s, %d processors, %s\n", pace, site.Connections, strings.Join(site.Languages, " "), runtime.NumCPU(), runtime.Version())
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "kind\tasked\tfailed\tKB\ta second\tp50 ms\tp95 ms\tp99 ms\tmax ms\tportal's processor ms\t")
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()*1000) }
	row := func(k *bench.SiteKind, server time.Duration) {
		answered := max(1, len(k.Latencies))
		cost := "–"
		if server > 0 {
			cost = fmt.Sprintf("%.3f", server.Seconds()*1000/float64(answered))
		}
		l := k.Latencies
		fmt.Fprintf(table, "%s\t%d\t%d\t%.1f\t%.0f\t%s\t%s\t%s\t%s\t%s\t\n", k.Name, k.Asked, k.Failed, float64(k.Bytes)/float64(answered)/1000, k.PerSecond(),
			ms(bench.Percentile(l, 50)), ms(bench.Percentile(l, 95)), ms(bench.Percentile(l, 99)), ms(bench.Percentile(l, 100)), cost)
	}
	for _, k := range r.Kinds {
		row(k, k.Server)
	}
	row(&r.All, r.Server)
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	fmt.Fprintf(out, "processor of this client %.3f ms a page\n", client.Seconds()*1000/float64(max(1, r.All.Asked)))
	if r.All.FirstErr != nil {
		fmt.Fprintf(out, "first failure: %v\n", r.All.FirstErr)
		return fmt.Errorf("%d pages failed", r.All.Failed)
	}
	return nil
}

// ticks are in what Linux counts processor time: a hundredth of a second, on
// every architecture that Go knows.
const ticks = 100

// cpuOf returns the processor time that a process of this machine has used.
func cpuOf(pid int) (time.Duration, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, fmt.Errorf("read the portal's processor time: %w", err)
	}
	// The name in brackets may hold spaces; the times are the 14th and 15th field.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("read the portal's processor time: /proc/%d/stat has %d fields", pid, len(fields))
	}
	var sum int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the portal's processor time: %w", err)
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}
