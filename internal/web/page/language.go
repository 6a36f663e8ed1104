// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/turnstone-project/turnstone/internal/kernel/memo"
)

// mostLanguages is of how many languages the direction and the name are
// remembered. Finding them out takes longer than much of a page.
const mostLanguages = 500

var (
	directions  = memo.Of(mostLanguages, direction)
	nativeNames = memo.Of(mostLanguages, nativeName)
)

// Direction returns "rtl" for languages that are written from right to left,
// else "ltr".
func Direction(lang string) string { return directions(lang) }

// NativeName returns the language's name in that language.
func NativeName(lang string) string { return nativeNames(lang) }

func direction(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return "ltr"
	}
	script, _ := tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm":
		return "rtl"
	}
	return "ltr"
}

func nativeName(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return lang
	}
	return display.Self.Name(tag)
}

// Negotiate returns the one of offered that suits an Accept-Language header
// best, the first when nothing does. offered must not be empty.
func Negotiate(header string, offered []string) string {
	tags := make([]language.Tag, len(offered))
	for i, o := range offered {
		tags[i] = language.Make(o)
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 {
		return offered[0]
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return offered[0]
	}
	return offered[i]
}
