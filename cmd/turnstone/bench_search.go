// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match/index"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

// benchSearchFlags are the flags of turnstone bench search.
type benchSearchFlags struct {
	entities, queries int
	seed              uint64
	file              string
}

func newBenchSearchCommand() *cobra.Command {
	var flags benchSearchFlags
	cmd := &cobra.Command{
		Use:   "search",
		Short: "Search millions of invented entities and count what was found, the time and the memory",
		Long: `Makes invented persons and companies, builds an index of them, saves it, opens
the file as a restart does, and looks for some of the entities by altered names:
written with slips, in another order, with words left out or shortened, and in
Cyrillic and Arabic letters. Every search scores its best candidates exactly.
The memory is that of the process that searches: build first with --file, then
run again with the same file to measure without the builder.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return benchSearch(cmd, flags) },
	}
	f := cmd.Flags()
	f.IntVar(&flags.entities, "entities", 4_000_000, "entities to make")
	f.IntVar(&flags.queries, "queries", 20_000, "searches of each sort")
	f.Uint64Var(&flags.seed, "seed", 1, "seed of the invented entities")
	f.StringVar(&flags.file, "file", "", "index file to keep; it is used when it exists")
	return cmd
}

func benchSearch(cmd *cobra.Command, flags benchSearchFlags) error {
	out := cmd.OutOrStdout()
	path := flags.file
	if path == "" {
		folder, err := os.MkdirTemp("", "turnstone-bench-")
		if err != nil {
			return fmt.Errorf("bench search: %w", err)
		}
		defer func() { _ = os.RemoveAll(folder) }() // a temporary folder
		path = filepath.Join(folder, "entities.index")
	}
	if _, err := os.Stat(path); err != nil {
		if err := benchBuild(cmd.Context(), out, path, flags); err != nil {
			return err
		}
	}
	debug.FreeOSMemory()
	start := time.Now()
	ix, err := index.Open(path)
	if err != nil {
		return err
	}
	defer ix.Close() //nolint:errcheck // the process ends
	probe := ftm.Entity{Schema: "Person"}
	probe.Add("name", "somebody unheard of")
	if _, err := ix.Search(cmd.Context(), index.Query{Entity: probe}); err != nil {
		return err
	}
	fmt.Fprintf(out, "restart to first answer %.2f s\n", time.Since(start).Seconds())
	fmt.Fprintf(out, "%+v\n", ix.Stats())
	for _, kind := range []string{"warming", "altered", "cyrillic", "arabic"} {
		if err := benchQueries(cmd.Context(), out, ix, kind, flags); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "peak memory %s\n", peakMemory())
	return nil
}

func benchBuild(ctx context.Context, out io.Writer, path string, flags benchSearchFlags) error {
	start := time.Now()
	source := synth.New(flags.seed)
	n := 0
	ix, err := index.Build(ctx, func() (ftm.Entity, error) {
		if n == flags.entities {
			return ftm.Entity{}, io.EOF
		}
		n++
		return source.Entity(fmt.Sprintf("e%d", n)), nil
	})
	if err != nil {
		return err
	}
	built := time.Since(start)
	if err := ix.Save(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "built in %.1f s, saved in %.1f s, %.2f GiB, peak memory %s\n",
		built.Seconds(), (time.Since(start) - built).Seconds(), float64(info.Size())/(1<<30), peakMemory())
	return nil
}

// benchQueries looks for entities by altered names on every core.
func benchQueries(ctx context.Context, out io.Writer, ix *index.Index, kind string, flags benchSearchFlags) error {
	queries, wanted, err := benchNames(ix, kind, flags)
	if err != nil {
		return err
	}
	took := make([]time.Duration, len(queries))
	found := make([]bool, len(queries))
	errs := make([]error, len(queries))
	cores := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	start, cpu := time.Now(), cpuTime()
	for c := range cores {
		wait.Go(func() {
			for i := c; i < len(queries); i += cores {
				begin := time.Now()
				hits, err := ix.Search(ctx, index.Query{Entity: queries[i], K: 50})
				took[i], errs[i] = time.Since(begin), err
				found[i] = slices.ContainsFunc(hits, func(h index.Hit) bool { return h.ID == wanted[i] })
			}
		})
	}
	wait.Wait()
	total, spent := time.Since(start), cpuTime()-cpu
	hit := 0
	for i := range found {
		if errs[i] != nil {
			return errs[i]
		}
		if found[i] {
			hit++
		}
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(share*float64(len(took)-1))].Seconds() * 1000 }
	fmt.Fprintf(out, "%s: %.0f searches/s on %d cores, median %.2f ms, p99 %.2f ms, slowest %.2f ms, processor time %.2f ms each; true one in the top 50: %.4f\n",
		kind, float64(len(queries))/total.Seconds(), cores, at(0.5), at(0.99), at(1), spent.Seconds()*1000/float64(len(queries)), float64(hit)/float64(len(queries)))
	return nil
}

// benchNames draws entities and alters their first names. The country and the
// year of birth go along where they are known, as in screening.
func benchNames(ix *index.Index, kind string, flags benchSearchFlags) (queries []ftm.Entity, wanted []string, err error) {
	source := synth.New(flags.seed + 77)
	stats := ix.Stats()
	step := max(1, stats.Entities/flags.queries)
	first := step
	if kind == "warming" { // other queries than those that are measured
		source, first = synth.New(flags.seed+78), max(1, step/2)
	}
	for n := first; n <= stats.Entities && len(queries) < flags.queries; n += step {
		e, ok, err := ix.Get(fmt.Sprintf("e%d", n))
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			return nil, nil, fmt.Errorf("entity e%d is not in the file: was it made by this benchmark?", n)
		}
		name := e.First("name")
		switch kind {
		case "cyrillic":
			name = synth.Cyrillic(name)
		case "arabic":
			name = synth.Arabic(name)
		default:
			name = source.AlterName(name)
		}
		q := ftm.Entity{Schema: e.Schema}
		q.Add("name", name)
		for _, prop := range []string{"birthDate", "country", "jurisdiction"} {
			q.Add(prop, e.Get(prop)...)
		}
		queries, wanted = append(queries, q), append(wanted, e.ID)
	}
	return queries, wanted, nil
}
