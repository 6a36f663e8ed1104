// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// AccountStore keeps accounts and their roles. All methods return
// fault.NotFound for what isn't there.
type AccountStore interface {
	// Account returns one by id.
	Account(ctx context.Context, account id.ID) (Account, error)
	// ByHandle returns one by its handle.
	ByHandle(ctx context.Context, handle string) (Account, error)
	// InProgramme returns the accounts that hold a role in programme, by name.
	InProgramme(ctx context.Context, programme id.ID) ([]Account, error)
	// SaveAccount inserts or replaces one; fault.Conflict when another has the handle.
	SaveAccount(ctx context.Context, a Account) error
	// Assignments returns the roles of an account.
	Assignments(ctx context.Context, account id.ID) ([]Assignment, error)
	// AssignmentsIn returns all roles in a programme.
	AssignmentsIn(ctx context.Context, programme id.ID) ([]Assignment, error)
	// Assign adds a role; adding one that is held changes nothing.
	Assign(ctx context.Context, a Assignment) error
	// Withdraw takes a role away.
	Withdraw(ctx context.Context, a Assignment) error
}

// LoginStore keeps what a log-in needs.
type LoginStore interface {
	// Secret returns that of an account; fault.NotFound.
	Secret(ctx context.Context, account id.ID) (Secret, error)
	// SaveSecret inserts or replaces one.
	SaveSecret(ctx context.Context, s Secret) error
	// Invitation finds one by its token; fault.NotFound.
	Invitation(ctx context.Context, token Hash) (Invitation, error)
	// SaveInvitation replaces all invitations of its account by this one.
	SaveInvitation(ctx context.Context, i Invitation) error
	// DropInvitations removes those of an account and reports how many there were.
	DropInvitations(ctx context.Context, account id.ID) (int, error)
	// SessionByToken finds one by its token; fault.NotFound.
	SessionByToken(ctx context.Context, token Hash) (Session, error)
	// Sessions returns those of an account, newest first.
	Sessions(ctx context.Context, account id.ID) ([]Session, error)
	// SaveSession inserts one, or moves Seen of one.
	SaveSession(ctx context.Context, s Session) error
	// DropSession removes one; removing none is no error.
	DropSession(ctx context.Context, account, session id.ID) error
	// DropSessionsBefore removes those made before created or not seen since seen.
	DropSessionsBefore(ctx context.Context, created, seen time.Time) error
}

// KeyStore keeps the desks' public keys, the packages of their private ones,
// and who is on duty.
type KeyStore interface {
	// Epochs returns the epochs of a desk, newest first.
	Epochs(ctx context.Context, programme, desk id.ID) ([]Epoch, error)
	// AddEpoch adds one; fault.Conflict when it exists.
	AddEpoch(ctx context.Context, e Epoch) error
	// Packages returns those of a desk, one for each member.
	Packages(ctx context.Context, programme, desk id.ID) ([]Package, error)
	// SavePackage inserts or replaces that of one member.
	SavePackage(ctx context.Context, p Package) error
	// DropPackage removes that of one member; removing none is no error.
	DropPackage(ctx context.Context, programme, desk, member id.ID) error
	// Shifts returns those of a desk that end after since, by start.
	Shifts(ctx context.Context, programme, desk id.ID, since time.Time) ([]Shift, error)
	// SaveShift adds one.
	SaveShift(ctx context.Context, s Shift) error
	// DropShift removes one; removing none is no error.
	DropShift(ctx context.Context, programme, shift id.ID) error
	// Alerts returns the wishes of an account, zero ones when it has none.
	Alerts(ctx context.Context, account id.ID) (Alerts, error)
	// SaveAlerts inserts or replaces them.
	SaveAlerts(ctx context.Context, a Alerts) error
}

// Store is all of them, for wiring.
type Store interface {
	AccountStore
	LoginStore
	KeyStore
}
