// SPDX-License-Identifier: Apache-2.0

package match

// collectAcronyms finds words whose letters are the first letters of words of
// the other name: "AJ Smith", "MMZ" for "Mariyskiy Mashinostroitelny Zavod".
// Small words between may be left out.
func collectAcronyms(c *candidates, short, long *side, usedShort, usedLong uint32, flip bool) {
	if long.sort == Person && short.sort != Person {
		return // nobody is called by three letters alone
	}
	for j, w := range short.tokens() {
		if usedShort&(1<<j) != 0 || !mayBeAcronym(w) {
			continue
		}
		if short.sort == Person && (len(w.Text) > 3 || w.Kind.Has(Given|Family) || short.n < 2) {
			continue
		}
		for i := range long.n {
			n, weight := spells(w.Text, long.words[i:long.n], usedLong>>i)
			if n < 2 || short.sort != Person && len(w.Text) < leastAcronym {
				continue
			}
			l := link{a: uint8(i), an: uint8(n), b: uint8(j), bn: 1, rel: relAcronym, weight: min(weight, AcronymWeight(len(w.Text)))}
			if !flip {
				l.a, l.an, l.b, l.bn = l.b, l.bn, l.a, l.an
			}
			c.add(l)
		}
	}
}

// An acronym of a name that is no person's has so many letters.
const (
	leastAcronym = 3
	mostAcronym  = 6
)

// AcronymWeight is the most that an acronym of so many letters can say.
func AcronymWeight(letters int) float32 { return 0.4 * float32(letters) }

func mayBeAcronym(w *Token) bool {
	return len(w.Text) >= 2 && len(w.Text) <= mostAcronym && !w.Kind.Has(Number|Particle|Common|Title|Stop)
}

// spells returns how many words from the first spell an acronym with their
// first letters, and what they weigh; 0 when they don't.
func spells(acronym string, toks []*Token, used uint32) (n int, weight float32) {
	at := 0
	for i, tok := range toks {
		if used&(1<<i) != 0 {
			return 0, 0
		}
		if tok.Text[0] == acronym[at] {
			at++
			weight += tok.Weight
			if at == len(acronym) {
				return i + 1, weight
			}
		} else if i == 0 || !mayBeSkipped(tok) {
			return 0, 0
		}
	}
	return 0, 0
}

// mayBeSkipped reports whether an acronym may have no letter of a word.
func mayBeSkipped(t *Token) bool { return t.Kind.Has(Stop | Particle) }

// Acronym is the tie between an acronym and the words that it is made of.
func Acronym() Tie { return Tie{rel: relAcronym, joined: true} }

// IsAcronym reports whether the tie is that of an acronym.
func (t Tie) IsAcronym() bool { return t.rel == relAcronym }

// MayBeAcronym reports whether the word may be an acronym in a name that is no
// person's.
func (t *Token) MayBeAcronym() bool { return len(t.Text) >= leastAcronym && mayBeAcronym(t) }

// Acronyms calls visit with each acronym of words of a name that is no person's,
// as comparing spells them, and which words these are, as a bit set: of the words
// one after the other, with a little word's letter or without it.
func (n *Name) Acronyms(visit func(letters string, words uint32)) {
	if n.Sort == Person {
		return
	}
	for i := range n.Tokens {
		var letters [mostAcronym]byte
		n.spell(i, letters[:0], 0, visit)
	}
}

func (n *Name) spell(i int, letters []byte, words uint32, visit func(letters string, words uint32)) {
	if len(letters) >= leastAcronym {
		visit(string(letters), words)
	}
	if i == len(n.Tokens) || len(letters) == mostAcronym {
		return
	}
	t := &n.Tokens[i]
	if t.Kind.Has(LegalForm) {
		return // set aside, so that no run goes on over it
	}
	if len(letters) > 0 && mayBeSkipped(t) {
		n.spell(i+1, letters, words|1<<i, visit)
	}
	n.spell(i+1, append(letters, t.Text[0]), words|1<<i, visit)
}
