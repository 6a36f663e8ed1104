// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Progress is told how far a stage has come: "block", "compare", "learn",
// "cluster".
type Progress func(stage string, done, total int64)

// Options are what a run can be told; the zero value is a good start.
type Options struct {
	Seed      uint64  // of the random pairs
	Threshold float64 // least probability of a match, 0.5 when zero
	OneToOne  bool    // at most one record of each table in a cluster
	Labels    []Label // pairs that people judged
	Pairs     float64 // least probability of the pairs that the result lists; none when zero
	Progress  Progress
}

// Label is a judged pair. Records are numbered through all tables.
type Label struct {
	A, B  uint32
	Match bool
}

// Result is the outcome of a run.
type Result struct {
	// Cluster holds each record's cluster, numbered from 1 in the order of
	// the records, those of the first table first.
	Cluster    []uint32
	Clusters   int      // how many there are
	Candidates int      // pairs that were compared
	Matches    int      // pairs over the threshold
	Refused    int      // joins that the whole groups spoke against
	Threshold  float64  // the least probability that was used
	Left       []string // columns that were not compared, for want of room
	Model      *Model
	Pairs      []Pair // the most doubtful first, as far as they were asked for

	told told
}

// samplePairs is how many random pairs show what agreement by chance is.
const samplePairs = 1_000_000

// clusterings is how often records are clustered: the second time, how common
// a value is counts persons instead of records.
const clusterings = 2

// Resolve resolves one table, or links two. It compares records of two tables
// only across. The time grows about linearly with the records; memory is about
// 16 bytes for each candidate and 4 for each cell beside the tables.
func Resolve(ctx context.Context, tables []*Table, mappings []Mapping, o Options) (*Result, error) {
	if len(tables) == 0 || len(tables) > 2 || len(mappings) != len(tables) {
		return nil, fmt.Errorf("resolve takes one or two tables, each with its mapping")
	}
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	if o.Threshold == 0 {
		o.Threshold = 0.5
	}
	if o.Threshold < 0 || o.Threshold >= 1 {
		return nil, fmt.Errorf("threshold %v: a probability from 0 to 1 is needed", o.Threshold)
	}
	records := 0
	for _, t := range tables {
		records += t.rows
	}
	second := tables[0].rows
	if o.Pairs < 0 || o.Pairs >= 1 {
		return nil, fmt.Errorf("pairs from %v: a probability from 0 to 1 is needed", o.Pairs)
	}
	if records >= math.MaxInt32 {
		return nil, errors.New("more than two thousand million records")
	}
	if records < 2 {
		return &Result{Cluster: number(make([]uint32, records)), Clusters: records, Model: &Model{}}, nil
	}
	var rows [][]int
	for i, t := range tables {
		rows = append(rows, arrange(t, mappings[i]))
	}
	fields, left, err := buildFields(tables, mappings, rows)
	if err != nil {
		return nil, err
	}
	at := positions(rows)
	if o.Labels, err = arrangeLabels(o.Labels, at); err != nil {
		return nil, err
	}
	result, err := run(ctx, fields, records, second, o)
	if err != nil {
		return nil, err
	}
	arranged := result.Cluster
	result.Cluster = make([]uint32, records)
	for record, position := range at {
		result.Cluster[record] = arranged[position]
	}
	result.Cluster = number(result.Cluster)
	result.Left = left
	arrangePairs(result.Pairs, at, result.Threshold)
	result.told.at = at
	return result, nil
}

// arrangeLabels returns the labels with the positions of their records.
func arrangeLabels(labels []Label, at []uint32) ([]Label, error) {
	out := slices.Clone(labels)
	for i, l := range out {
		if int(l.A) >= len(at) || int(l.B) >= len(at) || l.A == l.B {
			return nil, fmt.Errorf("label %d: no such pair of records", i+1)
		}
		out[i].A, out[i].B = at[l.A], at[l.B]
	}
	return out, nil
}

func run(ctx context.Context, fields []*field, records, second int, o Options) (*Result, error) {
	b := &blocker{fields: fields, records: records, second: second}
	pairs, err := b.candidates(ctx, o.Progress)
	if err != nil {
		return nil, err
	}
	patterns := patternsOf(fields, pairs, o.Progress, "compare")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o.Progress("learn", 0, 1)
	total := float64(records) * float64(records-1) / 2
	if second < records {
		total = float64(second) * float64(records-second)
	}
	l := &learner{fields: fields, candidates: tallies(patterns), total: max(total, 1)}
	l.random = tallies(b.randomPatterns(o.Seed, total))
	l.countExact(second)
	model := l.learn(records)
	threshold := math.Log2(o.Threshold / (1 - o.Threshold))
	if len(o.Labels) > 0 {
		threshold = model.teach(fields, o.Labels, second)
	}
	o.Progress("learn", 1, 1)
	var roots []uint32
	var edges []edge
	var s *scorer
	refused := 0
	for round := range clusterings {
		o.Progress("cluster", int64(round), clusterings)
		s = newScorer(fields, model, second, roots)
		edges = s.edgesOf(pairs, patterns, threshold)
		roots, refused = cluster(s, records, edges, threshold, o.OneToOne)
	}
	result := &Result{
		Candidates: len(pairs), Matches: len(edges), Refused: refused, Model: model,
		Threshold: 1 / (1 + math.Exp2(-threshold)), Cluster: number(roots),
	}
	if o.Pairs > 0 {
		result.Pairs, result.told.scorer = listPairs(s, pairs, patterns, math.Log2(o.Pairs/(1-o.Pairs)), roots), s
	}
	for _, c := range result.Cluster {
		result.Clusters = max(result.Clusters, int(c))
	}
	o.Progress("cluster", clusterings, clusterings)
	return result, nil
}

// number turns roots into numbers from 1 in the order of the records.
func number(roots []uint32) []uint32 {
	names := make(map[uint32]uint32, len(roots))
	out := make([]uint32, len(roots))
	for i, r := range roots {
		n, ok := names[r]
		if !ok {
			n = uint32(len(names) + 1)
			names[r] = n
		}
		out[i] = n
	}
	return out
}

// randomPatterns compares pairs drawn at random, or all when there are few.
func (b *blocker) randomPatterns(seed uint64, total float64) []pattern {
	quiet := func(string, int64, int64) {}
	if total <= samplePairs {
		return patternsOf(b.fields, b.everyPair(), quiet, "")
	}
	source := rand.New(rand.NewPCG(seed, 0x7475726e73746f6e))
	pairs := make([]uint64, 0, samplePairs)
	for len(pairs) < samplePairs {
		x, y := uint32(source.IntN(b.records)), uint32(source.IntN(b.records))
		if x != y && b.across(x, y) {
			pairs = append(pairs, uint64(min(x, y))<<32|uint64(max(x, y)))
		}
	}
	return patternsOf(b.fields, pairs, quiet, "")
}
