// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// cardLink leads to a card.
type cardLink struct{ ID, Title, Lang, Dir, For string }

// momentView is the cards of one moment.
type momentView struct {
	ID, Name string
	Cards    []cardLink
}

// moments groups cards by moment, in the order of moments.
func (s *Site) moments(v visit, cards []prevent.Card) []momentView {
	var views []momentView
	for _, k := range cards {
		if len(views) == 0 || views[len(views)-1].ID != k.Moment {
			views = append(views, momentView{ID: k.Moment, Name: v.say("moment." + k.Moment)})
		}
		last := &views[len(views)-1]
		text := k.Text(v.lang)
		last.Cards = append(last.Cards, cardLink{k.ID, text.Title, text.Lang, dirOf(text.Lang), v.audiences(k.Audience)})
	}
	return views
}

func audienceKey(id string) string { return "audience." + strings.ReplaceAll(id, "-", "_") }

// audiences names those for whom a card is.
func (v visit) audiences(ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = v.say(audienceKey(id))
	}
	return strings.Join(names, v.say("advice.and"))
}

// choice is one entry of a list to choose from.
type choice struct {
	ID, Name string
	Chosen   bool
}

func choices(ids []string, chosen string, name func(string) string) []choice {
	all := make([]choice, len(ids))
	for i, id := range ids {
		all[i] = choice{id, name(id), id == chosen}
	}
	return all
}

// functions are what templates may call beyond those of all sites.
var functions = template.FuncMap{"options": options}

// options writes a list to choose from: a page that asks has some fifty entries,
// and a template takes as long for them as for all the rest.
func options(all []choice) template.HTML {
	var b strings.Builder
	for _, c := range all {
		b.WriteString(`<option value="`)
		b.WriteString(template.HTMLEscapeString(c.ID))
		b.WriteByte('"')
		if c.Chosen {
			b.WriteString(" selected")
		}
		b.WriteByte('>')
		b.WriteString(template.HTMLEscapeString(c.Name))
		b.WriteString("</option>\n")
	}
	return template.HTML(b.String()) //nolint:gosec // all that is not written here was escaped
}

type advicePage struct {
	frame
	Crimes, Audiences, Moments []choice
	Found                      []momentView
	Count                      int
}

// advice lists the cards, all or those that a visitor chose.
func (s *Site) advice(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.content == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	asked := r.URL.Query()
	wanted := prevent.Wanted{Crime: asked.Get("crime"), Audience: asked.Get("audience"), Moment: asked.Get("moment")}
	if _, ok := v.content.Crime(wanted.Crime); !ok {
		wanted.Crime = ""
	}
	if !slices.Contains(prevent.Audiences, wanted.Audience) {
		wanted.Audience = ""
	}
	if !slices.Contains(prevent.Moments, wanted.Moment) {
		wanted.Moment = ""
	}
	v.query = query(wanted)
	cards := v.content.Advice(wanted)
	p := advicePage{
		frame: s.frame(v), Found: s.moments(v, cards), Count: len(cards),
		Audiences: choices(prevent.Audiences, wanted.Audience, func(id string) string { return v.say(audienceKey(id)) }),
		Moments:   choices(prevent.Moments, wanted.Moment, func(id string) string { return v.say("moment." + id) }),
	}
	for _, c := range v.content.Crimes {
		p.Crimes = append(p.Crimes, choice{c.ID, c.Page(v.lang).Title, c.ID == wanted.Crime})
	}
	p.Robots = v.query == ""
	return s.pages.Write(w, http.StatusOK, v.lang, "advice", p)
}

// query is the address's part for what was chosen, and nothing else of what a
// visitor sent.
func query(w prevent.Wanted) string {
	q := url.Values{}
	for name, value := range map[string]string{"crime": w.Crime, "audience": w.Audience, "moment": w.Moment} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

type cardPage struct {
	frame
	ID, Title, TextLang, TextDir, Moment, For string
	Body                                      template.HTML
	Crimes                                    []crimeLink
	Review                                    reviewView
	Asked                                     string // kind of crime that the form knows, may be empty
	Outdated                                  bool
}

// card is one piece of advice.
func (s *Site) card(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.content == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	k, ok := v.content.Card(r.PathValue("card"))
	if !ok {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	text := k.Text(v.lang)
	p := cardPage{
		frame: s.frame(v), ID: k.ID, Title: text.Title, TextLang: text.Lang, TextDir: dirOf(text.Lang), Moment: v.say("moment." + k.Moment),
		For: v.audiences(k.Audience), Body: text.HTML(v.root()), Review: s.review(v, k.Review), Outdated: k.Outdated(v.lang),
	}
	p.Robots = true
	first, _, _ := strings.Cut(prevent.Plain(text.Body), "\n")
	p.Share = s.sharing(r, v, "advice/"+k.ID, text.Title, first)
	for _, id := range k.Crimes {
		c, _ := v.content.Crime(id) // Load has checked that it is there
		page := c.Page(v.lang)
		p.Crimes = append(p.Crimes, crimeLink{ID: id, Title: page.Title, Lang: page.Lang})
		if p.Asked == "" && s.asks(v, id) {
			p.Asked = id
		}
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "card", p)
}

// asks reports whether the form of a visit's programme knows a kind of crime.
func (s *Site) asks(v visit, crime string) bool {
	return slices.ContainsFunc(s.questions(v).List, func(q programme.Questionnaire) bool { return q.Category == crime })
}
