// SPDX-License-Identifier: AGPL-3.0-or-later

package authz

import "slices"

// Scope says by what a rule is fulfilled.
type Scope string

const (
	byRole  Scope = "role"  // one of Roles, held where the object is
	ofOwner Scope = "owner" // the object is the subject's own
)

// Rule allows some acts on one kind.
type Rule struct {
	Kind   Kind
	Acts   []Act
	Scope  Scope
	Roles  []Role
	Sealed bool // also covers sealed material
	Inside bool // only for those whom the object's compartment admits
	Reason string
}

// Rules is the whole of who may do what. Nothing else is allowed.
var Rules = []Rule{
	{
		Kind: Report, Acts: []Act{List}, Scope: byRole, Roles: []Role{Reviewer}, Sealed: true,
		Reason: "a desk sees every report sealed to it, restricted ones too: a clock that nobody sees is a life at risk",
	},
	{
		Kind: Report, Acts: []Act{Read, Answer, Index, Restrict, HandOver, Export}, Scope: byRole, Roles: []Role{Reviewer}, Sealed: true, Inside: true,
		Reason: "reviewers work with what was sealed to their desk, within its compartment",
	},
	{
		Kind: Report, Acts: []Act{Mark, History}, Scope: byRole, Roles: []Role{Reviewer}, Sealed: true, Inside: true,
		Reason: "marks and history lie in clear, but tell of a report what only its readers should know",
	},
	{
		Kind: Report, Acts: []Act{History}, Scope: byRole, Roles: []Role{Auditor}, Sealed: true,
		Reason: "oversight sees who did what to every report, and never what it says",
	},
	{
		Kind: Call, Acts: []Act{File, List}, Scope: byRole, Roles: []Role{CallTaker, Reviewer}, Sealed: true,
		Reason: "who answers the telephone seals what is said and ends the call with a reason",
	},
	{
		Kind: Desk, Acts: []Act{List}, Scope: byRole, Roles: Roles,
		Reason: "everybody in a programme knows its desks and who is on duty",
	},
	{
		Kind: Desk, Acts: []Act{Read, GiveKey, Renew}, Scope: byRole, Roles: []Role{Reviewer}, Sealed: true,
		Reason: "only those who hold a desk's key can hand it on or renew it: it never exists elsewhere in clear",
	},
	{
		Kind: Desk, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators set duty and alerts, none of which opens a report",
	},
	{
		Kind: Person, Acts: []Act{List}, Scope: byRole, Roles: Roles,
		Reason: "colleagues know each other's names and roles",
	},
	{
		Kind: Person, Acts: []Act{Change, History}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators invite, give roles and suspend; that gives nobody a key",
	},
	{
		Kind: Person, Acts: []Act{History}, Scope: byRole, Roles: []Role{Auditor},
		Reason: "oversight sees who was let in by whom",
	},
	{
		Kind: Person, Acts: []Act{Read, Change}, Scope: ofOwner,
		Reason: "one's own keys, passphrase and alerts are one's own affair",
	},
	{
		Kind: Session, Acts: []Act{List, Change}, Scope: ofOwner,
		Reason: "everybody sees and ends their own sessions",
	},
	{
		Kind: Session, Acts: []Act{List, Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "a lost machine is cut off at once by whoever is asked",
	},
	{
		Kind: Roster, Acts: []Act{Read}, Scope: byRole, Roles: Roles,
		Reason: "the roster is public",
	},
	{
		Kind: Roster, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators draft and upload; the offline key signs, so they decide nothing alone",
	},
	{
		Kind: Ledger, Acts: []Act{Read}, Scope: byRole, Roles: []Role{Auditor, Administrator},
		Reason: "the log is for those who watch and those who are asked; it names reports only by id",
	},
	{
		Kind: Statistics, Acts: []Act{Read}, Scope: byRole, Roles: []Role{Administrator, Reviewer, Analyst, Auditor},
		Reason: "counts without content are for everybody who plans; call takers have their own day only",
	},
	{
		Kind: Programme, Acts: []Act{Read}, Scope: byRole, Roles: Roles,
		Reason: "a programme's settings are public",
	},
	{
		Kind: Programme, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators run the programme",
	},
}

// fits reports whether one of held is named by r.
func (r Rule) fits(held []Role) bool {
	return slices.ContainsFunc(held, func(role Role) bool { return slices.Contains(r.Roles, role) })
}

// find returns the rule of kind and act with the given scope.
func find(kind Kind, act Act, scope Scope) (Rule, bool) {
	i := slices.IndexFunc(Rules, func(r Rule) bool {
		return r.Kind == kind && r.Scope == scope && slices.Contains(r.Acts, act)
	})
	if i < 0 {
		return Rule{}, false
	}
	return Rules[i], true
}
