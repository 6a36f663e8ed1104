// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Unlike returns in what a translation is not like its English text: where its
// links lead, how many words are marked as strong, how many lines are steps.
// Either is a whole file or a part of one.
func Unlike(english, translation string) []string {
	var unlike []string
	for _, kind := range []struct {
		what string
		of   func(string) []string
	}{
		{"link to %s", func(s string) (all []string) {
			for _, m := range linkForm.FindAllStringSubmatch(s, -1) {
				all = append(all, m[2])
			}
			return all
		}},
		{"pair of %s", func(s string) []string {
			return slices.Repeat([]string{"**"}, strings.Count(s, "**")/2)
		}},
		{"step (%s)", func(s string) (all []string) {
			for _, line := range strings.Split(s, "\n") {
				if strings.HasPrefix(line, "- ") {
					all = append(all, "- ")
				} else if n := numberItem.FindString(line); n != "" {
					all = append(all, "1. ")
				}
			}
			return all
		}},
	} {
		ours, theirs := counted(kind.of(english)), counted(kind.of(translation))
		var names []string
		for name := range ours {
			names = append(names, name)
		}
		for name := range theirs {
			if ours[name] == 0 {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			if ours[name] != theirs[name] {
				unlike = append(unlike, fmt.Sprintf(kind.what+": %d in English, %d here", strings.TrimSpace(name), ours[name], theirs[name]))
			}
		}
	}
	if strings.Count(translation, "**")%2 != 0 {
		unlike = append(unlike, "a ** that nothing ends")
	}
	return unlike
}

// Traps returns what in a text could mislead whoever approves it or reads it: a
// telephone link that calls another number than it shows, and characters that
// can't be seen or that turn the order of what stands around them.
func Traps(text string) []string {
	var traps []string
	for _, m := range linkForm.FindAllStringSubmatch(text, -1) {
		number, ok := strings.CutPrefix(m[2], "tel:")
		shown := digits(m[1])
		if ok && len(shown) >= 3 && !strings.HasSuffix(digits(number), strings.TrimLeft(shown, "0")) {
			traps = append(traps, fmt.Sprintf("the words %q call %s", m[1], number))
		}
	}
	hidden := map[rune]int{}
	for _, r := range text {
		if unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' || r == '\u034f' || r == '\u115f' || r == '\u3164' { // the joiners are letters' own affair
			hidden[r]++
		}
	}
	for _, r := range slices.Sorted(maps.Keys(hidden)) {
		traps = append(traps, fmt.Sprintf("%d of U+%04X, which can't be seen", hidden[r], r))
	}
	return traps
}

// digits leaves the digits of s, those of Arabic too, as 0 to 9.
func digits(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '٠' && r <= '٩':
			b.WriteRune(r - '٠' + '0')
		case r >= '۰' && r <= '۹':
			b.WriteRune(r - '۰' + '0')
		}
	}
	return b.String()
}

func counted(all []string) map[string]int {
	n := map[string]int{}
	for _, s := range all {
		n[s]++
	}
	return n
}
