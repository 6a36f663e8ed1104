// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Partner is somebody outside the house to whom items are referred.
type Partner struct {
	Programme   id.ID     `json:"-"`
	ID          id.ID     `json:"-"`
	Name        string    `json:"name"`
	Kind        string    `json:"kind"`    // of Rules.Organisations
	Country     string    `json:"country"` // ISO 3166-1 alpha-2
	Mailbox     string    `json:"mailbox"` // for notices; empty: none
	Recipient   string    `json:"recipient"`
	Languages   []string  `json:"languages"`
	Agreement   Agreement `json:"agreement"`
	Acknowledge Span      `json:"acknowledge"`
	Progress    Span      `json:"progress"`
	Ended       bool      `json:"ended"` // nothing more is referred
	Revision    int       `json:"revision"`
}

// Agreement is what a partner may receive, and for how long.
type Agreement struct {
	Reference  string    `json:"reference"` // where it is written down
	From       string    `json:"from"`      // 2006-01-02, the first day
	Until      string    `json:"until"`     // the last day; empty: no end
	Codes      []Allowed `json:"codes"`
	Categories []string  `json:"categories"` // none: all
}

// Allowed is one handling code that a partner may receive, with the conditions
// that it has agreed to keep.
type Allowed struct {
	Scheme     string   `json:"scheme"`
	Code       string   `json:"code"`
	Conditions []string `json:"conditions,omitempty"`
}

// String writes the code as people type it: "3x5x2 C A1 S2".
func (a Allowed) String() string {
	return strings.Join(append([]string{a.Scheme, a.Code}, a.Conditions...), " ")
}

var token = regexp.MustCompile(`^[A-Za-z0-9+._:-]{1,32}$`)

// ParseAllowed reads what Allowed.String writes, one code a line.
func ParseAllowed(text string) ([]Allowed, error) {
	var all []Allowed
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) < 2 || slices.ContainsFunc(words, func(w string) bool { return !token.MatchString(w) }) {
			return nil, fault.Newf(fault.Invalid, "%q is not a scheme, a code and its conditions, such as 3x5x2 C A1.", clip(strings.TrimSpace(line), 60))
		}
		a := Allowed{Scheme: words[0], Code: words[1], Conditions: slices.Compact(slices.Sorted(slices.Values(words[2:])))}
		if len(a.Conditions) == 0 {
			a.Conditions = nil
		}
		if slices.ContainsFunc(all, func(b Allowed) bool { return b.Scheme == a.Scheme && b.Code == a.Code }) {
			return nil, fault.Newf(fault.Invalid, "%s %s stands there twice: write its conditions on one line.", a.Scheme, a.Code)
		}
		all = append(all, a)
	}
	if len(all) > 100 {
		return nil, fault.New(fault.Invalid, "An agreement has at most 100 codes.")
	}
	return all, nil
}

// The lengths that are accepted.
const (
	maxName   = 120
	maxReason = 1000
	maxText   = 8000
)

// Clean trims what people typed.
func (p Partner) Clean() Partner {
	p.Name, p.Mailbox, p.Recipient = strings.TrimSpace(p.Name), strings.TrimSpace(p.Mailbox), strings.TrimSpace(p.Recipient)
	p.Country = strings.ToUpper(strings.TrimSpace(p.Country))
	p.Agreement.Reference = strings.TrimSpace(p.Agreement.Reference)
	return p
}

var (
	countryCode = regexp.MustCompile(`^[A-Z]{2}$`)
	language    = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// Check says what is wrong with a partner, nil if nothing is. A recipient's
// form is checked by whoever encrypts.
func (p Partner) Check(rules Rules) error {
	switch {
	case p.Name == "" || utf8.RuneCountInString(p.Name) > maxName:
		return fault.Newf(fault.Invalid, "Give the partner a name of at most %d letters.", maxName)
	case !rules.Organisation(p.Kind):
		return fault.New(fault.Invalid, "Choose what sort of organisation this is.")
	case !countryCode.MatchString(p.Country):
		return fault.New(fault.Invalid, "The country is two letters, such as DK.")
	case p.Recipient != "" && !strings.HasPrefix(p.Recipient, "age1"):
		return fault.New(fault.Invalid, "The recipient begins with age1.")
	case p.Recipient != "" && p.Mailbox == "":
		return fault.New(fault.Invalid, "An encrypted attachment needs a mailbox to go to.")
	case len(p.Languages) == 0 || slices.ContainsFunc(p.Languages, func(l string) bool { return !language.MatchString(l) }):
		return fault.New(fault.Invalid, "Give at least one language, such as en or da.")
	case p.Acknowledge.N <= 0 || p.Progress.N <= 0:
		return fault.New(fault.Invalid, "Say how long the partner has to acknowledge, and to tell of progress.")
	}
	if p.Mailbox != "" {
		address, err := mail.ParseAddress(p.Mailbox)
		if err != nil || address.Address != p.Mailbox || len(p.Mailbox) > 254 {
			return fault.New(fault.Invalid, "This is not an e-mail address.")
		}
	}
	return p.Agreement.check()
}

func (a Agreement) check() error {
	from, err := time.Parse(time.DateOnly, a.From)
	if err != nil {
		return fault.New(fault.Invalid, "Say from which day the agreement holds, such as 2026-01-31.")
	}
	if a.Until != "" {
		until, err := time.Parse(time.DateOnly, a.Until)
		if err != nil || until.Before(from) {
			return fault.New(fault.Invalid, "The agreement's last day is a day after its first, or empty.")
		}
	}
	if a.Reference == "" || utf8.RuneCountInString(a.Reference) > 200 {
		return fault.New(fault.Invalid, "Say where the agreement is written down, in at most 200 letters.")
	}
	return nil
}

// Holds reports whether the agreement holds on the day of now, UTC.
func (a Agreement) Holds(now time.Time) bool {
	day := now.UTC().Format(time.DateOnly)
	return a.From != "" && a.From <= day && (a.Until == "" || day <= a.Until)
}

func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
