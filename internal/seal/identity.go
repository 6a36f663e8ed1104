// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
)

const (
	identityHRP  = "age-secret-key-pq-"
	recipientHRP = "age1pq1"
)

// Identity is an age hybrid identity (ML-KEM-768 + X25519), made from a seed
// of 32 bytes.
type Identity struct {
	seed      [KeySize]byte
	key       *age.HybridIdentity
	recipient *Recipient
}

// NewIdentity returns an identity from a fresh random seed.
func NewIdentity() (*Identity, error) {
	seed := make([]byte, KeySize)
	_, _ = rand.Read(seed) // crypto/rand.Read never returns an error since Go 1.24
	return IdentityFromSeed(seed)
}

// IdentityFromSeed returns the identity of a 32-byte seed.
func IdentityFromSeed(seed []byte) (*Identity, error) {
	if len(seed) != KeySize {
		return nil, fmt.Errorf("identity: want a seed of %d bytes, got %d", KeySize, len(seed))
	}
	key, err := age.ParseHybridIdentity(strings.ToUpper(encodeBech32(identityHRP, seed)))
	if err != nil {
		return nil, errors.New("identity: age refuses the seed")
	}
	recipient := key.Recipient()
	text := recipient.String()
	return &Identity{
		seed: [KeySize]byte(seed), key: key,
		recipient: &Recipient{text: text, key: recipient, hash: HashOf([]byte(text))},
	}, nil
}

// ParseIdentity reads the string AGE-SECRET-KEY-PQ-1….
func ParseIdentity(s string) (*Identity, error) {
	hrp, seed, err := decodeBech32(s)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	if hrp != identityHRP {
		return nil, errors.New("identity: want AGE-SECRET-KEY-PQ-1…; other kinds of age keys do not open reports")
	}
	return IdentityFromSeed(seed)
}

// ParseIdentityFile reads an age identity file: one identity on each line,
// empty lines and lines starting with # ignored. It returns at least one.
func ParseIdentityFile(text []byte) ([]*Identity, error) {
	var found []*Identity
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		identity, err := ParseIdentity(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		found = append(found, identity)
	}
	err := lines.Err()
	if err != nil {
		return nil, fmt.Errorf("identity file: %w", err)
	}
	if len(found) == 0 {
		return nil, errors.New("identity file: there is no identity in it")
	}
	return found, nil
}

// Recipient returns the public half.
func (i *Identity) Recipient() *Recipient { return i.recipient }

// Seed returns the 32 bytes that it was made from: a secret.
func (i *Identity) Seed() []byte { return append([]byte(nil), i.seed[:]...) }

// Secret returns the string AGE-SECRET-KEY-PQ-1…, for identity files.
func (i *Identity) Secret() string { return i.key.String() }

// String keeps identities out of logs and errors.
func (i *Identity) String() string { return "identity (hidden)" }

// GoString keeps identities out of dumps.
func (i *Identity) GoString() string { return i.String() }

// Recipient is the public half of an Identity, known by its string age1pq1….
type Recipient struct {
	text string
	key  *age.HybridRecipient
	hash Hash
}

// ParseRecipient reads the string age1pq1… in lower case, its one spelling.
// It costs an ML-KEM key expansion, about 20 µs: keep what it returns.
func ParseRecipient(s string) (*Recipient, error) {
	if !strings.HasPrefix(s, recipientHRP) || strings.ToLower(s) != s {
		return nil, errors.New("recipient: want age1pq1… in lower case")
	}
	key, err := age.ParseHybridRecipient(s)
	if err != nil {
		return nil, errors.New("recipient: age refuses it")
	}
	return &Recipient{text: s, key: key, hash: HashOf([]byte(s))}, nil
}

// String returns age1pq1….
func (r *Recipient) String() string { return r.text }

// Hash returns the SHA-256 of the string, by which headers name a recipient.
func (r *Recipient) Hash() Hash { return r.hash }

// MarshalText implements encoding.TextMarshaler.
func (r *Recipient) MarshalText() ([]byte, error) { return []byte(r.text), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Recipient) UnmarshalText(b []byte) error {
	parsed, err := ParseRecipient(string(b))
	if err != nil {
		return err
	}
	*r = *parsed
	return nil
}
