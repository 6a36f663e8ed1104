// SPDX-License-Identifier: AGPL-3.0-or-later

package leak

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// nearby is how many bytes may lie between two words of one rule.
const nearby = 4

// rules marks every sequence of words that a rule names.
func (c *check) rules() {
	for i := range c.words {
		for _, r := range c.t.first[c.words[i].folded] {
			c.try(c.t.rules[r], i)
		}
		for _, r := range c.t.open {
			c.try(c.t.rules[r], i)
		}
	}
}

func (c *check) try(r rule, i int) {
	if !slices.Contains(c.langs, r.lang) || i+len(r.parts) > len(c.words) {
		return
	}
	neutral := true
	for k, p := range r.parts {
		w := c.words[i+k]
		if k > 0 && w.gap > nearby || !c.fits(p, w, r.lang) {
			return
		}
		neutral = neutral && c.neutral[i+k]
	}
	if neutral || r.kind == FirstPerson && c.notMe(i) {
		return
	}
	c.mark(r.kind, r.reason, r.severity, i, i+len(r.parts))
}

func (c *check) fits(p part, w word, lang string) bool {
	switch p.what {
	case '#':
		return w.digits && len(w.folded) <= 4
	case '@':
		return c.t.has(lang, p.text, w.folded)
	case '*':
		return !w.digits
	case '~':
		return len(w.folded) > len(p.text)+2 && strings.HasSuffix(w.folded, p.text)
	}
	return w.folded == p.text
}

// notMe knows the words of the first person that are others too: "10 min",
// "the US", "a coal mine", "World War I".
func (c *check) notMe(i int) bool {
	w := c.words[i]
	switch w.folded {
	case "min":
		return i > 0 && c.words[i-1].digits
	case "us":
		return w.shown == "US"
	case "mine":
		return i > 0 && slices.Contains([]string{"a", "the", "coal", "gold", "land", "en", "of"}, c.words[i-1].folded)
	case "i":
		next := ""
		if i+1 < len(c.words) {
			next = c.words[i+1].folded
		}
		return w.shown != "I" || i > 0 && slices.Contains([]string{"war", "world", "part", "type", "class"}, c.words[i-1].folded) && next != "saw"
	case "os", "vi":
		return w.shown == strings.ToUpper(w.shown)
	}
	return false
}

// times marks clock times and dates written in digits.
func (c *check) times() {
	for i := range c.words {
		w := c.words[i]
		if !w.digits || len(w.folded) > 4 || c.neutral[i] {
			continue
		}
		if n := c.dateAt(i); n > 0 {
			c.mark(Exact, "exact.date", Medium, i, i+n)
			continue
		}
		if c.clockAt(i) {
			c.mark(Exact, "exact.time", Medium, i, i+2)
		}
	}
}

// between returns what stands between word i and the next.
func (c *check) between(i int) string {
	if i+1 >= len(c.words) {
		return ""
	}
	return c.text[c.words[i].end:c.words[i+1].start]
}

// dateAt returns how many words a date in digits takes: 24.12.2025, 24/12,
// 2025-12-24.
func (c *check) dateAt(i int) int {
	sep := c.between(i)
	if sep != "." && sep != "/" && sep != "-" || !c.words[i+1].digits || i > 0 && c.between(i-1) == sep {
		return 0
	}
	three := i+2 < len(c.words) && c.between(i+1) == sep && c.words[i+2].digits
	a, b := number(c.words[i].folded), number(c.words[i+1].folded)
	if three {
		d := number(c.words[i+2].folded)
		dayFirst := a >= 1 && a <= 31 && b >= 1 && b <= 31 && (a <= 12 || b <= 12) && (d >= 1900 && d <= 2100 || len(c.words[i+2].folded) == 2 && sep != ".")
		yearFirst := a >= 1900 && a <= 2100 && b >= 1 && b <= 12 && d >= 1 && d <= 31
		if dayFirst || yearFirst {
			return 3
		}
		return 0
	}
	if sep == "/" && a >= 1 && a <= 31 && b >= 1 && b <= 12 && len(c.words[i].folded) <= 2 && (a != 1 || b > 4) {
		return 2
	}
	return 0
}

// clockAt reports whether 18:30, or 18.30 after a word that says so, starts
// at i.
func (c *check) clockAt(i int) bool {
	sep := c.between(i)
	if sep != ":" && sep != "." || !c.words[i+1].digits || len(c.words[i].folded) > 2 || len(c.words[i+1].folded) != 2 {
		return false
	}
	if number(c.words[i].folded) > 23 || number(c.words[i+1].folded) > 59 {
		return false
	}
	if sep == ":" {
		return true
	}
	for _, l := range c.langs {
		if i > 0 && c.t.has(l, "at", c.words[i-1].folded) || i+2 < len(c.words) && c.t.has(l, "clock", c.words[i+2].folded) {
			return true
		}
	}
	return false
}

func number(digits string) int {
	n := 0
	for i := range min(len(digits), 9) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// ownSide marks in the item the people and places that the raw texts call the
// writer's own: after "my cousin", "cousin" points to the source.
func (c *check) ownSide(raw []Text) {
	mine := map[string]bool{}
	for _, t := range bounded(raw) {
		langs := languages(t.Language)
		words := split(t.Body)
		for i, w := range words {
			for _, l := range langs {
				if l == "ar" {
					if own := ownArabic(c.t, w.folded); own != "" {
						mine[own] = true
					}
				}
				if !c.t.mine[l][w.folded] || i+1 >= len(words) || words[i+1].gap > 2 {
					continue
				}
				for k := i + 1; k <= i+2 && k < len(words); k++ { // my own cousin, my older brother
					if c.t.has(l, "kin", words[k].folded) || c.t.has(l, "work", words[k].folded) {
						mine[words[k].folded] = true
					}
				}
			}
		}
	}
	if len(mine) == 0 {
		return
	}
	for i, w := range c.words {
		if mine[singular(w.folded)] || mine[w.folded] || mine[bareArabic(w.folded)] {
			c.mark(OwnSide, "own.named", High, i, i+1)
		}
	}
}

// singular takes the s of a genitive or a plural away.
func singular(w string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(w, "s"), "'"), "'s")
}

// ownArabic returns the noun in "my cousin", which Arabic writes in one word.
func ownArabic(t *table, w string) string {
	noun, ok := strings.CutSuffix(w, "ي")
	if !ok || utf8.RuneCountInString(noun) < 2 {
		return ""
	}
	noun = bareArabic(noun)
	for _, n := range []string{noun, strings.TrimSuffix(noun, "ت") + "ه"} { // صديقتي is of صديقة
		if t.has("ar", "kin", n) || t.has("ar", "work", n) {
			return n
		}
	}
	return ""
}

// bareArabic takes the article and the joined particles before it away.
func bareArabic(w string) string {
	for _, p := range []string{"وال", "بال", "لل", "ال", "و"} {
		if rest, ok := strings.CutPrefix(w, p); ok && utf8.RuneCountInString(rest) >= 3 {
			return rest
		}
	}
	return w
}

// bounded cuts the raw texts to what is compared.
func bounded(raw []Text) []Text {
	left := maxRaw
	out := make([]Text, 0, len(raw))
	for _, t := range raw {
		if len(t.Body) > left {
			t.Body = t.Body[:left]
		}
		left -= len(t.Body)
		out = append(out, t)
	}
	return out
}
