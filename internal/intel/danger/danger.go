// SPDX-License-Identifier: AGPL-3.0-or-later

// Package danger keeps the clocks of lives at risk: an alarm rings until
// somebody acknowledges it, wider and wider; then it is handed to those who
// can go there, and ends with what they found.
//
// It must never hold what a reporter wrote: the alarm of a report knows its
// id, its desk and the hour it came in. Of such an alarm nothing is kept from
// which the minute of its arrival could be reckoned once it is acknowledged:
// no time of opening, no step, no duration finer than hours (see
// docs/decisions/danger-clocks.md). It must never fall silent before somebody
// acknowledges, and never forget one that was acknowledged to its sender.
//
// A Service is safe for concurrent use.
package danger

import (
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// State is where an alarm is on its way.
type State string

// The states, in their order. An alarm may be closed without being handed
// over, never without being acknowledged.
const (
	Ringing      State = "ringing"
	Acknowledged State = "acknowledged"
	HandedOver   State = "handed-over"
	Closed       State = "closed"
)

// Origin is what started an alarm.
type Origin string

// The origins.
const (
	FromReport Origin = "report" // a reporter's visible answer
	FromSource Origin = "source" // a partner's signed message
)

// Alarm is one life that may be at risk.
type Alarm struct {
	Programme id.ID
	ID        id.ID
	Desk      id.ID
	Key       Key
	State     State
	Hour      clock.Hour // in which it was opened
	Version   int        // rises with what people do, not with the ringing
	Step      int        // how often it has rung, the last step again and again; 0 unless it rings or came from a source
	Due       time.Time  // when it rings next; zero unless it rings
	Body
}

// Key makes an alarm one, however often its origin is told.
type Key [sha256.Size]byte

// Body is what no query asks for.
type Body struct {
	Origin    Origin `json:"origin"`
	Report    id.ID  `json:"report"`
	Source    string `json:"source,omitempty"`
	Reference string `json:"reference,omitempty"` // the source's own
	Digest    Key    `json:"digest,omitzero"`     // of what the source sent
	// Alert is what the source sent; erased when the alarm is closed.
	Alert Alert `json:"alert,omitzero"`
	Flood bool  `json:"flood,omitempty"` // the source sent more than it should

	Opened time.Time `json:"opened,omitzero"` // of a source's alarm only

	AckBy  id.ID     `json:"ack_by"`
	AckAt  time.Time `json:"ack_at,omitzero"`
	Took   int       `json:"took"` // until acknowledged: minutes of a source's alarm, whole hours of a report's
	Holder id.ID     `json:"holder"`

	Responder id.ID     `json:"responder"`
	Name      string    `json:"responder_name,omitempty"`
	Told      string    `json:"told,omitempty"` // to the responder; erased when the alarm is closed
	HandedBy  id.ID     `json:"handed_by"`
	HandedAt  time.Time `json:"handed_at,omitzero"`

	Result   string     `json:"result,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	ClosedBy id.ID      `json:"closed_by"`
	ClosedAt time.Time  `json:"closed_at,omitzero"`
	Noted    clock.Hour `json:"noted,omitempty"` // last hour through which it rang and the ledger says so
}

// Alert is what a source may say. Everything but ID and Text is optional.
type Alert struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Person   string `json:"person,omitempty"`
	Place    string `json:"place,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Language string `json:"language,omitempty"`
	Callback string `json:"callback,omitempty"`
}

// Responder is somebody who can go there: a crisis team, a police station, a
// negotiator.
type Responder struct {
	Programme id.ID
	ID        id.ID
	Name      string `json:"name"`
	Place     string `json:"place"`
	Phone     string `json:"phone"`
	Hours     string `json:"hours"`
}

// Policy says who is called when, and how an alarm may end.
type Policy struct {
	Steps   []Step   `json:"steps"`
	Results []Result `json:"results"`
	Source  string   `json:"source,omitempty"`
}

// Step calls somebody and waits before the next; the last one is repeated.
type Step struct {
	Who     Who `json:"who"`
	Minutes int `json:"minutes"`
}

// Who is a circle of people to call.
type Who string

// The circles: those on duty (or the reviewers when nobody is), every
// reviewer of the desk, and these with administrators, directors and the
// addresses of the configuration.
const (
	Duty      Who = "duty"
	Reviewers Who = "reviewers"
	Everybody Who = "everybody"
)

// Circles lists the circles, the narrowest first.
var Circles = []Who{Duty, Reviewers, Everybody}

// Result is one way in which an alarm ends, worded in languages.
type Result struct {
	Code string            `json:"code"`
	Name map[string]string `json:"name"`
}

// Bounds of a policy.
const (
	maxSteps   = 10
	maxMinutes = 60
)

//go:embed data/policy.json
var builtIn []byte

// DefaultPolicy is that of a programme that has none of its own.
func DefaultPolicy() (Policy, error) { return ParsePolicy(builtIn) }

// ParsePolicy reads and checks a policy: a circle never grows narrower from
// step to step, and the last one calls everybody.
func ParsePolicy(body []byte) (Policy, error) {
	var p Policy
	if err := json.Unmarshal(body, &p); err != nil {
		return Policy{}, fault.Wrap(fault.Invalid, "This is not a policy as JSON.", fmt.Errorf("read policy: %w", err))
	}
	if len(p.Steps) == 0 || len(p.Steps) > maxSteps {
		return Policy{}, fault.Newf(fault.Invalid, "A policy has 1 to %d steps.", maxSteps)
	}
	widest := 0
	for n, s := range p.Steps {
		at := slices.Index(Circles, s.Who)
		if at < 0 {
			return Policy{}, fault.Newf(fault.Invalid, "Step %d calls %q: write duty, reviewers or everybody.", n+1, s.Who)
		}
		if at < widest {
			return Policy{}, fault.Newf(fault.Invalid, "Step %d calls fewer people than the one before.", n+1)
		}
		widest = at
		if s.Minutes < 1 || s.Minutes > maxMinutes {
			return Policy{}, fault.Newf(fault.Invalid, "Step %d waits %d minutes: write 1 to %d.", n+1, s.Minutes, maxMinutes)
		}
	}
	if widest != len(Circles)-1 {
		return Policy{}, fault.New(fault.Invalid, "The last step has to call everybody.")
	}
	if len(p.Results) == 0 {
		return Policy{}, fault.New(fault.Invalid, "A policy names at least one result.")
	}
	for _, r := range p.Results {
		if r.Code == "" || r.Name["en"] == "" {
			return Policy{}, fault.New(fault.Invalid, "Every result has a code and a name in English.")
		}
	}
	return p, nil
}

// In returns the result's name in a language.
func (r Result) In(lang string) string {
	if name := r.Name[lang]; name != "" {
		return name
	}
	return r.Name["en"]
}

func (p Policy) step(n int) Step { return p.Steps[min(max(n, 1), len(p.Steps))-1] }

func (p Policy) result(code string) bool {
	return slices.ContainsFunc(p.Results, func(r Result) bool { return r.Code == code })
}
