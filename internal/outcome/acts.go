// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// change loads an outcome, asks authz, lets do make the next version inside a
// change and saves it. version is the one that the person saw.
func (v *Service) change(ctx context.Context, s authz.Subject, act authz.Act, programme, outcome id.ID, version int, do func(ctx context.Context, rec *tx.Recorder, o *Outcome) error) (Outcome, error) {
	if _, err := v.may(ctx, s, act, programme, outcome); err != nil {
		return Outcome{}, err
	}
	var now Outcome
	err := v.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		before, err := v.Store.Outcome(ctx, programme, outcome)
		if err != nil {
			return fmt.Errorf("read outcome: %w", err)
		}
		if before.Version != version {
			return fault.New(fault.Conflict, "A colleague changed this outcome meanwhile. Load it again; what you wrote is on the page before.")
		}
		now = before
		now.Version++
		now.Reason, now.Links = "", slices.Clone(before.Links)
		if err := do(ctx, rec, &now); err != nil {
			return err
		}
		return v.put(ctx, rec, s, before, &now)
	})
	return now, err
}

// Confirm stands for an outcome: it counts from now on. Where the programme
// wants a second person, who wrote the version that stands can't.
func (v *Service) Confirm(ctx context.Context, s authz.Subject, programme, outcome id.ID, version int) (Outcome, error) {
	return v.change(ctx, s, authz.Confirm, programme, outcome, version, func(ctx context.Context, rec *tx.Recorder, o *Outcome) error {
		if o.State != Recorded {
			return fault.Newf(fault.Conflict, "This outcome is %s already.", o.State.said())
		}
		if v.SecondPerson(programme) && o.Author == s.Account {
			return fault.New(fault.Forbidden, "You wrote this outcome, so somebody else has to confirm it.")
		}
		versions, err := v.Store.Versions(ctx, programme, outcome)
		if err != nil {
			return fmt.Errorf("read versions: %w", err)
		}
		o.State, o.What, o.Confirmer = Confirmed, "confirmed", s.Account
		if slices.ContainsFunc(versions, Outcome.Counts) {
			o.State = Corrected
		}
		if err := v.queue(ctx, *o); err != nil {
			return err
		}
		return tell(rec, *o)
	})
}

// tell puts the news of a confirmed outcome into the outbox.
func tell(rec *tx.Recorder, o Outcome) error {
	news := News{Outcome: o.ID, Items: []id.ID{}}
	for _, l := range o.Links {
		if l.Basis != Known {
			news.Items = append(news.Items, l.Item)
		}
	}
	body, err := json.Marshal(news)
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	rec.Event(tx.Event{Programme: o.Programme, Topic: TopicConfirmed, Body: body})
	return nil
}

// Correct puts another entry in the place of an outcome, with the reason. An
// outcome that counted waits again where the programme wants a second person;
// elsewhere who corrects it must be one who may confirm, and it goes on counting.
func (v *Service) Correct(ctx context.Context, s authz.Subject, programme, outcome id.ID, version int, e Entry, reason string) (Outcome, error) {
	o, err := v.may(ctx, s, authz.Change, programme, outcome)
	if err != nil {
		return Outcome{}, err
	}
	if err := reasonFor(reason); err != nil {
		return Outcome{}, err
	}
	if o.State == Withdrawn || o.State == Merged {
		return Outcome{}, fault.Newf(fault.Conflict, "This outcome is %s. Record a new one.", o.State.said())
	}
	next, err := v.read(ctx, s, programme, outcome, e)
	if err != nil {
		return Outcome{}, err
	}
	return v.change(ctx, s, authz.Change, programme, outcome, version, func(_ context.Context, _ *tx.Recorder, o *Outcome) error {
		next.ID, next.Version, next.Key, next.State = o.ID, o.Version, o.Key, o.State
		next.What, next.Reason, next.Confirmer, next.Referral = "corrected", reason, o.Confirmer, o.Referral
		if o.State != Recorded {
			switch {
			case v.SecondPerson(programme):
				next.State, next.Confirmer = Recorded, id.ID{}
			case authz.Check(s, authz.Confirm, object(programme, false)) != nil:
				return fault.New(fault.Forbidden, "This outcome counts, so it is corrected by somebody who may confirm it.")
			default:
				next.State, next.Confirmer = Corrected, s.Account
			}
		}
		*o = next
		return nil
	})
}

func reasonFor(reason string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n < 3 || n > maxNote {
		return &Invalid{Problems: []Problem{problemf("reason", "Say why, in a sentence: it stays in the history.")}}
	}
	return nil
}

// Withdraw says that an outcome was never so. What followed it stays and
// stands for itself.
func (v *Service) Withdraw(ctx context.Context, s authz.Subject, programme, outcome id.ID, version int, reason string) (Outcome, error) {
	if _, err := v.may(ctx, s, authz.Change, programme, outcome); err != nil {
		return Outcome{}, err
	}
	if err := reasonFor(reason); err != nil {
		return Outcome{}, err
	}
	return v.change(ctx, s, authz.Change, programme, outcome, version, func(_ context.Context, _ *tx.Recorder, o *Outcome) error {
		if o.State == Withdrawn || o.State == Merged {
			return fault.Newf(fault.Conflict, "This outcome is %s already.", o.State.said())
		}
		if o.State != Recorded && authz.Check(s, authz.Confirm, object(programme, false)) != nil {
			return fault.New(fault.Forbidden, "This outcome counts, so it is withdrawn by somebody who may confirm it.")
		}
		o.State, o.What, o.Reason = Withdrawn, "withdrawn", reason
		return nil
	})
}

// Merge says that outcome is the same as into, which takes over its links and
// its later stages. Merging again changes nothing.
func (v *Service) Merge(ctx context.Context, s authz.Subject, programme, outcome, into id.ID, reason string) error {
	dup, err := v.may(ctx, s, authz.Confirm, programme, outcome)
	if err != nil {
		return err
	}
	keep, err := v.may(ctx, s, authz.Confirm, programme, into)
	if err != nil {
		return err
	}
	if keep.State == Merged {
		return v.Merge(ctx, s, programme, outcome, keep.MergedInto, reason)
	}
	if dup.ID == keep.ID {
		return fault.New(fault.Invalid, "An outcome can't be merged with itself.")
	}
	if dup.State == Merged {
		if dup.MergedInto == keep.ID {
			return nil
		}
		return fault.New(fault.Conflict, "This outcome is merged with another one already.")
	}
	if err := v.mergeable(ctx, dup, keep, reason); err != nil {
		return err
	}
	return v.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error { return v.merge(ctx, rec, s, dup, keep, reason) })
}

func (v *Service) mergeable(ctx context.Context, dup, keep Outcome, reason string) error {
	if err := reasonFor(reason); err != nil {
		return err
	}
	switch {
	case dup.Kind != keep.Kind || dup.Of != keep.Of:
		return fault.New(fault.Invalid, "Outcomes of two kinds are not the same. Correct one of them first.")
	case keep.State == Withdrawn || dup.State == Withdrawn:
		return fault.New(fault.Conflict, "One of the two is withdrawn, so nothing is counted twice.")
	case dup.Compartment != keep.Compartment:
		return fault.New(fault.Invalid, "The two are in different compartments. Link them to the same items first.")
	}
	for _, pair := range [][2]Outcome{{keep, dup}, {dup, keep}} {
		for at := pair[0]; !at.Follows.IsZero(); {
			if at.Follows == pair[1].ID {
				return fault.New(fault.Invalid, "One is a later stage of the other, so they are not the same.")
			}
			var err error
			if at, err = v.Store.Outcome(ctx, keep.Programme, at.Follows); err != nil {
				return fmt.Errorf("read earlier stage: %w", err)
			}
		}
	}
	return nil
}

func (v *Service) merge(ctx context.Context, rec *tx.Recorder, s authz.Subject, dup, keep Outcome, reason string) error {
	followers, err := v.Store.Followers(ctx, dup.Programme, dup.ID)
	if err != nil {
		return fmt.Errorf("read later stages: %w", err)
	}
	for _, f := range followers {
		next := f
		next.Version++
		next.Follows, next.What, next.Reason = keep.ID, "linked", reason
		if err := v.put(ctx, rec, s, f, &next); err != nil {
			return err
		}
	}
	gone := dup
	gone.Version++
	gone.State, gone.MergedInto, gone.What, gone.Reason = Merged, keep.ID, "merged", reason
	if err := v.put(ctx, rec, s, dup, &gone); err != nil {
		return err
	}
	next := keep
	next.Version++
	next.Links = slices.Clone(keep.Links)
	for _, l := range dup.Links {
		if !slices.ContainsFunc(next.Links, func(x Link) bool { return x.Item == l.Item }) {
			if shares(next.Links)+l.Share > maxShare {
				l.Share = 0 // what two people said of the same hundred can't both stand
			}
			next.Links = append(next.Links, l)
		}
	}
	if keep.Follows.IsZero() {
		next.Follows = dup.Follows
	}
	next.What, next.Reason = "linked", reason
	return v.put(ctx, rec, s, keep, &next)
}
