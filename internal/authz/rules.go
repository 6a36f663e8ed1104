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
		Kind: Desk, Acts: []Act{List}, Scope: byRole, Roles: House,
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
		Kind: Person, Acts: []Act{List}, Scope: byRole, Roles: House,
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
		Kind: Roster, Acts: []Act{Read}, Scope: byRole, Roles: House,
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
		Kind: Statistics, Acts: []Act{Read}, Scope: byRole, Roles: []Role{Administrator, Reviewer, Analyst, Auditor, Director},
		Reason: "counts without content are for everybody who plans; call takers have their own day only",
	},
	{
		Kind: Programme, Acts: []Act{Read}, Scope: byRole, Roles: House,
		Reason: "a programme's settings are public",
	},
	{
		Kind: Programme, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators run the programme",
	},
	{
		Kind: Draft, Acts: []Act{List, Read, Change, Approve, History}, Scope: byRole, Roles: []Role{Reviewer}, Inside: true,
		Reason: "what may still give a source away stays at the desk that read the report; the room demands a second person for approval",
	},
	{
		Kind: Draft, Acts: []Act{History}, Scope: byRole, Roles: []Role{Auditor},
		Reason: "oversight sees who did what, and never what it says",
	},
	{
		Kind: Item, Acts: []Act{List, Read, Judge, History}, Scope: byRole, Roles: []Role{Reviewer, Analyst}, Inside: true,
		Reason: "approved items are the desk's and, sanitised as they are, every analyst's of the programme, within their compartment",
	},
	{
		Kind: Item, Acts: []Act{Change, Refer, Dispose}, Scope: byRole, Roles: []Role{Reviewer}, Inside: true,
		Reason: "the desk that wrote an item amends it, refers it and answers for how long it is kept",
	},
	{
		Kind: Item, Acts: []Act{History}, Scope: byRole, Roles: []Role{Auditor},
		Reason: "oversight sees who did what to every item, and never what it says",
	},
	{
		Kind: Closed, Acts: []Act{List}, Scope: byRole, Roles: []Role{Administrator, Director, Auditor},
		Reason: "who is inside a compartment is for those who answer for it; its members see their own",
	},
	{
		Kind: Closed, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Director},
		Reason: "the director opens compartments and names who is inside; neither role reads items, so naming oneself opens nothing",
	},
	{
		Kind: Alarm, Acts: []Act{List, Mark}, Scope: byRole, Roles: []Role{Reviewer, Administrator, Director},
		Reason: "a life at risk rings wider and wider, and whoever hears it may take it on; the list says nothing of what was sent",
	},
	{
		Kind: Alarm, Acts: []Act{Read, HandOver}, Scope: byRole, Roles: []Role{Reviewer, Administrator, Director}, Inside: true,
		Reason: "what a source sent is for those who took the alarm on, who send help and say what came of it",
	},
	{
		Kind: Responder, Acts: []Act{List}, Scope: byRole, Roles: []Role{Reviewer, CallTaker, Administrator, Director},
		Reason: "who takes an alarm on looks up whom to send",
	},
	{
		Kind: Responder, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators keep the directory, and say who is called when",
	},
	{
		Kind: Matching, Acts: []Act{Read}, Scope: byRole, Roles: []Role{Reviewer, Analyst},
		Reason: "who works with names compares them; what they ask is kept nowhere",
	},
	{
		Kind: Scheme, Acts: []Act{Read}, Scope: byRole, Roles: House,
		Reason: "how things are graded is public",
	},
	{
		Kind: Scheme, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators add schemes and say which one a programme uses",
	},
	{
		Kind: Partner, Acts: []Act{List}, Scope: byRole, Roles: House,
		Reason: "everybody in the house knows whom it works with",
	},
	{
		Kind: Partner, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Administrator},
		Reason: "administrators enter partners; that hands nothing to them",
	},
	{
		Kind: Referral, Acts: []Act{List, Read, History}, Scope: byRole, Roles: []Role{Reviewer, Analyst}, Inside: true,
		Reason: "who may read an item sees what became of it",
	},
	{
		Kind: Referral, Acts: []Act{Change, Refer}, Scope: byRole, Roles: []Role{Reviewer}, Inside: true,
		Reason: "the desk refers, chases, recalls and types in what a partner said",
	},
	{
		Kind: Referral, Acts: []Act{List}, Scope: byRole, Roles: []Role{Director},
		Reason: "the director chases clocks that ran out, without reading items",
	},
	{
		Kind: Referral, Acts: []Act{Read, Answer}, Scope: byRole, Roles: []Role{Liaison},
		Reason: "a partner's people read what was referred to their partner, and answer",
	},
	{
		Kind: Referral, Acts: []Act{History}, Scope: byRole, Roles: []Role{Auditor},
		Reason: "oversight sees what was handed to whom",
	},
	{
		Kind: Outcome, Acts: []Act{List, Read, History}, Scope: byRole, Roles: []Role{Reviewer, Analyst, Director}, Inside: true,
		Reason: "what came of it is for all who work for it, within the compartment of what it came from",
	},
	{
		Kind: Outcome, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Reviewer, Analyst}, Inside: true,
		Reason: "those who know the items record and attribute outcomes",
	},
	{
		Kind: Outcome, Acts: []Act{Confirm}, Scope: byRole, Roles: []Role{Reviewer, Director}, Inside: true,
		Reason: "an outcome counts when somebody stands for it",
	},
	{
		Kind: Outcome, Acts: []Act{History}, Scope: byRole, Roles: []Role{Auditor},
		Reason: "oversight sees every correction",
	},
	{
		Kind: Publication, Acts: []Act{Read}, Scope: byRole, Roles: House,
		Reason: "it is made for everybody",
	},
	{
		Kind: Publication, Acts: []Act{Publish}, Scope: byRole, Roles: []Role{Director},
		Reason: "the director answers for what the programme says of itself",
	},
	{
		Kind: Text, Acts: []Act{List, Read, History}, Scope: byRole, Roles: House,
		Reason: "what the public will read is no secret in the house, and many eyes find its faults",
	},
	{
		Kind: Translation, Acts: []Act{List, Read, History}, Scope: byRole, Roles: House,
		Reason: "what the public will read is no secret in the house, and many eyes find its faults",
	},
	{
		Kind: Text, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Editor, ChiefEditor},
		Reason: "editors write; nothing that they write is shown until somebody else approves it",
	},
	{
		Kind: Translation, Acts: []Act{Change}, Scope: byRole, Roles: []Role{Translator, Editor, ChiefEditor},
		Reason: "who translates leaves the English text as it is",
	},
	{
		Kind: Text, Acts: []Act{Approve, Publish}, Scope: byRole, Roles: []Role{ChiefEditor, Director},
		Reason: "somebody stands for what the public reads, and can take it back at once; the room demands another person than the writer",
	},
	{
		Kind: Translation, Acts: []Act{Approve, Publish}, Scope: byRole, Roles: []Role{ChiefEditor, Director},
		Reason: "somebody stands for what the public reads, and can take it back at once; the room demands another person than the writer",
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
