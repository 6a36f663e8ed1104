// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// The measures of items.
const (
	Written  = "items"    // approved for the first time
	Disposed = "disposed" // of what had been approved
)

// Standing is what other rooms need to know of an item that they keep
// something of.
type Standing struct {
	Programme id.ID
	Item      id.ID
	Wall      id.ID   // compartment that hides what came of the item; zero: none
	Reports   []id.ID // that it rests on
}

// Follower is a room that keeps something of items. It is told inside the
// change, and may be told again of what it knows.
type Follower interface {
	// Changed tells how an item stands now.
	Changed(ctx context.Context, rec *tx.Recorder, now Standing) error
	// Disposed tells that an item is gone: what was copied from it goes too.
	Disposed(ctx context.Context, rec *tx.Recorder, was Standing) error
}

// TopicDisposed is the news that items are gone: what still holds their words
// outside of the tables is to be emptied. It has no body.
const TopicDisposed = "item.disposed"

// Tombstone is what is left of a disposed item: what figures count, no content.
type Tombstone struct {
	Programme   id.ID
	Item        id.ID
	Number      string
	Compartment id.ID
	Desk        id.ID
	Category    string
	Channel     string
	Approved    int // day of the first approval; 0: never
	Disposed    int // day
}

// facts returns what a disposed item counts for: figures of the past stay.
func (t Tombstone) facts() []Fact {
	if t.Approved == 0 {
		return nil
	}
	f := Fact{Programme: t.Programme, Record: t.Item, Compartment: t.Compartment, Desk: t.Desk, Day: t.Approved, Measure: Written, Category: t.Category, Channel: t.Channel, N: 1}
	gone := f
	gone.Day, gone.Measure = t.Disposed, Disposed
	return []Fact{f, gone}
}

// chronicle is an item as all its versions, newest first.
type chronicle []Item

// standing returns the newest approved version, nil where there is none.
func (c chronicle) standing() *Item {
	for i := range c {
		if c[i].State == Approved {
			return &c[i]
		}
	}
	return nil
}

// wall returns the compartment that hides the item: a draft closes it at once,
// but only an approval opens it.
func (c chronicle) wall() id.ID {
	if newest := c[0]; !newest.Compartment.IsZero() || newest.State == Approved {
		return newest.Compartment
	}
	if it := c.standing(); it != nil {
		return it.Compartment
	}
	return id.ID{}
}

// facts returns what an item counts for: once, on the day of its first
// approval, as it stands now.
func (c chronicle) facts() []Fact {
	it := c.standing()
	if it == nil {
		return nil
	}
	first := it
	for i := range c {
		if c[i].State == Approved {
			first = &c[i]
		}
	}
	return []Fact{{
		Programme: it.Programme, Record: it.ID, Compartment: c.wall(), Desk: it.Desk, Day: dayOf(first.Approved), Measure: Written, Category: it.Category, Channel: it.Channel, N: 1,
	}}
}

func (c chronicle) stands() Standing {
	var reports []id.ID
	for _, it := range c {
		for _, r := range it.Reports {
			if !slices.Contains(reports, r) {
				reports = append(reports, r)
			}
		}
	}
	return Standing{Programme: c[0].Programme, Item: c[0].ID, Wall: c.wall(), Reports: reports}
}

func dayOf(t time.Time) int { return int(t.Unix() / 86400) }

// settle counts an item as it stands now and tells the rooms that follow it.
func (x *Items) settle(ctx context.Context, rec *tx.Recorder, programme, item id.ID) error {
	versions, err := x.Store.Versions(ctx, programme, item)
	if err != nil {
		return fmt.Errorf("read versions: %w", err)
	}
	c := chronicle(versions)
	if x.Tally != nil {
		if err := x.Tally.Settle(ctx, programme, item, c.facts()...); err != nil {
			return err
		}
	}
	for _, f := range x.Followers {
		if err := f.Changed(ctx, rec, c.stands()); err != nil {
			return err
		}
	}
	return nil
}

// bury destroys an item and tells the rooms that follow it.
func (x *Items) bury(ctx context.Context, rec *tx.Recorder, programme, item id.ID) error {
	versions, err := x.Store.Versions(ctx, programme, item)
	if err != nil {
		return fmt.Errorf("read versions: %w", err)
	}
	c := chronicle(versions)
	t := Tombstone{
		Programme: programme, Item: item, Number: c[0].Number, Compartment: c.wall(), Desk: c[0].Desk, Category: c[0].Category, Channel: c[0].Channel, Disposed: dayOf(x.Clock.Now()),
	}
	if facts := c.facts(); len(facts) > 0 {
		t.Category, t.Approved = facts[0].Category, facts[0].Day
	}
	if err := x.Store.Destroy(ctx, t); err != nil {
		return err
	}
	if x.Tally != nil {
		if err := x.Tally.Settle(ctx, programme, item, t.facts()...); err != nil {
			return err
		}
	}
	for _, f := range x.Followers {
		if err := f.Disposed(ctx, rec, c.stands()); err != nil {
			return err
		}
	}
	rec.Event(tx.Event{Programme: programme, Topic: TopicDisposed, Body: []byte("{}")})
	return nil
}

// Wall returns the compartment that hides what came of an item; zero for none.
// It tells rooms, not people. A disposed item hides what it hid.
func (x *Items) Wall(ctx context.Context, programme, item id.ID) (id.ID, error) {
	versions, err := x.Store.Versions(ctx, programme, item)
	if err != nil {
		return id.ID{}, fmt.Errorf("read versions: %w", err)
	}
	if len(versions) > 0 {
		return chronicle(versions).wall(), nil
	}
	t, err := x.Store.Tombstone(ctx, programme, item)
	return t.Compartment, err
}

// EachFact calls do with every fact that the items of a programme, disposed
// ones too, add to the figures: the full count that rollups are checked against.
func (x *Items) EachFact(ctx context.Context, programme id.ID, do func(Fact) error) error {
	pass := func(facts []Fact) error {
		for _, f := range facts {
			if err := do(f); err != nil {
				return err
			}
		}
		return nil
	}
	err := x.Store.Each(ctx, programme, func(versions []Item) error { return pass(chronicle(versions).facts()) })
	if err != nil {
		return fmt.Errorf("count items: %w", err)
	}
	gone, err := x.Store.Tombstones(ctx, programme)
	if err != nil {
		return fmt.Errorf("count disposed items: %w", err)
	}
	for _, t := range gone {
		if err := pass(t.facts()); err != nil {
			return err
		}
	}
	return nil
}
