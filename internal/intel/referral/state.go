// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// from says in which states an act may be done; what is not named here happens
// in every state but Recalled.
var from = map[Act][]State{
	Acknowledge: {Sent},
	Accept:      {Acknowledged},
	Decline:     {Acknowledged},
	Progress:    {Accepted},
	Outcome:     {Accepted, Closed},
	Close:       {Accepted},
	Ask:         {Acknowledged, Accepted},
	Recall:      {Sent, Acknowledged, Accepted, Declined, Closed},
	Renew:       {Sent, Acknowledged, Accepted, Closed},
	Chase:       {Sent, Acknowledged, Accepted},
	Open:        {Sent, Acknowledged, Accepted, Closed},
	Linked:      {Sent, Acknowledged, Accepted, Closed},
}

// refusals say what would be right instead.
var refusals = map[Act]error{
	Acknowledge: fault.New(fault.Conflict, "This was acknowledged before."),
	Accept:      fault.New(fault.Conflict, "Acknowledge it first; what was accepted, declined or closed stays so."),
	Decline:     fault.New(fault.Conflict, "Only what was acknowledged and not yet accepted can be declined."),
	Progress:    fault.New(fault.Conflict, "Progress is told of what was accepted."),
	Outcome:     fault.New(fault.Conflict, "An outcome is told of what was accepted."),
	Close:       fault.New(fault.Conflict, "Only what was accepted can be closed."),
	Ask:         fault.New(fault.Conflict, "Acknowledge it first; nothing is asked about what has ended."),
	Renew:       fault.New(fault.Conflict, "A new version goes to a partner who has not declined."),
	Chase:       fault.New(fault.Conflict, "Nothing is awaited from this partner."),
	Open:        fault.New(fault.Conflict, "This has ended."),
	Linked:      fault.New(fault.Conflict, "The partner has declined: there is nothing to answer behind a link."),
}

// forPrimary are the acts that only the partner who owns the outcome may do.
var forPrimary = []Act{Accept, Decline, Progress, Outcome, Close}

// Check says why a can't be done now, nil if it can.
func (r Referral) Check(a Act) error {
	switch {
	case r.State == Recalled && (a == Notify || a == Unsent):
		return nil // that the partner was told of the recall, or could not be
	case r.State == Recalled:
		return fault.New(fault.Conflict, "This referral was recalled. Nothing more can be done with it.")
	case r.Role == Information && slices.Contains(forPrimary, a):
		return fault.New(fault.Conflict, "This was sent for information only. It can be acknowledged and asked about.")
	}
	if states, ok := from[a]; ok && !slices.Contains(states, r.State) {
		return refusals[a]
	}
	return nil
}

// Apply returns the referral after a, done at the given time under the
// partner's clocks. It is the whole state machine and touches nothing else.
func (r Referral) Apply(a Act, at time.Time, c Clocks) (Referral, error) {
	if err := r.Check(a); err != nil {
		return r, err
	}
	if a.OfPartner() {
		r.Heard = at
	}
	before := r.State
	switch a {
	case Acknowledge:
		r.State, r.Acknowledge = Acknowledged, at
	case Accept:
		r.State, r.Decided = Accepted, at
	case Decline:
		r.State, r.Decided = Declined, at
	case Progress, Outcome:
		if r.Acted.IsZero() {
			r.Acted = at
		}
	case Close:
		r.State, r.Ended = Closed, at
	case Recall:
		r.State, r.Ended = Recalled, at
	case Chase:
		r.ChasedAt, r.Chases = at, r.Chases+1
	}
	if r.State != before || a == Progress || a == Outcome {
		due, err := r.due(at, c)
		if err != nil {
			return r, err
		}
		if !due.Equal(r.Due) {
			r.Due, r.Escalated = due, false
		}
	}
	r.Revision++
	return r, nil
}

// due returns when the clock that runs in the referral's state ends.
func (r Referral) due(at time.Time, c Clocks) (time.Time, error) {
	switch {
	case r.State == Sent:
		return c.Acknowledge.After(r.SentAt, c.Hours)
	case r.Role == Primary && (r.State == Acknowledged || r.State == Accepted):
		return c.Progress.After(at, c.Hours)
	}
	return time.Time{}, nil
}

// The measures of referrals.
const (
	CountReferred     = "referred"
	CountAcknowledged = "acknowledged"
	CountAccepted     = "accepted"
	CountDeclined     = "declined"
	CountActedOn      = "acted-on"
)

// Facts returns what statistics count of a referral: nothing of copies for
// information. A recall takes nothing back: it was referred.
func (r Referral) Facts() []intel.Fact {
	if r.Role != Primary {
		return nil
	}
	decided := CountAccepted
	if r.Why != "" {
		decided = CountDeclined
	}
	var facts []intel.Fact
	for _, x := range []struct {
		measure string
		at      time.Time
	}{{CountReferred, r.SentAt}, {CountAcknowledged, r.Acknowledge}, {decided, r.Decided}, {CountActedOn, r.Acted}} {
		if !x.at.IsZero() {
			facts = append(facts, intel.Fact{
				Programme: r.Programme, Record: r.ID, Compartment: r.Compartment, Desk: r.Desk, Day: int(x.at.Unix() / 86400), Measure: x.measure,
				Category: r.Category, Channel: r.Channel, Partner: r.Partner, N: 1,
			})
		}
	}
	return facts
}
