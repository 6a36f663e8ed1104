// SPDX-License-Identifier: AGPL-3.0-or-later

// Package people knows who works here: accounts by invitation, their roles,
// the log-in that never shows a passphrase to the server, their sessions, the
// wrapped keys that only their own browsers open, and who is on duty.
//
// It must never see a passphrase, an unwrapped key or a desk's key: what it
// keeps of those is a keyed hash, or ciphertext. It must never tell a stranger
// whether an account exists.
//
// A Service is safe for concurrent use.
package people

import (
	"regexp"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// State is where an account is in its life.
type State string

// The states of an account.
const (
	Invited   State = "invited"   // has a link and no keys yet
	Active    State = "active"    // can log in
	Suspended State = "suspended" // keeps its name in the history and opens nothing
)

// Account is a person who works with the platform.
type Account struct {
	ID       id.ID
	Handle   string // what they log in with; unique in the installation
	Name     string // what colleagues see
	Language string // BCP 47, of their pages
	State    State
	Created  time.Time
	// Recipient (age1pq1…) and SigningKey (Ed25519, 32 bytes) are public and
	// empty until the invitation was accepted.
	Recipient  string
	SigningKey []byte
}

// Hash is a keyed hash, HMAC-SHA256 under the installation's pepper.
type Hash [32]byte

// Secret is what the server keeps so that an account can log in and find its
// keys again.
type Secret struct {
	Account  id.ID
	Salt     [16]byte // of the passphrase, for Argon2id in the browser
	Verifier Hash     // HMAC(pepper, login)
	Wrapped  []byte   // member keys, sealed under the passphrase
}

// Assignment is one role of one account.
type Assignment struct {
	Account id.ID
	authz.Grant
}

// Invitation is a link that makes an account active once.
type Invitation struct {
	Account id.ID
	Token   Hash // of the link's token; the token itself is kept nowhere
	Expires time.Time
	By      id.ID
}

// Session is one log-in in one browser.
type Session struct {
	ID      id.ID
	Account id.ID
	Token   Hash // of the cookie's token
	Created time.Time
	Seen    time.Time // to the minute
	Label   string    // "Chromium on Linux": what its owner knows it by; no address
}

// Epoch is one generation of a desk's key: only its public half.
type Epoch struct {
	Programme id.ID
	Desk      id.ID
	Epoch     int
	Recipient string
	By        id.ID
	Made      time.Time
}

// Package is a desk's keys sealed to one member.
type Package struct {
	Programme id.ID
	Desk      id.ID
	Member    id.ID
	Epoch     int    // the newest inside
	Body      []byte // an age file to the member
	By        id.ID
	Given     time.Time
}

// Shift says that an account is on duty at a desk.
type Shift struct {
	ID        id.ID
	Programme id.ID
	Desk      id.ID
	Account   id.ID
	From      time.Time
	Until     time.Time
}

// Alerts says how an account wants to hear that something arrived. An alert
// says only that: never what, nor for whom.
type Alerts struct {
	Account id.ID
	Browser bool
	Email   string // empty: none
}

// Limits of what is accepted.
const (
	MaxWrapped    = 4 << 10
	MaxPackage    = 256 << 10
	MaxName       = 80
	InvitationFor = 7 * 24 * time.Hour
	SessionFor    = 12 * time.Hour
	IdleFor       = 30 * time.Minute
)

var handlePattern = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

// CheckHandle says what is wrong with a handle, nil if nothing is.
func CheckHandle(handle string) error {
	if !handlePattern.MatchString(handle) {
		return fault.New(fault.Invalid, "The log-in name is 2 to 32 of a-z, 0-9, dot, hyphen and underscore, a letter first.")
	}
	return nil
}
