// SPDX-License-Identifier: Apache-2.0

package match

// shortens says whether a word is a pet form of a given name by the rule that
// most languages have: the beginning of the name and a small ending ("Jonno",
// "Steffi", "Sully").
func (t *tables) shortens(short, long *Token) bool {
	a, b := short.sound, long.sound
	if !mayShorten(short) || !mayBeShortened(long) || len(a) >= len(b)+1 || short.loose || long.loose {
		return false
	}
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	return same >= leastStem && t.shortEndings[a[same:]]
}

// leastStem is how many sounds of a given name a pet form keeps at least.
const leastStem = 3

func mayShorten(t *Token) bool     { return !t.Kind.Has(Given) && !t.loose }
func mayBeShortened(t *Token) bool { return t.Kind.Has(Given) && !t.loose && len(t.sound) >= 5 }

// Stems calls visit with what a word may have in common with another by the rule
// of pet forms: a given name with each of its beginnings, another word with what
// is left of it without a small ending. Of two words that the rule ties, one has
// a stem as a given name that the other has without being one.
func (t *Token) Stems(visit func(stem string, given bool)) {
	if mayBeShortened(t) {
		for n := leastStem; n <= len(t.sound); n++ {
			visit(t.sound[:n], true)
		}
		return
	}
	if !mayShorten(t) {
		return
	}
	endings := loaded().shortEndings
	for n := leastStem; n <= len(t.sound); n++ {
		if endings[t.sound[n:]] {
			visit(t.sound[:n], false)
		}
	}
}
