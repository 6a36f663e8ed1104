// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ceremony does with keys what members' browsers do, where there is no
// browser: founding an installation, the demo and tests. It is an honest
// client of the rooms.
//
// It must never be used by a running server for the key of a person: whoever
// calls it holds those keys in clear.
package ceremony

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
)

// PassphraseWords is how many words a generated passphrase has: 66 bits, which
// Argon2id stretches.
const PassphraseWords = 6

// NewPassphrase returns random words of the English list.
func NewPassphrase() (string, error) {
	list, ok := words.For("en")
	if !ok {
		return "", errors.New("make passphrase: there is no English word list")
	}
	all := list.Words()
	chosen := make([]string, PassphraseWords)
	for i := range chosen {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(all))))
		if err != nil {
			return "", fmt.Errorf("make passphrase: %w", err)
		}
		chosen[i] = all[n.Int64()]
	}
	return strings.Join(chosen, " "), nil
}

// Member is a person with their keys in clear.
type Member struct {
	Account people.Account
	Subject authz.Subject
	Keys    seal.MemberKeys
}

// SigningKey returns the key that signs the member's messages.
func (m Member) SigningKey() ed25519.PrivateKey { return m.Keys.SigningKey() }

// Enrol accepts an invitation: it makes the keys, wraps them under the
// passphrase and makes the account active. The grants are those that the
// account was given.
func Enrol(ctx context.Context, svc *people.Service, token, passphrase string, grants ...authz.Grant) (Member, error) {
	invited, err := svc.Invited(ctx, token)
	if err != nil {
		return Member{}, fmt.Errorf("enrol: %w", err)
	}
	a := people.Acceptance{Account: invited.ID}
	_, _ = rand.Read(a.Salt[:]) // never returns an error since Go 1.24
	stretched, err := seal.StretchPassphrase(passphrase, a.Salt[:], seal.MinStretch())
	if err != nil {
		return Member{}, fmt.Errorf("enrol: %w", err)
	}
	keys := seal.NewMemberKeys()
	if a.Wrapped, err = seal.WrapMemberKeys(keys, stretched.Wrap, invited.ID); err != nil {
		return Member{}, fmt.Errorf("enrol: %w", err)
	}
	identity, err := keys.Identity()
	if err != nil {
		return Member{}, fmt.Errorf("enrol: %w", err)
	}
	a.Login, a.Recipient = stretched.Login, identity.Recipient().String()
	a.SigningKey = keys.SigningKey().Public().(ed25519.PublicKey)
	account, err := svc.Accept(ctx, token, a)
	if err != nil {
		return Member{}, fmt.Errorf("enrol: %w", err)
	}
	return Member{Account: account, Subject: authz.Subject{Account: account.ID, Grants: grants}, Keys: keys}, nil
}

// FirstDeskKey makes the first epoch of a desk's key and a package for each of
// its members, the holder first.
func FirstDeskKey(ctx context.Context, svc *people.Service, programme, desk id.ID, holder Member, others ...Member) (seal.DeskKeys, error) {
	keys := seal.NewDeskKeys(desk)
	identity, err := keys.Identity(0)
	if err != nil {
		return seal.DeskKeys{}, fmt.Errorf("make desk key: %w", err)
	}
	packages := map[id.ID][]byte{}
	for _, m := range append([]Member{holder}, others...) {
		own, err := m.Keys.Identity()
		if err != nil {
			return seal.DeskKeys{}, fmt.Errorf("make desk key: %w", err)
		}
		if packages[m.Account.ID], err = seal.SealDeskKeys(keys, own.Recipient()); err != nil {
			return seal.DeskKeys{}, fmt.Errorf("make desk key: %w", err)
		}
	}
	epoch := people.Epoch{Programme: programme, Desk: desk, Epoch: 0, Recipient: identity.Recipient().String()}
	if err := svc.RenewKey(ctx, holder.Subject, epoch, packages); err != nil {
		return seal.DeskKeys{}, fmt.Errorf("make desk key: %w", err)
	}
	return keys, nil
}
