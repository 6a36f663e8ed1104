// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
)

// Entry is an outcome as somebody wrote it: in a form, or on a line of a file.
type Entry struct {
	Kind, Date, By, Reference    string
	Quantity, Unit, Of           string
	Value, Currency, ValueSource string
	ValueDate                    string // empty: the day of the outcome
	Details                      map[string]string
	Follows                      string // id of the earlier stage
	Links                        []LinkEntry
	Category, Channel, Partner   string // Category and Channel: empty: the first item's
	Desk, Note, Key              string
	Sure                         bool // large amounts were looked at again
}

// LinkEntry is a link as it was written.
type LinkEntry struct{ Item, Basis, Share string }

// Problem is one thing wrong with an entry: its field, and what would be right.
type Problem struct {
	Field string
	Fault *fault.Error
}

// Message is what would be right, in a sentence.
func (p Problem) Message() string { return fault.PublicOf(p.Fault) }

func problemf(field, format string, args ...any) Problem {
	return Problem{field, fault.Newf(fault.Invalid, format, args...)}
}

// problemOf is what err says is wrong.
func problemOf(field string, err error) Problem {
	var f *fault.Error
	if !errors.As(err, &f) {
		f = fault.Wrap(fault.Internal, "", err)
	}
	return Problem{field, f}
}

// add puts a problem to the others, so that it isn't only a matter of being sure.
func (e *Invalid) add(p Problem) { e.Problems, e.AskSure = append(e.Problems, p), false }

// called is a name inside of a sentence, in the language of the sentence.
type called struct{ kinds.Text }

// String gives the name in the language of a fault's public sentence.
func (c called) String() string { return c.In("en") }

// Invalid is an entry that can't be taken, with all that is wrong.
type Invalid struct {
	Problems []Problem
	// AskSure says that nothing is wrong but that an amount is unusually
	// large: the same entry with Sure is taken.
	AskSure bool
}

// Error implements error.
func (e *Invalid) Error() string {
	var all []string
	for _, p := range e.Problems {
		all = append(all, p.Field+": "+p.Message())
	}
	return "outcome: " + strings.Join(all, "; ")
}

// Unwrap gives it its kind and its sentence.
func (e *Invalid) Unwrap() error {
	var all []string
	for _, p := range e.Problems {
		all = append(all, p.Message())
	}
	return fault.New(fault.Invalid, strings.Join(all, " "))
}

// Limits of what is accepted.
const (
	MaxLinks = 50
	maxShort = 200
	maxNote  = 2000
	maxShare = 100
	oldest   = 1900
	valueAsk = 100_000_000 // of any currency's main unit
)

// reading is an entry on its way to an outcome.
type reading struct {
	table *kinds.Table
	entry Entry
	today int
	kind  kinds.Kind
	out   Outcome
	bad   []Problem
	large []Problem
}

func (r *reading) fail(field string, err error) {
	if err != nil {
		r.bad = append(r.bad, problemOf(field, err))
	}
}

func (r *reading) failf(field, format string, args ...any) {
	r.bad = append(r.bad, problemf(field, format, args...))
}

// Read makes an outcome of an entry, without its links and its earlier stage,
// which need the reader. It returns *Invalid with everything that is wrong.
func Read(t *kinds.Table, e Entry, today int) (Outcome, error) {
	r := &reading{table: t, entry: e, today: today}
	k, ok := t.Kind(e.Kind)
	if !ok {
		var known []string
		for _, k := range t.Kinds {
			known = append(known, k.Code)
		}
		r.failf("kind", "There is no kind of outcome %q. There are: %s.", e.Kind, strings.Join(known, ", "))
		return Outcome{}, &Invalid{Problems: r.bad}
	}
	r.kind, r.out.Kind = k, k.Code
	r.out.Day = r.day("date", e.Date)
	r.quantity()
	r.value()
	r.details()
	r.words()
	if len(r.bad) > 0 {
		return Outcome{}, &Invalid{Problems: r.bad}
	}
	if len(r.large) > 0 && !e.Sure {
		return Outcome{}, &Invalid{Problems: r.large, AskSure: true}
	}
	return r.out, nil
}

func (r *reading) day(field, text string) int {
	day, err := ParseDay(text)
	switch {
	case err != nil:
		r.fail(field, err)
	case day > r.today:
		r.failf(field, "%s lies in the future. Give the day on which it happened.", text)
	case day < DayOf(time.Date(oldest, 1, 1, 0, 0, 0, 0, time.UTC)):
		r.failf(field, "%s is too long ago. Check the year.", text)
	}
	return day
}

// ParseDay reads 2026-01-31.
func ParseDay(text string) (int, error) {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(text))
	if err != nil {
		return 0, fault.Newf(fault.Invalid, "%q is not a date. Write it as 2026-01-31.", text)
	}
	return DayOf(t), nil
}

// DayOf returns the day of t since the Unix epoch, in UTC.
func DayOf(t time.Time) int {
	s := t.Unix()
	day := s / 86400
	if s%86400 < 0 {
		day--
	}
	return int(day)
}

// Date returns a day as a time.
func Date(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

func (r *reading) quantity() {
	e, k := r.entry, r.kind
	if k.Dimension == "" {
		if e.Quantity != "" {
			r.failf("quantity", "%s has no quantity, only a value.", called{k.Name})
		}
		return
	}
	if len(k.Of) > 0 {
		if !slices.Contains(k.Of, e.Of) {
			r.failf("of", "Say what it is of: %s.", strings.Join(k.Of, ", "))
		}
		r.out.Of = e.Of
	} else if e.Of != "" {
		r.failf("of", "%s is not divided by what it is of.", called{k.Name})
	}
	unit := e.Unit
	if unit == "" && len(k.Units) == 1 {
		unit = k.Units[0]
	}
	u, ok := r.table.Unit(unit)
	if !ok || !slices.Contains(k.Units, unit) {
		r.failf("unit", "%s is not measured in %q. Use one of: %s.", called{k.Name}, unit, strings.Join(k.Units, ", "))
		return
	}
	d, err := kinds.ParseDecimal(e.Quantity)
	if err != nil {
		r.fail("quantity", err)
		return
	}
	base, err := u.Count(d)
	switch {
	case err != nil:
		r.fail("quantity", err)
	case d.Unscaled <= 0:
		r.failf("quantity", "The quantity is %s; it must be more than nothing. To take an outcome back, withdraw it.", d)
	case u.Whole() && d.Trim().Scale > 0:
		r.failf("quantity", "%s are counted whole, not %s.", called{u.Name}, d)
	case base == 0:
		r.failf("quantity", "%s %s is less than can be counted. Choose a smaller unit.", d, unit)
	}
	r.out.Quantity = &Quantity{Written: d.String(), Unit: unit, Base: base}
	first, _ := r.table.Unit(k.Units[0])
	if limit, err := kinds.ParseDecimal(k.AskAbove); err == nil && u.Dimension == first.Dimension {
		if most, err := first.Count(limit); err == nil && base > most {
			r.large = append(r.large, problemf("quantity", "%s %s is unusually much. If it is right, say so and save again.", d, unit))
		}
	}
}

func (r *reading) value() {
	e, k := r.entry, r.kind
	if e.Value == "" {
		if k.Value == kinds.ValueRequired {
			r.failf("value", "%s needs a value.", called{k.Name})
		} else if e.Currency != "" && k.Value == kinds.ValueNo {
			r.failf("currency", "%s has no value.", called{k.Name})
		}
		return
	}
	if k.Value == kinds.ValueNo {
		r.failf("value", "%s has no value.", called{k.Name})
		return
	}
	v := Value{Day: r.out.Day, Source: strings.TrimSpace(e.ValueSource)}
	if e.ValueDate != "" {
		v.Day = r.day("value_date", e.ValueDate)
	}
	if v.Source == "" {
		r.failf("value_source", "Say who valued it, such as the customs laboratory, or the street price list of a year.")
	}
	c, err := r.table.Money.On(e.Currency, Date(v.Day))
	if err != nil {
		r.fail("currency", err)
		return
	}
	d, err := kinds.ParseDecimal(e.Value)
	if err != nil {
		r.fail("value", err)
		return
	}
	if d.Unscaled <= 0 {
		r.failf("value", "The value is %s; it must be more than nothing. To take an outcome back, withdraw it.", d)
		return
	}
	v.Currency = c.Code
	if v.Minor, err = c.Amount(d); err != nil {
		r.fail("value", err)
		return
	}
	if d.Cmp(kinds.Decimal{Unscaled: valueAsk}) > 0 {
		r.large = append(r.large, problemf("value", "%s %s is unusually much. If it is right, say so and save again.", d, c.Code))
	}
	r.out.Value = &v
}

func (r *reading) details() {
	for code, text := range r.entry.Details {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		i := slices.IndexFunc(r.kind.Details, func(d kinds.Detail) bool { return d.Code == code })
		if i < 0 {
			r.failf("detail_"+code, "%s has no %q.", called{r.kind.Name}, code)
			continue
		}
		r.detail(r.kind.Details[i], text)
	}
}

func (r *reading) detail(d kinds.Detail, text string) {
	field, name := "detail_"+d.Code, called{d.Name}
	most, err := kinds.ParseDecimal(d.Max)
	if err != nil {
		r.fail(field, err)
		return
	}
	if d.Type == "text" {
		if int64(utf8.RuneCountInString(text)) > most.Unscaled {
			r.failf(field, "%s is longer than %s characters.", name, most)
		}
	} else {
		n, err := kinds.ParseDecimal(text)
		switch {
		case err != nil:
			r.fail(field, err)
			return
		case n.Unscaled < 0 || n.Cmp(most) > 0:
			r.failf(field, "%s is %s; it lies between 0 and %s.", name, n, most)
		case d.Type == "integer" && n.Trim().Scale > 0:
			r.failf(field, "%s is a whole number, not %s.", name, n)
		}
		text = n.String()
	}
	if r.out.Details == nil {
		r.out.Details = map[string]string{}
	}
	r.out.Details[d.Code] = text
}

func (r *reading) words() {
	e := r.entry
	for _, f := range []struct {
		field, text string
		most        int
		into        *string
	}{
		{"by", e.By, maxShort, &r.out.By},
		{"reference", e.Reference, maxShort, &r.out.Reference},
		{"note", e.Note, maxNote, &r.out.Note},
		{"key", e.Key, maxShort, &r.out.Key},
		{"category", e.Category, maxShort, &r.out.Category},
		{"channel", e.Channel, maxShort, &r.out.Channel},
	} {
		*f.into = strings.TrimSpace(f.text)
		if utf8.RuneCountInString(*f.into) > f.most {
			r.failf(f.field, "That is longer than %d characters.", f.most)
		}
		if !utf8.ValidString(f.text) || strings.ContainsRune(f.text, 0) {
			r.failf(f.field, "That holds bytes that are no text.")
		}
	}
	if r.out.By == "" {
		r.failf("by", "Say who told you that it is so: an authority, a person there, a document.")
	}
	if v := r.out.Value; v != nil && utf8.RuneCountInString(v.Source) > maxShort {
		r.failf("value_source", "That is longer than %d characters.", maxShort)
	}
}

// readShare reads a share in per cent; empty is none.
func readShare(text string) (int, error) {
	text = strings.TrimSuffix(strings.TrimSpace(text), "%")
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxShare {
		return 0, fault.Newf(fault.Invalid, "The share is %q; write whole per cent from 1 to 100, or nothing.", text)
	}
	return n, nil
}
