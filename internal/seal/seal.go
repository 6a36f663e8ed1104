// SPDX-License-Identifier: AGPL-3.0-or-later

// Package seal is the cryptography of Turnstone and nothing else: receipts and
// the keys derived from them, sealed messages and their chain, grants, rosters,
// desk key packages, member keys, blind tokens, recovery shares and exports, as
// docs/formats.md describes them. The browser has the same in web/seal; the
// vectors in testdata are run by both.
//
// It must never import a room, a logger or a database, never write a secret
// into an error or a String method, and never fall back: what does not verify
// is an error.
//
// Values are immutable once made and safe for concurrent use, except Chain,
// which belongs to one goroutine.
package seal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
)

// Version is the version of every format in this package.
const Version = 1

// Errors that callers tell apart. Everything else is a malformed input, whose
// message says where.
var (
	// ErrNotForThisKey is returned when an age file is not sealed to the
	// identity that tried to open it.
	ErrNotForThisKey = errors.New("it is not sealed to this key")
	// ErrEnvelope is returned by the envelope check.
	ErrEnvelope = errors.New("strange envelope")
	// ErrSignature is returned when a signature does not verify.
	ErrSignature = errors.New("the signature does not verify")
	// ErrOutOfPlace is returned for what verifies in itself but is not where
	// it was found: another report's, replayed, reordered, another account's.
	ErrOutOfPlace = errors.New("it does not belong here")
)

// Hash is a SHA-256, written as 64 lower-case hexadecimal digits.
type Hash [sha256.Size]byte

// HashOf returns the SHA-256 of b.
func HashOf(b []byte) Hash { return sha256.Sum256(b) }

// ParseHash reads the one spelling that String writes.
func ParseHash(s string) (Hash, error) {
	var h Hash
	err := h.UnmarshalText([]byte(s))
	return h, err
}

// String returns the 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether h is all zeros, which stands for "none before".
func (h Hash) IsZero() bool { return h == Hash{} }

// Equal compares in constant time.
func (h Hash) Equal(other Hash) bool { return subtle.ConstantTimeCompare(h[:], other[:]) == 1 }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; upper case is refused, so
// that a hash has one spelling.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 2*sha256.Size {
		return fmt.Errorf("hash: want %d hexadecimal digits", 2*sha256.Size)
	}
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return errors.New("hash: want lower-case hexadecimal digits")
		}
	}
	_, err := hex.Decode(h[:], b)
	return err
}
