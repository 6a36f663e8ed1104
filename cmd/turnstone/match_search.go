// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match/index"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// searchFlags are the flags of turnstone match search.
type searchFlags struct {
	index     []string
	in, out   string
	save      string
	k         int
	threshold float64
	filter    index.Filter
	verify    bool
}

func newMatchSearchCommand() *cobra.Command {
	var flags searchFlags
	cmd := &cobra.Command{
		Use:   "search --index FILE… --in queries.csv [-k 50] --out candidates.jsonl",
		Short: "Find the entities of a list, or of millions, that may be those of a file of queries",
		Long: `Search looks for each query among the entities of one or more files, and writes
one line of JSON for each query in the order of the queries:

  {"id":"q1","candidates":[{"id":"e7","score":0.97,"schema":"Person","caption":"…"},…]}

Index files and queries are FollowTheMoney JSON lines, or CSV files with a
header: id, schema, name, alias (several parted by ; or |), birthDate, country,
or the usual names for these (full_name, aka, dob, nationality, …). Without an
id the number of the line is taken; in a CSV file, the second record with the id
7 is called 7#2. --save keeps the index in a file that opens
at once the next time; give it to --index then.`,
		Example: `  turnstone match search --index sanctions.jsonl --in customers.csv -k 10 --threshold 0.5 --out hits.jsonl
  turnstone match search --index list.csv --save list.index --in queries.csv --out hits.jsonl
  turnstone match search --index list.index --in queries.csv --country ru --out hits.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSearch(cmd, flags) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&flags.index, "index", nil, "file of entities, or one index file that --save made; repeat for several")
	f.StringVar(&flags.in, "in", "", "file of queries")
	f.StringVar(&flags.out, "out", "-", `file of candidates to write; "-" is standard output`)
	f.StringVar(&flags.save, "save", "", "keep the index in this file")
	f.IntVarP(&flags.k, "top", "k", 50, "most candidates for each query")
	f.Float64Var(&flags.threshold, "threshold", index.LeastScore, "least score of a candidate, from 0 to 1")
	f.StringSliceVar(&flags.filter.Datasets, "dataset", nil, "only entities of these data sets")
	f.StringSliceVar(&flags.filter.Countries, "country", nil, "only entities of these countries")
	f.StringSliceVar(&flags.filter.Schemata, "schema", nil, "only entities of these schemata")
	f.StringSliceVar(&flags.filter.Topics, "topic", nil, "only entities with these topics")
	f.BoolVar(&flags.verify, "verify", false, "read a whole index file first and hold it against its checksums")
	for _, name := range []string{"index", "in"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

func runSearch(cmd *cobra.Command, flags searchFlags) error {
	if flags.threshold == 0 {
		flags.threshold = -1 // all of them
	} else if flags.threshold < 0 {
		return fault.New(fault.Invalid, "--threshold has to be from 0 to 1")
	}
	if flags.k < 1 || flags.threshold > 1 {
		return fault.New(fault.Invalid, "-k has to be 1 or more, and --threshold from 0 to 1")
	}
	notes := cmd.ErrOrStderr()
	bars := newStageBars(notes)
	problems := &problemList{w: notes}
	ix, err := loadIndex(cmd.Context(), flags, bars, problems)
	bars.finish()
	if err != nil {
		return err
	}
	defer ix.Close() //nolint:errcheck // the process ends
	stats := ix.Stats()
	fmt.Fprintf(notes, "%d entities with %d different names", stats.Entities, stats.Names)
	if stats.Duplicates > 0 {
		fmt.Fprintf(notes, "; %d ids came twice, the last one counts", stats.Duplicates)
	}
	fmt.Fprintln(notes)
	if flags.save != "" {
		if err := ix.Save(flags.save); err != nil {
			return err
		}
	}
	err = writeComplete(cmd, flags.out, func(w io.Writer) error {
		return searchAll(cmd.Context(), ix, flags, w, bars, problems)
	})
	bars.finish()
	problems.summary()
	return err
}

// problemList shows the first broken lines and counts the rest.
type problemList struct {
	mu sync.Mutex
	w  io.Writer

	left, odd int // lines that were left out, and taken as they could be
}

func (p *problemList) report(problem index.Problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what := "left out"
	if problem.Kept {
		what = "taken as a thing of any kind"
		p.odd++
	} else {
		p.left++
	}
	if p.left+p.odd <= 20 {
		fmt.Fprintf(p.w, "%s: %s\n", what, problem)
	}
}

func (p *problemList) summary() {
	if p.left+p.odd <= 20 {
		return
	}
	if p.left > 0 {
		fmt.Fprintf(p.w, "%d broken lines were left out\n", p.left)
	}
	if p.odd > 0 {
		fmt.Fprintf(p.w, "%d lines have a schema that is unknown\n", p.odd)
	}
}

// loadIndex opens one index file, or builds an index of all files.
func loadIndex(ctx context.Context, flags searchFlags, bars *stageBars, problems *problemList) (*index.Index, error) {
	if len(flags.index) == 1 {
		if flags.verify {
			if err := index.Verify(flags.index[0]); err != nil {
				return nil, err
			}
		}
		ix, err := index.Open(flags.index[0])
		if !errors.Is(err, index.ErrNotIndex) {
			return ix, err
		}
	}
	files := flags.index
	var source index.Source
	var file *os.File
	n := int64(0)
	next := func() (ftm.Entity, error) {
		for {
			if source == nil {
				if len(files) == 0 {
					return ftm.Entity{}, io.EOF
				}
				var err error
				if file, source, err = openEntities(files[0], problems); err != nil {
					return ftm.Entity{}, err
				}
				if !strings.Contains(filepath.Ext(files[0]), "json") {
					source = index.KeepRepeated(source)
				}
				files = files[1:]
			}
			e, err := source()
			if errors.Is(err, io.EOF) {
				source = nil
				if err := file.Close(); err != nil {
					return e, err
				}
				continue
			}
			if n++; n%4096 == 0 {
				bars.report("index", n, -1)
			}
			return e, err
		}
	}
	return index.Build(ctx, next)
}

func openEntities(path string, problems *problemList) (*os.File, index.Source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	source, err := index.Read(file, filepath.Base(path), problems.report)
	if err != nil {
		_ = file.Close() // only read
		return nil, nil, err
	}
	return file, source, nil
}

// answer is one line of the output.
type answer struct {
	ID         string      `json:"id"`
	Candidates []index.Hit `json:"candidates"`
}

// searchAll answers the queries of a file in their order, a batch at a time on
// every core.
func searchAll(ctx context.Context, ix *index.Index, flags searchFlags, w io.Writer, bars *stageBars, problems *problemList) error {
	file, next, err := openEntities(flags.in, problems)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	out := bufio.NewWriterSize(w, 1<<16)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	const size = 512
	for done, last := int64(0), false; !last; {
		var queries []ftm.Entity
		for len(queries) < size && !last {
			e, err := next()
			switch {
			case errors.Is(err, io.EOF):
				last = true
			case err != nil:
				return err
			default:
				queries = append(queries, e)
			}
		}
		answers, err := searchBatch(ctx, ix, flags, queries)
		if err != nil {
			return err
		}
		for i := range answers {
			if err := encoder.Encode(&answers[i]); err != nil {
				return err
			}
		}
		done += int64(len(queries))
		bars.report("search", done, -1)
	}
	return out.Flush()
}

func searchBatch(ctx context.Context, ix *index.Index, flags searchFlags, queries []ftm.Entity) ([]answer, error) {
	answers := make([]answer, len(queries))
	errs := make([]error, len(queries))
	cores := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for c := range cores {
		wait.Go(func() {
			for i := c; i < len(queries); i += cores {
				hits, err := ix.Search(ctx, index.Query{Entity: queries[i], K: flags.k, Threshold: flags.threshold, Filter: flags.filter})
				if hits == nil {
					hits = []index.Hit{}
				}
				answers[i], errs[i] = answer{ID: queries[i].ID, Candidates: hits}, err
			}
		})
	}
	wait.Wait()
	return answers, errors.Join(errs...)
}
