// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"embed"
	"errors"
	"strings"

	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// faultFiles hold what the rooms and this package say of errors, translated. A
// test demands one for every pattern that the source has.
//
//go:embed faults/*.yaml
var faultFiles embed.FS

func loadFaults() (page.Sentences, error) { return page.LoadSentences(faultFiles, "faults") }

// sentence says err in a language; in English when nobody has translated it.
func (s *Site) sentence(lang string, err error) string {
	var many *outcome.Invalid
	if !errors.As(err, &many) || len(many.Problems) == 0 {
		return s.faults.Say(lang, err)
	}
	var all []string
	for _, p := range many.Problems {
		all = append(all, s.faults.Say(lang, p.Fault))
	}
	return strings.Join(all, " ")
}
