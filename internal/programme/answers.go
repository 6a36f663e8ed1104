// SPDX-License-Identifier: AGPL-3.0-or-later

package programme

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Answered is one answer with the question as it was read.
type Answered struct {
	ID    string // the field
	Label string // the question, in the reader's language
	Value string // what was written, or the chosen options' labels
}

// AnswerError says which field can't be taken as it is, and why.
type AnswerError struct {
	Field string
	Why   Refusal
}

// Refusal is why an answer is refused.
type Refusal string

// The refusals.
const (
	RefusedUnknown Refusal = "unknown" // no such question in this category
	RefusedHidden  Refusal = "hidden"  // the question is not asked after these answers
	RefusedOption  Refusal = "option"  // not one of the options
	RefusedLong    Refusal = "long"    // longer than allowed
)

// Error implements error.
func (e *AnswerError) Error() string { return fmt.Sprintf("answer %s: %s", e.Field, e.Why) }

// Collect reads the answers to q in lang: in the order of the questions, empty
// ones left out. An answer that no question of q asks for after the others is
// an *AnswerError, never dropped in silence. urgency is "soon" when a chosen
// option makes it so, else "none".
func (q Questionnaire) Collect(given Given, lang string) (answered []Answered, urgency string, err error) {
	c := collector{category: q.Category, given: given, lang: lang, left: maps.Clone(given), urgency: "none"}
	maps.DeleteFunc(c.left, func(_ string, values []string) bool { return empty(values) })
	for _, question := range q.Questions {
		if err := c.take(question, question.ID, ""); err != nil {
			return nil, "", err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(c.left)) {
		return nil, "", &AnswerError{Field: field, Why: RefusedUnknown}
	}
	return c.answered, c.urgency, nil
}

type collector struct {
	category string
	given    Given
	lang     string
	left     Given
	answered []Answered
	urgency  string
}

func empty(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" })
}

func (c *collector) take(q Question, field, before string) error {
	if q.Kind == KindGroup {
		for round := 1; round <= q.Repeat; round++ {
			for _, inner := range q.Questions {
				name := field + "." + strconv.Itoa(round) + "." + inner.ID
				if !q.Asked(c.category, c.given) && !empty(c.left[name]) {
					return &AnswerError{Field: name, Why: RefusedHidden}
				}
				if err := c.take(inner, name, q.Ask.In(c.lang)+" "+strconv.Itoa(round)+": "); err != nil {
					return err
				}
			}
		}
		return nil
	}
	values, there := c.left[field]
	delete(c.left, field)
	if !there {
		return nil
	}
	if !q.Asked(c.category, c.given) {
		return &AnswerError{Field: field, Why: RefusedHidden}
	}
	value, err := c.read(q, field, values)
	if err != nil {
		return err
	}
	c.answered = append(c.answered, Answered{ID: field, Label: before + q.Ask.In(c.lang), Value: value})
	return nil
}

func (c *collector) read(q Question, field string, values []string) (string, error) {
	if q.Kind == KindLine || q.Kind == KindText {
		limit := MaxAnswer
		if q.Kind == KindLine {
			limit = MaxLine
		}
		value := strings.TrimSpace(values[0])
		if len(values) > 1 || utf8.RuneCountInString(value) > limit {
			return "", &AnswerError{Field: field, Why: RefusedLong}
		}
		return value, nil
	}
	if q.Kind == KindChoice && len(values) > 1 {
		return "", &AnswerError{Field: field, Why: RefusedOption}
	}
	var labels []string
	for _, v := range values {
		o, ok := q.option(v)
		if !ok {
			return "", &AnswerError{Field: field, Why: RefusedOption}
		}
		if o.Urgency != "" {
			c.urgency = o.Urgency
		}
		labels = append(labels, o.Label.In(c.lang))
	}
	return strings.Join(labels, "; "), nil
}
