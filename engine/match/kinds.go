// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// weight says how much a word tells apart, and marks the kinds that the word
// itself shows.
func (b *builder) weight(tok *Token) float32 {
	switch {
	case tok.Kind.Has(Title):
		return 0.02
	case tok.Kind.Has(LegalForm):
		return 0.05
	case tok.Kind.Has(Stop):
		return 0.1
	case tok.Kind.Has(Particle):
		return 0.12
	case tok.Kind.Has(Initial):
		return 0.25
	case tok.Kind.Has(Number):
		return 0.9
	case b.name.Sort == Address && tok.Kind.Has(Common|Place):
		return 0.2
	case tok.Kind.Has(Common):
		return 0.45
	case tok.Kind.Has(Place):
		return 0.6
	}
	if b.name.Sort != Person && b.name.Sort != Organisation {
		return lengthWeight(tok)
	}
	use, known := b.tables.words[tok.Native]
	if !known {
		use = b.tables.words[tok.Text]
	}
	if b.name.Sort == Organisation {
		if max(use.given, use.family) >= 7 { // a name of one in eight thousand
			tok.Kind |= Vocabulary
		}
		return lengthWeight(tok)
	}
	tok.Kind |= use.gender
	if use.given >= leastKnown {
		tok.Kind |= Given
	}
	if use.family >= leastKnown {
		tok.Kind |= Family
	}
	common := max(use.given, use.family) // 15 is Mary and Wang, 4 one in 60,000
	return lengthWeight(tok) * (1.15 - 0.03*max(0, common-4))
}

// leastKnown is from how frequent on a word is known as a name: one in 60,000.
const leastKnown = 4

// lengthWeight is less for words of one or two letters.
func lengthWeight(tok *Token) float32 {
	n := utf8.RuneCountInString(tok.Native)
	if isIdeograph(tok.Native) {
		return 1
	}
	switch n {
	case 1:
		return 0.3
	case 2:
		return 0.7
	case 3:
		return 0.9
	}
	return 1
}

// finish looks at the words together: patronymics, names that are nothing but
// words of little weight.
func (b *builder) finish() {
	toks := joinNumbers(b.name.Tokens)
	b.name.Tokens = toks
	switch b.name.Sort {
	case Person:
		b.read()
		markPatronymics(toks)
		b.markEpithets(toks)
	case Organisation:
		toks = dropAcronym(toks)
		b.name.Tokens = toks
	}
	heaviest := float32(0)
	for i := range toks {
		heaviest = max(heaviest, toks[i].Weight)
	}
	if heaviest < 0.4 { // "The Company": then these words are the name
		for i := range toks {
			toks[i].Weight = max(toks[i].Weight, 0.4)
			toks[i].Kind &^= Stop | Title | Particle
		}
	}
}

// markEpithets takes weight off words that people put before or after a
// nickname: "Big Dave", "Paco el gordo". Such words are family names too, so
// only the place counts: before a given name, or at the end after an article.
// Most Arabic family names have the article: there it has to be a nickname
// that goes before, or a letter for the family name that follows.
func (b *builder) markEpithets(toks []Token) {
	words := 0
	for i := range toks {
		if !toks[i].Kind.Has(Particle) {
			words++
		}
	}
	if len(toks) < 2 || words > 4 {
		return
	}
	first, second := &toks[0], &toks[1]
	if b.epithets[first.Native] && !first.Kind.Has(Given) && (second.Kind.Has(Given) || isNickname(second)) {
		first.Weight, first.Kind = epithetWeight, first.Kind|Title
	}
	for i := 1; i < len(toks); i++ {
		known := b.epithets[toks[i].Native]
		if toks[i].Kind.Has(Articled) {
			known = b.epithets[arabicArticle+toks[i].Native] &&
				(i > 1 && isNickname(&toks[i-2]) && !toks[i-2].Kind.Has(Given) || i+1 < len(toks) && toks[i+1].Kind.Has(Initial))
		}
		if known && toks[i-1].Kind.Has(Particle) {
			toks[i].Weight, toks[i].Kind = epithetWeight, toks[i].Kind|Title
		}
	}
}

// dropAcronym leaves out letters that stand for all the other words and say
// nothing more: "(IFHW)" after the whole name.
func dropAcronym(toks []Token) []Token {
	last := len(toks) - 1
	if last < 3 || last >= MaxTokens {
		return toks
	}
	var words [MaxTokens]*Token
	for i := range toks {
		words[i] = &toks[i]
	}
	if a := toks[last].Text; len(a) >= 3 {
		if n, _ := spells(a, words[:last], 0); n == last {
			return toks[:last]
		}
	}
	if a := toks[0].Text; len(a) >= 3 {
		if n, _ := spells(a, words[1:last+1], 0); n == last {
			return toks[1:]
		}
	}
	return toks
}

// epithetWeight is just below that of words that count as names.
const epithetWeight = 0.25

func isNickname(tok *Token) bool {
	return len(tok.Groups) > 0 && tok.Groups[len(tok.Groups)-1] >= nickGroup
}

// joinNumbers makes one number of tens and units that are written apart:
// "forty four", "forty 4".
func joinNumbers(toks []Token) []Token {
	out := toks[:0]
	for _, tok := range toks {
		if len(out) > 0 && tok.Kind.Has(Number) && tok.Class > 0 && tok.Class < 10 {
			last := &out[len(out)-1]
			if last.Kind.Has(Number) && last.Class >= 20 && last.Class < 100 && last.Class%10 == 0 && !isDigits(last.Native) {
				last.Class += tok.Class
				last.Native += " " + tok.Native
				last.Text += tok.Text
				continue
			}
		}
		out = append(out, tok)
	}
	return out
}

// markPatronymics marks the word after bin and its like, and the Slavic forms
// of fathers' names when they stand after a given name.
func markPatronymics(toks []Token) {
	for i := 1; i < len(toks); i++ {
		before := &toks[i-1]
		if before.Kind.Has(Particle) && (before.Text == "bin" || before.Text == "ibn" || before.Text == "ben" || before.Text == "bint" || before.Text == "ould" || before.Text == "bn" || before.Text == "abn") {
			toks[i].Kind |= Patronymic
		}
		if len(toks) > 2 && slavicPatronymic(toks[i].Text) {
			toks[i].Kind |= Patronymic
			toks[i].Weight = min(toks[i].Weight, 0.7)
		}
	}
}

func slavicPatronymic(text string) bool {
	if len(text) < 6 {
		return false
	}
	for _, ending := range []string{"ovich", "evich", "ovych", "evych", "ovna", "evna", "ivna", "yovych", "ovic", "evic", "owitsch", "ewitsch", "avich", "ichna", "ovitch", "evitch"} {
		if strings.HasSuffix(text, ending) {
			return true
		}
	}
	return false
}

// numberOf reads digits and, in names of organisations and ships, Roman
// numerals after the first word.
func numberOf(native string, sort Sort, at, of int) (uint32, bool) {
	if isDigits(native) {
		var digits strings.Builder
		for _, r := range native {
			digits.WriteByte(byte('0' + digitValue(r)))
		}
		value, err := strconv.ParseUint(digits.String(), 10, 31)
		if err != nil {
			return 1 << 31, true // too long to count: compared by its text
		}
		return uint32(value), true
	}
	if sort == Person {
		return 0, false
	}
	if value, ok := ordinal(native); ok {
		return value, true
	}
	if at == 0 || len(native) > 7 {
		return 0, false
	}
	return roman(native)
}

// ordinal reads digits with the ending of an ordinal: "1st", "3e", "5-я" is cut
// at the hyphen before.
func ordinal(native string) (uint32, bool) {
	n := 0
	for n < len(native) && native[n] >= '0' && native[n] <= '9' {
		n++
	}
	if n == 0 || n > 6 {
		return 0, false
	}
	switch native[n:] {
	case "st", "nd", "rd", "th", "er", "ème", "eme", "ª", "º", "й", "я", "е", "го", "ая", "ый", "ой":
		value, err := strconv.ParseUint(native[:n], 10, 31)
		return uint32(value), err == nil
	}
	return 0, false
}

// digitValue is the value of a decimal digit of any script: Unicode keeps each
// ten of them together, from zero.
func digitValue(r rune) int {
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return int(r - zero)
}

// roman reads a Roman numeral up to 89; single letters only when they are I, V
// or X.
func roman(s string) (uint32, bool) {
	if len(s) == 1 && strings.IndexByte("ivx", s[0]) < 0 {
		return 0, false
	}
	value, last := 0, 100
	for i := range len(s) {
		var v int
		switch s[i] {
		case 'i':
			v = 1
		case 'v':
			v = 5
		case 'x':
			v = 10
		case 'l':
			v = 50
		default:
			return 0, false
		}
		if v > last {
			value += v - 2*last
		} else {
			value += v
		}
		last = v
	}
	if numeral(value) != s {
		return 0, false
	}
	return uint32(value), true
}

func numeral(v int) string {
	var out strings.Builder
	for _, step := range []struct {
		value int
		sign  string
	}{{50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}} {
		for v >= step.value {
			out.WriteString(step.sign)
			v -= step.value
		}
	}
	return out.String()
}
