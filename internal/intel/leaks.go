// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"slices"

	"github.com/turnstone-project/turnstone/internal/intel/leak"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Leak is a mark of the leak check in one of an item's texts.
type Leak struct {
	Statement int // from 1; 0 is the title
	leak.Mark
}

// Leaks looks in an item for what could give its source away, as far as can be
// said without the raw text, which never comes to this side of the wall: what
// was copied is found only beside the report, in the reviewer's browser.
func Leaks(it Item) []Leak {
	var all []Leak
	look := func(n int, text string, known leak.Context) {
		for _, m := range leak.Check(nil, leak.Text{Language: it.Language, Body: text}, known) {
			all = append(all, Leak{n, m})
		}
	}
	look(0, it.Title, leak.Context{})
	for i, st := range it.Statements {
		var known leak.Context
		for _, sel := range st.Selectors {
			known.Confirmed = append(known.Confirmed, sel.Shown)
		}
		look(i+1, st.Text, known)
	}
	return all
}

// explained refuses an item with a mark that points to its source and for
// which nobody said why it may stand.
func explained(it Item) error {
	for _, m := range Leaks(it) {
		if m.Severity != leak.High || slices.ContainsFunc(it.Remarks, func(r Remark) bool { return r.Kind == string(m.Kind) }) {
			continue
		}
		if m.Statement == 0 {
			return fault.New(fault.Invalid, "The leak check has marked something in the title that can give the source away. Write it anew, or say why it may stand.")
		}
		return fault.Newf(fault.Invalid, "The leak check has marked something in statement %d that can give the source away. Write it anew, or say why it may stand.", m.Statement)
	}
	return nil
}
