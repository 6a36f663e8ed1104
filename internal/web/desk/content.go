// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

const contentPath = "/content"

// contentWay leads to what the public reads. Who writes it has no other page to begin with.
var contentWay = way{contentPath, "nav.content", []authz.Role{authz.Translator, authz.Editor, authz.ChiefEditor, authz.Director, authz.Reviewer, authz.Analyst}, false}

// contentRoutes are the pages on which editors write what the public reads.
var contentRoutes = []Route{
	{"GET", "/p/{programme}" + contentPath, Inside, (*Site).contentPage},
	{"GET", "/p/{programme}" + contentPath + ".csv", Inside, (*Site).contentCSV},
	{"POST", "/p/{programme}" + contentPath + "/new", Inside, (*Site).newText},
	{"GET", "/p/{programme}" + contentPath + "/text", Inside, (*Site).textPage},
	{"GET", "/p/{programme}" + contentPath + "/compare", Inside, (*Site).comparePage},
	{"GET", "/p/{programme}" + contentPath + "/version", Inside, (*Site).versionPage},
	{"POST", "/p/{programme}" + contentPath + "/version/{act}", Inside, (*Site).versionAct},
	{"GET", "/p/{programme}" + contentPath + "/edit", Inside, (*Site).editPage},
	{"POST", "/p/{programme}" + contentPath + "/edit", Inside, (*Site).saveText},
	{"GET", "/p/{programme}" + contentPath + "/preview", Inside, (*Site).previewPage},
	{"GET", "/p/{programme}" + contentPath + "/shown", Inside, (*Site).previewShown},
	{"GET", "/p/{programme}" + contentPath + "/translate.xlf", Inside, (*Site).forTranslators},
	{"POST", "/p/{programme}" + contentPath + "/translated", Inside, (*Site).fromTranslators},
}

// contentRows is how many texts the page lists at most.
const contentRows = 600

type contentPage struct {
	frame
	Trouble   string
	Doubts    []string      // in what translations are not like their English text
	Work      []contentWork // everything that is under way
	Languages []contentLang
	Groups    []contentGroup
	Filters   contentFilters
	Counts    contentCounts
	May       bool // write in English
	MayAny    bool // write at all
	Folders   []option
	NewID     string
	CSV       string
	More      bool // there are more than are listed
	Faults    []string
	Took      []string // texts that came back from translators and wait
	Left      []string // those that an editor must take
}

type contentLang struct{ Tag, Name, Dir string }

type contentFilters struct {
	Q      string
	Kinds  []option
	States []option
}

// contentCounts are what is to be done, each with the filter that lists it.
type contentCounts struct{ Missing, Behind, Stale, Own int }

type contentGroup struct {
	Key  string
	Rows []contentRow
}

type contentRow struct {
	Title string
	ID    string
	To    string
	Stale bool
	Cells []contentCell
}

// contentCell is a text in one language; without To there is no such text.
type contentCell struct {
	To, Lang string
	State    string   // shown, own, missing, behind, away
	Open     []string // states of versions under way
}

type contentWork struct {
	To, Text, Lang, State, Who, When, Note string
	Mine                                   bool
	Shows                                  string
}

// textAt is the address of a page about a text.
func (v *visit) textAt(what, text string, more ...string) string {
	q := url.Values{"text": {text}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return v.at(contentPath + "/" + what + "?" + q.Encode())
}

// contentEntry is one text in all its languages.
type contentEntry struct {
	group, id, title string
	stale            bool
	shown            bool                     // whether the public reads it in any language
	name             func(lang string) string // of the file; the same for all where one file holds all languages
}

// entries lists every text that is shown, and those that were taken away.
func (s *Site) entries(v *visit, o editing.Overview) []contentEntry {
	now := s.Clock.Now()
	var all []contentEntry
	file := func(folder, text string) func(string) string {
		if folder == "crimes" || folder == "cards" {
			return func(lang string) string { return prevent.TextID{Folder: folder, ID: text, Lang: lang}.String() }
		}
		whole := prevent.TextID{Folder: folder, ID: text}.String() // one file holds all languages
		return func(string) string { return whole }
	}
	for _, c := range o.Content.Crimes {
		all = append(all, contentEntry{"crimes", c.ID, c.Page(v.lang).Title, c.Stale(now), true, file("crimes", c.ID)})
	}
	for _, k := range o.Content.Cards {
		all = append(all, contentEntry{"cards", k.ID, k.Text(v.lang).Title, k.Stale(now), true, file("cards", k.ID)})
	}
	for _, q := range o.Content.Quizzes {
		all = append(all, contentEntry{"quizzes", q.ID, q.Title.In(q.Lang(v.lang)), q.Stale(now), true, file("quizzes", q.ID)})
	}
	for _, list := range prevent.Lists {
		all = append(all, contentEntry{"lists", list, v.say("content.list_" + list), false, true, file("", list)})
	}
	for name, own := range o.Own {
		t, _ := prevent.TextOf(name)
		if own.Sort == editing.Away && (t.Folder == "quizzes" || t.Folder == "cards" && t.Lang == "en") {
			all = append(all, contentEntry{t.Folder, t.ID, t.ID, false, false, file(t.Folder, t.ID)})
		}
	}
	for _, w := range o.Work {
		t, _ := prevent.TextOf(w.Text)
		group := cmp.Or(t.Folder, "lists")
		if !slices.ContainsFunc(all, func(e contentEntry) bool { return e.group == group && e.id == t.ID }) {
			all = append(all, contentEntry{group, t.ID, t.ID, false, false, file(t.Folder, t.ID)}) // not shown yet
		}
	}
	return all
}

func (s *Site) contentPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showContent(v, w, r, http.StatusOK, nil)
}

func (s *Site) showContent(v *visit, w http.ResponseWriter, r *http.Request, status int, fill func(*contentPage)) error {
	o, err := s.Texts.Overview(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := contentPage{frame: s.frame(v, contentPath)}
	p.Done = contentDone(r)
	if o.Trouble != nil {
		p.Trouble = o.Trouble.Error()
	}
	p.Doubts = o.Content.Doubts
	p.May = authz.Decide(v.Subject, authz.Change, editing.Object(v.programme.ID, "crimes.yaml")).Allowed
	p.MayAny = p.May || v.Subject.Holds(v.programme.ID, authz.Translator)
	for _, lang := range s.contentLanguages() {
		p.Languages = append(p.Languages, contentLang{lang, page.NativeName(lang), page.Direction(lang)})
	}
	if err := s.fillWork(v, r, &p, o); err != nil {
		return err
	}
	s.fillTexts(v, r, &p, o)
	p.CSV = v.at(contentPath + ".csv?" + r.URL.Query().Encode())
	p.Folders = []option{{Value: "cards", Text: "content.new_card"}, {Value: "quizzes", Text: "content.new_quiz"}}
	if fill != nil {
		fill(&p)
	}
	return s.templates.Write(w, status, v.lang, "content", p)
}

// contentCSV gives the list as the filters leave it, a line for each text and language.
func (s *Site) contentCSV(v *visit, w http.ResponseWriter, r *http.Request) error {
	o, err := s.Texts.Overview(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	var p contentPage
	s.fillTexts(v, r, &p, o)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="texts.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"kind", "text", "title", "language", "state", "under_way", "due_for_review"}) // errors show in Error
	languages := s.contentLanguages()
	for _, g := range p.Groups {
		for _, row := range g.Rows {
			for i, c := range row.Cells {
				_ = out.Write([]string{strings.TrimPrefix(g.Key, "content.kind_"), row.ID, safeCell(row.Title), languages[i], c.State, strings.Join(c.Open, " "), strconv.FormatBool(row.Stale)})
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	return nil
}

// contentLanguages are those in which texts are written, English first.
func (s *Site) contentLanguages() []string { return s.Texts.Shelf.Languages() }

// fillWork lists what is under way: what waits for the visitor first.
func (s *Site) fillWork(v *visit, r *http.Request, p *contentPage, o editing.Overview) error {
	who, err := s.whoIs(v, r)
	if err != nil {
		return err
	}
	for _, x := range o.Work {
		row := contentWork{
			To: v.textAt("version", x.Text, "n", fmt.Sprint(x.Number)), Text: s.textTitle(v, o.Content, x.Text), State: string(x.State), Who: who[x.Writer],
			When: minute(x.Written), Note: x.Note, Mine: x.Writer == v.Account.ID,
		}
		t, _ := prevent.TextOf(x.Text)
		if t.Lang != "" {
			row.Lang = page.NativeName(t.Lang)
		}
		if x.State == editing.Approved {
			row.State, row.Shows = "scheduled", minute(x.Shows)
		}
		if x.State == editing.Returned && !row.Mine {
			continue // its writer's affair
		}
		p.Work = append(p.Work, row)
	}
	order := map[string]int{"returned": 0, "waiting": 1, "draft": 2, "scheduled": 3}
	slices.SortStableFunc(p.Work, func(a, b contentWork) int {
		return cmp.Or(cmp.Compare(order[a.State], order[b.State]), -cmp.Compare(a.When, b.When))
	})
	return nil
}

// textTitle is what a text is called in the visitor's language.
func (s *Site) textTitle(v *visit, c *prevent.Content, name string) string {
	t, _ := prevent.TextOf(name)
	switch t.Folder {
	case "":
		return v.say("content.list_" + t.ID)
	case "crimes":
		if k, ok := c.Crime(t.ID); ok {
			return k.Page(v.lang).Title
		}
	case "cards":
		if k, ok := c.Card(t.ID); ok {
			return k.Text(v.lang).Title
		}
	case "quizzes":
		if q, ok := c.Quiz(t.ID); ok {
			return q.Title.In(q.Lang(v.lang))
		}
	}
	return t.ID
}

// fillTexts lists the texts with their state in each language.
func (s *Site) fillTexts(v *visit, r *http.Request, p *contentPage, o editing.Overview) {
	q := r.URL.Query()
	kind, state, words := q.Get("kind"), q.Get("state"), strings.ToLower(strings.TrimSpace(q.Get("q")))
	p.Filters.Q = q.Get("q")
	for _, k := range []string{"", "crimes", "cards", "quizzes", "lists"} {
		p.Filters.Kinds = append(p.Filters.Kinds, option{k, "content.kind_" + cmp.Or(k, "any"), k == kind})
	}
	for _, k := range []string{"", "missing", "behind", "stale", "own", "open"} {
		p.Filters.States = append(p.Filters.States, option{k, "content.state_" + cmp.Or(k, "any"), k == state})
	}
	groups := map[string]int{}
	n := 0
	for _, e := range s.entries(v, o) {
		row := s.contentRow(v, o, e)
		p.count(row)
		if kind != "" && e.group != kind || words != "" && !strings.Contains(strings.ToLower(row.Title+" "+row.ID), words) || !row.is(state) {
			continue
		}
		if n++; n > contentRows {
			p.More = true
			continue
		}
		i, ok := groups[e.group]
		if !ok {
			i = len(p.Groups)
			groups[e.group] = i
			p.Groups = append(p.Groups, contentGroup{Key: "content.kind_" + e.group})
		}
		p.Groups[i].Rows = append(p.Groups[i].Rows, row)
	}
}

func (s *Site) contentRow(v *visit, o editing.Overview, e contentEntry) contentRow {
	row := contentRow{Title: e.title, ID: e.id, To: v.textAt("text", e.name("en")), Stale: e.stale}
	for _, lang := range s.contentLanguages() {
		name, key := e.name(lang), strings.TrimPrefix(e.group+"/"+e.id+"."+lang, "lists/")
		cell := contentCell{To: v.textAt("text", name), Lang: page.NativeName(lang), State: "shown"}
		own, has := o.Own[name]
		switch {
		case has && own.Sort == editing.Away, !e.shown && o.Own[e.name("en")].Sort == editing.Away:
			cell.State = "away"
		case !e.shown:
			cell.State = "missing"
		case slices.Contains(o.Content.Missing, key):
			cell.State = "missing"
		case slices.Contains(o.Content.Outdated, key):
			cell.State = "behind"
		case has:
			cell.State = "own"
		}
		for _, x := range o.Work {
			if x.Text == name && x.State != editing.Returned {
				open := string(x.State)
				if x.State == editing.Approved {
					open = "scheduled"
				}
				if !slices.Contains(cell.Open, open) {
					cell.Open = append(cell.Open, open)
				}
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

func (r contentRow) has(state string) bool {
	return slices.ContainsFunc(r.Cells, func(c contentCell) bool { return c.State == state })
}

// is reports whether the filter of a state fits.
func (r contentRow) is(state string) bool {
	switch state {
	case "":
		return true
	case "stale":
		return r.Stale
	case "open":
		return slices.ContainsFunc(r.Cells, func(c contentCell) bool { return len(c.Open) > 0 })
	case "own":
		return r.has("own") || r.has("away")
	}
	return r.has(state)
}

func (p *contentPage) count(r contentRow) {
	for _, c := range r.Cells {
		switch c.State {
		case "missing":
			p.Counts.Missing++
		case "behind":
			p.Counts.Behind++
		}
	}
	if r.Stale {
		p.Counts.Stale++
	}
	if r.is("own") {
		p.Counts.Own++
	}
}

// contentDone is the key of what was just done.
func contentDone(r *http.Request) string {
	switch key := r.URL.Query().Get("done"); key {
	case "saved":
		return "done.saved"
	case "sent", "took-back", "gave-up", "approved", "scheduled", "returned", "called-off", "undone", "translated":
		return "content.done_" + key
	}
	return ""
}

// whenOf reads a day and hour as people write them on a form, in UTC.
func whenOf(s string) (time.Time, error) {
	return time.ParseInLocation("2006-01-02T15:04", s, time.UTC)
}
