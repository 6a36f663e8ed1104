// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// unsure is the category of those who chose none.
const unsure = "not-sure"

// optionView, questionView and roundView are questions as the form shows them.
type optionView struct {
	ID, Label string
	Checked   bool
}

type questionView struct {
	Field, Ask, Hint, OnlyIf, Value, Error string
	Kind                                   programme.Kind
	Options                                []optionView
	Rounds                                 []roundView
	Limit                                  int
	Inner                                  bool // inside a group
}

type roundView struct {
	Number    int
	Questions []questionView
}

type categoryView struct {
	ID, Name, Describe, Notice string
	Checked                    bool
}

// categoryQuestions are the questions that only one category has.
type categoryQuestions struct {
	ID, Name  string
	Open      bool
	Questions []questionView
}

// filled is what came with a form; a fresh form has nothing.
type filled struct {
	receipt  seal.Receipt
	category string
	desk     string
	text     string
	danger   bool
	given    programme.Given
	mark     string // stands in the place of the receipt on a page that is held
}

type reportPage struct {
	frame
	Receipt    string
	Categories []categoryView
	Desks      []deskView
	Text       string
	Common     []questionView
	ByCategory []categoryQuestions
	Danger     bool
	Countries  []countryView
	Reads      string
	Plan       plan
	TakesFiles bool
}

// form shows the empty form. No receipt is made for one that is held: each gets
// its own as it goes out.
func (s *Site) form(w http.ResponseWriter, r *http.Request, v visit) error {
	if _, ok := s.sealable(v); !ok {
		return fault.New(fault.Gone, "No report can be sealed now.")
	}
	if m, ok := marked(r); ok {
		return s.showForm(w, http.StatusOK, v, filled{mark: m.receipt}, nil)
	}
	return s.showForm(w, http.StatusOK, v, filled{receipt: seal.NewReceipt()}, nil)
}

// showForm shows the form with what was filled in and what is wrong with it.
func (s *Site) showForm(w http.ResponseWriter, status int, v visit, f filled, problems []page.Problem) error {
	s.allowFiles(w)
	p := reportPage{
		frame: s.frame(v, "portal-report.js"), Receipt: b64(f.receipt.Bytes()), Desks: s.desks(v, f.desk),
		Text: f.text, Danger: f.danger, Countries: countries(v), Plan: s.plan(v), TakesFiles: s.TakesFiles,
	}
	p.Problems = problems
	if f.mark != "" {
		p.Receipt = f.mark
	}
	view := viewer{lang: v.lang, given: f.given, shell: p.Shell}
	for _, q := range s.questions(v).List {
		p.Categories = append(p.Categories, categoryView{
			ID: q.Category, Name: q.Name.In(v.lang), Describe: q.Describe.In(v.lang), Notice: q.Notice.In(v.lang), Checked: q.Category == f.category,
		})
		own := categoryQuestions{ID: q.Category, Name: q.Name.In(v.lang), Open: q.Category == f.category}
		for _, question := range q.Questions {
			if !question.Common {
				own.Questions = append(own.Questions, view.question(question, question.ID, q.Questions))
			}
		}
		if len(own.Questions) > 0 {
			p.ByCategory = append(p.ByCategory, own)
		}
	}
	for _, question := range s.questions(v).Common {
		p.Common = append(p.Common, view.question(question, question.ID, s.questions(v).Common))
	}
	if len(p.Desks) > 0 {
		p.Reads = p.Desks[0].Reads
	}
	return s.pages.Write(w, status, v.lang, "report", p)
}

// viewer makes views of questions in one language.
type viewer struct {
	lang  string
	given programme.Given
	shell page.Shell
}

func (e viewer) question(q programme.Question, field string, before []programme.Question) questionView {
	values := e.given[field]
	view := questionView{
		Field: field, Ask: q.Ask.In(e.lang), Hint: q.Hint.In(e.lang), Kind: q.Kind, Limit: programme.MaxLine,
		OnlyIf: e.onlyIf(q, before), Error: e.shell.Problem(field),
	}
	if q.Kind == programme.KindText {
		view.Limit = programme.MaxAnswer
	}
	if len(values) > 0 {
		view.Value = values[0]
	}
	for _, o := range q.Options {
		view.Options = append(view.Options, optionView{ID: o.ID, Label: o.Label.In(e.lang), Checked: slices.Contains(values, o.ID)})
	}
	for n := 1; n <= q.Repeat; n++ {
		round := roundView{Number: n}
		for _, inner := range q.Questions {
			iv := e.question(inner, field+"."+strconv.Itoa(n)+"."+inner.ID, nil)
			iv.Inner = true
			round.Questions = append(round.Questions, iv)
		}
		view.Rounds = append(view.Rounds, round)
	}
	return view
}

// onlyIf says in words after which answers a question is asked, for readers
// whose browser can't hide it.
func (e viewer) onlyIf(q programme.Question, before []programme.Question) string {
	var parts []string
	for _, c := range q.When {
		at := slices.IndexFunc(before, func(b programme.Question) bool { return b.ID == c.Answer })
		if at < 0 {
			continue
		}
		var labels []string
		for _, o := range before[at].Options {
			if slices.Contains(c.Is, o.ID) {
				labels = append(labels, o.Label.In(e.lang))
			}
		}
		parts = append(parts, strings.Join(labels, " / "))
	}
	return strings.Join(parts, "; ")
}

// plan is what the script needs to page through the form and to seal it.
type plan struct {
	Base       string                  `json:"base"`
	Lang       string                  `json:"lang"`
	Programme  string                  `json:"programme"`
	Key        string                  `json:"key"` // the programme's, base64: rosters must verify under it
	Exit       string                  `json:"exit"`
	Categories map[string]planCategory `json:"categories,omitempty"`
	Questions  map[string]planQuestion `json:"questions,omitempty"`
	Desks      map[string]planDesk     `json:"desks"`
	Lists      map[string]string       `json:"lists"` // addresses of the lists of words
	Texts      map[string]string       `json:"texts"`
	Scrub      *planScrub              `json:"scrub,omitempty"`
}

// planScrub is what cleans files in the browser.
type planScrub struct {
	Worker    string `json:"worker"`
	Module    string `json:"module"`
	Integrity string `json:"integrity"`
}

// allowFiles lets a page start the worker that cleans files, where there is
// one, and use the microphone.
func (s *Site) allowFiles(w http.ResponseWriter) {
	if s.scrub() != nil {
		w.Header().Set("Content-Security-Policy", filePolicy)
		w.Header().Set("Permissions-Policy", filePermissions)
	}
}

// scrub returns where the cleaning programme is; nil where this build, or this
// place, takes no files.
func (s *Site) scrub() *planScrub {
	worker, ok := s.Assets.Get(scrubWorker)
	module, found := s.Assets.Get(scrubModule)
	if !ok || !found || !s.TakesFiles {
		return nil
	}
	return &planScrub{Worker: worker.URL, Module: module.URL, Integrity: module.Integrity()}
}

type planCategory struct {
	Name      string   `json:"name"`
	Version   string   `json:"version"`
	Questions []string `json:"questions"`
}

type planQuestion struct {
	Ask     string                  `json:"ask"`
	Kind    programme.Kind          `json:"kind"`
	When    []planCondition         `json:"when,omitempty"`
	Options map[string]planOption   `json:"options,omitempty"`
	Inner   map[string]planQuestion `json:"inner,omitempty"`
}

type planCondition struct {
	Answer   string   `json:"answer,omitempty"`
	Is       []string `json:"is,omitempty"`
	Category []string `json:"category,omitempty"`
}

type planOption struct {
	Label   string `json:"label"`
	Urgency string `json:"urgency,omitempty"`
}

type planDesk struct {
	Name  string `json:"name"`
	Reads string `json:"reads"`
}

// scriptTexts are the texts beyond script.* that the scripts say.
var scriptTexts = []string{
	"form.text_missing", "form.desk_missing", "shell.error_prefix", "site.back", "site.back_home",
	"mailbox.near", "mailbox.not_near", "mailbox.check", "mailbox.no_report", "mailbox.unknown_words", "mailbox.me", "mailbox.desk",
	"mailbox.key_changed", "mailbox.unchecked", "mailbox.state_new", "mailbox.state_open", "mailbox.state_waiting", "mailbox.state_closed",
	"mailbox.reply_empty", "mailbox.reply_done", "mailbox.reply_again", "report.title",
}

// basePlan is the part of the plan that every script needs.
func (s *Site) basePlan(v visit) plan {
	p := plan{
		Base: v.base, Lang: v.lang, Programme: v.programme.ID.String(), Key: b64(v.programme.Key), Exit: s.frame(v).Exit,
		Desks: map[string]planDesk{}, Lists: map[string]string{}, Texts: map[string]string{},
	}
	for _, list := range words.All() {
		if f, ok := s.Assets.Get("words-" + list.Language() + ".txt"); ok {
			p.Lists[list.Language()] = f.URL
		}
	}
	for _, key := range v.words.Keys() {
		if strings.HasPrefix(key, "script.") || slices.Contains(scriptTexts, key) {
			p.Texts[key] = v.say(key)
		}
	}
	p.Scrub = s.scrub()
	p.Texts["mailbox.count"] = v.say("mailbox.count", "n", "{n}")
	for _, d := range s.desks(v, "") {
		p.Desks[d.ID] = planDesk{Name: v.say("desk.of", "name", d.Name, "organisation", d.Organisation), Reads: d.Reads}
	}
	return p
}

func (s *Site) plan(v visit) plan {
	p := s.basePlan(v)
	p.Categories, p.Questions = map[string]planCategory{}, map[string]planQuestion{}
	for _, q := range s.questions(v).List {
		c := planCategory{Name: q.Name.In(v.lang), Version: q.Version, Questions: []string{}}
		for _, question := range q.Questions {
			c.Questions = append(c.Questions, question.ID)
			p.Questions[question.ID] = planOf(question, v.lang)
		}
		p.Categories[q.Category] = c
	}
	return p
}

func planOf(q programme.Question, lang string) planQuestion {
	pq := planQuestion{Ask: q.Ask.In(lang), Kind: q.Kind}
	for _, c := range q.When {
		pq.When = append(pq.When, planCondition(c))
	}
	for _, o := range q.Options {
		if pq.Options == nil {
			pq.Options = map[string]planOption{}
		}
		pq.Options[o.ID] = planOption{Label: o.Label.In(lang), Urgency: o.Urgency}
	}
	for _, inner := range q.Questions {
		if pq.Inner == nil {
			pq.Inner = map[string]planQuestion{}
		}
		pq.Inner[inner.ID] = planOf(inner, lang)
	}
	return pq
}
