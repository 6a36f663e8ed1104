// SPDX-License-Identifier: Apache-2.0

package match

// ScoreNames returns the calibrated probability that two names belong to the
// same thing, without an explanation and without allocating. It is symmetric.
// Names of different sorts are compared as the sort of the first in the order
// of the constants.
func ScoreNames(a, b *Name) float64 {
	t := loaded()
	if len(a.Tokens) == 0 || len(b.Tokens) == 0 {
		return 0
	}
	if after(a, b) {
		a, b = b, a // greedy choices must not depend on the side
	}
	var al alignment
	t.align(&al, a, b)
	if al.n == 0 {
		return 0
	}
	f := al.measure()
	return sigmoid(t.modelOf(a.Sort).odds(&f))
}

// after orders two names, so that both sides can be given in any order.
func after(a, b *Name) bool {
	if len(a.Tokens) != len(b.Tokens) {
		return len(a.Tokens) > len(b.Tokens)
	}
	if a.Raw != b.Raw {
		return a.Raw > b.Raw
	}
	return a.Sort > b.Sort
}

func (t *tables) modelOf(s Sort) *model {
	if s == Person {
		return &t.personModel
	}
	return &t.organisedModel
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
