// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Colleague is an account with its roles in one programme.
type Colleague struct {
	Account
	Grants []authz.Grant
}

// AtDesk reports whether the colleague holds role at desk.
func (c Colleague) AtDesk(desk id.ID, role authz.Role) bool {
	return slices.ContainsFunc(c.Grants, func(g authz.Grant) bool { return g.Desk == desk && g.Role == role })
}

// Colleagues returns everybody with a role in programme, by name.
func (s *Service) Colleagues(ctx context.Context, by authz.Subject, programme id.ID) ([]Colleague, error) {
	if err := authz.Check(by, authz.List, person(programme)); err != nil {
		return nil, err
	}
	accounts, err := s.accounts.InProgramme(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	held, err := s.accounts.AssignmentsIn(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	grants := map[id.ID][]authz.Grant{}
	for _, a := range held {
		grants[a.Account] = append(grants[a.Account], a.Grant)
	}
	colleagues := make([]Colleague, len(accounts))
	for i, a := range accounts {
		colleagues[i] = Colleague{Account: a, Grants: grants[a.ID]}
	}
	return colleagues, nil
}

// Colleague returns one of them; fault.NotFound for an account without a role
// in programme, whatever it is elsewhere.
func (s *Service) Colleague(ctx context.Context, by authz.Subject, programme, account id.ID) (Colleague, error) {
	all, err := s.Colleagues(ctx, by, programme)
	if err != nil {
		return Colleague{}, err
	}
	i := slices.IndexFunc(all, func(c Colleague) bool { return c.ID == account })
	if i < 0 {
		return Colleague{}, notFound()
	}
	return all[i], nil
}

// changeable returns an account that by administers in programme.
func (s *Service) changeable(ctx context.Context, by authz.Subject, programme, account id.ID) (Account, error) {
	if err := authz.Check(by, authz.Change, person(programme)); err != nil {
		return Account{}, err
	}
	c, err := s.Colleague(ctx, by, programme, account)
	return c.Account, err
}

// Assign gives a colleague one more role.
func (s *Service) Assign(ctx context.Context, by authz.Subject, a Assignment) error {
	if _, err := s.changeable(ctx, by, a.Programme, a.Account); err != nil {
		return err
	}
	if err := checkGrant(a.Grant); err != nil {
		return err
	}
	r := record{Who: by.Account.String(), Act: "gave-role", Object: a.Account.String(), Role: string(a.Role), Desk: deskName(a.Grant)}
	return s.change(ctx, a.Programme, "membership", r, func(ctx context.Context) error {
		return s.accounts.Assign(ctx, a)
	})
}

// Withdraw takes a role away. A reviewer's package of the desk's key goes
// with it; what they could read they may have kept, so the desk should renew
// its key. The last administrator of a programme stays.
func (s *Service) Withdraw(ctx context.Context, by authz.Subject, a Assignment) error {
	if _, err := s.changeable(ctx, by, a.Programme, a.Account); err != nil {
		return err
	}
	if a.Role == authz.Administrator {
		if err := s.notTheLast(ctx, a.Programme, a.Account); err != nil {
			return err
		}
	}
	r := record{Who: by.Account.String(), Act: "took-role", Object: a.Account.String(), Role: string(a.Role), Desk: deskName(a.Grant)}
	return s.change(ctx, a.Programme, "membership", r, func(ctx context.Context) error {
		if a.Role == authz.Reviewer {
			if err := s.keys.DropPackage(ctx, a.Programme, a.Desk, a.Account); err != nil {
				return err
			}
		}
		return s.accounts.Withdraw(ctx, a)
	})
}

// notTheLast refuses to leave a programme without an active administrator.
func (s *Service) notTheLast(ctx context.Context, programme, account id.ID) error {
	accounts, err := s.accounts.InProgramme(ctx, programme)
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	held, err := s.accounts.AssignmentsIn(ctx, programme)
	if err != nil {
		return fmt.Errorf("read roles: %w", err)
	}
	for _, a := range held {
		if a.Role != authz.Administrator || a.Account == account {
			continue
		}
		if slices.ContainsFunc(accounts, func(x Account) bool { return x.ID == a.Account && x.State == Active }) {
			return nil
		}
	}
	return fault.New(fault.Conflict, "A programme needs an administrator: make another one first.")
}

// Suspend stops an account at once: its sessions end, its packages go. Resume
// gives log-in back, and somebody must then give the desk's key again.
func (s *Service) Suspend(ctx context.Context, by authz.Subject, programme, account id.ID) error {
	a, err := s.changeable(ctx, by, programme, account)
	if err != nil {
		return err
	}
	if a.ID == by.Account {
		return fault.New(fault.Conflict, "You can't suspend yourself.")
	}
	if err := s.notTheLast(ctx, programme, account); err != nil {
		return err
	}
	held, err := s.accounts.Assignments(ctx, account)
	if err != nil {
		return fmt.Errorf("read roles: %w", err)
	}
	for _, h := range held {
		if !by.Holds(h.Programme, authz.Administrator) {
			return fault.New(fault.Conflict, "This person works for another programme too: take their roles here away instead.")
		}
	}
	sessions, err := s.logins.Sessions(ctx, account)
	if err != nil {
		return fmt.Errorf("read sessions: %w", err)
	}
	a.State = Suspended
	r := record{Who: by.Account.String(), Act: "suspended", Object: account.String()}
	return s.change(ctx, programme, "membership", r, func(ctx context.Context) error {
		for _, x := range sessions {
			if err := s.logins.DropSession(ctx, account, x.ID); err != nil {
				return err
			}
		}
		for _, h := range held {
			if err := s.keys.DropPackage(ctx, h.Programme, h.Desk, account); err != nil {
				return err
			}
		}
		if _, err := s.logins.DropInvitations(ctx, account); err != nil {
			return err
		}
		return s.accounts.SaveAccount(ctx, a)
	})
}

// Resume lets a suspended account log in again; one that never accepted gets
// invited again instead.
func (s *Service) Resume(ctx context.Context, by authz.Subject, programme, account id.ID) error {
	a, err := s.changeable(ctx, by, programme, account)
	if err != nil {
		return err
	}
	if a.State != Suspended {
		return fault.New(fault.Conflict, "This person is not suspended.")
	}
	a.State = Active
	if a.Recipient == "" {
		a.State = Invited
	}
	r := record{Who: by.Account.String(), Act: "resumed", Object: account.String()}
	return s.change(ctx, programme, "membership", r, func(ctx context.Context) error {
		return s.accounts.SaveAccount(ctx, a)
	})
}

// Sessions returns those of an account that still count: one's own, or a
// colleague's for an administrator of programme.
func (s *Service) Sessions(ctx context.Context, by authz.Subject, programme, account id.ID) ([]Session, error) {
	if err := s.checkSession(ctx, by, authz.List, programme, account); err != nil {
		return nil, err
	}
	all, err := s.logins.Sessions(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	now := s.clock.Now()
	return slices.DeleteFunc(all, func(x Session) bool {
		return now.Sub(x.Created) > SessionFor || now.Sub(x.Seen) > IdleFor
	}), nil
}

// Revoke ends one session.
func (s *Service) Revoke(ctx context.Context, by authz.Subject, programme, account, session id.ID) error {
	if err := s.checkSession(ctx, by, authz.Change, programme, account); err != nil {
		return err
	}
	r := record{Who: by.Account.String(), Act: "ended-session", Object: session.String()}
	return s.change(ctx, programme, "audit", r, func(ctx context.Context) error {
		return s.logins.DropSession(ctx, account, session)
	})
}

// checkSession allows one's own sessions, and those of colleagues: an account
// that has no role in the programme is none of its administrator's business.
func (s *Service) checkSession(ctx context.Context, by authz.Subject, act authz.Act, programme, account id.ID) error {
	if err := authz.Check(by, act, authz.Object{Kind: authz.Session, Programme: programme, Owner: account}); err != nil {
		return err
	}
	if account == by.Account {
		return nil
	}
	_, err := s.Colleague(ctx, by, programme, account)
	return err
}
