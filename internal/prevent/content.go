// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent/search"
	"github.com/turnstone-project/turnstone/internal/programme"
)

//go:embed content
var builtIn embed.FS

// Sections are the parts of a crime page, in their order. A file names each
// with a heading that holds it in braces, "## {signs}"; the words of the
// headings are the site's.
var Sections = []string{"signs", "you", "family", "business", "municipality", "young"}

// Crime is one kind of crime with its page in every language.
type Crime struct {
	ID     string         `yaml:"id"`
	Short  programme.Text `yaml:"short"` // one or two words, for pictures
	Review `yaml:",inline"`

	pages map[string]Page
}

// Review says what a text rests on, and who has looked at it.
type Review struct {
	Sources  []string `yaml:"sources"`
	Written  string   `yaml:"written"`            // day
	Reviewed string   `yaml:"reviewed,omitempty"` // day; empty: only the writer has looked at it
	Reviewer string   `yaml:"reviewer,omitempty"` // role and organisation; empty as above
	ReviewBy string   `yaml:"review_by"`
}

// Changed returns the day on which the text was looked at last.
func (r Review) Changed() string { return max(r.Written, r.Reviewed) }

// Page is what a crime page says in one language.
type Page struct {
	Lang     string // the language that it is really in
	Title    string
	Lead     string
	Sections map[string]string // Markdown, by section
}

// Page returns the page in lang, in English when there is none.
func (c Crime) Page(lang string) Page {
	if p, ok := c.pages[lang]; ok {
		return p
	}
	return c.pages["en"]
}

// Stale reports whether the text should have been looked at again before now.
func (r Review) Stale(now time.Time) bool { return now.Format(day) > r.ReviewBy }

// HTML renders one section for the site whose language root is root. Load has
// rendered it once, so that it can't fail here.
func (p Page) HTML(section, root string) template.HTML {
	out, err := Render(p.Sections[section], root)
	if err != nil {
		panic("prevent: " + err.Error()) // Load refused such a page
	}
	return out
}

// Flow is money or means that go from one kind of crime to another.
type Flow struct {
	From   string         `yaml:"from"`
	To     string         `yaml:"to"`
	Why    programme.Text `yaml:"why"`
	Source string         `yaml:"source"`         // as Source.Cite has it, or words
	Part   string         `yaml:"part,omitempty"` // where in the source, when that is certain
}

// Source is a document that a text rests on.
type Source struct {
	Publisher string `yaml:"publisher"`
	Title     string `yaml:"title"`
	Year      int    `yaml:"year,omitempty"`
	Checked   string `yaml:"checked"` // what was really looked at, and how
}

// Cite names the document as texts do: "Publisher: Title, year".
func (s Source) Cite() string {
	if s.Year == 0 {
		return s.Publisher + ": " + s.Title
	}
	return fmt.Sprintf("%s: %s, %d", s.Publisher, s.Title, s.Year)
}

// Content is all that the public learns from us.
type Content struct {
	Crimes  []Crime
	Flows   []Flow
	Sources []Source
	Cards   []Card
	Quizzes []Quiz
	// Missing lists the texts that are not there in a language: those are
	// shown in English.
	Missing []string
	// Outdated lists the translations of a text that has changed since.
	Outdated []string
	// Doubts lists in what translations are not like their English text, each as
	// "cards/overdose.da: link to /danger: 1 in English, 0 here".
	Doubts []string

	nodes   []Node // of the picture
	arcs    []Arc
	edition int64

	mu      sync.Mutex // over indexes
	indexes map[string]*search.Index
}

var editions atomic.Int64

// Edition is a number that no other content of this process has, so that what
// was made of one can be told from what was made of another; 0 for nil.
func (c *Content) Edition() int64 {
	if c == nil {
		return 0
	}
	return c.edition
}

// Crime returns the kind of crime with that id.
func (c *Content) Crime(id string) (Crime, bool) {
	i := slices.IndexFunc(c.Crimes, func(k Crime) bool { return k.ID == id })
	if i < 0 {
		return Crime{}, false
	}
	return c.Crimes[i], true
}

// Stale lists the texts that should have been looked at again before now.
func (c *Content) Stale(now time.Time) []string {
	var names []string
	for _, k := range c.Crimes {
		if k.Stale(now) {
			names = append(names, "crimes/"+k.ID)
		}
	}
	for _, k := range c.Cards {
		if k.Stale(now) {
			names = append(names, cardFolder+"/"+k.ID)
		}
	}
	for _, q := range c.Quizzes {
		if q.Stale(now) {
			names = append(names, quizFolder+"/"+q.ID)
		}
	}
	return names
}

// Source returns the document that a text names, if we say more of it.
func (c *Content) Source(cite string) (Source, bool) {
	i := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Cite() == cite })
	if i < 0 {
		return Source{}, false
	}
	return c.Sources[i], true
}

// Feeds returns what money comes in to a crime, and what goes out of it.
func (c *Content) Feeds(crime string) (in, out []Flow) {
	for _, f := range c.Flows {
		if f.To == crime {
			in = append(in, f)
		}
		if f.From == crime {
			out = append(out, f)
		}
	}
	return in, out
}

// Files returns the files that come with the binary, by the names that Load knows.
func Files() fs.FS {
	base, err := fs.Sub(builtIn, "content")
	if err != nil {
		panic("prevent: " + err.Error()) // the folder is built in
	}
	return base
}

// BuiltIn returns the content that comes with the binary.
func BuiltIn(languages []string) (*Content, error) { return Load(nil, languages) }

// Load reads the content. A file in own, a folder of the operator's with the
// same names, stands in the place of the one that comes with the binary; own
// may be nil. It returns all faults together. English is always there; a page
// that is missing in another language is listed and shown in English.
func Load(own fs.FS, languages []string) (*Content, error) {
	return LoadEdited(own, Edits{}, languages)
}

// Edits are texts by the names of their files. They stand over the operator's
// files and those of the binary.
type Edits struct {
	Words map[string][]byte
	// Away are the names under which nothing stands, whatever lies beneath. With
	// its English text a whole card goes.
	Away map[string]bool
}

// hides reports whether nothing stands under the name.
func (e Edits) hides(name string) bool {
	if e.Away[name] {
		return true
	}
	t, ok := TextOf(name)
	return ok && t.Folder == cardFolder && e.Away[t.In("en")]
}

// LoadEdited is Load with edits over all files.
func LoadEdited(own fs.FS, edits Edits, languages []string) (*Content, error) {
	l := &loader{own: own, edits: edits}
	c := &Content{edition: editions.Add(1)}
	l.read("crimes.yaml", &c.Crimes)
	l.read("flows.yaml", &c.Flows)
	l.read("sources.yaml", &c.Sources)
	l.sources(c.Sources)
	ids := map[string]bool{}
	for i := range c.Crimes {
		k := &c.Crimes[i]
		if !crimeID.MatchString(k.ID) || ids[k.ID] {
			l.say("crimes.yaml: id %q is malformed or used twice", k.ID)
			continue
		}
		ids[k.ID] = true
		l.crime(k)
		k.pages = map[string]Page{}
		for _, lang := range append([]string{"en"}, languages...) {
			if _, twice := k.pages[lang]; twice {
				continue
			}
			if p, ok := l.page("crimes/"+k.ID, lang); ok {
				k.pages[lang] = p
				l.doubt(c, TextID{crimeFolder, k.ID, lang})
			} else {
				c.Missing = append(c.Missing, "crimes/"+k.ID+"."+lang)
			}
		}
	}
	l.links(c, ids)
	c.lists(languages)
	l.cards(c, ids, languages)
	l.quizzes(c, ids, languages)
	l.strays(ids)
	if err := errors.Join(l.faults...); err != nil {
		return nil, err
	}
	c.draw()
	return c, nil
}

var crimeID = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

type loader struct {
	own    fs.FS
	edits  Edits
	faults []error
}

func (l *loader) say(format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, args...))
}

// Raw reads what stands under a name: an edit, else the operator's file, else
// the built-in one; fs.ErrNotExist when there is nothing.
func Raw(own fs.FS, edits Edits, name string) ([]byte, error) {
	if edits.hides(name) {
		return nil, fmt.Errorf("%s was taken away: %w", name, fs.ErrNotExist)
	}
	if b, ok := edits.Words[name]; ok {
		return b, nil
	}
	if own != nil {
		b, err := fs.ReadFile(own, name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return b, err
		}
	}
	return fs.ReadFile(Files(), name)
}

// doubt lists in what a translation is not like its English text.
func (l *loader) doubt(c *Content, t TextID) {
	english, err := l.file(t.In("en"))
	other, err2 := l.file(t.String())
	if err != nil || err2 != nil || t.Lang == "en" {
		return // a fault already, or nothing to compare
	}
	for _, what := range Unlike(string(english), string(other)) {
		c.Doubts = append(c.Doubts, strings.TrimSuffix(t.String(), ".md")+": "+what)
	}
}

func (l *loader) file(name string) ([]byte, error) { return Raw(l.own, l.edits, name) }

func (l *loader) read(name string, into any) {
	b, err := l.file(name)
	if err != nil {
		l.say("%s: %w", name, err)
		return
	}
	if err := readYAML(b, into); err != nil {
		l.say("%s: %s", name, err)
	}
}

func (l *loader) date(where, s string) {
	if _, err := time.Parse(day, s); err != nil {
		l.say("%s: %q: write a day as 2026-11-26", where, s)
	}
}

func (l *loader) crime(k *Crime) {
	where := "crimes.yaml: " + k.ID
	if k.Short["en"] == "" {
		l.say("%s: short has no text in \"en\"", where)
	}
	l.review(where, k.Review)
}

func (l *loader) review(where string, r Review) {
	if len(r.Sources) == 0 {
		l.say("%s: say what the text rests on: sources", where)
	}
	l.date(where+": written", r.Written)
	l.date(where+": review_by", r.ReviewBy)
	if (r.Reviewed == "") != (r.Reviewer == "") {
		l.say("%s: reviewed and reviewer belong together: who looked at the text, and when", where)
	}
	if r.Reviewed != "" {
		l.date(where+": reviewed", r.Reviewed)
	}
}

// names lists the files of a folder that fit a pattern, those of the binary, of
// the operator and of the edits, each once and in order.
func (l *loader) names(folder string, fits *regexp.Regexp) []string {
	var names []string
	for name := range l.edits.Words {
		if path.Dir(name) == folder && fits.MatchString(path.Base(name)) && !l.edits.hides(name) {
			names = append(names, path.Base(name))
		}
	}
	for _, files := range []fs.FS{Files(), l.own} {
		if files == nil {
			continue
		}
		entries, err := fs.ReadDir(files, folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.say("%s: %w", folder, err)
		}
		for _, e := range entries {
			if fits.MatchString(e.Name()) && !l.edits.hides(path.Join(folder, e.Name())) {
				names = append(names, e.Name())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// page reads one Markdown file with front matter.
func (l *loader) page(stem, lang string) (Page, bool) {
	name := stem + "." + lang + ".md"
	b, err := l.file(name)
	if errors.Is(err, fs.ErrNotExist) && lang != "en" {
		return Page{}, false
	}
	if err != nil {
		l.say("%s: %w", name, err)
		return Page{}, false
	}
	p, faults := ReadPage(b)
	for _, f := range faults {
		l.say("%s:%w", name, f)
	}
	p.Lang = lang
	return p, len(faults) == 0
}

var sectionLine = regexp.MustCompile(`^## \{([a-z]+)\}$`)

// ReadPage reads a crime page: front matter with title and lead, then each of
// Sections once and in order. Each fault begins with its line, "12: …".
func ReadPage(b []byte) (Page, []error) {
	p := Page{Sections: map[string]string{}}
	var faults []error
	say := sayer(&faults)
	front, body, first := parts(b, say)
	if first == 0 {
		return p, faults
	}
	var head struct {
		Title string `yaml:"title"`
		Lead  string `yaml:"lead"`
	}
	if err := readYAML([]byte(front), &head); err != nil {
		say(2, "%s", err)
	}
	p.Title, p.Lead = strings.TrimSpace(head.Title), strings.TrimSpace(head.Lead)
	if p.Title == "" || p.Lead == "" {
		say(2, "title and lead are needed")
	}
	at := ""
	for n, line := range strings.Split(body, "\n") {
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			if want := len(p.Sections); want >= len(Sections) || Sections[want] != m[1] {
				say(first+n, "section {%s}: the sections are, in this order, once each: %s", m[1], strings.Join(Sections, ", "))
			}
			at = m[1]
			p.Sections[at] = ""
			continue
		}
		if at == "" {
			if strings.TrimSpace(line) != "" {
				say(first+n, "text before the first section; begin with ## {%s}", Sections[0])
			}
			continue
		}
		textLine(first+n, line, say)
		p.Sections[at] += line + "\n"
	}
	for _, s := range Sections {
		if strings.TrimSpace(p.Sections[s]) == "" {
			say(first, "section {%s} is missing or empty", s)
		}
	}
	return p, faults
}

// sayer collects faults that begin with their line.
func sayer(faults *[]error) func(line int, format string, args ...any) {
	return func(line int, format string, args ...any) {
		*faults = append(*faults, fmt.Errorf("%d: %s", line, fmt.Sprintf(format, args...)))
	}
}

// parts takes front matter and body of a file apart; first is the line on
// which the body begins, 0 when there are no such parts.
func parts(b []byte, say func(line int, format string, args ...any)) (front, body string, first int) {
	if len(b) > MaxMarkdown {
		say(1, "the file has %d bytes, at most %d", len(b), MaxMarkdown)
		return "", "", 0
	}
	text := strings.ReplaceAll(string(bytes.ToValidUTF8(b, []byte("\uFFFD"))), "\r\n", "\n")
	front, body, ok := strings.Cut(strings.TrimPrefix(text, "---\n"), "\n---\n")
	if !ok || !strings.HasPrefix(text, "---\n") {
		say(1, "the file must begin with front matter between two lines of ---")
		return "", "", 0
	}
	return front, body, strings.Count(front, "\n") + 4
}

// textLine says what is wrong with a line of a text.
func textLine(at int, line string, say func(line int, format string, args ...any)) {
	if strings.ContainsAny(line, "{}") || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "## ") {
		say(at, "%q: a section is a line such as ## {signs}; braces stand nowhere else", line)
	}
	if _, err := Render(line, ""); err != nil {
		say(at, "%s", err)
	}
}

// lists notes the languages in which a kind of crime has no short name, or an
// arrow no words.
func (c *Content) lists(languages []string) {
	for _, lang := range languages {
		if slices.ContainsFunc(c.Crimes, func(k Crime) bool { return strings.TrimSpace(k.Short[lang]) == "" }) {
			c.Missing = append(c.Missing, "crimes."+lang)
		}
		if slices.ContainsFunc(c.Flows, func(f Flow) bool { return strings.TrimSpace(f.Why[lang]) == "" }) {
			c.Missing = append(c.Missing, "flows."+lang)
		}
	}
}

// sources checks the list of documents.
func (l *loader) sources(all []Source) {
	seen := map[string]bool{}
	for i, s := range all {
		if s.Publisher == "" || s.Title == "" || s.Checked == "" {
			l.say("sources.yaml: source %d: it needs publisher, title and checked: how it was looked at", i+1)
		}
		if s.Year < 0 || s.Year > 9999 {
			l.say("sources.yaml: source %d: year %d", i+1, s.Year)
		}
		if seen[s.Cite()] {
			l.say("sources.yaml: source %d: %q is there twice", i+1, s.Cite())
		}
		seen[s.Cite()] = true
	}
}

// links checks what points to a crime.
func (l *loader) links(c *Content, ids map[string]bool) {
	for i, f := range c.Flows {
		where := fmt.Sprintf("flows.yaml: flow %d", i+1)
		if !ids[f.From] || !ids[f.To] || f.From == f.To {
			l.say("%s: from %q to %q: name two kinds of crime", where, f.From, f.To)
		}
		if f.Source == "" || f.Why["en"] == "" {
			l.say("%s: it needs why (in \"en\") and source", where)
		}
	}
}

// strays finds files of the operator's that nobody would ever read: a misspelt
// name must not go unnoticed.
func (l *loader) strays(ids map[string]bool) {
	for name := range l.edits.Words {
		if t, ok := TextOf(name); !ok || t.Folder == crimeFolder && !ids[t.ID] {
			l.say("%s: there is no such text", name)
		}
	}
	if l.own == nil {
		return
	}
	err := fs.WalkDir(l.own, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		if t, ok := TextOf(name); !ok || t.Folder == crimeFolder && !ids[t.ID] {
			l.say("%s: nothing has this name; see docs/content.md", name)
		}
		return nil
	})
	if err != nil {
		l.say("read the folder: %w", err)
	}
}
