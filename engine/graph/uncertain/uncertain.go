// SPDX-License-Identifier: Apache-2.0

// Package uncertain asks how far a finding about a network holds, because what
// anybody sees of a network is incomplete: it repeats a measure over versions of
// the graph in which ties were hidden or added at a given rate, and tells the
// intervals, the stability of the ranks, and both in words.
//
// It must never turn an interval into a certainty: the rates are assumptions of
// the person who asks, ties are taken as missing at random, and the words say so.
//
// All functions may be called by several goroutines at the same time.
package uncertain

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Options say how the graph is varied.
type Options struct {
	Drop    float64 // share of ties hidden, each by chance; at least 0 and below 1
	Add     float64 // ties added between random nodes, as a share of the ties there are
	Repeats int     // 0 means 100
	Level   float64 // share of repeats that an interval holds; 0 means 0.9
	Seed    uint64
}

// WithDefaults checks the options and fills in what was left open.
func (o Options) WithDefaults() (Options, error) {
	if !(o.Drop >= 0 && o.Drop < 1) {
		return o, fmt.Errorf("the share of ties to hide is %v: it must be at least 0 and below 1", o.Drop)
	}
	if !(o.Add >= 0 && o.Add <= 10) {
		return o, fmt.Errorf("the share of ties to add is %v: it must be between 0 and 10", o.Add)
	}
	if o.Repeats == 0 {
		o.Repeats = 100
	}
	if o.Level == 0 {
		o.Level = 0.9
	}
	if o.Repeats < 1 || !(o.Level > 0 && o.Level < 1) {
		return o, fmt.Errorf("%d repeats with intervals of %v make no sense", o.Repeats, o.Level)
	}
	return o, nil
}

// Variant returns version i of the graph. Hiding copies one bit an arc, adding
// copies the arcs and merges parallel edges.
func Variant(g *graph.Graph, opts Options, i int) *graph.Graph {
	seed := work.Random(opts.Seed, uint64(i)).Uint64()
	varied := g
	if opts.Drop > 0 {
		limit := uint64(opts.Drop * math.MaxUint64)
		varied = g.FilterEdges(func(e graph.Edge) bool { return scramble(seed, e) >= limit })
	}
	return varied.With(extra(g, opts, seed))
}

// scramble gives every edge its own random number, the same each time it is
// asked for (the finisher of splitmix64).
func scramble(seed uint64, e graph.Edge) uint64 {
	x := seed ^ (uint64(e.From)<<32 | uint64(e.To))
	if e.Number != graph.None {
		x += uint64(e.Number) * 0x9e3779b97f4a7c15
	}
	for range 2 {
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// extra draws ties that were not there.
func extra(g *graph.Graph, opts Options, seed uint64) []graph.Edge {
	nodes := g.Nodes()
	count := int(math.Round(opts.Add * float64(g.Size())))
	if count == 0 || len(nodes) < 2 {
		return nil
	}
	rng := work.Random(seed, 1)
	var edges []graph.Edge
	for tries := 0; len(edges) < count && tries < 20*count; tries++ {
		u, v := nodes[rng.IntN(len(nodes))], nodes[rng.IntN(len(nodes))]
		if u != v && !g.HasArc(u, v) {
			edges = append(edges, graph.Edge{From: u, To: v, Weight: 1})
		}
	}
	return edges
}

// Result holds the values of a measure over all versions. Values are by place
// in what the measure returned, usually by node.
type Result struct {
	Options Options
	Value   []float64 // of the graph as it is
	Mean    []float64
	Low     []float64 // Level of the repeats lie between Low and High
	High    []float64
	// Correlation is Spearman's rank correlation of each repeat with the graph as
	// it is, in rising order.
	Correlation []float64
	// First is how many repeats have the same first place. Where several share a
	// place, each counts in part, as if lots were drawn; here and below.
	First float64
	// Top is for each place how many repeats have it among the first TopSize.
	Top     []float64
	TopSize int
	// Overlap is the mean number of the first TopSize places that stay there.
	Overlap float64
}

// Measure computes a measure of the graph and of its versions. It keeps
// Repeats values for each place.
func Measure(ctx context.Context, g *graph.Graph, opts Options, measure func(context.Context, *graph.Graph) ([]float64, error), run work.Run) (*Result, error) {
	opts, err := opts.WithDefaults()
	if err != nil {
		return nil, err
	}
	value, err := measure(ctx, g)
	if err != nil {
		return nil, err
	}
	repeats := make([][]float64, opts.Repeats)
	errs := make([]error, opts.Repeats)
	err = run.Each(ctx, opts.Repeats, 1, func(_, lo, _ int) {
		repeats[lo], errs[lo] = measure(ctx, Variant(g, opts, lo))
		if errs[lo] == nil && len(repeats[lo]) != len(value) {
			errs[lo] = fmt.Errorf("the measure returned %d values, then %d", len(value), len(repeats[lo]))
		}
	})
	if err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	r := &Result{Options: opts, Value: value}
	r.intervals(repeats)
	r.stability(repeats)
	return r, nil
}

func (r *Result) intervals(repeats [][]float64) {
	n := len(r.Value)
	r.Mean, r.Low, r.High = make([]float64, n), make([]float64, n), make([]float64, n)
	column := make([]float64, len(repeats))
	for u := range n {
		sum := 0.0
		for i, values := range repeats {
			column[i] = values[u]
			sum += values[u]
		}
		slices.Sort(column)
		r.Mean[u] = sum / float64(len(repeats))
		r.Low[u], r.High[u] = quantile(column, (1-r.Options.Level)/2), quantile(column, (1+r.Options.Level)/2)
	}
}

// quantile returns the value below which the share q of the sorted values lie,
// interpolated (Hyndman & Fan's type 7).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	lo := int(at)
	hi := min(lo+1, len(sorted)-1)
	return sorted[lo] + (at-float64(lo))*(sorted[hi]-sorted[lo])
}

// stability compares the order of places in each repeat with the original one.
func (r *Result) stability(repeats [][]float64) {
	n := len(r.Value)
	r.TopSize = min(10, max(1, n/5), n)
	r.Top = make([]float64, n)
	if n == 0 {
		return
	}
	base, leader := ranks(r.Value), r.Leading()[0]
	listed := shares(r.Value, r.TopSize)
	for _, values := range repeats {
		r.Correlation = append(r.Correlation, pearson(base, ranks(values)))
		r.First += shares(values, 1)[leader]
		for u, share := range shares(values, r.TopSize) {
			r.Top[u] += share
			r.Overlap += share * listed[u]
		}
	}
	r.Overlap /= float64(len(repeats))
	slices.Sort(r.Correlation)
}

// shares returns for each place how probably it is among the k highest if lots
// are drawn between equal ones.
func shares(values []float64, k int) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	limit := sorted[len(sorted)-k]
	above, at := 0, 0
	for _, v := range values {
		if v > limit {
			above++
		} else if v == limit {
			at++
		}
	}
	share := make([]float64, len(values))
	for u, v := range values {
		if v > limit {
			share[u] = 1
		} else if v == limit {
			share[u] = float64(k-above) / float64(at)
		}
	}
	return share
}

// Leading returns the places of the TopSize highest values of the graph as it
// is, the highest first.
func (r *Result) Leading() []int {
	if len(r.Value) == 0 {
		return nil
	}
	return r.top(r.Value)
}

// top returns the places of the highest values, of equal ones the lower first.
func (r *Result) top(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] > values[b]:
			return -1
		case values[a] < values[b]:
			return 1
		}
		return 0
	})
	return order[:r.TopSize]
}

// ranks returns the rank of each value, equal ones sharing the mean of theirs.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return a - b
	})
	rank := make([]float64, len(values))
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && values[order[hi]] == values[order[lo]] {
			hi++
		}
		for _, u := range order[lo:hi] {
			rank[u] = float64(lo+hi-1) / 2
		}
		lo = hi
	}
	return rank
}

// pearson is the correlation of two series; 1 if both are constant, 0 if one is.
func pearson(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb float64
	for i := range a {
		sa += a[i]
		sb += b[i]
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-sa/n, b[i]-sb/n
		ab += x * y
		aa += x * x
		bb += y * y
	}
	switch {
	case aa == 0 && bb == 0:
		return 1
	case aa == 0 || bb == 0:
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
