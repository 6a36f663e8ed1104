// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

const (
	rosterLabel = "turnstone/roster/v1\x00"
	maxRoster   = 4 << 20 // a desk takes some 4 KB, a member some 2 KB
)

// Roster names the desks of a programme and the keys of their members; clients
// seal only to a roster that verifies. Members have no names here: anybody can
// fetch it.
type Roster struct {
	Version    int               `json:"v"`
	Programme  id.ID             `json:"programme"`
	Slug       string            `json:"slug"`
	Name       map[string]string `json:"name"`    // by language
	Number     int               `json:"version"` // grows with each roster
	Previous   Hash              `json:"previous"`
	ValidFrom  time.Time         `json:"valid_from"`
	ValidUntil time.Time         `json:"valid_until"`
	Recovery   *Recipient        `json:"recovery"`
	Log        string            `json:"log"` // note verifier key of the key log
	Desks      []RosterDesk      `json:"desks"`

	hash Hash
}

// RosterDesk is one desk of a roster.
type RosterDesk struct {
	ID           id.ID             `json:"id"`
	Slug         string            `json:"slug"`
	Name         map[string]string `json:"name"`         // by language
	Organisation map[string]string `json:"organisation"` // by language
	Police       bool              `json:"police"`
	Epoch        int               `json:"epoch"`
	Recipient    *Recipient        `json:"recipient"`
	Members      []RosterMember    `json:"members"`
}

// RosterMember is a member's public keys.
type RosterMember struct {
	ID        id.ID      `json:"id"`
	Key       []byte     `json:"key"` // Ed25519 public key
	Recipient *Recipient `json:"recipient"`
}

// Hash returns the SHA-256 of the bytes that were signed; zero for a roster
// that was not verified.
func (r *Roster) Hash() Hash { return r.hash }

// Desk returns the desk with this id.
func (r *Roster) Desk(desk id.ID) (RosterDesk, bool) {
	for _, d := range r.Desks {
		if d.ID == desk {
			return d, true
		}
	}
	return RosterDesk{}, false
}

// MemberByKey returns the member who signs with key and a desk of theirs.
func (r *Roster) MemberByKey(key ed25519.PublicKey) (RosterDesk, RosterMember, bool) {
	for _, d := range r.Desks {
		for _, m := range d.Members {
			if bytes.Equal(m.Key, key) {
				return d, m, true
			}
		}
	}
	return RosterDesk{}, RosterMember{}, false
}

func (r *Roster) check() error {
	if r.Version != Version {
		return fmt.Errorf("version %d is unknown", r.Version)
	}
	if r.Recovery == nil {
		return errors.New("there is no recovery recipient")
	}
	if r.Number < 1 || !r.ValidFrom.Before(r.ValidUntil) {
		return errors.New("its number or its time makes no sense")
	}
	for _, at := range []time.Time{r.ValidFrom, r.ValidUntil} {
		if at.Location() != time.UTC || at.Nanosecond() != 0 {
			return errors.New("its times are not whole seconds of UTC")
		}
	}
	seen := map[id.ID]bool{}
	for _, d := range r.Desks {
		if seen[d.ID] || d.Recipient == nil || d.Epoch < 0 {
			return fmt.Errorf("desk %s is given twice or has no key", d.ID)
		}
		seen[d.ID] = true
		for _, m := range d.Members {
			if len(m.Key) != ed25519.PublicKeySize || m.Recipient == nil {
				return fmt.Errorf("member %s has no key", m.ID)
			}
		}
	}
	return nil
}

// SignedRoster is a roster as it is served: the signed bytes, the key that is
// said to have signed them and the signature. Nothing in it counts before
// Verify.
type SignedRoster struct {
	Roster    []byte `json:"roster"`
	Key       []byte `json:"key"`
	Signature []byte `json:"signature"`
}

// SignRoster writes and signs a roster with the programme key. Times are cut
// to seconds in UTC.
func SignRoster(r Roster, programme ed25519.PrivateKey) (SignedRoster, error) {
	r.Version = Version
	r.ValidFrom = r.ValidFrom.UTC().Truncate(time.Second)
	r.ValidUntil = r.ValidUntil.UTC().Truncate(time.Second)
	if r.Desks == nil {
		r.Desks = []RosterDesk{}
	}
	desks := make([]RosterDesk, len(r.Desks))
	for i, d := range r.Desks {
		if d.Members == nil {
			d.Members = []RosterMember{}
		}
		desks[i] = d
	}
	r.Desks = desks
	err := r.check()
	if err != nil {
		return SignedRoster{}, fmt.Errorf("sign roster: %w", err)
	}
	text, err := encodeJSON(r)
	if err != nil {
		return SignedRoster{}, fmt.Errorf("sign roster: %w", err)
	}
	_, err = parseRoster(text)
	if err != nil {
		return SignedRoster{}, fmt.Errorf("sign roster: %w", err)
	}
	return SignedRoster{
		Roster:    text,
		Key:       programme.Public().(ed25519.PublicKey),
		Signature: ed25519.Sign(programme, append([]byte(rosterLabel), text...)),
	}, nil
}

// ParseSignedRoster reads the exact JSON of a SignedRoster.
func ParseSignedRoster(text []byte) (SignedRoster, error) {
	var s SignedRoster
	if len(text) > 2*maxRoster {
		return s, errors.New("read roster: it is too large")
	}
	err := decodeExact(text, &s)
	if err != nil {
		return SignedRoster{}, fmt.Errorf("read roster: %w", err)
	}
	return s, nil
}

// Encode returns the exact JSON that ParseSignedRoster reads.
func (s SignedRoster) Encode() ([]byte, error) { return encodeJSON(s) }

// Hash returns the SHA-256 of the signed bytes, verified or not.
func (s SignedRoster) Hash() Hash { return HashOf(s.Roster) }

// Verify returns the roster when it is signed by the trusted programme key, is
// valid at now, and has a number of at least min, the highest one seen before.
func (s SignedRoster) Verify(trusted ed25519.PublicKey, now time.Time, min int) (*Roster, error) {
	r, err := s.VerifyPast(trusted)
	if err != nil {
		return nil, err
	}
	if now.Before(r.ValidFrom) || !now.Before(r.ValidUntil) {
		return nil, fmt.Errorf("verify roster: it is valid from %s until %s", r.ValidFrom.Format(time.RFC3339), r.ValidUntil.Format(time.RFC3339))
	}
	if r.Number < min {
		return nil, fmt.Errorf("verify roster: %w: number %d is older than %d, which was seen before", ErrOutOfPlace, r.Number, min)
	}
	return r, nil
}

// VerifyPast returns the roster when it is signed by the trusted programme
// key, valid now or not: for reading what was signed under it. Never seal to
// what it returns.
func (s SignedRoster) VerifyPast(trusted ed25519.PublicKey) (*Roster, error) {
	if len(trusted) != ed25519.PublicKeySize || !bytes.Equal(s.Key, trusted) {
		return nil, fmt.Errorf("verify roster: %w: it names another programme key", ErrSignature)
	}
	if !ed25519.Verify(trusted, append([]byte(rosterLabel), s.Roster...), s.Signature) {
		return nil, fmt.Errorf("verify roster: %w", ErrSignature)
	}
	r, err := parseRoster(s.Roster)
	if err != nil {
		return nil, fmt.Errorf("verify roster: %w", err)
	}
	return r, nil
}

func parseRoster(text []byte) (*Roster, error) {
	if len(text) > maxRoster {
		return nil, errors.New("it is too large")
	}
	var r Roster
	err := decodeStrict(text, &r)
	if err != nil {
		return nil, err
	}
	err = r.check()
	if err != nil {
		return nil, err
	}
	r.hash = HashOf(text)
	return &r, nil
}
