// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// IntakeStore is what the reporter's side needs. No method works without its
// programme. Rows are keyed by random ids, so that their order tells nothing.
type IntakeStore interface {
	// Insert puts down an arrival; fault.Conflict when the id or the login exists.
	Insert(ctx context.Context, a Arrival) error
	// Digest returns the digest of a stored submission; fault.NotFound.
	Digest(ctx context.Context, programme, report id.ID) (Hash, error)
	// ByLogin finds the report of a mailbox; fault.NotFound.
	ByLogin(ctx context.Context, programme id.ID, login Hash) (Report, error)
	// Envelopes returns all messages of a report, by sequence.
	Envelopes(ctx context.Context, programme, report id.ID) ([]Envelope, error)
	// Grants returns the stored grants of a report to one kind of recipient.
	Grants(ctx context.Context, programme, report id.ID, to string) ([]Grant, error)
	// Append adds e after prev and moves the head; fault.Conflict when prev is
	// not the head. It also notes the hour of a reporter's message.
	Append(ctx context.Context, programme, report id.ID, prev Hash, e Envelope) error
	// Delete removes grants, envelopes, login and tokens of a report, and the
	// report itself; counts stay. fault.NotFound.
	Delete(ctx context.Context, programme, report id.ID) error
}

// DeskStore is what the desk's side needs.
type DeskStore interface {
	// Report returns one report; fault.NotFound.
	Report(ctx context.Context, programme, report id.ID) (Report, error)
	// List returns a page of reports that fit, danger first, then newest hour
	// first, and whether there are more.
	List(ctx context.Context, programme id.ID, f Filter) ([]Report, bool, error)
	// Covers returns the covers of the reports with their grants to a desk or
	// members, in no order; reports that are not there are left out.
	Covers(ctx context.Context, programme id.ID, reports []id.ID) ([]Cover, error)
	// Tally counts the open reports of the desks by queue, capped at 10,000.
	Tally(ctx context.Context, programme id.ID, desks []id.ID, me id.ID) (Tally, error)
	// SaveMarks replaces the marks; fault.Conflict when m.Version is not the
	// stored one plus one.
	SaveMarks(ctx context.Context, programme, report id.ID, m Marks) error
	// Reseal replaces all grants of a report by those of a new epoch.
	Reseal(ctx context.Context, programme, report id.ID, epoch int, grants []Grant) error
	// SaveTokens replaces the blind tokens of a report.
	SaveTokens(ctx context.Context, programme, report id.ID, tokens []Hash) error
	// Mentions returns the other reports that share a token, at most limit.
	Mentions(ctx context.Context, programme, report id.ID, limit int) ([]id.ID, error)
	// Count adds one ended contact to the counts of a day.
	Count(ctx context.Context, programme, desk id.ID, day int, channel Channel, reason Reason) error
	// AddEnded keeps which report an ended contact was.
	AddEnded(ctx context.Context, programme id.ID, e Ended) error
	// Ended returns a page, newest day first, and whether there are more.
	Ended(ctx context.Context, programme id.ID, f EndedFilter) ([]Ended, bool, error)
	// Times calls do with every report that was read or answered.
	Times(ctx context.Context, programme id.ID, do func(Report) error) error
	// Counts sums the ended contacts of the desks over days from…to inclusive.
	Counts(ctx context.Context, programme id.ID, desks []id.ID, from, to int) (map[Channel]map[Reason]int, error)
}

// ActStore keeps the history of what members did, and what the law asked for.
type ActStore interface {
	// SaveHold sets whether a report is under legal hold; fault.NotFound.
	SaveHold(ctx context.Context, programme, report id.ID, hold bool) error
	// AddAct adds one act.
	AddAct(ctx context.Context, programme id.ID, a Act) error
	// Acts returns the acts on a report, newest first.
	Acts(ctx context.Context, programme, report id.ID) ([]Act, error)
	// ArrivalsOf returns the ids of the reports of one hour, sorted.
	ArrivalsOf(ctx context.Context, programme id.ID, hour int64) ([]id.ID, error)
}

// Queue is a heap of the inbox.
type Queue string

// The queues of the inbox.
const (
	QueueDanger  Queue = "danger"  // visible danger or the desk's mark, not closed
	QueueNew     Queue = "new"     // nobody has opened it
	QueueMine    Queue = "mine"    // assigned to me, not closed
	QueueReplied Queue = "replied" // the reporter has written since the desk did
	QueueWaiting Queue = "waiting" // the desk has asked
	QueueOpen    Queue = "open"    // everything that is not closed
	QueueClosed  Queue = "closed"
)

// Filter chooses a page of the inbox.
type Filter struct {
	Desks   []id.ID // the reader's desks; empty finds nothing
	Queue   Queue
	Me      id.ID // the account that "mine" means
	Urgency Urgency
	Offset  int
	Limit   int // at most 200
}

// Cover is the sealed cover of a report with the grants that open it; grants
// are wrapped under Slot where they come from a store.
type Cover struct {
	Report   id.ID
	Slot     int64
	Envelope Envelope
	Grants   []Grant
}

// Tally counts reports by queue.
type Tally map[Queue]int

// Slots are the random keys, outside the database and its backups, under which
// stored grants are wrapped. Erasing a slot makes them unreadable for good.
type Slots interface {
	// Take reserves a slot that was durable before.
	Take() (int64, error)
	// Wrap and Unwrap are AES-256-GCM under a slot's key; fault.NotFound when
	// the slot was erased.
	Wrap(slot int64, plain []byte) ([]byte, error)
	Unwrap(slot int64, wrapped []byte) ([]byte, error)
	// Erase overwrites a slot's key; it is durable when Erase returns. Erasing
	// again is no error: a deletion that was cut short is repeated.
	Erase(slot int64) error
}
