// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Newcomer is who is to be invited, with the first role.
type Newcomer struct {
	Handle   string
	Name     string
	Language string
	Grant    authz.Grant
}

// Acceptance is what a newcomer's browser made: keys, wrapped under a
// passphrase that it showed only to its owner.
type Acceptance struct {
	Account    id.ID // the account that the keys are bound to
	Salt       [16]byte
	Login      []byte // 32 bytes
	Wrapped    []byte
	Recipient  string
	SigningKey []byte // Ed25519, 32 bytes
}

// Found makes the first person of a programme, who can then invite others. It
// asks nobody's leave: only whoever holds the machine can call it.
func (s *Service) Found(ctx context.Context, n Newcomer) (Account, string, error) {
	return s.invite(ctx, id.ID{}, n)
}

// Invite makes an account and the token of its link, good once and for
// InvitationFor.
func (s *Service) Invite(ctx context.Context, by authz.Subject, n Newcomer) (Account, string, error) {
	if err := authz.Check(by, authz.Change, person(n.Grant.Programme)); err != nil {
		return Account{}, "", err
	}
	return s.invite(ctx, by.Account, n)
}

func (s *Service) invite(ctx context.Context, by id.ID, n Newcomer) (Account, string, error) {
	n.Handle, n.Name = strings.ToLower(strings.TrimSpace(n.Handle)), strings.TrimSpace(n.Name)
	if err := CheckHandle(n.Handle); err != nil {
		return Account{}, "", err
	}
	if n.Name == "" || len([]rune(n.Name)) > MaxName {
		return Account{}, "", fault.Newf(fault.Invalid, "Give a name of at most %d letters.", MaxName)
	}
	if err := checkGrant(n.Grant); err != nil {
		return Account{}, "", err
	}
	account := Account{ID: id.New(), Handle: n.Handle, Name: n.Name, Language: n.Language, State: Invited, Created: s.clock.Now()}
	token := newToken()
	r := record{Who: by.String(), Act: "invited", Object: account.ID.String(), Role: string(n.Grant.Role), Desk: deskName(n.Grant)}
	err := s.change(ctx, n.Grant.Programme, "membership", r, func(ctx context.Context) error {
		if err := s.accounts.SaveAccount(ctx, account); err != nil {
			return err
		}
		if err := s.accounts.Assign(ctx, Assignment{Account: account.ID, Grant: n.Grant}); err != nil {
			return err
		}
		return s.logins.SaveInvitation(ctx, s.invitation(account.ID, by, token))
	})
	if fault.KindOf(err) == fault.Conflict {
		return Account{}, "", fault.Wrap(fault.Conflict, "Somebody already has this log-in name.", err)
	}
	if err != nil {
		return Account{}, "", fmt.Errorf("invite: %w", err)
	}
	return account, token, nil
}

func (s *Service) invitation(account, by id.ID, token string) Invitation {
	return Invitation{Account: account, Token: s.hash("invitation", []byte(token)), Expires: s.clock.Now().Add(InvitationFor), By: by}
}

// InviteAgain replaces the link of an account that hasn't accepted yet.
func (s *Service) InviteAgain(ctx context.Context, by authz.Subject, programme, account id.ID) (string, error) {
	a, err := s.changeable(ctx, by, programme, account)
	if err != nil {
		return "", err
	}
	if a.State != Invited {
		return "", fault.New(fault.Conflict, "This person has already accepted.")
	}
	token := newToken()
	r := record{Who: by.Account.String(), Act: "invited-again", Object: account.String()}
	err = s.change(ctx, programme, "membership", r, func(ctx context.Context) error {
		return s.logins.SaveInvitation(ctx, s.invitation(account, by.Account, token))
	})
	return token, err
}

// Invited returns who a link is for; fault.NotFound when it was used, is too
// old or never was.
func (s *Service) Invited(ctx context.Context, token string) (Account, error) {
	gone := fault.New(fault.NotFound, "This invitation has been used, is too old, or was mistyped. Ask for a new one.")
	invitation, err := s.logins.Invitation(ctx, s.hash("invitation", []byte(token)))
	if fault.KindOf(err) == fault.NotFound || err == nil && !s.clock.Now().Before(invitation.Expires) {
		return Account{}, gone
	}
	if err != nil {
		return Account{}, fmt.Errorf("read invitation: %w", err)
	}
	account, err := s.accounts.Account(ctx, invitation.Account)
	if err != nil {
		return Account{}, fmt.Errorf("read account: %w", err)
	}
	if account.State != Invited {
		return Account{}, gone
	}
	return account, nil
}

// Accept makes the account of a link active with the keys of its owner, and
// uses the link up.
func (s *Service) Accept(ctx context.Context, token string, a Acceptance) (Account, error) {
	account, err := s.Invited(ctx, token)
	if err != nil {
		return Account{}, err
	}
	if err := a.check(account.ID); err != nil {
		return Account{}, err
	}
	account.State, account.Recipient, account.SigningKey = Active, a.Recipient, a.SigningKey
	secret := Secret{Account: account.ID, Salt: a.Salt, Verifier: s.hash("login", a.Login), Wrapped: a.Wrapped}
	who := account.ID.String()
	held, err := s.accounts.Assignments(ctx, account.ID)
	if err != nil {
		return Account{}, fmt.Errorf("read roles: %w", err)
	}
	var programme id.ID
	if len(held) > 0 {
		programme = held[0].Programme
	}
	err = s.change(ctx, programme, "membership", record{Who: who, Act: "accepted", Object: who}, func(ctx context.Context) error {
		// The count is the lock: of two browsers with one link, one finds none.
		n, err := s.logins.DropInvitations(ctx, account.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "This invitation has just been used.")
		}
		if err := s.accounts.SaveAccount(ctx, account); err != nil {
			return err
		}
		return s.logins.SaveSecret(ctx, secret)
	})
	if err != nil {
		return Account{}, fmt.Errorf("accept invitation: %w", err)
	}
	return account, nil
}

// check says what is missing. It can't open the wrapped keys: if they don't
// fit their public halves, only their owner is shut out.
func (a Acceptance) check(account id.ID) error {
	switch {
	case a.Account != account:
		return fault.New(fault.Invalid, "These keys were made for another invitation.")
	case len(a.Login) != 32:
		return fault.New(fault.Invalid, "The log-in is not 32 bytes.")
	case len(a.Wrapped) < 64 || len(a.Wrapped) > MaxWrapped:
		return fault.New(fault.Invalid, "The wrapped keys have no possible size.")
	case len(a.SigningKey) != ed25519.PublicKeySize:
		return fault.New(fault.Invalid, "The signing key is not 32 bytes.")
	case a.Salt == [16]byte{}:
		return fault.New(fault.Invalid, "The salt is missing.")
	}
	return checkRecipient(a.Recipient)
}

// checkRecipient refuses what nobody could seal to.
func checkRecipient(text string) error {
	if _, err := seal.ParseRecipient(text); err != nil {
		return fault.Wrap(fault.Invalid, "The recipient is not a hybrid age recipient.", err)
	}
	return nil
}

func checkGrant(g authz.Grant) error {
	switch {
	case !g.Role.Known():
		return fault.New(fault.Invalid, "Choose a role.")
	case g.Role.OfDesk() && g.Desk.IsZero():
		return fault.New(fault.Invalid, "Choose the desk for this role.")
	case !g.Role.OfDesk() && !g.Desk.IsZero():
		return fault.New(fault.Invalid, "This role is for the whole programme, not for one desk.")
	}
	return nil
}

func deskName(g authz.Grant) string {
	if g.Desk.IsZero() {
		return ""
	}
	return g.Desk.String()
}

func person(programme id.ID) authz.Object {
	return authz.Object{Kind: authz.Person, Programme: programme}
}

// quietly is for changes that leave nothing in the ledger.
func (s *Service) quietly(ctx context.Context, do func(ctx context.Context) error) error {
	return s.runner.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error { return do(ctx) })
}
