// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"encoding/xml"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/share"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// shareView is what a page tells those who show a link to it.
type shareView struct{ Title, Text, URL, Image, Alt string }

// text is a page that can be shared: its path below the language, and its
// words in one language.
type sharable struct{ Path, Title, Text, Lang, Changed string }

// sharables lists every page that can be shared, in a language.
func sharables(v visit, lang string) []sharable {
	if v.content == nil {
		return nil
	}
	var all []sharable
	for _, c := range v.content.Crimes {
		all = append(all, shareCrime(c, lang))
	}
	for _, k := range v.content.Cards {
		all = append(all, shareCard(k, lang))
	}
	for _, q := range v.content.Quizzes {
		all = append(all, shareQuiz(q, lang))
	}
	return all
}

func shareCrime(c prevent.Crime, lang string) sharable {
	p := c.Page(lang)
	return sharable{"crimes/" + c.ID, p.Title, p.Lead, p.Lang, c.Changed()}
}

func shareCard(k prevent.Card, lang string) sharable {
	t := k.Text(lang)
	first, _, _ := strings.Cut(prevent.Plain(t.Body), "\n")
	return sharable{"advice/" + k.ID, t.Title, first, t.Lang, k.Changed()}
}

func shareQuiz(q prevent.Quiz, lang string) sharable {
	in := q.Lang(lang)
	return sharable{"training/" + q.ID, q.Title.In(in), q.Lead.In(in), in, q.Changed()}
}

// sharableAt returns the one page of a kind that can be shared.
func sharableAt(v visit, kind, id string) (sharable, bool) {
	if v.content == nil {
		return sharable{}, false
	}
	switch kind {
	case "crimes":
		if c, ok := v.content.Crime(id); ok {
			return shareCrime(c, v.lang), true
		}
	case "advice":
		if k, ok := v.content.Card(id); ok {
			return shareCard(k, v.lang), true
		}
	case "training":
		if q, ok := v.content.Quiz(id); ok {
			return shareQuiz(q, v.lang), true
		}
	}
	return sharable{}, false
}

// hostForm is a name or address with a port, as a browser sends it.
var hostForm = regexp.MustCompile(`^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$`)

// maxHost is how long a name with a port may be (RFC 1035, 2.3.4).
const maxHost = 253 + len(":65535")

// origin is where the site is in the world: what the operator says, else the
// name that the browser asked for. Somebody who came by the onion address gets
// that one again.
func (s *Site) origin(r *http.Request) string {
	if m, ok := marked(r); ok {
		return m.origin
	}
	if own := s.ownOrigin(r); own != "" {
		return own
	}
	name := hostName(r)
	switch {
	case len(r.Host) > maxHost || !hostForm.MatchString(r.Host):
		return ""
	case r.TLS == nil && (name == "localhost" || net.ParseIP(strings.Trim(name, "[]")).IsLoopback()):
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// ownOrigin is where the operator says that the site is; empty when nobody said.
func (s *Site) ownOrigin(r *http.Request) string {
	if s.Onion != "" && hostName(r) == s.Onion {
		return "http://" + s.Onion
	}
	return strings.TrimSuffix(s.Address, "/")
}

// hostName is the name that the browser asked for, without the port.
func hostName(r *http.Request) string {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		return r.Host
	}
	return name
}

// sharing describes a page for those who show a link to it.
func (s *Site) sharing(r *http.Request, v visit, path, title, text string) *shareView {
	origin := s.origin(r)
	return &shareView{
		Title: title, Text: text, URL: origin + v.root() + "/" + path,
		Image: origin + v.root() + "/picture/" + path + ".png", Alt: v.say("share.alt", "title", title),
	}
}

// pictures keeps what was drawn: there are as many as there are pages.
type pictures struct {
	painter *share.Painter
	mu      sync.Mutex
	drawn   map[string][]byte
}

// maxPictures bounds what is kept when the operator renames programmes.
const maxPictures = 4000

func (p *pictures) get(key string, c share.Card) ([]byte, error) {
	p.mu.Lock() // one at a time: who asks for all of them at once gets one core
	defer p.mu.Unlock()
	if b, ok := p.drawn[key]; ok {
		return b, nil
	}
	b, err := p.painter.PNG(c)
	if err != nil {
		return nil, err
	}
	if len(p.drawn) >= maxPictures {
		clear(p.drawn)
	}
	p.drawn[key] = b
	return b, nil
}

// picture is what a chat shows beside a link to a page.
func (s *Site) picture(w http.ResponseWriter, r *http.Request, v visit) error {
	id, ok := strings.CutSuffix(r.PathValue("id"), ".png")
	text, there := sharableAt(v, r.PathValue("kind"), id)
	if !ok || !there {
		return fault.New(fault.NotFound, "There is no such picture.")
	}
	brand := v.programme.Name.In(v.lang)
	key := v.root() + "/" + text.Path + "\n" + brand + "\n" + text.Title + "\n" + text.Text
	b, err := s.pictures.get(key, share.Card{Brand: brand, Title: text.Title, Text: text.Text, RTL: dirOf(text.Lang) == "rtl"})
	if err != nil {
		return fmt.Errorf("draw picture: %w", err)
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(b) // the browser left: nobody to tell
	return nil
}

// posterServices is how many numbers a poster has room for in each country,
// those for this kind of crime first.
const posterServices = 3

type posterPage struct {
	frame
	ID, Title, Lead, TextLang, TextDir string
	Signs, You                         template.HTML
	Help                               []helpView
	Code                               share.Code
	Address                            string
}

// poster is a page of paper for a wall.
func (s *Site) poster(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := v.crimeOf(r)
	if err != nil {
		return err
	}
	text := c.Page(v.lang)
	address := s.origin(r) + v.root() + "/crimes/" + c.ID
	code, err := share.NewCode(address)
	if err != nil {
		return fault.Wrap(fault.Invalid, "The address of this site is too long for a poster.", err)
	}
	p := posterPage{
		frame: s.frame(v), ID: c.ID, Title: text.Title, Lead: text.Lead, TextLang: text.Lang, TextDir: dirOf(text.Lang),
		Signs: text.HTML("signs", v.root()), You: text.HTML("you", v.root()), Help: s.whomToCall(v, c.ID, false), Code: code, Address: address,
	}
	p.Paper = true
	for i := range p.Help {
		p.Help[i].Services = p.Help[i].Services[:min(posterServices, len(p.Help[i].Services))]
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "poster", p)
}

// crimeOf is the kind of crime that an address names.
func (v visit) crimeOf(r *http.Request) (prevent.Crime, error) {
	if v.content != nil {
		if c, ok := v.content.Crime(r.PathValue("crime")); ok {
			return c, nil
		}
	}
	return prevent.Crime{}, fault.New(fault.NotFound, "There is no such page.")
}

type embedPage struct {
	frame
	Title, Lead, TextLang, TextDir, Path string
	Body                                 template.HTML
}

// embed is a card for other sites' pages: no script, no cookie, no form, and
// links that open on a page of their own. It is the only page that a frame may
// show.
func (s *Site) embed(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.content == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	p := embedPage{frame: s.frame(v)}
	p.Scripts = nil
	if c, ok := v.content.Crime(r.PathValue("slug")); ok {
		text := c.Page(v.lang)
		p.Title, p.Lead, p.TextLang, p.Path, p.Body = text.Title, text.Lead, text.Lang, "crimes/"+c.ID, text.HTML("you", v.root())
	} else if k, ok := v.content.Card(r.PathValue("slug")); ok {
		text := k.Text(v.lang)
		p.Title, p.TextLang, p.Path, p.Body = text.Title, text.Lang, "advice/"+k.ID, text.HTML(v.root())
	} else {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	p.TextDir = dirOf(p.TextLang)
	page.Framed(w.Header())
	return s.pages.Write(w, http.StatusOK, v.lang, "embed", p)
}

// writeXML answers with a document.
func writeXML(w http.ResponseWriter, media string, doc any) error {
	b, err := xml.MarshalIndent(doc, "", " ")
	if err != nil {
		return fmt.Errorf("write %s: %w", media, err)
	}
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	_, _ = w.Write(append([]byte(xml.Header), b...)) // the reader left: nobody to tell
	return nil
}
