// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// previewWidths are those of a telephone, a tablet and a desk, in CSS pixels.
var previewWidths = []int{320, 768, 1280}

type previewPage struct {
	frame
	textHead
	N         int
	Languages []previewChoice
	Widths    []previewChoice
	Frame     string // address of what is shown
	InLang    string
	Width     int
	Faults    []string // why nothing can be shown
	ToVersion string
}

type previewChoice struct {
	To, Text, Lang, Dir string
	Here                bool
}

// previewPage shows the public page with a version on it, in any language and
// at the widths of a telephone, a tablet and a desk.
func (s *Site) previewPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	name := q.Get("text")
	n, err := versionNumber(q.Get("n"))
	if err != nil {
		return err
	}
	p := previewPage{frame: s.frame(v, contentPath+"/preview"), textHead: s.textHead(v, name), N: n, ToVersion: v.textAt("version", name, "n", strconv.Itoa(n))}
	if n == 0 {
		p.ToVersion = p.ToText
	}
	languages := s.contentLanguages()
	p.InLang = q.Get("lang")
	if !slices.Contains(languages, p.InLang) {
		p.InLang = p.TextLang
	}
	if p.InLang == "" {
		p.InLang = "en"
	}
	p.Width, _ = strconv.Atoi(q.Get("width")) // anything else is the first one
	if !slices.Contains(previewWidths, p.Width) {
		p.Width = previewWidths[0]
	}
	to := func(what, lang string, width int) string {
		return v.textAt(what, name, "n", strconv.Itoa(n), "lang", lang, "width", strconv.Itoa(width))
	}
	for _, lang := range languages {
		p.Languages = append(p.Languages, previewChoice{to("preview", lang, p.Width), page.NativeName(lang), lang, page.Direction(lang), lang == p.InLang})
	}
	for _, width := range previewWidths {
		p.Widths = append(p.Widths, previewChoice{To: to("preview", p.InLang, width), Text: "content.width_" + strconv.Itoa(width), Here: width == p.Width})
	}
	p.Frame = to("shown", p.InLang, p.Width)
	if _, err := s.Texts.Preview(r.Context(), v.Subject, v.programme.ID, name, n); fault.KindOf(err) == fault.Invalid {
		p.Faults = unjoin(err)
	} else if err != nil {
		return err
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "content_preview", p)
}

// previewShown is the public page itself, for the frame of previewPage alone:
// it runs no script and sends no form, because what is on it is a draft.
func (s *Site) previewShown(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	name, lang := q.Get("text"), q.Get("lang")
	n, err := versionNumber(q.Get("n"))
	if err != nil {
		return err
	}
	c, err := s.Texts.Preview(r.Context(), v.Subject, v.programme.ID, name, n)
	if err != nil {
		return err
	}
	if !slices.Contains(s.contentLanguages(), lang) {
		return errNoPage()
	}
	t, _ := prevent.TextOf(name)
	b, err := s.PreviewPage(v.programme.Slug, "/"+url.PathEscape(lang)+publicPath(c, t), c)
	if err != nil {
		return err
	}
	page.FramedHere(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b) // the browser left: nobody to tell
	return nil
}

// publicPath is where the public reads a text, below the language. What is not
// shown any more is previewed by the list that it is gone from.
func publicPath(c *prevent.Content, t prevent.TextID) string {
	switch t.Folder {
	case "crimes":
		return "/crimes/" + t.ID
	case "cards":
		if _, ok := c.Card(t.ID); ok {
			return "/advice/" + t.ID
		}
		return "/advice"
	case "quizzes":
		if _, ok := c.Quiz(t.ID); ok {
			return "/training/" + t.ID
		}
		return "/training"
	}
	if t.ID == "crimes" {
		return "/crimes"
	}
	return "/connected"
}
