// SPDX-License-Identifier: AGPL-3.0-or-later

package screen

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Schemata are the kinds of things that can be described here, in the order
// of the page. All are of the FollowTheMoney model.
var Schemata = []string{"Person", "Company", "Organization", "LegalEntity", "Vessel", "Airplane", "Vehicle", "Address", "Substance"}

// Identifiers are the kinds of identifiers that can be given: properties of
// the model.
var Identifiers = []string{
	"passportNumber", "idNumber", "taxNumber", "registrationNumber", "phone", "email", "accountNumber", "publicKey", "leiCode", "imoNumber", "innCode", "ogrnCode",
}

// Bounds on what is taken. The engine's own are wider; these make the answer
// to a pasted book a sentence instead of a cut.
const (
	MaxNames   = match.MaxNames
	MaxLetters = 300 // of one value
)

// Facts describe a thing as a page asks for it. All are optional but one: a
// name, an identifier, an address or a plate.
type Facts struct {
	Schema      string
	Names       []string
	Born        string // date in any part, age, or a guess: 1980-02, 34, about 30; of others, the founding
	Country     string // code or name
	Gender      string // male, female or empty
	Address     string
	Identifier  string // one of Identifiers
	Identifying []string
	Plate       string // as far as seen
	Colour      string
	Make        string
}

// FieldError says which field of a page a fault is about.
type FieldError struct {
	Field string
	Fault error
}

// Error is the fault's own message.
func (e *FieldError) Error() string { return e.Fault.Error() }

// Unwrap returns the fault.
func (e *FieldError) Unwrap() error { return e.Fault }

func unknownSchema() error {
	return fault.New(fault.Invalid, "There is no such kind of thing. Choose one of those in the list, such as Person or Company.")
}

// entity makes the facts an entity; side goes before the names of fields.
func (f Facts) entity(side string, today time.Time) (ftm.Entity, error) {
	wrong := func(field string, err error) (ftm.Entity, error) {
		return ftm.Entity{}, &FieldError{side + "-" + field, err}
	}
	if !slices.Contains(Schemata, f.Schema) {
		return wrong("schema", unknownSchema())
	}
	e := ftm.Entity{Schema: f.Schema}
	for _, v := range []struct{ field, prop, text string }{
		{"address", "address", f.Address}, {"plate", "registrationNumber", f.Plate}, {"colour", "color", f.Colour}, {"make", "make", f.Make},
	} {
		text, err := clean(v.text)
		if err != nil {
			return wrong(v.field, err)
		}
		e.Add(v.prop, text)
	}
	if f.Schema == "Address" {
		e.Add("full", e.First("address"))
	}
	if field, err := f.names(&e); err != nil {
		return wrong(field, err)
	}
	if field, err := f.identifiers(&e); err != nil {
		return wrong(field, err)
	}
	if err := f.born(&e, today); err != nil {
		return wrong("born", err)
	}
	if f.Country != "" {
		code, err := country(f.Country)
		if err != nil {
			return wrong("country", err)
		}
		e.Add("country", code)
	}
	switch f.Gender {
	case "":
	case "male", "female":
		e.Add("gender", f.Gender)
	default:
		return wrong("gender", fault.New(fault.Invalid, "Gender is female, male, or left open."))
	}
	if len(e.Get("name"))+len(e.Get("address"))+len(e.Get("registrationNumber"))+len(f.Identifying) == 0 {
		return wrong("names", fault.New(fault.Invalid, "Give at least a name, an identifier, an address or a number plate: without one there is nothing to compare."))
	}
	return e, nil
}

func (f Facts) names(e *ftm.Entity) (string, error) {
	if len(f.Names) > MaxNames {
		return "names", fault.Newf(fault.Invalid, "These are %d names; at most %d are compared. Leave some out.", len(f.Names), MaxNames)
	}
	for _, n := range f.Names {
		text, err := clean(n)
		if err != nil {
			return "names", err
		}
		if text != "" && !tells(text) {
			return "names", fault.New(fault.Invalid, "A single letter says too little. Write at least two letters of a name.")
		}
		e.Add("name", text)
	}
	return "", nil
}

// tells reports whether a text has two letters or digits, or one sign that is
// a word by itself.
func tells(text string) bool {
	n := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
			return true
		case unicode.IsLetter(r), unicode.IsDigit(r):
			n++
		}
	}
	return n > 1
}

func (f Facts) identifiers(e *ftm.Entity) (string, error) {
	for _, value := range f.Identifying {
		if !slices.Contains(Identifiers, f.Identifier) {
			return "identifier", fault.New(fault.Invalid, "Say what kind of identifier it is: choose one of those in the list.")
		}
		text, err := clean(value)
		if err != nil {
			return "identifying", err
		}
		if utf8.RuneCountInString(text) < 4 {
			return "identifying", fault.New(fault.Invalid, "An identifier has at least four letters or digits.")
		}
		e.Add(f.Identifier, text)
	}
	return "", nil
}

var (
	datePattern = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$`)
	dayFirst    = regexp.MustCompile(`^\d{1,2}[./]\d{1,2}[./]\d{4}$`)
)

// born adds a date or an age, which it first lets the engine read.
func (f Facts) born(e *ftm.Entity, today time.Time) error {
	text, err := clean(f.Born)
	if err != nil || text == "" {
		return err
	}
	if dayFirst.MatchString(text) {
		return fault.New(fault.Invalid, "Write the date with the year first, such as 1980-02-01, so that day and month can't be confused.")
	}
	prop := "ageText"
	switch {
	case datePattern.MatchString(text):
		layout := "2006-01-02"[:len(text)]
		if t, err := time.Parse(layout, text); err != nil || t.After(today) {
			return fault.New(fault.Invalid, "There is no such day in the past. Write 1980-02-01, 1980-02 or 1980.")
		}
		prop = "birthDate"
		if f.Schema != "Person" && f.Schema != "LegalEntity" {
			prop = "incorporationDate"
		}
	case f.Schema != "Person":
		return fault.New(fault.Invalid, "Only people have an age here. Write a date: 1980-02-01, 1980-02 or 1980.")
	}
	probe := ftm.Entity{Schema: e.Schema}
	probe.Add(prop, text)
	probe.Add("describedAt", today.UTC().Format("2006-01-02"))
	p := match.PrepareEntity(&probe)
	if !slices.ContainsFunc(match.Compare(&p, &p).Features, func(x match.Feature) bool { return x.Name == "date" }) {
		return fault.New(fault.Invalid, "That is neither a date nor an age. Write 1980-02-01, 1980-02, 1980, 34 or “about 30”.")
	}
	e.Add(prop, text)
	if prop == "ageText" {
		e.Add("describedAt", today.UTC().Format("2006-01-02"))
	}
	return nil
}

// country returns the code of a country that is given by code or name.
func country(text string) (string, error) {
	text, err := clean(text)
	if err != nil {
		return "", err
	}
	if utf8.RuneCountInString(text) == 2 {
		if region, err := language.ParseRegion(text); err == nil && region.IsCountry() {
			return strings.ToLower(text), nil
		}
	}
	if utf8.RuneCountInString(text) > 3 {
		e := ftm.Entity{Schema: "Person", Properties: map[string][]string{"country": {text}}}
		if codes := match.PrepareEntity(&e).Countries; len(codes) == 1 && !strings.EqualFold(codes[0], text) {
			return codes[0], nil
		}
	}
	return "", fault.New(fault.Invalid, "That is no country we know. Write its code of two letters, such as gb, or its name in English.")
}

// clean trims a value and refuses what is no text. Marks of direction and
// joiners stay: names in Arabic and Persian need them.
func clean(text string) (string, error) {
	if len(text) > 8*MaxLetters || utf8.RuneCountInString(text) > MaxLetters {
		return "", fault.Newf(fault.Invalid, "That is longer than %d letters. Write one name or one value, without the text around it.", MaxLetters)
	}
	if !utf8.ValidString(text) {
		return "", fault.New(fault.Invalid, "That is not text in Unicode (UTF-8). Copy it again.")
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\t", " "))
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "There is a control character in it, which no name has. Type it instead of pasting it.")
	}
	return text, nil
}
