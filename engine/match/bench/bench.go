// SPDX-License-Identifier: Apache-2.0

// Package bench measures engine/match on labelled pairs: precision, recall, F1
// of both classes, the Matthews coefficient, reliability, and how each script
// and culture fares. It reads the pair files of others and our own.
//
// It must never teach the engine anything from pairs whose licence only allows
// to measure. Its functions are pure and safe for concurrent use.
package bench

import (
	"hash/fnv"
	"math"
)

// Half says on which side of the deterministic split a pair falls: false is
// for tuning, true for reporting. Pairs with the same key, for example all
// the variations of one name, fall together.
func Half(key string) (report bool) {
	h := fnv.New32a()
	h.Write([]byte(key))
	sum := h.Sum32()
	return (sum^sum>>16)&1 == 1
}

// Counts are the four outcomes of deciding pairs.
type Counts struct{ TP, FP, FN, TN int }

// Add counts one decision.
func (c *Counts) Add(same, match bool) {
	switch {
	case same && match:
		c.TP++
	case same:
		c.FN++
	case match:
		c.FP++
	default:
		c.TN++
	}
}

// Total is the number of pairs.
func (c Counts) Total() int { return c.TP + c.FP + c.FN + c.TN }

// Precision is the share of true pairs among those called the same.
func (c Counts) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall is the share of the true pairs that were called the same.
func (c Counts) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

// F1 is the harmonic mean of precision and recall.
func (c Counts) F1() float64 { return ratio(2*c.TP, 2*c.TP+c.FP+c.FN) }

// NegativeF1 is F1 with the roles of same and different exchanged.
func (c Counts) NegativeF1() float64 { return ratio(2*c.TN, 2*c.TN+c.FP+c.FN) }

// Matthews is the correlation of truth and decision, from -1 to 1.
func (c Counts) Matthews() float64 {
	tp, fp, fn, tn := float64(c.TP), float64(c.FP), float64(c.FN), float64(c.TN)
	d := math.Sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
	if d == 0 {
		return 0
	}
	return (tp*tn - fp*fn) / d
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Scored is the score of a pair and its truth.
type Scored struct {
	Score float64
	Same  bool
}

// Decide counts the outcomes at a threshold.
func Decide(pairs []Scored, threshold float64) Counts {
	var c Counts
	for _, p := range pairs {
		c.Add(p.Same, p.Score >= threshold)
	}
	return c
}

// Bin is one row of a reliability table: what pairs with scores in a range
// promise and how many of them are the same.
type Bin struct {
	From, To float64
	Pairs    int
	Mean     float64 // mean score
	Same     float64 // share that is the same
}

// Reliability sorts pairs into ten bins by score.
func Reliability(pairs []Scored) []Bin {
	bins := make([]Bin, 10)
	for i := range bins {
		bins[i].From, bins[i].To = float64(i)/10, float64(i+1)/10
	}
	for _, p := range pairs {
		b := &bins[min(int(p.Score*10), 9)]
		b.Pairs++
		b.Mean += p.Score
		if p.Same {
			b.Same++
		}
	}
	for i := range bins {
		if n := float64(bins[i].Pairs); n > 0 {
			bins[i].Mean /= n
			bins[i].Same /= n
		}
	}
	return bins
}

// CalibrationError is the mean distance between promise and truth over the
// bins, weighted by their pairs.
func CalibrationError(bins []Bin) float64 {
	sum, n := 0.0, 0
	for _, b := range bins {
		sum += math.Abs(b.Mean-b.Same) * float64(b.Pairs)
		n += b.Pairs
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
