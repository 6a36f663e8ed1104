// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Shifts returns the shifts of a desk that have not ended.
func (s *Service) Shifts(ctx context.Context, by authz.Subject, programme, desk id.ID) ([]Shift, error) {
	if err := authz.Check(by, authz.List, authz.Object{Kind: authz.Desk, Programme: programme, Desk: desk}); err != nil {
		return nil, err
	}
	return s.keys.Shifts(ctx, programme, desk, s.clock.Now())
}

// PutOnDuty adds a shift of somebody who works at the desk.
func (s *Service) PutOnDuty(ctx context.Context, by authz.Subject, shift Shift) error {
	o := authz.Object{Kind: authz.Desk, Programme: shift.Programme, Desk: shift.Desk}
	if err := authz.Check(by, authz.Change, o); err != nil {
		return err
	}
	c, err := s.Colleague(ctx, by, shift.Programme, shift.Account)
	if err != nil {
		return err
	}
	if !c.AtDesk(shift.Desk, authz.Reviewer) && !c.AtDesk(shift.Desk, authz.CallTaker) {
		return fault.New(fault.Invalid, "This person does not work at this desk.")
	}
	if !shift.Until.After(shift.From) || shift.Until.Sub(shift.From) > 7*24*time.Hour {
		return fault.New(fault.Invalid, "A shift ends after it starts, and within a week.")
	}
	shift.ID = id.New()
	r := record{Who: by.Account.String(), Act: "put-on-duty", Object: shift.Account.String(), Desk: shift.Desk.String()}
	return s.change(ctx, shift.Programme, "audit", r, func(ctx context.Context) error { return s.keys.SaveShift(ctx, shift) })
}

// TakeOffDuty removes a shift.
func (s *Service) TakeOffDuty(ctx context.Context, by authz.Subject, programme, desk, shift id.ID) error {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Desk, Programme: programme, Desk: desk}); err != nil {
		return err
	}
	shifts, err := s.keys.Shifts(ctx, programme, desk, s.clock.Now())
	if err != nil {
		return fmt.Errorf("read shifts: %w", err)
	}
	if !slices.ContainsFunc(shifts, func(x Shift) bool { return x.ID == shift }) {
		return fault.New(fault.NotFound, "There is no such shift.")
	}
	r := record{Who: by.Account.String(), Act: "took-off-duty", Object: shift.String(), Desk: desk.String()}
	return s.change(ctx, programme, "audit", r, func(ctx context.Context) error { return s.keys.DropShift(ctx, programme, shift) })
}

// Alerts returns the member's own wishes.
func (s *Service) Alerts(ctx context.Context, by authz.Subject) (Alerts, error) {
	if err := authz.Check(by, authz.Read, authz.Object{Kind: authz.Person, Owner: by.Account}); err != nil {
		return Alerts{}, err
	}
	return s.keys.Alerts(ctx, by.Account)
}

// SetAlerts stores the member's own wishes.
func (s *Service) SetAlerts(ctx context.Context, by authz.Subject, a Alerts) error {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Person, Owner: by.Account}); err != nil {
		return err
	}
	if a.Email != "" {
		address, err := mail.ParseAddress(a.Email)
		if err != nil || address.Address != a.Email || len(a.Email) > 254 {
			return fault.New(fault.Invalid, "This is not an e-mail address.")
		}
	}
	a.Account = by.Account
	return s.quietly(ctx, func(ctx context.Context) error { return s.keys.SaveAlerts(ctx, a) })
}

// SetLanguage chooses the language of the member's own pages.
func (s *Service) SetLanguage(ctx context.Context, m Member, language string) error {
	if err := authz.Check(m.Subject, authz.Change, authz.Object{Kind: authz.Person, Owner: m.Account.ID}); err != nil {
		return err
	}
	account, err := s.accounts.Account(ctx, m.Account.ID)
	if err != nil {
		return fmt.Errorf("read account: %w", err)
	}
	account.Language = clip(language, 35) // the longest tag of BCP 47 without extensions
	return s.quietly(ctx, func(ctx context.Context) error { return s.accounts.SaveAccount(ctx, account) })
}

// ToAlert returns who is to hear that something arrived at a desk: those on
// duty, or every reviewer of the desk when nobody is. The platform itself
// asks, for the outbox, so no subject is named.
func (s *Service) ToAlert(ctx context.Context, programme, desk id.ID) ([]Alerts, error) {
	now := s.clock.Now()
	shifts, err := s.keys.Shifts(ctx, programme, desk, now)
	if err != nil {
		return nil, fmt.Errorf("read shifts: %w", err)
	}
	var called []id.ID
	for _, x := range shifts {
		if !x.From.After(now) {
			called = append(called, x.Account)
		}
	}
	if len(called) == 0 {
		held, err := s.accounts.AssignmentsIn(ctx, programme)
		if err != nil {
			return nil, fmt.Errorf("read roles: %w", err)
		}
		for _, a := range held {
			if a.Desk == desk && a.Role == authz.Reviewer {
				called = append(called, a.Account)
			}
		}
	}
	var wishes []Alerts
	for _, account := range called {
		a, err := s.keys.Alerts(ctx, account)
		if err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		wishes = append(wishes, a)
	}
	return wishes, nil
}

// AnybodyAt reports whether somebody at a place, such as a partner, can log in.
// The platform itself asks, so no subject is named.
func (s *Service) AnybodyAt(ctx context.Context, programme, place id.ID) (bool, error) {
	held, err := s.accounts.AssignmentsIn(ctx, programme)
	if err != nil {
		return false, fmt.Errorf("read roles: %w", err)
	}
	for _, a := range held {
		if a.Desk != place || place.IsZero() {
			continue
		}
		account, err := s.accounts.Account(ctx, a.Account)
		if err != nil {
			return false, fmt.Errorf("read account: %w", err)
		}
		if account.State == Active {
			return true, nil
		}
	}
	return false, nil
}

// DirectorsToAlert returns the wishes of a programme's directors. The platform
// itself asks, so no subject is named.
func (s *Service) DirectorsToAlert(ctx context.Context, programme id.ID) ([]Alerts, error) {
	held, err := s.accounts.AssignmentsIn(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	var wishes []Alerts
	for _, a := range held {
		if a.Role != authz.Director {
			continue
		}
		w, err := s.keys.Alerts(ctx, a.Account)
		if err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		wishes = append(wishes, w)
	}
	return wishes, nil
}
