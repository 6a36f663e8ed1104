// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent/search"
)

// maxHits is how many texts a search shows.
const maxHits = 12

type searchPage struct {
	frame
	Query  string
	Found  search.Result
	Crimes []crimeLink // where to go on when nothing was found
}

// search looks for words in pages and cards, in the language of the page. What
// was looked for goes back to the browser and nowhere else.
func (s *Site) search(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.content == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	asked := strings.ToValidUTF8(r.URL.Query().Get("q"), "")
	if len(asked) > search.MaxQuery {
		asked = strings.ToValidUTF8(asked[:search.MaxQuery], "")
	}
	asked = strings.TrimSpace(asked)
	if asked != "" {
		v.query = "?q=" + url.QueryEscape(asked)
	}
	p := searchPage{frame: s.frame(v), Query: asked}
	if p.Query != "" {
		p.Found = v.content.Index(v.lang).Find(p.Query, maxHits)
	}
	if len(p.Found.Hits) == 0 {
		p.Crimes = s.crimeLinks(v)
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "search", p)
}
