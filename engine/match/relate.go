// SPDX-License-Identifier: Apache-2.0

package match

import (
	"math"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// relate says whether and how two words can stand for one another.
func (t *tables) relate(x, y *Token, sort Sort) (link, bool) {
	if x.Kind.Has(Number) || y.Kind.Has(Number) {
		return link{}, false // numbers are equal or they are not
	}
	l := link{weight: min(x.Weight, y.Weight), loose: x.loose != y.loose}
	l.gender = x.Kind.Has(Male) && y.Kind.Has(Female) || x.Kind.Has(Female) && y.Kind.Has(Male)
	if x.Kind.Has(Initial) || y.Kind.Has(Initial) {
		return initial(x, y, l)
	}
	if x.Kind.Has(Particle) != y.Kind.Has(Particle) {
		return link{}, false
	}
	any, spelling := share(x.Groups, y.Groups)
	if otherSyllable(x, y) && (sort == Person || !any) {
		return link{}, false
	}
	if any {
		return t.known(x, y, l, spelling)
	}
	if x.Kind.Has(Particle) {
		return link{}, false
	}
	if isIdeograph(x.Native) && isIdeograph(y.Native) {
		return ideographs(x, y, l)
	}
	if readAs(x, y) {
		l.rel, l.cost = relSpelling, 0.25
		return l, true
	}
	near, ok := t.near(x, y, l, sort)
	if ok && near.cost > slightCost {
		near.told = told(x, y)
		if near.told && sort != Person {
			return link{}, false // House is no slip for Horse
		}
	}
	if sort == Person && (!ok || near.cost > 1) && (t.shortens(x, y) || t.shortens(y, x)) {
		l.rel = relNick
		return l, true
	}
	return near, ok
}

// slightCost is what other spellings of one sound may cost.
const slightCost = 0.3

// told reports whether both of two words that sound alike are known words, not
// known to be the same: a slip of the pen seldom makes another name of a name.
func told(x, y *Token) bool {
	if x.Kind.Has(Vocabulary|Common|Place) && y.Kind.Has(Vocabulary|Common|Place) {
		return !inflected(x.Text, y.Text)
	}
	return x.Kind.Has(Given|Family) && y.Kind.Has(Given|Family) && !feminine(x.Text, y.Text) && !feminine(y.Text, x.Text)
}

// feminine reports whether the first is the Slavic family name of a woman whose
// husband bears the other. Lists of other countries mix them up.
func feminine(her, his string) bool {
	if her, ok := strings.CutSuffix(her, "a"); ok && her == his {
		return strings.HasSuffix(his, "v") || strings.HasSuffix(his, "in")
	}
	her, ok := strings.CutSuffix(her, "aya")
	return ok && strings.HasPrefix(his, her) && strings.HasSuffix(her, "sk")
}

// inflected reports whether two words may be forms of one: "Services" and
// "Service", "Electric" and "Electrical". They begin alike for the most part.
func inflected(x, y string) bool {
	same := 0
	for same < len(x) && same < len(y) && x[same] == y[same] {
		same++
	}
	return same >= 4 && 5*same >= 3*max(len(x), len(y))
}

// known relates two words that the tables know to belong together.
func (t *tables) known(x, y *Token, l link, spelling bool) (link, bool) {
	switch {
	case x.Kind.Has(Common|Place|Vocabulary) && y.Kind.Has(Common|Place|Vocabulary):
		l.rel = relWord
	case x.Kind.Has(Particle):
		l.rel = relSpelling
	case spelling:
		l.rel = relSpelling
		l.cost = 0.25
	default:
		l.rel = relNick
	}
	if direct, ok := t.near(x, y, l, Person); ok && direct.cost < 0.5 {
		direct.cost = min(direct.cost, 0.25)
		return direct, true
	}
	return l, true
}

func initial(x, y *Token, l link) (link, bool) {
	if x.Kind.Has(Particle) || y.Kind.Has(Particle) {
		return link{}, false
	}
	if x.Text[0] != y.Text[0] && !article(x, y) && !article(y, x) {
		// In one script an initial is the first letter; between two scripts it
		// may be another letter for the same sound.
		if x.Native == x.Text && y.Native == y.Text || len(x.sound) == 0 || len(y.sound) == 0 || x.sound[0] != y.sound[0] {
			return link{}, false
		}
	}
	if len(x.Text) > 1 && len(y.Text) > 1 {
		return link{}, false
	}
	l.rel = relInitial
	l.weight = min(x.Weight, y.Weight)
	return l, true
}

// article reports whether a letter may be that of the article which a word was
// written with: the Arabic initial of al-Bitar is an alif.
func article(letter, word *Token) bool {
	return letter.Native == "ا" && word.Kind.Has(Articled)
}

// near compares two words by their sounds.
func (t *tables) near(x, y *Token, l link, sort Sort) (link, bool) {
	if len(x.sound) == 0 || len(y.sound) == 0 {
		return link{}, false
	}
	if x.sound == y.sound {
		l.rel = relSound
		l.cost = 0.05
		return l, true
	}
	if sort != Person && !x.loose && !y.loose && (isCode(x.Text) || isCode(y.Text)) {
		return link{}, false
	}
	loose := x.loose != y.loose
	shorter := min(len(x.sound), len(y.sound))
	if loose { // what a script leaves out can't count
		shorter = int(min(x.strong, y.strong))
	}
	if shorter < 2 {
		return link{}, false // one sound has nothing to be near to
	}
	limit := nearLimit(shorter, loose, sort)
	if !loose {
		onlyX, onlyY := bits.OnesCount64(x.mask&^y.mask), bits.OnesCount64(y.mask&^x.mask)
		if float32(max(onlyX, onlyY))*cheapest > limit {
			return link{}, false
		}
		if d := len(x.sound) - len(y.sound); float32(max(d, -d))*0.45 > limit {
			return link{}, false
		}
	}
	cost := limit + 1
	if loose || t.costs.least(x.mask, y.mask) <= limit {
		cost = t.costs.distance(x.sound, y.sound, loose, limit)
	}
	if cost > 1 && !loose {
		// A slip of the finger can change the sound of a whole syllable; two are
		// another word.
		cost = min(cost, slipCost(x.Text, y.Text))
		if cost > 1 && x.Native != x.Text && y.Native != y.Text && slipped(x.Native, y.Native) {
			cost = 1
		}
	}
	if cost > limit {
		return link{}, false
	}
	l.rel = relNear
	l.cost = cost
	l.rel8 = cost / float32(shorter)
	return l, true
}

// isCode reports whether a word is an abbreviation or a mark rather than a word
// to be spoken: short and without a vowel. Another letter makes another one.
func isCode(text string) bool {
	return len(text) <= 4 && !strings.ContainsAny(text, "aeiouy")
}

// MostErrors is the distance beyond which a link of two words says no more than
// none in the model.
const MostErrors = 2.04

// nearLimit is the distance up to which words of so many sounds are linked: two
// errors in a word of seven. Of words whose vowels don't count, only consonants are
// left to err in.
func nearLimit(shorter int, loose bool, sort Sort) float32 {
	limit := min(0.2*float32(shorter)+0.64, MostErrors)
	if loose {
		limit = min(0.3*float32(shorter)+0.72, MostErrors)
		if shorter <= 2 { // of two consonants, another one is another word
			limit = min(limit, 0.9)
		}
	}
	switch {
	case sort == Person:
	case shorter <= 2: // of two sounds, another one is another word
		limit = 0.5
	case shorter <= 4: // of a short word, a third of the sounds is another word
		limit = min(limit, max(1, 0.3*float32(shorter)))
	}
	return limit
}

// slipCost is the plain distance of two words that one slip of the finger parts,
// or none, and beyond every limit for others.
func slipCost(a, b string) float32 {
	if a == b {
		return 0
	}
	if d := len(a) - len(b); d < -1 || d > 1 {
		return math.MaxFloat32
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) <= 1 && len(b) <= 1:
		return 1
	case len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]:
		return exchangeCost
	}
	return math.MaxFloat32
}

// slipped reports whether one slip of the finger parts two words as they are
// written: a letter more, less, another one, or two neighbours exchanged. What
// is one letter in an Indian script may be two sounds in Latin letters.
func slipped(x, y string) bool {
	const least = 4
	nx, ny := utf8.RuneCountInString(x), utf8.RuneCountInString(y)
	if nx < ny {
		x, y, nx, ny = y, x, ny, nx
	}
	if ny < least || nx-ny > 1 {
		return false
	}
	a, b := []rune(x), []rune(y)
	for len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) <= 1:
		return true
	case len(a) == 2 && len(b) == 2:
		return a[0] == b[1] && a[1] == b[0]
	}
	return false
}

// consonants counts the sounds of a word that every script writes; an h inside
// a word often goes. In scripts that leave vowels out, waw may be a vowel or a
// consonant.
func consonants(sound string, loose bool) int {
	n := 0
	for i := range len(sound) {
		if c := sound[i]; skeletonClass(c) != 0 || c == 'h' && i == 0 || c == 'u' && loose {
			n++
		}
	}
	return n
}

// cheapest is below every cost of replacing one sound by another.
const cheapest = 0.25

// ideographs compares two words of Chinese, Japanese or Korean signs: a sign is
// a syllable or more, so another sign is another name unless it is spoken the
// same.
func ideographs(x, y *Token, l link) (link, bool) {
	nx, ny := utf8.RuneCountInString(x.Native), utf8.RuneCountInString(y.Native)
	if nx != ny {
		return link{}, false
	}
	differ := 0
	rest := y.Native
	for _, r := range x.Native {
		other, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		if r != other {
			differ++
		}
	}
	if x.Text == y.Text {
		l.rel, l.cost = relSound, 0.3*float32(differ)
		return l, true
	}
	if 3*differ > nx {
		return link{}, false
	}
	l.rel, l.cost, l.rel8 = relNear, 1.5*float32(differ), float32(differ)/float32(nx)
	return l, true
}
