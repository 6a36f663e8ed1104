// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

const (
	// SaltSize is the length of an account's salt in bytes.
	SaltSize = 16

	memberLabel = "turnstone/member/v1\x00"
)

// StretchParams are the costs of Argon2id.
type StretchParams struct {
	Memory  uint32 `json:"memory"` // KiB
	Passes  uint32 `json:"passes"`
	Threads uint8  `json:"threads"`
}

// MinStretch returns the smallest costs that a client accepts, whatever the
// server asks for: 64 MiB, 3 passes, 1 lane.
func MinStretch() StretchParams { return StretchParams{Memory: 64 << 10, Passes: 3, Threads: 1} }

// maxStretch is the most that a client accepts, so that a server can't freeze it.
func maxStretch() StretchParams { return StretchParams{Memory: 1 << 20, Passes: 16, Threads: 4} }

// Stretched are the two keys of a passphrase: Login is sent to the server,
// which hashes it again; Wrap never leaves the client.
type Stretched struct{ Login, Wrap []byte }

// StretchPassphrase takes the NFKD form of a passphrase through Argon2id
// (RFC 9106) and HKDF. It refuses costs below MinStretch. At the smallest costs
// it takes about 150 ms and 64 MiB.
func StretchPassphrase(passphrase string, salt []byte, p StretchParams) (Stretched, error) {
	least, most := MinStretch(), maxStretch()
	if p.Memory < least.Memory || p.Passes < least.Passes || p.Threads < least.Threads {
		return Stretched{}, errors.New("stretch passphrase: the server asks for weaker costs than allowed")
	}
	if p.Memory > most.Memory || p.Passes > most.Passes || p.Threads > most.Threads {
		return Stretched{}, errors.New("stretch passphrase: the server asks for higher costs than allowed")
	}
	if len(salt) != SaltSize {
		return Stretched{}, fmt.Errorf("stretch passphrase: want a salt of %d bytes, got %d", SaltSize, len(salt))
	}
	s := argon2.IDKey(norm.NFKD.Bytes([]byte(passphrase)), salt, p.Passes, p.Memory, p.Threads, KeySize)
	return Stretched{Login: derive(s, "login"), Wrap: derive(s, "wrap")}, nil
}

// WrapKeyFromPRF returns the wrapping key of a passkey's PRF result (WebAuthn
// Level 3), the second way to wrap a member's keys. The result never leaves the
// page.
func WrapKeyFromPRF(result []byte) ([]byte, error) {
	if len(result) != KeySize {
		return nil, fmt.Errorf("passkey: want a PRF result of %d bytes, got %d", KeySize, len(result))
	}
	return derive(result, "prf"), nil
}

// MemberKeys are a member's secret keys.
type MemberKeys struct {
	Version int    `json:"v"`
	Seed    []byte `json:"seed"` // of the age identity
	Sign    []byte `json:"sign"` // seed of the Ed25519 key
}

// NewMemberKeys returns fresh keys.
func NewMemberKeys() MemberKeys {
	secrets := make([]byte, 2*KeySize)
	_, _ = rand.Read(secrets) // crypto/rand.Read never returns an error since Go 1.24
	return MemberKeys{Version: Version, Seed: secrets[:KeySize:KeySize], Sign: secrets[KeySize:]}
}

// Identity returns the member's age identity.
func (m MemberKeys) Identity() (*Identity, error) { return IdentityFromSeed(m.Seed) }

// SigningKey returns the member's Ed25519 key; the seed must have 32 bytes.
func (m MemberKeys) SigningKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(m.Sign) }

// String keeps member keys out of logs and errors.
func (m MemberKeys) String() string { return "member keys (hidden)" }

// GoString keeps member keys out of dumps.
func (m MemberKeys) GoString() string { return m.String() }

func (m MemberKeys) check() error {
	if m.Version != Version || len(m.Seed) != KeySize || len(m.Sign) != KeySize {
		return errors.New("the version is unknown or a key is short")
	}
	return nil
}

// WrapMemberKeys encrypts a member's keys for keeping on the server: 12-byte
// nonce ‖ AES-256-GCM, bound to the account.
func WrapMemberKeys(m MemberKeys, wrap []byte, account id.ID) ([]byte, error) {
	err := m.check()
	if err != nil {
		return nil, fmt.Errorf("wrap member keys: %w", err)
	}
	text, err := encodeJSON(m)
	if err != nil {
		return nil, fmt.Errorf("wrap member keys: %w", err)
	}
	gcm, err := memberCipher(wrap)
	if err != nil {
		return nil, fmt.Errorf("wrap member keys: %w", err)
	}
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce) // crypto/rand.Read never returns an error since Go 1.24
	return gcm.Seal(nonce, nonce, text, memberData(account)), nil
}

// UnwrapMemberKeys opens what WrapMemberKeys made for this account. A wrong
// passphrase and a changed file can't be told apart: both give
// ErrNotForThisKey.
func UnwrapMemberKeys(wrapped, wrap []byte, account id.ID) (MemberKeys, error) {
	gcm, err := memberCipher(wrap)
	if err != nil {
		return MemberKeys{}, fmt.Errorf("unwrap member keys: %w", err)
	}
	if len(wrapped) < gcm.NonceSize() {
		return MemberKeys{}, errors.New("unwrap member keys: they are cut off")
	}
	text, err := gcm.Open(nil, wrapped[:gcm.NonceSize()], wrapped[gcm.NonceSize():], memberData(account))
	if err != nil {
		return MemberKeys{}, fmt.Errorf("unwrap member keys: %w", ErrNotForThisKey)
	}
	var m MemberKeys
	err = decodeExact(text, &m)
	if err != nil {
		return MemberKeys{}, fmt.Errorf("unwrap member keys: %w", err)
	}
	err = m.check()
	if err != nil {
		return MemberKeys{}, fmt.Errorf("unwrap member keys: %w", err)
	}
	return m, nil
}

func memberCipher(wrap []byte) (cipher.AEAD, error) {
	if len(wrap) != KeySize {
		return nil, fmt.Errorf("want a wrapping key of %d bytes, got %d", KeySize, len(wrap))
	}
	block, err := aes.NewCipher(wrap)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func memberData(account id.ID) []byte { return []byte(memberLabel + account.String()) }
