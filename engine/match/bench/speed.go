// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/engine/match"
)

// Speed is what one operation takes: the median and the best of several
// rounds over the same names.
type Speed struct {
	Median, Best time.Duration
	Allocs       float64
}

// MeasureSpeed times preparing a name and comparing two prepared ones, over
// all the pairs, one at a time on one core.
func MeasureSpeed(pairs []NamePair) (prepare, compare Speed) {
	left, right := make([]match.Name, len(pairs)), make([]match.Name, len(pairs))
	prepare = timed(2*len(pairs), func() {
		for i, p := range pairs {
			left[i], right[i] = match.Prepare(p.Schema, p.Left), match.Prepare(p.Schema, p.Right)
		}
	})
	compare = timed(20*len(pairs), func() {
		for range 20 {
			for i := range left {
				match.ScoreNames(&left[i], &right[i])
			}
		}
	})
	return prepare, compare
}

const rounds = 15

func timed(operations int, f func()) Speed {
	f() // tables are loaded, memory is warm
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	took := make([]time.Duration, rounds)
	for i := range took {
		start := time.Now()
		f()
		took[i] = time.Since(start) / time.Duration(operations)
	}
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	return Speed{Median: took[rounds/2], Best: took[0], Allocs: float64(after.Mallocs-before.Mallocs) / float64(rounds*operations)}
}

func reportSpeed(_ context.Context, out io.Writer, src Sources) error {
	pairs, err := withFile(filepath.Join(src.Data, "names", "cases.csv"), ReadNamePairs)
	if err != nil {
		return err
	}
	prepare, compare := MeasureSpeed(pairs)
	fmt.Fprint(out, "### Speed\n\nMean over the names of `names/cases.csv`, one core; the median and the best of fifteen rounds.\n\n| operation | median | best | allocations |\n|---|---:|---:|---:|\n")
	for _, row := range []struct {
		name string
		s    Speed
	}{{"prepare a name", prepare}, {"compare two prepared names", compare}} {
		fmt.Fprintf(out, "| %s | %.2f µs | %.2f µs | %.1f |\n", row.name, micros(row.s.Median), micros(row.s.Best), row.s.Allocs)
	}
	fmt.Fprintln(out)
	return nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
