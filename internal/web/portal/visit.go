// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// encyclopedia is where people go who must leave at once: a site that anybody
// may have open.
const encyclopedia = "https://www.wikipedia.org/"

// visit is whose site a request is for, and in which language.
type visit struct {
	programme programme.Programme
	base      string // path before the language: "" or /p/slug
	lang      string
	words     *page.Words
	here      string           // path after the language
	content   *prevent.Content // what this programme's public learns; nil: nothing
	figures   int              // number of the programme's newest publication; 0: none
	query     string           // the part of the address after it that the other languages get too
}

func (v visit) root() string { return v.base + "/" + v.lang }

// visit reads programme and language from the path. An unknown programme or
// language is not found.
func (s *Site) visit(r *http.Request) (v visit, err error) {
	slug, _ := r.Context().Value(slugKey{}).(string)
	p, ok := s.Programmes.BySlug(slug)
	if !ok {
		return visit{lang: page.Base, words: s.texts.In(page.Base)}, fault.New(fault.NotFound, "There is no such programme.")
	}
	v = visit{programme: p}
	if c, ok := r.Context().Value(previewKey{}).(*prevent.Content); ok {
		v.content = c
	} else if s.Content != nil {
		v.content = s.Content(p.ID)
	}
	if slug != "" {
		v.base = "/p/" + p.Slug
	}
	spoken := s.spoken(p)
	v.lang = spoken[0]
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	known := slices.Contains(spoken, first)
	if known {
		v.lang, v.here = first, r.URL.Path[len("/"+first):]
	} else if r.PathValue("lang") != "" {
		v.lang = page.Negotiate(r.Header.Get("Accept-Language"), spoken)
		err = fault.New(fault.NotFound, "There is no such page.")
	}
	v.words = s.texts.In(v.lang)
	return v, err
}

// spoken returns the programme's languages that the portal has texts in.
func (s *Site) spoken(p programme.Programme) []string {
	var tags []string
	for _, lang := range p.Languages {
		if s.texts.Has(lang) {
			tags = append(tags, lang)
		}
	}
	if len(tags) == 0 {
		return []string{page.Base}
	}
	return tags
}

// languageLink is one language in the list at the top.
type languageLink struct{ Tag, Name, Dir, URL string }

// frame is what every page of the portal has around it.
type frame struct {
	page.Shell
	Root      string // path of the programme's start page in this language
	Programme string
	Languages []languageLink
	Exit      string
	Share     *shareView // what those show who show a link to the page; may be nil
	Paper     bool       // whether the page is made to be printed, without our header
	Learn     bool       // whether there are pages about kinds of crime
	Find      bool       // whether there is a help directory
	Figures   bool       // whether the programme has published some
	Footer    template.HTML
}

// footing is what the foot of a page depends on: there are a few of each site.
type footing struct {
	Lang, Root           string
	Learn, Find, Figures bool
}

// mostFeet is how many feet are remembered.
const mostFeet = 500

// foot makes the foot of a page. It is on every page, and the same on all of a
// programme's in one language.
func (s *Site) foot(f footing) template.HTML {
	b, err := s.pages.Execute(f.Lang, "foot", f)
	if err != nil {
		panic("portal: " + err.Error()) // tests make every page
	}
	return template.HTML(b) //nolint:gosec // a template made it
}

func dirOf(lang string) string { return page.Direction(lang) }

func (s *Site) frame(v visit, scripts ...string) frame {
	if len(scripts) == 0 {
		scripts = []string{"portal-leave.js"}
	}
	f := frame{
		Shell: page.NewShell(v.lang, "portal", scripts...), Root: v.root(),
		Programme: v.programme.Name.In(v.lang), Exit: s.Exit, Learn: v.content != nil, Figures: v.figures > 0, Find: s.Help != nil && s.Help() != nil,
	}
	if f.Exit == "" {
		f.Exit = encyclopedia
	}
	f.Footer = s.feet(footing{v.lang, f.Root, f.Learn, f.Find, f.Figures})
	for _, tag := range s.spoken(v.programme) {
		f.Languages = append(f.Languages, languageLink{
			Tag: tag, Name: page.NativeName(tag), Dir: page.Direction(tag), URL: v.base + "/" + tag + v.here + v.query,
		})
	}
	return f
}

// say returns a text that is known to be there; tests render every page.
func (v visit) say(key string, args ...any) string {
	text, err := v.words.Say(key, args...)
	if err != nil {
		panic("portal: " + err.Error()) // the catalogue is checked when it is loaded
	}
	return text
}
