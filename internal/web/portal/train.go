// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// maxName is how long a name on a certificate may be, in letters.
const maxName = 80

// quizLink leads to a quiz.
type quizLink struct{ ID, Title, Lead, Lang, Dir string }

func (s *Site) quizLinks(v visit, quizzes []prevent.Quiz) []quizLink {
	var links []quizLink
	for _, q := range quizzes {
		lang := q.Lang(v.lang)
		links = append(links, quizLink{q.ID, q.Title.In(lang), q.Lead.In(lang), lang, dirOf(lang)})
	}
	return links
}

type trainingPage struct {
	frame
	Quizzes []quizLink
}

// training lists the quizzes.
func (s *Site) training(w http.ResponseWriter, _ *http.Request, v visit) error {
	if v.content == nil || len(v.content.Quizzes) == 0 {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	p := trainingPage{s.frame(v), s.quizLinks(v, v.content.Quizzes)}
	p.Robots = true
	return s.pages.Write(w, http.StatusOK, v.lang, "training", p)
}

// gradedOption is one answer; Number is what the form sends.
type gradedOption struct {
	Number        int
	Text, Why     string
	Right, Chosen bool
}

type gradedQuestion struct {
	Number  int
	Ask     string
	Options []gradedOption
	Chosen  int // number of the chosen option, 0: none
}

// quizPage is a quiz before or after it was answered.
type quizPage struct {
	frame
	ID, Title, Lead, TextLang, TextDir string
	Questions                          []gradedQuestion
	Right, Count                       int
	Passed                             bool
	Review                             reviewView
	Name, Date                         string // of a certificate
	Crime                              string
}

func (s *Site) quizPage(v visit, q prevent.Quiz, answers []int, scripts ...string) quizPage {
	lang := q.Lang(v.lang)
	p := quizPage{
		frame: s.frame(v, scripts...), ID: q.ID, Title: q.Title.In(lang), Lead: q.Lead.In(lang), TextLang: lang, TextDir: dirOf(lang), Crime: q.Crime,
		Right: q.Right(answers), Count: len(q.Questions), Review: s.review(v, q.Review),
	}
	p.Passed = q.Passed(p.Right)
	for i, question := range q.Questions {
		view := gradedQuestion{Number: i + 1, Ask: question.Ask.In(lang)}
		for j, o := range question.Options {
			chosen := i < len(answers) && answers[i] == j
			if chosen {
				view.Chosen = j + 1
			}
			view.Options = append(view.Options, gradedOption{j + 1, o.Text.In(lang), o.Why.In(lang), o.Right, chosen})
		}
		p.Questions = append(p.Questions, view)
	}
	return p
}

func (v visit) quizOf(r *http.Request) (prevent.Quiz, error) {
	if v.content != nil {
		if q, ok := v.content.Quiz(r.PathValue("quiz")); ok {
			return q, nil
		}
	}
	return prevent.Quiz{}, fault.New(fault.NotFound, "There is no such page.")
}

// quiz shows the questions.
func (s *Site) quiz(w http.ResponseWriter, r *http.Request, v visit) error {
	q, err := v.quizOf(r)
	if err != nil {
		return err
	}
	p := s.quizPage(v, q, nil)
	p.Robots, p.Share = true, s.sharing(r, v, "training/"+q.ID, p.Title, p.Lead)
	return s.pages.Write(w, http.StatusOK, v.lang, "quiz", p)
}

// answers reads the options that were chosen, -1 where none was.
func answers(q prevent.Quiz, fields map[string][]string) (chosen []int, missing []page.Problem) {
	for i, question := range q.Questions {
		name := "q" + strconv.Itoa(i+1)
		n, err := strconv.Atoi(first(fields[name]))
		if err != nil || n < 1 || n > len(question.Options) {
			n = 0
			missing = append(missing, page.Problem{Field: name + "-1"})
		}
		chosen = append(chosen, n-1)
	}
	return chosen, missing
}

// graded explains every answer. Nothing of it is kept: the page itself carries
// the answers on to the certificate.
func (s *Site) graded(w http.ResponseWriter, r *http.Request, v visit) error {
	q, err := v.quizOf(r)
	if err != nil {
		return err
	}
	form, err := fieldsOnly(w, r)
	if err != nil {
		return err
	}
	chosen, missing := answers(q, form.fields)
	p := s.quizPage(v, q, chosen)
	if len(missing) > 0 {
		for i := range missing {
			missing[i].Message = v.say("training.choose_one")
		}
		p.Problems = missing
		return s.pages.Write(w, http.StatusUnprocessableEntity, v.lang, "quiz", p)
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "graded", p)
}

// certificate is made anew from the answers each time. With script the name
// never leaves the browser; without, it comes with the form, goes back on the
// page, and is forgotten like everything that comes in clear.
func (s *Site) certificate(w http.ResponseWriter, r *http.Request, v visit) error {
	defer s.forget(w)()
	q, err := v.quizOf(r)
	if err != nil {
		return err
	}
	form, err := fieldsOnly(w, r)
	if err != nil {
		return err
	}
	chosen, missing := answers(q, form.fields)
	p := s.quizPage(v, q, chosen, "portal-certificate.js")
	if len(missing) > 0 || !p.Passed {
		return s.pages.Write(w, http.StatusUnprocessableEntity, v.lang, "graded", p)
	}
	p.Paper = true
	p.Name, p.Date = nameOn(first(form.fields["name"])), s.Clock.Now().Format("2006-01-02")
	return s.pages.Write(w, http.StatusOK, v.lang, "certificate", p)
}

// backToQuiz is for those who reload a certificate or change its language.
func (s *Site) backToQuiz(w http.ResponseWriter, r *http.Request, v visit) error {
	q, err := v.quizOf(r)
	if err != nil {
		return err
	}
	http.Redirect(w, r, v.root()+"/training/"+q.ID, http.StatusSeeOther)
	return nil
}

// nameOn is a name as it is printed: one line of bounded length, without what
// turns the direction of other words.
func nameOn(typed string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.Join(strings.Fields(typed), " ") {
		if !unicode.IsPrint(r) {
			continue
		}
		if n == maxName {
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
