// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// The elements of an Atom feed (RFC 4287) that we write.
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Author  atomAuthor  `xml:"author"`
		Links   []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		Lang    string     `xml:"xml:lang,attr"`
		ID      string     `xml:"id"`
		Title   string     `xml:"title"`
		Updated string     `xml:"updated"`
		Links   []atomLink `xml:"link"`
		Summary string     `xml:"summary"`
	}
)

// feed tells readers of feeds what was written or looked at last.
func (s *Site) feed(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.content == nil {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	root := s.origin(r) + v.root()
	f := atomFeed{
		Lang: v.lang, ID: s.name(v, ""), Title: v.say("crimes.title") + " – " + v.programme.Name.In(v.lang), Author: atomAuthor{v.programme.Name.In(v.lang)},
		Links: []atomLink{{"self", "application/atom+xml", root + "/feed.xml"}, {"alternate", "text/html", root + "/crimes"}},
	}
	all := sharables(v, v.lang)
	slices.SortStableFunc(all, func(a, b sharable) int { return strings.Compare(b.Changed, a.Changed) })
	for _, t := range all {
		updated := t.Changed + "T00:00:00Z"
		f.Updated = max(f.Updated, updated)
		f.Entries = append(f.Entries, atomEntry{
			Lang: t.Lang, ID: s.name(v, t.Path), Title: t.Title, Updated: updated, Summary: t.Text,
			Links: []atomLink{{"alternate", "text/html", root + "/" + t.Path}},
		})
	}
	return writeXML(w, "application/atom+xml", f)
}

// name is the same for a page under whichever address it is read: a UUID of
// version 8 (RFC 9562) made of programme, language and path.
func (s *Site) name(v visit, path string) string {
	sum := sha256.Sum256([]byte("turnstone feed\n" + v.programme.ID.String() + "\n" + v.lang + "\n" + path))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// The elements of a site map (sitemaps.org, schema 0.9) that we write.
type (
	urlSet struct {
		XMLName xml.Name  `xml:"urlset"`
		NS      string    `xml:"xmlns,attr"`
		XHTML   string    `xml:"xmlns:xhtml,attr"`
		URLs    []siteURL `xml:"url"`
	}
	siteURL struct {
		Loc     string     `xml:"loc"`
		LastMod string     `xml:"lastmod,omitempty"`
		Links   []altLinks `xml:"xhtml:link"`
	}
	altLinks struct {
		Rel  string `xml:"rel,attr"`
		Lang string `xml:"hreflang,attr"`
		Href string `xml:"href,attr"`
	}
)

// sitemap lists the pages that search engines may show; the form and the
// mailbox are none of them.
func (s *Site) sitemap(w http.ResponseWriter, r *http.Request, v visit) error {
	base := s.origin(r) + v.base
	spoken := s.spoken(v.programme)
	set := urlSet{NS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml"}
	add := func(path, changed string) {
		var links []altLinks
		for _, lang := range spoken {
			links = append(links, altLinks{"alternate", lang, base + "/" + lang + path})
		}
		for _, l := range links {
			set.URLs = append(set.URLs, siteURL{l.Href, changed, links})
		}
	}
	for _, path := range []string{"", "/how", "/hide"} {
		add(path, "")
	}
	if v.content != nil {
		for _, path := range []string{"/crimes", "/connected", "/advice", "/training"} {
			add(path, "")
		}
	}
	for _, t := range sharables(v, spoken[0]) {
		add("/"+t.Path, t.Changed)
	}
	return writeXML(w, "application/xml", set)
}

// keepContact is how long security.txt promises to be right.
const keepContact = 90 * 24 * time.Hour

// securityText says whom to tell of a hole (RFC 9116).
func (s *Site) securityText(w http.ResponseWriter, r *http.Request, v visit) error {
	if s.SecurityContact == "" {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Contact: %s\n", s.SecurityContact)
	fmt.Fprintf(&b, "Expires: %s\n", s.Clock.Now().Add(keepContact).UTC().Truncate(24*time.Hour).Format(time.RFC3339))
	fmt.Fprintf(&b, "Preferred-Languages: %s\n", strings.Join(s.spoken(v.programme), ", "))
	if s.Address != "" {
		fmt.Fprintf(&b, "Canonical: %s/.well-known/security.txt\n", strings.TrimSuffix(s.Address, "/"))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(b.String())) // the reader left: nobody to tell
	return nil
}
