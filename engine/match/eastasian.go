// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
)

// eastAsian is what the tables know of how East Asian names are romanised.
type eastAsian struct {
	mandarin  map[string]string // syllables in pinyin, to the sound of them in Wade–Giles
	cantonese map[rune]string   // signs, to the sound of them as Hong Kong writes them
	families  map[string]bool   // Chinese family names in pinyin
	longest   int               // letters of the longest syllable
}

// Readings of a word in other romanisations stand among its groups, as a part of
// the hash of their sound.
const readingGroup = spellingGroup | 1<<26

func readingOf(sound []byte) uint32 { return readingGroup | uint32(hashOf(sound)>>38) }

func isReading(group uint32) bool { return group >= readingGroup && group < orgGroup }

func (t *tables) loadEastAsian() error {
	e := &t.eastAsian
	*e = eastAsian{mandarin: map[string]string{}, cantonese: map[rune]string{}, families: map[string]bool{}}
	err := each("mandarin.csv", 2, func(row []string) error {
		e.mandarin[strings.Clone(row[0])] = t.sound(row[1])
		e.longest = max(e.longest, len(row[0]))
		return nil
	})
	if err != nil {
		return err
	}
	err = each("readings_han.csv", 2, func(row []string) error {
		for _, sign := range row[0] {
			e.cantonese[sign] = t.sound(row[1])
		}
		return nil
	})
	if err != nil {
		return err
	}
	return each("surnames_spellings.csv", 2, func(row []string) error {
		if sign, _ := utf8.DecodeRuneInString(row[0]); scriptOf(string(sign)) == Han {
			first, _, _ := strings.Cut(row[1], " ")
			e.families[strings.Clone(first)] = true
		}
		return nil
	})
}

// read adds to the words of a person's name what they would be in other
// romanisations: Chinese signs in Wade–Giles and as Hong Kong writes them,
// pinyin in Wade–Giles, and other spellings of Japanese in Hepburn's.
func (b *builder) read() {
	toks := b.name.Tokens
	chinese, japanese := b.inPinyin(toks), inMorae(toks)
	for i := range toks {
		tok := &toks[i]
		switch {
		case scriptOf(tok.Native) == Han:
			b.addReading(tok, b.cantonese(tok.Native))
			b.addReading(tok, b.wadeGiles(unidecode.Unidecode(tok.Native)))
		case chinese:
			tok.Kind |= Syllabic
			b.addReading(tok, b.wadeGiles(b.syllables(tok.Text)))
		case japanese:
			if h := hepburn(tok.Text); h != tok.Text {
				b.addReading(tok, []byte(b.sound(h)))
			}
		}
	}
}

func (b *builder) addReading(tok *Token, sound []byte) {
	if len(sound) > 1 && string(sound) != tok.sound {
		tok.Groups = insert(tok.Groups, readingOf(sound))
	}
}

// inPinyin reports whether all words of a name are in pinyin and the first or
// the last is a family name.
func (b *builder) inPinyin(toks []Token) bool {
	if len(toks) < 2 || len(toks) > 4 || !b.eastAsian.families[toks[0].Text] && !b.eastAsian.families[toks[len(toks)-1].Text] {
		return false
	}
	for i := range toks {
		if toks[i].Text != toks[i].Native || b.syllables(toks[i].Text) == "" {
			return false
		}
	}
	return true
}

// maxPinyin is the longest word, in letters, that may be in pinyin.
const maxPinyin = 30

// syllables cuts a word in pinyin into syllables with spaces between them, the
// first ones as long as the rest allows; it is empty for any other word. It takes
// O(n) steps: what each place can begin with is found from the end.
func (t *tables) syllables(word string) string {
	if len(word) > maxPinyin {
		return ""
	}
	var length [maxPinyin + 1]int // of the syllable with which a word in pinyin begins at a place, 0 for none
	for i := len(word) - 1; i >= 0; i-- {
		for n := min(t.eastAsian.longest, len(word)-i); n > 0 && length[i] == 0; n-- {
			if _, known := t.eastAsian.mandarin[word[i:i+n]]; known && (i+n == len(word) || length[i+n] > 0) {
				length[i] = n
			}
		}
	}
	if length[0] == 0 {
		return ""
	}
	out := make([]byte, 0, 2*len(word))
	for i := 0; i < len(word); i += length[i] {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, word[i:i+length[i]]...)
	}
	return string(out)
}

// wadeGiles is the sound of syllables in pinyin as Wade and Giles write them, or
// nil when one is none.
func (t *tables) wadeGiles(pinyin string) []byte {
	var out []byte
	for syllable := range strings.FieldsSeq(pinyin) {
		sound, ok := t.eastAsian.mandarin[strings.ToLower(syllable)]
		if !ok {
			return nil
		}
		out = append(out, sound...)
	}
	return dedouble(out)
}

// cantonese is the sound of signs as Hong Kong writes them, or nil when the
// tables lack one.
func (t *tables) cantonese(native string) []byte {
	var out []byte
	for _, r := range native {
		sound, ok := t.eastAsian.cantonese[r]
		if !ok {
			return nil
		}
		out = append(out, sound...)
	}
	return dedouble(out)
}

// toHepburn writes kunrei and nihon spellings, nasals and long vowels of
// Japanese as Hepburn does; the longest come first.
var toHepburn = strings.NewReplacer(
	"shy", "sh", "chy", "ch", "jy", "j", "sya", "sha", "syu", "shu", "syo", "sho", "tya", "cha", "tyu", "chu", "tyo", "cho", "zya", "ja", "zyu", "ju", "zyo", "jo",
	"shi", "shi", "chi", "chi", "tsu", "tsu", "dzu", "zu", "si", "shi", "ti", "chi", "tu", "tsu", "zi", "ji", "di", "ji", "du", "zu",
	"sh", "sh", "ch", "ch", "hu", "fu", "mb", "nb", "mp", "np", "mm", "nm",
	"oh", "o", "ou", "o", "oo", "o", "uu", "u",
)

func hepburn(word string) string {
	// The h of "ohi" begins a syllable; that of "ohn" and a last one mark a long vowel.
	for i := len(word) - 1; i > 0; i-- {
		if word[i] == 'h' && word[i-1] == 'o' && (i+1 == len(word) || !isVowel(word[i+1]) && word[i+1] != 'y') {
			word = word[:i] + word[i+1:]
		}
	}
	return toHepburn.Replace(word)
}

// inMorae reports whether all words of a name can be Japanese: consonants each
// with a vowel, but for n and doubled ones.
func inMorae(toks []Token) bool {
	for i := range toks {
		if toks[i].Text != toks[i].Native || len(toks[i].Text) < 2 || !morae(toks[i].Text) {
			return false
		}
	}
	return len(toks) > 1
}

// moraStarts are what a Japanese syllable may begin with, in all romanisations.
var moraStarts = []string{
	"", "k", "ky", "g", "gy", "s", "sh", "sy", "z", "zy", "j", "jy", "t", "ts", "ch", "cy", "ty", "d", "dz", "dy", "n", "ny", "h", "hy", "f", "b", "by", "p", "py", "m", "my", "y", "r", "ry", "w",
}

func morae(word string) bool {
	for start := 0; start < len(word); {
		i := start
		for i < len(word) && !isVowel(word[i]) {
			i++
		}
		begin := word[start:i]
		if len(begin) > 1 && (begin[0] == 'n' || begin[0] == 'm' && strings.ContainsRune("bpm", rune(begin[1])) || begin[0] == 'h' && start > 0) && !slices.Contains(moraStarts, begin) {
			begin = begin[1:] // a nasal, or the h of a long vowel
		}
		if len(begin) > 1 && begin[0] == begin[1] {
			begin = begin[1:]
		}
		switch {
		case i == len(word):
			return begin == "n" || begin == "h" && start > 0
		case !slices.Contains(moraStarts, begin):
			return false
		}
		start = i + 1
	}
	return true
}

// readAs reports whether a word may be read as another sounds, or both as a
// third. Two words of signs tell more by their signs, and two in pinyin by their
// spelling.
func readAs(x, y *Token) bool {
	rx, ry := readings(x.Groups), readings(y.Groups)
	if len(rx) == 0 && len(ry) == 0 || isIdeograph(x.Native) && isIdeograph(y.Native) {
		return false
	}
	if sounds(rx, y) || sounds(ry, x) {
		return true
	}
	if x.Kind.Has(Syllabic) && y.Kind.Has(Syllabic) || isIdeograph(x.Native) || isIdeograph(y.Native) {
		return false
	}
	for _, g := range rx {
		if slices.Contains(ry, g) {
			return true
		}
	}
	return false
}

func sounds(readings []uint32, t *Token) bool {
	var buf [maxSound]byte
	return len(readings) > 0 && len(t.sound) <= maxSound && slices.Contains(readings, readingOf(append(buf[:0], t.sound...)))
}

// readings are those of sorted groups that are readings.
func readings(groups []uint32) []uint32 {
	from := len(groups)
	for from > 0 && groups[from-1] >= readingGroup {
		from--
	}
	to := from
	for to < len(groups) && isReading(groups[to]) {
		to++
	}
	return groups[from:to]
}

// otherSyllable reports whether two words in pinyin are not the same: another
// syllable is another name, be it spelled ever so alike. Only of our own
// spellings, those of family names among them, one may be in another system.
func otherSyllable(x, y *Token) bool {
	if !x.Kind.Has(Syllabic) || !y.Kind.Has(Syllabic) || x.sound == y.sound {
		return false
	}
	for _, g := range x.Groups {
		if g >= spellingGroup && !isReading(g) && slices.Contains(y.Groups, g) {
			return false
		}
	}
	return true
}
