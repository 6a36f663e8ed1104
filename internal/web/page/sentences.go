// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Sentences are the sentences of faults in other languages than Base, in which
// they are written where they arise: by language, then by the pattern in Base. A
// translation has the verbs of its pattern in the same order, or with indexes
// (%[2]s). It is not changed after it was loaded.
type Sentences map[string]map[string]string

// LoadSentences reads `<tag>.yaml` for each language in the folder dir: a map from
// pattern to translation.
func LoadSentences(files fs.FS, dir string) (Sentences, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list the sentences of faults: %w", err)
	}
	all := Sentences{}
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the sentences of faults: %w", err)
		}
		said := map[string]string{}
		if err := yaml.UnmarshalWithOptions(b, &said, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[strings.TrimSuffix(path.Base(name), ".yaml")] = said
	}
	return all, nil
}

// Say says err in a language; in Base when nobody has translated it. An argument
// of the sentence that is an error, or a name with an In(lang) of its own, is
// said in that language too.
func (s Sentences) Say(lang string, err error) string {
	pattern, args := fault.PatternOf(err)
	said, ok := s[lang][pattern]
	if !ok {
		return fault.PublicOf(err)
	}
	if args == nil {
		return said
	}
	args = slices.Clone(args)
	for i, arg := range args {
		switch a := arg.(type) {
		case error:
			args[i] = s.Say(lang, a)
		case interface{ In(lang string) string }:
			args[i] = a.In(lang)
		}
	}
	return fmt.Sprintf(said, args...)
}
