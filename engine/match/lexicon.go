// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"
)

// Lexicon finds, among very many words, all that sound like another: those
// within the distance at which comparing names links two words. The words lie in
// trees by their sounds, so that the distance of what many of them begin with is
// computed once, and a whole branch is left out as soon as all of it is too far.
// Of two words within a distance either the first halves are within half of it
// or the last ones, to which sounds belong that only the other word has between
// the halves; so one tree is read from the front and one from the back, and each
// is left soon. A Lexicon may be used from several goroutines, a Walk
// by one.
type Lexicon struct {
	trees [2][2]soundTree // of words with vowels, and of those whose script leaves them out; from the front, from the back
}

// soundTree lists its nodes level by level, so that those below one lie side by
// side: most of them are looked at once and left.
type soundTree struct {
	nodes []soundNode // the root first, and one after the last
	words []heard     // of the nodes, one after the other
}

// soundNode is where a sound leads. Those below one are in the order of their
// sounds.
type soundNode struct {
	sounds uint64 // of the nodes below, a bit for the number of each in the costs
	below  uint32 // the first of them
	words  uint32 // where its words begin
}

// heard is a word, and how many of its sounds every script writes.
type heard struct {
	number     uint32
	consonants uint32
}

// spoken is a word by the numbers of its sounds.
type spoken struct {
	sound string
	heard
}

// Walk is what looking up needs; lookups reuse it.
type Walk struct {
	rows [64]soundRow
	own  [64]uint8 // the sounds looked for, from 1
}

// soundRow holds the distances between what the words on the way to a node begin
// with and all that the word looked for begins with.
type soundRow struct {
	cells     [64]int32
	low, high int // where they are within the limit
	sound     uint8
}

// unit is how finely a Lexicon counts costs: in hundredths, as their tables do.
const unit = 100

// far is above every limit.
const far = 1 << 20

// treeCosts are the costs of sounds in units.
type treeCosts struct {
	swap [64][64]int32
	drop [2][64]int32 // when both words have vowels, when one hasn't
	// The sounds that a budget pays for, as bit sets: in the place of each other
	// sound, and beside them all.
	instead [64][budgets]uint64
	beside  [2][budgets]uint64
}

// Budgets are counted in steps of so many units.
const (
	budgetStep = 8
	budgets    = int32(MostErrors*unit)/budgetStep + 2
)

// budget is the number of a budget, or of one that is a little larger.
func budget(units int32) int32 { return min(units/budgetStep, budgets-1) }

func (c *costTable) inUnits() *treeCosts {
	out := &treeCosts{}
	round := func(x float32) int32 { return int32(math.Round(float64(x) * unit)) }
	for i := range c.swap {
		for j := range c.swap[i] {
			out.swap[i][j] = round(c.swap[i][j])
		}
		out.drop[0][i], out.drop[1][i] = round(c.drop[i]), round(c.loose[i])
	}
	for b := range budgets {
		most := (b+1)*budgetStep - 1
		for i := range c.swap {
			for j, cost := range out.swap[i] {
				if cost <= most {
					out.instead[i][b] |= 1 << j
				}
			}
			for n := range out.drop {
				if out.drop[n][i] <= most {
					out.beside[n][b] |= 1 << i
				}
			}
		}
	}
	return out
}

// NewLexicon makes a lexicon of the words that each calls visit with, and of
// their numbers. Numbers as words are never near to others and are left out.
func NewLexicon(each func(visit func(number uint32, word *Token))) *Lexicon {
	var words [2][]spoken
	index := &loaded().costs.index
	each(func(number uint32, word *Token) {
		if word.Kind.Has(Number) || word.sound == "" || len(word.sound) > maxSound {
			return
		}
		n := 0
		if word.loose {
			n = 1
		}
		sounds := []byte(word.sound)
		for i := range sounds {
			sounds[i] = index[sounds[i]&0x7F] & 63
		}
		words[n] = append(words[n], spoken{string(sounds), heard{number, uint32(word.strong)}})
	})
	l := &Lexicon{}
	var wait sync.WaitGroup
	for n := range words {
		back := slices.Clone(words[n])
		wait.Go(func() { l.trees[n][0] = newSoundTree(words[n]) })
		wait.Go(func() {
			for i := range back {
				back[i].sound = backwards(back[i].sound)
			}
			l.trees[n][1] = newSoundTree(back)
		})
	}
	wait.Wait()
	return l
}

func backwards(sound string) string {
	out := []byte(sound)
	slices.Reverse(out)
	return string(out)
}

func newSoundTree(words []spoken) soundTree {
	slices.SortFunc(words, func(x, y spoken) int { return cmp.Or(cmp.Compare(x.sound, y.sound), cmp.Compare(x.number, y.number)) })
	tree := soundTree{nodes: []soundNode{{}}, words: make([]heard, 0, len(words))}
	type span struct{ from, to, depth int } // the words that begin as a node does
	todo := []span{{0, len(words), 0}}
	for at := 0; at < len(todo); at++ {
		s, sounds := todo[at], uint64(0)
		first := len(tree.words)
		for s.from < s.to && len(words[s.from].sound) == s.depth {
			tree.words = append(tree.words, words[s.from].heard)
			s.from++
		}
		below := len(todo)
		for s.from < s.to {
			sound, first := words[s.from].sound[s.depth], s.from
			for s.from < s.to && words[s.from].sound[s.depth] == sound {
				s.from++
			}
			sounds |= 1 << (sound & 63)
			todo = append(todo, span{first, s.from, s.depth + 1})
		}
		tree.nodes[at] = soundNode{sounds: sounds, below: uint32(below), words: uint32(first)}
		tree.nodes = append(tree.nodes, make([]soundNode, len(todo)-len(tree.nodes))...)
	}
	tree.nodes = append(tree.nodes, soundNode{below: uint32(len(tree.nodes)), words: uint32(len(tree.words))})
	return tree
}

// Near calls visit with each word that sounds like t within the limit for names
// of a sort, and within most errors, once or twice: the closer tie counts. Words that their letters
// alone tie to t, known spellings and short forms may be missing.
func (l *Lexicon) Near(w *Walk, t *Token, sort Sort, most float32, visit func(number uint32, tie Tie)) {
	if len(t.sound) == 0 || len(t.sound) > maxSound {
		return
	}
	for n := range l.trees {
		loose := t.loose != (n == 1)
		length := len(t.sound)
		if loose {
			length = int(t.strong)
		}
		if length < 2 || len(l.trees[n][0].words) == 0 {
			continue
		}
		limit := int32(min(nearLimit(length, loose, sort), most)*unit + 0.5)
		w.near(&l.trees[n][0], t.sound, limit, looking{length: length, loose: loose, sort: sort, first: len(t.sound) / 2, visit: visit})
		w.near(&l.trees[n][1], backwards(t.sound), limit, looking{length: length, loose: loose, sort: sort, first: (len(t.sound) + 1) / 2, visit: visit})
	}
}

// looking is one reading of a tree.
type looking struct {
	*Walk
	tree        *soundTree
	costs       *treeCosts
	drop        *[64]int32
	beside      *[budgets]uint64
	limit, half int32
	first       int // how many sounds have to be within half
	n           int // sounds looked for
	length      int // of them those that count
	loose       bool
	sort        Sort
	visit       func(number uint32, tie Tie)
}

// near reads a tree. What stands beside the first sounds of the word has to be
// within half the limit.
func (w *Walk) near(tree *soundTree, sound string, limit int32, l looking) {
	t := loaded()
	l.Walk, l.tree, l.costs, l.drop, l.beside = w, tree, t.units, &t.units.drop[0], &t.units.beside[0]
	l.limit, l.half, l.n = limit, limit/2, len(sound)
	if l.loose {
		l.drop, l.beside = &t.units.drop[1], &t.units.beside[1]
	}
	top := &w.rows[0]
	for i := range l.n {
		w.own[i+1] = t.costs.index[sound[i]&0x7F] & 63
		top.cells[i+1] = top.cells[i] + l.drop[w.own[i+1]]
	}
	top.low, top.high, top.sound = 0, l.n, 0
	l.below(&tree.nodes[0], 1)
}

// below looks at the nodes right below one, which are so deep.
func (l *looking) below(node *soundNode, depth int) {
	nodes := l.tree.nodes
	for next := l.next(depth) & node.sounds; next != 0; next &= next - 1 {
		sound := uint8(bits.TrailingZeros64(next))
		if !l.row(sound, depth) {
			continue
		}
		at := node.below + uint32(bits.OnesCount64(node.sounds&(1<<sound-1)))
		if nodes[at].sounds != 0 {
			l.below(&nodes[at], depth+1)
		}
		if row := &l.rows[depth&63]; row.high == l.n {
			l.tell(l.tree.words[nodes[at].words:nodes[at+1].words], float32(row.cells[l.n&63])/unit, depth)
		}
	}
}

// next returns the sounds, as a bit set, that a node at a depth may have for any
// distance to be within the limit; most nodes have another and need no row.
func (l *looking) next(depth int) uint64 {
	row, sounds := &l.rows[(depth-1)&63], uint64(0)
	for i := row.low; i <= row.high; i++ {
		limit := l.limit
		if i < l.first {
			limit = l.half
		}
		left := limit - row.cells[i&63]
		if left >= 0 {
			sounds |= l.beside[budget(left)]
		}
		if i+1 == l.first {
			left += l.limit - l.half
		}
		if left >= 0 && i < l.n {
			sounds |= l.costs.instead[l.own[(i+1)&63]&63][budget(left)]
		}
	}
	if depth > 1 { // two sounds exchanged
		back := &l.rows[(depth-2)&63]
		for i := back.low + 2; i <= min(back.high+2, l.n); i++ {
			if l.own[i&63] == row.sound {
				sounds |= 1 << (l.own[(i-1)&63] & 63)
			}
		}
	}
	return sounds
}

// tell visits words at a distance.
func (l *looking) tell(words []heard, cost float32, depth int) {
	tie := Tie{rel: relNear, loose: l.loose, cost: cost}
	if cost == 0 {
		tie = Tie{rel: relSound, loose: l.loose, cost: 0.05}
	}
	for _, w := range words {
		if cost > 0 {
			shorter := min(l.length, depth)
			if l.loose {
				shorter = min(l.length, int(w.consonants))
			}
			if shorter < 2 || cost > nearLimit(shorter, l.loose, l.sort)+0.5/unit {
				continue
			}
			tie.rel8 = cost / float32(shorter)
		}
		l.visit(w.number, tie)
	}
}

// row makes the distances of what ends in a sound at a depth from those of the
// depth above, and reports whether any is within the limit.
func (l *looking) row(y uint8, depth int) bool {
	before, row := &l.rows[(depth-1)&63], &l.rows[depth&63]
	row.sound = y
	low, high, n := -1, -1, l.n
	own, limit, half, first := &l.own, l.limit, l.half, l.first
	add, swap, drop := l.drop[y&63], &l.costs.swap[y&63], l.drop
	left, diagonal := int32(far), int32(far)
	stop := before.high
	reach := stop // so far an exchange of two sounds may lead
	if depth > 1 {
		reach = max(reach, l.rows[(depth-2)&63].high+2)
	}
	for i := before.low; i <= n; i++ {
		above := int32(far)
		if i <= stop {
			above = before.cells[i&63]
		}
		x := own[i&63] & 63
		here := min(diagonal+swap[x], above+add, left+drop[x])
		if x == before.sound && own[(i-1)&63] == y && depth > 1 && i > 1 {
			if back := &l.rows[(depth-2)&63]; i-2 >= back.low && i-2 <= back.high {
				here = min(here, back.cells[(i-2)&63]+exchangeCost*unit)
			}
		}
		if here > limit || here > half && (i < first || i == first && above+add > limit) { // what stands between the halves is of the last one
			here = far
			if i > reach {
				break
			}
		} else {
			if low < 0 {
				low = i
			}
			high = i
		}
		row.cells[i&63], left, diagonal = here, here, above
	}
	row.low, row.high = low, high
	return low >= 0
}
