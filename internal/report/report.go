// SPDX-License-Identifier: AGPL-3.0-or-later

// Package report keeps sealed reports: it takes them in, hands their
// ciphertext to those who may have it, and keeps the desk's own marks on them.
//
// It must never see, log or derive anything of what a reporter wrote: bodies
// are ciphertext here, and whatever the server may know of a report is a field
// of Report. It must never keep a time of a reporter finer than the hour.
//
// Intake and Desk are safe for concurrent use.
package report

import (
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Hash is a SHA-256.
type Hash = seal.Hash

// State is where the desk is with a report; the reporter sees it in words.
type State string

// The states of a report.
const (
	StateNew     State = "new"     // nobody has opened it
	StateOpen    State = "open"    // being looked at
	StateWaiting State = "waiting" // the desk asked, the reporter has not answered
	StateClosed  State = "closed"  // ended with a Reason
)

// Urgency is the desk's own mark, clear to the server.
type Urgency string

// The desk's urgencies.
const (
	UrgencyNone   Urgency = ""
	UrgencyLow    Urgency = "low"
	UrgencyHigh   Urgency = "high"
	UrgencyDanger Urgency = "danger" // life at risk
)

// Reason says why a contact was ended. Every one is counted.
type Reason string

// The reasons for ending a contact, each on one key of the inbox.
const (
	ReasonNewItem    Reason = "new-item"
	ReasonAdded      Reason = "added"
	ReasonPassedOn   Reason = "passed-on"
	ReasonTooLittle  Reason = "too-little"
	ReasonMalicious  Reason = "malicious-suspected"
	ReasonSpam       Reason = "spam"
	ReasonSilent     Reason = "silent"
	ReasonUnassigned Reason = "" // not closed
)

// Reasons lists the reasons in the order of their keys, 1 to 7.
var Reasons = []Reason{ReasonNewItem, ReasonAdded, ReasonPassedOn, ReasonTooLittle, ReasonMalicious, ReasonSpam, ReasonSilent}

// Told reports whether a contact that ended for this reason told something.
func (r Reason) Told() bool { return r != ReasonSpam && r != ReasonSilent }

// Channel is how a contact reached the desk.
type Channel string

// The channels that contacts are counted by.
const (
	ChannelWeb   Channel = "web"
	ChannelPhone Channel = "phone"
)

// Head is the newest message of a report: the server appends only after it.
type Head struct {
	Seq  int
	Hash Hash
}

// Report is all that the server knows of a sealed report.
type Report struct {
	Programme id.ID
	ID        id.ID // chosen by the sender
	Desk      id.ID
	Arrived   clock.Hour
	Channel   Channel
	Danger    bool // the one visible answer: someone may be in danger now
	Size      int  // bytes of message 1 as it is kept
	Epoch     int  // of the report identity
	Roster    Hash // that the sender sealed to
	Head      Head
	Digest    Hash // of the submission's bytes: the same id with other bytes is refused
	Slot      int64
	Hold      bool // legal hold: deletion waits
	Marks     Marks
}

// Marks are the desk's own notes on a report, clear to the server.
type Marks struct {
	Version    int // grows with each change; a change names the one it saw
	State      State
	Urgency    Urgency
	Assigned   id.ID // account; zero when nobody
	Restricted bool  // re-sealed to named members
	Reason     Reason
	FirstRead  time.Time  // zero until somebody opened it
	Replied    clock.Hour // hour of the reporter's newest message
	Answered   time.Time  // of the desk's newest message
	// FirstAnswer is the desk's first message; it stops the reporter's clock.
	FirstAnswer time.Time
}

// Envelope is one sealed message with what the sender told the server of it.
type Envelope struct {
	Seq   int
	Epoch int
	Role  string // reporter, desk, call
	Hash  Hash   // of the header inside, as the sender claims
	Hour  clock.Hour
	Body  []byte
}

// The kinds of recipients of a grant.
const (
	ToDesk     = "desk"
	ToRecovery = "recovery"
	ToMailbox  = "mailbox"
	ToMember   = "member"
)

// Grant lets one recipient open a report up to an epoch. Its Body is an age
// file; where it is stored it is wrapped once more under the report's slot.
type Grant struct {
	Epoch     int
	To        string // desk, recovery, mailbox, member
	Recipient id.ID  // desk or member; zero for recovery and mailbox
	Body      []byte
}

// Arrival is everything that a submission puts down at once.
type Arrival struct {
	Report    Report
	Login     Hash // HMAC(pepper, login token)
	Envelopes []Envelope
	Grants    []Grant // bodies wrapped under the slot
}

// Act is one thing that a member did to a report, for its history.
type Act struct {
	ID     id.ID
	Report id.ID
	Who    id.ID // account
	At     time.Time
	What   string // opened, answered, assigned, urgency, state, restricted, handed-over, exported, closed, printed, marked
	Detail string // the desk's words, never the reporter's
}
