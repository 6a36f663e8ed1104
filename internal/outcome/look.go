// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Look is an outcome with all that belongs to it.
type Look struct {
	Outcome   Outcome
	Versions  []Outcome // newest first
	Followers []Outcome // later stages
	Twins     []Outcome // others that look the same
	Tellings  []Telling // what became of the reporters, oldest first
	MayChange bool
	MayStand  bool // confirm, merge, withdraw what counts
}

// Look returns one outcome.
func (v *Service) Look(ctx context.Context, s authz.Subject, programme, outcome id.ID) (Look, error) {
	o, err := v.may(ctx, s, authz.Read, programme, outcome)
	if err != nil {
		return Look{}, err
	}
	l := Look{Outcome: o}
	if l.Versions, err = v.Store.Versions(ctx, programme, outcome); err != nil {
		return Look{}, fmt.Errorf("read versions: %w", err)
	}
	inside, err := v.Inside(ctx, s, programme)
	if err != nil {
		return Look{}, err
	}
	if l.Tellings, err = v.Tells.Tellings(ctx, programme, outcome); err != nil {
		return Look{}, fmt.Errorf("read who was told: %w", err)
	}
	closed := func(x Outcome) bool { return !slices.Contains(inside, x.Compartment) }
	if l.Followers, err = v.Store.Followers(ctx, programme, outcome); err != nil {
		return Look{}, fmt.Errorf("read later stages: %w", err)
	}
	l.Followers = slices.DeleteFunc(l.Followers, closed)
	l.Versions = slices.DeleteFunc(l.Versions, closed) // what was written in a compartment stays there
	if o.State != Withdrawn && o.State != Merged {
		twins, _, err := v.Store.List(ctx, programme, Filter{Inside: inside, Kind: o.Kind, Of: o.Of, From: o.Day, To: o.Day, Limit: 50})
		if err != nil {
			return Look{}, fmt.Errorf("look for the same: %w", err)
		}
		for _, x := range twins {
			if x.ID != o.ID && alike(o, x) {
				l.Twins = append(l.Twins, x)
			}
		}
	}
	l.MayChange = authz.Check(s, authz.Change, object(programme, false)) == nil
	l.MayStand = authz.Check(s, authz.Confirm, object(programme, false)) == nil
	return l, nil
}

// alike reports whether two outcomes of one kind and day may be the same.
func alike(a, b Outcome) bool {
	if a.Reference != "" && a.Reference == b.Reference {
		return true
	}
	if a.Quantity != nil && b.Quantity != nil && a.Quantity.Base != b.Quantity.Base {
		return false
	}
	return a.Value == nil || b.Value == nil || a.Value.Currency == b.Value.Currency && a.Value.Minor == b.Value.Minor
}

// List returns a page of the outcomes that s may see.
func (v *Service) List(ctx context.Context, s authz.Subject, programme id.ID, f Filter) ([]Outcome, bool, error) {
	if err := authz.Check(s, authz.List, object(programme, false)); err != nil {
		return nil, false, err
	}
	var err error
	if f.Inside, err = v.Inside(ctx, s, programme); err != nil {
		return nil, false, err
	}
	f.Limit = min(max(f.Limit, 1), 500)
	found, more, err := v.Store.List(ctx, programme, f)
	if err != nil {
		return nil, false, fmt.Errorf("list outcomes: %w", err)
	}
	return found, more, nil
}

// OfItem returns the outcomes of an item that s may read.
func (v *Service) OfItem(ctx context.Context, s authz.Subject, programme, item id.ID) ([]Outcome, error) {
	if err := authz.Check(s, authz.List, object(programme, false)); err != nil {
		return nil, err
	}
	inside, err := v.Inside(ctx, s, programme)
	if err != nil {
		return nil, err
	}
	return v.Store.OfItem(ctx, programme, item, inside)
}

// EachFact calls do with every fact that the outcomes of a programme add to
// the figures: the full count that rollups are checked against.
func (v *Service) EachFact(ctx context.Context, programme id.ID, do func(intel.Fact) error) error {
	all := map[id.ID]Outcome{}
	err := v.Store.Each(ctx, programme, func(o Outcome) error {
		all[o.ID] = Outcome{
			Programme: o.Programme, ID: o.ID, State: o.State, Kind: o.Kind, Of: o.Of, Day: o.Day, Desk: o.Desk, Compartment: o.Compartment, Category: o.Category,
			Channel: o.Channel, Partner: o.Partner, Quantity: o.Quantity, Value: o.Value, Follows: o.Follows, Links: o.Links,
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count outcomes: %w", err)
	}
	for _, o := range all {
		root := true
		for at := o; root && !at.Follows.IsZero(); {
			at = all[at.Follows]
			root = !at.Counts()
		}
		for _, f := range Facts(v.Table, o, root) {
			if err := do(f); err != nil {
				return err
			}
		}
	}
	return nil
}
