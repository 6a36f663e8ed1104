// SPDX-License-Identifier: AGPL-3.0-or-later

package programme_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/programme"
)

func builtIn(t *testing.T) *programme.Questionnaires {
	t.Helper()
	qs, err := programme.BuiltIn([]string{"en", "da", "ar"})
	if err != nil {
		t.Fatal(err)
	}
	return qs
}

func TestBuiltInQuestionnairesAreWhole(t *testing.T) {
	qs := builtIn(t)
	for _, category := range []string{"child-abuse", "drugs", "firearms", "fraud", "money-laundering", "corruption", "immigration", "trafficking", "cyber", "not-sure", "other"} {
		q, ok := qs.For(category)
		if !ok || len(q.Questions) < 3 {
			t.Errorf("%s: %d questions", category, len(q.Questions))
		}
	}
	abuse, _ := qs.For("child-abuse")
	if !strings.Contains(abuse.Notice.In("en"), "Don't copy") {
		t.Errorf("child-abuse does not say that images must not be copied: %q", abuse.Notice.In("en"))
	}
	if hard := qs.Hard(); !slices.Equal(hard, []string{"trafficking", "child-abuse"}) {
		t.Errorf("hard to look at are %v", hard)
	}
	if _, err := programme.BuiltIn([]string{"en", "fr"}); err == nil || !strings.Contains(err.Error(), `the text in "fr" is missing`) {
		t.Errorf("a missing language was not named: %v", err)
	}
}

const orderYAML = `version: "1"
categories: [a, b]
questions:
  - id: when
    kind: choice
    ask: {en: When?}
    options:
      - {id: now, label: {en: Now}, urgency: soon}
      - {id: past, label: {en: Past}}
  - id: day
    kind: line
    ask: {en: Which day?}
    when:
      - {answer: when, is: [past]}
`

const categoryB = `category: b
version: "1"
name: {en: B}
describe: {en: About B}
questions:
  - use: when
`

func load(a string) (*programme.Questionnaires, error) {
	return programme.LoadQuestionnaires(fstest.MapFS{
		"_common.yaml": {Data: []byte(orderYAML)}, "a.yaml": {Data: []byte(a)}, "b.yaml": {Data: []byte(categoryB)},
	}, []string{"en"})
}

const headA = "category: a\nversion: \"1\"\nname: {en: A}\ndescribe: {en: About A}\nquestions:\n"

func TestFaultsAreNamedWithFileAndLine(t *testing.T) {
	for name, tc := range map[string]struct{ yaml, want string }{
		"unknown key":        {headA + "  - id: a-x\n    kind: line\n    colour: red\n    ask: {en: X}\n", "[8:5]"},
		"missing text":       {headA + "  - id: a-x\n    kind: line\n    ask: {da: X}\n", `a.yaml:8: question a-x: the text in "en" is missing`},
		"later question":     {headA + "  - use: day\n  - use: when\n", `a.yaml:6: question "day": its condition names "when", which is not asked before it`},
		"condition on self":  {headA + "  - id: a-x\n    kind: line\n    ask: {en: X}\n    when:\n      - {answer: a-x, is: [y]}\n", `a.yaml:10: question "a-x": its condition names "a-x"`},
		"no such option":     {headA + "  - use: when\n  - id: a-x\n    kind: line\n    ask: {en: X}\n    when:\n      - {answer: when, is: [later]}\n", `"later" is not an option of "when"`},
		"no such category":   {headA + "  - id: a-x\n    kind: line\n    ask: {en: X}\n    when:\n      - {category: [z]}\n", `there is no category "z"`},
		"half a condition":   {headA + "  - use: when\n  - id: a-x\n    kind: line\n    ask: {en: X}\n    when:\n      - {answer: when}\n", "a condition is either answer and is"},
		"asked twice":        {headA + "  - use: when\n  - use: when\n", `question "when" is asked twice`},
		"no common question": {headA + "  - use: who\n", `a.yaml:6: there is no common question "who"`},
		"unknown kind":       {headA + "  - id: a-x\n    kind: radio\n    ask: {en: X}\n", `kind "radio" is unknown`},
		"choice of nothing":  {headA + "  - id: a-x\n    kind: choice\n    ask: {en: X}\n", "they need some"},
		"endless group":      {headA + "  - id: a-x\n    kind: group\n    repeat: 99\n    ask: {en: X}\n    questions:\n      - {id: y, kind: line, ask: {en: Y}}\n", "repeat must be 1 to 6"},
		"foreign id":         {headA + "  - id: x\n    kind: line\n    ask: {en: X}\n", `its id must start with "a-"`},
		"other file's name":  {strings.Replace(headA, "category: a", "category: c", 1) + "  - use: when\n", "the file must be called c.yaml"},
		"group in a group":   {headA + "  - id: a-x\n    kind: group\n    repeat: 2\n    ask: {en: X}\n    questions:\n      - {id: y, kind: group, repeat: 2, ask: {en: Y}, questions: [{id: z, kind: line, ask: {en: Z}}]}\n", "neither groups nor conditions"},
	} {
		_, err := load(tc.yaml)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tc.want)
		}
	}
}

const wholeA = headA + `  - use: when
  - use: day
  - id: a-who
    kind: group
    repeat: 2
    ask: {en: Person}
    questions:
      - {id: name, kind: line, ask: {en: Name}}
  - id: a-signs
    kind: many
    ask: {en: Signs}
    options:
      - {id: x, label: {en: Ex}}
      - {id: y, label: {en: Why}}
`

func TestCollectKeepsTheOrderOfTheQuestions(t *testing.T) {
	qs, err := load(wholeA)
	if err != nil {
		t.Fatal(err)
	}
	q, _ := qs.For("a")
	got, urgency, err := q.Collect(programme.Given{
		"a-signs": {"y", "x"}, "a-who.2.name": {" Bob "}, "when": {"now"}, "day": {"  "},
	}, "en")
	want := []programme.Answered{
		{ID: "when", Label: "When?", Value: "Now"}, {ID: "a-who.2.name", Label: "Person 2: Name", Value: "Bob"}, {ID: "a-signs", Label: "Signs", Value: "Why; Ex"},
	}
	if err != nil || urgency != "soon" || !cmp.Equal(got, want) {
		t.Errorf("error %v, urgency %q, %s", err, urgency, cmp.Diff(want, got))
	}
}

func TestAnswersThatWereNotAskedForAreRefused(t *testing.T) {
	qs, err := load(wholeA)
	if err != nil {
		t.Fatal(err)
	}
	q, _ := qs.For("a")
	for name, tc := range map[string]struct {
		given programme.Given
		field string
		why   programme.Refusal
	}{
		"hidden":         {programme.Given{"when": {"now"}, "day": {"Monday"}}, "day", programme.RefusedHidden},
		"unknown":        {programme.Given{"b-x": {"1"}}, "b-x", programme.RefusedUnknown},
		"round 3 of 2":   {programme.Given{"a-who.3.name": {"1"}}, "a-who.3.name", programme.RefusedUnknown},
		"no option":      {programme.Given{"when": {"never"}}, "when", programme.RefusedOption},
		"two choices":    {programme.Given{"when": {"now", "past"}}, "when", programme.RefusedOption},
		"too long":       {programme.Given{"a-who.1.name": {strings.Repeat("å", programme.MaxLine+1)}}, "a-who.1.name", programme.RefusedLong},
		"twice the same": {programme.Given{"a-who.1.name": {"a", "b"}}, "a-who.1.name", programme.RefusedLong},
	} {
		_, _, err := q.Collect(tc.given, "en")
		var refused *programme.AnswerError
		if !errors.As(err, &refused) || refused.Field != tc.field || refused.Why != tc.why {
			t.Errorf("%s: %v, want %s %s", name, err, tc.field, tc.why)
		}
	}
}

// Whatever is sent, nothing is dropped: each answer that is not empty comes
// out, or the whole is refused.
func TestNoAnswerIsLost(t *testing.T) {
	qs := builtIn(t)
	rapid.Check(t, func(t *rapid.T) {
		q := qs.List[rapid.IntRange(0, len(qs.List)-1).Draw(t, "category")]
		given := programme.Given{}
		for _, field := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"where", "when", "when-exactly", "people.1.name", "people.4.part", "people.9.part", "vehicles.1.plate", "phones", "drugs-what", "corruption-who", "x"}), rapid.ID[string]).Draw(t, "fields") {
			given[field] = []string{rapid.SampledFrom([]string{"now", "past", "police", "sale", " ", "hello"}).Draw(t, field)}
		}
		got, _, err := q.Collect(given, "ar")
		if err != nil {
			return
		}
		filled := 0
		for _, v := range given {
			if strings.TrimSpace(v[0]) != "" {
				filled++
			}
		}
		if len(got) != filled {
			t.Fatalf("%s: %d answers in, %d out: %v", q.Category, filled, len(got), given)
		}
	})
}

func FuzzQuestionnaire(f *testing.F) {
	f.Add(wholeA)
	f.Add(headA + "  - use: day\n")
	f.Add("category: a\nquestions: [{use: when}, {}]\n")
	f.Add("questions:\n  - questions: [[]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		qs, err := load(text)
		if err != nil {
			return
		}
		q, ok := qs.For("a")
		if !ok {
			t.Fatal("a questionnaire without faults is not there")
		}
		for _, question := range q.Questions {
			if question.ID == "" || question.Ask.In("en") == "" {
				t.Fatalf("a question without id or words was let through: %+v", question)
			}
		}
	})
}
