// SPDX-License-Identifier: AGPL-3.0-or-later

package programme

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed questionnaires/*.yaml
var builtIn embed.FS

// orderFile lists the categories in the order of their offer and holds the
// questions that several of them share.
const orderFile = "_common.yaml"

// questionID is the form of ids of categories, questions and options.
var questionID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// BuiltIn returns the questionnaires that the program brings along, checked in
// languages.
func BuiltIn(languages []string) (*Questionnaires, error) {
	sub, err := fs.Sub(builtIn, "questionnaires")
	if err != nil {
		return nil, fmt.Errorf("open questionnaires: %w", err)
	}
	return LoadQuestionnaires(sub, languages)
}

// LoadQuestionnaires reads `_common.yaml` and one file for each category that
// it lists, and checks them whole. Unknown keys, texts that are missing in one
// of languages, conditions on questions that do not come before, and ids used
// twice are errors, each with its file and line; the error joins them all.
func LoadQuestionnaires(files fs.FS, languages []string) (*Questionnaires, error) {
	var common struct {
		Version    string     `yaml:"version"`
		Categories []string   `yaml:"categories"`
		Questions  []Question `yaml:"questions"`
	}
	l := &loader{languages: languages, categories: map[string]bool{}}
	qs := &Questionnaires{}
	f, ok := l.read(files, orderFile, &common)
	if !ok {
		return nil, errors.Join(l.faults...)
	}
	for _, c := range common.Categories {
		l.categories[c] = true
	}
	for i := range common.Questions {
		common.Questions[i].Common = true
	}
	qs.Common = common.Questions
	f.checkAll("$", qs.Common, map[string]Question{}, "")
	for i, category := range common.Categories {
		if slices.Contains(common.Categories[:i], category) {
			f.say(fmt.Sprintf("$.categories[%d]", i), "category %q is listed twice", category)
			continue
		}
		var q Questionnaire
		f, ok := l.read(files, category+".yaml", &q)
		if !ok {
			continue
		}
		f.check(&q, category, qs.Common)
		qs.List = append(qs.List, q)
	}
	if err := errors.Join(l.faults...); err != nil {
		return nil, err
	}
	return qs, nil
}

type loader struct {
	languages  []string
	categories map[string]bool
	faults     []error
}

// source is one file with its tree, so that a fault can name its line.
type source struct {
	*loader
	name string
	tree *ast.File
}

func (l *loader) read(files fs.FS, name string, into any) (source, bool) {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		l.faults = append(l.faults, fmt.Errorf("read questionnaire: %w", err))
		return source{}, false
	}
	if err := yaml.UnmarshalWithOptions(b, into, yaml.Strict()); err != nil {
		l.faults = append(l.faults, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, false)))
		return source{}, false
	}
	tree, err := parser.ParseBytes(b, 0)
	if err != nil {
		l.faults = append(l.faults, fmt.Errorf("%s: %w", name, err))
		return source{}, false
	}
	return source{loader: l, name: name, tree: tree}, true
}

// say adds a fault at the place that a YAML path names.
func (s source) say(path, format string, args ...any) {
	line := 1
	if p, err := yaml.PathString(path); err == nil {
		if node, err := p.FilterFile(s.tree); err == nil && node != nil {
			line = node.GetToken().Position.Line
		}
	}
	s.faults = append(s.faults, fmt.Errorf("%s:%d: %s", s.name, line, fmt.Sprintf(format, args...)))
}

func (s source) text(path, what string, t Text, needed bool) {
	if len(t) == 0 && !needed {
		return
	}
	for _, lang := range s.languages {
		if strings.TrimSpace(t[lang]) == "" {
			s.say(path, "%s: the text in %q is missing", what, lang)
		}
	}
}

// check checks a category's file and puts the common questions in the place of
// their uses.
func (s source) check(q *Questionnaire, category string, common []Question) {
	if q.Category != category || !questionID.MatchString(category) {
		s.say("$.category", "category %q: the file must be called %s.yaml", q.Category, q.Category)
	}
	if q.Version == "" {
		s.say("$", "version is missing")
	}
	s.text("$.name", "name", q.Name, true)
	s.text("$.describe", "describe", q.Describe, true)
	s.text("$.notice", "notice", q.Notice, false)
	for i, question := range q.Questions {
		if question.Use == "" {
			continue
		}
		at := slices.IndexFunc(common, func(c Question) bool { return c.ID == question.Use })
		if at < 0 {
			s.say(fmt.Sprintf("$.questions[%d].use", i), "there is no common question %q", question.Use)
			continue
		}
		q.Questions[i] = common[at]
	}
	s.checkAll("$", q.Questions, map[string]Question{}, category)
}

// checkAll checks questions in their order; seen holds those before.
func (s source) checkAll(path string, questions []Question, seen map[string]Question, category string) {
	for i, q := range questions {
		at := fmt.Sprintf("%s.questions[%d]", path, i)
		if category != "" && !q.Common && path == "$" && !strings.HasPrefix(q.ID, category+"-") {
			s.say(at, "question %q: its id must start with %q, to differ from other categories' questions", q.ID, category+"-")
		}
		if !questionID.MatchString(q.ID) {
			s.say(at, "question id %q: use a to z, 0 to 9 and hyphens", q.ID)
		}
		if _, twice := seen[q.ID]; twice {
			s.say(at, "question %q is asked twice", q.ID)
		}
		if category != "" && q.Common {
			s.conditions(at, q, seen)
		} else {
			s.question(at, q, seen)
		}
		seen[q.ID] = q
	}
}

func (s source) question(at string, q Question, seen map[string]Question) {
	s.text(at+".ask", "question "+q.ID, q.Ask, true)
	s.text(at+".hint", "hint of "+q.ID, q.Hint, false)
	choice := q.Kind == KindChoice || q.Kind == KindMany
	switch {
	case !slices.Contains([]Kind{KindLine, KindText, KindChoice, KindMany, KindGroup}, q.Kind):
		s.say(at, "question %q: kind %q is unknown (line, text, choice, many, group)", q.ID, q.Kind)
	case choice != (len(q.Options) > 0):
		s.say(at, "question %q: options belong to the kinds choice and many, and they need some", q.ID)
	case (q.Kind == KindGroup) != (len(q.Questions) > 0):
		s.say(at, "question %q: questions belong to the kind group, and it needs some", q.ID)
	case q.Kind == KindGroup && (q.Repeat < 1 || q.Repeat > MaxRepeat):
		s.say(at, "question %q: repeat must be 1 to %d", q.ID, MaxRepeat)
	}
	options := map[string]bool{}
	for i, o := range q.Options {
		where := fmt.Sprintf("%s.options[%d]", at, i)
		if !questionID.MatchString(o.ID) || options[o.ID] {
			s.say(where, "option %q of %q: the id is malformed or used twice", o.ID, q.ID)
		}
		if o.Urgency != "" && o.Urgency != "soon" {
			s.say(where, "option %q of %q: urgency %q is unknown (soon)", o.ID, q.ID, o.Urgency)
		}
		options[o.ID] = true
		s.text(where+".label", "option "+o.ID+" of "+q.ID, o.Label, true)
	}
	for _, inner := range q.Questions {
		if inner.Kind == KindGroup || len(inner.When) > 0 {
			s.say(at, "question %q: inside a group there are neither groups nor conditions", inner.ID)
		}
	}
	s.checkAll(at, q.Questions, map[string]Question{}, "")
	s.conditions(at, q, seen)
}

// conditions demands that q depends only on questions before it: a condition
// on a later one could never be met, or go round in a circle.
func (s source) conditions(at string, q Question, seen map[string]Question) {
	for i, c := range q.When {
		where := fmt.Sprintf("%s.when[%d]", at, i)
		if q.Common {
			where = at
		}
		if (c.Answer == "") == (len(c.Category) == 0) || (c.Answer == "") != (len(c.Is) == 0) {
			s.say(where, "question %q: a condition is either answer and is, or category", q.ID)
			continue
		}
		for _, name := range c.Category {
			if !s.categories[name] {
				s.say(where, "question %q: there is no category %q", q.ID, name)
			}
		}
		if c.Answer == "" {
			continue
		}
		earlier, ok := seen[c.Answer]
		if !ok {
			s.say(where, "question %q: its condition names %q, which is not asked before it", q.ID, c.Answer)
			continue
		}
		for _, is := range c.Is {
			if _, ok := earlier.option(is); !ok {
				s.say(where, "question %q: %q is not an option of %q", q.ID, is, c.Answer)
			}
		}
	}
}

// Categories returns the keys of all categories, in the order of their offer.
func (qs *Questionnaires) Categories() []string {
	all := make([]string, len(qs.List))
	for i, q := range qs.List {
		all[i] = q.Category
	}
	return all
}
