// SPDX-License-Identifier: AGPL-3.0-or-later

package programme

import (
	"slices"
)

// Kind says how a question is answered.
type Kind string

// The kinds of questions.
const (
	KindLine   Kind = "line"   // one line of text
	KindText   Kind = "text"   // several lines
	KindChoice Kind = "choice" // one of the options
	KindMany   Kind = "many"   // any of the options
	KindGroup  Kind = "group"  // questions that may be answered several times
)

// Limits of an answer, in characters, and of a group, in rounds.
const (
	MaxLine   = 300
	MaxAnswer = 4000
	MaxRepeat = 6
)

// Questionnaire is what is asked about one category of report. Nothing in it
// must be answered.
type Questionnaire struct {
	Category  string     `yaml:"category"`
	Version   string     `yaml:"version"`
	Name      Text       `yaml:"name"`
	Describe  Text       `yaml:"describe"`
	Notice    Text       `yaml:"notice"`  // shown before the words: "don't copy images"
	Markets   []string   `yaml:"markets"` // of the Global Organized Crime Index, for statistics that compare
	Hard      bool       `yaml:"hard"`    // files of such reports are hard to look at: blurred and silent first
	Questions []Question `yaml:"questions"`
}

// Question is one question, or with Use alone one of the common ones.
type Question struct {
	Use       string      `yaml:"use"`
	ID        string      `yaml:"id"`
	Ask       Text        `yaml:"ask"`
	Hint      Text        `yaml:"hint"`
	Kind      Kind        `yaml:"kind"`
	Options   []Option    `yaml:"options"`
	When      []Condition `yaml:"when"`      // all must hold; none: always asked
	Repeat    int         `yaml:"repeat"`    // rounds of a group
	Questions []Question  `yaml:"questions"` // of a group
	Common    bool        `yaml:"-"`         // shared by several categories
}

// Option is one answer to choose.
type Option struct {
	ID      string `yaml:"id"`
	Label   Text   `yaml:"label"`
	Urgency string `yaml:"urgency"` // "soon" when this answer makes a report pressing
}

// Condition holds when an earlier question has one of the answers, or when
// the category is one of those named.
type Condition struct {
	Answer   string   `yaml:"answer"`
	Is       []string `yaml:"is"`
	Category []string `yaml:"category"`
}

// Questionnaires are those of a programme, in the order in which they are
// offered. They do not change once loaded.
type Questionnaires struct {
	Common []Question
	List   []Questionnaire
}

// Hard returns the categories whose files are hard to look at.
func (qs *Questionnaires) Hard() []string {
	var out []string
	for _, q := range qs.List {
		if q.Hard {
			out = append(out, q.Category)
		}
	}
	return out
}

// For returns the questionnaire of a category.
func (qs *Questionnaires) For(category string) (Questionnaire, bool) {
	i := slices.IndexFunc(qs.List, func(q Questionnaire) bool { return q.Category == category })
	if i < 0 {
		return Questionnaire{}, false
	}
	return qs.List[i], true
}

// Given are answers by field. The field of a question is its id, and inside a
// group "group.round.id" with rounds from 1. Several chosen options are
// several values.
type Given map[string][]string

// Asked reports whether q is asked in a report about category with the answers
// that were given so far.
func (q Question) Asked(category string, given Given) bool {
	for _, c := range q.When {
		if len(c.Category) > 0 && !slices.Contains(c.Category, category) {
			return false
		}
		if c.Answer != "" && !slices.ContainsFunc(given[c.Answer], func(v string) bool { return slices.Contains(c.Is, v) }) {
			return false
		}
	}
	return true
}

// option returns the option with that id.
func (q Question) option(id string) (Option, bool) {
	i := slices.IndexFunc(q.Options, func(o Option) bool { return o.ID == id })
	if i < 0 {
		return Option{}, false
	}
	return q.Options[i], true
}
