// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"
)

// Limits of words that may be written as one.
const (
	shortJoined = 3    // letters of a word that leans on its neighbour
	maxJoined   = 40   // letters of all
	mostJoined  = 3    // words
	leastJoined = 4    // sounds of the word that they are
	joinedShare = 0.22 // of its sounds, what may differ
	looseShare  = 0.19 // of its consonants, where vowels don't count
	mostLonger  = 3    // sounds that the words may have more
	mostShorter = 2    // and fewer
)

// joinedErrors is how many errors may part words written as one from the word
// that they are.
const joinedErrors = 1.04

// JoinedErrors is how many errors may part words written as one from the word that
// they are: one, but more where one of both is romanised, or around an article,
// whose sounds follow the next word's: these have slips of their own.
func JoinedErrors(parts []*Token, romanised bool) float32 {
	if romanised != (parts[0].Native != parts[0].Text) || AroundArticle(parts) {
		return MostErrors
	}
	return joinedErrors
}

// AroundArticle reports whether words are two around a particle: "Abd al Rahman".
func AroundArticle(parts []*Token) bool { return len(parts) == 3 && parts[1].Kind.Has(Particle) }

// JoinedWeight is what several words say that are written as one in the other
// name, and weigh so much together.
func JoinedWeight(weight float32) float32 { return min(max(weight, 0.7), 1.5) }

// MayBeOne reports whether neighbouring words of a name may be written as one.
// Letters, numbers and legal forms never are.
func MayBeOne(parts ...*Token) bool {
	length := 0
	for _, p := range parts {
		if length += len(p.Text); p.Kind.Has(LegalForm | Number | Initial) {
			return false
		}
	}
	return length <= maxJoined && len(parts) <= mostJoined
}

// Leans reports whether one of two words is so short, or a particle, that they
// are often written as one.
func Leans(x, y *Token) bool {
	return len(x.Text) <= shortJoined || len(y.Text) <= shortJoined || x.Kind.Has(Particle) || y.Kind.Has(Particle)
}

// Join returns neighbouring words written as one, as a word to look up. It is of
// no kind and no known name. The l of an article is what it sounds like before the
// next word.
func Join(parts ...*Token) Token {
	var joined Token
	for i, p := range parts {
		text := p.Text
		if assimilated(parts, i) {
			text = text[:len(text)-1] + parts[i+1].Text[:1]
		}
		joined.Text += text
		joined.Native += " " + p.Native // no single word's
		joined.loose = joined.loose || p.loose
	}
	joined.sound = string(joinSounds(nil, parts, true))
	joined.sound = joined.sound[:min(len(joined.sound), maxSound)]
	joined.Skeleton = skeletonOf(joined.sound)
	joined.listen()
	return joined
}

// assimilated reports whether the i-th word is an Arabic article whose l is spoken
// as the first sound of the next: "Nur al-Din" is Nureddin.
func assimilated(parts []*Token, i int) bool {
	if i+1 == len(parts) || !parts[i].Kind.Has(Particle) || parts[i+1].Text == "" {
		return false
	}
	text := parts[i].Text
	return len(text) == 2 && text[1] == 'l' && strings.IndexByte("dlnrstz", parts[i+1].Text[0]) >= 0
}

// joinSounds appends the sounds of words that are written as one; spoken says
// whether articles are as they are spoken.
func joinSounds(out []byte, parts []*Token, spoken bool) []byte {
	for i, p := range parts {
		sound := p.sound
		if spoken && assimilated(parts, i) {
			sound = strings.TrimSuffix(sound, "l")
		}
		out = append(out, sound...)
	}
	return dedouble(out)
}

// JoinedTie returns the tie between neighbouring words of one name, written as
// one, and a word of the other, if there is one.
func JoinedTie(parts []*Token, whole *Token) (Tie, bool) {
	if len(parts) < 2 || !MayBeOne(parts...) || !mayBeJoined(whole) {
		return Tie{}, false
	}
	return loaded().joinedTie(parts, whole)
}

func (t *tables) joinedTie(parts []*Token, whole *Token) (Tie, bool) {
	l, ok := t.joined(parts, whole)
	l.an = uint8(len(parts))
	return l.tie(), ok
}

// Letters stand for words written as one of which no more is kept than that.
type Letters struct {
	Text                 string // in Latin letters
	Loose, AroundArticle bool   // their script leaves vowels out; see AroundArticle
}

// Tie is JoinedTie for the words that the letters stand for.
func (l Letters) Tie(whole *Token) (Tie, bool) {
	if !mayBeJoined(whole) {
		return Tie{}, false
	}
	t := loaded()
	one := [3]*Token{{Text: l.Text, Native: l.Text, sound: t.sound(l.Text), loose: l.Loose}, {}, {}}
	one[0].listen()
	if l.AroundArticle {
		one[1].Kind = Particle
	}
	return t.joinedTie(one[:], whole)
}

// mayBeJoined reports whether a word may be several written as one.
func mayBeJoined(w *Token) bool { return len(w.sound) >= leastJoined && !w.Kind.Has(Number) }

// collectJoined finds words of one name that are written as one in the other:
// "abd al rahman" and "abdurrahman".
func (t *tables) collectJoined(c *candidates, parts, whole []*Token, usedParts, usedWhole uint32, flip bool) {
	for j, w := range whole {
		if usedWhole&(1<<j) != 0 || !mayBeJoined(w) {
			continue
		}
		for i := range parts {
			weight := parts[i].Weight
			for n := 2; n <= mostJoined && i+n <= len(parts); n++ {
				if usedParts&span(uint8(i), uint8(n)) != 0 || !MayBeOne(parts[i:i+n]...) {
					break
				}
				weight += parts[i+n-1].Weight
				l, ok := t.joined(parts[i:i+n], w)
				if !ok {
					continue
				}
				l.weight = JoinedWeight(weight)
				l.a, l.an, l.b, l.bn = uint8(i), uint8(n), uint8(j), 1
				if flip {
					l.a, l.an, l.b, l.bn = uint8(j), 1, uint8(i), uint8(n)
				}
				c.add(l)
			}
		}
	}
}

func (t *tables) joined(parts []*Token, whole *Token) (link, bool) {
	loose, length := whole.loose, 0
	spoken := false
	for i, p := range parts {
		loose = loose || p.loose
		length += len(p.sound)
		spoken = spoken || assimilated(parts, i)
	}
	others := readings(whole.Groups)
	full, share := len(whole.sound), float32(joinedShare)
	if loose { // what a script leaves out can't count
		full, length, share = int(whole.strong), 0, looseShare
		for _, p := range parts {
			length += int(p.strong)
		}
	}
	if d := length - full; (d > mostLonger || d < -mostShorter) && len(others) == 0 {
		return link{}, false
	}
	var buf [maxSound * mostJoined]byte
	joined := joinSounds(buf[:0], parts, spoken)
	if len(others) > 0 && slices.Contains(others, readingOf(joined)) {
		return link{rel: relSpelling, cost: 0.25}, true
	}
	if whole.Kind.Has(Syllabic) && parts[0].Kind.Has(Syllabic) && string(joined) != whole.sound {
		return link{}, false
	}
	limit := min(JoinedErrors(parts, whole.Native != whole.Text), share*float32(full))
	if !loose && !spoken { // most are told apart by what sounds they have
		var mask uint64
		for _, p := range parts {
			mask |= p.mask
		}
		if t.costs.least(mask, whole.mask) > limit {
			return link{}, false
		}
	}
	cost := t.costs.bytesDistance(joined, whole.sound, loose, limit)
	if spoken && cost > 0 { // some write it as it is written apart
		cost = min(cost, t.costs.bytesDistance(joinSounds(buf[:0], parts, false), whole.sound, loose, limit))
	}
	if cost > limit {
		return link{}, false
	}
	return link{rel: relNear, loose: loose, cost: cost, rel8: cost / float32(len(whole.sound))}, true
}
