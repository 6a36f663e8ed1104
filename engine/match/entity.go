// SPDX-License-Identifier: Apache-2.0

package match

import "github.com/turnstone-project/turnstone/engine/ftm"

// Entity is an entity made ready for comparing.
type Entity struct {
	ID     string
	Schema string
	Sort   Sort
	// Names are all its names, aliases and former names; strong ones first.
	Names []Name
	// Countries are the ISO codes of all the countries it is linked to, in
	// lower case, sorted.
	Countries []string
}

// PrepareEntity makes an entity ready for comparing. It keeps no reference to
// e.
func PrepareEntity(e *ftm.Entity) Entity {
	out := Entity{ID: e.ID, Schema: e.Schema, Sort: SortOf(e.Schema)}
	for _, prop := range []string{"name", "alias", "previousName", "weakAlias"} {
		for _, v := range e.Get(prop) {
			n := Prepare(e.Schema, v)
			n.Weak = prop == "weakAlias"
			if len(n.Tokens) > 0 {
				out.Names = append(out.Names, n)
			}
		}
	}
	return out
}
