// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Export is a report as it is taken off the server, still sealed, to be read
// on a machine without network.
type Export struct {
	Version   int          `json:"v"`
	Programme id.ID        `json:"programme"`
	Report    id.ID        `json:"report"`
	Roster    SignedRoster `json:"roster"`
	Grants    []GrantFor   `json:"grants"`
	Messages  []Stored     `json:"messages"`
	Keys      [][]byte     `json:"keys"` // desk key packages
	// Rosters are further versions under which members wrote.
	Rosters []SignedRoster `json:"rosters,omitempty"`
}

// GrantFor is a stored grant and the kind of its reader: "desk", "recovery",
// "mailbox" or "member".
type GrantFor struct {
	Epoch int    `json:"epoch"`
	To    string `json:"to"`
	Body  []byte `json:"body"`
}

// Encode writes the export.
func (e Export) Encode() ([]byte, error) {
	e.Version = Version
	if e.Grants == nil {
		e.Grants = []GrantFor{}
	}
	if e.Messages == nil {
		e.Messages = []Stored{}
	}
	if e.Keys == nil {
		e.Keys = [][]byte{}
	}
	return encodeJSON(e)
}

// ParseExport reads an export.
func ParseExport(text []byte) (Export, error) {
	var e Export
	err := decodeStrict(text, &e)
	if err != nil {
		return Export{}, fmt.Errorf("read export: %w", err)
	}
	if e.Version != Version {
		return Export{}, fmt.Errorf("read export: version %d is unknown", e.Version)
	}
	return e, nil
}

// Conversation is an export that was opened and verified.
type Conversation struct {
	Roster *Roster // nil when no programme key was given to check it with
	// Claimed is the programme key that the export's roster names.
	Claimed  ed25519.PublicKey
	Epoch    int // of the newest grant that opened
	Messages []Line

	grant Grant
}

// Identity returns the report's identity of an epoch, which opens the files
// whose manifests were signed in it.
func (c Conversation) Identity(epoch int) (*Identity, error) { return c.grant.Identity(epoch) }

// Line is a message of a conversation.
type Line struct {
	Opened
	Signer Signer
}

// Open opens the export with any identities that may read it: the desk's, a
// member's, the mailbox's or the recovery identity, and verifies the whole
// conversation. The roster is checked with the programme key; with nil it is
// checked with the key that it names itself, which shows only that it was not
// damaged: Conversation.Roster is then nil and no signer of the desk is known.
func (e Export) Open(identities []*Identity, programme ed25519.PublicKey) (Conversation, error) {
	out := Conversation{Claimed: e.Roster.Key}
	trusted := programme
	if trusted == nil {
		trusted = e.Roster.Key
	}
	roster, err := e.Roster.VerifyPast(trusted)
	if err != nil {
		return out, fmt.Errorf("open export: %w", err)
	}
	if roster.Programme != e.Programme {
		return out, fmt.Errorf("open export: %w: the roster is another programme's", ErrOutOfPlace)
	}
	var rosters []*Roster
	if programme != nil {
		out.Roster, rosters = roster, []*Roster{roster}
	}
	for _, signed := range e.Rosters {
		further, err := signed.VerifyPast(trusted)
		if err != nil {
			return out, fmt.Errorf("open export: %w", err)
		}
		if programme != nil && further.Programme == e.Programme {
			rosters = append(rosters, further)
		}
	}
	grant, err := e.openGrant(identities, roster)
	if err != nil {
		return out, fmt.Errorf("open export: %w", err)
	}
	out.Epoch, out.grant = grant.Epoch, grant
	chain, err := NewChain(grant, rosters...)
	if err != nil {
		return out, fmt.Errorf("open export: %w", err)
	}
	for _, m := range e.Messages {
		opened, signer, err := chain.Next(m)
		if err != nil {
			return out, fmt.Errorf("open export: %w", err)
		}
		out.Messages = append(out.Messages, Line{Opened: opened, Signer: signer})
	}
	return out, nil
}

// openGrant returns the newest grant that one of the identities opens, directly
// or through a desk key package.
func (e Export) openGrant(identities []*Identity, roster *Roster) (Grant, error) {
	keys, err := e.withDeskKeys(identities, roster)
	if err != nil {
		return Grant{}, err
	}
	best := Grant{Epoch: -1}
	for _, g := range e.Grants {
		for _, key := range keys {
			opened, err := OpenGrant(key, g.Body, e.Programme, e.Report)
			if errors.Is(err, ErrNotForThisKey) {
				continue
			}
			if err != nil {
				return Grant{}, err
			}
			if opened.Epoch > best.Epoch {
				best = opened
			}
		}
	}
	if best.Epoch < 0 {
		return Grant{}, fmt.Errorf("none of its %d grants opens: %w", len(e.Grants), ErrNotForThisKey)
	}
	return best, nil
}

// withDeskKeys adds the desk identities of the packages that open.
func (e Export) withDeskKeys(identities []*Identity, roster *Roster) ([]*Identity, error) {
	keys := append([]*Identity(nil), identities...)
	for _, body := range e.Keys {
		for _, identity := range identities {
			desk, err := openPackageOf(identity, body, roster)
			if errors.Is(err, ErrNotForThisKey) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for epoch := range desk.Epochs {
				key, err := desk.Identity(epoch)
				if err != nil {
					return nil, err
				}
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}

// openPackageOf opens a package of whichever desk of the roster it is.
func openPackageOf(identity *Identity, body []byte, roster *Roster) (DeskKeys, error) {
	err := ErrNotForThisKey
	for _, desk := range roster.Desks {
		var keys DeskKeys
		keys, err = OpenDeskKeys(identity, body, desk.ID)
		if err == nil || !errors.Is(err, ErrOutOfPlace) {
			return keys, err
		}
	}
	return DeskKeys{}, err
}
