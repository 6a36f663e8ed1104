// SPDX-License-Identifier: AGPL-3.0-or-later

package peoplestore

import (
	"context"
	"database/sql"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/store"
)

const accountColumns = "a.id, a.handle, a.name, a.language, a.state, a.created, a.recipient, a.signing_key"

// account returns where to scan accountColumns to, and what to call then.
func account(a *people.Account) (dest []any, done func()) {
	var created int64
	return []any{&a.ID, &a.Handle, &a.Name, &a.Language, (*string)(&a.State), &created, &a.Recipient, &a.SigningKey},
		func() { a.Created = moment(created) }
}

// Account implements people.AccountStore.
func (s Store) Account(ctx context.Context, of id.ID) (people.Account, error) {
	var a people.Account
	dest, done := account(&a)
	if err := s.one(ctx, "account", "SELECT "+accountColumns+" FROM people_account a WHERE a.id = ?", []any{of}, dest...); err != nil {
		return people.Account{}, err
	}
	done()
	return a, nil
}

// ByHandle implements people.AccountStore.
func (s Store) ByHandle(ctx context.Context, handle string) (people.Account, error) {
	var a people.Account
	dest, done := account(&a)
	if err := s.one(ctx, "account", "SELECT "+accountColumns+" FROM people_account a WHERE a.handle = ?", []any{handle}, dest...); err != nil {
		return people.Account{}, err
	}
	done()
	return a, nil
}

// InProgramme implements people.AccountStore.
func (s Store) InProgramme(ctx context.Context, programme id.ID) ([]people.Account, error) {
	scan := func(rows *sql.Rows) (people.Account, error) {
		var a people.Account
		dest, done := account(&a)
		if err := rows.Scan(dest...); err != nil {
			return people.Account{}, err
		}
		done()
		return a, nil
	}
	return store.Collect(ctx, s.DB.Reader(ctx), scan, "SELECT "+accountColumns+` FROM people_account a
		WHERE a.id IN (SELECT account FROM people_assignment WHERE programme = ?) ORDER BY a.name, a.id`, programme)
}

// SaveAccount implements people.AccountStore.
func (s Store) SaveAccount(ctx context.Context, a people.Account) error {
	key := a.SigningKey
	if key == nil {
		key = []byte{}
	}
	return s.exec(ctx, "account", `INSERT INTO people_account (id, handle, name, language, state, created, recipient, signing_key)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET handle = excluded.handle, name = excluded.name, language = excluded.language,
			state = excluded.state, recipient = excluded.recipient, signing_key = excluded.signing_key`,
		a.ID, a.Handle, a.Name, a.Language, string(a.State), a.Created.Unix(), a.Recipient, key)
}

func assignment(rows *sql.Rows) (people.Assignment, error) {
	var a people.Assignment
	err := rows.Scan(&a.Account, &a.Programme, &a.Desk, (*string)(&a.Role))
	return a, err
}

// Assignments implements people.AccountStore.
func (s Store) Assignments(ctx context.Context, of id.ID) ([]people.Assignment, error) {
	return store.Collect(ctx, s.DB.Reader(ctx), assignment,
		"SELECT account, programme, desk, role FROM people_assignment WHERE account = ? ORDER BY programme, desk, role", of)
}

// AssignmentsIn implements people.AccountStore.
func (s Store) AssignmentsIn(ctx context.Context, programme id.ID) ([]people.Assignment, error) {
	return store.Collect(ctx, s.DB.Reader(ctx), assignment,
		"SELECT account, programme, desk, role FROM people_assignment WHERE programme = ? ORDER BY account, desk, role", programme)
}

// Assign implements people.AccountStore.
func (s Store) Assign(ctx context.Context, a people.Assignment) error {
	return s.exec(ctx, "role", "INSERT INTO people_assignment (account, programme, desk, role) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		a.Account, a.Programme, a.Desk, string(a.Role))
}

// Withdraw implements people.AccountStore.
func (s Store) Withdraw(ctx context.Context, a people.Assignment) error {
	return s.exec(ctx, "role", "DELETE FROM people_assignment WHERE account = ? AND programme = ? AND desk = ? AND role = ?",
		a.Account, a.Programme, a.Desk, string(a.Role))
}
