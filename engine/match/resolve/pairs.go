// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Pair is two records that are the same, or may be.
type Pair struct {
	A, B        uint32  // numbered through all tables, A the first
	Probability float64 // that they are the same, for the pair alone
	Same        bool    // whether they are in one cluster
}

// Reason is what one column says of a pair.
type Reason struct {
	Name      string
	Agreement string  // how its two values agree: "equal", "near" …
	Bits      float64 // over zero for a match, under it against one
}

func (r Reason) String() string {
	name := r.Name
	if r.Agreement != "" {
		name += " " + r.Agreement
	}
	return fmt.Sprintf("%s %+.1f", name, r.Bits)
}

// agreements are the names of the levels; of dates the last is another.
var agreements = [levels]string{"differs", "partly equal", "similar", "near", "equal", "exchanged"}

// Names of the reasons that are no column's.
const (
	chanceReason   = "two records by chance"
	relativeReason = "may be of one household or place"
)

// told keeps what Reasons needs.
type told struct {
	scorer *scorer
	at     []uint32 // of each record its position
}

// listPairs returns the pairs over a limit in bits.
func listPairs(s *scorer, pairs []uint64, patterns []pattern, limit float64, roots []uint32) []Pair {
	edges := s.edgesOf(pairs, patterns, limit)
	out := make([]Pair, len(edges))
	for i, e := range edges {
		out[i] = Pair{A: e.a, B: e.b, Probability: 1 / (1 + math.Exp2(-float64(e.weight))), Same: roots[e.a] == roots[e.b]}
	}
	return out
}

// arrangePairs gives positions back their records, and puts the most doubtful
// pairs first: those nearest to the threshold.
func arrangePairs(pairs []Pair, at []uint32, threshold float64) {
	record := make([]uint32, len(at))
	for r, position := range at {
		record[position] = uint32(r)
	}
	for i := range pairs {
		p := &pairs[i]
		a, b := record[p.A], record[p.B]
		p.A, p.B = min(a, b), max(a, b)
	}
	slices.SortFunc(pairs, func(p, q Pair) int {
		return cmp.Or(cmp.Compare(math.Abs(p.Probability-threshold), math.Abs(q.Probability-threshold)), cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B))
	})
}

// Reasons says why a pair of Pairs has its probability: the bits add up to the
// binary logarithm of its odds. Columns that are missing say nothing. Of a result
// without Pairs there are none.
func (r *Result) Reasons(p Pair) []Reason {
	s := r.told.scorer
	if s == nil {
		return nil
	}
	a, b := r.told.at[p.A], r.told.at[p.B]
	pattern := s.compare(a, b)
	var out []Reason
	sum := 0.0
	for i, f := range s.fields {
		level := pattern.level(i)
		if level == levelMissing {
			continue
		}
		bits := s.weights[i][level] + s.rare(i, level, s.within(a, b), a, b)
		sum += bits
		name := agreements[level]
		if level == levelYear && f.kind == Date {
			name = "of another year"
		}
		out = append(out, Reason{f.name, name, bits})
	}
	if less := s.weigh(a, b, pattern) - sum; less < -0.05 {
		out = append(out, Reason{Name: relativeReason, Bits: less})
	}
	return append(out, Reason{Name: chanceReason, Bits: s.prior})
}

// WritePairs writes a CSV file with the pairs of a result, the most doubtful first,
// and what each column says of them. With corrected verdicts it can be read by
// ReadLabels.
func WritePairs(w io.Writer, tables []*Table, ids [][]string, result *Result) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	out := csv.NewWriter(buffered)
	header := []string{"record_id_1", "record_id_2", "match", "probability", "reasons"}
	if len(tables) > 1 {
		header = slices.Insert(header, 2, "source_1", "source_2")
	}
	err := out.Write(header)
	var all, source []string
	for t, list := range ids {
		all = append(all, list...)
		source = append(source, slices.Repeat([]string{tables[t].Name}, len(list))...)
	}
	for _, p := range result.Pairs {
		if err != nil {
			break
		}
		var reasons []string
		for _, r := range result.Reasons(p) {
			reasons = append(reasons, r.String())
		}
		row := []string{all[p.A], all[p.B], strconv.FormatBool(p.Same), strconv.FormatFloat(p.Probability, 'f', 4, 64), strings.Join(reasons, "; ")}
		if len(tables) > 1 {
			row = slices.Insert(row, 2, source[p.A], source[p.B])
		}
		err = out.Write(row)
	}
	out.Flush()
	if err = cmp.Or(err, out.Error()); err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("write pairs: %w", err)
	}
	return nil
}
