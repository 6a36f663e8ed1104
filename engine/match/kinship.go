// SPDX-License-Identifier: Apache-2.0

package match

// Kinship is how surely one word can stand for another in names of a sort,
// from 0, not at all, to 1, the same word: what the link between them costs in
// the model, as a share of what it costs to leave both without a partner. An
// index finds by it the words that comparing will link.
func Kinship(x, y *Token, sort Sort) float32 {
	if sameWord(x, y) {
		return 1
	}
	t := loaded()
	l, ok := t.relate(x, y, sort)
	if !ok {
		return 0
	}
	w := &t.modelOf(sort).weights
	lost := (w[featCost]+w[featWorst])*l.cost + w[featWorstRel]*l.rel8 + w[featFar]*max(0, l.cost-1.5)
	switch l.rel {
	case relNick:
		lost += w[featNick]
	case relInitial:
		lost += w[featInitial]
	case relSpelling:
		lost += w[featSpelling]
	}
	return max(least, 1+lost/(1-w[featClash]))
}

// least is the kinship of words that can be linked, but hardly.
const least = 0.05
