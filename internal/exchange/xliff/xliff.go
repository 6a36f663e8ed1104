// SPDX-License-Identifier: AGPL-3.0-or-later

// Package xliff gives what the public reads to translators and takes it back,
// in XLIFF 2.0 (OASIS, 2014), which ordinary translation tools read. It must
// never take half a text: a page, card, quiz or list comes back whole or not at all,
// and a translation that lost a link, a mark, a number or a place is named. Its functions
// are pure and safe for concurrent use.
package xliff

import (
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"github.com/turnstone-project/turnstone/internal/prevent"
)

// The bounds of a document and of a text in it, in bytes.
const (
	MaxDocument = 16 << 20
	maxText     = 2000
)

// The elements of a document.
type (
	document struct {
		XMLName xml.Name `xml:"urn:oasis:names:tc:xliff:document:2.0 xliff"`
		Version string   `xml:"version,attr"`
		From    string   `xml:"srcLang,attr"`
		To      string   `xml:"trgLang,attr"`
		Files   []file   `xml:"file"`
	}
	file struct {
		ID       string `xml:"id,attr"` // an NMTOKEN, which has no slash
		Original string `xml:"original,attr,omitempty"`
		// Whole keeps tools from cutting units: one comes back as it went.
		Whole string `xml:"canResegment,attr,omitempty"`
		Units []unit `xml:"unit"`
	}
	unit struct {
		ID       string    `xml:"id,attr"`
		Notes    *notes    `xml:"notes"`
		Segments []segment `xml:"segment"`
	}
	notes struct {
		Note []string `xml:"note"`
	}
	segment struct {
		State  string  `xml:"state,attr,omitempty"`
		Source inline  `xml:"source"`
		Target *inline `xml:"target"`
	}
	inline struct {
		Text  string    `xml:",chardata"`
		Inner []element `xml:",any"`
	}
	element struct{ XMLName xml.Name }
)

// Export returns everything that is to be translated into a language, with what
// is there already. What is behind its English text has the state "initial".
func Export(c *prevent.Content, lang string) ([]byte, error) {
	if _, err := language.Parse(lang); err != nil || lang == "en" {
		return nil, fmt.Errorf("language %q: name one other than English, such as da", lang)
	}
	d := document{Version: "2.0", From: "en", To: lang}
	for _, t := range texts(c) {
		f := file{ID: token(t.path), Original: t.path, Whole: "no"}
		there := t.in(lang)
		for _, p := range t.pieces {
			s := segment{State: "initial", Source: inline{Text: p.english}}
			if target := there[p.id]; target != "" {
				s.Target = &inline{Text: target}
				if !slices.Contains(c.Outdated, t.path+"."+lang) {
					s.State = "translated"
				}
			}
			u := unit{ID: p.id, Segments: []segment{s}}
			if t.note != "" {
				u.Notes = &notes{[]string{t.note}}
			}
			f.Units = append(f.Units, u)
		}
		d.Files = append(d.Files, f)
	}
	b, err := xml.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write xliff: %w", err)
	}
	return append([]byte(xml.Header), b...), nil
}

// token is a path as an id of XLIFF. Documents of earlier versions hold the path.
func token(path string) string { return strings.Replace(path, "/", ".", 1) }

// Translation is what came back: files for the operator's folder by name, and
// the texts of which nothing came.
type Translation struct {
	Lang  string
	Files map[string][]byte
	Empty []string
}

// Import reads what translators gave back. It returns all faults together, and
// nothing beside them.
func Import(c *prevent.Content, b []byte) (Translation, error) {
	if len(b) > MaxDocument {
		return Translation{}, fmt.Errorf("the document has %d bytes, at most %d", len(b), MaxDocument)
	}
	var d document
	if err := xml.Unmarshal(b, &d); err != nil {
		return Translation{}, fmt.Errorf("read xliff: %w", err)
	}
	if d.Version != "2.0" && d.Version != "2.1" {
		return Translation{}, fmt.Errorf("version %q: this reads XLIFF 2.0 and 2.1", d.Version)
	}
	if _, err := language.Parse(d.To); err != nil || d.From != "en" || d.To == "en" || !plainTag.MatchString(d.To) {
		return Translation{}, fmt.Errorf("from %q to %q: it must go from en to another language", d.From, d.To)
	}
	r := &reader{out: Translation{Lang: d.To, Files: map[string][]byte{}}, known: map[string]text{}}
	for _, t := range texts(c) {
		r.known[token(t.path)] = t
	}
	for _, f := range d.Files {
		r.file(f)
	}
	if err := errors.Join(r.faults...); err != nil {
		return Translation{}, err
	}
	return r.out, nil
}

var plainTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*$`)

type reader struct {
	known  map[string]text
	out    Translation
	faults []error
}

func (r *reader) say(where, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
}

// file reads the pieces of one text. None of them may be missing, unless all are.
func (r *reader) file(f file) {
	t, ok := r.known[token(f.ID)]
	if !ok {
		r.say(f.ID, "there is no such text, or it stands here twice")
		return
	}
	delete(r.known, token(f.ID))
	f.ID = t.path
	before := len(r.faults)
	targets := map[string]string{}
	for _, u := range f.Units {
		where := f.ID + ", unit " + u.ID
		i := slices.IndexFunc(t.pieces, func(p piece) bool { return p.id == u.ID })
		if _, twice := targets[u.ID]; i < 0 || twice || len(u.Segments) != 1 {
			r.say(where, "it is not known, stands here twice, or is not one segment")
			continue
		}
		s := u.Segments[0]
		if s.Source.Text != t.pieces[i].english || len(s.Source.Inner) > 0 {
			r.say(where, "the English text has changed since the export")
			continue
		}
		target := ""
		if s.Target != nil {
			target = strings.TrimSpace(s.Target.Text)
			if fault := unlike(t.pieces[i].english, target); fault != "" || len(s.Target.Inner) > 0 {
				r.say(where, "%s", orElse(fault, "the translation holds elements; the marks of Markdown are text"))
			}
		}
		targets[u.ID] = target
	}
	var holes []string
	for _, p := range t.pieces {
		if targets[p.id] == "" {
			holes = append(holes, p.id)
		}
	}
	switch {
	case len(holes) == len(t.pieces):
		r.out.Empty = append(r.out.Empty, f.ID)
	case len(holes) > 0:
		r.say(f.ID, "not translated: %s; a text comes back whole or not at all", strings.Join(holes, ", "))
	case len(r.faults) == before:
		name, body, err := t.compose(r.out.Lang, targets)
		if err != nil {
			r.say(f.ID, "%s", err)
			return
		}
		r.out.Files[name] = body
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

var (
	linkTarget = regexp.MustCompile(`\]\(([^()\s]*)\)`)
	number     = regexp.MustCompile(`[0-9]+([ .,:]?[0-9]+)*`)
)

// numbers lists the numbers of three digits and more of a text, telephone numbers
// above all, without what groups their digits; shorter ones may be words
// in another language. Digits of other scripts count as the same.
func numbers(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		}
		return r
	}, linkTarget.ReplaceAllString(s, "]"))
	var all []string
	for _, n := range number.FindAllString(s, -1) {
		if n = strings.NewReplacer(" ", "", ".", "", ",", "", ":", "").Replace(n); len(n) > 2 {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// unlike says in which way a translation lacks what its source has.
func unlike(english, target string) string {
	links := func(s string) string {
		all := linkTarget.FindAllString(s, -1)
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	switch {
	case target == "":
		return ""
	case len(target) > maxText:
		return "the translation has " + strconv.Itoa(len(target)) + " bytes, at most " + strconv.Itoa(maxText)
	case strings.ContainsAny(target, "\n\r{}"):
		return "the translation holds a line break or a brace"
	case links(english) != links(target):
		return "the links lead to " + orElse(links(target), "nowhere") + ", in English to " + orElse(links(english), "nowhere")
	case strings.Count(target, "**") != strings.Count(english, "**"):
		return "the marks ** are not as many as in English"
	case strings.Count(target, "[") != strings.Count(target, "]") || strings.Count(target, "](") != strings.Count(english, "]("):
		return "a bracket of a link is lost"
	case numbers(english) != "" && numbers(english) != numbers(target):
		return "the numbers are " + orElse(numbers(target), "none") + ", in English " + numbers(english)
	case strings.HasPrefix(target, "#") || strings.HasPrefix(target, "- "):
		return "the translation begins with a mark of Markdown"
	}
	if _, err := prevent.Render(target, ""); err != nil {
		return err.Error()
	}
	return ""
}
