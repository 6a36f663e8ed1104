// SPDX-License-Identifier: Apache-2.0

// Package extract finds in a text what other texts may name too: telephones,
// e-mail addresses, web addresses, bank accounts, number plates, wallets,
// cards, devices, network addresses and ships. Each is returned in one
// normalised form, so that two people who write the same thing in two ways can
// be brought together.
//
// It must never claim more than form and check digits show: what it finds is a
// proposal for a person to confirm. It must never keep or send a text, and it
// must be linear in the text's length, because texts are an attacker's too:
// every scanner looks a bounded way ahead. Find has no state of its own and is
// safe for concurrent use.
package extract

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind says what sort of thing was found.
type Kind string

// The kinds. The first six are those of the blind index, in the same form.
const (
	Phone  Kind = "phone"  // E.164: +4520123456
	Email  Kind = "email"  // lower case
	URL    Kind = "url"    // host in lower case, path and query
	IBAN   Kind = "iban"   // upper case without spaces, check digits right
	Plate  Kind = "plate"  // upper-case letters and digits
	Wallet Kind = "wallet" // as its chain writes it; bech32 and hexadecimal in lower case
	Card   Kind = "card"   // digits; sensitive
	IMEI   Kind = "imei"   // 15 digits
	IP     Kind = "ip"     // canonical text of the address
	IMO    Kind = "imo"    // 7 digits
)

// Sensitive reports whether a value of this kind should not be written down
// without need: with a card's number alone money can be taken.
func (k Kind) Sensitive() bool { return k == Card }

// Match is one thing found. Start and End are byte offsets in the text.
type Match struct {
	Kind       Kind
	Value      string // normalised
	Shown      string // as the text has it
	Start, End int
}

// Find returns what text names, in order, none overlapping another: of two
// readings of the same characters the one that is harder to come by chance
// wins. countries (ISO 3166, "DK") say which national telephone numbers are
// understood without their country's code, the first the likeliest.
//
// Time is linear in the length of the text, memory about ten times it.
func Find(text string, countries ...string) []Match {
	s := &scan{text: text, tables: data(), countries: countries}
	s.fold()
	s.taken = make([]bool, len(s.r))
	for _, scanner := range []func(*scan){
		urls, emails, wallets, ibans, cards, addresses, ships, phones, plates,
	} {
		scanner(s)
	}
	slices.SortFunc(s.found, func(a, b Match) int { return a.Start - b.Start })
	return s.found
}

// Normalise returns the one form of a value that a person typed as being of
// that kind; ok is false when it is not of that kind.
func Normalise(kind Kind, text string, countries ...string) (value string, ok bool) {
	const long = 4096
	if len(text) > long {
		return "", false
	}
	if kind == Plate { // typed as one, it need not have a form that we know
		return anyPlate(text)
	}
	cue := map[Kind]string{Phone: "tel ", IMEI: "imei ", IMO: "imo ", Card: "card "}[kind]
	tidy := strings.TrimSpace(string(fold(text)))
	for _, m := range Find(cue+tidy, countries...) {
		if m.Kind == kind && m.Start <= len(cue) && m.End == len(cue)+len(tidy) {
			return m.Value, true
		}
	}
	return "", false
}

// anyPlate takes four to ten letters and digits of any script with at least
// one of each.
func anyPlate(text string) (string, bool) {
	var b strings.Builder
	letters, digits := 0, 0
	for _, r := range strings.ToUpper(norm.NFKC.String(text)) {
		switch {
		case unicode.IsNumber(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		default:
			continue
		}
		b.WriteRune(r)
	}
	return b.String(), letters+digits >= 4 && letters+digits <= 10 && letters > 0 && digits > 0
}
