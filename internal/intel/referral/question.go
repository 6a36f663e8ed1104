// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// QuestionState is where a partner's question is.
type QuestionState string

// The states of a question. A partner sees only Asked, Passed and NotAsked:
// what lies between would tell whether the reporter is still there.
const (
	Asked    QuestionState = "asked"
	Put      QuestionState = "with-reporter" // rewritten by the desk and sealed to the reporter
	Replied  QuestionState = "answered"      // the reporter has written since
	Passed   QuestionState = "passed-on"     // the partner has the addendum
	NotAsked QuestionState = "refused"       // with a reason for the partner
)

// Question is what a partner wants to know of a reporter. The desk rewrites it
// before it is asked; what the desk asks and what the reporter answers is
// sealed, and never here.
type Question struct {
	Programme id.ID
	ID        id.ID
	Referral  id.ID
	Desk      id.ID
	Text      string // the partner's
	State     QuestionState
	At        time.Time
	Report    id.ID // sealed report to whose reporter it was put
	PutBy     id.ID
	PutAt     time.Time
	Version   int    // of the item that holds the answer
	Reason    string // why it was refused, for the partner
	EndedBy   id.ID
	EndedAt   time.Time
}

// moves says which state may follow which.
var moves = map[QuestionState][]QuestionState{
	Asked:   {Put, Passed, NotAsked},
	Put:     {Replied, Passed, NotAsked},
	Replied: {Put, Passed, NotAsked},
}

// Move returns the question in its next state.
func (q Question) Move(to QuestionState) (Question, error) {
	if !slices.Contains(moves[q.State], to) {
		return q, fault.New(fault.Conflict, "This question has been dealt with. Load the page again.")
	}
	q.State = to
	return q, nil
}

// Open reports whether the desk still has to do something about it.
func (q Question) Open() bool { return q.State != Passed && q.State != NotAsked }

// ForPartner returns the question as its partner may see it: it learns what the
// desk says, and nothing of the reporter.
func (q Question) ForPartner() Question {
	seen := Question{ID: q.ID, Referral: q.Referral, Text: q.Text, State: q.State, At: q.At, Reason: q.Reason, Version: q.Version}
	if q.Open() {
		seen.State = Asked
	}
	return seen
}
