// SPDX-License-Identifier: AGPL-3.0-or-later

package peoplestore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Secret implements people.LoginStore.
func (s Store) Secret(ctx context.Context, of id.ID) (people.Secret, error) {
	secret := people.Secret{Account: of}
	var salt, verifier []byte
	err := s.one(ctx, "secret", "SELECT salt, verifier, wrapped FROM people_secret WHERE account = ?", []any{of}, &salt, &verifier, &secret.Wrapped)
	if err != nil {
		return people.Secret{}, err
	}
	if len(salt) != len(secret.Salt) {
		return people.Secret{}, fmt.Errorf("read secret: a salt of %d bytes", len(salt))
	}
	secret.Salt = [16]byte(salt)
	secret.Verifier, err = hashOf(verifier)
	return secret, err
}

// SaveSecret implements people.LoginStore.
func (s Store) SaveSecret(ctx context.Context, x people.Secret) error {
	return s.exec(ctx, "secret", `INSERT INTO people_secret (account, salt, verifier, wrapped) VALUES (?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET salt = excluded.salt, verifier = excluded.verifier, wrapped = excluded.wrapped`,
		x.Account, x.Salt[:], x.Verifier[:], x.Wrapped)
}

// Invitation implements people.LoginStore.
func (s Store) Invitation(ctx context.Context, token people.Hash) (people.Invitation, error) {
	i := people.Invitation{Token: token}
	var expires int64
	err := s.one(ctx, "invitation", "SELECT account, expires, invitedby FROM people_invitation WHERE token = ?", []any{token[:]}, &i.Account, &expires, &i.By)
	if err != nil {
		return people.Invitation{}, err
	}
	i.Expires = moment(expires)
	return i, nil
}

// SaveInvitation implements people.LoginStore.
func (s Store) SaveInvitation(ctx context.Context, i people.Invitation) error {
	return s.exec(ctx, "invitation", `INSERT INTO people_invitation (account, token, expires, invitedby) VALUES (?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET token = excluded.token, expires = excluded.expires, invitedby = excluded.invitedby`,
		i.Account, i.Token[:], i.Expires.Unix(), i.By)
}

// DropInvitations implements people.LoginStore.
func (s Store) DropInvitations(ctx context.Context, of id.ID) (int, error) {
	n, err := s.write(ctx, "invitation", "DELETE FROM people_invitation WHERE account = ?", of)
	return int(n), err
}

const sessionColumns = "id, account, token, created, seen, label"

func session(scan func(dest ...any) error) (people.Session, error) {
	var x people.Session
	var token []byte
	var created, seen int64
	if err := scan(&x.ID, &x.Account, &token, &created, &seen, &x.Label); err != nil {
		return people.Session{}, err
	}
	x.Created, x.Seen = moment(created), moment(seen)
	var err error
	x.Token, err = hashOf(token)
	return x, err
}

// SessionByToken implements people.LoginStore.
func (s Store) SessionByToken(ctx context.Context, token people.Hash) (people.Session, error) {
	return session(func(dest ...any) error {
		return s.one(ctx, "session", "SELECT "+sessionColumns+" FROM people_session WHERE token = ?", []any{token[:]}, dest...)
	})
}

// Sessions implements people.LoginStore.
func (s Store) Sessions(ctx context.Context, of id.ID) ([]people.Session, error) {
	return store.Collect(ctx, s.DB.Reader(ctx), func(rows *sql.Rows) (people.Session, error) { return session(rows.Scan) },
		"SELECT "+sessionColumns+" FROM people_session WHERE account = ? ORDER BY created DESC, id", of)
}

// SaveSession implements people.LoginStore.
func (s Store) SaveSession(ctx context.Context, x people.Session) error {
	return s.exec(ctx, "session", `INSERT INTO people_session (id, account, token, created, seen, label) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET seen = excluded.seen`,
		x.ID, x.Account, x.Token[:], x.Created.Unix(), x.Seen.Unix(), x.Label)
}

// DropSession implements people.LoginStore.
func (s Store) DropSession(ctx context.Context, of, x id.ID) error {
	return s.exec(ctx, "session", "DELETE FROM people_session WHERE id = ? AND account = ?", x, of)
}

// DropSessionsBefore implements people.LoginStore.
func (s Store) DropSessionsBefore(ctx context.Context, created, seen time.Time) error {
	return s.exec(ctx, "session", "DELETE FROM people_session WHERE created < ? OR seen < ?", created.Unix(), seen.Unix())
}
