// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
)

const directoryPath = "/directory"

var directoryWay = way{directoryPath, "nav.directory", []authz.Role{authz.Administrator, authz.Reviewer, authz.Director}, false}

// directoryRoutes are the pages of the help directory. It is public, so that
// everybody of the programme may see which of it must be checked.
var directoryRoutes = []Route{
	{"GET", "/p/{programme}" + directoryPath, Inside, (*Site).directoryPage},
}

// directorySize is how many services the page lists at most.
const directorySize = 200

type directoryPage struct {
	frame
	Rows       []directoryRow
	All, Stale int
}

type directoryRow struct{ ID, Name, Organization, Phone, Checked, How, ReviewBy string }

// directoryPage lists the services whose check is overdue, the longest first.
func (s *Site) directoryPage(v *visit, w http.ResponseWriter, _ *http.Request) error {
	p := directoryPage{frame: s.frame(v, directoryPath)}
	var index *directory.Index
	if s.Help != nil {
		index = s.Help()
	}
	if index != nil {
		p.All = len(index.Services)
		for i := range index.Services {
			x := &index.Services[i]
			if !x.Stale(s.Clock.Now()) {
				continue
			}
			p.Stale++
			row := directoryRow{ID: x.ID, Name: x.Name, Organization: x.Organization, Checked: x.Checked, How: x.How, ReviewBy: x.ReviewBy}
			if len(x.Phones) > 0 {
				row.Phone = x.Phones[0].Number
			}
			p.Rows = append(p.Rows, row)
		}
	}
	slices.SortStableFunc(p.Rows, func(a, b directoryRow) int {
		return cmp.Or(cmp.Compare(a.ReviewBy, b.ReviewBy), cmp.Compare(a.Name, b.Name))
	})
	p.Rows = p.Rows[:min(len(p.Rows), directorySize)]
	return s.templates.Write(w, http.StatusOK, v.lang, "directory", p)
}
