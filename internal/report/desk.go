// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Desk is the desk's side: every method asks authz before it asks a store, and
// every release of sealed material is in the ledger before it is answered.
type Desk struct {
	Reports IntakeStore
	Store   DeskStore
	Log     ActStore
	Slots   Slots
	Tx      tx.Runner
	Clock   clock.Clock
	Pepper  func(use string, token []byte) [32]byte
}

// Inbox is a page of the inbox.
type Inbox struct {
	Reports []Report
	More    bool
	Tally   Tally
}

// List returns a page of the reports of the desks where s reviews. Desks in f
// are cut to those; none named means all of them.
func (d *Desk) List(ctx context.Context, s authz.Subject, programme id.ID, f Filter) (Inbox, error) {
	mine := s.Desks(programme, authz.Reviewer)
	if len(mine) == 0 {
		return Inbox{}, authz.Check(s, authz.List, authz.Object{Kind: authz.Report, Programme: programme, Handling: authz.Sealed})
	}
	if len(f.Desks) == 0 {
		f.Desks = mine
	}
	for _, desk := range f.Desks {
		if err := authz.Check(s, authz.List, authz.Object{Kind: authz.Report, Programme: programme, Desk: desk, Handling: authz.Sealed}); err != nil {
			return Inbox{}, err
		}
	}
	f.Me = s.Account
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	f.Offset = max(0, f.Offset)
	var in Inbox
	var err error
	if in.Reports, in.More, err = d.Store.List(ctx, programme, f); err != nil {
		return Inbox{}, fmt.Errorf("list reports: %w", err)
	}
	if in.Tally, err = d.Store.Tally(ctx, programme, f.Desks, s.Account); err != nil {
		return Inbox{}, fmt.Errorf("count reports: %w", err)
	}
	return in, nil
}

// Covers releases the covers of at most 200 reports. Reports that s may not
// read, for want of a role or of being named, are left out, and so are those
// whose slot was erased.
func (d *Desk) Covers(ctx context.Context, s authz.Subject, programme id.ID, reports []id.ID) ([]Cover, error) {
	if len(reports) > 200 {
		return nil, fault.New(fault.Invalid, "Ask for at most 200 covers at once.")
	}
	var allowed []id.ID
	for _, report := range reports {
		_, err := d.may(ctx, s, authz.Read, programme, report)
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Forbidden:
			continue
		}
		if err != nil {
			return nil, err
		}
		allowed = append(allowed, report)
	}
	if len(allowed) == 0 {
		return nil, nil
	}
	covers, err := d.Store.Covers(ctx, programme, allowed)
	if err != nil {
		return nil, fmt.Errorf("read covers: %w", err)
	}
	released := covers[:0]
	for _, c := range covers {
		c.Grants = forReader(c.Grants, s.Account)
		err := unwrap(d.Slots, c.Slot, c.Grants)
		if fault.KindOf(err) == fault.NotFound {
			continue // being deleted: its slot goes before its rows, also when the server stops between
		}
		if err != nil {
			return nil, err
		}
		released = append(released, c)
	}
	return released, d.record(ctx, s, programme, "covers", "", allowed...)
}

// Opened is a report released to a member.
type Opened struct {
	Report    Report
	Envelopes []Envelope
	Grants    []Grant // to the desk and to this member, unwrapped
	Acts      []Act   // newest first
	Named     []id.ID // accounts that a restricted report is sealed to
}

// Open releases a whole report: its first opening stops the clock of the first
// read.
func (d *Desk) Open(ctx context.Context, s authz.Subject, programme, report id.ID) (Opened, error) {
	return d.release(ctx, s, authz.Read, programme, report, "opened")
}

// Export releases a report for `turnstone unseal`.
func (d *Desk) Export(ctx context.Context, s authz.Subject, programme, report id.ID) (Opened, error) {
	return d.release(ctx, s, authz.Export, programme, report, "exported")
}

func (d *Desk) release(ctx context.Context, s authz.Subject, act authz.Act, programme, report id.ID, what string) (Opened, error) {
	seen, err := d.may(ctx, s, act, programme, report)
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Report: seen.report, Named: seen.named}
	if seen.report.Marks.FirstRead.IsZero() && what == "opened" {
		o.Report.Marks, err = d.firstRead(ctx, programme, report)
		if err != nil {
			return Opened{}, err
		}
	}
	if err := d.record(ctx, s, programme, what, "", report); err != nil {
		return Opened{}, err
	}
	if o.Envelopes, err = d.Reports.Envelopes(ctx, programme, report); err != nil {
		return Opened{}, fmt.Errorf("read messages: %w", err)
	}
	for _, to := range []string{ToDesk, ToMember} {
		grants, err := d.Reports.Grants(ctx, programme, report, to)
		if err != nil {
			return Opened{}, fmt.Errorf("read grants: %w", err)
		}
		o.Grants = append(o.Grants, forReader(grants, s.Account)...)
	}
	if err := unwrap(d.Slots, seen.report.Slot, o.Grants); err != nil {
		return Opened{}, err
	}
	if o.Acts, err = d.Log.Acts(ctx, programme, report); err != nil {
		return Opened{}, fmt.Errorf("read history: %w", err)
	}
	return o, nil
}

func (d *Desk) firstRead(ctx context.Context, programme, report id.ID) (Marks, error) {
	var m Marks
	err := d.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		rep, err := d.Store.Report(ctx, programme, report)
		if err != nil {
			return err
		}
		m = rep.Marks
		if !m.FirstRead.IsZero() {
			return nil
		}
		m.Version++
		m.FirstRead = d.Clock.Now()
		if m.State == StateNew {
			m.State = StateOpen
		}
		return d.Store.SaveMarks(ctx, programme, report, m)
	})
	if err != nil {
		return Marks{}, fmt.Errorf("note the first read: %w", err)
	}
	return m, nil
}

// History returns what was done to a report; auditors may see it of every one.
func (d *Desk) History(ctx context.Context, s authz.Subject, programme, report id.ID) ([]Act, error) {
	if _, err := d.may(ctx, s, authz.History, programme, report); err != nil {
		return nil, err
	}
	return d.Log.Acts(ctx, programme, report)
}

// Answer appends a sealed message of the desk after prev. With ask the report
// then waits for its reporter.
func (d *Desk) Answer(ctx context.Context, s authz.Subject, programme, report id.ID, prev Hash, e Envelope, ask bool) error {
	if _, err := d.may(ctx, s, authz.Answer, programme, report); err != nil {
		return err
	}
	if err := checkAppend(e, seal.RoleDesk); err != nil {
		return err
	}
	now := d.Clock.Now()
	e.Hour = clock.HourOf(now)
	what := "answered"
	if ask {
		what = "asked"
	}
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Reports.Append(ctx, programme, report, prev, e); err != nil {
			return err
		}
		rep, err := d.Store.Report(ctx, programme, report)
		if err != nil {
			return err
		}
		m := rep.Marks
		m.Version++
		m.Answered = now
		if m.State == StateNew || m.State == StateWaiting || ask {
			m.State = StateOpen
		}
		if ask {
			m.State, m.Reason = StateWaiting, ReasonUnassigned
		}
		if err := d.Store.SaveMarks(ctx, programme, report, m); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, what, "", "audit", report)
	})
}

// Reseal is a new epoch of a report, made in a holder's browser: a signed key
// message of the epoch before announces its recipient, and all grants are made
// anew. With Named the report is restricted to those accounts.
type Reseal struct {
	Prev   Hash
	Key    Envelope
	Epoch  int
	Grants []Grant
	Named  []id.ID
	Reason string
}

// Restrict replaces a report's grants by those of a new epoch in one
// transaction. There must be grants to recovery and the mailbox, and either
// one to the desk or one to each named account.
func (d *Desk) Restrict(ctx context.Context, s authz.Subject, programme, report id.ID, r Reseal) error {
	seen, err := d.may(ctx, s, authz.Restrict, programme, report)
	if err != nil {
		return err
	}
	if err := checkAppend(r.Key, seal.RoleDesk); err != nil {
		return err
	}
	if r.Epoch != seen.report.Epoch+1 || r.Key.Epoch != seen.report.Epoch {
		return fault.New(fault.Conflict, "Somebody changed who may read this report. Load it again.")
	}
	if err := checkGrants(r, seen.report.Desk); err != nil {
		return err
	}
	wrapped := make([]Grant, len(r.Grants))
	for i, g := range r.Grants {
		g.Epoch = r.Epoch
		if g.Body, err = d.Slots.Wrap(seen.report.Slot, g.Body); err != nil {
			return fmt.Errorf("wrap grant: %w", err)
		}
		wrapped[i] = g
	}
	now := d.Clock.Now()
	r.Key.Hour = clock.HourOf(now)
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Reports.Append(ctx, programme, report, r.Prev, r.Key); err != nil {
			return err
		}
		if err := d.Store.Reseal(ctx, programme, report, r.Epoch, wrapped); err != nil {
			return err
		}
		rep, err := d.Store.Report(ctx, programme, report)
		if err != nil {
			return err
		}
		m := rep.Marks
		m.Version++
		m.Restricted = len(r.Named) > 0
		if err := d.Store.SaveMarks(ctx, programme, report, m); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, "restricted", r.Reason, "release", report)
	})
}

func checkGrants(r Reseal, desk id.ID) error {
	has := map[string]int{}
	for _, g := range r.Grants {
		if err := seal.CheckEnvelope(seal.KindGrant, g.Body); err != nil {
			return fault.Wrap(fault.Invalid, "A key for this report is not sealed as it must be.", err)
		}
		has[g.To]++
		if g.To == ToDesk && g.Recipient != desk || g.To == ToMember && !slices.Contains(r.Named, g.Recipient) {
			return fault.New(fault.Invalid, "A key for this report is for somebody else.")
		}
	}
	whole := has[ToRecovery] == 1 && has[ToMailbox] == 1 && has[ToMember] == len(r.Named)
	if len(r.Named) == 0 {
		whole = whole && has[ToDesk] == 1
	} else {
		whole = whole && has[ToDesk] == 0
	}
	if !whole || len(r.Grants) != has[ToRecovery]+has[ToMailbox]+has[ToMember]+has[ToDesk] {
		return fault.New(fault.Invalid, "The keys for this report are not complete.")
	}
	return nil
}

// Change is a change of the desk's marks; nil fields stay. Version is the one
// that the member saw.
type Change struct {
	Version  int
	State    *State
	Urgency  *Urgency
	Assigned *id.ID
	Close    *Reason // ends the contact and counts it
	Note     string
}

// Mark changes the desk's marks; fault.Conflict when they changed meanwhile.
func (d *Desk) Mark(ctx context.Context, s authz.Subject, programme, report id.ID, c Change) (Marks, error) {
	if err := c.check(); err != nil {
		return Marks{}, err
	}
	act := authz.Mark
	if c.Assigned != nil && *c.Assigned != s.Account && !c.Assigned.IsZero() {
		act = authz.HandOver
	}
	if _, err := d.may(ctx, s, act, programme, report); err != nil {
		return Marks{}, err
	}
	var m Marks
	err := d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		rep, err := d.Store.Report(ctx, programme, report)
		if err != nil {
			return err
		}
		if rep.Marks.Version != c.Version {
			return fault.New(fault.Conflict, "A colleague changed this report meanwhile. Load it again.")
		}
		var what string
		m, what = c.apply(rep.Marks)
		m.Version++
		if err := d.Store.SaveMarks(ctx, programme, report, m); err != nil {
			return err
		}
		if c.Close != nil && rep.Marks.State != StateClosed {
			if err := d.Store.Count(ctx, programme, rep.Desk, dayOf(d.Clock.Now()), rep.Channel, *c.Close); err != nil {
				return err
			}
		}
		return d.note(ctx, rec, s, programme, what, c.Note, "audit", report)
	})
	return m, err
}

func (c Change) check() error {
	switch {
	case c.Close != nil && !slices.Contains(Reasons, *c.Close):
		return fault.Newf(fault.Invalid, "%q is not a reason for ending a contact.", *c.Close)
	case c.State != nil && !slices.Contains([]State{StateNew, StateOpen, StateWaiting}, *c.State):
		return fault.Newf(fault.Invalid, "%q is not a state that can be set.", *c.State)
	case c.Urgency != nil && !slices.Contains([]Urgency{UrgencyNone, UrgencyLow, UrgencyHigh, UrgencyDanger}, *c.Urgency):
		return fault.Newf(fault.Invalid, "%q is not an urgency.", *c.Urgency)
	case len(c.Note) > 1000:
		return fault.New(fault.Invalid, "The note is longer than 1,000 characters.")
	}
	return nil
}

// apply returns the changed marks and the word for the history.
func (c Change) apply(m Marks) (Marks, string) {
	what := "marked"
	if c.State != nil {
		m.State, m.Reason, what = *c.State, ReasonUnassigned, "state "+string(*c.State)
	}
	if c.Urgency != nil {
		m.Urgency, what = *c.Urgency, "urgency "+string(*c.Urgency)
	}
	if c.Assigned != nil {
		m.Assigned, what = *c.Assigned, "assigned "+c.Assigned.String()
	}
	if c.Close != nil {
		m.State, m.Reason, what = StateClosed, *c.Close, "closed "+string(*c.Close)
	}
	return m, what
}

// Silent counts a contact that ended without a report: a silent call, a prank.
func (d *Desk) Silent(ctx context.Context, s authz.Subject, programme, desk id.ID, reason Reason) error {
	if err := authz.Check(s, authz.File, authz.Object{Kind: authz.Call, Programme: programme, Desk: desk, Handling: authz.Sealed}); err != nil {
		return err
	}
	if !slices.Contains(Reasons, reason) {
		return fault.Newf(fault.Invalid, "%q is not a reason for ending a contact.", reason)
	}
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Store.Count(ctx, programme, desk, dayOf(d.Clock.Now()), ChannelPhone, reason); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, "ended call", string(reason), "audit")
	})
}

// Counts sums the ended contacts of the desks where s may see statistics.
func (d *Desk) Counts(ctx context.Context, s authz.Subject, programme id.ID, desks []id.ID, from, to time.Time) (map[Channel]map[Reason]int, error) {
	for _, desk := range desks {
		if err := authz.Check(s, authz.Read, authz.Object{Kind: authz.Statistics, Programme: programme, Desk: desk}); err != nil {
			return nil, err
		}
	}
	return d.Store.Counts(ctx, programme, desks, dayOf(from), dayOf(to))
}

// MaxTokens bounds the blind tokens of one report.
const MaxTokens = 200

// Index replaces the blind tokens of a report by those that a member
// confirmed, and returns the other reports that share one and that s may list.
func (d *Desk) Index(ctx context.Context, s authz.Subject, programme, report id.ID, tokens [][]byte) ([]id.ID, error) {
	if _, err := d.may(ctx, s, authz.Index, programme, report); err != nil {
		return nil, err
	}
	if len(tokens) > MaxTokens {
		return nil, fault.Newf(fault.Invalid, "A report can mention at most %d things.", MaxTokens)
	}
	hashed := make([]Hash, len(tokens))
	for i, t := range tokens {
		if len(t) != 32 {
			return nil, fault.New(fault.Invalid, "A blind token has 32 bytes.")
		}
		hashed[i] = d.Pepper("blind", t)
	}
	err := d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Store.SaveTokens(ctx, programme, report, hashed); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, "indexed", fmt.Sprint(len(tokens)), "audit", report)
	})
	if err != nil {
		return nil, err
	}
	return d.Mentions(ctx, s, programme, report)
}

// Mentions returns the other reports that share a blind token with report, of
// those that s may list, at most 20.
func (d *Desk) Mentions(ctx context.Context, s authz.Subject, programme, report id.ID) ([]id.ID, error) {
	if _, err := d.may(ctx, s, authz.List, programme, report); err != nil {
		return nil, err
	}
	all, err := d.Store.Mentions(ctx, programme, report, 100)
	if err != nil {
		return nil, fmt.Errorf("look for mentions: %w", err)
	}
	var out []id.ID
	for _, other := range all {
		if _, err := d.may(ctx, s, authz.List, programme, other); err == nil && len(out) < 20 {
			out = append(out, other)
		}
	}
	return out, nil
}

// seen is a report with what authz needs of it.
type seen struct {
	report Report
	named  []id.ID
}

// may loads a report and asks authz; a report that is not there answers like
// one that is hidden.
func (d *Desk) may(ctx context.Context, s authz.Subject, act authz.Act, programme, report id.ID) (seen, error) {
	rep, err := d.Store.Report(ctx, programme, report)
	if fault.KindOf(err) == fault.NotFound {
		return seen{}, fault.New(fault.NotFound, "There is no such thing here, or it is not for you.")
	}
	if err != nil {
		return seen{}, fmt.Errorf("read report: %w", err)
	}
	v := seen{report: rep}
	if rep.Marks.Restricted {
		grants, err := d.Reports.Grants(ctx, programme, report, ToMember)
		if err != nil {
			return seen{}, fmt.Errorf("read who is named: %w", err)
		}
		for _, g := range grants {
			v.named = append(v.named, g.Recipient)
		}
	}
	return v, authz.Check(s, act, authz.Object{
		Kind: authz.Report, Programme: programme, Desk: rep.Desk, Handling: authz.Sealed,
		Compartment: authz.Compartment{Closed: rep.Marks.Restricted, Named: v.named},
	})
}

// record writes a release to history and ledger in a change of its own.
func (d *Desk) record(ctx context.Context, s authz.Subject, programme id.ID, what, detail string, reports ...id.ID) error {
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		return d.note(ctx, rec, s, programme, what, detail, "release", reports...)
	})
}

// note writes an act to the history of each report and one entry to the ledger.
func (d *Desk) note(ctx context.Context, rec *tx.Recorder, s authz.Subject, programme id.ID, what, detail, kind string, reports ...id.ID) error {
	now := d.Clock.Now()
	if what != "covers" {
		for _, report := range reports {
			act := Act{ID: id.New(), Report: report, Who: s.Account, At: now, What: what, Detail: detail}
			if err := d.Log.AddAct(ctx, programme, act); err != nil {
				return fmt.Errorf("write history: %w", err)
			}
		}
	}
	payload, err := json.Marshal(struct {
		At      time.Time `json:"at"`
		Who     id.ID     `json:"who"`
		What    string    `json:"what"`
		Detail  string    `json:"detail,omitempty"`
		Reports []id.ID   `json:"reports,omitempty"`
	}{now, s.Account, what, detail, reports})
	if err != nil {
		return fmt.Errorf("write ledger entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: programme, Kind: kind, Payload: payload})
	return nil
}

// forReader keeps the grants to a desk and to the reader.
func forReader(grants []Grant, account id.ID) []Grant {
	var out []Grant
	for _, g := range grants {
		if g.To == ToDesk || g.To == ToMember && g.Recipient == account {
			out = append(out, g)
		}
	}
	return out
}

func dayOf(t time.Time) int { return int(t.Unix() / 86400) }
