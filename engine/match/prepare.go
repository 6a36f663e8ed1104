// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/mozillazg/go-unidecode"
)

// Prepare makes a name of an entity of the given FollowTheMoney schema ready
// for comparing. It takes any text: control characters are dropped, look-alike
// letters folded, and what exceeds MaxNameBytes or MaxTokens is left out, so
// that the time is bounded.
func Prepare(schema, name string) Name {
	n := Name{Raw: clip(name, MaxNameBytes), Sort: SortOf(schema)}
	n.Script = Latin
	for _, word := range strings.FieldsFunc(norm.NFKC.String(n.Raw), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		text := romanise(word)
		if text == "" || len(n.Tokens) == MaxTokens {
			continue
		}
		n.Tokens = append(n.Tokens, Token{Text: text, Native: strings.ToLower(word), Skeleton: skeleton(text), Weight: 1})
	}
	return n
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

func romanise(word string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(unidecode.Unidecode(word)))
}

func skeleton(text string) string {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if i > 0 && (strings.IndexByte("aeiouyhw", c) >= 0 || out[len(out)-1] == c) {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
