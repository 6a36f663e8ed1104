// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// MaxMessages bounds the conversation of one report.
const MaxMessages = 1000

// The topics of the room's events. Their bodies are Arrived.
const (
	TopicArrived = "report.arrived"
	TopicReplied = "report.replied"
)

// Arrived is the body of the room's events.
type Arrived struct {
	Report id.ID `json:"report"`
	Desk   id.ID `json:"desk"`
	Danger bool  `json:"danger,omitempty"`
}

// Keys knows which rosters a submission may have been sealed to.
type Keys interface {
	// Sealed returns the desks of the roster with that hash when it is the
	// current one or the one before it; fault.Gone otherwise.
	Sealed(ctx context.Context, programme id.ID, roster Hash) ([]id.ID, error)
}

// Intake is the reporter's side: it takes sealed reports in and opens their
// mailboxes. It knows tokens, sizes and hours, nothing else.
type Intake struct {
	Store IntakeStore
	Marks DeskStore
	Keys  Keys
	Slots Slots
	Tx    tx.Runner
	Clock clock.Clock
	Files *Files // nil: no files are taken
	// Originals keeps the server's halves of the keys of originals; nil: none
	// are taken.
	Originals OriginalStore
	// Gone is told, inside the change, that a reporter deleted a report; nil:
	// nobody keeps anything of it.
	Gone func(ctx context.Context, programme, report id.ID) error
	// Pepper returns HMAC(pepper, use ‖ 0 ‖ token).
	Pepper func(use string, token []byte) [32]byte
}

// Submit keeps one submission (docs/formats.md, "Submission") and returns the
// report's id when it is durable. The same bytes again give the same answer;
// the same id with other bytes is fault.Conflict. The room's Channel of the
// report is ch.
func (in *Intake) Submit(ctx context.Context, programme id.ID, ch Channel, body []byte) (id.ID, error) {
	sub, err := seal.DecodeSubmission(body)
	if err != nil {
		return id.ID{}, refuse(err)
	}
	if sub.Programme != programme {
		return id.ID{}, fault.New(fault.Invalid, "This report was sealed for another programme.")
	}
	desks, err := in.Keys.Sealed(ctx, programme, sub.Roster)
	if err != nil {
		return id.ID{}, err
	}
	if !slices.Contains(desks, sub.Desk) {
		return id.ID{}, fault.New(fault.Invalid, "This report was sealed to a desk that is not on the list.")
	}
	arrival, err := in.arrival(sub, ch, seal.HashOf(body))
	if err != nil {
		return id.ID{}, err
	}
	err = in.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := in.Store.Insert(ctx, arrival); err != nil {
			return err
		}
		return event(rec, programme, TopicArrived, Arrived{Report: sub.Report, Desk: sub.Desk, Danger: sub.Danger})
	})
	if fault.KindOf(err) == fault.Conflict {
		return in.repeated(ctx, programme, arrival, err)
	}
	if err != nil {
		return id.ID{}, fmt.Errorf("keep submission: %w", err)
	}
	return sub.Report, nil
}

// File keeps the report that a call taker sealed for a caller.
func (in *Intake) File(ctx context.Context, s authz.Subject, programme id.ID, body []byte) (id.ID, error) {
	sub, err := seal.DecodeSubmission(body)
	if err != nil {
		return id.ID{}, refuse(err)
	}
	if err := authz.Check(s, authz.File, authz.Object{Kind: authz.Call, Programme: programme, Desk: sub.Desk, Handling: authz.Sealed}); err != nil {
		return id.ID{}, err
	}
	return in.Submit(ctx, programme, ChannelPhone, body)
}

// refuse words why bytes are not a submission; the words come from the format,
// never from what is sealed.
func refuse(err error) error {
	kind := fault.Invalid
	if errors.Is(err, seal.ErrTooLong) {
		kind = fault.TooLarge
	}
	return fault.Wrap(kind, "This is not a sealed report as it must be. Nothing was kept.", err)
}

// arrival makes the rows of a submission, its grants wrapped under a fresh slot.
func (in *Intake) arrival(sub *seal.Submission, ch Channel, digest Hash) (Arrival, error) {
	hour := clock.HourOf(in.Clock.Now())
	slot, err := in.Slots.Take()
	if err != nil {
		return Arrival{}, fmt.Errorf("take slot: %w", err)
	}
	role := seal.RoleReporter
	if ch == ChannelPhone {
		role = seal.RoleCall
	}
	a := Arrival{
		Report: Report{
			Programme: sub.Programme, ID: sub.Report, Desk: sub.Desk, Arrived: hour, Channel: ch,
			Danger: sub.Danger, Size: len(sub.FirstBody), Roster: sub.Roster,
			Head: Head{Seq: 1, Hash: sub.First}, Digest: digest, Slot: slot,
			Marks: Marks{State: StateNew, Replied: hour},
		},
		Login: in.Pepper("login", sub.Login),
		Envelopes: []Envelope{
			{Seq: 0, Role: string(role), Hash: sub.Cover, Hour: hour, Body: sub.CoverBody},
			{Seq: 1, Role: string(role), Hash: sub.First, Hour: hour, Body: sub.FirstBody},
		},
	}
	for _, g := range []Grant{
		{To: ToDesk, Recipient: sub.Desk, Body: sub.DeskGrant},
		{To: ToRecovery, Body: sub.RecoveryGrant},
		{To: ToMailbox, Body: sub.MailboxGrant},
	} {
		if g.Body, err = in.Slots.Wrap(slot, g.Body); err != nil {
			return Arrival{}, fmt.Errorf("wrap grant: %w", err)
		}
		a.Grants = append(a.Grants, g)
	}
	return a, nil
}

// repeated answers a submission whose id is already there: as the first time
// when the bytes are the same. The slot that was taken for it is given up.
func (in *Intake) repeated(ctx context.Context, programme id.ID, a Arrival, conflict error) (id.ID, error) {
	if err := in.Slots.Erase(a.Report.Slot); err != nil {
		return id.ID{}, fmt.Errorf("give up slot: %w", err)
	}
	stored, err := in.Store.Digest(ctx, programme, a.Report.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return id.ID{}, fmt.Errorf("look for the first submission: %w", err)
	}
	if err == nil && stored == a.Report.Digest {
		return a.Report.ID, nil
	}
	return id.ID{}, fault.Wrap(fault.Conflict, "A report with this number is already here, with other contents. Nothing was changed.", conflict)
}

// Mailbox is what a reporter's browser needs to open the conversation.
type Mailbox struct {
	Report    Report
	Envelopes []Envelope
	Grants    []Grant // to the mailbox, unwrapped
}

// Open returns the mailbox of a login token. Unknown and deleted are the same
// fault.NotFound after the same work: one look-up that finds nothing.
func (in *Intake) Open(ctx context.Context, programme id.ID, login []byte) (Mailbox, error) {
	rep, err := in.find(ctx, programme, login)
	if err != nil {
		return Mailbox{}, err
	}
	box := Mailbox{Report: rep}
	if box.Envelopes, err = in.Store.Envelopes(ctx, programme, rep.ID); err != nil {
		return Mailbox{}, fmt.Errorf("read messages: %w", err)
	}
	if box.Grants, err = in.Store.Grants(ctx, programme, rep.ID, ToMailbox); err != nil {
		return Mailbox{}, fmt.Errorf("read grants: %w", err)
	}
	return box, unwrap(in.Slots, rep.Slot, box.Grants)
}

func (in *Intake) find(ctx context.Context, programme id.ID, login []byte) (Report, error) {
	rep, err := in.Store.ByLogin(ctx, programme, in.Pepper("login", login))
	if fault.KindOf(err) == fault.NotFound {
		return Report{}, fault.New(fault.NotFound, "These words open no report. One or more may be wrong, or in another order, or the report was deleted.")
	}
	if err != nil {
		return Report{}, fmt.Errorf("find mailbox: %w", err)
	}
	return rep, nil
}

// Reply appends a message of the reporter after prev.
func (in *Intake) Reply(ctx context.Context, programme id.ID, login []byte, prev Hash, e Envelope) error {
	return in.reply(ctx, programme, login, prev, e, func(context.Context) error { return nil })
}

// reply appends a message; also runs in the same change.
func (in *Intake) reply(ctx context.Context, programme id.ID, login []byte, prev Hash, e Envelope, also func(context.Context) error) error {
	if err := checkAppend(e, seal.RoleReporter); err != nil {
		return err
	}
	rep, err := in.find(ctx, programme, login)
	if err != nil {
		return err
	}
	e.Hour = clock.HourOf(in.Clock.Now())
	return in.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := in.Store.Append(ctx, programme, rep.ID, prev, e); err != nil {
			return err
		}
		if err := also(ctx); err != nil {
			return err
		}
		if err := in.wake(ctx, programme, rep.ID); err != nil {
			return err
		}
		return event(rec, programme, TopicReplied, Arrived{Report: rep.ID, Desk: rep.Desk})
	})
}

// wake brings a report that waited for its reporter, or was closed, back to
// the desk's open ones.
func (in *Intake) wake(ctx context.Context, programme, report id.ID) error {
	rep, err := in.Marks.Report(ctx, programme, report)
	if err != nil {
		return err
	}
	if rep.Marks.State != StateWaiting && rep.Marks.State != StateClosed {
		return nil
	}
	m := rep.Marks
	m.Version++
	m.State, m.Reason = StateOpen, ReasonUnassigned
	return in.Marks.SaveMarks(ctx, programme, report, m)
}

// Delete removes a report for good: first the slot, so that old backups are
// dead, then the rows. Under legal hold it is fault.Locked.
func (in *Intake) Delete(ctx context.Context, programme id.ID, login []byte) error {
	rep, err := in.find(ctx, programme, login)
	if err != nil {
		return err
	}
	if rep.Hold {
		return fault.New(fault.Locked, "A court or the law makes us keep this report for now. It will be deleted when that ends.")
	}
	var files []StoredFile
	if in.Files != nil {
		if files, err = in.Files.Store.Files(ctx, programme, rep.ID); err != nil {
			return fmt.Errorf("read files: %w", err)
		}
	}
	if err := in.Slots.Erase(rep.Slot); err != nil {
		return fmt.Errorf("erase slot: %w", err)
	}
	err = in.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		if err := in.Store.Delete(ctx, programme, rep.ID); err != nil || in.Gone == nil {
			return err
		}
		return in.Gone(ctx, programme, rep.ID)
	})
	if err != nil || len(files) == 0 {
		return err
	}
	return in.Files.drop(ctx, files) // what is left when this fails, Sweep finds
}

// checkAppend demands of a message what can be demanded without opening it.
func checkAppend(e Envelope, role seal.Role) error {
	if err := seal.CheckEnvelope(seal.KindMessage, e.Body); err != nil {
		return fault.Wrap(fault.Invalid, "This message is not sealed as it must be.", err)
	}
	if e.Role != string(role) || e.Seq < 2 || e.Epoch < 0 || e.Hash.IsZero() {
		return fault.New(fault.Invalid, "This message does not say where it belongs.")
	}
	if e.Seq > MaxMessages {
		return fault.Newf(fault.TooLarge, "A report can hold %d messages. Please make a new report.", MaxMessages)
	}
	return nil
}

func unwrap(slots Slots, slot int64, grants []Grant) error {
	for i := range grants {
		body, err := slots.Unwrap(slot, grants[i].Body)
		if err != nil {
			return fmt.Errorf("unwrap grant: %w", err)
		}
		grants[i].Body = body
	}
	return nil
}

func event(rec *tx.Recorder, programme id.ID, topic string, body Arrived) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	rec.Event(tx.Event{Programme: programme, Topic: topic, Body: b})
	return nil
}
