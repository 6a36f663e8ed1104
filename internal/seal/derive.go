// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// KeySize is the length of seeds, tokens and symmetric keys in bytes.
const KeySize = 32

const keySalt = "turnstone/v1"

// derive is K(label) of docs/formats.md: HKDF-SHA256 (RFC 5869) with the salt
// "turnstone/v1" and the info "turnstone/v1/" + label.
func derive(key []byte, label string) []byte {
	out, err := hkdf.Key(sha256.New, key, []byte(keySalt), keySalt+"/"+label, KeySize)
	if err != nil {
		panic("seal: " + err.Error()) // only for a length that HKDF can't give
	}
	return out
}

// Login returns the token that names the mailbox to the server, which keeps
// only an HMAC of it. It opens nothing.
func (r Receipt) Login() []byte { return derive(r.bits[:], "login") }

// Mailbox returns the identity to which the reporter's own grant is sealed.
func (r Receipt) Mailbox() (*Identity, error) {
	return IdentityFromSeed(derive(r.bits[:], "mailbox"))
}

// SigningKey returns the key that signs the reporter's messages.
func (r Receipt) SigningKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(derive(r.bits[:], "sign"))
}

// ReportID returns the id of a report that is sent without script, so that a
// repeated POST of the same form names the same report.
func (r Receipt) ReportID() id.ID {
	return id.ID(derive(r.bits[:], "report")[:id.Size])
}
