// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"html/template"
	"strings"
)

// markup is HTML that is put together by hand, where a template takes too long
// for many of the same.
type markup struct{ strings.Builder }

// put writes markup and text in turn, beginning with markup; text is escaped.
func (m *markup) put(pieces ...string) {
	for i, piece := range pieces {
		if i%2 == 1 {
			piece = template.HTMLEscapeString(piece)
		}
		m.WriteString(piece)
	}
}

// rows are the services that were found, one after the other: what a page of
// help consists of.
func rows(v visit, hits []hitView) template.HTML {
	var m markup
	doubt, speaks, stale := v.say("help.doubt"), v.say("help.speaks"), v.say("help.stale_short")
	for _, h := range hits {
		m.put(`<li class="ts-hit"><h3 class="ts-hit__name"><a class="govuk-link" href="`, v.root()+"/help/service/"+h.ID, `"><bdi>`, h.Name, "</bdi></a></h3>\n")
		switch {
		case h.Number != "":
			m.put(`<p class="ts-hit__number"><a class="ts-help__number" href="tel:`, h.Dial, `" dir="ltr">`, h.Number, "</a></p>\n")
		case h.Site != "":
			m.put(`<p class="ts-hit__number"><bdi class="ts-code" dir="ltr">`, h.Site, "</bdi></p>\n")
		}
		m.put(`<p class="ts-hit__open`)
		if h.OpenNow {
			m.put(" ts-hit__open--now")
		}
		m.put(`">`, h.Open)
		if h.Doubt {
			m.put(" ", doubt)
		}
		m.put("</p>\n")
		if h.About != "" && h.AboutLang != "" {
			m.put(`<p lang="`, h.AboutLang, `" dir="`, h.AboutDir, `">`, h.About, "</p>\n")
		} else if h.About != "" {
			m.put(`<p dir="auto">`, h.About, "</p>\n")
		}
		m.put(`<p class="ts-hit__more">`)
		if h.Place != "" {
			m.put("<bdi>", h.Place, "</bdi>")
			if h.Far != "" {
				m.put(" (", h.Far, ")")
			}
			m.put(". ")
		}
		if h.Speaks != "" {
			m.put("", speaks, " ", h.Speaks, ".")
		}
		if h.Stale {
			m.put(" <strong>", stale, "</strong>")
		}
		m.put("</p>\n</li>\n")
	}
	return template.HTML(m.String()) //nolint:gosec // text was escaped, the rest is written here
}
