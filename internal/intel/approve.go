// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// step loads the newest version for an act that names the version it saw.
func (x *Items) step(ctx context.Context, s authz.Subject, act authz.Act, programme, item id.ID, version int) (seen, error) {
	v, err := x.may(ctx, s, act, programme, item)
	if err != nil {
		return v, err
	}
	if v.newest.Version != version {
		return v, conflict(v.newest.Item)
	}
	return v, nil
}

// next returns the following version of an item, otherwise the same.
func next(it Item) Item {
	it.Version++
	return it
}

// Submit hands a draft to a second person; where the programme does without
// one it is approved at once.
func (x *Items) Submit(ctx context.Context, s authz.Subject, programme, item id.ID, version int) (Item, error) {
	v, err := x.step(ctx, s, authz.Change, programme, item, version)
	if err != nil {
		return Item{}, err
	}
	if v.newest.State != Draft {
		return Item{}, fault.New(fault.Conflict, "Only a draft is submitted.")
	}
	if err := explained(v.newest.Item); err != nil {
		return Item{}, err
	}
	it := next(v.newest.Item)
	it.State = Submitted
	if x.PolicyOf(programme).OnePerson {
		return x.approve(ctx, s, it)
	}
	err = x.keep(ctx, s, it, "submitted", "")
	return it, x.orConflict(ctx, s, programme, item, err)
}

// Approve makes a submitted draft an item. Whoever wrote or submitted any
// version since the last approval can't approve: that is what a second person
// is for.
func (x *Items) Approve(ctx context.Context, s authz.Subject, programme, item id.ID, version int) (Item, error) {
	v, err := x.step(ctx, s, authz.Approve, programme, item, version)
	if err != nil {
		return Item{}, err
	}
	if v.newest.State != Submitted {
		return Item{}, fault.New(fault.Conflict, "Only what was submitted is approved.")
	}
	if !x.PolicyOf(programme).OnePerson {
		writers, err := x.writers(ctx, v)
		if err != nil {
			return Item{}, err
		}
		if slices.Contains(writers, s.Account) {
			return Item{}, fault.New(fault.Forbidden, "You wrote on this item. A second person must approve it.")
		}
	}
	return x.approve(ctx, s, next(v.newest.Item))
}

// writers returns who wrote since the last approval.
func (x *Items) writers(ctx context.Context, v seen) ([]id.ID, error) {
	versions, err := x.Store.Versions(ctx, v.newest.Programme, v.newest.ID)
	if err != nil {
		return nil, err
	}
	var all []id.ID
	for _, it := range versions {
		if it.State == Approved {
			break
		}
		all = append(all, it.Author)
	}
	return all, nil
}

func (x *Items) approve(ctx context.Context, s authz.Subject, it Item) (Item, error) {
	now := x.Clock.Now().Truncate(time.Second)
	it.State, it.Approver, it.Approved = Approved, s.Account, now
	it.Review = x.Retention.Review(now, it)
	voice, err := x.oneVoice(ctx, it)
	if err != nil {
		return Item{}, err
	}
	it.Sources.OneVoice = voice
	err = x.keep(ctx, s, it, "approved", "")
	return it, x.orConflict(ctx, s, it.Programme, it.ID, err)
}

// SendBack returns a submitted draft to its writer.
func (x *Items) SendBack(ctx context.Context, s authz.Subject, programme, item id.ID, version int, reason string) (Item, error) {
	reason, err := needReason(reason)
	if err != nil {
		return Item{}, err
	}
	v, err := x.step(ctx, s, authz.Approve, programme, item, version)
	if err != nil {
		return Item{}, err
	}
	if v.newest.State != Submitted {
		return Item{}, fault.New(fault.Conflict, "Only what was submitted is sent back.")
	}
	it := next(v.newest.Item)
	it.State = Draft
	err = x.keep(ctx, s, it, "sent-back", reason)
	return it, x.orConflict(ctx, s, programme, item, err)
}

func needReason(reason string) (string, error) {
	reason = tidyText(reason)
	if reason == "" || len(reason) > maxReason {
		return "", fault.Newf(fault.Invalid, "Give the reason in at most %d characters.", maxReason)
	}
	return reason, nil
}

// Addendum appends what a reporter's answer added, rewritten, as one more
// statement of a new draft; it goes through approval like everything else.
func (x *Items) Addendum(ctx context.Context, s authz.Subject, programme, item id.ID, version int, st Statement) (Item, error) {
	v, err := x.step(ctx, s, authz.Change, programme, item, version)
	if err != nil {
		return Item{}, err
	}
	it := next(v.newest.Item)
	st.ID, st.Text = id.New(), tidyText(st.Text)
	it.Statements = append(slices.Clone(it.Statements), st)
	it.State, it.Author, it.Written = Draft, s.Account, x.Clock.Now().Truncate(time.Second)
	it.Approver, it.Approved = id.ID{}, time.Time{}
	if err := x.check(it); err != nil {
		return Item{}, err
	}
	err = x.keep(ctx, s, it, "added", "")
	return it, x.orConflict(ctx, s, programme, item, err)
}

// Judgement is what an analyst says of an item's sources.
type Judgement struct {
	Independence Independence
	Reason       string
	Malicious    bool
}

// Judge records whether the sources of an item are independent of one another,
// and whether malice is suspected. It changes the newest version's sources in
// a version of its own and leaves everything else, approval included, as it is.
func (x *Items) Judge(ctx context.Context, s authz.Subject, programme, item id.ID, version int, j Judgement) (Item, error) {
	v, err := x.step(ctx, s, authz.Judge, programme, item, version)
	if err != nil {
		return Item{}, err
	}
	if v.newest.State != Approved {
		return Item{}, fault.New(fault.Conflict, "Sources are judged once the item is approved.")
	}
	switch j.Independence {
	case OneSource, Independent:
	default:
		return Item{}, fault.Newf(fault.Invalid, "Say whether the sources count as one (%s) or are independent (%s).", OneSource, Independent)
	}
	if j.Reason, err = needReason(j.Reason); err != nil {
		return Item{}, err
	}
	it := next(v.newest.Item)
	it.Sources = Sources{Independence: j.Independence, Reason: j.Reason, By: s.Account, Malicious: j.Malicious, OneVoice: it.Sources.OneVoice && j.Independence == OneSource}
	what := []string{string(j.Independence)}
	if j.Malicious {
		what = append(what, "malicious-suspected")
	}
	err = x.keep(ctx, s, it, "judged", strings.Join(what, ", ")+": "+j.Reason)
	return it, x.orConflict(ctx, s, programme, item, err)
}

// The burst that makes an item "may be one voice": this many approved items of
// one desk name the same thing within this many days.
const (
	burstItems = 3
	burstDays  = 14
)

// oneVoice reports whether it is part of a burst. It looks only at approved
// items of the same desk and compartment, which everybody who sees it may see.
func (x *Items) oneVoice(ctx context.Context, it Item) (bool, error) {
	s := Scope{All: true}
	if !it.Compartment.IsZero() {
		s.Inside = []id.ID{it.Compartment}
	}
	since := x.Clock.Now().AddDate(0, 0, -burstDays)
	asked := map[Selector]bool{}
	for _, st := range it.Statements {
		for _, sel := range st.Selectors {
			key := Selector{Kind: sel.Kind, Value: sel.Value}
			if asked[key] {
				continue
			}
			asked[key] = true
			rows, err := x.Store.BySelector(ctx, it.Programme, s, sel.Kind, sel.Value, 100)
			if err != nil {
				return false, err
			}
			n := 1
			for _, r := range rows {
				if r.ID != it.ID && r.Desk == it.Desk && r.Compartment == it.Compartment && r.Created.After(since) {
					n++
				}
			}
			if n >= burstItems {
				return true, nil
			}
		}
	}
	return false, nil
}
