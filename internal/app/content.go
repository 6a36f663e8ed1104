// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

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
	var own fs.FS
	if dir := i.Config.Portal.Content; dir != "" {
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			return nil, fmt.Errorf("portal.content = %q: it is no folder that can be read", dir)
		}
		own = os.DirFS(dir)
	}
	content, err := prevent.Load(own, languages)
	if err != nil {
		return nil, fmt.Errorf("read the pages about crime: %w", err)
	}
	return content, nil
}
