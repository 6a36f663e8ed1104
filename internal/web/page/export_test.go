// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import "strings"

// Folded reports whether no text of a page's head is asked for any more.
func Folded(t *Templates, lang, name string) bool {
	tree := t.pages[lang][name].Lookup("layout").Tree.Root.String()
	return !strings.Contains(tree, `asset "turnstone.svg"`) && !strings.Contains(tree, `t "shell.title_error"`)
}
