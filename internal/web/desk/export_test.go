// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import "github.com/turnstone-project/turnstone/internal/web/page"

// Sentence says err as the site would to a visitor with a language.
func Sentence(s *Site, lang string, err error) string { return s.sentence(lang, err) }

// Faults are the sentences that are built in, by language and English pattern.
func Faults() (page.Sentences, error) { return loadFaults() }
