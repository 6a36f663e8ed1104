// SPDX-License-Identifier: AGPL-3.0-or-later

package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
)

// Problem is one thing wrong with one field.
type Problem struct {
	Field   string `json:"field"`
	Problem string `json:"problem"`
}

// field is one field of the format; docs/formats.md lists them too.
type field struct {
	name     string
	most     int // letters
	required bool
	lines    bool // may hold line breaks
	into     func(a *danger.Alert) *string
}

var fields = []field{
	{"id", 100, true, false, func(a *danger.Alert) *string { return &a.ID }},
	{"text", 2000, true, true, func(a *danger.Alert) *string { return &a.Text }},
	{"person", 200, false, false, func(a *danger.Alert) *string { return &a.Person }},
	{"place", 300, false, false, func(a *danger.Alert) *string { return &a.Place }},
	{"phone", 50, false, false, func(a *danger.Alert) *string { return &a.Phone }},
	{"language", 35, false, false, func(a *danger.Alert) *string { return &a.Language }},
	{"callback", 200, false, false, func(a *danger.Alert) *string { return &a.Callback }},
}

// Parse reads an alert and returns everything that is wrong with it, in the
// order of the format, then what the format doesn't have by name.
func Parse(body []byte) (danger.Alert, []Problem) {
	var a danger.Alert
	if !utf8.Valid(body) {
		return a, []Problem{{"", "the message is not UTF-8"}}
	}
	var given map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&given); err != nil || given == nil {
		return a, []Problem{{"", "the message is not a JSON object" + place(err, d)}}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return a, []Problem{{"", fmt.Sprintf("something follows the JSON object at byte %d", d.InputOffset())}}
	}
	var problems []Problem
	for _, f := range fields {
		raw, ok := given[f.name]
		delete(given, f.name)
		if problem := f.read(raw, ok, &a); problem != "" {
			problems = append(problems, Problem{f.name, problem})
		}
	}
	var unknown []string
	for name := range given {
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		problems = append(problems, Problem{name, "is no field of an alert; those are id, text, person, place, phone, language, callback"})
	}
	return a, problems
}

func place(err error, d *json.Decoder) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf(": byte %d", syntax.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return ": it ends too early"
	}
	return fmt.Sprintf(": byte %d", d.InputOffset())
}

// read reads one field and says what is wrong with it, "" when nothing is.
func (f field) read(raw json.RawMessage, given bool, a *danger.Alert) string {
	if !given {
		if f.required {
			return "is missing"
		}
		return ""
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		return "has to be a text"
	}
	*text = strings.TrimSpace(*text)
	switch {
	case *text == "" && f.required:
		return "is empty"
	case utf8.RuneCountInString(*text) > f.most:
		return fmt.Sprintf("has %d letters; at most %d are taken", utf8.RuneCountInString(*text), f.most)
	case strings.ContainsFunc(*text, func(r rune) bool { return unicode.IsControl(r) && (!f.lines || r != '\n' && r != '\r' && r != '\t') }):
		return "holds a control character"
	}
	if f.name == "language" && *text != "" {
		if _, err := language.Parse(*text); err != nil {
			return "is no language tag, such as en or da"
		}
	}
	*f.into(a) = *text
	return ""
}
