// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// BlindKind says what sort of thing a blind token is of.
type BlindKind string

// BlindKinds returns the kinds that can be indexed.
func BlindKinds() []BlindKind {
	return []BlindKind{"phone", "email", "plate", "iban", "url", "wallet"}
}

// BlindToken returns the token of a normalised value: equal values of one desk,
// programme and epoch have equal tokens, and without the index key nothing can
// be learnt from one. The server keeps only an HMAC of it.
func BlindToken(index []byte, programme id.ID, kind BlindKind, value string) ([]byte, error) {
	if len(index) != KeySize {
		return nil, fmt.Errorf("blind token: want an index key of %d bytes, got %d", KeySize, len(index))
	}
	if !slices.Contains(BlindKinds(), kind) {
		return nil, fmt.Errorf("blind token: kind %q is unknown", kind)
	}
	if value == "" {
		return nil, fmt.Errorf("blind token: the value is empty")
	}
	mac := hmac.New(sha256.New, index)
	mac.Write([]byte(programme.String() + "\x00" + string(kind) + "\x00" + value))
	return mac.Sum(nil), nil
}
