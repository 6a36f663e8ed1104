// SPDX-License-Identifier: Apache-2.0

package match

// relation says how a word of one name stands to a word of the other.
type relation uint8

const (
	relSame     relation = iota // the same letters
	relSound                    // written differently for the same sound
	relSpelling                 // known spellings of one name
	relWord                     // translations of one word
	relNear                     // some sounds differ
	relNick                     // a short or pet form
	relInitial                  // a letter that stands for the name
	relAcronym                  // letters that stand for several words
)

// link joins a run of words of one name to a run of the other.
type link struct {
	a, an, b, bn uint8
	rel          relation
	loose        bool
	gender       bool    // a man's name and a woman's
	told         bool    // both words are known, and not as one
	cost         float32 // sounds that differ, in plain errors
	rel8         float32 // cost for each sound of the shorter word
	weight       float32 // what the words say
}

// side is one of the two names that are laid side by side.
type side struct {
	name  *Name // nil when the words alone are given
	sort  Sort
	n     int
	words [MaxTokens]*Token
}

// of makes the side that of a name.
func (s *side) of(n *Name) {
	s.name, s.sort, s.n = n, n.Sort, min(len(n.Tokens), MaxTokens)
	for i := range s.n {
		s.words[i] = &n.Tokens[i]
	}
}

// tokens are the words of the side.
func (s *side) tokens() []*Token { return s.words[:s.n] }

// alignment is the best way found to lay two names side by side.
type alignment struct {
	a, b         side
	links        [MaxTokens]link
	n            int
	usedA, usedB uint32   // bit sets of words that are linked or set aside
	known        *related // what was found out about words before, or nil
	flipped      bool     // the asked side of known is b
}

// maxCandidates bounds the links that are considered at once.
const maxCandidates = 48

// candidates are possible links, the best ones kept when there are too many.
type candidates struct {
	list [maxCandidates]link
	n    int
}

func (c *candidates) add(l link) {
	if c.n < maxCandidates {
		c.list[c.n] = l
		c.n++
		return
	}
	worst := 0
	for i := range c.list {
		if rank(&c.list[i]) > rank(&c.list[worst]) {
			worst = i
		}
	}
	if rank(&l) < rank(&c.list[worst]) {
		c.list[worst] = l
	}
}

// rank orders candidates: cheap ones first, and of two equally cheap ones that
// which explains more.
func rank(l *link) float32 {
	r := l.cost - 0.3*l.weight - 0.05*float32(l.an+l.bn)
	switch l.rel {
	case relNick:
		r += 0.5
	case relInitial:
		r += 0.9
	case relAcronym:
		r += 0.3
	case relNear:
		r += l.rel8
	}
	return r
}

// align links words: the same ones first, then what sounds alike, is a known
// spelling or a short form, one by one from the best. Words that say what a
// name is rather than whose (legal forms) are set aside.
func (t *tables) align(al *alignment, a, b *Name) {
	al.a.of(a)
	al.b.of(b)
	t.alignSides(al)
}

// alignSides is align for sides that are in their places.
func (t *tables) alignSides(al *alignment) {
	al.setAside()
	t.link(al)
	if al.onlySmall() {
		al.n = 0
	}
}

// SmallWord is the weight up to which a word is a letter, particle, title or
// little word that half the names of the world may have.
const SmallWord = 0.3

// onlySmall reports whether nothing but small words is linked while a name has
// others: "J. Miller" and "J. Smith" have not one part of a name in common. The
// first letters of a person's names stand for them beside another name only.
func (al *alignment) onlySmall() bool {
	person := al.a.sort == Person || al.b.sort == Person
	for i := range al.n {
		if l := &al.links[i]; l.weight > SmallWord && (!person || l.rel != relAcronym) {
			return false
		}
	}
	return al.a.spare(al.usedA) || al.b.spare(al.usedB)
}

// spare reports whether a word that says something is not among the used ones.
func (s *side) spare(used uint32) bool {
	for i, t := range s.tokens() {
		if t.Weight > SmallWord && used&(1<<i) == 0 {
			return true
		}
	}
	return false
}

// link links the words of both sides.
func (t *tables) link(al *alignment) {
	// A particle may be part of a word that the other side writes as one: "abd
	// al rahman" and "abdulrahman". So words come before particles.
	t.linkSame(al, 0)
	if al.a.spare(al.usedA) && al.b.spare(al.usedB) {
		t.linkAlike(al)
		t.linkParticles(al)
		return
	}
	t.linkParticles(al)
	if al.usedA != uint32(1)<<al.a.n-1 && al.usedB != uint32(1)<<al.b.n-1 {
		t.linkAlike(al)
	}
}

// linkParticles links particles with the same ones, then with others that mean
// the same.
func (t *tables) linkParticles(al *alignment) {
	t.linkSame(al, Particle)
	for i, x := range al.a.tokens() {
		for j, y := range al.b.tokens() {
			if x.Kind.Has(Particle) && y.Kind.Has(Particle) && al.usedA&(1<<i) == 0 && al.usedB&(1<<j) == 0 {
				if l, ok := t.related(al, i, j); ok {
					l.a, l.an, l.b, l.bn = uint8(i), 1, uint8(j), 1
					al.take(l)
				}
			}
		}
	}
}

// linkAlike links words that are not the same, one by one from the best.
func (t *tables) linkAlike(al *alignment) {
	var c candidates
	t.collect(al, &c)
	for range c.n {
		best := -1
		for i := range c.n {
			l := &c.list[i]
			if l.an == 0 || al.usedA&span(l.a, l.an) != 0 || al.usedB&span(l.b, l.bn) != 0 {
				continue
			}
			if best < 0 || rank(l) < rank(&c.list[best]) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		al.take(c.list[best])
	}
}

func span(at, n uint8) uint32 { return (1<<n - 1) << at }

func (al *alignment) take(l link) {
	al.usedA |= span(l.a, l.an)
	al.usedB |= span(l.b, l.bn)
	if al.n < len(al.links) {
		al.links[al.n] = l
		al.n++
	}
}

func (al *alignment) setAside() {
	for i, x := range al.a.tokens() {
		if x.Kind.Has(LegalForm) {
			al.usedA |= 1 << i
		}
	}
	for j, y := range al.b.tokens() {
		if y.Kind.Has(LegalForm) {
			al.usedB |= 1 << j
		}
	}
}

// linkSame links words with the same letters, each to the nearest place: those
// that are particles, or those that are none.
func (t *tables) linkSame(al *alignment, particles Kind) {
	for i, x := range al.a.tokens() {
		if al.usedA&(1<<i) != 0 || x.Kind&Particle != particles {
			continue
		}
		best, distance := -1, MaxTokens
		for j := range al.b.tokens() {
			if al.usedB&(1<<j) != 0 || !t.same(al, i, j) {
				continue
			}
			if d := max(i-j, j-i); d < distance {
				best, distance = j, d
			}
		}
		if best >= 0 {
			y := al.b.words[best]
			al.take(link{a: uint8(i), an: 1, b: uint8(best), bn: 1, rel: relSame, weight: min(x.Weight, y.Weight)})
		}
	}
}

func sameWord(x, y *Token) bool {
	if x.Kind.Has(Number) != y.Kind.Has(Number) {
		return false
	}
	if x.Kind.Has(Number) && x.Class != 0 {
		return x.Class == y.Class && (x.Class < 1<<31 || x.Text == y.Text)
	}
	return x.Native == y.Native || x.Text == y.Text && (!isIdeograph(x.Native) || !isIdeograph(y.Native))
}

func (t *tables) collect(al *alignment, c *candidates) {
	for i := range al.a.tokens() {
		if al.usedA&(1<<i) != 0 {
			continue
		}
		for j := range al.b.tokens() {
			if al.usedB&(1<<j) != 0 || al.a.words[i].Kind.Has(Particle) && al.b.words[j].Kind.Has(Particle) {
				continue
			}
			if l, ok := t.related(al, i, j); ok {
				l.a, l.an, l.b, l.bn = uint8(i), 1, uint8(j), 1
				c.add(l)
			}
		}
	}
	t.collectJoined(c, al.a.tokens(), al.b.tokens(), al.usedA, al.usedB, false)
	t.collectJoined(c, al.b.tokens(), al.a.tokens(), al.usedB, al.usedA, true)
	collectAcronyms(c, &al.a, &al.b, al.usedA, al.usedB, false)
	collectAcronyms(c, &al.b, &al.a, al.usedB, al.usedA, true)
}
