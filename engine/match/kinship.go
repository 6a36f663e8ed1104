// SPDX-License-Identifier: Apache-2.0

package match

// Tie says how one word can stand for another, whatever else their names hold.
// An index finds by ties the names that comparing will find alike. Its zero
// value is that of the same word.
type Tie struct {
	cost, rel8    float32
	rel           relation
	loose, joined bool
	told          bool
}

func (l *link) tie() Tie {
	return Tie{cost: l.cost, rel8: l.rel8, rel: l.rel, loose: l.loose, joined: l.an != l.bn, told: l.told}
}

// Relate returns the tie between two words in names of a sort, if there is one.
func Relate(x, y *Token, sort Sort) (Tie, bool) {
	if sameWord(x, y) {
		return Tie{}, true
	}
	l, ok := loaded().relate(x, y, sort)
	return l.tie(), ok
}

// IsJoined reports whether the tie is that of several words written as one.
func (t Tie) IsJoined() bool { return t.joined && t.rel != relAcronym }

// Distance is how far the sounds of the words are apart, in plain errors.
func (t Tie) Distance() float32 { return t.cost }

// FirstLetter is the tie between a letter and a word that begins with it.
func FirstLetter() Tie { return Tie{rel: relInitial} }

// Rank orders ties as aligning does, the surest first; heavier words come
// before others.
func (t Tie) Rank() float32 {
	if t.rel == relSame {
		return -10
	}
	return rank(&link{rel: t.rel, cost: t.cost, rel8: t.rel8})
}

// Kinship is how surely one word can stand for the other in names of a sort,
// from 0, not at all, to 1, the same word: what the tie costs in the model, as a
// share of what it costs to leave both without a partner.
func (t Tie) Kinship(sort Sort) float32 {
	w := &loaded().modelOf(sort).weights
	lost := (w[featCost]+w[featWorst])*t.cost + w[featWorstRel]*t.rel8 + w[featFar]*max(0, t.cost-1.5)
	switch t.rel {
	case relNick:
		lost += w[featNick]
	case relInitial:
		lost += w[featInitial]
	case relSpelling:
		lost += w[featSpelling]
	case relAcronym:
		lost += w[featAcronym]
	}
	if t.told {
		lost += w[featTold]
	}
	return max(least, 1+lost/(1-w[featClash]))
}

// least is the kinship of words that can be linked, but hardly.
const least = 0.05
