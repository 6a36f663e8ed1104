// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// View is an item as one reader may see it.
type View struct {
	Row
	// Versions are those that the reader may see, newest first.
	Versions []Item
	Acts     []Act // newest first
	// ReportCount says how many sealed reports stand behind it, those that the
	// reader may not list included: a number that the grade needs.
	ReportCount int
	May         map[authz.Act]bool
}

// Read returns an item. Who may only see what is approved sees the newest
// approved version, without a hint of a newer one.
func (x *Items) Read(ctx context.Context, s authz.Subject, programme, item id.ID) (View, error) {
	seen, err := x.may(ctx, s, authz.Read, programme, item)
	if err != nil {
		return View{}, err
	}
	v := View{Row: seen.newest, May: map[authz.Act]bool{}, ReportCount: len(seen.newest.Reports)}
	own := slices.Contains(s.Desks(programme, authz.Reviewer), v.Desk)
	versions, err := x.Store.Versions(ctx, programme, item)
	if err != nil {
		return View{}, fmt.Errorf("read versions: %w", err)
	}
	inside, err := x.Inside(ctx, programme, s.Account)
	if err != nil {
		return View{}, err
	}
	for _, it := range versions {
		// A version that was written in a compartment stays there when the item is moved out.
		if (own || it.State == Approved) && (it.Compartment.IsZero() || contains(inside, it.Compartment)) {
			v.Versions = append(v.Versions, it)
		}
	}
	for i := range v.Versions {
		if v.Versions[i].Reports, err = x.listable(ctx, s, v.Versions[i]); err != nil {
			return View{}, err
		}
	}
	if v.Reports, err = x.listable(ctx, s, v.Item); err != nil {
		return View{}, err
	}
	acts, err := x.Log.Acts(ctx, programme, item)
	if err != nil {
		return View{}, fmt.Errorf("read history: %w", err)
	}
	v.Acts = actsFor(acts, own)
	o, err := x.object(ctx, programme, v.Item, v.State == Approved)
	if err != nil {
		return View{}, err
	}
	for _, act := range []authz.Act{authz.Change, authz.Approve, authz.Judge, authz.Refer, authz.Dispose} {
		v.May[act] = authz.Decide(s, act, o).Allowed
	}
	return v, nil
}

// Find returns an item as one reader may see it, without its history.
func (x *Items) Find(ctx context.Context, s authz.Subject, programme, item id.ID) (Row, error) {
	seen, err := x.may(ctx, s, authz.Read, programme, item)
	if err != nil {
		return Row{}, err
	}
	seen.newest.Reports = nil
	return seen.newest, nil
}

// Buried returns what is left of a disposed item to who could have read it.
func (x *Items) Buried(ctx context.Context, s authz.Subject, programme, item id.ID) (Tombstone, error) {
	t, err := x.Store.Tombstone(ctx, programme, item)
	if fault.KindOf(err) == fault.NotFound {
		return Tombstone{}, hidden()
	}
	if err != nil {
		return Tombstone{}, fmt.Errorf("read tombstone: %w", err)
	}
	o, err := x.object(ctx, programme, Item{Desk: t.Desk, Compartment: t.Compartment}, t.Approved != 0)
	if err != nil {
		return Tombstone{}, err
	}
	if !authz.Decide(s, authz.Read, o).Allowed {
		return Tombstone{}, hidden()
	}
	return t, nil
}

func (x *Items) listable(ctx context.Context, s authz.Subject, it Item) ([]id.ID, error) {
	if len(it.Reports) == 0 {
		return nil, nil
	}
	known, err := x.Reports.Listable(ctx, s, it.Programme, it.Reports)
	if err != nil {
		return nil, fmt.Errorf("look for the reports: %w", err)
	}
	return known, nil
}

// Approved returns the newest approved version of an item that by may refer;
// fault.NotFound for anything else.
func (x *Items) Approved(ctx context.Context, by authz.Subject, programme, item id.ID) (Item, error) {
	_, approved, err := x.Store.Item(ctx, programme, item)
	if fault.KindOf(err) == fault.NotFound || err == nil && approved == nil {
		return Item{}, hidden()
	}
	if err != nil {
		return Item{}, fmt.Errorf("read item: %w", err)
	}
	if _, err := x.may(ctx, by, authz.Read, programme, item); err != nil {
		return Item{}, err
	}
	o, err := x.object(ctx, programme, *approved, true)
	if err != nil {
		return Item{}, err
	}
	return *approved, authz.Check(by, authz.Refer, o)
}

// actsFor returns the acts that a reader may know of: the desk's people all of
// them, others those on approved versions, which tell of no draft.
func actsFor(acts []Act, own bool) []Act {
	if own {
		return acts
	}
	return slices.DeleteFunc(acts, func(a Act) bool { return !slices.Contains([]string{"approved", "judged", "retained"}, a.What) })
}

// History returns what was done to an item: to its readers as far as they may
// read it, and all of it to oversight, which sees no more than this.
func (x *Items) History(ctx context.Context, s authz.Subject, programme, item id.ID) ([]Act, error) {
	newest, _, err := x.Store.Item(ctx, programme, item)
	if fault.KindOf(err) == fault.NotFound {
		return nil, hidden()
	}
	if err != nil {
		return nil, fmt.Errorf("read item: %w", err)
	}
	acts, err := x.Log.Acts(ctx, programme, item)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	if s.Holds(programme, authz.Auditor) {
		o, err := x.object(ctx, programme, newest.Item, newest.State == Approved)
		if err != nil {
			return nil, err
		}
		if authz.Decide(s, authz.History, o).Allowed {
			return acts, nil
		}
	}
	if _, err := x.may(ctx, s, authz.Read, programme, item); err != nil {
		return nil, err
	}
	return actsFor(acts, slices.Contains(s.Desks(programme, authz.Reviewer), newest.Desk)), nil
}

// Page is a page of items.
type Page struct {
	Rows  []Row
	More  bool
	Count int // capped at MostCounted + 1
}

// List returns a page of the items that s may see.
func (x *Items) List(ctx context.Context, s authz.Subject, programme id.ID, f Filter) (Page, error) {
	scope, err := x.scope(ctx, s, programme)
	if err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	var p Page
	if p.Rows, p.More, err = x.Store.List(ctx, programme, scope, f); err != nil {
		return Page{}, fmt.Errorf("list items: %w", err)
	}
	if p.Count, err = x.Store.Count(ctx, programme, scope, f); err != nil {
		return Page{}, fmt.Errorf("count items: %w", err)
	}
	return p, x.cutReports(ctx, s, p.Rows)
}

func (x *Items) cutReports(ctx context.Context, s authz.Subject, rows []Row) error {
	for i := range rows {
		known, err := x.listable(ctx, s, rows[i].Item)
		if err != nil {
			return err
		}
		rows[i].Reports = known
	}
	return nil
}

// Search finds items that s may see by words, in any of their forms.
func (x *Items) Search(ctx context.Context, s authz.Subject, programme id.ID, q Query) (Found, error) {
	scope, err := x.scope(ctx, s, programme)
	if err != nil {
		return Found{}, err
	}
	if strings.TrimSpace(q.Words) == "" || len(q.Words) > 500 {
		return Found{}, fault.New(fault.Invalid, "Write what to look for, in at most 500 characters.")
	}
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = 50
	}
	q.Offset = min(max(0, q.Offset), MostCounted)
	found, err := x.Store.Search(ctx, programme, scope, q)
	if err != nil {
		return Found{}, fmt.Errorf("search items: %w", err)
	}
	return found, x.cutReports(ctx, s, found.Rows)
}

// BySelector returns the newest items that s may see and that name a thing.
func (x *Items) BySelector(ctx context.Context, s authz.Subject, programme id.ID, kind, value string) ([]Row, error) {
	scope, err := x.scope(ctx, s, programme)
	if err != nil {
		return nil, err
	}
	rows, err := x.Store.BySelector(ctx, programme, scope, kind, value, 100)
	if err != nil {
		return nil, fmt.Errorf("look for a selector: %w", err)
	}
	return rows, x.cutReports(ctx, s, rows)
}

// FromReport returns the newest items that s may see and that rest on a sealed
// report, which s must be allowed to list.
func (x *Items) FromReport(ctx context.Context, s authz.Subject, programme, report id.ID) ([]Row, error) {
	scope, err := x.scope(ctx, s, programme)
	if err != nil {
		return nil, err
	}
	known, err := x.Reports.Listable(ctx, s, programme, []id.ID{report})
	if err != nil {
		return nil, fmt.Errorf("look for the report: %w", err)
	}
	if len(known) == 0 {
		return nil, fault.New(fault.NotFound, "There is no such report here, or it is not for you.")
	}
	rows, err := x.Store.FromReport(ctx, programme, scope, report, 100)
	if err != nil {
		return nil, fmt.Errorf("look for a report's items: %w", err)
	}
	return rows, x.cutReports(ctx, s, rows)
}
