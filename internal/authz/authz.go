// SPDX-License-Identifier: AGPL-3.0-or-later

// Package authz decides who may do what: one function, Decide, over plain
// attributes of the thing that is asked for, and one table of rules in which
// each line carries its reason. What no rule allows is refused.
//
// It must never know a room's type, read a store or keep anything: a room
// describes its thing as an Object and asks before it calls its store. All
// functions are pure and safe for concurrent use.
package authz

import (
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Role is what a person is trusted with. Roles do not contain one another: an
// administrator runs the place and reads no report.
type Role string

// The roles.
const (
	Administrator Role = "administrator"
	Reviewer      Role = "reviewer"
	CallTaker     Role = "call-taker"
	Analyst       Role = "analyst"
	Auditor       Role = "auditor"
	Director      Role = "director"     // answers for the programme: figures, clocks, publication
	Translator    Role = "translator"   // writes what the public reads in languages other than English
	Editor        Role = "editor"       // writes what the public reads
	ChiefEditor   Role = "chief-editor" // lets others' texts be shown, and takes them back
	Liaison       Role = "liaison"      // of a partner: receives what is referred to it and answers
)

// Roles lists all roles in the order in which pages show them.
var Roles = []Role{Administrator, Reviewer, CallTaker, Analyst, Auditor, Director, Translator, Editor, ChiefEditor, Liaison}

// House lists the roles of those who work for the programme itself. A liaison
// works for somebody else, who learns nothing of the house.
var House = []Role{Administrator, Reviewer, CallTaker, Analyst, Auditor, Director, Translator, Editor, ChiefEditor}

// Known reports whether r is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles, r) }

// OfDesk reports whether r is held at one place: a desk, or for a liaison a
// partner; the others are held for a whole programme.
func (r Role) OfDesk() bool { return r == Reviewer || r == CallTaker || r == Liaison }

// OfPartner reports whether the place at which r is held is a partner.
func (r Role) OfPartner() bool { return r == Liaison }

// Grant is one role, held in one programme and, for a role of a desk, at one
// desk; a liaison's Desk is the partner. A grant without a programme is for the installation itself and opens
// no programme.
type Grant struct {
	Role      Role
	Programme id.ID
	Desk      id.ID
}

// Subject is who asks: an account with what it was granted.
type Subject struct {
	Account id.ID
	Grants  []Grant
}

// Kind is what sort of thing is asked for.
type Kind string

// The kinds.
const (
	Report     Kind = "report"     // a sealed report with the desk's marks
	Call       Kind = "call"       // a contact by telephone
	Desk       Kind = "desk"       // a desk as a place: its key, its inbox, its duty roster
	Person     Kind = "person"     // an account
	Session    Kind = "session"    // a log-in of an account
	Roster     Kind = "roster"     // the signed document of a programme's keys
	Ledger     Kind = "ledger"     // the log
	Statistics Kind = "statistics" // counts without content
	Programme  Kind = "programme"  // a programme's settings

	Draft       Kind = "draft"       // an intelligence item that nobody has approved yet
	Item        Kind = "item"        // an approved intelligence item
	Closed      Kind = "compartment" // who is inside a closed compartment
	Scheme      Kind = "scheme"      // grading schemes
	Partner     Kind = "partner"     // whom items are referred to
	Referral    Kind = "referral"    // an item handed to a partner; at the desk, or at the partner
	Outcome     Kind = "outcome"     // what came of it
	Publication Kind = "publication" // figures for everybody
	Text        Kind = "text"        // what the public reads, with its drafts
	Translation Kind = "translation" // such a text in a language other than English

	Alarm     Kind = "alarm"     // a life that may be at risk
	Responder Kind = "responder" // who can go there, and who is called when

	Matching Kind = "matching" // comparing names and entities, and the lists that the operator loads
)

// Act is what is to be done with it.
type Act string

// The acts.
const (
	List     Act = "list"     // see that it is there, with the marks that are clear to the server
	Read     Act = "read"     // receive it; of a report: its ciphertext and grants
	Answer   Act = "answer"   // append a sealed message
	Mark     Act = "mark"     // assign, set state and urgency, close with a reason
	Index    Act = "index"    // store blind tokens, ask who mentions the same
	Restrict Act = "restrict" // re-seal to named people
	HandOver Act = "hand-over"
	Export   Act = "export"
	History  Act = "history" // see who did what to it
	File     Act = "file"    // take a call and seal its report
	Change   Act = "change"  // create, alter, end
	GiveKey  Act = "give-key"
	Renew    Act = "renew" // start a new epoch of a desk's key

	Approve Act = "approve" // let a draft become an item, or send it back
	Judge   Act = "judge"   // record whether sources are independent, or may be malicious
	Refer   Act = "refer"   // hand an item to a partner
	Dispose Act = "dispose" // retain at review, or destroy for good
	Confirm Act = "confirm" // stand for an outcome
	Publish Act = "publish" // give figures to everybody
)

// Handling says how a thing may travel.
type Handling string

// The handlings.
const (
	Plain  Handling = ""       // the platform's own records
	Sealed Handling = "sealed" // left of the wall: only who works at the desk that it was sealed to
)

// Compartment narrows a thing to named people of those who could otherwise
// have it.
type Compartment struct {
	Closed bool
	Named  []id.ID // accounts
}

// Admits reports whether account is inside.
func (c Compartment) Admits(account id.ID) bool {
	return !c.Closed || slices.Contains(c.Named, account)
}

// Object is the thing asked for, described by whoever owns it.
type Object struct {
	Kind        Kind
	Programme   id.ID // zero: the installation
	Desk        id.ID // zero: not of one desk; of a partner's own affairs, the partner
	Compartment Compartment
	Handling    Handling
	Owner       id.ID // account; zero: nobody's
}

// Decision is the answer with its reason, which goes to the log and the tests,
// never to the page.
type Decision struct {
	Allowed bool
	// Hidden says that the very existence is none of the subject's business:
	// the answer is then the same as for a thing that isn't there.
	Hidden bool
	Reason string
}

// Decide answers whether s may do a with o.
func Decide(s Subject, a Act, o Object) Decision {
	if s.Account.IsZero() {
		return Decision{Hidden: true, Reason: "nobody is logged in"}
	}
	if o.Owner == s.Account && !s.Account.IsZero() {
		if rule, ok := find(o.Kind, a, ofOwner); ok {
			return Decision{Allowed: true, Reason: rule.Reason}
		}
	}
	held := s.heldAt(o)
	outside := false
	for _, rule := range Rules {
		if rule.Kind != o.Kind || !slices.Contains(rule.Acts, a) || rule.Scope == ofOwner || !rule.fits(held) {
			continue
		}
		if o.Handling == Sealed && !rule.Sealed {
			continue
		}
		if rule.Inside && !o.Compartment.Admits(s.Account) {
			outside = true
			continue
		}
		return Decision{Allowed: true, Reason: rule.Reason}
	}
	if outside {
		return Decision{Reason: "it is restricted to named people"}
	}
	if len(held) == 0 {
		return Decision{Hidden: true, Reason: "no role in that programme or at that desk"}
	}
	return Decision{Reason: "no rule gives these roles this act"}
}

// Check is Decide as an error: fault.NotFound where the thing is hidden, else
// fault.Forbidden.
func Check(s Subject, a Act, o Object) error {
	d := Decide(s, a, o)
	switch {
	case d.Allowed:
		return nil
	case s.Account.IsZero():
		return fault.New(fault.Unsigned, "Log in first.")
	case d.Hidden:
		return fault.New(fault.NotFound, "There is no such thing here, or it is not for you.")
	}
	return fault.New(fault.Forbidden, "Your role does not allow this.")
}

// Desks returns the desks of programme where s holds one of roles, each once,
// in the order of the grants: the filter that rooms hand to their stores.
func (s Subject) Desks(programme id.ID, roles ...Role) []id.ID {
	var desks []id.ID
	for _, g := range s.Grants {
		if g.Programme == programme && !g.Desk.IsZero() && g.Role.OfDesk() && slices.Contains(roles, g.Role) && !slices.Contains(desks, g.Desk) {
			desks = append(desks, g.Desk)
		}
	}
	return desks
}

// Programmes returns the programmes where s holds any role, each once.
func (s Subject) Programmes() []id.ID {
	var programmes []id.ID
	for _, g := range s.Grants {
		if !g.Programme.IsZero() && !slices.Contains(programmes, g.Programme) {
			programmes = append(programmes, g.Programme)
		}
	}
	return programmes
}

// Holds reports whether s holds role anywhere in programme.
func (s Subject) Holds(programme id.ID, role Role) bool {
	return slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Programme == programme && g.Role == role })
}

// heldAt returns the roles that count for o: of its programme, and for roles
// of a desk, of its desk where it has one.
func (s Subject) heldAt(o Object) []Role {
	var roles []Role
	for _, g := range s.Grants {
		if g.Programme != o.Programme || !g.Role.Known() {
			continue
		}
		if g.Role.OfDesk() && (g.Desk.IsZero() || !o.Desk.IsZero() && g.Desk != o.Desk) {
			continue
		}
		roles = append(roles, g.Role)
	}
	return roles
}
