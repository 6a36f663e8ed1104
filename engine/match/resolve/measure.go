// SPDX-License-Identifier: Apache-2.0

package resolve

// Quality counts pairs of records against the truth.
type Quality struct {
	Found int // pairs that share a cluster
	True  int // pairs that are the same in truth
	Both  int // pairs that are both
}

// Measure compares clusters with true answers, one for each record.
func Measure(clusters []uint32, answers []string) Quality {
	type cell struct {
		answer  string
		cluster uint32
	}
	byCluster, byAnswer, byBoth := map[uint32]int{}, map[string]int{}, map[cell]int{}
	var q Quality
	for i, answer := range answers {
		key := cell{answer, clusters[i]}
		q.Found += byCluster[clusters[i]]
		q.True += byAnswer[answer]
		q.Both += byBoth[key]
		byCluster[clusters[i]]++
		byAnswer[answer]++
		byBoth[key]++
	}
	return q
}

// Precision is the share of found pairs that are true, 1 when none was found.
func (q Quality) Precision() float64 { return share(q.Both, q.Found) }

// Recall is the share of true pairs that were found, 1 when there are none.
func (q Quality) Recall() float64 { return share(q.Both, q.True) }

// F1 is the harmonic mean of precision and recall.
func (q Quality) F1() float64 { return share(2*q.Both, q.Found+q.True) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}
