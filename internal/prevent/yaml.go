// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// maxNest is how deeply lists and maps may lie in one another: ours lie four deep.
const maxNest = 30

// readYAML reads YAML that somebody may have written to do harm: unknown names
// are faults, and so is what lies deeper than any text does, which the parser
// would take seconds for.
func readYAML(b []byte, into any) error {
	if deep(string(b)) {
		return fmt.Errorf("lists and maps lie more than %d deep in one another", maxNest)
	}
	if err := yaml.UnmarshalWithOptions(b, into, yaml.Strict()); err != nil {
		return errors.New(yaml.FormatError(err, false, false))
	}
	return nil
}

// deep reports whether brackets are open, or points begin on one line, more
// than maxNest times. Brackets in words count too, but nobody opens so many.
func deep(s string) bool {
	open := 0
	for line := range strings.Lines(s) {
		points := 0
		for rest := strings.TrimLeft(line, " \t"); strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "? "); rest = strings.TrimLeft(rest[2:], " \t") {
			if points++; points > maxNest {
				return true
			}
		}
		for _, r := range line {
			switch r {
			case '[', '{':
				if open++; open > maxNest {
					return true
				}
			case ']', '}':
				open = max(0, open-1)
			}
		}
	}
	return false
}
