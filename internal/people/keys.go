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

// DeskKeys is the state of a desk's key as its members see it.
type DeskKeys struct {
	Epochs  []Epoch     // newest first
	Holders []id.ID     // members with a package of the newest epoch
	Waiting []Colleague // reviewers of the desk without one
	Mine    []byte      // the asker's own package; nil when there is none
}

func deskObject(programme, desk id.ID) authz.Object {
	return authz.Object{Kind: authz.Desk, Programme: programme, Desk: desk, Handling: authz.Sealed}
}

// DeskKeys returns what a reviewer may know of the key of their desk.
func (s *Service) DeskKeys(ctx context.Context, by authz.Subject, programme, desk id.ID) (DeskKeys, error) {
	if err := authz.Check(by, authz.Read, deskObject(programme, desk)); err != nil {
		return DeskKeys{}, err
	}
	keys, err := s.deskKeys(ctx, by, programme, desk)
	if err != nil {
		return DeskKeys{}, err
	}
	packages, err := s.keys.Packages(ctx, programme, desk)
	if err != nil {
		return DeskKeys{}, fmt.Errorf("read packages: %w", err)
	}
	for _, p := range packages {
		if p.Member == by.Account {
			keys.Mine = p.Body
		}
	}
	return keys, nil
}

// DeskKeyState is DeskKeys without anybody's package, for administrators too.
func (s *Service) DeskKeyState(ctx context.Context, by authz.Subject, programme, desk id.ID) (DeskKeys, error) {
	if err := authz.Check(by, authz.List, person(programme)); err != nil {
		return DeskKeys{}, err
	}
	return s.deskKeys(ctx, by, programme, desk)
}

func (s *Service) deskKeys(ctx context.Context, by authz.Subject, programme, desk id.ID) (DeskKeys, error) {
	epochs, err := s.keys.Epochs(ctx, programme, desk)
	if err != nil {
		return DeskKeys{}, fmt.Errorf("read epochs: %w", err)
	}
	packages, err := s.keys.Packages(ctx, programme, desk)
	if err != nil {
		return DeskKeys{}, fmt.Errorf("read packages: %w", err)
	}
	colleagues, err := s.Colleagues(ctx, by, programme)
	if err != nil {
		return DeskKeys{}, err
	}
	keys := DeskKeys{Epochs: epochs}
	for _, c := range colleagues {
		if c.State != Active || !c.AtDesk(desk, authz.Reviewer) {
			continue
		}
		holds := len(epochs) > 0 && slices.ContainsFunc(packages, func(p Package) bool {
			return p.Member == c.ID && p.Epoch == epochs[0].Epoch
		})
		if holds {
			keys.Holders = append(keys.Holders, c.ID)
		} else {
			keys.Waiting = append(keys.Waiting, c)
		}
	}
	return keys, nil
}

// GiveKey stores the package that a holder's browser made for a colleague.
func (s *Service) GiveKey(ctx context.Context, by authz.Subject, programme, desk, member id.ID, body []byte) error {
	if err := authz.Check(by, authz.GiveKey, deskObject(programme, desk)); err != nil {
		return err
	}
	state, err := s.deskKeys(ctx, by, programme, desk)
	if err != nil {
		return err
	}
	if len(state.Epochs) == 0 || !slices.Contains(state.Holders, by.Account) {
		return fault.New(fault.Forbidden, "Only somebody who holds the desk's newest key can give it on.")
	}
	waits := slices.ContainsFunc(state.Waiting, func(c Colleague) bool { return c.ID == member })
	if !waits && !slices.Contains(state.Holders, member) {
		return notFound()
	}
	if len(body) == 0 || len(body) > MaxPackage {
		return fault.New(fault.Invalid, "The package has no possible size.")
	}
	epoch := state.Epochs[0].Epoch
	p := Package{Programme: programme, Desk: desk, Member: member, Epoch: epoch, Body: body, By: by.Account, Given: s.clock.Now()}
	r := record{Who: by.Account.String(), Act: "gave-desk-key", Object: member.String(), Desk: desk.String(), Epoch: &epoch}
	return s.change(ctx, programme, "membership", r, func(ctx context.Context) error {
		return s.keys.SavePackage(ctx, p)
	})
}

// RenewKey starts a new epoch of a desk's key: its public half and a package
// for each member who is to hold it, all made in one holder's browser. The
// first epoch is made by whichever reviewer comes first.
func (s *Service) RenewKey(ctx context.Context, by authz.Subject, e Epoch, packages map[id.ID][]byte) error {
	if err := authz.Check(by, authz.Renew, deskObject(e.Programme, e.Desk)); err != nil {
		return err
	}
	state, err := s.deskKeys(ctx, by, e.Programme, e.Desk)
	if err != nil {
		return err
	}
	if err := state.admits(by.Account, e, packages); err != nil {
		return err
	}
	e.By, e.Made = by.Account, s.clock.Now()
	r := record{Who: by.Account.String(), Act: "renewed-desk-key", Object: e.Desk.String(), Desk: e.Desk.String(), Epoch: &e.Epoch}
	return s.change(ctx, e.Programme, "membership", r, func(ctx context.Context) error {
		if err := s.keys.AddEpoch(ctx, e); err != nil {
			return err
		}
		for member, body := range packages {
			p := Package{Programme: e.Programme, Desk: e.Desk, Member: member, Epoch: e.Epoch, Body: body, By: by.Account, Given: e.Made}
			if err := s.keys.SavePackage(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// admits checks a new epoch against the present state.
func (k DeskKeys) admits(by id.ID, e Epoch, packages map[id.ID][]byte) error {
	next := 0
	if len(k.Epochs) > 0 {
		next = k.Epochs[0].Epoch + 1
		if !slices.Contains(k.Holders, by) {
			return fault.New(fault.Forbidden, "Only somebody who holds the desk's newest key can renew it.")
		}
	}
	if e.Epoch != next {
		return fault.New(fault.Conflict, "Somebody has just renewed this key. Load the page again.")
	}
	if err := checkRecipient(e.Recipient); err != nil {
		return err
	}
	if _, ok := packages[by]; !ok {
		return fault.New(fault.Invalid, "The package for yourself is missing: nobody could give the key on.")
	}
	for member, body := range packages {
		known := slices.Contains(k.Holders, member) || slices.ContainsFunc(k.Waiting, func(c Colleague) bool { return c.ID == member })
		if !known {
			return fault.New(fault.Invalid, "A package is for somebody who does not work at this desk.")
		}
		if len(body) == 0 || len(body) > MaxPackage {
			return fault.New(fault.Invalid, "A package has no possible size.")
		}
	}
	return nil
}

// Epochs returns the public halves of a desk's keys, newest first: what a
// draft roster is made of.
func (s *Service) Epochs(ctx context.Context, by authz.Subject, programme, desk id.ID) ([]Epoch, error) {
	if err := authz.Check(by, authz.Read, authz.Object{Kind: authz.Roster, Programme: programme}); err != nil {
		return nil, err
	}
	return s.keys.Epochs(ctx, programme, desk)
}
