// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Items is the room's service: every method asks authz before it asks a store.
type Items struct {
	Store        Store
	Log          ActStore
	Compartments CompartmentStore
	Reports      Reports
	Tx           tx.Runner
	Clock        clock.Clock
	Grading      *grading.Book
	Categories   []string // keys that an item may have
	Retention    *Schedule
	Tally        Tally                          // nil: nobody counts
	Followers    []Follower                     // rooms that keep something of items
	PolicyOf     func(programme id.ID) Policy   // never nil
	Languages    func(programme id.ID) []string // of texts; nil: any
}

// object describes an item for authz.
func (x *Items) object(ctx context.Context, programme id.ID, it Item, approved bool) (authz.Object, error) {
	o := authz.Object{Kind: authz.Draft, Programme: programme, Desk: it.Desk}
	if approved {
		o.Kind = authz.Item
	}
	if it.Compartment.IsZero() {
		return o, nil
	}
	named, err := x.Named(ctx, programme, it.Compartment)
	if err != nil {
		return o, err
	}
	o.Compartment = authz.Compartment{Closed: true, Named: named}
	return o, nil
}

// seen is an item with what somebody may see of it.
type seen struct {
	newest   Row
	approved *Item
}

// hidden is the answer for what isn't there and for what is none of the
// reader's business: a compartment's existence is its secret.
func hidden() error {
	return fault.New(fault.NotFound, "There is no such item here, or it is not for you.")
}

// may loads an item and asks authz for act on its newest version. What the
// reader may not even read is not there.
func (x *Items) may(ctx context.Context, s authz.Subject, act authz.Act, programme, item id.ID) (seen, error) {
	newest, approved, err := x.Store.Item(ctx, programme, item)
	if fault.KindOf(err) == fault.NotFound {
		return seen{}, hidden()
	}
	if err != nil {
		return seen{}, fmt.Errorf("read item: %w", err)
	}
	v := seen{newest, approved}
	o, err := x.object(ctx, programme, newest.Item, newest.State == Approved)
	if err != nil {
		return seen{}, err
	}
	if d := authz.Decide(s, act, o); d.Allowed {
		return v, nil
	}
	if authz.Decide(s, authz.Read, o).Allowed {
		return seen{}, authz.Check(s, act, o)
	}
	// A newer version that the reader may not see hides nothing of the approved one.
	if approved != nil && newest.State != Approved {
		if o, err = x.object(ctx, programme, *approved, true); err != nil {
			return seen{}, err
		}
		if authz.Decide(s, authz.Read, o).Allowed {
			if err := authz.Check(s, act, o); err != nil {
				return seen{}, err
			}
			return seen{Row{Item: *approved, Created: newest.Created}, approved}, nil
		}
	}
	return seen{}, hidden()
}

// scope is what s may see in programme.
func (x *Items) scope(ctx context.Context, s authz.Subject, programme id.ID) (Scope, error) {
	out := Scope{Desks: s.Desks(programme, authz.Reviewer), All: s.Holds(programme, authz.Analyst)}
	if len(out.Desks) == 0 && !out.All {
		return out, authz.Check(s, authz.List, authz.Object{Kind: authz.Item, Programme: programme})
	}
	var err error
	out.Inside, err = x.Inside(ctx, programme, s.Account)
	return out, err
}

// Change is what a writer sends: a new item, or the next version of one.
type Change struct {
	Programme   id.ID
	Item        id.ID // zero: a new one
	Seen        int   // version that the writer had before them
	Desk        id.ID // of a new item
	Compartment id.ID
	Title       string
	Category    string
	Seriousness string
	Channel     string // of a new item
	Language    string
	Handling    grading.Handling
	Statements  []Statement
	Reports     []id.ID // sealed reports to add; those that are there stay
	Remarks     []Remark
}

// Conflict is the error of a writer who was not the last: Stored is what the
// other one wrote, so that the page can show the difference.
type Conflict struct {
	Stored Item
	err    error
}

// Error implements error.
func (c *Conflict) Error() string { return c.err.Error() }

// Unwrap returns a fault.Conflict.
func (c *Conflict) Unwrap() error { return c.err }

func conflict(stored Item) error {
	return &Conflict{stored, fault.New(fault.Conflict, "Somebody has changed this item meanwhile. Nothing of yours is lost and nothing was overwritten: compare and decide.")}
}

// Write keeps a draft: a new item's first version, or the next one of an item
// whose newest version the writer saw. An approved item stays approved as it
// was until the new version is approved too.
func (x *Items) Write(ctx context.Context, s authz.Subject, c Change) (Item, error) {
	if c.Item.IsZero() {
		return x.create(ctx, s, c)
	}
	v, err := x.may(ctx, s, authz.Change, c.Programme, c.Item)
	if err != nil {
		return Item{}, err
	}
	it := v.newest.Item
	if c.Seen != it.Version {
		return Item{}, conflict(it)
	}
	if err := x.mayMove(ctx, s, c, it.Desk); err != nil {
		return Item{}, err
	}
	x.apply(&it, s, c)
	if err := x.check(it); err != nil {
		return Item{}, err
	}
	err = x.keep(ctx, s, it, "wrote", "")
	return it, x.orConflict(ctx, s, c.Programme, c.Item, err)
}

// orConflict turns a lost race into a Conflict with what won, as far as the
// loser may read it: a newer draft is none of an analyst's business.
func (x *Items) orConflict(ctx context.Context, s authz.Subject, programme, item id.ID, err error) error {
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	now, readErr := x.may(ctx, s, authz.Read, programme, item)
	if readErr != nil {
		return readErr
	}
	return conflict(now.newest.Item)
}

func (x *Items) create(ctx context.Context, s authz.Subject, c Change) (Item, error) {
	if err := x.mayMove(ctx, s, c, c.Desk); err != nil {
		return Item{}, err
	}
	it := Item{
		Programme: c.Programme, ID: id.New(), Desk: c.Desk, Channel: c.Channel,
		Sources: Sources{Independence: OneSource},
	}
	it.Number = number(x.Clock.Now(), it.ID)
	x.apply(&it, s, c)
	if err := x.check(it); err != nil {
		return Item{}, err
	}
	return it, x.insert(ctx, s, it)
}

func (x *Items) insert(ctx context.Context, s authz.Subject, it Item) error {
	return x.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := x.Store.Insert(ctx, it, it.Written); err != nil {
			return err
		}
		return x.note(ctx, rec, s, it, "wrote", "")
	})
}

// mayMove asks whether s may write at a desk, into a compartment, from reports.
func (x *Items) mayMove(ctx context.Context, s authz.Subject, c Change, desk id.ID) error {
	o, err := x.object(ctx, c.Programme, Item{Desk: desk, Compartment: c.Compartment}, false)
	if err != nil {
		return err
	}
	if err := authz.Check(s, authz.Change, o); err != nil {
		return err
	}
	if len(c.Reports) == 0 {
		return nil
	}
	known, err := x.Reports.Listable(ctx, s, c.Programme, c.Reports)
	if err != nil {
		return fmt.Errorf("look for the reports: %w", err)
	}
	if len(known) != len(c.Reports) {
		return fault.New(fault.NotFound, "One of the sealed reports is not here, or it is not for you.")
	}
	return nil
}

// apply makes it the next version as c wants it.
func (x *Items) apply(it *Item, s authz.Subject, c Change) {
	it.Version++
	it.State = Draft
	it.Compartment, it.Title, it.Category, it.Seriousness, it.Language = c.Compartment, tidy(c.Title), c.Category, c.Seriousness, c.Language
	it.Handling = c.Handling
	it.Handling.Conditions = slices.Sorted(slices.Values(c.Handling.Conditions))
	it.Statements = slices.Clone(c.Statements)
	for i := range it.Statements {
		st := &it.Statements[i]
		st.Text = tidyText(st.Text)
		if st.ID.IsZero() {
			st.ID = id.New()
		}
	}
	it.Remarks = slices.Clone(c.Remarks)
	for i := range it.Remarks {
		it.Remarks[i].By = s.Account
	}
	it.Reports = slices.Clone(it.Reports)
	for _, r := range c.Reports {
		if !slices.Contains(it.Reports, r) {
			it.Reports = append(it.Reports, r)
		}
	}
	it.Author, it.Written = s.Account, x.Clock.Now().Truncate(time.Second)
	it.Approver, it.Approved = id.ID{}, time.Time{}
	it.Review = x.Retention.Review(it.Written, *it)
}

// keep keeps it as the newest version.
func (x *Items) keep(ctx context.Context, s authz.Subject, it Item, what, detail string) error {
	return x.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := x.Store.Replace(ctx, it); err != nil {
			return err
		}
		if err := x.settle(ctx, rec, it.Programme, it.ID); err != nil {
			return err
		}
		return x.note(ctx, rec, s, it, what, detail)
	})
}

// note writes an act to the item's history and to the ledger.
func (x *Items) note(ctx context.Context, rec *tx.Recorder, s authz.Subject, it Item, what, detail string) error {
	now := x.Clock.Now()
	act := Act{ID: id.New(), Item: it.ID, Who: s.Account, At: now, What: what, Detail: detail}
	if err := x.Log.AddAct(ctx, it.Programme, act); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	payload, err := json.Marshal(struct {
		At      time.Time `json:"at"`
		Who     id.ID     `json:"who"`
		What    string    `json:"what"`
		Item    id.ID     `json:"item"`
		Version int       `json:"version"`
		Detail  string    `json:"detail,omitempty"`
	}{now, s.Account, what, it.ID, it.Version, detail})
	if err != nil {
		return fmt.Errorf("write ledger entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: it.Programme, Kind: "item", Payload: payload})
	return nil
}

// number is what people call an item: the year and five letters and digits that
// can't be mistaken for one another, made from its random id, so that a gap
// tells nobody of an item that is hidden from them.
func number(now time.Time, item id.ID) string { return numbered(now, item, 0) }

// numbered is number, or another one for each turn.
func numbered(now time.Time, item id.ID, turn int) string {
	const signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	out := []byte(now.UTC().Format("2006-"))
	for i := range 6 {
		out = append(out, signs[int(item[(turn+i)%len(item)])%len(signs)])
	}
	return string(out)
}
