// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"fmt"
	"slices"
	"strings"
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

func counted(all []string) map[string]int {
	n := map[string]int{}
	for _, s := range all {
		n[s]++
	}
	return n
}
