// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"cmp"
	"math"
	"slices"
)

// taught is how many labelled matches what was learned without labels counts
// for.
const taught = 50.0

// The labels may move the least weight of a match only so far from even odds:
// people judge pairs that somebody chose, which says less about the others.
const lowest, highest = -2.0, 4.0

// teach corrects the model by judged pairs and returns the weight from which
// pairs are called matches: the one with the best F1 on the labels.
func (m *Model) teach(fields []*field, labels []Label, second int) float64 {
	c := &comparer{fields: fields}
	patterns := make([]pattern, len(labels))
	for i, l := range labels {
		patterns[i] = c.compare(l.A, l.B)
	}
	for f := range m.Fields {
		field := &m.Fields[f]
		var sum [levels]float64
		all := taught
		for level := range sum {
			sum[level] = taught * field.M[level]
		}
		for i, l := range labels {
			if level := patterns[i].level(f); l.Match && level != levelMissing {
				sum[level]++
				all++
			}
		}
		for level := range sum {
			field.M[level] = sum[level] / all
		}
	}
	s := newScorer(fields, m, second, nil)
	judged := make([]judgement, len(labels))
	for i, l := range labels {
		judged[i] = judgement{s.prior + s.weigh(l.A, l.B, patterns[i]), l.Match}
	}
	return max(lowest, min(highest, bestThreshold(judged)))
}

type judgement struct {
	weight float64
	match  bool
}

// bestThreshold returns the middle of the gap under which calling matches has
// the best F1; 0, even odds, when all labels are of one sort.
func bestThreshold(judged []judgement) float64 {
	slices.SortFunc(judged, func(a, b judgement) int { return cmp.Compare(b.weight, a.weight) })
	matches := 0
	for _, j := range judged {
		if j.match {
			matches++
		}
	}
	if matches == 0 || matches == len(judged) {
		return 0
	}
	best, at, found := -1.0, 0.0, 0
	for i, j := range judged {
		if j.match {
			found++
		}
		if i+1 < len(judged) && judged[i+1].weight == j.weight {
			continue
		}
		if f1 := 2 * float64(found) / float64(i+1+matches); f1 > best {
			next := math.Inf(-1)
			if i+1 < len(judged) {
				next = judged[i+1].weight
			}
			best, at = f1, max((j.weight+next)/2, j.weight-3)
		}
	}
	return at
}
