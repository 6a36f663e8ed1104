// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/prevent/directory"
)

// spotView is a place in words, and where it is taken for what was typed.
type spotView struct{ Name, URL string }

// place finds out where a visitor means. One place of a name is taken, or one
// that is far larger than the others, which are named beside it; between places
// of like size nobody but the visitor can tell.
func (s *Site) place(v visit, x *directory.Index, p *helpPage, q *directory.Query, chosen string) {
	if strings.TrimSpace(p.Near) == "" {
		return
	}
	spots := x.Places(p.Near, q.Country)
	at := slices.IndexFunc(spots, func(one directory.Spot) bool { return one.ID() == chosen })
	switch {
	case len(spots) == 0:
		return
	case at >= 0 && len(spots) > 1:
		p.Place = chosen
	case directory.Clear(spots):
		at = 0
	default:
		p.Which = s.spots(v, p, *q, spots, -1)
		return
	}
	at = max(at, 0)
	q.Near = &spots[at]
	p.Taken = s.spot(v, spots[at])
	p.Else = s.spots(v, p, *q, spots, at)
}

// spots are places to choose from, but for one.
func (s *Site) spots(v visit, p *helpPage, q directory.Query, spots []directory.Spot, but int) []spotView {
	var views []spotView
	for i, one := range spots {
		if i == but {
			continue
		}
		asks := *p
		asks.Place = one.ID()
		views = append(views, spotView{s.spot(v, one), v.root() + "/help" + asks.again(q, 1)})
	}
	return views
}

// spot says where a place is, so that it can be told from others of its name.
func (s *Site) spot(v visit, one directory.Spot) string {
	region := ""
	if key := "help.region_" + strings.ToLower(strings.ReplaceAll(one.Region, "-", "_")); v.words.Has(key) {
		region = v.say(key)
	} else {
		for _, c := range v.programme.Countries {
			if c.Code == one.Country {
				region = c.Name.In(v.lang)
			}
		}
	}
	name, town := isolated(v, one.Name), isolated(v, one.Beside)
	switch {
	case region == "":
		return name
	case one.Beside == "":
		return v.say("help.place", "name", name, "region", region)
	}
	return v.say("help.place_beside", "name", name, "region", region, "town", town)
}

// isolated keeps a name whole within words that run the other way.
func isolated(v visit, name string) string {
	if dirOf(v.lang) == "ltr" {
		return name
	}
	return "\u2068" + name + "\u2069"
}
