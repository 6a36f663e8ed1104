// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/programme"
)

// Quiz is a few questions that teach by their answers.
type Quiz struct {
	ID        string         `yaml:"-"`
	Crime     string         `yaml:"crime"`
	Title     programme.Text `yaml:"title"`
	Lead      programme.Text `yaml:"lead"`
	Review    `yaml:",inline"`
	Questions []Question `yaml:"questions"`

	whole map[string]bool // languages that have every text
}

// Question has one right answer.
type Question struct {
	Ask     programme.Text `yaml:"ask"`
	Options []Option       `yaml:"options"`
}

// Option is an answer, with what is to be learnt from it.
type Option struct {
	Right bool           `yaml:"right"`
	Text  programme.Text `yaml:"text"`
	Why   programme.Text `yaml:"why"`
}

// The bounds of a quiz.
const (
	maxQuestions = 30
	maxOptions   = 8
	maxQuizFile  = 256 << 10
)

// Lang returns lang when the whole quiz is there in it, else English.
func (q Quiz) Lang(lang string) string {
	if q.whole[lang] {
		return lang
	}
	return "en"
}

// Right counts the right answers; answers holds an option's index for each
// question.
func (q Quiz) Right(answers []int) int {
	n := 0
	for i, a := range answers {
		if i < len(q.Questions) && a >= 0 && a < len(q.Questions[i].Options) && q.Questions[i].Options[a].Right {
			n++
		}
	}
	return n
}

// Passed reports whether so many right answers are enough: four of five.
func (q Quiz) Passed(right int) bool { return 5*right >= 4*len(q.Questions) }

// Quiz returns the quiz with that id.
func (c *Content) Quiz(id string) (Quiz, bool) {
	i := slices.IndexFunc(c.Quizzes, func(q Quiz) bool { return q.ID == id })
	if i < 0 {
		return Quiz{}, false
	}
	return c.Quizzes[i], true
}

const quizFolder = "quizzes"

var quizFile = regexp.MustCompile(`^[a-z]+(-[a-z]+)*\.yaml$`)

// quizzes reads every quiz of the binary and of the operator.
func (l *loader) quizzes(c *Content, crimes map[string]bool, languages []string) {
	for _, base := range l.names(quizFolder, quizFile) {
		name := path.Join(quizFolder, base)
		b, err := l.file(name)
		if err != nil {
			l.say("%s: %w", name, err)
			continue
		}
		q, faults := ReadQuiz(b)
		for _, f := range faults {
			l.say("%s: %w", name, f)
		}
		if !crimes[q.Crime] {
			l.say("%s: there is no kind of crime %q", name, q.Crime)
		}
		l.review(name, q.Review)
		q.ID, q.whole = strings.TrimSuffix(base, ".yaml"), map[string]bool{}
		for _, lang := range languages {
			if q.whole[lang] = q.missing(lang) == 0; !q.whole[lang] {
				c.Missing = append(c.Missing, quizFolder+"/"+q.ID+"."+lang)
			}
		}
		c.Quizzes = append(c.Quizzes, q)
	}
}

// texts calls see with each text of the quiz and where it stands.
func (q Quiz) texts(see func(t programme.Text, question, option int, what string)) {
	see(q.Title, 0, 0, "title")
	see(q.Lead, 0, 0, "lead")
	for i, question := range q.Questions {
		see(question.Ask, i+1, 0, "ask")
		for j, o := range question.Options {
			see(o.Text, i+1, j+1, "text")
			see(o.Why, i+1, j+1, "why")
		}
	}
}

// missing counts the texts that are not there in a language.
func (q Quiz) missing(lang string) int {
	n := 0
	q.texts(func(t programme.Text, _, _ int, _ string) {
		if strings.TrimSpace(t[lang]) == "" {
			n++
		}
	})
	return n
}

// ReadQuiz reads a quiz. Each question has one right answer, and each answer
// says why.
func ReadQuiz(b []byte) (Quiz, []error) {
	var q Quiz
	c := &checker{}
	if len(b) > maxQuizFile {
		c.say("the file has %d bytes, at most %d", len(b), maxQuizFile)
		return q, c.faults
	}
	if err := readYAML(b, &q); err != nil {
		c.say("%s", err)
		return q, c.faults
	}
	if len(q.Questions) == 0 || len(q.Questions) > maxQuestions {
		c.say("questions: 1 to %d, not %d", maxQuestions, len(q.Questions))
	}
	for i, question := range q.Questions {
		right := 0
		for _, o := range question.Options {
			if o.Right {
				right++
			}
		}
		if right != 1 || len(question.Options) < 2 || len(question.Options) > maxOptions {
			c.say("question %d: %d of %d answers are right: 2 to %d answers, one of them right", i+1, right, len(question.Options), maxOptions)
		}
	}
	q.texts(func(t programme.Text, question, option int, what string) {
		switch {
		case len(t["en"]) > maxText:
			c.say("question %d, answer %d: %s has %d bytes, at most %d", question, option, what, len(t["en"]), maxText)
		case strings.TrimSpace(t["en"]) == "" && question == 0:
			c.say("%s: the text in \"en\" is missing", what)
		case strings.TrimSpace(t["en"]) == "":
			c.say("question %d, answer %d: %s: the text in \"en\" is missing", question, option, what)
		}
	})
	return q, c.faults
}
