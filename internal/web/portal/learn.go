// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
)

// crimeLink leads to the page of a kind of crime.
type crimeLink struct{ ID, Title, Lead, Lang string }

func (s *Site) crimeLinks(v visit) []crimeLink {
	if v.content == nil {
		return nil
	}
	var links []crimeLink
	for _, c := range v.content.Crimes {
		p := c.Page(v.lang)
		links = append(links, crimeLink{ID: c.ID, Title: p.Title, Lead: p.Lead, Lang: p.Lang})
	}
	return links
}

type crimesPage struct {
	frame
	Crimes []crimeLink
}

// crimes lists the kinds of crime.
func (s *Site) crimes(w http.ResponseWriter, _ *http.Request, v visit) error {
	if v.content == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	p := crimesPage{s.frame(v), s.crimeLinks(v)}
	p.Robots = true
	return s.pages.Write(w, http.StatusOK, v.lang, "crimes", p)
}

// sectionView is one part of a crime page.
type sectionView struct {
	ID, Heading string
	HTML        template.HTML
}

// helpView is a country with those whom one can call there.
type helpView struct {
	Country  string
	Numbers  []numberView
	Services []hitView
}

// flowView is one flow, seen from a page or in the table.
type flowView struct {
	Number                            int
	From, FromTitle, To, ToTitle, Why string
	Source                            sourceView
	Part                              string // where in the source
}

// sourceView is something that a text can be compared with; Link leads to what
// we say about a document.
type sourceView struct{ Name, Link string }

func (v visit) source(name string) sourceView {
	if i := slices.IndexFunc(v.content.Sources, func(d prevent.Source) bool { return d.Cite() == name }); i >= 0 {
		return sourceView{name, v.root() + "/connected#source-" + strconv.Itoa(i+1)}
	}
	return sourceView{Name: name}
}

// reviewView says what a text rests on, and whether somebody should have looked
// at it again.
type reviewView struct {
	prevent.Review
	Stale   bool
	Compare []sourceView
}

func (s *Site) review(v visit, r prevent.Review) reviewView {
	view := reviewView{Review: r, Stale: r.Stale(s.Clock.Now())}
	for _, name := range r.Sources {
		view.Compare = append(view.Compare, v.source(name))
	}
	view.Written, view.Reviewed, view.ReviewBy = v.day(r.Written), v.day(r.Reviewed), v.day(r.ReviewBy)
	return view
}

// day keeps a date in one piece and in its order where words run from right to
// left, in a sentence that a template puts together.
func (v visit) day(date string) string {
	if dirOf(v.lang) != "rtl" || date == "" {
		return date
	}
	return "\u2066" + strings.ReplaceAll(date, "-", "\u2011") + "\u2069"
}

type crimePage struct {
	frame
	ID, Title, Lead, TextLang, TextDir string
	Sections                           []sectionView
	Young                              sectionView
	Help, YoungHelp                    []helpView
	In, Out                            []flowView
	Review                             reviewView
	Asked                              bool
	Embed                              string // address of the card for other sites
	Advice                             []momentView
	Quizzes                            []quizLink
}

// crime is the page of one kind of crime.
func (s *Site) crime(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := v.crimeOf(r)
	if err != nil {
		return err
	}
	text := c.Page(v.lang)
	f := s.frame(v)
	f.Share = s.sharing(r, v, "crimes/"+c.ID, text.Title, text.Lead)
	p := crimePage{
		frame: f, ID: c.ID, Title: text.Title, Lead: text.Lead, TextLang: text.Lang,
		Review: s.review(v, c.Review), Help: s.whomToCall(v, c.ID, false), YoungHelp: s.whomToCall(v, c.ID, true),
	}
	p.Robots = true
	p.TextDir = dirOf(text.Lang)
	p.Asked, p.Embed = s.asks(v, c.ID), s.origin(r)+v.root()+"/embed/"+c.ID
	p.Advice = s.moments(v, v.content.Advice(prevent.Wanted{Crime: c.ID}))
	for _, id := range prevent.Sections {
		view := sectionView{ID: id, Heading: v.say("crime." + id), HTML: text.HTML(id, v.root())}
		if id == "young" {
			p.Young = view
			continue
		}
		p.Sections = append(p.Sections, view)
	}
	for _, q := range v.content.Quizzes {
		if q.Crime == c.ID {
			p.Quizzes = append(p.Quizzes, s.quizLinks(v, []prevent.Quiz{q})...)
		}
	}
	in, out := v.content.Feeds(c.ID)
	p.In, p.Out = s.flows(v, in), s.flows(v, out)
	return s.pages.Write(w, http.StatusOK, v.lang, "crime", p)
}

// whomToCall returns the services for a kind of crime in each country of the
// programme; young chooses those for under-16s.
func (s *Site) whomToCall(v visit, crime string, young bool) []helpView {
	var index *directory.Index
	if s.Help != nil {
		index = s.Help()
	}
	var views []helpView
	for _, c := range v.programme.Countries {
		view := helpView{Country: c.Name.In(v.lang)}
		if !young && len(c.Emergency) > 0 {
			e := c.Emergency[0]
			view.Numbers = []numberView{{Number: e.Number, Dial: strings.ReplaceAll(e.Number, " ", ""), For: v.say("crime.emergency")}}
		}
		if index != nil {
			for _, h := range index.ForCrime(crime, c.Code, young, s.Clock.Now()) {
				view.Services = append(view.Services, hit(v, h, s.Clock.Now()))
			}
		}
		if len(view.Numbers)+len(view.Services) > 0 {
			views = append(views, view)
		}
	}
	return views
}

func (s *Site) flows(v visit, flows []prevent.Flow) []flowView {
	title := func(id string) string {
		c, _ := v.content.Crime(id) // Load has checked that it is there
		return c.Short.In(v.lang)
	}
	var views []flowView
	for n, f := range flows {
		views = append(views, flowView{
			Number: n + 1, From: f.From, FromTitle: title(f.From), To: f.To, ToTitle: title(f.To), Why: f.Why.In(v.lang), Source: v.source(f.Source), Part: f.Part,
		})
	}
	return views
}

// nodeView and arcView are what the picture draws.
type nodeView struct {
	prevent.Node
	Name, Text string // Text is where a label begins, as SVG says it in this direction
}

// documentView is a document that texts name, with its place in the list.
type documentView struct {
	Number int
	prevent.Source
}

type connectedPage struct {
	frame
	Nodes         []nodeView
	Arcs          []prevent.Arc
	Flows         []flowView
	Sources       []documentView
	Width, Height int
	Disc          int // radius of the discs with the numbers
}

// connected shows how crimes feed one another, as a picture and as a table.
func (s *Site) connected(w http.ResponseWriter, _ *http.Request, v visit) error {
	if v.content == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	nodes, arcs := v.content.Picture()
	p := connectedPage{frame: s.frame(v), Arcs: arcs, Flows: s.flows(v, v.content.Flows), Width: prevent.PictureWidth, Height: prevent.PictureHeight, Disc: prevent.DiscRadius}
	p.Robots = true
	for i, d := range v.content.Sources {
		p.Sources = append(p.Sources, documentView{i + 1, d})
	}
	rtl := p.Dir == "rtl"
	for _, n := range nodes {
		view := nodeView{Node: n, Name: n.Crime.Short.In(v.lang), Text: "middle"}
		if n.Anchor != "middle" {
			view.Text = "start"
			if (n.Anchor == "right") != rtl {
				view.Text = "end"
			}
		}
		p.Nodes = append(p.Nodes, view)
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "connected", p)
}
