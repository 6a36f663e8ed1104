// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Prepare makes a name of an entity of the given FollowTheMoney schema ready
// for comparing. It takes any text: control characters are dropped, look-alike
// letters folded, and what exceeds MaxNameBytes or MaxTokens is left out, so
// that the time is bounded.
func Prepare(schema, name string) Name {
	return loaded().prepare(SortOf(schema), name)
}

func (t *tables) prepare(sort Sort, raw string) Name {
	n := Name{Raw: clip(raw, MaxNameBytes), Sort: sort}
	words := splitWords(n.Raw, sort)
	var scripts [Mixed + 1]bool
	for _, w := range words {
		scripts[w.script] = true
	}
	n.Script = combine(scripts)
	b := builder{tables: t, name: &n, words: words}
	b.run()
	b.finish()
	return n
}

func combine(seen [Mixed + 1]bool) Script {
	out := NoScript
	for s := Latin; s < Mixed; s++ {
		if !seen[s] {
			continue
		}
		if out != NoScript {
			return Mixed
		}
		out = s
	}
	return out
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

// builder makes tokens of the words of one name.
type builder struct {
	*tables
	name  *Name
	words []word
}

// maxPhrase is the longest phrase, in words, that the tables hold.
const maxPhrase = 8

func (b *builder) run() {
	for i := 0; i < len(b.words) && len(b.name.Tokens) < MaxTokens; {
		if p, n := b.phraseAt(i); n > 0 {
			b.addPhrase(i, n, p)
			i += n
			continue
		}
		b.addWord(i)
		i++
	}
	b.keepAName()
}

// keepAName takes the first of nothing but legal forms for a word: a name that
// had none would not even equal itself.
func (b *builder) keepAName() {
	for i := range b.name.Tokens {
		if !b.name.Tokens[i].Kind.Has(LegalForm) {
			return
		}
	}
	if len(b.name.Tokens) > 0 {
		tok := &b.name.Tokens[0]
		tok.Kind, tok.Class, tok.form = tok.Kind&^LegalForm, 0, 0
	}
}

// table holds the phrases of the name's sort.
func (b *builder) table() map[string]phrase {
	switch b.name.Sort {
	case Person:
		return b.person
	case Address:
		return b.address
	}
	return b.org
}

// phraseAt looks for the longest known phrase that begins at a word.
func (b *builder) phraseAt(i int) (phrase, int) {
	table := b.table()
	var key [256]byte
	buf := key[:0]
	var best phrase
	found := 0
	for n := 1; n <= maxPhrase && i+n <= len(b.words); n++ {
		if n > 1 {
			buf = append(buf, ' ')
		}
		buf = append(buf, b.words[i+n-1].native...)
		if len(buf) > 200 {
			break
		}
		if p, ok := table[string(buf)]; ok && b.applies(p, i, n) {
			best, found = p, n
		}
	}
	return best, found
}

// applies says whether a phrase means in this place what the table says.
func (b *builder) applies(p phrase, i, n int) bool {
	first, last := i == 0, i+n == len(b.words)
	switch p.kind {
	case LegalForm:
		// A short form in the middle of a name is a word like any other, and
		// a name is never its legal form alone.
		if _, numeral := roman(p.text); numeral && n == 1 {
			return false // "II" is a number, whatever form is written so somewhere
		}
		return (n > 1 || first || last || len(p.text) > 4 || b.onlyFormsAfter(i+n)) && n < len(b.words)
	case Title | Number: // "Ali II" is nobody's son, "II Ivanov" has two initials
		return last && i > 1
	case Title:
		return n < len(b.words)
	case Particle:
		if n == 1 && b.words[i].dotted && len(b.words[i].native) == 1 {
			return false // "E." is an initial
		}
		// "Trần Lê" and "Ben Smith" are names; "al Assad" begins with none.
		return !last && (!first || len(b.words) > 2 || n > 1 || !b.knownName(b.words[i].native))
	case Number:
		return n == 1 || !first
	}
	return true
}

// knownName says whether a word is known as a given or family name.
func (b *builder) knownName(native string) bool {
	use := b.tables.words[native]
	return max(use.given, use.family) >= 6
}

// onlyFormsAfter says whether nothing but legal forms, countries and words in
// brackets follow: "ABC Ltd (UK)".
func (b *builder) onlyFormsAfter(i int) bool {
	for ; i < len(b.words); i++ {
		p, ok := b.org[b.words[i].native]
		if !ok || !p.kind.Has(LegalForm|Place) {
			return false
		}
	}
	return true
}

func (b *builder) addPhrase(i, n int, p phrase) {
	w := b.words[i]
	native := w.native
	for _, next := range b.words[i+1 : i+n] {
		native += next.native
	}
	b.addKnown(native, p)
}

// addKnown adds a word that means a phrase of the tables.
func (b *builder) addKnown(native string, p phrase) {
	tok := b.token(native, scriptOf(native))
	tok.Kind |= p.kind
	tok.Class, tok.form = p.class, p.form
	if p.group != 0 {
		tok.Groups = insert(tok.Groups, p.group)
	}
	if p.kind == Number {
		b.number(&tok, p.class)
	}
	b.append(tok)
}

func insert(groups []uint32, g uint32) []uint32 {
	at, found := slices.BinarySearch(groups, g)
	if found {
		return groups
	}
	return slices.Insert(slices.Clone(groups), at, g)
}

// arabicPrefixes are "for the", "and the", "and for the", "in the", and "for",
// which are written together with the word that follows.
var arabicPrefixes = []string{"لل", "وال", "ولل", "بال", "ل", "و"}

// hebrewPrefixes are "the", "to" or "of", "in", and "and", which are written
// together with the word that follows.
var hebrewPrefixes = []string{"ה", "ל", "ב", "ו"}

// addTranslated adds a word of an organisation or place that the tables know.
// It reports whether they do.
func (b *builder) addTranslated(native string) bool {
	p, ok := b.table()[native]
	if !ok || !p.kind.Has(Common|Place|Vocabulary) || b.name.Sort == Person || utf8.RuneCountInString(native) < 2 {
		return false
	}
	b.addKnown(native, p)
	return true
}

// arabicArticle is written together with the word that it belongs to.
const arabicArticle = "ال"

func (b *builder) addWord(i int) {
	w := b.words[i]
	native, kind := w.native, Kind(0)
	if b.name.Sort == Person {
		native = leet(native)
	}
	switch w.script {
	case Han, Hangul:
		if b.name.Sort == Person {
			b.addEastAsian(native, w.script, len(b.words) == 1)
			return
		}
		b.addSpaceless(native)
		return
	case Kana:
		if b.name.Sort != Person {
			b.addSpaceless(native)
			return
		}
	case Hebrew:
		for _, prefix := range hebrewPrefixes {
			if rest, ok := strings.CutPrefix(native, prefix); ok && b.addTranslated(rest) {
				return
			}
		}
	case Arabic:
		for _, prefix := range arabicPrefixes {
			if rest, ok := strings.CutPrefix(native, prefix); ok && b.addTranslated(rest) {
				return
			}
		}
		if rest, ok := strings.CutPrefix(native, arabicArticle); ok && utf8.RuneCountInString(rest) > 2 {
			article := b.token(arabicArticle, Arabic)
			article.Text, article.Skeleton, article.sound = "al", "l", "al"
			article.listen()
			article.Kind |= Particle
			b.append(article)
			if b.addTranslated(rest) {
				return // "the bakery" is a bakery
			}
			native, kind = rest, Articled
		}
	}
	if b.name.Sort == Address {
		native = shortStreet(native)
	}
	tok := b.token(native, w.script)
	if b.initials(&tok, w.script) {
		for i := range native {
			letter := b.token(native[i:i+1], w.script)
			letter.Kind |= Initial
			b.append(letter)
		}
		return
	}
	tok.Kind |= kind
	if value, ok := numberOf(native, b.name.Sort, i, len(b.words)); ok {
		b.number(&tok, value)
	} else if b.name.Sort == Person && len(tok.Text) == 1 {
		tok.Kind |= Initial
	}
	if b.name.Sort != Person && b.stop[native] {
		tok.Kind |= Stop
	}
	if w.beforeSign && i == b.firstSign() && b.name.Sort == Person {
		tok.Kind |= Family
	}
	b.append(tok)
}

// shortStreet is the name of a street as it is often abbreviated, where it is one
// word with what it is a name of: "Hauptstraße" is "Hauptstr.", "Kerkstraat" too.
func shortStreet(native string) string {
	for _, street := range []string{"straße", "strasse", "straat"} {
		if name, ok := strings.CutSuffix(native, street); ok && name != "" {
			return name + "str"
		}
	}
	return native
}

// initials reports whether a word is the first letters of a person's names written
// together, as in "TS Eliot": two or three that nobody can speak, and no known
// family name, title or abbreviation.
func (b *builder) initials(t *Token, script Script) bool {
	return b.name.Sort == Person && script == Latin && len(b.words) > 1 && len(t.Native) > 1 && len(t.Native) <= 3 && isLetters(t.Native) &&
		isCode(t.Text) && (len(t.Native) == 2 || len(t.Groups) == 0) && !t.Kind.Has(Particle|Title) && b.tables.words[t.Native].family < leastKnown
}

// isLetters reports whether a text is of the letters a to z.
func isLetters(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

// firstSign is the first word that a comma follows.
func (b *builder) firstSign() int {
	return slices.IndexFunc(b.words, func(w word) bool { return w.beforeSign })
}

// addEastAsian cuts a Chinese or Korean name that is written without spaces
// into family and given name.
func (b *builder) addEastAsian(native string, script Script, alone bool) {
	runes := []rune(native)
	cut := 0
	if alone {
		cut = b.familySigns(runes, script)
	}
	if cut > 0 {
		family := b.token(string(runes[:cut]), script)
		family.Kind |= Family
		b.append(family)
	}
	given := b.token(string(runes[cut:]), script)
	if cut > 0 {
		given.Kind |= Given
	}
	b.append(given)
}

// familySigns returns of how many signs the family name is that a name of a
// person begins with, 0 if it is none that can be told.
func (b *builder) familySigns(name []rune, script Script) int {
	const longestGiven = 4
	n := len(name)
	known := func(signs int) bool {
		return n > signs && n <= signs+longestGiven && b.han[string(name[:signs])]
	}
	switch {
	case known(3):
		return 3
	case known(2):
		return 2
	case n == 4 && script == Han:
		return 2 // Japanese: two and two is the most common
	case n >= 2 && n <= 4:
		return 1
	}
	return 0
}

// addSpaceless cuts a name that is written without spaces into words: the
// longest that the tables know, and what stands between them.
func (b *builder) addSpaceless(native string) {
	rest := 0 // where what no table knows begins
	for i := 0; i < len(native); {
		p, size := b.longestSpaceless(native[i:])
		if size == 0 || size == len(native) {
			_, size = utf8.DecodeRuneInString(native[i:])
			i += size
			continue
		}
		if rest < i {
			b.append(b.token(native[rest:i], scriptOf(native[rest:i])))
		}
		b.addKnown(native[i:i+size], p)
		i += size
		rest = i
	}
	if rest < len(native) {
		b.append(b.token(native[rest:], scriptOf(native[rest:])))
	}
}

// longestSpaceless finds the longest word of at least two signs that a text
// begins with and the tables know.
func (b *builder) longestSpaceless(text string) (found phrase, size int) {
	const longest = 8
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if value, ok := numberOf(text[:digits], b.name.Sort, 0, 0); ok {
		return phrase{kind: Number, class: value}, digits
	}
	end := 0
	for n := 1; n <= longest && end < len(text); n++ {
		_, step := utf8.DecodeRuneInString(text[end:])
		end += step
		if n < 2 {
			continue
		}
		if p, ok := b.table()[text[:end]]; ok && p.kind.Has(LegalForm|Common|Place|Vocabulary|Number) {
			found, size = p, end
		}
	}
	return found, size
}

// token makes a token of a folded word.
func (b *builder) token(native string, script Script) Token {
	tok := Token{Native: native, Text: b.latin(native, script)}
	tok.loose = script == Arabic || script == Hebrew
	tok.sound = b.sound(tok.Text)
	if len(tok.sound) > maxSound {
		tok.sound = tok.sound[:maxSound]
	}
	tok.Skeleton = skeletonOf(tok.sound)
	tok.listen()
	key := tok.sound
	if script == Han || script == Kana || script == Hangul {
		key = native
	} else if tok.loose {
		key = "~" + tok.sound
	}
	if b.name.Sort != Person && b.vocabulary[native] {
		tok.Kind |= Vocabulary
	}
	if b.name.Sort == Person || b.name.Sort == Organisation {
		if len(tok.Text) > 1 || script != Latin {
			tok.Groups = b.groups.find(key)
		}
	}
	return tok
}

func (b *builder) append(tok Token) {
	if tok.Text == "" || len(b.name.Tokens) == MaxTokens {
		return
	}
	tok.Weight = b.weight(&tok)
	b.name.Tokens = append(b.name.Tokens, tok)
}

func (b *builder) number(tok *Token, value uint32) {
	tok.Kind |= Number
	tok.Class = value
}

// listen notes what comparing asks of a word's sounds over and over.
func (t *Token) listen() {
	t.mask, t.strong = maskOf(t.sound), int8(consonants(t.sound, t.loose))
}

func maskOf(sound string) uint64 {
	m := uint64(0)
	for i := range len(sound) {
		m |= 1 << (sound[i] & 63)
	}
	return m
}
