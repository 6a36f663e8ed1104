// SPDX-License-Identifier: AGPL-3.0-or-later

package intelstore

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"golang.org/x/text/unicode/norm"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// stem cuts a word of a language to its stem; it is the word itself in a
// language that we know no stems of. What is left of one ending may bear
// another, so a word is cut until nothing more comes off: "godset" and "gods"
// meet at "god".
func stem(w, lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	if base == "ar" {
		return arabicStem(w)
	}
	cut := stemmer(base)
	for {
		env := snowballstem.NewEnv(w)
		cut(env)
		next := env.Current()
		if next == w || next == "" {
			return w
		}
		w = next
	}
}

// arabicStem cuts a word as the definite noun that it may be: a word without
// the article loses its first letter where that looks like a prefix of a verb,
// and would never meet the same word with it.
func arabicStem(w string) string {
	const article = "ال"
	for _, prefix := range []string{"وال", "فال", "بال", "كال", "لل"} {
		if rest, ok := strings.CutPrefix(w, prefix); ok && len([]rune(rest)) > 2 {
			w = article + rest
			break
		}
	}
	if !strings.HasPrefix(w, article) {
		w = article + w
	}
	env := snowballstem.NewEnv(w)
	arabic.Stem(env)
	return env.Current()
}

func stemmer(base string) func(*snowballstem.Env) bool {
	switch base {
	case "da":
		return danish.Stem
	case "de":
		return german.Stem
	case "en":
		return english.Stem
	case "es":
		return spanish.Stem
	case "fr":
		return french.Stem
	case "nb", "no", "nn":
		return norwegian.Stem
	case "nl":
		return dutch.Stem
	case "ru":
		return russian.Stem
	case "sv":
		return swedish.Stem
	}
	return func(*snowballstem.Env) bool { return true }
}

// maxWord bounds a word in bytes; longer ones are cut.
const maxWord = 60

// words returns the words of a text, folded: compatibility forms, lower case,
// no marks above and below letters.
func words(text string) []string {
	folded := norm.NFKD.String(strings.ToLower(text))
	var all []string
	for _, w := range strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		w = strings.Map(func(r rune) rune {
			if unicode.IsMark(r) {
				return -1
			}
			return r
		}, w)
		if len(w) > maxWord {
			w = strings.ToValidUTF8(w[:maxWord], "")
		}
		if w != "" {
			all = append(all, w)
		}
	}
	return all
}

// stems returns the stems of a text in a language, each once, sorted: what one
// finds by is the same for every form of a word.
func stems(text, lang string) []string { return memory{}.stems(text, lang) }

// memory keeps the stems of words that were cut already: most words of a
// thousand texts are the same few hundred.
type memory map[string]map[string]string

func (m memory) stems(text, lang string) []string {
	known := m.of(lang)
	var all []string
	for _, w := range words(text) {
		all = append(all, stemOnce(known, w, lang))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func stemOnce(known map[string]string, w, lang string) string {
	cut, ok := known[w]
	if !ok {
		cut = stem(w, lang)
		known[w] = cut
	}
	return cut
}

// said counts the wanted stems, each once, that a text says.
func (m memory) said(wanted []string, text, lang string) int {
	known := m.of(lang)
	var found []string
	for _, w := range words(text) {
		if s := stemOnce(known, w, lang); slices.Contains(wanted, s) && !slices.Contains(found, s) {
			if found = append(found, s); len(found) == len(wanted) {
				break
			}
		}
	}
	return len(found)
}

func (m memory) of(lang string) map[string]string {
	known := m[lang]
	if known == nil {
		known = map[string]string{}
		m[lang] = known
	}
	return known
}

// textOf is all that is searched of an item.
func textOf(it intel.Item) string {
	var b strings.Builder
	b.WriteString(it.Title)
	for _, st := range it.Statements {
		b.WriteString("\n" + st.Text)
		for _, sel := range st.Selectors {
			b.WriteString("\n" + sel.Value)
		}
	}
	return b.String()
}

// token is the word that stands for who may see a version: of a programme and
// compartment, at a desk or, approved, everywhere in the programme. It can't
// be written in a text: no word of a text is 33 letters and digits that begin
// with an underscore, because words have no underscore.
func token(programme, compartment, desk id.ID, approved bool) string {
	h := sha256.New()
	h.Write(programme[:])
	h.Write(compartment[:])
	if approved {
		h.Write([]byte("approved"))
	} else {
		h.Write(desk[:])
	}
	return "zq" + hex.EncodeToString(h.Sum(nil)[:15])
}

// document is what the index keeps of a version.
func document(it intel.Item, approved bool) string {
	all := stems(textOf(it), it.Language)
	all = slices.DeleteFunc(all, reserved)
	return strings.Join(append(all, token(it.Programme, it.Compartment, it.Desk, approved)), " ")
}

// reserved reports whether a word of a text looks like a token: nobody may
// write one into an item to be found by others.
func reserved(w string) bool { return len(w) == 32 && strings.HasPrefix(w, "zq") }

// match is the index's query for words that a scope may see; "" when there is
// nothing to look for.
func match(programme id.ID, s intel.Scope, q intel.Query) string {
	wanted := slices.DeleteFunc(stems(q.Words, q.Language), reserved)
	if len(wanted) == 0 {
		return ""
	}
	var tokens []string
	for _, c := range append([]id.ID{{}}, s.Inside...) {
		for _, d := range s.Desks {
			tokens = append(tokens, quote(token(programme, c, d, false)))
		}
		if s.All {
			tokens = append(tokens, quote(token(programme, c, id.ID{}, true)))
		}
	}
	if len(tokens) == 0 {
		return ""
	}
	for i, w := range wanted {
		wanted[i] = quote(w)
	}
	return strings.Join(wanted, " AND ") + " AND (" + strings.Join(tokens, " OR ") + ")"
}

func quote(w string) string { return `"` + strings.ReplaceAll(w, `"`, `""`) + `"` }
