// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// DeskKeys are the secret keys of a desk of all its epochs up to now. Each
// member has them in a package sealed to their own identity.
type DeskKeys struct {
	Version int         `json:"v"`
	Desk    id.ID       `json:"desk"`
	Epochs  []DeskEpoch `json:"epochs"` // epoch n at place n
}

// DeskEpoch is one epoch's secrets.
type DeskEpoch struct {
	Epoch int    `json:"epoch"`
	Seed  []byte `json:"seed"`  // of the desk identity
	Index []byte `json:"index"` // key of the blind index
}

// NewDeskKeys returns the keys of a new desk, at epoch 0.
func NewDeskKeys(desk id.ID) DeskKeys {
	return DeskKeys{Version: Version, Desk: desk}.Next()
}

// Next returns the keys with one more epoch of fresh secrets.
func (d DeskKeys) Next() DeskKeys {
	secrets := make([]byte, 2*KeySize)
	_, _ = rand.Read(secrets) // crypto/rand.Read never returns an error since Go 1.24
	d.Epochs = append(append([]DeskEpoch(nil), d.Epochs...), DeskEpoch{
		Epoch: len(d.Epochs), Seed: secrets[:KeySize:KeySize], Index: secrets[KeySize:],
	})
	return d
}

// Identity returns the desk identity of an epoch.
func (d DeskKeys) Identity(epoch int) (*Identity, error) {
	if epoch < 0 || epoch >= len(d.Epochs) {
		return nil, fmt.Errorf("%w: there is no desk key of epoch %d", ErrOutOfPlace, epoch)
	}
	return IdentityFromSeed(d.Epochs[epoch].Seed)
}

// Current returns the newest epoch; the keys must have one.
func (d DeskKeys) Current() DeskEpoch { return d.Epochs[len(d.Epochs)-1] }

// Matches reports, as an error, when these are not the keys that the roster
// shows for the desk. A package is not signed: only who knows the desk's seed
// can make one that matches, so members check it before they use the index key.
func (d DeskKeys) Matches(desk RosterDesk) error {
	if d.Desk != desk.ID {
		return fmt.Errorf("desk keys: %w: they are another desk's", ErrOutOfPlace)
	}
	identity, err := d.Identity(desk.Epoch)
	if err != nil {
		return fmt.Errorf("desk keys: %w", err)
	}
	if identity.Recipient().Hash() != desk.Recipient.Hash() {
		return fmt.Errorf("desk keys: %w: the roster shows another key", ErrOutOfPlace)
	}
	return nil
}

// String keeps desk keys out of logs and errors.
func (d DeskKeys) String() string { return fmt.Sprintf("desk keys (%d epochs, hidden)", len(d.Epochs)) }

// GoString keeps desk keys out of dumps.
func (d DeskKeys) GoString() string { return d.String() }

// String keeps an epoch's secrets out of logs and errors.
func (e DeskEpoch) String() string { return fmt.Sprintf("desk epoch %d (hidden)", e.Epoch) }

// GoString keeps an epoch's secrets out of dumps.
func (e DeskEpoch) GoString() string { return e.String() }

func (d DeskKeys) check() error {
	if d.Version != Version {
		return fmt.Errorf("version %d is unknown", d.Version)
	}
	if len(d.Epochs) == 0 {
		return errors.New("there is no epoch")
	}
	for n, e := range d.Epochs {
		if e.Epoch != n || len(e.Seed) != KeySize || len(e.Index) != KeySize {
			return fmt.Errorf("epoch %d is out of order or has short keys", n)
		}
	}
	return nil
}

// SealDeskKeys seals the package of one member.
func SealDeskKeys(d DeskKeys, to *Recipient) ([]byte, error) {
	err := d.check()
	if err != nil {
		return nil, fmt.Errorf("seal desk keys: %w", err)
	}
	body, err := sealBlocks(d, to)
	if err != nil {
		return nil, fmt.Errorf("seal desk keys: %w", err)
	}
	return body, nil
}

// OpenDeskKeys opens a member's package of this desk.
func OpenDeskKeys(identity *Identity, body []byte, desk id.ID) (DeskKeys, error) {
	var d DeskKeys
	err := openBlocks(body, KindPackage, identity, &d)
	if err != nil {
		return DeskKeys{}, fmt.Errorf("open desk keys: %w", err)
	}
	err = d.check()
	if err != nil {
		return DeskKeys{}, fmt.Errorf("open desk keys: %w", err)
	}
	if d.Desk != desk {
		return DeskKeys{}, fmt.Errorf("open desk keys: %w: they are another desk's", ErrOutOfPlace)
	}
	return d, nil
}
