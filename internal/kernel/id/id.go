// SPDX-License-Identifier: AGPL-3.0-or-later

// Package id makes and reads the random identifiers that name everything in
// Turnstone. An id is 128 random bits and nothing else: it must never carry a
// time, a counter or the machine that made it, because the order of arrivals
// is itself a trace of the people who reported.
//
// All functions are safe for concurrent use.
package id

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
)

// Size is the length of an ID in bytes.
const Size = 16

// ID is 128 random bits, written as 32 lower-case hexadecimal digits.
type ID [Size]byte

// ErrMalformed is returned by Parse for anything that is not an id.
var ErrMalformed = errors.New("id: want 32 lower-case hexadecimal digits")

// New returns a fresh ID from the operating system's random source.
func New() ID {
	var v ID
	_, _ = rand.Read(v[:]) // crypto/rand.Read never returns an error since Go 1.24
	return v
}

// Parse reads the one spelling that String writes: 32 lower-case hexadecimal
// digits. It returns ErrMalformed for everything else, upper case included, so
// that an id has exactly one spelling.
func Parse(s string) (ID, error) {
	var v ID
	if len(s) != 2*Size {
		return ID{}, ErrMalformed
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ID{}, ErrMalformed
		}
	}
	if _, err := hex.Decode(v[:], []byte(s)); err != nil {
		return ID{}, ErrMalformed
	}
	return v, nil
}

// String returns the 32 hexadecimal digits.
func (v ID) String() string { return hex.EncodeToString(v[:]) }

// IsZero reports whether v is the zero ID, which names nothing.
func (v ID) IsZero() bool { return v == ID{} }

// MarshalText implements encoding.TextMarshaler.
func (v ID) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *ID) UnmarshalText(b []byte) error {
	parsed, err := Parse(string(b))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

// Value implements driver.Valuer: an ID is stored as 16 bytes.
func (v ID) Value() (driver.Value, error) { return v[:], nil }

// Scan implements sql.Scanner.
func (v *ID) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != Size {
		return fmt.Errorf("id: scan %T of %d bytes: want 16 bytes", src, len(b))
	}
	copy(v[:], b)
	return nil
}
