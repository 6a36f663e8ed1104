// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

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
			day := dayOf(d.Clock.Now())
			if err := d.Store.Count(ctx, programme, rep.Desk, day, rep.Channel, *c.Close); err != nil {
				return err
			}
			if err := d.Store.AddEnded(ctx, programme, Ended{Report: report, Desk: rep.Desk, Day: day, Channel: rep.Channel, Reason: *c.Close}); err != nil {
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

// Ended is a contact that was counted when it ended, and that is a report.
type Ended struct {
	Report  id.ID
	Desk    id.ID
	Day     int
	Again   int // how often it ended on that day; set by the store
	Channel Channel
	Reason  Reason
}

// EndedFilter chooses ended contacts. Empty fields choose all.
type EndedFilter struct {
	Desks    []id.ID // set by the room: the reader's
	Desk     id.ID
	Channel  Channel
	Reasons  []Reason
	From, To int // days, inclusive; 0: open
	After    Ended
	Limit    int // at most 500
}

// Ended returns a page of the reports behind the counts of ended contacts, of
// the desks where s reviews, newest day first, where it ends, and whether there
// are more. Reports that are restricted to others are left out.
func (d *Desk) Ended(ctx context.Context, s authz.Subject, programme id.ID, f EndedFilter) (page []Ended, end Ended, more bool, err error) {
	f.Desks = s.Desks(programme, authz.Reviewer)
	if len(f.Desks) == 0 {
		return nil, end, false, authz.Check(s, authz.List, authz.Object{Kind: authz.Report, Programme: programme, Handling: authz.Sealed})
	}
	f.Limit = min(max(f.Limit, 1), 500)
	page, more, err = d.Store.Ended(ctx, programme, f)
	if err != nil || len(page) == 0 {
		return nil, end, false, err
	}
	reports := make([]id.ID, len(page))
	for i, e := range page {
		reports[i], end = e.Report, e
	}
	known, err := d.Listable(ctx, s, programme, reports)
	if err != nil {
		return nil, end, false, fmt.Errorf("look for the reports: %w", err)
	}
	return slices.DeleteFunc(page, func(e Ended) bool { return !slices.Contains(known, e.Report) }), end, more, nil
}

// Times calls do with every report that was read or answered.
func (d *Desk) Times(ctx context.Context, programme id.ID, do func(Report) error) error {
	return d.Store.Times(ctx, programme, do)
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

func dayOf(t time.Time) int { return int(t.Unix() / 86400) }
