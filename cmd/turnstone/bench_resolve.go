// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

func newBenchResolveCommand() *cobra.Command {
	plan := synth.Plan{Window: 10_000}
	var seed uint64
	cmd := &cobra.Command{
		Use:   "resolve",
		Short: "Resolve invented records and count what was found, the time and the memory",
		Long: `Makes a file of invented persons, of whom a share is written down again with
errors (letters slipped, values missing, names swapped, days and months swapped,
moves), resolves it without labels, and compares the clusters with the truth.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return benchResolve(cmd, plan, seed) },
	}
	f := cmd.Flags()
	f.IntVar(&plan.Records, "records", 1_000_000, "records to make")
	f.Float64Var(&plan.Share, "share", 0.3, "share of them that are duplicates")
	f.IntVar(&plan.MaxDuplicates, "max-duplicates", 3, "most duplicates of one person")
	f.IntVar(&plan.MaxChanges, "max-changes", 3, "most changes in one duplicate")
	f.Uint64Var(&seed, "seed", 1, "seed of the invented persons")
	return cmd
}

func benchResolve(cmd *cobra.Command, plan synth.Plan, seed uint64) error {
	folder, err := os.MkdirTemp("", "turnstone-bench-")
	if err != nil {
		return fmt.Errorf("bench resolve: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder
	path := filepath.Join(folder, "records.csv")
	if err := makeRecords(path, plan, seed); err != nil {
		return err
	}
	notes := cmd.ErrOrStderr()
	out := cmd.OutOrStdout()
	start, cpu := time.Now(), cpuTime()
	set, err := readRecords(cmd.Context(), notes, resolveFlags{in: []string{path}})
	if err != nil {
		return err
	}
	read := time.Since(start)
	timer := &stageTimer{start: time.Now()}
	result, err := resolve.Resolve(cmd.Context(), set.tables, set.mappings, resolve.Options{Seed: seed, Progress: timer.report})
	if err != nil {
		return err
	}
	if err := resolve.WriteClusters(io.Discard, set.tables, set.ids, result.Cluster); err != nil {
		return err
	}
	total := time.Since(start)
	answers := make([]string, len(set.ids[0]))
	for i, id := range set.ids[0] {
		answers[i] = strings.SplitN(id, "-", 3)[1]
	}
	q := resolve.Measure(result.Cluster, answers)
	fmt.Fprintf(out, "records %d, candidates %d, clusters %d\n", len(answers), result.Candidates, result.Clusters)
	fmt.Fprintf(out, "precision %.4f, recall %.4f, F1 %.4f\n", q.Precision(), q.Recall(), q.F1())
	fmt.Fprintf(out, "read %.1f s%s, total %.1f s, processor time %.1f s, peak memory %s\n",
		read.Seconds(), timer, total.Seconds(), (cpuTime() - cpu).Seconds(), peakMemory())
	return nil
}

func makeRecords(path string, plan synth.Plan, seed uint64) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make records: %w", err)
	}
	buffered := bufio.NewWriterSize(file, 1<<20)
	err = synth.New(seed).WriteRecords(buffered, plan)
	if err == nil {
		err = buffered.Flush()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// stageTimer notes how long each stage took.
type stageTimer struct {
	start time.Time
	stage string
	took  strings.Builder
}

func (t *stageTimer) report(stage string, _, _ int64) {
	if stage == t.stage {
		return
	}
	t.end()
	t.stage, t.start = stage, time.Now()
}

func (t *stageTimer) end() {
	if t.stage != "" {
		fmt.Fprintf(&t.took, ", %s %.1f s", t.stage, time.Since(t.start).Seconds())
	}
	t.stage = ""
}

// String returns the times of the stages so far.
func (t *stageTimer) String() string {
	t.end()
	return t.took.String()
}
