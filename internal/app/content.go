// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// content returns what the public learns: the operator's pages, and those
// that come with the binary where the operator has none.
func (i *Installation) content() (*prevent.Content, error) {
	var languages []string
	for _, p := range i.Programmes.All() {
		for _, l := range p.Languages {
			if !slices.Contains(languages, l) {
				languages = append(languages, l)
			}
		}
	}
	own, err := ownContent(i.Config.Portal.Content)
	if err != nil {
		return nil, fmt.Errorf("portal.content: %w", err)
	}
	content, err := prevent.Load(own, languages)
	if err != nil {
		return nil, fmt.Errorf("read the pages about crime: %w", err)
	}
	return content, nil
}

// ownContent opens the operator's folder, if there is one.
func ownContent(dir string) (fs.FS, error) {
	if dir == "" {
		return nil, nil
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%q is no folder that can be read", dir)
	}
	return os.DirFS(dir), nil
}

// ContentReport is what an editor has to do.
type ContentReport struct {
	Texts                    int // in English
	Missing, Outdated, Stale []string
}

// CheckContent reads what the public learns, with a folder of one's own in its
// place (empty: none), and says what is missing in languages, behind its
// English text, or due for review today.
func CheckContent(dir string, languages []string) (ContentReport, error) {
	own, err := ownContent(dir)
	if err != nil {
		return ContentReport{}, err
	}
	c, err := prevent.Load(own, languages)
	if err != nil {
		return ContentReport{}, fmt.Errorf("read the content: %w", err)
	}
	return ContentReport{
		Texts: len(c.Crimes) + len(c.Cards) + len(c.Quizzes), Missing: c.Missing, Outdated: c.Outdated, Stale: c.Stale(clock.System{}.Now()),
	}, nil
}
