// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// ChaseList returns a page of the referrals whose clocks have run out, as far as
// by may see them, the longest overdue first.
func (s *Service) ChaseList(ctx context.Context, by authz.Subject, programme id.ID, offset, limit int) ([]Referral, bool, error) {
	desks, err := s.desks(by, programme)
	if err != nil {
		return nil, false, err
	}
	reach, err := s.reach(ctx, by, programme)
	if err != nil {
		return nil, false, err
	}
	f := Filter{Desks: desks, Compartments: reach, Offset: max(0, min(offset, 10_000)), Limit: max(1, min(limit, 200))}
	return s.Due.Due(ctx, programme, f, s.Clock.Now())
}

// LateAt is what the director sees of one partner: numbers and counts.
type LateAt struct {
	Partner string
	N       int
	Oldest  time.Time
}

// Overdue counts, for the director, what is overdue by partner.
func (s *Service) Overdue(ctx context.Context, by authz.Subject, programme id.ID) ([]LateAt, error) {
	if err := authz.Check(by, authz.List, authz.Object{Kind: authz.Referral, Programme: programme}); err != nil {
		return nil, err
	}
	if !by.Holds(programme, authz.Director) {
		return nil, fault.New(fault.Forbidden, "Your role does not allow this.")
	}
	counts, err := s.Due.DueCounts(ctx, programme, s.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("count what is overdue: %w", err)
	}
	partners, err := s.Partners.Partners(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read partners: %w", err)
	}
	called := map[id.ID]string{}
	for _, p := range partners {
		called[p.ID] = p.Name
	}
	late := make([]LateAt, len(counts))
	for i, c := range counts {
		late[i] = LateAt{Partner: called[c.Of], N: c.N, Oldest: c.Oldest}
	}
	return late, nil
}

// Escalate marks the referrals of which the director must now hear and returns
// how many there are. The platform calls it by the hour.
func (s *Service) Escalate(ctx context.Context, programme id.ID) (int, error) {
	settings, err := s.Partners.Settings(ctx, programme)
	if err != nil {
		return 0, fmt.Errorf("read times: %w", err)
	}
	now := s.Clock.Now()
	late, err := s.Due.ToEscalate(ctx, programme, now, 500)
	if err != nil {
		return 0, fmt.Errorf("read what is overdue: %w", err)
	}
	n := 0
	for _, r := range late {
		until, err := settings.Escalate.After(r.Due, s.clocks(Partner{Programme: programme}, r.Desk).Hours)
		if err != nil {
			return n, err
		}
		if now.Before(until) {
			continue
		}
		done, err := s.escalate(ctx, r)
		if err != nil {
			return n, err
		}
		if done {
			n++
		}
	}
	return n, nil
}

// escalate marks one, unless its clock changed meanwhile.
func (s *Service) escalate(ctx context.Context, seen Referral) (bool, error) {
	done := false
	err := s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		r, err := s.Store.Referral(ctx, seen.Programme, seen.ID)
		if err != nil {
			return fmt.Errorf("read referral: %w", err)
		}
		if r.Escalated || !r.Due.Equal(seen.Due) {
			return nil
		}
		r.Escalated = true
		r.Revision++
		if err := s.Store.Save(ctx, r); err != nil {
			return fmt.Errorf("keep referral: %w", err)
		}
		done = true
		return s.enter(rec, r.Programme, "audit", id.ID{}, entry{What: "referral-escalated", Referral: r.Number})
	})
	return done, err
}

// DigestDue reports whether the weekly chase list goes to the desks today, and
// marks it as sent: a crash in between costs one mail, never sends two.
func (s *Service) DigestDue(ctx context.Context, programme id.ID, zone *time.Location) (bool, error) {
	settings, err := s.Partners.Settings(ctx, programme)
	if err != nil {
		return false, fmt.Errorf("read times: %w", err)
	}
	today := s.Clock.Now().In(zone)
	if today.Weekday() != settings.Digest || today.Hour() < 7 {
		return false, nil
	}
	day, due := today.Format(time.DateOnly), false
	err = s.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		last, err := s.Due.Digested(ctx, programme)
		if err != nil {
			return fmt.Errorf("read the last digest: %w", err)
		}
		if last == day {
			return nil
		}
		due = true
		return s.Due.SaveDigested(ctx, programme, day)
	})
	return due && err == nil, err
}
