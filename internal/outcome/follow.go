// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

var _ intel.Follower = (*Service)(nil)

// Changed implements intel.Follower: an outcome lies behind the walls of all
// its items, and moves when one of them does. The figures move with it.
func (v *Service) Changed(ctx context.Context, rec *tx.Recorder, now intel.Standing) error {
	linked, err := v.Store.Linked(ctx, now.Programme, now.Item)
	if err != nil {
		return fmt.Errorf("read outcomes of the item: %w", err)
	}
	for _, o := range linked {
		if err := v.move(ctx, rec, o); err != nil {
			return err
		}
	}
	return nil
}

// move puts an outcome, and what follows it, behind the walls of its items.
func (v *Service) move(ctx context.Context, rec *tx.Recorder, o Outcome) error {
	next := o
	next.Version++
	next.What, next.Reason = "moved", ""
	if err := v.hide(ctx, &next); err != nil || next.Compartment == o.Compartment {
		return err
	}
	if err := v.put(ctx, rec, authz.Subject{}, o, &next); err != nil {
		return err
	}
	followers, err := v.Store.Followers(ctx, o.Programme, o.ID)
	if err != nil {
		return fmt.Errorf("read later stages: %w", err)
	}
	for _, f := range followers {
		if err := v.move(ctx, rec, f); err != nil {
			return err
		}
	}
	return nil
}

// hide puts an outcome behind the walls of its items as they stand inside the
// change: somebody may have moved one since it was read.
func (v *Service) hide(ctx context.Context, o *Outcome) error {
	walls, err := v.walls(ctx, *o)
	if err != nil {
		return err
	}
	o.Compartment = wall(walls)
	if len(walls) < 2 {
		return nil
	}
	return v.Store.SaveWall(ctx, o.Programme, o.Compartment, walls)
}

// walls are the compartments that hide an outcome: those of its items, or of
// what it follows when that is more. A disposed item hides what it hid.
func (v *Service) walls(ctx context.Context, o Outcome) ([]id.ID, error) {
	var walls []id.ID
	for _, l := range o.Links {
		of, err := v.Items.Wall(ctx, o.Programme, l.Item)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the wall of an item: %w", err)
		}
		if !of.IsZero() && !slices.Contains(walls, of) {
			walls = append(walls, of)
		}
	}
	if len(walls) > 0 || o.Follows.IsZero() {
		return walls, nil
	}
	earlier, err := v.Store.Outcome(ctx, o.Programme, o.Follows)
	if err != nil {
		return nil, fmt.Errorf("read earlier stage: %w", err)
	}
	return v.walls(ctx, earlier)
}

// Disposed implements intel.Follower: an outcome stays, with the bare id of
// what it was linked to, for it is counted by that; nobody is left to be told.
func (v *Service) Disposed(ctx context.Context, _ *tx.Recorder, was intel.Standing) error {
	if err := v.Tells.DropTells(ctx, was.Programme, was.Item); err != nil {
		return fmt.Errorf("forget whom to tell: %w", err)
	}
	return nil
}
