// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"golang.org/x/mod/sumdb/tlog"
)

// SaltSize is the length of a leaf's salt in bytes.
const SaltSize = 16

// Leaf is what the tree holds of an entry: its kind and a commitment.
type Leaf struct {
	Kind   string
	Commit [sha256.Size]byte
}

// leafJSON has the fields in the order of docs/formats.md.
type leafJSON struct {
	V      int    `json:"v"`
	Kind   string `json:"kind"`
	Commit string `json:"commit"`
}

// ErrLeaf is in the chain of what ParseLeaf returns.
var ErrLeaf = errors.New("ledger: not a leaf of this log")

// kinds need no escapes in JSON, so a leaf has exactly one spelling.
var kindPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// Commit returns SHA-256(salt ‖ payload), the commitment of a leaf.
func Commit(salt, payload []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(payload)
	return [sha256.Size]byte(h.Sum(nil))
}

// Data returns the leaf's bytes in the tree (docs/formats.md, "Key log"). It
// panics for a kind that is not lower-case letters, digits, - and _: kinds are
// constants of the program.
func (l Leaf) Data() []byte {
	if !kindPattern.MatchString(l.Kind) {
		panic(fmt.Sprintf("ledger: %q is no kind of entry", l.Kind))
	}
	return fmt.Appendf(nil, `{"v":1,"kind":"%s","commit":"%x"}`, l.Kind, l.Commit)
}

// Hash returns the leaf's hash in the tree, SHA-256(0x00 ‖ Data) (RFC 6962).
func (l Leaf) Hash() Hash { return tlog.RecordHash(l.Data()) }

// ParseLeaf reads what Data writes, and nothing else.
func ParseLeaf(data []byte) (Leaf, error) {
	var j leafJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return Leaf{}, errors.Join(ErrLeaf, err)
	}
	if j.V != 1 || !kindPattern.MatchString(j.Kind) || len(j.Commit) != 2*sha256.Size {
		return Leaf{}, ErrLeaf
	}
	l := Leaf{Kind: j.Kind}
	if _, err := hex.Decode(l.Commit[:], []byte(j.Commit)); err != nil {
		return Leaf{}, errors.Join(ErrLeaf, err)
	}
	if !bytes.Equal(l.Data(), data) {
		return Leaf{}, fmt.Errorf("%w: another spelling of one", ErrLeaf)
	}
	return l, nil
}
