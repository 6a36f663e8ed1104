// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
)

// Halves are the two halves of the key of an original that is kept as evidence:
// the seed of its identity is one XOR the other. Ours stands in the manifest,
// which the desk alone can open; Theirs is with the server, which gives it to
// two people together. Either alone is a random number that fits every key.
type Halves struct{ Ours, Theirs []byte }

// NewHalves returns fresh halves.
func NewHalves() Halves {
	h := Halves{make([]byte, KeySize), make([]byte, KeySize)}
	_, _ = rand.Read(h.Ours) // crypto/rand.Read never returns an error since Go 1.24
	_, _ = rand.Read(h.Theirs)
	return h
}

// Identity joins the halves.
func (h Halves) Identity() (*Identity, error) {
	if len(h.Ours) != KeySize || len(h.Theirs) != KeySize {
		return nil, fmt.Errorf("join halves: want two of %d bytes", KeySize)
	}
	seed := make([]byte, KeySize)
	subtle.XORBytes(seed, h.Ours, h.Theirs)
	return IdentityFromSeed(seed)
}

// String keeps halves out of logs and errors.
func (Halves) String() string { return "halves (hidden)" }

// GoString keeps halves out of dumps.
func (h Halves) GoString() string { return h.String() }
