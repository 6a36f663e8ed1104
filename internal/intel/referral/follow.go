// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

var _ intel.Follower = (*Service)(nil)

// count makes the figures say of r what it says itself.
func (s *Service) count(ctx context.Context, r Referral) error {
	if s.Tally == nil {
		return nil
	}
	if err := s.Tally.Settle(ctx, r.Programme, r.ID, r.Facts()...); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
}

// Changed implements intel.Follower: a referral lies behind the wall of its
// item, and moves with it.
func (s *Service) Changed(ctx context.Context, _ *tx.Recorder, now intel.Standing) error {
	all, err := s.Store.OfItem(ctx, now.Programme, now.Item)
	if err != nil {
		return fmt.Errorf("read referrals of the item: %w", err)
	}
	for _, r := range all {
		if r.Compartment == now.Wall {
			continue
		}
		r.Compartment = now.Wall
		r.Revision++
		if err := s.Store.Save(ctx, r); err != nil {
			return fmt.Errorf("move referral: %w", err)
		}
		if err := s.count(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Disposed implements intel.Follower: titles, texts and packages go, links are
// closed; numbers, states and times stay for the figures.
func (s *Service) Disposed(ctx context.Context, _ *tx.Recorder, was intel.Standing) error {
	all, err := s.Store.OfItem(ctx, was.Programme, was.Item)
	if err != nil {
		return fmt.Errorf("read referrals of the item: %w", err)
	}
	for _, r := range all {
		if _, err := s.Links.RevokeLinks(ctx, was.Programme, r.ID, s.Clock.Now()); err != nil {
			return fmt.Errorf("revoke links: %w", err)
		}
	}
	return s.Store.Forget(ctx, was.Programme, was.Item)
}

// EachFact calls do with every fact that the referrals of a programme add to
// the figures: the full count that rollups are checked against.
func (s *Service) EachFact(ctx context.Context, programme id.ID, do func(intel.Fact) error) error {
	err := s.Store.Each(ctx, programme, func(r Referral) error {
		for _, f := range r.Facts() {
			if err := do(f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count referrals: %w", err)
	}
	return nil
}
